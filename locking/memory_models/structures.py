"""Makes the event structure of events that are numbered, initial writes first, then by thread."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from locking.memory_models.candidate import EventStructure
from locking.memory_models.relations import Relation, algebra, bits
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS, SourceEvents

UPPER_TAGS = {"rmw", "IW", "FW"}
"""Tags that name sets in capitals; others name those of the bell file, such as `Acquire`."""


def event_structure(
    events: SourceEvents,
    tags: Sequence[Collection[str]],
    dependencies: Mapping[str, Sequence[int]],
) -> EventStructure:
    """The event structure of events with these tags.

    `dependencies` has, for `addr`, `data` and `ctrl`, of each event the mask of the reads that it
    depends on.
    """
    size = len(events.kinds)
    internal = internal_pairs(events.threads)
    relations = {
        "po": transposed(events.before, size),
        **{name: transposed(masks, size) for name, masks in dependencies.items()},
        "rmw": sum(1 << read * size + write for read, write in events.partners.items()),
        "loc": pairs_of_locations(events.locations),
        "int": internal,
        "ext": algebra(size).all_pairs & ~internal,
    }
    return EventStructure(size, sets_of(events.kinds, tags), relations)


def sets_of(kinds: Sequence[str], tags: Sequence[Collection[str]]) -> dict[str, int]:
    """Sets of events, by the names of herd7."""
    found: dict[str, int] = {}
    for at, (kind, own) in enumerate(zip(kinds, tags, strict=True)):
        for name in set_names(kind, own):
            found[name] = found.get(name, 0) | 1 << at
    return found


def set_names(kind: str, tags: Collection[str]) -> Iterator[str]:
    """The sets that an event is in."""
    if kind in READ_KINDS:
        yield from ("R", "M")
    elif kind in WRITE_KINDS:
        yield from ("W", "M")
    if kind not in ("R", "W"):
        yield kind
    for tag in tags:
        if tag in UPPER_TAGS:
            yield tag.upper()
        elif tag != "plain":
            yield tag.capitalize()


def pairs_of_locations(locations: Sequence[str]) -> Relation:
    """Events of one location; events without one are related to none."""
    size = len(locations)
    masks: dict[str, int] = {}
    for at, location in enumerate(locations):
        masks[location] = masks.get(location, 0) | 1 << at
    masks.pop("", None)
    return sum(mask << at * size for mask in masks.values() for at in bits(mask))


def internal_pairs(threads: Sequence[int]) -> Relation:
    """Events of one thread, and initial writes with each other."""
    size = len(threads)
    masks: dict[int, int] = {}
    for at, thread in enumerate(threads):
        masks[thread] = masks.get(thread, 0) | 1 << at
    return sum(mask << at * size for mask in masks.values() for at in bits(mask))


def transposed(masks: Sequence[int], size: int) -> Relation:
    """The relation that has, for each event, the pairs from the events of its mask."""
    return sum(1 << first * size + at for at, mask in enumerate(masks) for first in bits(mask))

"""What is shown of an execution: an order of its events, their names, and what was reordered."""

from collections.abc import Mapping
from itertools import pairwise

from locking.memory_models.candidate import EventStructure
from locking.memory_models.relations import Relation, algebra, bits
from locking.memory_models.sources import SourceEvents

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def event_letter(number: int) -> str:
    """A short name for an event: a letter, and a number behind it where there are many."""
    row, letter = divmod(number, len(LETTERS))
    return LETTERS[letter] + (str(row) if row else "")


def shown_order(events: SourceEvents, sources: Mapping[int, int]) -> list[int]:
    """The events in program order, each read after the write that it sees where that can be.

    `sources` has for each read that write. Of those that can come next the one of the thread before
    is taken, else the one of the least thread.
    """
    needs = {
        at: set(bits(events.before[at])) for at, thread in enumerate(events.threads) if thread >= 0
    }
    inside = {read: write for read, write in sources.items() if write in needs}
    found: list[int] = []
    while needs:
        ready = [at for at, before in needs.items() if not before & needs.keys()]
        seen = [at for at in ready if inside.get(at) not in needs]
        last = events.threads[found[-1]] if found else -1
        chosen = min(seen or ready, key=lambda at: (events.threads[at] != last, at))
        found.append(chosen)
        del needs[chosen]
    return found


def out_of_order(
    structure: EventStructure, rf: Relation, co: Relation
) -> tuple[tuple[int, str, int], ...]:
    """A shortest cycle of po, rf, co and fr: what sequential consistency forbids. Else nothing."""
    space = algebra(structure.size)
    fr = space.compose(space.inverse(rf), co)
    named = {"rf": rf, "fr": fr, "co": co, "po": structure.relations["po"]}
    cycle = space.shortest_cycle(named["po"] | rf | co | fr)
    if cycle is None:
        return ()
    found = []
    for first, second in pairwise(cycle):
        pair = space.relation([(first, second)])
        found.append((first, next(name for name, each in named.items() if each & pair), second))
    return tuple(found)

"""Automata of one lock, over all tasks: who excludes whom, what is seen only while it is held."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from locking.conformance.event_map import Handling
from locking.errors import UsageError
from locking.monitors.event_automaton import EventAutomaton, c_name
from locking.monitors.table import ProbeTable
from locking.objects.operation import Misuse, Object, Queue, Wait
from locking.objects.region import region_in_mode, region_modes

FREE = "free"
"""The state of a lock that nobody holds."""

UNCOUNTED = -1
"""The count of holders that share a lock, where they are more than an automaton counts."""

Counts = tuple[int, ...]
"""How many hold the lock in each of its modes."""


def events_of_lock(lock: Object, table: ProbeTable, visible: frozenset[str]) -> dict[str, Handling]:
    """The modes of `lock` whose taking and letting go can be seen, with their events.

    Errors: `UsageError` for a mode of the table that the lock does not have.
    """
    found = {mode: each for (name, mode), each in table.events.locks.items() if name == lock.name}
    for mode in found:
        if mode not in region_modes(lock):
            raise UsageError(
                f"{table.events.title}: locks.{lock.name} has {mode!r}; the lock has the modes "
                f"{', '.join(region_modes(lock))}"
            )
    return {
        mode: each
        for mode, each in found.items()
        if {each.take[-1].name, each.release[0].name} <= visible
    }


def excluded_modes(lock: Object, modes: Iterable[str]) -> set[tuple[str, str]]:
    """The pairs of modes in which two threads can't hold `lock` at once: its own rule is asked."""
    each = tuple(modes)
    return {(held, wanted) for held, wanted in product(each, each) if excludes(lock, held, wanted)}


def excludes(lock: Object, held: str, wanted: str) -> bool:
    """Whether a thread that wants the lock has to wait while another holds it.

    A lock that its own holder may take again keeps out nobody here: events do not say whose it is.
    """
    first, second = (region_in_mode(lock, mode, ()).acquire() for mode in (held, wanted))
    taken = lock.step(first.name, lock.start, "one", first.args)
    if isinstance(taken, Wait | Queue | Misuse):
        return False
    again = lock.step(second.name, taken[0], "one", second.args)
    asked = lock.step(second.name, taken[0], "other", second.args)
    return isinstance(again, Wait | Queue | Misuse) and isinstance(asked, Wait | Queue)


def overlap_of_lock(
    lock: Object, events: Mapping[str, Handling], downgrade: str | None, most_shared: int
) -> EventAutomaton:
    """Who holds `lock` keeps out whom its rule keeps out; who lets it go has held it.

    Of holders that share the lock, `most_shared` are counted. Of more it is only known that there
    were some, so the next that keeps them out may take the lock; who is still inside is then seen
    as it lets go.
    """
    modes = tuple(events)
    excluded = excluded_modes(lock, modes)
    start: Counts = (0,) * len(modes)
    moves: dict[Counts, dict[str, Counts]] = {}
    waiting = [start]
    for counts in waiting:
        if counts not in moves:
            moves[counts] = dict(
                ways_of_lock(counts, modes, events, excluded, downgrade, most_shared)
            )
            waiting += moves[counts].values()
    names = {counts: state_of_counts(counts, modes) for counts in moves}
    return EventAutomaton(
        f"{c_name(lock.name)}_overlap",
        "global",
        f"holders of {lock.name} keep out whom its rule keeps out",
        FREE,
        {
            names[counts]: {event: names[left] for event, left in sorted(ways.items())}
            for counts, ways in moves.items()
        },
        frozenset({FREE}),
        events_in(events, downgrade),
    )


def ways_of_lock(
    counts: Counts,
    modes: tuple[str, ...],
    events: Mapping[str, Handling],
    excluded: set[tuple[str, str]],
    downgrade: str | None,
    most_shared: int,
) -> Iterator[tuple[str, Counts]]:
    """The events that may come while so many hold the lock, with the counts after each."""
    most = [1 if (mode, mode) in excluded else most_shared for mode in modes]
    for at, mode in enumerate(modes):
        others = [n for n, held in enumerate(modes) if (held, mode) in excluded and counts[n]]
        if all(counts[n] == UNCOUNTED for n in others):  # all of them may have ended, uncounted
            left = tuple(0 if n in others else count for n, count in enumerate(counts))
            yield events[mode].take[-1].name, one_more(left, at, most[at])
        if counts[at]:
            yield events[mode].release[0].name, one_fewer(counts, at)
        if downgrade and mode == "write" and counts[at] and "read" in modes:
            to = modes.index("read")
            yield downgrade, one_more(one_fewer(counts, at), to, most[to])


def one_more(counts: Counts, at: int, most: int) -> Counts:
    """The counts with one holder more; many where that is more than `most`."""
    more = UNCOUNTED if counts[at] in (UNCOUNTED, most) else counts[at] + 1
    return (*counts[:at], more, *counts[at + 1 :])


def one_fewer(counts: Counts, at: int) -> Counts:
    """The counts with one holder fewer; many stay many."""
    fewer = UNCOUNTED if counts[at] == UNCOUNTED else counts[at] - 1
    return (*counts[:at], fewer, *counts[at + 1 :])


def state_of_counts(counts: Counts, modes: tuple[str, ...]) -> str:
    """What the state is called in which so many hold the lock: `write_1`, `read_many`."""
    held = [
        f"{mode}_{'many' if count == UNCOUNTED else count}"
        for mode, count in zip(modes, counts, strict=True)
        if count
    ]
    return "_".join(held) or FREE


def inside_of_lock(
    lock: Object,
    events: Mapping[str, Handling],
    mode: str,
    downgrade: str | None,
    guarded: Sequence[str],
) -> EventAutomaton:
    """What is `guarded` is seen only while somebody holds `lock` in `mode`, which is exclusive."""
    take, release = events[mode].take[-1].name, events[mode].release[0].name
    held = f"{mode}_1"
    inside = {release: FREE, **dict.fromkeys(guarded, held)}
    if downgrade and mode == "write":
        inside[downgrade] = FREE
    return EventAutomaton(
        f"{c_name(lock.name)}_inside",
        "global",
        f"only inside of {lock.name}.{mode}: {', '.join(guarded)}",
        FREE,
        {FREE: {take: held}, held: dict(sorted(inside.items()))},
        frozenset({FREE}),
        tuple(sorted([take, *inside])),
    )


def events_in(events: Mapping[str, Handling], downgrade: str | None) -> tuple[str, ...]:
    """All events of taking, downgrading and letting go, sorted."""
    ends = {
        event for each in events.values() for event in (each.take[-1].name, each.release[0].name)
    }
    return tuple(sorted(ends | ({downgrade} if downgrade else set())))

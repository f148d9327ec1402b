"""Automata over real traces: those of right kernels are accepted, edited ones are not."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.rules import automata_for_trace
from locking.monitors.watching import Watched, watch_trace
from tests.conformance.held import EVERY_TRACE, FORMS, INSIDE_READ, INSIDE_WRITE, PLACEMENTS
from tests.monitors.planted import hotplug_placement, table_of_memory_hotplug, watched_events
from tests.samples import some_by_default

TABLE = table_of_memory_hotplug()

REBUILT = replace(
    TABLE, probes={name: each for name, each in TABLE.probes.items() if name != "rz_pre"}
)
"""The table for kernels that were rebuilt with tracepoints inside of the resize."""

UNMODIFIED = EVERY_TRACE[0]
"""Debian's kernel: two devices of one node are bound and unbound by two tasks, three times."""

GAP = INSIDE_READ
"""The lock moved: initialisation for reading, after the write lock was let go."""


def watched(events: list[RecordedEvent], name: str) -> Watched:
    placement = hotplug_placement(name)
    names = {each.name for each in events}
    table = REBUILT if "rz_zone_read" in names else TABLE
    automata = automata_for_trace(placement, table, names)
    return watch_trace(automata, events)


DEFERRED = {"duyck", "duyck-noshrink"}
ACCEPTED = {
    "deb61_s1b_parallel_bind": DEFERRED,
    "deb61_s1d_big_small": DEFERRED,
    "deb61_s2b_blocks_vs_pmem": {"duyck-noshrink"},
    "deb61_s3a_dimm_add_vs_pmem": DEFERRED,
    "variants_v0_nodelay_sv_variant": DEFERRED,
    INSIDE_WRITE: {"baseline"},
    INSIDE_READ: {"williams-rwsem-gap"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("trace", some_by_default(EVERY_TRACE, 2))
def test_a_trace_is_accepted_by_the_placements_of_its_kernel_alone(trace: str, form: str) -> None:
    events = watched_events(trace, form)
    names = [name for name in PLACEMENTS if name != "williams-rwsem-downgrade"]
    assert {name for name in names if not watched(events, name).violations} == ACCEPTED[trace]
    assert not any(watched(events, name).half_done for name in ACCEPTED[trace])


def test_a_kernel_whose_lock_was_moved_is_refused_at_the_first_event_that_shows_it() -> None:
    found = watched(watched_events(GAP), "duyck-noshrink").violations[0]
    assert (found.event.line, found.event.who, found.event.name) == (41, "bindB-183", "r_acq")
    assert found.allowed == ("zd_enter",)


def at(events: list[RecordedEvent], name: str, number: int = 0) -> int:
    """Where the event of that name stands."""
    return [n for n, each in enumerate(events) if each.name == name][number]


def own(events: list[RecordedEvent], name: str, other: str) -> int:
    """Where the task of the first event called `name` shows the `other` first."""
    who = events[at(events, name)].who
    return next(n for n, each in enumerate(events) if (each.who, each.name) == (who, other))


def swapped(one: int, other: int, events: list[RecordedEvent]) -> list[RecordedEvent]:
    changed = list(events)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def without(place: int, events: list[RecordedEvent]) -> list[RecordedEvent]:
    return events[:place] + events[place + 1 :]


def moved(place: int, to: int, events: list[RecordedEvent]) -> list[RecordedEvent]:
    """The event put before the one that stood at `to`."""
    left = without(place, events)
    to -= to > place
    return [*left[:to], events[place], *left[to:]]


def given_to(place: int, who: str, events: list[RecordedEvent]) -> list[RecordedEvent]:
    task, _, pid = who.rpartition("-")
    changed = events[place]._replace(task=task, pid=int(pid))
    return [*events[:place], changed, *events[place + 1 :]]


def twice(place: int, events: list[RecordedEvent]) -> list[RecordedEvent]:
    return events[: place + 1] + events[place:]


def called(place: int, name: str, events: list[RecordedEvent]) -> list[RecordedEvent]:
    return [*events[:place], events[place]._replace(name=name), *events[place + 1 :]]


Edit = Callable[[list[RecordedEvent]], tuple[list[RecordedEvent], str, str]]
"""An edit of a trace, with the automaton and the event that are to show it."""

EDITS: dict[str, Edit] = {
    "a release dropped": lambda e: (without(at(e, "w_rel"), e), "overlap", "w_acq"),
    "an acquisition dropped": lambda e: (without(at(e, "w_acq"), e), "order", "rm_enter"),
    "a release twice": lambda e: (twice(at(e, "w_rel"), e), "overlap", "w_rel"),
    "an acquisition twice": lambda e: (twice(at(e, "w_acq"), e), "order", "w_acq"),
    "two writers overlapped": lambda e: (
        swapped(at(e, "w_rel"), at(e, "w_acq", 1), e),
        "overlap",
        "w_acq",
    ),
    "a reader in a writer": lambda e: (
        called(called_at(e, "w_acq", 1), "r_acq", moved(at(e, "w_acq", 1), at(e, "w_rel"), e)),
        "overlap",
        "r_acq",
    ),
    "a resize moved out": lambda e: (
        moved(at(e, "rz_pre"), own(e, "rz_pre", "w_acq"), e),
        "order",
        "rz_pre",
    ),
    "a resize after the release": lambda e: (
        moved(at(e, "rz_node_done"), at(e, "zd_enter"), e),
        "order",
        "mi_enter",
    ),
    "a resize dropped": lambda e: (without(at(e, "rz_pre"), e), "order", "rz_zone_done"),
    "an initialisation twice": lambda e: (twice(at(e, "zd_enter"), e), "order", "zd_enter"),
    "an initialisation dropped": lambda e: (
        without(at(e, "zd_enter"), e),
        "order",
        "zd_exit",
    ),
    "an initialisation before the release": lambda e: (
        moved(at(e, "zd_enter"), own(e, "zd_enter", "w_rel"), e),
        "order",
        "zd_enter",
    ),
    "an end before its beginning": lambda e: (
        swapped(at(e, "aa_enter"), at(e, "aa_exit"), e),
        "order",
        "aa_exit",
    ),
    "removing before its zone is known": lambda e: (
        swapped(at(e, "rm_enter"), at(e, "ar_enter"), e),
        "order",
        "rm_enter",
    ),
    "an event of another task": lambda e: (
        given_to(at(e, "rz_pre"), "bindC-999", e),
        "order",
        "rz_pre",
    ),
    "a release by another task": lambda e: (
        given_to(at(e, "w_rel"), "bindC-999", e),
        "order",
        "w_rel",
    ),
    "a release for reading": lambda e: (called(at(e, "w_rel"), "r_rel", e), "overlap", "r_rel"),
    "added instead of removed": lambda e: (
        called(at(e, "ar_enter"), "aa_enter", e),
        "order",
        "aa_enter",
    ),
    "time turned around": lambda e: (e[::-1], "order", e[-1].name),
}


def called_at(events: list[RecordedEvent], name: str, number: int) -> int:
    """Where an event stands once it was moved before the first release."""
    return at(moved(at(events, name, number), at(events, "w_rel"), events), name, number)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_trace_is_refused_where_it_was_edited(edit: str) -> None:
    events, kind, name = EDITS[edit](watched_events(UNMODIFIED))
    found = watched(events, "duyck-noshrink").violations
    assert (kind, name) in {
        (each.automaton.name.rpartition("_")[2], each.event.name) for each in found
    }


def random_edit(random: Random, events: list[RecordedEvent]) -> list[RecordedEvent]:
    """An edit that changes the order of a task, or of the holders of the lock."""
    place = random.randrange(len(events))
    who = events[place].who
    own = [n for n, each in enumerate(events) if each.who == who and n != place]
    match random.randrange(4):
        case 0:
            return without(place, events)
        case 1:
            return twice(place, events)
        case 2:
            return swapped(place, random.choice(own), events)
    others = sorted({each.who for each in events} - {who})
    return given_to(place, random.choice(others), events)


def per_task(events: list[RecordedEvent]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in events:
        found.setdefault(each.who, []).append(each.name)
    return found


def is_refused(changed: list[RecordedEvent], events: list[RecordedEvent], name: str) -> bool:
    """Whether an edit shows; a removal without rm_enter is that of a DIMM, and changes no order."""
    if lacks(changed, events, "rm_enter"):
        return True
    found = watched(changed, name)
    return bool(found.violations or found.half_done)


def lacks(changed: list[RecordedEvent], events: list[RecordedEvent], name: str) -> bool:
    count, before = (sum(each.name == name for each in found) for found in (changed, events))
    return count < before


def assert_edits_are_refused(trace: str, count: int) -> None:
    events, random = watched_events(trace), Random(1)
    name = {UNMODIFIED: "duyck-noshrink", GAP: "williams-rwsem-gap"}[trace]
    for _ in range(count):
        changed = random_edit(random, events)
        if per_task(changed) != per_task(events):
            assert is_refused(changed, events, name), changed


@pytest.mark.parametrize("trace", [UNMODIFIED, GAP])
def test_no_random_edit_is_accepted(trace: str) -> None:
    assert_edits_are_refused(trace, 30)


@pytest.mark.slow
@pytest.mark.parametrize("trace", [UNMODIFIED, GAP])
def test_none_of_many_random_edits_is_accepted(trace: str) -> None:
    assert_edits_are_refused(trace, 1_000)


def test_what_is_half_done_at_the_end_is_named() -> None:
    events = watched_events(UNMODIFIED)
    [*_, last] = [n for n, each in enumerate(events) if each.name == "zd_exit"]
    [found] = watched(without(last, events), "duyck-noshrink").half_done
    assert found.state.startswith("after_zd_enter")


@pytest.mark.parametrize("name", ["zd_enter", "rm_enter", "aa_exit", "r_acq"])
def test_a_trace_that_lacks_every_event_of_a_probe_is_refused(name: str) -> None:
    trace, placement = (GAP, "williams-rwsem-gap") if name == "r_acq" else (UNMODIFIED, "duyck")
    events = [each for each in watched_events(trace) if each.name != name]
    found = watched(events, placement)
    explained = name == "rm_enter"  # each removal may be that of a DIMM
    assert bool(found.violations) != explained

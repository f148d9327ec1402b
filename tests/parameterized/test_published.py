"""Published protocols: the answers that are known, for any number of threads."""

from typing import Any, NamedTuple

import pytest

from locking.parameterized.configurations import MarkPattern, every_configuration
from locking.parameterized.cutoff import prove, run_to_pattern
from locking.parameterized.protocol import WrittenSystem, none
from tests.parameterized.published import (
    BURNS,
    DIJKSTRA,
    MCS,
    MESI,
    MOESI,
    READERS_WRITERS,
    SZYMANSKI,
    german,
    mcs_with_its_link_looked_at,
)
from tests.samples import some_by_default

SAFE: list[tuple[str, WrittenSystem, list[MarkPattern], int]] = [
    ("readers-writers", READERS_WRITERS, [("write", "write"), ("write", "read")], 2),
    ("mesi", MESI, [("M", each) for each in "MES"] + [("E", each) for each in "ES"], 2),
    ("moesi", MOESI, [("M", each) for each in "MOES"] + [("E", each) for each in "OES"], 2),
    ("burns", BURNS, [("6", "6")], 2),
    ("szymanski", SZYMANSKI, [("critical", "critical")], 2),
    ("dijkstra", DIJKSTRA, [("in", "in")], 2),
    ("german", german(), [("E", "E"), ("E", "S")], 2),
    ("mcs", MCS, [("has it", "has it"), ("behind",)], 2),
]


@pytest.mark.parametrize(("name", "system", "bad", "size"), SAFE, ids=[row[0] for row in SAFE])
def test_a_published_protocol_is_safe_for_any_number_of_threads(
    name: str, system: WrittenSystem, bad: list[MarkPattern], size: int
) -> None:
    assert prove(system, {name: bad})[name].proved == size


@pytest.mark.parametrize("row", some_by_default(SAFE, 8), ids=lambda row: row[0])
def test_a_protocol_without_a_guard_that_it_needs_is_not_proved(
    row: tuple[str, WrittenSystem, list[MarkPattern], int],
) -> None:
    name, system, bad, _ = row
    found = [
        without
        for without in one_guard_less(system)
        if any(run_to_pattern(without, bad, threads) for threads in range(4))
    ]
    assert found, name
    for without in found:
        assert prove(without, {name: bad}, 3)[name].proved is None


def one_guard_less(system: WrittenSystem) -> list[WrittenSystem]:
    """The systems that lack one guard of one step, or what one step does to others."""
    made = []
    for at, (shared, place, step) in enumerate(system.rows):
        lacking = [
            step._replace(guards=(*step.guards[:g], *step.guards[g + 1 :]))
            for g in range(len(step.guards))
        ]
        if step.others:
            lacking.append(step._replace(others={}))
        for each in lacking:
            rows = (*system.rows[:at], (shared, place, each), *system.rows[at + 1 :])
            made.append(
                WrittenSystem(system.begins, rows, system.start, system.marked, system.linear)
            )
    return made


def test_a_run_shows_how_many_threads_it_takes() -> None:
    two_may_be_in = WrittenSystem(
        ("out",),
        (
            (None, "out", READERS_WRITERS.rows[0][2]._replace(place="wait", guards=())),
            (None, "wait", READERS_WRITERS.rows[0][2]._replace(place="in", guards=(none("out"),))),
        ),
    )
    found = prove(two_may_be_in, {"alone": [("in", "in")]})["alone"]
    assert found.proved is None
    assert [len(at.places) for at in found.run] == [2, 2, 2, 2, 2]


def test_that_the_one_before_is_still_queued_is_more_than_views_tell() -> None:
    """A view leaves threads out, so it can't say that one is there."""
    found = prove(mcs_with_its_link_looked_at(), {"lost": [("lost",)]}, 2)["lost"]
    assert (found.proved, found.run) == (None, ())
    assert found.view is not None
    assert "lost" in found.view.places


class McsState(NamedTuple):
    """MCS by its words, for threads that come once; `order` is the one in which they joined."""

    at: tuple[str, ...]
    tail: int | None
    next: tuple[int | None, ...]
    before: tuple[int | None, ...]
    order: tuple[int, ...]


def put(some: tuple[Any, ...], at: int, new: Any) -> tuple[Any, ...]:
    """The tuple with another entry."""
    return (*some[:at], new, *some[at + 1 :])


def mcs_step(state: McsState, me: int) -> McsState | None:
    """Where the next step of a thread leads, by the words of the algorithm; None if it waits."""
    at = state.at[me]
    if at == "out":
        to = "holds" if state.tail is None else "joined"
        order, before = (*state.order, me), put(state.before, me, state.tail)
        return McsState(put(state.at, me, to), me, state.next, before, order)
    if at == "joined":
        linked = put(state.next, state.before[me], me)  # type: ignore[arg-type]
        return state._replace(at=put(state.at, me, "waits"), next=linked)
    if at == "holds":
        return state._replace(at=put(state.at, me, "asks" if state.next[me] is None else "passes"))
    if at == "asks":
        if state.tail == me:
            return state._replace(at=put(state.at, me, "gone"), tail=None)
        return state._replace(at=put(state.at, me, "passes"))
    if at == "passes" and (successor := state.next[me]) is not None:
        return state._replace(at=put(put(state.at, me, "gone"), successor, "holds"))
    return None


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_threads_in_a_row_do_what_the_words_of_mcs_do(threads: int) -> None:
    nobody = (None,) * threads
    pending = [McsState(("out",) * threads, None, nobody, nobody, ())]
    met = dict.fromkeys(pending)
    while pending:
        state = pending.pop()
        after = filter(None, (mcs_step(state, me) for me in range(threads)))
        pending += [each for each in after if each not in met]
        met |= dict.fromkeys(pending)
    by_words = {tuple(state.at[each] for each in state.order) for state in met}
    rows = {at.places for at in every_configuration(MCS, threads, 10_000).before}
    queued = lambda row: tuple(each for each in row if each not in ("out", "gone"))  # noqa: E731
    assert {queued(each) for each in by_words} == {queued(each) for each in rows}

"""Published protocols: the answers that are known, for any number of threads."""

import pytest

from locking.parameterized.configurations import MarkPattern
from locking.parameterized.cutoff import prove, run_to_pattern
from locking.parameterized.protocol import WrittenSystem, none
from tests.parameterized.published import (
    BURNS,
    DIJKSTRA,
    MESI,
    MOESI,
    READERS_WRITERS,
    SZYMANSKI,
    german,
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
]


@pytest.mark.parametrize(("name", "system", "bad", "size"), SAFE, ids=[row[0] for row in SAFE])
def test_a_published_protocol_is_safe_for_any_number_of_threads(
    name: str, system: WrittenSystem, bad: list[MarkPattern], size: int
) -> None:
    assert prove(system, {name: bad})[name].proved == size


@pytest.mark.parametrize("row", some_by_default(SAFE, 7), ids=lambda row: row[0])
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

"""Views of systems that are written down: guards of all kinds, and what is refused."""

import pytest

from locking.errors import ModelError, UsageError
from locking.parameterized.closure import Views
from locking.parameterized.configurations import every_configuration, views_of
from locking.parameterized.cutoff import close, prove
from locking.parameterized.protocol import GuardedStep, OthersGuard, WrittenSystem, none, some
from tests.parameterized.published import BURNS, DIJKSTRA, MESI, MOESI, german


def semaphore(places: int) -> WrittenSystem:
    """Threads that go in while fewer than so many others are in."""
    may = OthersGuard("in", 0, places - 1)
    return WrittenSystem(
        ("out",),
        ((None, "out", GuardedStep("", "in", (may,))), (None, "in", GuardedStep("", "out"))),
    )


def test_at_most_so_many_others() -> None:
    pairs, triples = [("in", "in")], [("in", "in", "in")]
    found = prove(semaphore(2), {"pairs": pairs, "triples": triples})
    assert found["triples"].proved == 3
    assert found["pairs"].proved is None
    assert len(found["pairs"].run[-1].places) == 2
    assert prove(semaphore(1), {"pairs": pairs})["pairs"].proved == 2


def test_at_least_so_many_others() -> None:
    together = WrittenSystem(
        ("out",),
        (
            (None, "out", GuardedStep("", "ready")),
            (None, "ready", GuardedStep("", "in", (OthersGuard("ready", 2),))),
        ),
    )
    found = prove(together, {"in": [("in",)], "both": [("in", "in")]})
    assert len(found["in"].run[-1].places) == 3
    assert len(found["both"].run[-1].places) == 4


def test_a_shared_part_is_seen_by_all() -> None:
    flag = WrittenSystem(
        ("out",),
        (
            ("down", "out", GuardedStep("up", "in")),
            ("up", "in", GuardedStep("down", "out")),
        ),
        "down",
    )
    assert prove(flag, {"alone": [("in", "in")]})["alone"].proved == 2
    assert prove(flag, {"down": [("shared down", "in")]})["down"].proved == 2


@pytest.mark.parametrize("system", [MESI, MOESI, BURNS, DIJKSTRA, german(), semaphore(2)])
def test_views_have_all_that_more_threads_show(system: WrittenSystem) -> None:
    views = set(close(system, 2).views)
    for threads in range(2, 4 if system.linear else 5):
        for at in every_configuration(system, threads, 10_000).before:
            assert set(views_of(at, 2)) <= views


def test_a_guard_that_makes_no_sense_is_refused() -> None:
    for guard, says in (
        (none("a", "left"), "no side"),
        (OthersGuard("a", 2, 1), "no number"),
        (some("a", "above"), "no side"),
    ):
        with pytest.raises(ModelError, match=says):
            WrittenSystem(("a",), ((None, "a", GuardedStep("", "a", (guard,))),))
    with pytest.raises(UsageError, match="one thread or more"):
        Views(MESI, 0, 10)

"""Events of a thread, and the dependencies between them, as herd7 counts them."""

import pytest

from locking.litmus.paths import ThreadPath, all_paths
from locking.litmus.reading import read_test
from tests.litmus.classics import litmus_text


def paths(thread: str, initial: str = "", rounds: int = 3) -> tuple[ThreadPath, ...]:
    """The paths of one thread, beside another that writes."""
    other = "WRITE_ONCE(*x, y); WRITE_ONCE(*y, 1)"
    test = read_test(litmus_text((thread, other), "exists (true)", initial))
    return all_paths(test, rounds)[0].paths


def depending(thread: str, name: str, initial: str = "") -> dict[int, list[int]]:
    """For each event of the longest path those that it depends on in one way."""
    events = max((each.events for each in paths(thread, initial)), key=len)
    found = {}
    for at, each in enumerate(events):
        mask = getattr(each, name)
        if mask:
            found[at] = [other for other in range(len(events)) if mask >> other & 1]
    return found


DEPENDENCIES = [
    ("r0 = READ_ONCE(*y); WRITE_ONCE(*z, r0)", "data", {1: [0]}),
    ("r0 = READ_ONCE(*y); r1 = r0 + 1; r2 = r1; WRITE_ONCE(*z, r2)", "data", {1: [0]}),
    ("r0 = READ_ONCE(*y); r0 = 1; WRITE_ONCE(*z, r0)", "data", {}),
    ("r0 = READ_ONCE(*y); WRITE_ONCE(*z, 1 + (r0 ^ r0))", "data", {1: [0]}),
    ("WRITE_ONCE(*z, READ_ONCE(*y) + READ_ONCE(*w))", "data", {2: [0, 1]}),
    ("r0 = READ_ONCE(*x); r1 = READ_ONCE(*r0)", "address", {1: [0]}),
    ("r0 = READ_ONCE(*x); WRITE_ONCE(*r0, 1)", "address", {1: [0]}),
    ("r0 = READ_ONCE(*x); r1 = xchg_relaxed(r0, 1)", "address", {1: [0], 2: [0]}),
    ("r0 = READ_ONCE(*x); r1 = atomic_inc_return_relaxed(r0)", "address", {1: [0]}),
    ("r0 = READ_ONCE(*y); if (r0) WRITE_ONCE(*z, 1)", "control", {1: [0]}),
    ("if (READ_ONCE(*y)) WRITE_ONCE(*z, 1)", "control", {1: [0]}),
    ("r0 = READ_ONCE(*y); if (r0) {; r1 = 1; }; WRITE_ONCE(*z, 1)", "control", {}),
    ("r0 = READ_ONCE(*y); if (r0) {; r1 = 1; }; if (r1) WRITE_ONCE(*z, 1)", "control", {1: [0]}),
    ("r0 = READ_ONCE(*y); if (r0) {; r1 = 1; }; WRITE_ONCE(*z, r1)", "data", {}),
    ("if (READ_ONCE(*y) && READ_ONCE(*w)) smp_mb()", "control", {1: [0], 2: [0, 1]}),
    ("switch (READ_ONCE(*y)) {; case 1: smp_mb(); }; smp_wmb()", "control", {1: [0]}),
    ("r0 = xchg_relaxed(x, 1)", "data", {}),
    ("r0 = atomic_fetch_inc_relaxed(x); WRITE_ONCE(*z, r0)", "data", {1: [0], 2: [0]}),
    ("r0 = cmpxchg_relaxed(y, 0, 1); WRITE_ONCE(*z, r0)", "data", {2: [0]}),
    ("r0 = READ_ONCE(*y); r1 = cmpxchg_relaxed(w, 0, r0)", "data", {2: [0]}),
    ("r0 = READ_ONCE(*y); r1 = cmpxchg_relaxed(w, r0, 1)", "data", {}),
]


@pytest.mark.parametrize(("thread", "name", "found"), DEPENDENCIES)
def test_dependencies_are_those_of_herd(
    thread: str, name: str, found: dict[int, list[int]]
) -> None:
    assert depending(thread, name, "x = w") == found


def kinds(thread: str) -> list[str]:
    """The events of the longest path: kind and tags."""
    events = max((each.events for each in paths(thread)), key=len)
    return [f"{each.kind} {' '.join(each.tags)}".strip() for each in events]


EVENTS = [
    ("r0 = *x; *y = 1", ["R plain", "W plain"]),
    ("r0 = smp_load_acquire(y); smp_store_release(z, 1)", ["R acquire", "W release"]),
    (
        "r0 = xchg(x, 1)",
        ["F mb full-rmw", "R once rmw full-rmw", "W once rmw full-rmw", "F mb full-rmw"],
    ),
    ("r0 = xchg_acquire(x, 1)", ["R acquire rmw", "W once rmw"]),
    ("r0 = cmpxchg_release(y, 0, 1)", ["R once rmw", "W release rmw"]),
    ("atomic_inc(y)", ["R noreturn rmw", "W once rmw"]),
    ("spin_lock(s); spin_unlock(s)", ["LKR", "LKW", "UL"]),
    ("rcu_read_lock(); rcu_read_unlock(); synchronize_rcu()",
     ["F rcu-lock", "F rcu-unlock", "F sync-rcu"]),
    ("r0 = srcu_read_lock(d); srcu_read_unlock(d, r0); synchronize_srcu(d)",
     ["R srcu-lock", "W srcu-unlock", "SRCU sync-srcu"]),
    ("read_lock(l); read_unlock(l)",
     ["R acquire rmw", "W once rmw", "R once rmw", "W release rmw"]),
]  # fmt: skip


@pytest.mark.parametrize(("thread", "found"), EVENTS)
def test_an_operation_has_its_events(thread: str, found: list[str]) -> None:
    assert kinds(thread) == found


def test_a_conditional_operation_that_fails_is_a_read_alone() -> None:
    found = paths("r0 = cmpxchg(y, 0, 1)")
    assert sorted(len(each.events) for each in found) == [1, 4]
    assert [each.tags for each in min(found, key=lambda path: len(path.events)).events] == [
        ("once", "rmw")
    ]


def test_two_reads_of_one_expression_are_in_no_order() -> None:
    (path,) = paths("r0 = READ_ONCE(*y) + READ_ONCE(*z); r1 = READ_ONCE(*w)")
    assert [each.before for each in path.events] == [0, 0, 0b11]


def test_a_condition_goes_both_ways_and_stays_what_it_was() -> None:
    found = paths("r0 = READ_ONCE(*y); if (r0) {; r1 = 1; }; if (r0) {; smp_mb(); }")
    assert sorted(len(each.events) for each in found) == [1, 2]


def test_a_loop_is_cut_after_its_rounds() -> None:
    thread = "while (READ_ONCE(*y) == 0) WRITE_ONCE(*x, 1)"
    found = all_paths(read_test(litmus_text((thread,), "exists (true)")), 2)[0]
    assert found.cut
    assert [len(each.events) for each in found.paths] == [5, 3, 1]


def test_a_loop_that_counts_is_not_cut() -> None:
    thread = "for (int i = 0; i < 5; i++) WRITE_ONCE(*x, i)"
    found = all_paths(read_test(litmus_text((thread,), "exists (true)")), 1)[0]
    assert not found.cut
    assert len(found.paths[0].events) == 5

"""The space of placements: everything in it, once, and nothing else; what is weaker than what."""

from itertools import product as pairs

import pytest

from locking import Cell, Mutex, PercpuRwSem, Placement, RwSem, System, Thread, perform, step
from locking.objects.region import region_modes
from locking.placements.edit import regions
from locking.placements.placement import steps_in_order
from locking.placements.space import arrangements, choices, profile, repairs, variants, weaker
from tests.explore.compare import explored

lock = RwSem("lock")
mutex = Mutex("mutex")


def named(name, variant_of=None):
    @step(name, variant_of=variant_of)
    async def run(_):
        await touched[name].READ_ONCE()

    return run


touched = {name: Cell(name, 0) for name in ("A", "B", "A2", "A3")}
A = named("A")
B = named("B")
A2, A3 = named("A2", A), named("A3", A)


def shown(steps, locks, most):
    return [", ".join(map(str, trees)) for trees in arrangements(steps, locks, most)]


def test_a_mutex_around_two_steps():
    assert shown((A, B), (mutex,), 1) == [
        "A, B",
        "A, mutex.hold(B)",
        "mutex.hold(A), B",
        "mutex.hold(A, B)",
    ]
    assert set(shown((A, B), (mutex,), 2)) - set(shown((A, B), (mutex,), 1)) == {
        "mutex.hold(A), mutex.hold(B)"
    }


def test_an_rwsem_around_one_step_and_a_downgrade_over_the_next():
    assert set(shown((A,), (lock,), 1)) == {"A", "lock.read(A)", "lock.write(A)"}
    assert "lock.write(A).downgrade(B)" in shown((A, B), (lock,), 1)


def test_two_locks_nest_in_both_orders_and_a_lock_never_in_itself():
    found = shown((A,), (lock, mutex), 2)
    assert {"lock.write(mutex.hold(A))", "mutex.hold(lock.write(A))"} <= set(found)
    assert all(text.count("mutex") < 2 and text.count("lock.") < 2 for text in found)


@pytest.mark.parametrize("most", range(4))
def test_nothing_is_there_twice_and_the_bound_is_kept(most):
    found = list(arrangements((A, B, A), (lock, mutex), most))
    assert len(found) == len(set(found))
    for trees in found:
        assert tuple(steps_in_order(trees)) == (A, B, A)
        assert sum(1 for _ in regions(trees)) <= most
        Placement("well-formed", about="", role=trees)


def by_hand(count):
    """How many ways there are to hold one rwsem over `count` steps, counted mode by mode.

    From step to step a mode goes on, or is let go and taken again; a write may be downgraded.
    """
    ways = {"": 1, "read": 1, "write": 1}
    follows = {
        "": {"": 1, "read": 1, "write": 1},
        "read": {"": 1, "read": 2, "write": 1},
        "write": {"": 1, "read": 2, "write": 2},
    }
    for _ in range(count - 1):
        ways = {
            after: sum(ways[before] * follows[before][after] for before in ways) for after in ways
        }
    return sum(ways.values())


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_rwsem_has_as_many_arrangements_as_are_counted_by_hand(count):
    steps = (A, B, A2, A3)[:count]
    assert len(list(arrangements(steps, (lock,), count))) == by_hand(count)


def test_locks_have_modes():
    assert region_modes(lock) == ("read", "write")
    assert region_modes(mutex) == ("hold",)
    assert region_modes(PercpuRwSem("percpu")) == ("read", "write")
    assert region_modes(touched["A"]) == ()  # a cell has operations of these names, and is no lock


def test_variants_are_offered_and_the_fewest_repairs_come_first():
    slots = variants((A, B), (A, A2, A3, B))
    assert slots == [(A, A2, A3), (B,)]
    assert choices(slots) == [(A, B), (A2, B), (A3, B)]
    assert [repairs(chosen, (A, B)) for chosen in choices(slots)] == [0, 1, 1]


def test_what_holds_less_is_weaker():
    whole, gap, lowered, reading, bare = (
        profile(trees, (lock,))
        for trees in (
            (lock.write(A, B),),
            (lock.write(A), lock.read(B)),
            (lock.write(A).downgrade(B),),
            (lock.read(A, B),),
            (A, B),
        )
    )
    assert weaker(bare, gap) and weaker(gap, lowered) and weaker(lowered, whole)
    assert weaker(reading, lowered)
    assert not weaker(reading, gap)  # between the two the gap lets a writer in
    assert not weaker(gap, reading) and not weaker(whole, lowered)
    assert weaker(whole, whole)


def runs(trees, other):
    """Every sequence of steps on cells that two threads can take, locks left out."""
    threads = [Thread("a", perform, (trees, None)), Thread("b", perform, (other, None))]
    product, graph = explored(System([lock, mutex, *touched.values()], threads, []), minimise=False)
    words = {0: {()}}
    for at, state in enumerate(graph.states):  # by depth, and every run to a state is as long
        for (thread, _), target in graph.edges(at):
            letter = (thread,) if product.position(thread, state).inside else ()
            words.setdefault(target, set()).update(word + letter for word in words[at])
    return set().union(*words.values())


def test_under_a_weaker_placement_everything_can_happen_that_can_under_a_stronger_one():
    shapes = list(arrangements((A, B), (lock, mutex), 2))
    profiles = {trees: profile(trees, (lock, mutex)) for trees in shapes}
    for other in ([lock.write(A, B)], [lock.read(mutex.hold(A)), B]):
        spelt = {trees: runs(trees, other) for trees in shapes}
        for one, two in pairs(shapes, repeat=2):
            if weaker(profiles[one], profiles[two]):
                assert spelt[one] >= spelt[two], (one, two)

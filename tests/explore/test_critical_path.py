"""The critical path: a closed form, locks that serialise, and a count by brute force."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings

from locking import Cell, Mutex, Thread
from locking.explore.critical_path import fewest_rounds
from locking.properties.explored import Explored
from locking.system import System
from tests.explore.compare import explored
from tests.explore.systems import programs

x = Cell("x", 0)
lock = Mutex("lock")


async def work(times):
    for _ in range(times):
        await x.READ_ONCE()


async def locked(times):
    async with lock.hold():
        await work(times)


def rounds_of(system):
    """The critical path of a system."""
    product, graph = explored(system, minimise=True)
    return fewest_rounds(graph, set(Explored(product, graph).finished))


def test_threads_that_need_not_wait_take_as_long_as_the_longest():
    threads = [Thread("a", work, (2,)), Thread("b", work, (5,)), Thread("c", work, (1,))]
    assert rounds_of(System([x], threads, [])) == 5


@pytest.mark.parametrize("count", [1, 2, 3])
def test_threads_that_need_one_lock_take_as_long_as_all_together(count):
    threads = [Thread(f"t{n}", locked, (3,)) for n in range(count)]
    # The lock changes hands within a round: one lets go of it and the next one takes it.
    assert rounds_of(System([lock, x], threads, [])) == 4 * count + 1


def test_there_is_no_critical_path_where_no_run_ends():
    async def stuck():
        async with lock.hold(), other.hold():
            pass

    async def turned():
        async with other.hold(), lock.hold():
            pass

    other = Mutex("other")
    system = System([lock, other], [Thread("a", stuck), Thread("b", turned)], [])
    assert rounds_of(system) == 6  # some runs end: one after the other

    async def never():
        await lock.mutex_lock()
        await other.mutex_lock()

    threads = [Thread("a", never), Thread("b", never)]
    assert rounds_of(System([lock, other], threads, [])) is None


def by_rounds(product, goals):
    """The fewest rounds, round by round: every set of threads, in every order."""
    layer, rounds, seen = {product.initial}, 0, {product.initial}
    while layer:
        if layer & goals:
            return rounds
        rounds += 1
        layer = {after for state in layer for after in after_a_round(product, state)} - seen
        seen |= layer
    return None


def after_a_round(product, state):
    """The states after one round from `state`."""
    threads = range(len(product.threads))
    for number in range(1, len(threads) + 1):
        for chosen in combinations(threads, number):
            for order in permutations(chosen):
                yield from after(product, state, order)


def after(product, state, order):
    """The states after these threads have taken a step each, in this order."""
    if not order:
        yield state
        return
    for thread, _, target in product.moves(state):
        if thread == order[0]:
            yield from after(product, target, order[1:])


@given(programs())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_the_critical_path_is_that_of_a_walk_round_by_round(recipe):
    product, graph = explored(recipe.build()[0], minimise=True)
    finished = set(Explored(product, graph).finished)
    goals = {graph.states[at] for at in finished}
    assert fewest_rounds(graph, finished) == by_rounds(product, goals)

"""Scores, the front, and the steps that are held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locking import (
    Mutex,
    Placement,
    RwSem,
    System,
    Thread,
    choose,
    forever,
    perform,
    procedure,
    retry,
    section,
)
from locking.explore.product import Product
from locking.placements.space import arrangements
from locking.studies.front import Placed, Score, front, regions_in, steps_held, work_of
from tests.studies import toy

scores = st.builds(Score, *[st.integers(0, 3)] * 4)
placed = st.lists(st.builds(Placed, st.just(()), scores), max_size=12)


def test_one_score_beats_another_in_something_and_loses_in_nothing():
    assert Score(2, 5, 1, 0).beats(Score(1, 5, 1, 0))
    assert Score(1, 4, 1, 0).beats(Score(1, 5, 1, 0))
    assert not Score(2, 6, 1, 0).beats(Score(1, 5, 1, 0))
    assert not Score(1, 5, 1, 0).beats(Score(1, 5, 1, 0))


@given(placed)
def test_the_front_is_what_nothing_beats(found):
    best = front(found)
    for one in found:
        beaten = any(other.score.beats(one.score) for other in found)
        assert (one in best) == (not beaten)
    for one in best:
        assert not any(other.score.beats(one.score) for other in best)


def counted(trees):
    """The steps that a thread takes while it holds a lock, by running it."""
    thread = Thread("a", perform, (trees, None))
    objects = [toy.lock, toy.mutex, toy.count]
    product, steps = Product(objects, [thread]), 0
    state = product.initial
    while moves := product.moves(state):
        steps += any(
            each.holders(product.value(each, state)) for each in objects if each is not toy.count
        )
        state = moves[0][2]
    return steps


def test_the_steps_held_are_those_that_a_thread_takes_under_a_lock():
    steps = (toy.COUNT, toy.LOOK)
    work = {"COUNT": 2, "LOOK": 1}
    shapes = list(arrangements(steps, (toy.lock, toy.mutex), 3))
    assert len(shapes) > 50
    for trees in shapes:
        assert steps_held(trees, work) == counted(trees), Placement("p", about="", role=trees)


def test_the_work_of_a_step_is_what_a_thread_does_in_it_alone():
    trees = (toy.COUNT, toy.LOOK)
    threads = [Thread("a", perform, (trees, None)), Thread("b", perform, ((toy.CHECK,), None))]
    system = System([toy.lock, toy.count], threads, [])
    assert work_of(system, trees) == {"COUNT": 2, "LOOK": 1}


def test_regions_are_counted_wherever_they_stand():
    lock, mutex = RwSem("lock"), Mutex("mutex")
    trees = (lock.write(mutex.hold(toy.COUNT)).downgrade(toy.LOOK), mutex.hold(toy.LOOK))
    assert regions_in(trees) == 3


def test_a_thread_that_calls_perform_is_known_by_the_steps_that_it_goes_through() -> None:
    """A model may wrap `perform`, and a thread of another role takes none of the steps."""
    trees = (toy.lock.write(toy.COUNT), toy.LOOK)

    async def wrapped() -> None:
        async with section("outer"):
            await perform(trees, None)

    async def other() -> None:
        await perform((toy.CHECK,), None)

    threads = [Thread("a", wrapped), Thread("b", other)]
    system = System([toy.lock, toy.count], threads, [])
    assert work_of(system, trees) == {"COUNT": 2, "LOOK": 1}


async def in_a_helper(trees) -> None:
    async def helper() -> None:
        await perform(trees, None)

    await helper()


async def in_a_procedure(trees) -> None:
    await procedure(perform)(trees, None)


async def in_rounds(trees) -> None:
    for _ in range(3):
        await perform(trees, None)


async def in_a_round(trees) -> None:
    async def attempt() -> bool | None:
        await perform(trees, None)
        return await choose(None, True)

    await retry(attempt)


async def for_ever(trees) -> None:
    await forever(perform, trees, None)


async def on_one_way(trees) -> None:
    if await choose(False, True):
        await perform(trees, None)


async def on_a_value(trees) -> None:
    if await toy.count.READ_ONCE() == 0:
        await perform(trees, None)


async def piece_by_piece(trees) -> None:
    for tree in trees:
        await perform([tree], None)


ANYWHERE = [
    in_a_helper,
    in_a_procedure,
    in_rounds,
    in_a_round,
    for_ever,
    on_one_way,
    on_a_value,
    piece_by_piece,
]


@pytest.mark.parametrize("program", ANYWHERE, ids=lambda each: each.__name__)
def test_perform_counts_alike_wherever_it_is_awaited(program) -> None:
    trees = (toy.lock.write(toy.COUNT), toy.LOOK)
    system = System([toy.lock, toy.count], [Thread("a", program, (trees,))], [])
    assert work_of(system, trees) == {"COUNT": 2, "LOOK": 1}


async def longer_on_one_way() -> None:
    async with section("COUNT"):
        if await choose(False, True):
            await toy.count.READ_ONCE()
        await toy.count.READ_ONCE()


def test_the_longest_way_through_a_step_counts() -> None:
    system = System([toy.count], [Thread("a", longer_on_one_way)], [])
    assert work_of(system, (toy.COUNT,)) == {"COUNT": 3}


def test_a_step_that_no_thread_comes_to_alone_counts_nothing() -> None:
    assert steps_held((toy.lock.write(toy.COUNT),), {}) == 1

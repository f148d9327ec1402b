"""Schedules drawn at random find what they promise to find, at least as often."""

from fractions import Fraction
from math import sqrt
from random import Random

import pytest

from locking import Cell, System, Thread, require, required
from locking.explore import schedules
from locking.explore.schedules import ByPriority, least_chance, uniform
from tests.samples import some_by_default

RUNS = 8_000


def window(padding):
    """One thread looks at a cell while another has changed it for one step: a bug of depth 2."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def changes():
        for _ in range(padding):
            await y.READ_ONCE()
        await x.WRITE_ONCE(1)
        await x.WRITE_ONCE(0)

    async def looks():
        require(await x.READ_ONCE() == 0, "seen")

    return System([x, y], [Thread("a", changes), Thread("b", looks)], [required("seen")])


def windows():
    """Each of two threads goes through the window of the other: a bug of depth 3."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def first():
        await x.WRITE_ONCE(1)
        seen = await y.READ_ONCE()
        await x.WRITE_ONCE(0)
        require(seen == 0, "seen")

    async def second():
        if await x.READ_ONCE():
            await y.WRITE_ONCE(1)
            await y.WRITE_ONCE(0)

    return System([x, y], [Thread("a", first), Thread("b", second)], [required("seen")])


def hits(system, steps, depth, runs=RUNS):
    """How many runs by priorities fail the requirement."""
    product, random = system.product(), Random(1)
    found = 0
    for _ in range(runs):
        schedule = ByPriority(random, len(system.threads), steps, depth)
        state = product.initial
        while moves := product.moves(state):
            state = schedule(moves)[2]
        found += any(product.position(at, state).failure for at in range(len(system.threads)))
    return found


def often_enough(found, chance, runs=RUNS):
    """Whether so many were found, but for five standard deviations."""
    return found >= runs * chance - 5 * sqrt(runs * chance * (1 - chance))


def test_the_least_chance_is_that_of_the_threads_and_the_turns():
    assert least_chance(3, 50, 1) == Fraction(1, 3)
    assert least_chance(3, 50, 2) == Fraction(1, 150)
    assert least_chance(3, 50, 3) == Fraction(1, 3 * 50 * 51)


@pytest.mark.parametrize("padding", some_by_default([0, 3, 12], 3))
def test_a_bug_of_depth_2_that_one_turn_shows_is_found_exactly_as_often_as_promised(padding):
    system, steps = window(padding), padding + 3
    chance = float(least_chance(2, steps, 2))
    found = hits(system, steps, 2)
    assert abs(found - RUNS * chance) < 5 * sqrt(RUNS * chance * (1 - chance))


def test_a_bug_of_depth_3_is_found_at_least_as_often_as_promised():
    assert often_enough(hits(windows(), 6, 3), float(least_chance(2, 6, 3)))


def test_a_bug_of_a_lesser_depth_is_found_as_well():
    assert often_enough(hits(window(3), 6, 3), float(least_chance(2, 6, 3)))


def test_without_a_change_no_thread_is_left_while_it_can_go_on():
    assert hits(window(3), 6, 1, runs=500) == 0


@pytest.mark.parametrize("steps", some_by_default([5, 60], 2))
def test_a_length_that_is_wrong_is_found_out(steps):
    """Planted: changes are drawn among the turns of shorter or longer runs than there are."""
    assert not often_enough(hits(window(12), steps, 2), float(least_chance(2, 15, 2)))


def test_a_thread_that_is_not_put_back_is_found_out(monkeypatch):
    """Planted: changes have no effect."""
    monkeypatch.setattr(schedules, "enumerate", lambda *_: (), raising=False)
    assert not often_enough(hits(window(3), 6, 2), float(least_chance(2, 6, 2)))


@pytest.mark.parametrize("draw", [uniform, lambda random: ByPriority(random, 2, 5, 3)])
def test_the_same_seed_draws_the_same(draw):
    moves = [(0, 0, ()), (1, 0, ()), (1, 1, ())]
    one, other = draw(Random(7)), draw(Random(7))
    assert [one(moves) for _ in range(20)] == [other(moves) for _ in range(20)]

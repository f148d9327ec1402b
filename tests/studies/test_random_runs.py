"""Whether random runs end, after how many steps and rounds: by hand, and beside real runs."""

from fractions import Fraction
from math import sqrt

import pytest

from locking import (
    Fairness,
    Mutex,
    RwSem,
    System,
    Thread,
    can_end,
    choose,
    deadlock_free,
    forever,
    never,
    retry,
)
from locking.check import check
from locking.explore import chain
from locking.explore.probability import chance
from locking.explore.product import Product
from locking.properties.explored import Explored
from locking.studies.measures import Measures, measured
from locking.studies.random_runs import RandomRuns
from locking.studies.sampling import Plan, sample
from locking.verdicts import Limits, Options
from tests.explore.compare import case_of
from tests.studies.looping import X, is_1, looping, set_1, set_2, until_1


async def look():
    await X.READ_ONCE()


async def look_for_ever():
    await forever(look)


async def toss():
    return True if await choose("heads", "tails", "edge") == "heads" else None


async def until_heads():
    await retry(toss)


async def set_1_if_0():
    await X.cmpxchg(0, 1)


async def set_2_if_0():
    await X.cmpxchg(0, 2)


def threads(*programs, daemon=False):
    """A thread for each program; `daemon` is whether the last is one."""
    found = [Thread(name, program) for name, program in zip("abcd", programs, strict=False)]
    if daemon:
        found[-1] = Thread("daemon", programs[-1], daemon=True)
    return found


def numbers_of(system, reduction="merge") -> Measures:
    """The measures of a system."""
    found: list[Explored] = []
    report = check(case_of(system), options=Options(reduction=reduction), look=found.append)
    numbers = measured(found[0], [each.claim for each in report.results])
    assert numbers
    return numbers


def random_of(system, reduction="merge") -> RandomRuns:
    """What is expected of its random runs."""
    found = numbers_of(system, reduction).random
    assert found
    return found


SPIN = System([X], threads(set_1, until_1), [deadlock_free()])
"""Half of the steps before x is set are looks, so there is 1 look in vain; then 1 of 1, and 1."""

LATER = System([X], threads(set_1, set_2, until_1), [deadlock_free()])
"""It never ends if 2 is set last and no look came between: 1/2 * 1/2."""

HALF = System([X], threads(set_1_if_0, set_2_if_0, until_1), [deadlock_free()])
"""Who is first decides it: a livelock with a chance of 1/2."""

NEVER = System([X], threads(set_2, until_1), [deadlock_free()])

TOSSED = System([X], threads(until_heads), [deadlock_free()])
"""Heads in 1 of 3: 3 tosses, and no scheduler decides."""

SERVANT = System([X], threads(set_1, look_for_ever, daemon=True), [deadlock_free()])
"""A daemon looks once, on average, before the other has set x; then the run is over."""


@pytest.mark.parametrize("reduction", ["none", "merge"])
@pytest.mark.parametrize(
    ("system", "chance", "steps", "rounds"),
    [
        (SPIN, 0, 3, [2]),
        (LATER, Fraction(1, 4), None, [None]),
        (HALF, Fraction(1, 2), None, [None]),
        (NEVER, 1, None, [None]),
        (TOSSED, 0, 3, [3]),
        (SERVANT, 0, 2, [1]),
    ],
    ids=["spin", "later", "half", "never", "tossed", "servant"],
)
def test_it_is_as_by_hand(system: System, chance, steps, rounds, reduction: str) -> None:
    found = random_of(system, reduction)
    assert (found.never, found.steps, [each.rounds for each in found.loops]) == (
        chance, steps, rounds,
    )  # fmt: skip
    assert found.exact


def test_a_loop_is_called_by_its_thread_and_the_line_of_its_first_step() -> None:
    (loop,) = random_of(SPIN).loops
    assert (loop.thread, loop.begins.line) == ("b", is_1.__code__.co_firstlineno + 1)


def test_what_fails_has_a_chance_and_no_share_of_runs_without_number() -> None:
    found = numbers_of(System([X], threads(set_1, set_2, until_1), [can_end()]))
    (odds,) = found.odds
    assert (odds.name, odds.runs, odds.share) == ("can-end", None, None)
    assert odds.chance == Fraction(1, 4) and odds.needed == 11
    assert found.total is None


def queueing() -> System:
    """A thread goes round twice, of a lock for which it may have to queue up; another tosses."""
    lock = RwSem("lock", Fairness.FIFO)

    async def take():
        async with lock.write():
            pass

    async def twice():
        await lock.down_write()
        done = await X.READ_ONCE() == 1
        await X.WRITE_ONCE(1)
        await lock.up_write()
        return done or None

    async def tries():
        await retry(twice)

    return System([lock, X], threads(tries, take, until_heads), [deadlock_free()])


def test_to_queue_up_begins_no_round() -> None:
    tries, tosses = random_of(queueing()).loops
    assert (tries.rounds, tosses.rounds) == (2, 3)


def test_a_lock_that_is_held_in_a_loop_has_costs_and_a_wait_may_be_endless() -> None:
    lock = Mutex("lock")

    async def take():
        async with lock.hold():
            await X.READ_ONCE()

    async def on_and_on():
        await forever(take)

    async def spin_with_it():
        async with lock.hold():
            await retry(is_1)

    daemons = [Thread("d", on_and_on, daemon=True), Thread("e", on_and_on, daemon=True)]
    found = numbers_of(System([lock, X], [*daemons, Thread("a", take)], [deadlock_free()]))
    (cost,) = found.costs
    assert (cost.hold, cost.wait) == (2, None) and cost.waiter
    spinning = System([lock, X], threads(spin_with_it, set_1), [deadlock_free()])
    assert numbers_of(spinning).costs[0].hold is None


@pytest.mark.parametrize("system", [SPIN, LATER, HALF, TOSSED], ids=["spin", "l", "h", "toss"])
def test_the_sampler_agrees(system: System) -> None:
    """200 runs with a fixed seed; five standard deviations."""
    runs, cut_after = 200, 30
    found = sample(case_of(system), (), Plan("uniform", runs=runs, steps=cut_after), Limits())
    expected = random_of(system)
    share = float(expected.never)
    assert abs(found.tally.cut / runs - share) <= 5 * sqrt(share * (1 - share) / runs)
    if expected.steps:
        variance = 6  # of 3 tosses until heads: (1 - 1/3) / (1/3) ** 2; less for the spin
        assert abs(found.tally.taken / runs - expected.steps) <= 5 * sqrt(variance / runs)


def hits() -> int:
    """In how many of 1,000 runs 2 is written after what another thread has chosen of nine."""

    async def choose_one():
        await X.WRITE_ONCE(await choose(*range(3, 12)))

    first = never("first", lambda s: s[X] == 2 and s.finished)
    system = System([X], threads(choose_one, set_2), [first])
    return sample(case_of(system), (), Plan("uniform", runs=1_000), Limits()).tally.shown[0].runs


def test_a_thread_is_as_likely_as_others_however_many_options_it_has() -> None:
    """2 is written last with 1/4: a chooses with 1/2, and then writes with 1/2."""
    assert abs(hits() - 250) <= 5 * sqrt(1_000 * 3 / 16)


def test_a_sampler_that_takes_an_option_for_a_thread_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("locking.studies.sampling.uniform", lambda random: random.choice)
    with pytest.raises(AssertionError):
        test_a_thread_is_as_likely_as_others_however_many_options_it_has()


def test_queueing_that_is_taken_for_a_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody ever queues up."""
    monkeypatch.setattr(Product, "queues", lambda *_: False)
    with pytest.raises(AssertionError):
        test_to_queue_up_begins_no_round()


def test_too_many_states_that_lead_to_each_other_leave_the_chances_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chain, "MOST_WORK", 0)

    async def back_and_forth():
        await X.WRITE_ONCE(0)
        return True if await choose(False, True) else None

    async def goes():
        await retry(back_and_forth)

    found = numbers_of(System([X], threads(goes, goes), [deadlock_free()]))
    assert found.cause == "4 states lead to each other"
    assert found.random is None and found.odds == ()


def never_is_what_no_end_follows(seed: int) -> float:
    """The chance that a run never ends, checked: all endings add up to 1. Errors: if not."""
    system = looping(seed)
    found: list[Explored] = []
    check(case_of(system), options=Options(), look=found.append)
    (explored,) = found
    numbers = measured(explored, [])
    assert numbers
    if numbers.random is None:
        assert numbers.total is not None
        return 0.0
    ends = set(explored.finished)
    dead = {at for at in explored.ends if at not in ends}
    graph = explored.graph
    over = chance(graph, None, ends) + chance(graph, None, dead)
    assert over + numbers.random.never == pytest.approx(1, rel=1e-9)
    assert (numbers.random.steps is None) == (numbers.random.never > 0)
    hopeless = graph.hopeless(ends | dead)
    assert chance(graph, None, set(hopeless)) == pytest.approx(numbers.random.never, rel=1e-9)
    return float(numbers.random.never)


def test_of_random_loops_the_chances_of_all_endings_are_one() -> None:
    found = [never_is_what_no_end_follows(seed) for seed in range(5)]
    assert 0 in found and max(found) > 0


@pytest.mark.slow
def test_of_many_random_loops_the_chances_of_all_endings_are_one() -> None:
    found = [never_is_what_no_end_follows(seed) for seed in range(5, 150)]
    assert 0 in found and 1 in found and any(0 < each < 1 for each in found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_sampler_agrees_on_random_loops(seed: int) -> None:
    """Of 200 runs; five standard deviations, and what is cut too soon for a long run."""
    runs = 200
    expected = numbers_of(looping(seed)).random
    if expected is None:
        return
    found = sample(case_of(looping(seed)), (), Plan("uniform", runs=runs, steps=150), Limits())
    share = float(expected.never)
    far = 5 * sqrt(max(share * (1 - share), 1 / runs) / runs)
    assert abs(found.tally.suspected / runs - share) <= far + 0.01

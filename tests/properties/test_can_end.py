"""Whether every run can still come to its end: in every reduction and engine, told once."""

from itertools import cycle

import pytest

from locking import (
    Cell,
    Mutex,
    Spinlock,
    System,
    Thread,
    Verdict,
    at_end,
    can_end,
    choose,
    deadlock_free,
    forever,
    retry,
)
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.report.sentences import diagnosis
from locking.studies.sampling import Plan, sample
from locking.traces.path import decode
from locking.traces.rerun import rerun
from locking.verdicts import Limits, Options, Result
from tests.explore.compare import case_of
from tests.systems import threads

FLAG, X, Y = Cell("flag", 0), Cell("x", 0), Cell("y", 0)
A, B = Mutex("a"), Mutex("b")
OBJECTS = (FLAG, X, Y, A, B)


async def raised() -> bool | None:
    """A look at the flag, which waits for a 2."""
    return True if await FLAG.READ_ONCE() == 2 else None


async def spins() -> None:
    """A wait for the flag."""
    await retry(raised)


async def sets() -> None:
    """The flag is only set to 1."""
    await FLAG.WRITE_ONCE(1)


async def sets_and_raises() -> None:
    """The flag is set to 1, then to 2."""
    await FLAG.WRITE_ONCE(1)
    await FLAG.WRITE_ONCE(2)


async def raises_and_lowers() -> None:
    """The flag is a 2 for a moment only."""
    await FLAG.WRITE_ONCE(2)
    await FLAG.WRITE_ONCE(0)


async def polls() -> None:
    """A loop without end."""
    await forever(X.READ_ONCE)


async def nested(first: Mutex, second: Mutex) -> None:
    """Two locks, one inside the other."""
    async with first.hold(), second.hold():
        await X.WRITE_ONCE(1)


async def keeps() -> None:
    """A lock that is never given back."""
    await A.mutex_lock()


def judged(system: System) -> dict[str, tuple[Verdict, int | None]]:
    """The verdicts, with the lengths of their paths, which all ways to search agree on."""
    every = [
        {
            each.claim.name: (each.verdict, None if each.choices is None else len(each.choices))
            for each in check(case_of(system), (), Options(engine, reduction=way)).results
        }
        for way, engine in zip(REDUCTIONS, cycle(("reference", "compiled")), strict=False)
    ]
    assert all(each == every[0] for each in every), every
    return every[0]


HOLDS, ENDLESS = (Verdict.HOLDS, None), Verdict.FAILS


def test_a_wait_for_what_never_comes_fails_unasked() -> None:
    system = System(OBJECTS, threads(spins, sets), [deadlock_free()])
    assert judged(system) == {"deadlock-free": HOLDS, "can-end": (ENDLESS, 0)}


def test_a_spin_that_others_can_end_holds() -> None:
    system = System(OBJECTS, threads(spins, sets_and_raises), [deadlock_free(), can_end()])
    assert judged(system) == {"deadlock-free": HOLDS, "can-end": HOLDS}


def test_it_fails_in_the_nearest_state_from_which_there_is_no_end() -> None:
    system = System(OBJECTS, threads(spins, raises_and_lowers), [deadlock_free()])
    assert judged(system) == {"deadlock-free": HOLDS, "can-end": (ENDLESS, 2)}


def test_copies_of_a_program_are_judged_as_one() -> None:
    three = [Thread(f"t{at}", spins) for at in range(3)]
    lowers = Thread("l", raises_and_lowers)
    system = System(OBJECTS, [*three, lowers], [deadlock_free()])
    assert judged(system)["can-end"] == (ENDLESS, 2)


def test_a_daemon_may_go_on() -> None:
    daemon = Thread("d", polls, daemon=True)
    system = System(OBJECTS, [*threads(sets), daemon], [deadlock_free()])
    assert judged(system) == {"deadlock-free": HOLDS}


def test_a_loop_without_end_of_a_thread_that_must_end_fails() -> None:
    system = System(OBJECTS, threads(polls), [deadlock_free()])
    assert judged(system) == {"deadlock-free": HOLDS, "can-end": (ENDLESS, 0)}


def test_a_run_that_breaks_off_has_ended() -> None:
    async def asserts() -> None:
        assert await retry(raised) is None

    system = System(OBJECTS, threads(asserts, sets_and_raises), [deadlock_free()])
    assert "can-end" not in judged(system)


def test_a_deadlock_is_told_once() -> None:
    crossed = [Thread("t", nested, (A, B)), Thread("u", nested, (B, A))]
    assert judged(System(OBJECTS, crossed, [deadlock_free()])) == {"deadlock-free": (ENDLESS, 2)}


def test_a_deadlock_that_nothing_else_judges_fails_it() -> None:
    crossed = [Thread("t", nested, (A, B)), Thread("u", nested, (B, A))]
    system = System(OBJECTS, crossed, [at_end("x", lambda s: s[X] == 1)])
    assert judged(system)["can-end"] == (ENDLESS, 2)
    asked = System(OBJECTS, crossed, [deadlock_free(), can_end("asked")])
    assert judged(asked) == {"deadlock-free": (ENDLESS, 2), "asked": (ENDLESS, 2)}


def test_a_loop_beside_a_deadlock_is_told_of_its_own_states() -> None:
    """The one is shown where the other can't come."""

    async def either() -> None:
        if await choose(True, False):
            await spins()
        else:
            await nested(A, B)

    system = System(OBJECTS, [Thread("e", either), Thread("k", keeps)], [deadlock_free()])
    found = judged(system)
    assert found["can-end"] == (ENDLESS, 1)
    assert found["deadlock-free"] == (ENDLESS, 2)


def test_a_model_leaves_it_out_by_name() -> None:
    system = System(OBJECTS, threads(spins), [deadlock_free()], unjudged=[can_end()])
    assert judged(system) == {"deadlock-free": HOLDS}


def test_it_is_asked_for_by_name() -> None:
    system = System(OBJECTS, threads(spins, sets_and_raises), [deadlock_free()])
    (found,) = check(case_of(system), ["can-end"]).results
    assert found.verdict is Verdict.HOLDS


def test_a_search_that_ended_early_says_nothing_of_what_it_did_not_come_to() -> None:
    async def long() -> None:
        for _ in range(30):
            await X.WRITE_ONCE(1)

    system = System(OBJECTS, threads(long, long, spins, sets_and_raises), [deadlock_free()])
    report = check(case_of(system), (), Options(limits=Limits(states=50)))
    assert report.cause and "can-end" not in [each.claim.name for each in report.results]


def result_of(system: System) -> Result:
    """The verdict on the end."""
    return next(each for each in check(case_of(system)).results if each.claim.name == "can-end")


def test_the_run_goes_on_to_where_it_goes_round() -> None:
    system = System(OBJECTS, threads(spins, sets), [deadlock_free()])
    result = result_of(system)
    assert result.path and result.choices == ()
    run = rerun(case_of(system), "can-end", decode(result.path).choices)
    assert (run.beyond, run.cycle, list(run.round)) == (2, 1, [2])
    assert run.trace.states[-1] == run.trace.states[-2]


def test_a_path_that_is_followed_round_is_a_lasso_itself() -> None:
    system = System(OBJECTS, threads(spins, sets), [deadlock_free()])
    run = rerun(case_of(system), "can-end", ((1, 0), (0, 0), (0, 0)))
    assert (run.beyond, run.cycle, list(run.round)) == (2, 2, [2, 3])


def test_why_says_who_goes_round_and_what_is_found_each_time() -> None:
    system = System(OBJECTS, threads(spins, raises_and_lowers), [deadlock_free()])
    result = result_of(system)
    text = diagnosis(case_of(system), "can-end", result.choices or ())
    assert text.startswith("Endless loop: a repeats step 3 forever, and each time finds ")
    assert "READ_ONCE(flag) = 0" in text
    assert text.endswith("after step 2 no run comes to its end, whatever the scheduler does.")


def test_a_standstill_is_diagnosed_as_a_deadlock() -> None:
    crossed = [Thread("t", nested, (A, B)), Thread("u", nested, (B, A))]
    system = System(OBJECTS, crossed, [can_end()])
    text = diagnosis(case_of(system), "can-end", result_of(system).choices or ())
    assert text.startswith("ABBA deadlock: ")


@pytest.mark.parametrize("method", ["uniform", "pct", "bounded"])
def test_a_sample_shows_a_standstill(method: str) -> None:
    system = System(OBJECTS, threads(keeps, keeps), [at_end("x", lambda s: s[X] == 0)])
    found = sample(case_of(system), (), Plan(method=method, runs=5), Limits()).results
    assert [each.verdict for each in found if each.claim.name == "can-end"] == [Verdict.FAILS]


def test_a_spinlock_taken_by_two_can_end() -> None:
    lock = Spinlock("l")

    async def takes() -> None:
        async with lock.hold():
            await X.WRITE_ONCE(1)

    assert judged(System((lock, X), threads(takes, takes), [can_end()])) == {"can-end": HOLDS}


def test_where_the_nearest_states_do_not_tell_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    product = System([FLAG], threads(spins), [deadlock_free()]).product()
    known = can_end().find(product, product.initial)
    assert known and known.says == "from here no run ends: a does not end"
    monkeypatch.setattr("locking.properties.can_end.MOST_CONFIRMING", 0)
    looked = can_end().find(product, product.initial)
    assert looked and looked.says == "from here no run ends in the nearest 0 states: a does not end"

"""The barrier: so many wait for each other, and rounds do not mix."""

import pytest

from locking import (
    WAIT,
    Atomic,
    Barrier,
    Cell,
    Misuse,
    Verdict,
    at_end,
    deadlock_free,
    sometimes,
)
from locking.errors import ModelError
from locking.programs.sleeping.barrier import BarrierState
from tests.systems import ask, threads, verdict

barrier = Barrier("barrier", 2)
YOU_CAME = BarrierState(arrived=frozenset({"you"}))
BOTH_LEAVE = BarrierState(leaving=frozenset({"me", "you"}))


def test_the_first_waits_for_the_last():
    came, last = ask(barrier, BarrierState(), "arrive")
    assert (came, last) == (BarrierState(arrived=frozenset({"me"})), False)
    assert ask(barrier, came, "depart") is WAIT


def test_the_last_lets_all_go_on():
    assert ask(barrier, YOU_CAME, "arrive") == (BOTH_LEAVE, True)
    gone = BarrierState(leaving=frozenset({"you"}))
    assert ask(barrier, BOTH_LEAVE, "depart") == (gone, None)


def test_who_comes_again_does_not_let_those_through_that_are_on_their_way_out():
    late = BarrierState(leaving=frozenset({"you"}))
    again, last = ask(barrier, late, "arrive")
    assert (again, last) == (BarrierState(frozenset({"me"}), frozenset({"you"})), False)
    assert ask(barrier, again, "depart") is WAIT
    assert ask(barrier, again, "depart", "you") == (BarrierState(frozenset({"me"})), None)


def test_to_come_twice_or_to_leave_without_having_come_is_a_misuse():
    for state in (BOTH_LEAVE, BarrierState(arrived=frozenset({"me"}))):
        reason = "me arrives at barrier, where it has arrived already"
        assert ask(barrier, state, "arrive") == Misuse(reason)
    reason = "me departs from barrier, where it has not arrived"
    assert ask(barrier, YOU_CAME, "depart") == Misuse(reason)


def test_a_barrier_for_nobody_is_refused():
    with pytest.raises(ModelError, match="write at least 1"):
        Barrier("barrier", 0)


def test_it_is_shown_in_words():
    assert barrier.show(BarrierState()) == "nobody of 2 here"
    again = BarrierState(frozenset({"me"}), frozenset({"you"}))
    assert barrier.show(again) == "me of 2 here, you to go on"


def test_three_threads_at_a_barrier_for_two_leave_one_behind():
    async def once():
        await barrier.wait()

    running = threads(once, once)
    assert verdict([barrier], running, deadlock_free()) is Verdict.HOLDS
    assert verdict([barrier], threads(once, once, once), deadlock_free()) is Verdict.FAILS


def test_one_of_those_that_meet_is_told_that_it_was_the_last():
    lasts = Atomic("lasts")

    async def twice():
        for _ in range(2):
            if await barrier.wait():
                await lasts.atomic_inc()

    told = at_end("told", lambda s: s[lasts] == 2)
    assert verdict([barrier, lasts], threads(twice, twice), told) is Verdict.HOLDS


BROKEN = BarrierState(broken=True)


def test_who_gives_up_breaks_the_round_for_those_that_wait():
    late, _ = ask(barrier, YOU_CAME._replace(arrived=frozenset({"me", "you"})), "break_round")
    assert late == BROKEN._replace(released=frozenset({"you"}))
    assert ask(barrier, late, "depart", "you") == (BROKEN, False)
    assert ask(barrier, BROKEN, "arrive") == (BROKEN, None)
    assert barrier.show(late) == "nobody of 2 here, you to go on, broken"


def test_nobody_breaks_a_round_that_is_complete():
    assert ask(barrier, BOTH_LEAVE, "break_round") is WAIT
    assert ask(barrier, BOTH_LEAVE, "leave_queue")[0] == BarrierState(leaving=frozenset({"you"}))


def test_a_reset_begins_anew_and_lets_those_go_that_wait():
    again, _ = ask(barrier, YOU_CAME, "reset")
    assert again == BarrierState(released=frozenset({"you"}))
    assert ask(barrier, BROKEN, "reset") == (BarrierState(), None)
    assert ask(barrier, again, "arrive", "you") == Misuse(
        "you arrives at barrier, where it has arrived already"
    )


def test_a_timed_wait_ends_complete_or_broken_and_then_it_is_so_for_all():
    one, other = Cell("one", "not yet"), Cell("other", "not yet")

    async def wait_a_while():
        await one.WRITE_ONCE(await barrier.timedwait())

    async def wait():
        await other.WRITE_ONCE(await barrier.wait())

    running = threads(wait_a_while, wait)
    for first, second in ((True, False), (False, True), (None, None)):
        seen = sometimes("seen", lambda s, a=first, b=second: (s[one], s[other]) == (a, b))
        assert verdict([barrier, one, other], running, seen) is Verdict.HOLDS
    both = at_end("both", lambda s: (s[one] is None) == (s[other] is None))
    assert verdict([barrier, one, other], running, both) is Verdict.HOLDS
    assert verdict([barrier, one, other], running, deadlock_free()) is Verdict.HOLDS

"""The latch: open for good once so many have counted down."""

import pytest

from locking import WAIT, Latch, Misuse, Verdict, deadlock_free
from locking.errors import ModelError
from tests.systems import ask, threads, verdict

latch = Latch("latch", 2)


def test_a_latch_that_starts_below_0_is_refused():
    with pytest.raises(ModelError, match="it starts at -1; write 0 or more"):
        Latch("latch", -1)


def test_every_count_is_one_fewer():
    assert latch.start == 2
    assert ask(latch, 2, "count_down") == (1, None)


def test_to_count_below_0_is_a_misuse():
    reason = "me counts latch down, which is at 0 already"
    assert ask(latch, 0, "count_down") == Misuse(reason)


def test_it_is_waited_for_until_it_is_open():
    assert ask(latch, 1, "wait") is WAIT
    assert ask(latch, 1, "try_wait") == (1, False)
    assert ask(latch, 0, "wait") == (0, None)
    assert ask(latch, 0, "try_wait") == (0, True)


def test_it_is_shown_in_words():
    assert (latch.show(2), latch.show(0)) == ("2 to come", "open")


def test_those_that_arrive_wait_for_each_other():
    async def arrive():
        await latch.arrive_and_wait()

    assert verdict([latch], threads(arrive, arrive), deadlock_free()) is Verdict.HOLDS
    assert verdict([latch], threads(arrive), deadlock_free()) is Verdict.FAILS

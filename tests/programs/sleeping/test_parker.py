"""Park and unpark: a token that is given before it is waited for is not lost."""

import pytest

from locking import (
    WAIT,
    Cell,
    Parker,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    sometimes,
)
from tests.systems import ask, threads, verdict

parker, data = Parker("parker"), Cell("data", 0)


async def write_and_unpark() -> None:
    await data.write(1)
    await parker.unpark()


async def park_and_read() -> None:
    await parker.park()
    await data.read()


def test_a_token_is_used_up() -> None:
    assert ask(parker, False, "take_token") is WAIT
    assert ask(parker, True, "take_token") == (False, None)


def test_two_tokens_are_one() -> None:
    assert ask(parker, False, "unpark") == (True, None)
    assert ask(parker, True, "unpark") == (True, None)
    assert (parker.show(True), parker.show(False)) == ("a token", "no token")


def test_a_timed_park_says_whether_there_was_a_token() -> None:
    assert ask(parker, True, "park_timeout") == (False, True)
    assert ask(parker, False, "park_timeout") == (False, False)


def test_a_token_given_before_is_not_lost_and_orders_what_was_done_before_it() -> None:
    running = threads(write_and_unpark, park_and_read)
    for property_ in (deadlock_free(), happens_before_race_free()):
        assert verdict([parker, data], running, property_) is Verdict.HOLDS


@pytest.mark.parametrize("spurious", [False, True])
def test_a_thread_may_go_on_for_nothing_only_where_that_is_asked_for(spurious: bool) -> None:
    restless = Parker("restless", spurious)

    async def park() -> None:
        await restless.park()
        await data.write(2)

    went_on = sometimes("went-on", lambda s: s[data] == 2)
    found = Verdict.HOLDS if spurious else Verdict.NEVER_EVALUATED
    assert verdict([restless, data], threads(park), went_on) is found
    assert verdict([restless, data], threads(park), deadlock_free()) is Verdict.FAILS

"""The recursive mutex: its owner takes it again, and lets it go as often."""

import pytest

from locking import (
    WAIT,
    Cell,
    Holding,
    Misuse,
    Owned,
    RecursiveMutex,
    System,
    Verdict,
    at_end,
    deadlock_free,
    happens_before_race_free,
    no_misuse,
)
from tests.objects.every_way import answer
from tests.systems import ask, threads

mutex = RecursiveMutex("mutex")
ONCE, TWICE, YOURS = Owned("me"), Owned("me", 2), Owned("you")


@pytest.mark.parametrize(
    ("state", "call", "outcome"),
    [
        (None, "lock", (ONCE, None)),
        (ONCE, "lock", (TWICE, None)),
        (YOURS, "lock", WAIT),
        (None, "trylock", (ONCE, True)),
        (ONCE, "trylock", (TWICE, True)),
        (YOURS, "trylock", (YOURS, False)),
        (TWICE, "unlock", (ONCE, None)),
        (ONCE, "unlock", (None, None)),
        (YOURS, "unlock", Misuse("me unlocks mutex, which you holds")),
        (None, "unlock", Misuse("me unlocks mutex, which nobody holds")),
    ],
)
def test_what_comes_of_an_operation(state: Owned | None, call: str, outcome: object) -> None:
    assert ask(mutex, state, call) == outcome


def test_it_is_held_as_often_as_it_must_be_let_go() -> None:
    assert mutex.holders(TWICE) == (Holding("me", "held by"),) * 2
    assert [mutex.show(each) for each in (None, ONCE, TWICE)] == [
        "free",
        "held by me",
        "held by me, 2 times",
    ]


def callbacks(forgetful: bool) -> System:
    """A caller holds the mutex and calls what takes it too; the `forgetful` one lets go once."""
    lock, total = RecursiveMutex("lock"), Cell("total", 0)

    async def add() -> None:
        await lock.lock()
        await total.write(await total.read() + 1)
        if not forgetful:
            await lock.unlock()

    async def twice() -> None:
        async with lock.hold():
            await add()
            await lock.lockdep_assert_held()
            await add()

    properties = [
        deadlock_free(),
        no_misuse(),
        happens_before_race_free(),
        at_end("four", lambda s: s[total] == 4),
    ]
    return System([lock, total], threads(twice, twice), properties)


def test_a_callback_takes_what_its_caller_holds() -> None:
    assert answer(lambda: callbacks(forgetful=False)) == [(Verdict.HOLDS, None)] * 4


def test_who_lets_go_too_seldom_keeps_the_others_waiting() -> None:
    verdict, path = answer(lambda: callbacks(forgetful=True))[0]
    assert (verdict, path) == (Verdict.FAILS, "a1")

"""Futexes: who sleeps saw the word as it was expected, and misses no change of it."""

from collections.abc import Awaitable, Callable

import pytest

from locking import (
    WAIT,
    Atomic,
    Cell,
    Futex,
    Misuse,
    Model,
    System,
    Verdict,
    deadlock_free,
    never_together,
    retry,
    section,
    sometimes,
)
from locking.check import check
from locking.errors import ModelError
from locking.objects.sleepers import Group, Sleepers
from locking.programs.sleeping.futex import FutexState
from tests.systems import ask, threads, verdict

word, got = Atomic("word"), Cell("got", "nothing")
other = Futex("other", word)
futex = Futex("futex", word, requeue_to=other)
BOTH = FutexState(Sleepers((Group(frozenset({"me", "you"})),)))


def test_a_wake_up_says_how_many_it_wakes() -> None:
    woken, number = ask(futex, BOTH, "futex_wake", "me", 5)
    assert number == 2
    assert ask(futex, woken, "wake_up") == (FutexState(Sleepers(woken=frozenset({"you"}))), False)
    assert ask(futex, BOTH, "wake_up") is WAIT
    assert ask(futex, FutexState(), "futex_wake", "me", 1) == (FutexState(), 0)


def test_those_that_are_moved_are_told_and_are_not_woken_here() -> None:
    assert ask(futex, BOTH, "movable", "x", 1) == (BOTH, (("me",), ("you",)))
    moved, _ = ask(futex, BOTH, "move_away", "x", ("me",))
    assert ask(futex, moved, "futex_wake", "x", 5)[1] == 1
    assert ask(futex, moved, "wake_up")[1] is True
    here, _ = ask(other, FutexState(), "move_here", "x", ("me",))
    assert ask(other, here, "wake_up") is WAIT
    assert futex.show(moved) == "asleep you, moved me"


def test_who_is_certain_to_be_woken_is_not_moved() -> None:
    both_woken = FutexState(BOTH.sleepers.wake(2))
    assert ask(futex, both_woken, "movable", "x", 1) == (both_woken, ((),))
    assert ask(futex, both_woken, "move_away", "x", ("me",)) is WAIT


def test_to_wake_or_to_move_fewer_than_none_is_a_misuse() -> None:
    assert ask(futex, BOTH, "futex_wake", "me", -1) == Misuse("me wakes -1 of futex")
    assert ask(futex, BOTH, "movable", "me", -1) == Misuse("me moves -1 of futex")


async def acquire() -> None:
    """Drepper, Futexes are tricky, mutex 2: 0 is free, 1 is held, 2 is held and waited for."""
    if await word.atomic_cmpxchg(0, 1) != 0:
        await retry(sleep_or_have)


async def sleep_or_have() -> bool | None:
    if await word.atomic_xchg(2) == 0:
        return True
    await futex.futex_wait(2)
    return None


async def release() -> None:
    if await word.atomic_xchg(0) == 2:
        await futex.futex_wake(1)


async def work() -> None:
    await acquire()
    async with section("inside"):
        await got.write(1)
    await release()


def test_a_mutex_of_a_futex_excludes_and_wakes() -> None:
    for property_ in (deadlock_free(), never_together("exclusion", "inside", "inside")):
        running = threads(work, work, work)
        assert verdict([word, futex, other, got], running, property_) is Verdict.HOLDS


@pytest.mark.parametrize("spurious", [False, True])
def test_a_thread_may_wake_up_for_nothing_only_where_that_is_asked_for(spurious: bool) -> None:
    restless = Futex("restless", word, spurious=spurious)

    async def sleep() -> None:
        await got.write(await restless.futex_wait(0))

    woke = sometimes("woke", lambda s: s[got] is True)
    found = Verdict.HOLDS if spurious else Verdict.NEVER_EVALUATED
    assert verdict([word, restless, got], threads(sleep), woke) is found
    assert verdict([word, restless, got], threads(sleep), deadlock_free()) is Verdict.FAILS


async def sleep_on_futex() -> None:
    await futex.futex_wait(0)


def requeueing(wakes: int) -> Callable[[], Awaitable[None]]:
    """A thread that changes the word, wakes one, moves one, and then wakes so many there."""

    async def requeue() -> None:
        await word.atomic_set(1)
        await got.write(await futex.futex_cmp_requeue(1, 1, 1))
        await other.futex_wake(wakes)

    return requeue


@pytest.mark.parametrize(("wakes", "found"), [(1, Verdict.HOLDS), (0, Verdict.FAILS)])
def test_who_is_moved_sleeps_until_it_is_woken_there(wakes: int, found: Verdict) -> None:
    running = threads(requeueing(wakes), sleep_on_futex, sleep_on_futex)
    assert verdict([word, futex, other, got], running, deadlock_free()) is found


def test_nobody_is_moved_where_the_word_is_another() -> None:
    async def requeue() -> None:
        await got.write(await futex.futex_cmp_requeue(1, 1, 7))

    refused = sometimes("refused", lambda s: s[got] is False)
    assert verdict([word, futex, other, got], threads(requeue), refused) is Verdict.HOLDS


def test_a_futex_with_nowhere_to_move_to_says_so() -> None:
    async def requeue() -> None:
        await other.futex_cmp_requeue(1, 1, 0)

    model = Model("test", "", lambda _: System([word, other], threads(requeue), []))
    with pytest.raises(ModelError, match="requeue_to=another futex"):
        check(model.case("only", None))

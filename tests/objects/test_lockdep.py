"""What a lock asserts of who holds it: when that is true, what is said where not, what it costs."""

from typing import Any

import pytest

from locking import (
    Cell,
    Lock,
    Misuse,
    Model,
    Mutex,
    Object,
    Order,
    PercpuRwSem,
    RwSem,
    RwState,
    Seqlock,
    System,
    Thread,
    Verdict,
    atomic,
    happens_before_race_free,
    no_misuse,
)
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.objects.seqlock import SeqState
from locking.verdicts import Options
from tests.systems import ask, report, threads, verdict

HELD, WRITE, READ, NOT = (
    f"lockdep_assert_{end}" for end in ("held", "held_write", "held_read", "not_held")
)
TRUE: dict[str, tuple[Lock, Any, set[str]]] = {
    "mutex of mine": (Mutex("lock"), "me", {HELD, WRITE}),
    "mutex of yours": (Mutex("lock"), "you", {NOT}),
    "mutex of nobody": (Mutex("lock"), None, {NOT}),
    "I write": (RwSem("lock"), RwState("me"), {HELD, WRITE}),
    "I read": (RwSem("lock"), RwState(readers=("me", "you")), {HELD, READ}),
    "you read": (PercpuRwSem("lock"), RwState(readers=("you",)), {NOT}),
    "you write": (PercpuRwSem("lock"), RwState("you"), {NOT}),
    "I write the sequence": (Seqlock("lock"), SeqState(1, "me"), {HELD, WRITE}),
}


@pytest.mark.parametrize("which", TRUE)
def test_an_assertion_is_true_or_a_misuse_and_changes_nothing(which: str) -> None:
    lock, state, true = TRUE[which]
    for name in (HELD, WRITE, READ, NOT):
        outcome = ask(lock, state, name)
        assert (outcome == (state, True)) == (name in true), name
        assert isinstance(outcome, Misuse) == (name not in true), name


@pytest.mark.parametrize(
    ("state", "name", "reason"),
    [
        (RwState(), HELD, "me should hold lock, and does not hold it"),
        (RwState(readers=("me",)), NOT, "me should not hold lock, and holds it (read)"),
        (
            RwState(readers=("me",)),
            WRITE,
            "me should be the only one to hold lock, and holds it (read)",
        ),
        (RwState("me"), READ, "me should hold for reading lock, and holds it (write)"),
    ],
)
def test_a_false_assertion_says_who_holds_what(state: RwState, name: str, reason: str) -> None:
    assert ask(RwSem("lock"), state, name) == Misuse(reason)


def test_only_a_lock_can_be_asked() -> None:
    assert not any(hasattr(each, HELD) for each in (Object, Cell))


def test_an_assertion_orders_nothing() -> None:
    """Else who asserts that it does not hold a lock would know what others did under it."""
    assert Mutex.lockdep_assert_not_held.ordering == Order()
    lock, cell = Mutex("lock"), Cell("cell", 0)

    async def write() -> None:
        async with lock.hold():
            await cell.write(1)

    async def peek() -> None:
        await lock.lockdep_assert_not_held()
        await cell.read()

    found = verdict([lock, cell], threads(write, peek), happens_before_race_free())
    assert found is Verdict.FAILS


def size(asserting: str, reduction: str) -> tuple[int, int]:
    """The states and steps of two threads that add under a lock, and one that does something else.

    Those that add assert that they hold the lock: "not", "apart", or "in the block".
    """
    lock, cell, other = Mutex("lock"), Cell("cell", 0), Cell("other", 0)

    async def add() -> None:
        async with lock.hold():
            if asserting == "apart":
                await lock.lockdep_assert_held()
            async with atomic():
                if asserting == "in the block":
                    await lock.lockdep_assert_held()
                await cell.write(1)

    async def bystand() -> None:
        await other.WRITE_ONCE(1)
        await other.WRITE_ONCE(2)

    system = System([lock, cell, other], threads(add, add, bystand), [no_misuse()])
    case = Model("test", "", lambda _: system).case("only", None)
    found = check(case, (), Options(reduction=reduction))
    return found.states, found.transitions


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_in_one_block_with_the_access_an_assertion_costs_nothing(reduction: str) -> None:
    assert size("in the block", reduction) == size("not", reduction)


def test_an_assertion_of_its_own_is_a_step_that_commutes() -> None:
    """It takes no order of its own among the steps of others: one state more a thread at most."""
    assert size("apart", "none") > size("not", "none")
    assert size("apart", "partial-order")[0] <= size("not", "partial-order")[0] + 2


def test_a_false_assertion_fails_as_a_misuse() -> None:
    lock, cell = RwSem("lock"), Cell("cell", 0)

    async def work() -> None:
        async with lock.read():
            await lock.lockdep_assert_held_write()
            await cell.write(1)

    (result,) = report([lock, cell], [Thread("a", work)], [no_misuse()]).results
    assert (result.verdict, result.path) == (Verdict.FAILS, "test:only::no-misuse::a2")

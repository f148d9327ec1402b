"""No guard holds only because another does, and none is found that some value breaks."""

from collections.abc import Callable
from typing import Any

import pytest

from locking import Cell, Mutex, RwSem, Seqlock, Spinlock, System, Thread
from locking.executions import any_values, values
from locking.executions.any_values import AnyValues
from locking.executions.judged import ExecutionSearch
from tests.executions.programs import AllEnds
from tests.executions.test_locked import Program, ends_by_choices, ends_in_turns

x, y = Cell("x", 0), Cell("y", 0)
first, second = Spinlock("first"), Spinlock("second")
mutex, sem, seq = Mutex("mutex"), RwSem("sem"), Seqlock("seq")
outs = [Cell("out0", 0), Cell("out1", 0)]

Body = Callable[[], Any]


def system_of(*bodies: Body) -> System:
    """Threads with these bodies."""
    objects = [x, y, first, second, mutex, sem, seq, *outs]
    return System(objects, [Thread(f"P{at}", body) for at, body in enumerate(bodies)], [])


def program(*bodies: Body) -> Program:
    """Threads with these bodies, whose results are their ends."""
    return lambda: (system_of(*bodies), [each.name for each in outs])


def found(*bodies: Body) -> dict[str, set[str]]:
    """What guards each word that is guarded."""
    search = ExecutionSearch(system_of(*bodies), [])
    locks = [first, second, mutex, sem, seq]
    guards = AnyValues(search.learners, search.initial, locks).guards()
    return {name: set(by) for name, by in guards.items() if by and name in ("x", "y")}


def leaves_the_lock(at: int) -> Body:
    """Stores to the word of the other inside of its lock, but for one value of its own word."""
    word, lock, other, others = ((x, first, y, second), (y, second, x, first))[at]

    async def body() -> None:
        async with lock.hold():
            seen = await word.READ_ONCE()
        if not seen:
            await others.spin_lock()
        await other.WRITE_ONCE(1)
        if not seen:
            await other.WRITE_ONCE(0)
            await others.spin_unlock()
        await outs[at].WRITE_ONCE(seen)

    return body


def believed(_: AnyValues) -> dict[str, frozenset[str]]:
    """What either lock guards as long as the other does."""
    return {"x": frozenset({"first"}), "y": frozenset({"second"})}


def test_two_guards_do_not_hold_because_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = leaves_the_lock(0), leaves_the_lock(1)
    assert found(*threads) == {}
    assert ends_in_turns(program(*threads)) is None
    wrong = ends_by_choices(program(*threads))
    assert any(memory == (1, 1) for memory, _, _ in wrong)
    monkeypatch.setattr(AnyValues, "guards", believed)
    seen = ends_in_turns(program(*threads))
    assert seen is not None and seen < wrong


async def stores_in_section() -> None:
    async with first.hold(), mutex.hold():
        await x.write(1)
    async with mutex.hold():
        await y.write(await x.read())


async def reads_in_section() -> None:
    async with mutex.hold():
        if await x.read() == 7:  # nobody stores 7
            await y.write(3)
    async with seq.write():
        await y.write(await y.read() + 1)


def test_a_lock_guards_what_is_stored_inside_of_it_alone() -> None:
    assert found(stores_in_section, reads_in_section) == {"x": {"first", "mutex"}}
    both = found(stores_in_section, stores_in_section, looks)
    assert both == {"x": {"first", "mutex"}, "y": {"mutex"}}


async def stores_by_try() -> None:
    if await sem.down_write_trylock():
        await x.write(1)
        await sem.downgrade_write()
        await y.write(1)
        await sem.up_read()


async def looks() -> None:
    async with sem.read():
        await x.read()
        await y.read()


async def writes_again() -> None:
    await looks()
    async with sem.write():
        await x.write(2)


def test_who_shares_a_lock_guards_nothing() -> None:
    assert found(stores_by_try, looks) == {"x": {"sem"}}
    assert found(stores_by_try, writes_again) == {}


async def adds() -> None:
    for _ in range(2):
        async with mutex.hold():
            await x.write(await x.read() + 1)


def looks_for(value: int) -> Body:
    """Stores to y outside of the lock for one value of x."""

    async def body() -> None:
        async with mutex.hold():
            seen = await x.read()
        if seen == value:
            await y.WRITE_ONCE(1)
        await y.READ_ONCE()

    return body


async def reads_both() -> None:
    await x.READ_ONCE()
    async with mutex.hold():
        await y.read()
        await y.write(0)


def test_values_are_followed_as_far_as_stores_lead() -> None:
    """Sums of what others add have no end here, but no execution has more stores than these."""
    assert found(adds, adds, looks_for(4), reads_both) == {"x": {"mutex"}}
    assert found(adds, adds, looks_for(20), reads_both) == {"x": {"mutex"}, "y": {"mutex"}}


def test_too_much_to_go_through_guards_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(adds, adds)
    monkeypatch.setattr(any_values, "MOST_STEPS_TRIED", 10)
    assert found(adds, adds) == {}


async def stores_often() -> None:
    for value in (1, 2):
        async with mutex.hold():
            await x.write(value)
    await outs[0].write(0)


async def stores_and_looks() -> None:
    async with mutex.hold():
        await x.write(3)
    async with mutex.hold():
        await outs[1].write(await x.read())


def test_where_guards_do_not_help_all_is_gone_through_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lock that hands over much may have more values than what it guards."""
    monkeypatch.setattr(values, "LARGEST_FREE_TREE", 0)
    monkeypatch.setattr(values, "MOST_WORD_VALUES", 4)
    search = AllEnds(system_of(stores_often, stores_and_looks))
    assert search.go(lambda: None) is None
    assert {each.memory["out1"] for each in search.endings} == {1, 2, 3}

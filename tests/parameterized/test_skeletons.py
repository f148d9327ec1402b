"""Skeletons: what trees exclude for any number of threads, and the systems they say nothing of."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from locking import (
    Cell,
    Model,
    Mutex,
    RwSem,
    RwState,
    Spinlock,
    System,
    Thread,
    atomic,
    data_race_free,
    let_go,
    perform,
    query,
    section,
    step,
    take,
    trylock,
    when,
)
from locking.errors import ModelError, UsageError
from locking.parameterized.proving import prove_any_number
from locking.parameterized.skeletons import (
    SPAN,
    refuse_other_users,
    system_of_skeletons,
    trees_of,
)
from locking.placements.trees import Tree

lock, spin, mutex, x = RwSem("lock"), Spinlock("spin"), Mutex("mutex"), Cell("x", 0)


@step("A")
async def a(_: Any) -> None:
    await x.READ_ONCE()


@step("B")
async def b(_: Any) -> None:
    await x.READ_ONCE()


@query("Q")
async def asks(_: Any) -> bool:
    return bool(await x.READ_ONCE())


def threads_of(**trees: Sequence[Tree]) -> System:
    """A thread for each of some trees."""
    threads = [Thread(name, perform, (tuple(each), None)) for name, each in trees.items()]
    return System([lock, spin, mutex, x], threads, [data_race_free()])


def verdict(system: System, *pair: str) -> str:
    """What is known of two sections of the skeletons of all threads of a system."""
    trees = trees_of(system, [thread.name for thread in system.threads])
    skeletons = system_of_skeletons(trees, [(pair[0], pair[-1])])
    model = Model("mine", "", lambda _: skeletons)
    case = model.case("only", None)
    found = prove_any_number(case, model.build, list(trees)).found[0]
    return f"{found.verdict.value} {found.cutoff or found.threads}"


def test_what_is_under_a_lock_for_writing_is_alone() -> None:
    trees = threads_of(t=[lock.read(a)], u=[lock.write(b)])
    assert verdict(trees, "A", "B") == "holds 2"


@pytest.mark.slow
def test_trees_exclude_what_their_locks_exclude() -> None:
    trees = threads_of(
        t=[lock.read(a), take(lock.write()), let_go(lock.write())], u=[lock.write(b)]
    )
    assert verdict(trees, "A", "B") == "holds 2"
    assert verdict(trees, "B") == "holds 2"
    assert verdict(trees, "A") == "fails 2"
    assert verdict(trees, "lock.write", "A") == "holds 2"
    assert verdict(trees, "lock.write") == "holds 2"


@pytest.mark.slow
def test_a_downgraded_region_is_held_for_reading() -> None:
    trees = threads_of(t=[lock.write(a).downgrade(b)])
    assert verdict(trees, "A", "B") == "holds 2"
    assert verdict(trees, "B") == "holds 2"  # who would downgrade must wait until it has write
    assert verdict(trees, "lock.write", "lock.read") == "holds 2"
    trees = threads_of(t=[lock.write(a).downgrade(b)], u=[lock.read(b)])
    assert verdict(trees, "B") == "fails 2"


@pytest.mark.slow
def test_a_span_lasts_from_one_named_step_to_another() -> None:
    trees = threads_of(t=[lock.write(a), lock.read(b)])
    assert verdict(trees, f"A{SPAN}B", "A") == "fails 2"
    trees = threads_of(t=[lock.write(a, b)])
    assert verdict(trees, f"A{SPAN}B") == "holds 2"
    assert verdict(trees, f"A{SPAN}A", "B") == "holds 2"


@pytest.mark.slow
def test_a_lock_that_can_not_be_had_is_perhaps_of_a_thread_that_is_no_skeleton() -> None:
    trees = threads_of(t=[trylock(mutex.hold(a), otherwise=[b])])
    assert verdict(trees, "A") == "holds 2"
    assert verdict(trees, "B") == "fails 2"


@pytest.mark.slow
def test_what_is_asked_has_a_section_too() -> None:
    trees = threads_of(t=[when(asks, mutex.hold(a), otherwise=[b])])
    assert verdict(trees, "Q", "A") == "fails 2"
    assert verdict(trees, "A") == "holds 2"

    @query("A")
    async def named_like_a_step(_: Any) -> bool:
        return True

    assert verdict(threads_of(t=[when(named_like_a_step, mutex.hold(a))]), "A") == "fails 2"


@pytest.mark.parametrize(
    ("trees", "says"),
    [
        ([lock.write(a), b, lock.write(a)], "twice"),
        ([when(asks, a, otherwise=[b])], "one way or another"),
        ([trylock(mutex.hold(a), otherwise=[b])], "one way or another"),
        ([b, a], "unknown section"),
        ([a], "unknown section"),
    ],
)
def test_a_span_without_one_beginning_and_one_end_is_refused(
    trees: Sequence[Tree], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        verdict(threads_of(t=trees), f"A{SPAN}B", "A")


def test_skeletons_are_of_all_threads_that_perform_trees() -> None:
    system = threads_of(t=[lock.write(a)], u=[a])
    with pytest.raises(UsageError, match="name u as well"):
        trees_of(system, ["t"])
    with pytest.raises(UsageError, match="unknown thread that performs trees 'A'"):
        trees_of(system, ["t", "u", "A"])


def test_threads_with_the_same_trees_have_one_skeleton() -> None:
    trees = (lock.write(a),)
    threads = [Thread(name, perform, (trees, name)) for name in ("t", "u")]
    assert list(trees_of(System([lock, x], threads, [data_race_free()]), ["u"])) == ["u"]


async def wrapped(trees: Sequence[Tree], subject: Any) -> None:
    async with section("outer"):
        await perform(trees, subject)


async def enters_a(*_: Any) -> None:
    async with section("A"):
        await x.READ_ONCE()


def doing(name: str, run: Callable[[], Awaitable[Any]]) -> Any:
    """A named step that does something else."""

    async def does(_: Any) -> None:
        await run()

    return step(name)(does)


async def lets_go() -> None:
    await lock.up_write()
    await lock.down_write()


async def lets_go_in_a_block() -> None:
    async with atomic():
        await lock.up_write()
        await lock.down_write()


async def performs_a() -> None:
    await perform([a], None)


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (lets_go, "up_write(lock) inside of B"),
        (lets_go_in_a_block, "up_write(lock) inside of B"),
        (lock.downgrade_write, "downgrade_write(lock) inside of B"),
        (performs_a, "does A otherwise than by perform"),
        (enters_a, "does A otherwise than by perform"),
    ],
)
def test_a_named_step_that_works_on_the_locks_around_it_is_refused(
    inside: Callable[[], Awaitable[Any]], says: str
) -> None:
    system = threads_of(t=[lock.write(a)], u=[lock.write(doing("B", inside))])
    with pytest.raises(ModelError, match=re.escape(says)):
        refuse_other_users(system, trees_of(system, ["t", "u"]), [])


@pytest.mark.parametrize("program", [wrapped, enters_a])
def test_a_thread_that_does_named_steps_otherwise_is_refused(program: Any) -> None:
    threads = [Thread("t", perform, ((lock.write(a),), None)), Thread("u", program, ([a], None))]
    system = System([lock, x], threads, [data_race_free()])
    with pytest.raises(ModelError, match="u does A otherwise"):
        refuse_other_users(system, trees_of(system, ["t"]), [])


def test_a_query_that_works_on_a_lock_is_refused() -> None:
    @query("ASK")
    async def lets_go_to_ask(_: Any) -> bool:
        await lets_go()
        return True

    system = threads_of(t=[lock.write(when(lets_go_to_ask, a))])
    with pytest.raises(ModelError, match=re.escape("up_write(lock) inside of ASK")):
        refuse_other_users(system, trees_of(system, ["t"]), [])


def test_named_steps_may_assert_the_lock_and_take_others() -> None:
    async def careful() -> None:
        await lock.lockdep_assert_held_write()
        async with spin.hold():
            await x.WRITE_ONCE(1)

    system = threads_of(t=[lock.write(doing("B", careful))])
    looked = refuse_other_users(system, trees_of(system, ["t"]), [])
    assert looked == (7, True, [])


def test_lines_that_are_not_reached_are_told() -> None:
    async def rarely() -> None:
        if await x.READ_ONCE() == 7:
            await lets_go()

    system = threads_of(t=[lock.write(doing("B", rarely))])
    looked = refuse_other_users(system, trees_of(system, ["t"]), [])
    assert [each.line for each in looked.missed] == [rarely.__code__.co_firstlineno + 2]


async def writes_under_the_lock() -> None:
    async with lock.write(), section("lock.write"):
        await x.WRITE_ONCE(1)


def test_a_lock_that_others_have_is_not_asked_for_in_a_mode() -> None:
    performing = [Thread("t", perform, ((lock.write(a),), None))]
    system = System([lock, x], [*performing, Thread("u", writes_under_the_lock)], [])
    trees = trees_of(system, ["t"])
    refuse_other_users(system, trees, [("A", "A")])
    with pytest.raises(ModelError, match=r"u takes down_write.* otherwise than by perform"):
        refuse_other_users(system, trees, [("A", "A"), ("lock.write", "A")])


def test_a_lock_that_is_given_a_start_is_refused() -> None:
    threads = [Thread("t", perform, ((let_go(lock.write()), a), None))]
    system = System([lock, x], threads, [], {lock: RwState(writer="t")})
    with pytest.raises(ModelError, match="lock is given a start"):
        refuse_other_users(system, trees_of(system, ["t"]), [])


@pytest.mark.parametrize("args", [(), ({a: 1}, None)])
def test_threads_that_perform_something_else_than_trees_are_refused(args: Any) -> None:
    threads = [Thread("t", perform, ((a,), None)), Thread("u", perform, args)]
    with pytest.raises(UsageError, match="u performs no list or tuple of trees"):
        trees_of(System([lock, x], threads, []), ["t"])

"""The lock order: every dependency of every run, and each cycle closed by a run or by none."""

from collections.abc import Sequence
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Fairness,
    Model,
    Mutex,
    PercpuRwSem,
    RwSem,
    Spinlock,
    System,
    Thread,
    atomic,
    deadlock_free,
)
from locking.check import check
from locking.properties.explored import Explored
from locking.studies.lock_order import LockOrder
from locking.traces.rerun import rerun
from locking.verdicts import Options

a, b, c, gate = Mutex("a"), Mutex("b"), Mutex("c"), Mutex("gate")
done, cell = Completion("done"), Cell("cell", 0)
OBJECTS = [a, b, c, gate, done, cell]


async def take(*regions: Any) -> None:
    """Hold all, the first one longest."""
    if regions:
        async with regions[0]:
            await take(*regions[1:])


def order_of(
    *programs: Any, objects: Sequence[Any] = OBJECTS, reduction: str = "merge"
) -> tuple[Model, LockOrder]:
    """The lock order of threads, each a program or what it takes."""
    threads = [
        Thread(f"t{at}", take, each) if isinstance(each, tuple) else Thread(f"t{at}", each)
        for at, each in enumerate(programs)
    ]
    model = Model("m", "", lambda _: System(objects, threads, [deadlock_free()]))
    seen: list[Explored] = []
    check(model.case("only", None), options=Options(reduction=reduction), look=seen.append)
    return model, LockOrder(seen[0])


def pairs(order: LockOrder) -> set[tuple[str, str]]:
    """The dependencies, by the names of the locks."""
    return {(each.outer.lock.name, each.inner.lock.name) for each in order.order}


def around(order: LockOrder) -> list[tuple[set[str], bool, tuple[str, ...]]]:
    """The cycles: their locks, whether a run closes them, their guards."""
    return [
        ({each.outer.lock.name for each in cycle.dependencies}, bool(cycle.choices), cycle.guards)
        for cycle in order.cycles
    ]


def holds(*locks: Mutex) -> tuple[Any, ...]:
    """What holds these, in their order."""
    return tuple(each.hold() for each in locks)


@pytest.mark.parametrize("reduction", ["none", "merge", "symmetry", "partial-order", "all"])
def test_abba_is_a_cycle_that_a_run_closes(reduction: str) -> None:
    model, order = order_of(holds(a, b), holds(b, a), reduction=reduction)
    assert pairs(order) == {("a", "b"), ("b", "a")}
    assert around(order) == [({"a", "b"}, True, ())]
    [cycle] = order.cycles
    assert cycle.choices == ((0, 0), (1, 0))
    assert rerun(model.case("only", None), "deadlock-free", cycle.choices)


def test_a_lock_around_both_keeps_the_cycle_open() -> None:
    order = order_of(holds(gate, a, b), holds(gate, b, a))[1]
    assert around(order) == [({"a", "b"}, False, ("gate",))]


def test_a_lock_around_one_of_them_does_not() -> None:
    assert around(order_of(holds(gate, a, b), holds(b, a))[1]) == [({"a", "b"}, True, ())]


def test_readers_of_the_lock_around_both_do_not_keep_each_other_out() -> None:
    around_both = RwSem("around_both")
    objects = [*OBJECTS, around_both]
    read, write = around_both.read(), around_both.write()
    one, other = holds(a, b), holds(b, a)
    assert around(order_of((read, *one), (read, *other), objects=objects)[1])[0][1]
    found = around(order_of((read, *one), (write, *other), objects=objects)[1])
    assert found == [({"a", "b"}, False, ("around_both",))]


def test_one_thread_alone_closes_no_cycle() -> None:
    async def both_ways() -> None:
        await take(*holds(a, b))
        await take(*holds(b, a))

    assert around(order_of(both_ways)[1]) == [({"a", "b"}, False, ())]
    assert around(order_of(both_ways, both_ways)[1]) == [({"a", "b"}, True, ())]


def test_who_goes_both_ways_under_a_lock_is_kept_apart_from_others_by_it() -> None:
    async def both_ways() -> None:
        await take(*holds(gate, a, b))
        await take(*holds(gate, b, a))

    assert around(order_of(both_ways, both_ways)[1]) == [({"a", "b"}, False, ("gate",))]


def test_a_thread_needs_no_lock_to_be_kept_apart_from_itself() -> None:
    async def both_ways() -> None:
        await take(*holds(gate, a, b))
        await take(*holds(c, b, a))

    assert around(order_of(both_ways, holds(c, a, b))[1]) == [({"a", "b"}, False, ("c",))]


def test_a_lock_that_keeps_only_some_apart_is_not_what_keeps_a_cycle_open() -> None:
    async def first() -> None:
        await take(*holds(a, b))
        await done.complete()

    async def then() -> None:
        await done.wait_for_completion()
        await take(*holds(gate, b, a))

    assert around(order_of(first, then, holds(gate, a, b))[1]) == [({"a", "b"}, False, ())]


def test_threads_that_come_one_after_the_other_close_no_cycle_though_no_lock_keeps_them_apart() -> (
    None
):
    async def first() -> None:
        await take(*holds(a, b))
        await done.complete()

    async def then() -> None:
        await done.wait_for_completion()
        await take(*holds(b, a))

    assert around(order_of(first, then)[1]) == [({"a", "b"}, False, ())]


def test_a_cycle_of_three_is_found_and_closed() -> None:
    order = order_of(holds(a, b), holds(b, c), holds(c, a))[1]
    assert around(order) == [({"a", "b", "c"}, True, ())]
    assert len(order.cycles[0].choices or ()) == 3


def test_locks_in_one_order_have_no_cycle() -> None:
    order = order_of(holds(a, b, c), holds(a, c))[1]
    assert pairs(order) == {("a", "b"), ("b", "c"), ("a", "c")}
    assert order.cycles == []


def test_a_trylock_waits_for_nobody() -> None:
    async def tries() -> None:
        async with b.hold():
            if await a.mutex_trylock():
                await a.mutex_unlock()

    order = order_of(holds(a, b), tries)[1]
    assert pairs(order) == {("a", "b")}


def test_a_lock_that_nobody_ever_gets_is_in_the_order_too() -> None:
    async def never_lets_go() -> None:
        await b.mutex_lock()

    order = order_of(holds(a, b), never_lets_go)[1]
    assert ("a", "b") in pairs(order)


def test_a_block_takes_its_locks_in_its_order_though_no_state_shows_it() -> None:
    async def block() -> None:
        async with a.hold(), atomic(), b.hold(), c.hold():
            await cell.write(1)

    order = order_of(block, block)[1]
    assert pairs(order) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_block_that_first_has_to_wait_is_in_the_order_once_it_is_taken() -> None:
    async def block() -> None:
        async with gate.hold(), atomic(), a.hold(), b.hold():
            await cell.write(1)

    order = order_of(holds(a), block)[1]
    assert pairs(order) == {("gate", "a"), ("gate", "b"), ("a", "b")}


def test_a_block_that_is_never_taken_waits_under_what_was_held_before_it() -> None:
    async def block() -> None:
        async with gate.hold(), atomic(), a.hold(), b.hold():
            await cell.write(1)

    async def keeps() -> None:
        await b.mutex_lock()
        await done.complete()

    async def waits() -> None:
        await done.wait_for_completion()
        await block()

    assert pairs(order_of(waits, keeps)[1]) == {("gate", "b")}


def test_what_a_block_takes_may_depend_on_what_it_reads() -> None:
    async def block() -> None:
        async with gate.hold(), atomic():
            if await cell.read():
                async with a.hold(), b.hold():
                    pass

    async def write() -> None:
        await cell.write(1)

    order = order_of(block, write)[1]
    assert pairs(order) == {("gate", "a"), ("gate", "b"), ("a", "b")}


def test_a_block_holds_none_of_its_locks_while_it_waits() -> None:
    async def block() -> None:
        async with atomic(), a.hold(), b.hold():
            await cell.write(1)

    assert around(order_of(block, holds(b, a))[1]) == [({"a", "b"}, False, ())]


def test_a_read_under_a_read_is_a_cycle_if_a_writer_keeps_readers_out() -> None:
    for fairness, found in (
        (Fairness.READER_PREFERRING, []),
        (Fairness.WRITER_BLOCKS_READERS, [({"rw"}, True, ())]),
    ):
        rw = RwSem("rw", fairness)
        order = order_of((rw.read(), rw.read()), (rw.write(),), objects=[rw])[1]
        assert around(order) == found


def test_readers_close_a_cycle_only_with_a_writer_between_them() -> None:
    cpus, memory = PercpuRwSem("cpus"), PercpuRwSem("memory")
    two = [(memory.write(), cpus.read()), (cpus.read(), memory.read())]
    objects = [cpus, memory]
    assert around(order_of(*two, objects=objects)[1]) == [({"cpus", "memory"}, False, ())]
    third = (cpus.write(),)
    assert around(order_of(*two, third, objects=objects)[1]) == [({"cpus", "memory"}, True, ())]


def test_modes_are_told_apart() -> None:
    rw, lock = RwSem("rw"), Spinlock("lock")
    order = order_of((rw.read(), lock.hold()), (rw.write(), lock.hold()), objects=[rw, lock])[1]
    assert {each.outer.mode for each in order.order} == {"read", "write"}

"""Which orderings are needed: what is weakened fails, the redundant are named, repairs repair."""

from typing import Any

import pytest

from locking import (
    Cell,
    System,
    Thread,
    Verdict,
    at_end,
    data_race_free,
    deadlock_free,
    procedure,
    require,
    required,
    retry,
    smp_mb,
    smp_wmb,
)
from locking.catalogue import model
from locking.executions.judged import judge_executions
from locking.executions.orderings import Stronger, Weaker, change_of
from locking.models.classics import mcs_lock
from locking.scope import LKMM, MEMORY
from locking.studies.barriers import BarrierStudy, barrier_study

x, flag, total = Cell("x", 0), Cell("flag", 0), Cell("total", 0)


async def sends_twice_ordered() -> None:
    await x.WRITE_ONCE(1)
    await smp_wmb()
    await flag.smp_store_release(1)


async def sends_loosely() -> None:
    await x.WRITE_ONCE(1)
    await flag.WRITE_ONCE(1)


async def receives() -> None:
    if await flag.smp_load_acquire():
        require(await x.READ_ONCE() == 1, "seen")


async def receives_loosely() -> None:
    if await flag.READ_ONCE():
        require(await x.READ_ONCE() == 1, "seen")


def study(*codes: Any) -> BarrierStudy:
    """The study of threads that run these codes."""
    threads = [Thread(f"t{at}", code) for at, code in enumerate(codes)]
    system = System([x, flag, total], threads, [required("seen")]).with_fences()
    return barrier_study(system, system.properties, lambda: None)


def test_of_two_orderings_that_stand_in_for_each_other_each_is_redundant_alone() -> None:
    found = study(sends_twice_ordered, receives)
    uses = {(each.ordering.name, each.ordering.change): each.needed for each in found.uses}
    assert not uses["smp_wmb", Weaker.FENCE]
    assert not uses["smp_store_release", Weaker.RELEASE]
    assert uses["smp_load_acquire", Weaker.ACQUIRE]
    instead = {each.ordering.name: [other.name for other in each.instead] for each in found.uses}
    assert instead["smp_wmb"] == ["smp_store_release"]
    assert instead["smp_store_release"] == ["smp_wmb"]
    assert instead["smp_load_acquire"] == []


async def receives_what_is_never_sent() -> None:
    if await flag.smp_load_acquire() == 1:
        require(await x.READ_ONCE() == 1, "seen")
        if await x.READ_ONCE() == 0:
            await total.smp_store_release(1)


def test_an_ordering_that_no_execution_comes_by_is_not_called_redundant() -> None:
    found = study(sends_twice_ordered, receives_what_is_never_sent)
    assert found.base.verdicts[0].verdict is Verdict.HOLDS
    passed = {(each.ordering.call, each.ordering.change): each.passed for each in found.uses}
    assert not passed["smp_store_release(total)", Weaker.RELEASE]
    assert passed["smp_store_release(flag)", Weaker.RELEASE]


def test_the_cheapest_repair_is_found_and_repairs() -> None:
    found = study(sends_loosely, receives_loosely)
    assert {each.cost for each in found.repairs} == {2}
    changes = {frozenset(order.change for order in each.orderings) for each in found.repairs}
    assert changes == {frozenset({Stronger.ACQUIRE, Stronger.RELEASE})}


@pytest.mark.parametrize(
    ("name", "scenario", "change", "call"),
    [
        ("rcuwait_wake_up", "only", Stronger.BEFORE, "READ_ONCE(rcuwait.task)"),
        ("rwsem_read_slowpath", "queue-empty", Stronger.ACQUIRE, "atomic_read(count)"),
        ("rwsem_read_slowpath", "sleep-loop", Stronger.ACQUIRE, "READ_ONCE(waiter.task)"),
        ("rwsem_wake", "only", Stronger.ACQUIRE, "atomic_sub_return_release(count)"),
    ],
)
def test_a_bug_of_linux_is_repaired_where_the_kernel_repaired_it(
    name: str, scenario: str, change: Stronger, call: str
) -> None:
    case = model(f"weak_memory.{name}", {}).case(scenario, None, {MEMORY: LKMM})
    system = case.build()
    [repair] = barrier_study(system, system.properties, lambda: None).repairs
    assert [(each.change, each.call) for each in repair.orderings] == [(change, call)]


async def adds() -> None:
    await mcs_lock.lock()
    await total.write(await total.read() + 1)
    await mcs_lock.unlock(waits_for_link=True)


@pytest.mark.slow
def test_each_ordering_of_an_mcs_lock_is_found_needed_or_redundant() -> None:
    threads = [Thread(name, adds) for name in mcs_lock.NAMES[:2]]
    words = [mcs_lock.tail, mcs_lock.behind, mcs_lock.waits, total]
    properties = [at_end("both", lambda s: s[total] == 2), data_race_free(), deadlock_free()]
    system = System(words, threads, properties).with_fences()
    found = barrier_study(system, properties, lambda: None)
    assert {each.verdict for each in found.base.verdicts} == {Verdict.HOLDS}
    needed = {(each.ordering.name, each.ordering.change) for each in found.uses if each.needed}
    assert ("smp_store_release", Weaker.RELEASE) in needed
    assert ("smp_load_acquire", Weaker.ACQUIRE) in needed


def test_a_barrier_that_is_left_out_is_left_out() -> None:
    async def stores_and_looks(mine: Cell, other: Cell) -> None:
        await mine.WRITE_ONCE(1)
        await smp_mb()
        if not await other.READ_ONCE():
            await total.xchg_relaxed(await total.READ_ONCE() + 1)

    threads = [Thread("a", stores_and_looks, (x, flag)), Thread("b", stores_and_looks, (flag, x))]
    one = at_end("one-sees", lambda s: s[total] < 2)
    system = System([x, flag, total], threads, [one]).with_fences()
    found = barrier_study(system, [one], lambda: None)
    [fence] = [each for each in found.uses if each.ordering.change is Weaker.FENCE]
    assert [each.property.name for each in fence.breaks] == ["one-sees"]
    again = judge_executions(system, [one], lambda: None, change_of([fence.ordering]))
    assert again.verdicts[0].verdict is Verdict.FAILS


async def stores_in_both_branches() -> None:
    seen = await x.READ_ONCE()
    if seen:
        await flag.smp_store_release(1)
    else:
        await flag.WRITE_ONCE(1)
    require(seen == 0, "seen")


async def stores_back() -> None:
    if await flag.READ_ONCE():
        await x.WRITE_ONCE(1)


def test_without_its_mark_a_store_of_both_branches_depends_on_nothing() -> None:
    found = study(stores_in_both_branches, stores_back)
    uses = {each.ordering.name: each.needed for each in found.uses}
    assert uses["smp_store_release"]


@procedure
async def attempt_that_writes() -> int | None:
    await total.WRITE_ONCE(1)
    return await flag.smp_load_acquire() or None


async def receives_in_rounds() -> None:
    await retry(attempt_that_writes)
    require(await x.READ_ONCE() == 1, "seen")


def test_nothing_is_redundant_where_nothing_is_known() -> None:
    found = study(sends_twice_ordered, receives_in_rounds)
    assert found.base.cause
    assert found.uses
    assert all(each.needed or each.unknown for each in found.uses)

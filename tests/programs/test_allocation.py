"""Memory with a lifetime: what is touched after it was freed is found by the harness."""

import pytest

from locking import (
    FREED,
    AllocatedCell,
    Allocation,
    Misuse,
    Mutex,
    Record,
    Refcount,
    System,
    Thread,
    Verdict,
    data_race_free,
    happens_before_race_free,
    no_misuse,
    require,
    required,
    wait_until,
)
from locking.errors import ModelError
from locking.objects.memory import Cell
from locking.objects.operation import calls_of
from tests.explore.compare import checked
from tests.systems import ask, threads

cell = AllocatedCell("cell", 0)
CALLS = [*calls_of(Cell)]


def failing(system: System) -> set[str]:
    return {e.claim.name for e in checked(system).results if e.verdict is Verdict.FAILS}


@pytest.mark.parametrize("call", CALLS)
def test_every_access_to_freed_memory_is_a_misuse(call):
    given = range(cell.call(call).arity)
    assert not isinstance(ask(cell, 0, call, "me", *given), Misuse)
    reason = f"use after free: me does {call} on cell, which is freed"
    assert ask(cell, FREED, call, "me", *given) == Misuse(reason)


def test_it_is_freed_once_and_allocated_once():
    assert ask(cell, 5, "kfree") == (FREED, None)
    reason = "double free: me frees cell, which is freed already"
    assert ask(cell, FREED, "kfree") == Misuse(reason)
    assert ask(cell, FREED, "kmalloc") == (0, None)
    assert ask(cell, 5, "kmalloc") == Misuse("me allocates cell, which is allocated already")
    assert (cell.show(FREED), cell.show(5)) == ("freed", "5")


def test_an_allocation_is_a_record_and_is_freed_in_one_step():
    node = Allocation("node", value=1, next=None)
    assert isinstance(node, Record)

    async def free():
        await node.kfree()
        await node.kmalloc()
        require(await node.value.read() == 1, "again")

    system = System([node], [Thread("a", free)], [required("again"), no_misuse()])
    report = checked(system)
    assert {each.verdict for each in report.results} == {Verdict.HOLDS}
    assert report.states == 4


def test_an_allocation_has_a_field_and_none_is_called_like_a_part_of_it():
    with pytest.raises(ModelError, match="has no field"):
        Allocation("node")
    with pytest.raises(ModelError, match="a field can't be called 'kfree'"):
        Allocation("node", kfree=1)


def test_who_waits_for_freed_memory_touches_it():
    node = Allocation("node", value=0)

    async def wait():
        await wait_until(lambda value: value, node.value)

    assert failing(System([node], threads(node.kfree, wait), [no_misuse()])) == {"no-misuse"}


def test_the_last_reference_frees_it_and_a_lock_orders_it():
    node, count, lock = Allocation("node", value=0), Refcount("count", 2), Mutex("lock")

    async def put():
        async with lock.hold():
            await node.value.write(1)
        if await count.refcount_dec_and_test():
            await node.kfree()

    properties = [no_misuse(), data_race_free(), happens_before_race_free()]
    assert failing(System([node, count, lock], threads(put, put), properties)) == set()


def test_one_put_too_many_frees_it_under_a_user():
    node, count = Allocation("node", value=0), Refcount("count", 2)

    async def put():
        if await count.refcount_dec_and_test():
            await node.kfree()

    async def use():
        await node.value.read()
        await put()

    found = failing(System([node, count], threads(use, put, put), [no_misuse()]))
    assert found == {"no-misuse"}

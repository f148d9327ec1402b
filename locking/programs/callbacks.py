"""The threads that run what `call_rcu` has queued, and free what `kfree_rcu` has."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Never

from locking.errors import ModelError
from locking.objects.operation import Operation, Site
from locking.objects.rcu import Rcu, Srcu
from locking.programs.allocation import Allocation
from locking.programs.constructs import forever
from locking.programs.frames import unwrapped


async def run_callbacks(domain: Rcu | Srcu, function: Callable[[Any], Awaitable[object]]) -> Never:
    """Never returns: awaits `function(what)` for all that `call_rcu(what)` queues, when it is due.

    `Thread("softirq", run_callbacks, (rcu, free), daemon=True)` stands for the softirq of one
    processor (rcu_do_batch() in kernel/rcu/tree.c): of callbacks that are due it runs first what
    was queued first. Two such threads run them in any order, as two processors do.
    """
    await forever(run_one, domain, function)


async def run_one(domain: Rcu | Srcu, function: Callable[[Any], Awaitable[object]]) -> None:
    """Run one callback, once it is due; its steps are shown at the line of `function`.

    Errors: `ModelError` where that is no function.
    """
    code = getattr(unwrapped(function), "__code__", None)
    if code is None:
        raise ModelError(f"run_callbacks got {function!r}; write an `async def` of one argument")
    site = Site(code.co_filename, code.co_firstlineno)
    await function(await replace(domain.begin_callback(), site=site))
    await replace(domain.end_callback(), site=site)


def kfree_rcu(domain: Rcu, allocation: Allocation) -> Operation:
    """The step that queues an allocation, which `kfree_rcu_work` frees after a grace period.

    Kernel: kfree_rcu(), include/linux/rcupdate.h; kernel/rcu/tree.c, 5.15. It never waits, and no
    `rcu_barrier` waits for the memory to be freed. Left out: the batches, which make it later, and
    kvfree_rcu_barrier() of 6.12, which waits for it.

    Errors: `ModelError` for what is no `Rcu`, or no `Allocation`.
    """
    if not isinstance(domain, Rcu) or not isinstance(allocation, Allocation):
        raise ModelError(
            f"kfree_rcu({domain!r}, {allocation!r}): write an Rcu first, then an Allocation"
        )
    made: Operation = domain.defer_free(allocation.name)
    return made


async def kfree_rcu_work(domain: Rcu, *allocations: Allocation) -> Never:
    """Never returns: frees those of `allocations` that `kfree_rcu` queues, when they are due.

    `Thread("kfree", kfree_rcu_work, (rcu, node), daemon=True)` stands for the kernel's work of that
    name. Without it nothing is ever freed.
    """
    await forever(free_one, domain, {each.name: each for each in allocations})


async def free_one(domain: Rcu, allocations: Mapping[str, Allocation]) -> None:
    """Free one allocation, once it is due. Errors: `ModelError` for one that is none of these."""
    name = await domain.begin_free()
    if name not in allocations:
        raise ModelError(
            f"kfree_rcu_work does not know {name!r}; write the allocation after the domain"
        )
    await allocations[name].kfree()
    await domain.end_callback()

"""The thread that runs what `call_rcu` has queued."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Never

from locking.errors import ModelError
from locking.objects.operation import Site
from locking.objects.rcu import Rcu, Srcu
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

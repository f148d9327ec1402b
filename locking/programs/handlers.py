"""Interrupts: handlers that run on the processor of others, and how threads keep them off.

A handler is a thread whose first step is its arrival, `irq_enter(cpu)`, and whose last is
`irq_exit(cpu)`. In between nothing that it has interrupted moves.

Kernel: spin_lock_irqsave() and its relatives, include/linux/spinlock.h; _raw_spin_lock_bh(),
include/linux/spinlock_api_smp.h; 6.12. Each is two steps here as there: interrupts are off before
the lock is spun for, and on again after it is free.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from locking.errors import ModelError
from locking.objects.exclusive import Spinlock
from locking.objects.observed import observed
from locking.objects.operation import Operation, Site
from locking.objects.processor import Context, Processor
from locking.programs.constructs import CancelledError
from locking.programs.frames import unwrapped
from locking.programs.thread import Program, Thread

ARRIVALS = frozenset({"irq_enter", "softirq_entry", "nmi_enter"})
"""The operations of a processor by which a handler comes."""


class Handler(Thread):
    """A thread that comes as an interrupt: made by `hardirq`, `softirq` or `nmi`."""

    def __init__(
        self,
        name: str,
        program: Program,
        processor: Processor,
        args: tuple[Any, ...],
        context: Context,
        *,
        daemon: bool,
    ) -> None:
        Thread(name, program, args, processor=processor)  # which refuses what can't be run
        if processor is None:
            raise ModelError(f"handler {name} runs on None; write `{name!r}, program, cpu`")
        given = (processor, context, program, *args)
        super().__init__(name, run_handler, given, daemon, processor=processor)


async def run_handler(processor: Processor, context: Context, program: Program, *args: Any) -> None:
    """Come, run `program(*args)` and return; the first and last step are shown where it is."""
    code = getattr(unwrapped(program), "__code__", None)
    site = Site(code.co_filename, code.co_firstlineno) if code else None
    arrive, leave = {
        Context.SOFTIRQ: (processor.softirq_entry, processor.softirq_exit),
        Context.HARDIRQ: (processor.irq_enter, processor.irq_exit),
        Context.NMI: (processor.nmi_enter, processor.nmi_exit),
    }[context]
    await replace(arrive(), site=site)
    with suppress(CancelledError):
        await program(*args)
    await replace(leave(), site=site)


def hardirq(
    name: str,
    program: Program,
    processor: Processor,
    args: tuple[Any, ...] = (),
    *,
    daemon: bool = False,
) -> Handler:
    """A hardware interrupt on `processor`, which runs `program(*args)` with interrupts off.

    It comes once, at any time when interrupts are on there; a `daemon` may also not come.

    Errors: `ModelError` for what can't be a thread, or is no processor.
    """
    return Handler(name, program, processor, args, Context.HARDIRQ, daemon=daemon)


def softirq(
    name: str,
    program: Program,
    processor: Processor,
    args: tuple[Any, ...] = (),
    *,
    daemon: bool = False,
) -> Handler:
    """A softirq on `processor`, which runs `program(*args)`: a tasklet, a timer, a network poll.

    It comes once, at any time when softirqs and interrupts are on there and no other handler runs;
    hardware interrupts interrupt it. A `daemon` may also not come.

    Errors: `ModelError` for what can't be a thread, or is no processor.
    """
    return Handler(name, program, processor, args, Context.SOFTIRQ, daemon=daemon)


def nmi(
    name: str,
    program: Program,
    processor: Processor,
    args: tuple[Any, ...] = (),
    *,
    daemon: bool = False,
) -> Handler:
    """An interrupt on `processor` that nothing keeps off, but another of its kind that runs there.

    It comes once, and runs `program(*args)`. A `daemon` may also not come.

    Errors: `ModelError` for what can't be a thread, or is no processor.
    """
    return Handler(name, program, processor, args, Context.NMI, daemon=daemon)


def on_this_processor(asked: str, *args: bool) -> Operation:
    """Operation `asked` of the processor of the thread whose code calls this.

    Errors: `ModelError` outside of a thread, and for one that runs on no processor.
    """
    thread = observed.current
    if thread is None:
        raise ModelError(f"{asked}() is called outside of a thread; call it in a thread's program")
    if thread.processor is None:
        raise ModelError(
            f"{asked}() is called by {thread.name}, which runs on no processor; "
            f"write `Thread({thread.name!r}, ..., processor=cpu)`"
        )
    made: Operation = getattr(thread.processor, asked)(*args)
    return made


def local_irq_disable() -> Operation:
    """The step that keeps interrupts off the thread's processor. Errors: `ModelError`."""
    return on_this_processor("local_irq_disable")


def local_irq_enable() -> Operation:
    """The step that lets interrupts in, however often they were kept off. Errors: `ModelError`."""
    return on_this_processor("local_irq_enable")


def local_irq_save() -> Operation:
    """The step that keeps interrupts off; it returns whether they were on. Errors: `ModelError`."""
    return on_this_processor("local_irq_save")


def local_irq_restore(flags: bool) -> Operation:
    """The step that lets interrupts in, if `flags` says that they were on. Errors: `ModelError`."""
    return on_this_processor("local_irq_restore", flags)


def local_bh_disable() -> Operation:
    """The step that keeps softirqs off the thread's processor. Errors: `ModelError`."""
    return on_this_processor("local_bh_disable")


def local_bh_enable() -> Operation:
    """The step that lets softirqs in, the last time that it is due. Errors: `ModelError`."""
    return on_this_processor("local_bh_enable")


def preempt_disable() -> Operation:
    """The step that keeps other tasks off the thread's processor. Errors: `ModelError`."""
    return on_this_processor("preempt_disable")


def preempt_enable() -> Operation:
    """The step that lets other tasks in, the last time that it is due. Errors: `ModelError`."""
    return on_this_processor("preempt_enable")


async def spin_lock_irqsave(lock: Spinlock) -> bool:
    """Keep interrupts off, then take `lock`; what comes back says whether they were on."""
    flags: bool = await local_irq_save()
    await lock.spin_lock()
    return flags


async def spin_unlock_irqrestore(lock: Spinlock, flags: bool) -> None:
    """Let `lock` go, then interrupts in if `flags` says that they were on."""
    await lock.spin_unlock()
    await local_irq_restore(flags)


async def spin_lock_irq(lock: Spinlock) -> None:
    """Keep interrupts off, then take `lock`."""
    await local_irq_disable()
    await lock.spin_lock()


async def spin_unlock_irq(lock: Spinlock) -> None:
    """Let `lock` go, then interrupts in, whether or not they were on before."""
    await lock.spin_unlock()
    await local_irq_enable()


async def spin_lock_bh(lock: Spinlock) -> None:
    """Keep softirqs off, then take `lock`."""
    await local_bh_disable()
    await lock.spin_lock()


async def spin_unlock_bh(lock: Spinlock) -> None:
    """Let `lock` go, then softirqs in."""
    await lock.spin_unlock()
    await local_bh_enable()

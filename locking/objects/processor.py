"""A processor: which handlers are under way on it, and what its tasks have kept off.

Kernel: local_irq_save(), include/linux/irqflags.h; __local_bh_disable_ip(), kernel/softirq.c;
preempt_disable(), include/linux/preempt.h; irq_enter() and irq_exit(), kernel/softirq.c;
nmi_enter(), include/linux/hardirq.h; 6.12. Left out: who raised an interrupt (it may come whenever
it is let in, which covers every time), masks of single lines, threaded handlers and PREEMPT_RT.

Which threads of a processor may move is decided by `locking/explore/scheduled.py`.
"""

from collections.abc import Hashable
from enum import Enum
from typing import Any, NamedTuple

from locking.objects.operation import WAIT, Holding, Misuse, Object, Outcome, operation
from locking.objects.waiting import spins


class Context(Enum):
    """What code runs as, from the least urgent to the most."""

    TASK = "task"
    SOFTIRQ = "softirq"
    HARDIRQ = "hardirq"
    NMI = "NMI"


class Frame(NamedTuple):
    """What runs on a processor above what was interrupted, and what it has kept off.

    `thread` is None for the tasks, unless one of them can't be preempted. `spinning` is whether it
    already keeps preemption off for a spinlock that it does not have yet.
    """

    thread: str | None = None
    context: Context = Context.TASK
    irqs_off: bool = False
    bh_off: int = 0
    preempt_off: int = 0
    spinning: bool = False

    @property
    def atomic(self) -> bool:
        """Whether what runs here must not sleep."""
        return self.context is not Context.TASK or self.kept_off

    @property
    def kept_off(self) -> bool:
        """Whether anything is kept off: then no task takes the place of this one."""
        return bool(self.irqs_off or self.bh_off or self.preempt_off or self.spinning)

    def with_task(self, me: str) -> "Frame":
        """The frame, with the task in it that can't be preempted, if it is one of tasks."""
        if self.context is not Context.TASK:
            return self
        return self._replace(thread=me if self.kept_off else None)

    def in_words(self) -> list[str]:
        """What is kept off."""
        off = {
            "interrupts": self.irqs_off and self.context in (Context.TASK, Context.SOFTIRQ),
            "softirqs": self.bh_off,
            "preemption": self.preempt_off or self.spinning,
        }
        return [f"{what} off" for what, count in off.items() if count]


def arrived(me: str, context: Context) -> Frame:
    """The frame of a handler that has just come: a hardware interrupt keeps others off."""
    return Frame(me, context, irqs_off=context is not Context.SOFTIRQ)


Frames = tuple[Frame, ...]
"""The tasks first, then the handlers that have begun and not ended, the innermost last."""


class Processor(Object):
    """State: a `Frame` for the tasks, and one for each handler under way."""

    waiting_in = spins("irq_enter", "softirq_entry", "nmi_enter", "run")

    def __init__(self, name: str) -> None:
        super().__init__(name, (Frame(),))

    def lets_in(self, frames: Frames, context: Context) -> bool:
        """Whether a handler may come now: nothing that it can't interrupt runs or keeps it off."""
        under_way = {frame.context for frame in frames[1:]}
        top = frames[-1]
        if Context.NMI in under_way:
            return False
        if context is Context.NMI:
            return True
        if context is Context.HARDIRQ:
            return not top.irqs_off
        return not (under_way or top.irqs_off or top.bh_off)

    def enter(self, frames: Frames, me: str, context: Context) -> Outcome:
        """Interrupt what runs, or wait until that is possible."""
        if not self.lets_in(frames, context):
            return WAIT
        return (*frames, arrived(me, context)), None

    def exit(self, frames: Frames, me: str, context: Context) -> Outcome:
        """Give the processor back to what was interrupted; all must be as it was on the way in."""
        if frames[-1] != arrived(me, context):
            left = ", ".join(frames[-1].in_words()) or "interrupts on"
            return Misuse(f"{me} returns to what it interrupted on {self.name} with {left}")
        return frames[:-1], None

    @operation
    def irq_enter(self, frames: Frames, me: str) -> Outcome:
        """The first step of a handler of a hardware interrupt."""
        return self.enter(frames, me, Context.HARDIRQ)

    @operation
    def irq_exit(self, frames: Frames, me: str) -> Outcome:
        """The last step of a handler of a hardware interrupt."""
        return self.exit(frames, me, Context.HARDIRQ)

    @operation
    def softirq_entry(self, frames: Frames, me: str) -> Outcome:
        """The first step of a softirq."""
        return self.enter(frames, me, Context.SOFTIRQ)

    @operation
    def softirq_exit(self, frames: Frames, me: str) -> Outcome:
        """The last step of a softirq."""
        return self.exit(frames, me, Context.SOFTIRQ)

    @operation
    def nmi_enter(self, frames: Frames, me: str) -> Outcome:
        """The first step of a handler that nothing keeps off but one of its own kind."""
        return self.enter(frames, me, Context.NMI)

    @operation
    def nmi_exit(self, frames: Frames, me: str) -> Outcome:
        """The last step of a handler that nothing keeps off."""
        return self.exit(frames, me, Context.NMI)

    @operation
    def local_irq_disable(self, frames: Frames, me: str) -> Outcome:
        """Keep hardware interrupts off, and with them softirqs and other tasks."""
        return self.changed(frames, me, irqs_off=True), None

    @operation
    def local_irq_enable(self, frames: Frames, me: str) -> Outcome:
        """Let hardware interrupts in, whoever has kept them off and how often."""
        return self.changed(frames, me, irqs_off=False), None

    @operation
    def local_irq_save(self, frames: Frames, me: str) -> Outcome:
        """Keep hardware interrupts off; what comes back says whether they were on."""
        return self.changed(frames, me, irqs_off=True), not frames[-1].irqs_off

    @operation
    def local_irq_restore(self, frames: Frames, me: str, flags: Hashable) -> Outcome:
        """Let hardware interrupts in if they were on at the `local_irq_save` that returned `flags`.

        A misuse of what no `local_irq_save` returns.
        """
        if not isinstance(flags, bool):
            return Misuse(f"{me} restores {flags!r}, which is not what local_irq_save() returned")
        return self.changed(frames, me, irqs_off=not flags), None

    @operation
    def local_bh_disable(self, frames: Frames, me: str) -> Outcome:
        """Keep softirqs off, and with them other tasks; a misuse in a hardware interrupt."""
        if frames[-1].context in (Context.HARDIRQ, Context.NMI):
            return Misuse(f"{me} keeps softirqs off in a hardware interrupt")
        return self.changed(frames, me, bh_off=frames[-1].bh_off + 1), None

    @operation
    def local_bh_enable(self, frames: Frames, me: str) -> Outcome:
        """Let softirqs in once this was done as often as `local_bh_disable`.

        A misuse where it was done more often, and with hardware interrupts off.
        """
        if not frames[-1].bh_off:
            return Misuse(f"{me} lets softirqs in, which it does not keep off")
        if frames[-1].irqs_off:
            return Misuse(f"{me} lets softirqs in while it keeps hardware interrupts off")
        return self.changed(frames, me, bh_off=frames[-1].bh_off - 1), None

    @operation
    def preempt_disable(self, frames: Frames, me: str) -> Outcome:
        """Keep other tasks of the processor off."""
        return self.changed(frames, me, preempt_off=frames[-1].preempt_off + 1), None

    @operation
    def preempt_enable(self, frames: Frames, me: str) -> Outcome:
        """Let other tasks in once this was done as often as `preempt_disable`, else a misuse."""
        if not frames[-1].preempt_off:
            return Misuse(f"{me} lets other tasks in, which it does not keep off")
        return self.changed(frames, me, preempt_off=frames[-1].preempt_off - 1), None

    @operation
    def run(self, frames: Frames, me: str) -> Outcome:
        """Go on: what a thread waits for while others have its processor. No program awaits it."""
        return (frames, None) if self.may_run(frames, me) else WAIT

    def may_run(self, frames: Frames, me: str) -> bool:
        """Whether nothing else runs: `me` began last, or is a task and may take another's place."""
        return frames[-1].thread in (me, None)

    def changed(self, frames: Frames, me: str, **to: Any) -> Frames:
        """The frames once the topmost, in which `me` runs, is another."""
        return (*frames[:-1], frames[-1]._replace(**to).with_task(me))

    def holders(self, frames: Frames) -> tuple[Holding, ...]:
        """The task that can't be preempted, and the handlers under way."""
        return tuple(
            Holding(frame.thread, ", ".join(frame.in_words()) or frame.context.value)
            for frame in frames
            if frame.thread is not None
        )

    def show(self, frames: Frames) -> str:
        """Who runs, as far as that is fixed: the innermost handler, then what it interrupted."""
        rows = [
            " ".join(filter(None, (frame.thread or "tasks", kind(frame), off(frame))))
            for frame in frames
        ]
        return ", above ".join(reversed(rows))


def kind(frame: Frame) -> str:
    """What a handler is, in brackets; nothing for tasks."""
    return f"({frame.context.value})" if frame.context is not Context.TASK else ""


def off(frame: Frame) -> str:
    """What is kept off, as text."""
    return f"with {', '.join(frame.in_words())}" if frame.in_words() else ""

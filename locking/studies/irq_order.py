"""Locks that handlers take and that others hold while handlers may come: interrupt contexts.

Kernel: kernel/locking/lockdep.c, mark_lock_irq(), check_irq_usage(), v6.12;
Documentation/locking/lockdep-design.rst. A lock that is taken in a handler is *safe* there only if
nobody holds it while such a handler may come. And a lock that a handler takes must not come before
one that somebody holds while such handlers may come: the holder is interrupted, the handler spins
for the first lock, and who has that waits for the second.

Here every run is known, so each of these is either closed by a run, or by none.

Differs: a thread on no processor can't be interrupted, so what it holds is not held with handlers
let in. Left out: that lockdep has a class, not a lock.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from locking.explore.graph import Choice, shortest
from locking.explore.product import State
from locking.objects.lockdep import SHARED
from locking.objects.operation import Operation, Site
from locking.objects.processor import Context, Frame, Processor
from locking.programs.handlers import Handler
from locking.properties.deadlock import DeadlockFree, Waits, waits_for
from locking.studies.lock_order import (
    Dependency,
    HeldLock,
    LockOrder,
    an_order_of,
    comes_after,
    lock_wanted,
)

HANDLERS = (Context.HARDIRQ, Context.SOFTIRQ, Context.NMI)
"""The contexts of handlers."""


class Usage(NamedTuple):
    """A thread holds or takes a lock, in a handler of `context` or with such handlers let in."""

    held: HeldLock
    context: Context
    in_handler: bool

    @property
    def mark(self) -> str:
        """A usage as lockdep names it: `HARDIRQ-ON-W` is held, for writing, with them let in."""
        mode = "R" if self.held.mode in SHARED else "W"
        kind = self.context.name
        return f"IN-{kind}-{mode}" if self.in_handler else f"{kind}-ON-{mode}"


class UsedAt(NamedTuple):
    """Where a usage was first seen: the thread, its processor, and the line."""

    thread: str
    processor: str
    site: Site


class Inversion(NamedTuple):
    """`safe` is taken in a handler, `unsafe` is held while such handlers may come.

    `chain` leads from the one lock to the other, and is empty where they are one. `choices` are the
    shortest run to where the two wait for each other, if there is one. `together` is whether any
    handler that takes the one comes on the processor of somebody who holds the other.
    """

    safe: Usage
    unsafe: Usage
    chain: tuple[Dependency, ...]
    choices: tuple[Choice, ...] | None
    together: bool


class IrqOrder:
    """How the locks of what was explored are used in handlers, and against them."""

    def __init__(self, order: LockOrder) -> None:
        self.order = order
        self.product, self.graph = order.product, order.graph
        self.usages: dict[Usage, list[UsedAt]] = {}
        on_processors = [
            at for at, thread in enumerate(self.product.threads) if thread.processor is not None
        ]
        for state in self.graph.states if on_processors else ():
            for thread in on_processors:
                self.look(state, thread)

    def look(self, state: State, thread: int) -> None:
        """Note how a thread uses the locks that it holds in a state, and the one that it takes."""
        who, position = self.order.names[thread], self.product.position(thread, state)
        frame = self.frame(thread, state)
        if frame is None:
            return
        locks = set(self.order.held_by(thread, state))
        step = position.next
        wanted = lock_wanted(who, step) if isinstance(step, Operation) else None
        if wanted:
            locks.add(wanted)
        processor = self.product.threads[thread].processor
        assert processor is not None
        for held in an_order_of(locks):
            for usage in usages_in(frame, held):
                places = self.usages.setdefault(usage, [])
                if (who, processor.name) not in [place[:2] for place in places]:
                    places.append(UsedAt(who, processor.name, position.site))

    def frame(self, thread: int, state: State) -> Frame | None:
        """The frame of a thread on its processor; None of a handler that is not under way."""
        me = self.product.threads[thread]
        assert me.processor is not None
        frames = self.product.value(me.processor, state)
        if isinstance(me, Handler):
            return next((each for each in frames[1:] if each.thread == me.name), None)
        return frames[0] if frames[0].thread in (me.name, None) else Frame()

    @cached_property
    def inversions(self) -> list[Inversion]:
        """What handlers and those whom they interrupt may do to each other, the closed ones first.

        Of a lock that is used against itself, no chain is looked for.
        """
        safe = [each for each in self.usages if each.in_handler]
        unsafe = [each for each in self.usages if not each.in_handler]
        found = [
            self.inversion(one, other, chain)
            for one in safe
            for other in unsafe
            if one.context is other.context
            for chain in self.chain(one.held, other.held)
        ]
        return sorted(found, key=lambda each: each.choices is None)

    def chain(self, safe: HeldLock, unsafe: HeldLock) -> Iterator[tuple[Dependency, ...]]:
        """The shortest chain from one lock to another; empty where one excludes the other."""
        if safe.lock is unsafe.lock:
            if comes_after(safe, unsafe):
                yield ()
            return
        chains: list[tuple[Dependency, ...]] = [
            (each,) for each in self.order.order if comes_after(safe, each.outer)
        ]
        seen = {links[-1] for links in chains}
        for links in chains:
            if comes_after(links[-1].inner, unsafe):
                yield links
                return
            further = [
                each
                for each in self.order.order
                if each not in seen and comes_after(links[-1].inner, each.outer)
            ]
            seen.update(further)
            chains += [(*links, each) for each in further]

    def inversion(self, safe: Usage, unsafe: Usage, chain: tuple[Dependency, ...]) -> Inversion:
        """The inversion of two usages, with the run that closes it if one does."""
        at = next((at for at in self.stuck if self.closes(at, safe, unsafe)), None)
        mine, theirs = ({place.processor for place in self.usages[each]} for each in (safe, unsafe))
        choices = None if at is None else shortest(self.graph, {at})
        return Inversion(safe, unsafe, chain, choices, bool(mine & theirs))

    @cached_property
    def stuck(self) -> list[int]:
        """The states in which threads wait for good, nearest first."""
        return sorted(DeadlockFree().stuck(self.order.explored))

    def closes(self, at: int, safe: Usage, unsafe: Usage) -> bool:
        """Whether a handler waits there for the one lock because of whom it has interrupted.

        That one holds the other lock.
        """
        state, names = self.graph.states[at], self.order.names
        waits = waits_for(self.product, state)
        for who, (step, above) in waits.items():
            if not isinstance(step.target, Processor) or step.name != "run":
                continue
            if unsafe.held not in self.order.held_by(names.index(who), state):
                continue
            for handler in set(above) & set(waits):
                wanted = lock_wanted(handler, waits[handler][0])
                here = self.in_context(handler, state, safe.context)
                if wanted == safe.held and here and who in waited_for_in_turn(waits, handler):
                    return True
        return False

    def in_context(self, handler: str, state: State, context: Context) -> bool:
        """Whether a thread is a handler of that context."""
        frame = self.frame(self.order.names.index(handler), state)
        return frame is not None and frame.context is context


def waited_for_in_turn(waits: Waits, who: str) -> set[str]:
    """Those for whom a thread waits, and those for whom they wait, and so on."""
    found = [who]
    for each in found:
        found += [other for other in waits.get(each, (None, ()))[1] if other not in found]
    return set(found)


def usages_in(frame: Frame, held: HeldLock) -> Iterator[Usage]:
    """How a thread in a frame uses a lock."""
    if frame.context is not Context.TASK:
        yield Usage(held, frame.context, in_handler=True)
    for context in HANDLERS:
        if lets_in(frame, context):
            yield Usage(held, context, in_handler=False)


def lets_in(frame: Frame, context: Context) -> bool:
    """Whether what runs in a frame may be interrupted by a handler of `context`."""
    if frame.context is Context.NMI or context is Context.NMI:
        return frame.context is not Context.NMI
    if frame.irqs_off:
        return False
    return context is Context.HARDIRQ or (frame.context is Context.TASK and not frame.bh_off)

"""Locks in handlers: the textbook's cases, each closed by a run or by none, and none too many."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import (
    Fairness,
    Model,
    Processor,
    RwSem,
    Spinlock,
    System,
    Thread,
    deadlock_free,
    hardirq,
    local_irq_disable,
    local_irq_enable,
    nmi,
    softirq,
    spin_lock_bh,
    spin_lock_irqsave,
    spin_unlock_bh,
    spin_unlock_irqrestore,
)
from locking.check import check
from locking.objects.processor import Context
from locking.objects.waiting import spins
from locking.properties.explored import Explored
from locking.studies.irq_order import IrqOrder
from locking.studies.lock_order import LockOrder
from locking.traces.forms.to_lockdep import report
from locking.traces.rerun import rerun
from locking.traces.why.explain import diagnose

cpu, other_cpu = Processor("cpu0"), Processor("cpu1")
a, b = Spinlock("a"), Spinlock("b")


class SpinningRw(RwSem):
    """An rwlock_t: those who want it spin, and handlers may take it."""

    waiting_in = spins("down_read", "down_write")


rw = SpinningRw("rw", fairness=Fairness.READER_PREFERRING)

Program = Callable[..., Awaitable[None]]


async def plain(*locks: Spinlock) -> None:
    """spin_lock() of all, the first one longest."""
    if locks:
        async with locks[0].hold():
            await plain(*locks[1:])


async def irqsave(*locks: Spinlock) -> None:
    """spin_lock_irqsave() of the first, spin_lock() of the others."""
    flags = await spin_lock_irqsave(locks[0])
    await plain(*locks[1:])
    await spin_unlock_irqrestore(locks[0], flags)


async def bh(*locks: Spinlock) -> None:
    """spin_lock_bh() of the first, spin_lock() of the others."""
    await spin_lock_bh(locks[0])
    await plain(*locks[1:])
    await spin_unlock_bh(locks[0])


async def lets_them_in(lock: Spinlock) -> None:
    """Takes a lock with interrupts off, and lets them in while it has it."""
    await local_irq_disable()
    async with lock.hold():
        await local_irq_enable()


async def reads() -> None:
    """read_lock()."""
    async with rw.read():
        pass


async def writes() -> None:
    """write_lock()."""
    async with rw.write():
        pass


def irqs_of(*threads: Thread) -> tuple[Model, IrqOrder]:
    """How these threads use their locks in handlers and against them."""
    objects = [a, b, rw, cpu, other_cpu]
    model = Model("m", "", lambda _: System(objects, threads, [deadlock_free()]))
    seen: list[Explored] = []
    check(model.case("only", None), look=seen.append)
    return model, IrqOrder(LockOrder(seen[0]))


def told(irqs: IrqOrder) -> set[tuple[str, str, str, bool]]:
    """Each inversion: the lock of the handler, the other lock, the context, and if a run does."""
    return {
        (i.safe.held.lock.name, i.unsafe.held.lock.name, i.safe.context.name, bool(i.choices))
        for i in irqs.inversions
    }


def task(program: Program, *args: Any, on: Processor = cpu, name: str = "task") -> Thread:
    """A task on a processor."""
    return Thread(name, program, args, processor=on)


SELF = {("a", "a", "HARDIRQ", True)}
SOFT = {("a", "a", "SOFTIRQ", True)}


@pytest.mark.parametrize(
    "holder, handler, expected",
    [
        (task(plain, a), hardirq("irq", plain, cpu, (a,)), SELF),
        (task(irqsave, a), hardirq("irq", plain, cpu, (a,)), set()),
        (task(bh, a), hardirq("irq", plain, cpu, (a,)), SELF),
        (task(lets_them_in, a), hardirq("irq", plain, cpu, (a,)), SELF),
        (task(plain, a), softirq("bh", plain, cpu, (a,)), SOFT),
        (task(bh, a), softirq("bh", plain, cpu, (a,)), set()),
        (task(irqsave, a), softirq("bh", plain, cpu, (a,)), set()),
        (task(irqsave, a), nmi("nmi", plain, cpu, (a,)), {("a", "a", "NMI", True)}),
        (task(plain, a), hardirq("irq", plain, cpu, (b,)), set()),
        (task(plain, a), hardirq("irq", plain, other_cpu, (a,)), {("a", "a", "HARDIRQ", False)}),
        (task(reads), hardirq("irq", reads, cpu), set()),
        (task(reads), hardirq("irq", writes, cpu), {("rw", "rw", "HARDIRQ", True)}),
        (task(writes), hardirq("irq", reads, cpu), {("rw", "rw", "HARDIRQ", True)}),
        (softirq("bh", plain, cpu, (a,)), hardirq("irq", plain, cpu, (a,)), SELF),
        (softirq("bh", irqsave, cpu, (a,)), hardirq("irq", plain, cpu, (a,)), set()),
    ],
    ids=lambda each: getattr(each, "name", None) or "",
)
def test_a_lock_of_a_handler_is_held_with_it_let_in_or_not(
    holder: Thread, handler: Thread, expected: set[tuple[str, str, str, bool]]
) -> None:
    assert told(irqs_of(holder, handler)[1]) == expected


def test_the_run_that_closes_it_is_a_handler_that_interrupted_the_holder() -> None:
    model, irqs = irqs_of(task(plain, a), hardirq("irq", plain, cpu, (a,)))
    [inversion] = irqs.inversions
    assert inversion.choices == ((0, 0), (1, 0))
    says = diagnose(rerun(model.case("only", None), "deadlock-free", inversion.choices))
    assert says.startswith("Irq-unsafe lock: ")


def inverted(holder: Program, holder_cpu: Processor = cpu) -> IrqOrder:
    """A handler takes a; another takes a and then b, with interrupts off; `holder` takes b."""
    return irqs_of(
        task(holder, b, on=holder_cpu, name="holder"),
        task(irqsave, a, b, on=other_cpu, name="orders"),
        hardirq("irq", plain, cpu, (a,)),
    )[1]


def test_a_safe_lock_before_an_unsafe_one_is_an_inversion_that_a_run_closes() -> None:
    irqs = inverted(plain)
    assert told(irqs) == {("a", "b", "HARDIRQ", True)}
    [inversion] = irqs.inversions
    assert [each.outer.lock for each in inversion.chain] == [a]
    assert inversion.safe.context is Context.HARDIRQ


def test_it_is_none_if_the_second_lock_is_held_with_interrupts_off_as_well() -> None:
    assert told(inverted(irqsave)) == set()


def test_no_run_closes_it_if_the_handler_comes_to_another_processor() -> None:
    irqs = inverted(plain, other_cpu)
    assert told(irqs) == {("a", "b", "HARDIRQ", False)}
    assert [each.together for each in irqs.inversions] == [False]


def test_a_thread_on_no_processor_is_never_interrupted() -> None:
    assert told(irqs_of(Thread("free", plain, (a,)), hardirq("irq", plain, cpu, (a,)))[1]) == set()


def test_a_processor_is_no_lock_of_the_order() -> None:
    irqs = irqs_of(task(irqsave, a, b), hardirq("irq", plain, cpu, (a,)))[1]
    assert {each.outer.lock.name for each in irqs.order.order} == {"a"}


def as_lockdep(model: Model, irqs: IrqOrder) -> str:
    """The report of the run that closes the one inversion."""
    [inversion] = irqs.inversions
    assert inversion.choices is not None
    run = rerun(model.case("only", None), "deadlock-free", inversion.choices)
    return "\n".join(report(run))


def test_the_run_reads_as_lockdep_would_report_the_state() -> None:
    says = as_lockdep(*irqs_of(task(plain, a), hardirq("irq", plain, cpu, (a,))))
    assert "WARNING: inconsistent lock state" in says
    assert "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.\nirq/2 takes:\n(a)" in says
    assert "  lock(a);\n  <Interrupt>\n    lock(a);" in says


def test_the_run_reads_as_lockdep_would_report_the_order() -> None:
    says = as_lockdep(
        *irqs_of(
            task(plain, b, name="holder"),
            task(irqsave, a, b, on=other_cpu, name="orders"),
            softirq("bh", plain, cpu, (a,)),
        )
    )
    assert "WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected" in says
    assert " (a) -> (b)" in says and "but this new dependency connects a SOFTIRQ-irq-safe" in says
    assert "orders/2 is trying to acquire:\n(b)" in says


def test_a_deadlock_without_a_handler_is_no_report_of_one() -> None:
    says = as_deadlock(irqs_of(task(plain, a, b), task(plain, b, a, on=other_cpu, name="other"))[0])
    assert "possible circular locking dependency" in says and "<Interrupt>" not in says


def as_deadlock(model: Model) -> str:
    """The report of the deadlock of a model."""
    [result] = [each for each in check(model.case("only", None)).results if each.choices]
    assert result.choices is not None
    return "\n".join(report(rerun(model.case("only", None), "deadlock-free", result.choices)))

"""Why threads wait for good on a processor: who runs there, and in place of whom."""

import pytest

from locking import (
    Cell,
    Model,
    Processor,
    Spinlock,
    System,
    Thread,
    deadlock_free,
    hardirq,
    local_irq_disable,
    nmi,
    softirq,
    wait_until,
)
from locking.traces.forms.page import Page
from locking.traces.forms.to_lockdep import render as to_lockdep
from locking.traces.forms.to_text import render as to_text
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import diagnose
from tests.traces.runs import shown

cpu0, cpu1 = Processor("cpu0"), Processor("cpu1")
lock, other, flag = Spinlock("lock"), Spinlock("other"), Cell("flag", 0)


async def spin() -> None:
    await lock.spin_lock()
    await lock.spin_unlock()


async def both() -> None:
    async with lock.hold(), other.hold():
        pass


async def other_way_round() -> None:
    async with other.hold(), lock.hold():
        pass


async def waits() -> None:
    await wait_until(lambda value: value == 1, flag)


async def sets() -> None:
    await flag.WRITE_ONCE(1)


async def keeps_off() -> None:
    await local_irq_disable()
    await waits()


def deadlock(*threads: Thread) -> ShownRun:
    system = System([lock, other, flag], threads, [deadlock_free()])
    return next(shown(Model("test", "", lambda _: system).case("only", None)))


@pytest.mark.parametrize(
    ("make", "kind"),
    [(hardirq, "interrupt handler"), (softirq, "softirq"), (nmi, "NMI handler")],
)
def test_a_handler_that_spins_for_what_it_interrupted_has_a_name(make, kind) -> None:
    run = deadlock(Thread("t", spin, processor=cpu0), make("h", spin, cpu0))
    assert diagnose(run) == (
        f"Irq-unsafe lock: {kind} h (since step 2) runs on cpu0 in place of t; "
        f"h waits for lock, which t holds (since step 1), and no thread can take a step."
    )


def test_two_handlers_and_two_locks_are_an_abba_deadlock() -> None:
    run = deadlock(hardirq("a", both, cpu0), hardirq("b", other_way_round, cpu1))
    assert diagnose(run).startswith("ABBA deadlock: ")


def test_a_handler_that_is_kept_off_says_by_whom() -> None:
    run = deadlock(Thread("t", keeps_off, processor=cpu0), hardirq("h", sets, cpu0))
    assert "interrupt handler h (test_processors.py:" in diagnose(run)
    assert ") is kept off cpu0 by t (since step 1)" in diagnose(run)


def test_a_task_that_is_kept_off_by_a_higher_one_says_so() -> None:
    run = deadlock(
        Thread("high", waits, processor=cpu0, priority=1), Thread("low", sets, processor=cpu0)
    )
    assert "; high runs on cpu0 in place of low" in diagnose(run)
    assert "low   can't run, for high does; next WRITE_ONCE(flag, 1)" in to_text(run, Page())


def test_who_is_interrupted_does_not_wait_for_a_lock_meanwhile() -> None:
    run = deadlock(
        Thread("t", spin, processor=cpu0),
        hardirq("h", spin, cpu0),
    )
    assert "lock: held by t; waiting: h" in to_text(run, Page())
    assert "#0: (cpu0)" not in to_lockdep(run, Page())

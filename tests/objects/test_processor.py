"""A processor: which handler may come, and what is kept off."""

import pytest

from locking import WAIT, Context, Frame, Holding, Misuse, Processor
from locking.objects.processor import Frames
from tests.systems import ask

cpu = Processor("cpu")
FREE: Frames = (Frame(),)
IRQS_OFF: Frames = (Frame("t", irqs_off=True),)
BH_OFF: Frames = (Frame("t", bh_off=1),)
PREEMPT_OFF: Frames = (Frame("t", preempt_off=1),)
IN_HARDIRQ: Frames = (Frame(), Frame("h", Context.HARDIRQ, irqs_off=True))
IN_SOFTIRQ: Frames = (Frame(), Frame("h", Context.SOFTIRQ))
IN_NMI: Frames = (Frame(), Frame("h", Context.NMI, irqs_off=True))


def after(frames: Frames, call: str, *args: object, me: str = "t") -> Frames:
    outcome = ask(cpu, frames, call, me, *args)
    assert isinstance(outcome, tuple)
    assert not isinstance(outcome, Misuse)
    return outcome[0]


@pytest.mark.parametrize(
    ("frames", "may_come"),
    [
        (FREE, {"irq_enter", "softirq_entry", "nmi_enter"}),
        (PREEMPT_OFF, {"irq_enter", "softirq_entry", "nmi_enter"}),
        (IRQS_OFF, {"nmi_enter"}),
        (BH_OFF, {"irq_enter", "nmi_enter"}),
        (IN_HARDIRQ, {"nmi_enter"}),
        (IN_SOFTIRQ, {"irq_enter", "nmi_enter"}),
        (IN_NMI, set()),
    ],
)
def test_a_handler_comes_where_nothing_keeps_it_off(frames: Frames, may_come: set[str]) -> None:
    arrivals = ("irq_enter", "softirq_entry", "nmi_enter")
    assert {each for each in arrivals if ask(cpu, frames, each) is not WAIT} == may_come


def test_a_handler_gives_the_processor_back_as_it_was() -> None:
    for come, leave in (
        ("irq_enter", "irq_exit"),
        ("softirq_entry", "softirq_exit"),
        ("nmi_enter", "nmi_exit"),
    ):
        inside = after(PREEMPT_OFF, come, me="h")
        assert after(inside, leave, me="h") == PREEMPT_OFF
        assert isinstance(ask(cpu, inside, leave, "other"), Misuse)


def test_a_handler_may_leave_nothing_off() -> None:
    inside = after(IN_SOFTIRQ, "local_irq_disable", me="h")
    assert ask(cpu, inside, "softirq_exit", "h") == Misuse(
        "h returns to what it interrupted on cpu with interrupts off"
    )
    opened = after(IN_HARDIRQ, "local_irq_enable", me="h")
    assert ask(cpu, opened, "irq_exit", "h") == Misuse(
        "h returns to what it interrupted on cpu with interrupts on"
    )


def test_restoring_brings_back_what_was_saved() -> None:
    assert ask(cpu, FREE, "local_irq_save", "t") == (IRQS_OFF, True)
    assert ask(cpu, IRQS_OFF, "local_irq_save", "t") == (IRQS_OFF, False)
    assert after(IRQS_OFF, "local_irq_restore", False) == IRQS_OFF
    assert after(IRQS_OFF, "local_irq_restore", True) == FREE
    assert isinstance(ask(cpu, FREE, "local_irq_restore", "t", None), Misuse)


def test_disabling_does_not_nest_and_counts_do() -> None:
    assert after(after(IRQS_OFF, "local_irq_disable"), "local_irq_enable") == FREE
    for call in ("preempt", "local_bh"):
        once = after(FREE, f"{call}_disable")
        twice = after(once, f"{call}_disable")
        assert after(twice, f"{call}_enable") == once
        assert after(once, f"{call}_enable") == FREE
        assert isinstance(ask(cpu, FREE, f"{call}_enable"), Misuse)


def test_softirqs_are_kept_off_by_no_hardware_interrupt_and_let_in_with_interrupts_on() -> None:
    assert isinstance(ask(cpu, IN_HARDIRQ, "local_bh_disable", "h"), Misuse)
    both = after(BH_OFF, "local_irq_disable")
    assert isinstance(ask(cpu, both, "local_bh_enable", "t"), Misuse)


def test_a_processor_is_held_by_those_who_keep_others_off() -> None:
    assert cpu.holders(FREE) == ()
    assert cpu.holders(IRQS_OFF) == (Holding("t", "interrupts off"),)
    assert cpu.holders(IN_HARDIRQ) == (Holding("h", "hardirq"),)
    assert ask(cpu, IN_HARDIRQ, "run", "t") is WAIT
    assert ask(cpu, IN_HARDIRQ, "run", "h") == (IN_HARDIRQ, None)


def test_a_processor_says_who_runs_above_whom() -> None:
    assert cpu.show(FREE) == "tasks"
    assert cpu.show(BH_OFF) == "t with softirqs off"
    assert cpu.show(after(PREEMPT_OFF, "irq_enter", me="h")) == (
        "h (hardirq), above t with preemption off"
    )

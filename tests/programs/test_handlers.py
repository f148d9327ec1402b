"""Handlers and processors of threads: what can be declared, and what is refused."""

import pytest

from locking import (
    WAIT,
    Cell,
    Object,
    Processor,
    Spinlock,
    System,
    Thread,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    hardirq,
    local_irq_disable,
    local_irq_save,
    nmi,
    operation,
    softirq,
    spin_lock_irqsave,
)
from locking.errors import ModelError
from locking.explore.product import Product
from locking.explore.scheduled import Scheduled
from tests.systems import report, threads, verdict

cpu0, cpu1, data, lock = Processor("cpu0"), Processor("cpu1"), Cell("data", 0), Spinlock("lock")


async def look() -> None:
    await data.READ_ONCE()


@pytest.mark.parametrize(
    ("make", "first", "last"),
    [
        (hardirq, "irq_enter(cpu0)", "irq_exit(cpu0)"),
        (softirq, "softirq_entry(cpu0)", "softirq_exit(cpu0)"),
        (nmi, "nmi_enter(cpu0)", "nmi_exit(cpu0)"),
    ],
)
def test_a_handler_comes_and_returns(make, first, last) -> None:
    product = System([data], [make("h", look, cpu0)], []).product()
    state, steps = product.initial, []
    while moves := product.moves(state):
        steps.append(str(product.position(0, state).next))
        state = moves[0][2]
    assert steps == [first, "READ_ONCE(data)", last]


def test_processors_of_threads_are_objects_of_the_system() -> None:
    system = System([data], [Thread("t", look, processor=cpu0), hardirq("h", look, cpu0)], [])
    assert system.objects == (data, cpu0)
    assert type(system.product()) is Scheduled
    assert type(System([data], threads(look), []).product()) is Product


def test_what_is_declared_wrongly_is_refused() -> None:
    with pytest.raises(ModelError, match="runs on 'cpu0'; write `processor=cpu`"):
        Thread("t", look, processor="cpu0")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="handler h runs on None"):
        hardirq("h", look, None)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="has priority 2; write a whole number, beside"):
        Thread("t", look, priority=2)
    with pytest.raises(ModelError, match="has priority 'high'"):
        Thread("t", look, processor=cpu0, priority="high")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="got a coroutine"):
        softirq("h", look(), cpu0)  # type: ignore[arg-type]


def test_keeping_interrupts_off_needs_a_processor() -> None:
    async def t() -> None:
        await spin_lock_irqsave(lock)

    with pytest.raises(ModelError, match=r"local_irq_save\(\) is called by a, which runs on no"):
        report([lock], threads(t))
    with pytest.raises(ModelError, match=r"local_irq_disable\(\) is called outside of a thread"):
        local_irq_disable()


def test_a_step_on_another_processor_is_refused() -> None:
    async def t() -> None:
        await cpu1.local_irq_disable()

    for processor in (cpu0, None):
        with pytest.raises(ModelError, match=r"test_handlers.py:\d+: local_irq_disable\(cpu1\) is"):
            report([cpu1], [Thread("t", t, processor=processor)])


class Gate(Object):
    @operation
    def pass_it(self, is_open: bool, me: str) -> object:
        return (is_open, None) if is_open else WAIT


def test_an_object_of_ones_own_says_how_it_waits() -> None:
    gate = Gate("gate", False)

    async def t() -> None:
        await gate.pass_it()

    with pytest.raises(ModelError, match=r"in class Gate how: `waiting_in = sleeps\('pass_it'\)`"):
        report([gate], [Thread("t", t, processor=cpu0)], [deadlock_free()])
    assert verdict([gate], threads(t), deadlock_free()) is Verdict.FAILS


def test_an_order_that_processors_give_is_not_known() -> None:
    with pytest.raises(ModelError, match="what a processor orders is not known"):
        System([data], [Thread("t", look, processor=cpu0)], [happens_before_race_free()])


def test_a_helper_saves_what_was() -> None:
    async def t() -> None:
        assert await spin_lock_irqsave(lock)
        assert not await local_irq_save()

    failed = report([lock], [Thread("t", t, processor=cpu0)]).results
    assert [each.claim.name for each in failed] == ["locks-released"]

"""A checker that can't fail proves nothing: every rule of a processor, broken, must be caught."""

import pytest

from locking import (
    Processor,
    Record,
    Thread,
    data_race_free,
    deadlock_free,
    hardirq,
    local_irq_restore,
    local_irq_save,
    no_misuse,
    operation,
    preempt_disable,
    preempt_enable,
    softirq,
)
from locking.objects.processor import Frame
from tests.objects.broken import CAUGHT, pair, verdicts


class InterruptsComeThoughOff(Processor):
    def lets_in(self, frames, context):
        return True


class HandlersLeaveNothingBehind(Processor):
    def exit(self, frames, me, context):
        return (frames[0],), None


class AllRunAtOnce(Processor):
    def may_run(self, frames, me):
        return True


class RestoringEnables(Processor):
    @operation
    def local_irq_restore(self, frames, me, flags):
        return self.changed(frames, me, irqs_off=False), None


class SavingSaysOff(Processor):
    @operation
    def local_irq_save(self, frames, me):
        return self.changed(frames, me, irqs_off=True), False


class PreemptionStaysOn(Processor):
    @operation
    def preempt_disable(self, frames, me):
        return frames, None

    @operation
    def preempt_enable(self, frames, me):
        return frames, None


class EnablingTwiceIsFine(Processor):
    @operation
    def preempt_enable(self, frames, me):
        return (Frame(),), None


async def add(data: Record) -> None:
    await data.x.write(await data.x.read() + 1)


async def saving(data: Record) -> None:
    outer = await local_irq_save()
    inner = await local_irq_save()
    await local_irq_restore(inner)
    await add(data)
    await local_irq_restore(outer)


async def unpreempted(data: Record) -> None:
    await preempt_disable()
    await add(data)
    await preempt_enable()


async def unbalanced(_: Record) -> None:
    await preempt_enable()


def kept_off(cpu: Processor, data: Record) -> list[Thread]:
    return [Thread("t", saving, (data,), processor=cpu), hardirq("h", add, cpu, (data,))]


def two_tasks(cpu: Processor, data: Record) -> list[Thread]:
    return [Thread(name, unpreempted, (data,), processor=cpu) for name in "ab"]


async def look(data: Record) -> None:
    await data.y.READ_ONCE()


def nested(cpu: Processor, data: Record) -> list[Thread]:
    """A hardware interrupt comes while a softirq runs, which goes on before another comes."""
    return [
        softirq("s", add, cpu, (data,)),
        softirq("r", add, cpu, (data,)),
        hardirq("h", look, cpu, (data,)),
    ]


def alone(cpu: Processor, data: Record) -> list[Thread]:
    return [Thread("t", unbalanced, (data,), processor=cpu)]


PAIRS = [
    pair(InterruptsComeThoughOff, kept_off, data_race_free()),
    pair(HandlersLeaveNothingBehind, nested, data_race_free()),
    pair(AllRunAtOnce, two_tasks, data_race_free()),
    pair(RestoringEnables, kept_off, data_race_free()),
    pair(SavingSaysOff, kept_off, deadlock_free()),
    pair(PreemptionStaysOn, two_tasks, data_race_free()),
]

CAUGHT_BY_THE_REAL_ONE = [pair(EnablingTwiceIsFine, alone, no_misuse())]
"""Here it is the real object that fails: it notices, and the twin does not."""

EVERY_PAIR = [*PAIRS, *CAUGHT_BY_THE_REAL_ONE]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_broken_processor_is_caught(pair):
    assert verdicts(pair) == CAUGHT


@pytest.mark.parametrize("pair", CAUGHT_BY_THE_REAL_ONE)
def test_a_processor_notices_what_its_twin_does_not(pair):
    assert verdicts(pair) == CAUGHT[::-1]

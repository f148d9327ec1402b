"""Threads on processors: who may move beside a handler, and what that makes of lock designs."""

from collections.abc import Hashable

import pytest

from locking import (
    Cell,
    Completion,
    Model,
    Mutex,
    Object,
    Processor,
    Seqlock,
    Spinlock,
    System,
    Thread,
    Verdict,
    View,
    at_end,
    data_race_free,
    deadlock_free,
    hardirq,
    local_irq_disable,
    local_irq_enable,
    local_irq_restore,
    local_irq_save,
    never,
    nmi,
    no_misuse,
    preempt_disable,
    preempt_enable,
    require,
    required,
    softirq,
    spin_lock_bh,
    spin_lock_irq,
    spin_lock_irqsave,
    spin_unlock_bh,
    spin_unlock_irq,
    spin_unlock_irqrestore,
    wait_until,
)
from locking.check import check
from locking.errors import ModelError
from locking.properties.explored import Property
from tests.systems import report, verdict

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS

cpu0, cpu1 = Processor("cpu0"), Processor("cpu1")
lock, mutex, data, flag = Spinlock("lock"), Mutex("mutex"), Cell("data", 0), Cell("flag", 0)
OBJECTS: list[Object] = [lock, mutex, data, flag]


async def add() -> None:
    await data.write(await data.read() + 1)


async def plain() -> None:
    await lock.spin_lock()
    await add()
    await lock.spin_unlock()


async def irqsave() -> None:
    flags = await spin_lock_irqsave(lock)
    await add()
    await spin_unlock_irqrestore(lock, flags)


async def irq() -> None:
    await spin_lock_irq(lock)
    await add()
    await spin_unlock_irq(lock)


async def bh() -> None:
    await spin_lock_bh(lock)
    await add()
    await spin_unlock_bh(lock)


def judged(property_: Property, *threads: Thread) -> Verdict:
    return verdict(OBJECTS, threads, property_)


def task(name: str, program: object, cpu: Processor | None = cpu0, priority: int = 0) -> Thread:
    return Thread(name, program, processor=cpu, priority=priority)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("program", "handler", "where", "expected"),
    [
        (plain, hardirq, cpu0, FAILS),
        (irqsave, hardirq, cpu0, HOLDS),
        (irq, hardirq, cpu0, HOLDS),
        (bh, hardirq, cpu0, FAILS),
        (plain, hardirq, cpu1, HOLDS),
        (plain, softirq, cpu0, FAILS),
        (bh, softirq, cpu0, HOLDS),
        (irqsave, softirq, cpu0, HOLDS),
        (irqsave, nmi, cpu0, FAILS),
        (plain, nmi, cpu1, HOLDS),
    ],
)
def test_a_handler_spins_for_what_it_interrupted(program, handler, where, expected) -> None:
    running = [task("t", program), handler("h", plain, where)]
    assert judged(deadlock_free(), *running) is expected
    assert judged(data_race_free(), *running) is HOLDS
    assert judged(at_end("both", lambda s: s[data] == 2), *running) is HOLDS


def test_two_handlers_of_two_processors_deadlock_by_one_lock_each() -> None:
    other = Spinlock("other")

    async def one() -> None:
        async with lock.hold(), other.hold():
            pass

    async def two() -> None:
        async with other.hold(), lock.hold():
            pass

    running = [hardirq("h0", one, cpu0), hardirq("h1", two, cpu1)]
    assert verdict([lock, other], running, deadlock_free()) is FAILS
    assert (
        verdict([lock, other], [*running[:1], hardirq("h1", two, cpu0)], deadlock_free()) is HOLDS
    )


async def nested_disable() -> None:
    await local_irq_disable()
    await local_irq_disable()
    await local_irq_enable()
    await add()
    await local_irq_enable()


async def nested_save() -> None:
    outer = await local_irq_save()
    inner = await local_irq_save()
    await local_irq_restore(inner)
    await add()
    await local_irq_restore(outer)


def test_an_inner_enable_opens_too_early() -> None:
    for program, expected in ((nested_disable, FAILS), (nested_save, HOLDS)):
        running = [task("t", program), hardirq("h", add, cpu0)]
        assert judged(data_race_free(), *running) is expected
        assert judged(at_end("both", lambda s: s[data] == 2), *running) is expected


async def unpreempted() -> None:
    await preempt_disable()
    await add()
    await preempt_enable()


def test_preemption_kept_off_guards_data_of_one_processor() -> None:
    both = at_end("both", lambda s: s[data] == 2)
    for program, cpu, expected in ((add, cpu0, FAILS), (unpreempted, cpu0, HOLDS)):
        running = [task("a", program), task("b", program, cpu)]
        assert judged(both, *running) is expected
        assert judged(data_race_free(), *running) is expected
    assert judged(both, task("a", unpreempted), task("b", unpreempted, cpu1)) is FAILS
    assert judged(both, task("a", unpreempted), hardirq("h", add, cpu0)) is FAILS


async def sleeper() -> None:
    async with mutex.hold():
        await add()


async def sleeper_with_spinlock() -> None:
    async with lock.hold(), mutex.hold():
        pass


async def sleeper_with_preemption_off() -> None:
    await preempt_disable()
    await mutex.mutex_lock()


@pytest.mark.parametrize(
    ("thread", "expected"),
    [
        (task("t", sleeper), HOLDS),
        (task("t", sleeper_with_spinlock), FAILS),
        (task("t", sleeper_with_preemption_off), FAILS),
        (hardirq("t", sleeper, cpu0), FAILS),
        (softirq("t", sleeper, cpu0), FAILS),
    ],
)
def test_what_is_atomic_must_not_sleep(thread: Thread, expected: Verdict) -> None:
    assert judged(no_misuse(), thread) is expected


go = Completion("go")


def test_a_middle_priority_keeps_a_high_one_waiting_for_a_low_one() -> None:
    async def middle() -> None:
        await go.wait_for_completion()
        await flag.WRITE_ONCE(1)
        await flag.WRITE_ONCE(2)

    async def high() -> None:
        await go.wait_for_completion()
        await sleeper()

    def running(priority: int) -> list[Thread]:
        return [
            task("low", sleeper, cpu0, 1),
            task("middle", middle, cpu0, priority),
            task("high", high, cpu0, 4),
            hardirq("timer", go.complete_all, cpu0),
        ]

    inverted = never("inverted", lambda s: s[flag] == 1 and waits_for_low(s))
    objects = [*OBJECTS, go]
    assert verdict(objects, running(2), inverted) is FAILS
    assert verdict(objects, running(2), deadlock_free()) is HOLDS
    assert verdict(objects, running(0), inverted) is HOLDS


def waits_for_low(s: View) -> bool:
    return s[mutex] == "low" and s.about_to(mutex, "mutex_lock") == ("high",)


def test_a_spinning_task_of_higher_priority_keeps_the_one_it_waits_for_from_running() -> None:
    async def waits() -> None:
        await wait_until(lambda value: value == 1, flag)

    async def sets() -> None:
        await flag.WRITE_ONCE(1)

    for priority, expected in ((1, FAILS), (0, HOLDS)):
        running = [task("high", waits, cpu0, priority), task("low", sets)]
        assert judged(deadlock_free(), *running) is expected
    assert judged(deadlock_free(), task("high", waits, cpu0, 1), task("low", sets, cpu1)) is HOLDS


def test_a_task_that_spins_for_a_lock_of_another_processor_keeps_others_off() -> None:
    async def holds() -> None:
        async with lock.hold():
            await wait_until(lambda value: value == 1, flag)

    async def sets() -> None:
        await flag.WRITE_ONCE(1)

    def running(takes: object, cpu: Processor) -> list[Thread]:
        return [task("t", takes), task("v", sets, cpu), task("u", holds, cpu1)]

    async def tries() -> None:
        if await lock.spin_trylock():
            await lock.spin_unlock()

    other = Processor("cpu2")
    assert judged(deadlock_free(), *running(plain, cpu0)) is FAILS
    assert judged(deadlock_free(), *running(plain, other)) is HOLDS
    assert judged(deadlock_free(), *running(tries, cpu0)) is HOLDS


def test_a_call_to_another_processor_waits_for_one_that_spins_with_interrupts_off() -> None:
    """As smp_call_function_single() of kernel/smp.c, called with a lock held."""

    async def calls() -> None:
        async with lock.hold():
            await wait_until(lambda value: value == 1, flag)

    async def answers() -> None:
        await flag.WRITE_ONCE(1)

    for program, expected in ((irqsave, FAILS), (plain, HOLDS)):
        running = [task("caller", calls, cpu1), task("t", program), hardirq("ipi", answers, cpu0)]
        assert judged(deadlock_free(), *running) is expected


def test_a_span_is_written_with_interrupts_off_because_a_handler_reads_it() -> None:
    """As move_pfn_range_to_zone() of mm/memory_hotplug.c does, v4.19, under pgdat_resize_lock()."""
    span = Seqlock("span_seqlock")

    async def resize() -> None:
        await span.write_seqlock()
        await data.write(1)
        await span.write_sequnlock()

    async def resize_with_irqs_off() -> None:
        flags = await local_irq_save()
        await resize()
        await local_irq_restore(flags)

    async def reads() -> None:
        begun = await span.read_seqbegin()
        await data.READ_ONCE()
        await span.read_seqretry(begun)

    for program, expected in ((resize, FAILS), (resize_with_irqs_off, HOLDS)):
        running = [task("t", program), hardirq("h", reads, cpu0)]
        assert verdict([span, data], running, deadlock_free()) is expected


def test_what_a_task_would_do_that_can_not_run_is_not_asked() -> None:
    """The task in the middle never sees 0 in a run."""

    async def middle() -> None:
        if await flag.READ_ONCE() == 0:
            require(True, "seen")

    async def high() -> None:
        await flag.WRITE_ONCE(1)

    running = [
        task("high", high, cpu0, 2),
        task("middle", middle, cpu0, 1),
        task("low", add, cpu0, 0),
    ]
    assert judged(required("seen"), *running) is Verdict.NEVER_EVALUATED


def test_what_an_interrupted_task_would_do_is_not_asked_where_races_are_judged() -> None:
    """The task never sees the 1 that the handler writes for a moment."""

    async def reads() -> None:
        if await data.read() == 1:
            require(True, "seen")

    async def for_a_moment() -> None:
        await data.write(1)
        await data.write(0)

    running = [task("t", reads), hardirq("h", for_a_moment, cpu0)]
    found = report(OBJECTS, running, [data_race_free(), required("seen")]).results
    assert [each.verdict for each in found] == [FAILS, Verdict.NEVER_EVALUATED]


async def unlock() -> None:
    await data.write(1)
    await lock.spin_unlock()


def started(property_: Property, *threads: Thread) -> Verdict:
    return check_started([*threads], property_, {lock: "t"})


def check_started(
    threads: list[Thread], property_: Property, starts: dict[Object, Hashable]
) -> Verdict:
    objects = [*OBJECTS, *(each for each in starts if each not in OBJECTS)]
    model = Model("test", "", lambda _: System(objects, threads, [property_], starts=starts))
    return check(model.case("only", None)).results[0].verdict


def test_a_spinlock_that_is_held_at_the_start_keeps_preemption_off() -> None:
    assert started(deadlock_free(), task("t", unlock), task("other", plain)) is HOLDS
    first = at_end("first", lambda s: s[data] == 2)
    assert started(first, task("t", unlock), task("other", add)) is HOLDS
    assert started(first, task("t", unlock), task("other", add, cpu1)) is FAILS


def test_who_holds_a_spinlock_at_the_start_must_not_sleep() -> None:
    async def sleep() -> None:
        async with mutex.hold():
            pass
        await lock.spin_unlock()

    assert started(no_misuse(), task("t", sleep)) is FAILS


def test_two_tasks_of_a_processor_do_not_both_hold_spinlocks_at_the_start() -> None:
    second = Spinlock("second")

    async def let_go() -> None:
        await second.spin_unlock()

    running = [task("t", unlock), task("other", let_go)]
    with pytest.raises(ModelError, match="t and other both keep preemption off on cpu0"):
        check_started(running, no_misuse(), {lock: "t", second: "other"})

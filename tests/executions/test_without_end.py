"""What threads do that never come to an end, or that a round does which is left out, is judged."""

from typing import Any

from locking import (
    Cell,
    Rcu,
    Spinlock,
    System,
    Thread,
    Verdict,
    data_race_free,
    procedure,
    require,
    required,
    retry,
    wait_until,
)
from locking.executions.judged import judge_executions

x, y, z = Cell("x", 0), Cell("y", 0), Cell("z", 0)
lock, rcu = Spinlock("lock"), Rcu("rcu")


def verdict(property_: Any, *codes: Any) -> Verdict:
    """What is known of a property of threads that run these codes."""
    threads = [Thread(f"t{at}", code) for at, code in enumerate(codes)]
    system = System([x, y, z, lock, rcu], threads, [property_])
    found = judge_executions(system, system.properties, lambda: None)
    return next(each.verdict for each in found.verdicts if each.property is property_)


async def writes_z() -> None:
    await z.write(2)


def test_what_is_beside_a_thread_that_enters_read_sections_forever_is_judged() -> None:
    @procedure
    async def attempt() -> int | None:
        await rcu.rcu_read_lock()
        value = await x.READ_ONCE()
        await rcu.rcu_read_unlock()
        return value or None

    async def spins() -> None:
        await retry(attempt)

    async def writes_z_or_x() -> None:
        if await y.READ_ONCE() == 1:
            await z.write(1)
        else:
            await x.WRITE_ONCE(1)

    async def writes_y_and_z() -> None:
        await y.WRITE_ONCE(1)
        await z.write(2)

    assert verdict(data_race_free(), spins, writes_z_or_x, writes_y_and_z) is Verdict.FAILS


def test_a_requirement_that_fails_in_a_round_that_changes_nothing_fails() -> None:
    @procedure
    async def attempt() -> int | None:
        value = await y.READ_ONCE()
        require(value != 2, "p", stop=False)
        await z.READ_ONCE()
        return 1 if value == 1 else None

    async def spins() -> None:
        await retry(attempt)

    async def writes() -> None:
        await y.WRITE_ONCE(2)
        await y.WRITE_ONCE(1)

    assert verdict(required("p"), spins, writes) is Verdict.FAILS


async def waits_in_its_section() -> None:
    await rcu.rcu_read_lock()
    await y.WRITE_ONCE(1)
    await wait_until(lambda value: value == 1, x)
    await rcu.rcu_read_unlock()


def test_what_comes_before_a_grace_period_without_end_is_judged() -> None:
    async def updates() -> None:
        if await y.READ_ONCE():
            await z.write(1)
        await rcu.synchronize_rcu()
        await x.WRITE_ONCE(1)

    threads = waits_in_its_section, updates, writes_z
    assert verdict(data_race_free(), *threads) is Verdict.FAILS


def test_what_comes_behind_a_grace_period_that_may_have_no_end_is_unknown() -> None:
    async def updates() -> None:
        before = await y.READ_ONCE()
        await rcu.synchronize_rcu()
        require(before == 0, "p")

    assert verdict(required("p"), waits_in_its_section, updates) is Verdict.UNKNOWN


def test_a_thread_that_waits_for_its_own_section_is_judged_up_to_there() -> None:
    async def updates() -> None:
        await rcu.rcu_read_lock()
        await z.write(1)
        await rcu.synchronize_rcu()

    assert verdict(data_race_free(), updates, writes_z) is Verdict.FAILS


def test_a_reader_that_fails_in_its_section_has_a_grace_period_wait_for_it() -> None:
    async def reads() -> None:
        await rcu.rcu_read_lock()
        if await x.READ_ONCE() == 0:
            require(await y.READ_ONCE() == 0, "p")
        await rcu.rcu_read_unlock()

    async def updates() -> None:
        await x.WRITE_ONCE(1)
        await rcu.synchronize_rcu()
        await y.WRITE_ONCE(1)

    assert verdict(required("p"), reads, updates) is Verdict.HOLDS


def test_what_no_execution_evaluates_is_never_evaluated() -> None:
    async def never() -> None:
        if await x.READ_ONCE() == 1:
            require(True, "p")

    async def writes_what_it_read() -> None:
        if await y.READ_ONCE() == 1:
            await x.WRITE_ONCE(1)

    async def writes_back() -> None:
        if await x.READ_ONCE() == 1:
            await y.WRITE_ONCE(1)

    threads = never, writes_what_it_read, writes_back
    assert verdict(required("p"), *threads) is Verdict.NEVER_EVALUATED


def test_a_trylock_that_fails_is_shown() -> None:
    async def stores() -> None:
        await x.WRITE_ONCE(1)
        await lock.spin_lock()
        await lock.spin_unlock()

    async def tries() -> None:
        if await lock.spin_trylock():
            await lock.spin_unlock()
        else:
            require(await x.READ_ONCE() == 1, "p")

    assert verdict(required("p"), stores, tries) is Verdict.FAILS


def test_a_thread_that_takes_very_many_steps_is_unknown() -> None:
    async def long() -> None:
        for _ in range(400):
            await x.WRITE_ONCE(1)

    assert verdict(data_race_free(), long) is Verdict.UNKNOWN

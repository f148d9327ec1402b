"""A cancellation that raises, as in asyncio: the thread unwinds, and has ended or catches it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from locking import (
    Cancellation,
    CancelledError,
    Cell,
    Child,
    Condition,
    Monitor,
    Mutex,
    Semaphore,
    System,
    Thread,
    Verdict,
    WaitQueue,
    assertions,
    at_end,
    deadlock_free,
    join,
    locks_released,
    no_misuse,
    procedure,
    retry,
    section,
    start,
    wait_event_cancellable,
)
from locking.errors import ModelError
from tests.objects.every_way import answer
from tests.systems import report, threads, verdict

stop, log = Cancellation("stop", raises=True), Cell("log", ())
lock, other, gate = Mutex("lock"), Mutex("other"), Semaphore("gate")
condition, monitor, queue = Condition("condition"), Monitor("monitor"), WaitQueue("queue")
OBJECTS = [stop, log, lock, other, gate, condition, monitor, queue]
HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
Program = Callable[[], Awaitable[object]]


async def note(what: str) -> None:
    await log.WRITE_ONCE((*await log.READ_ONCE(), what))


async def cancel() -> None:
    await stop.cancel()


async def touch_other() -> None:
    async with other.hold():
        pass


async def never() -> bool:
    return False


async def in_condition() -> None:
    async with lock.hold():
        await condition.cancellable_wait(lock, stop)


async def in_monitor() -> None:
    async with monitor.hold():
        await monitor.cancellable_wait(stop)


async def in_queue() -> None:
    await wait_event_cancellable(queue, never, stop)


async def in_gate() -> None:
    async with lock.hold(), section("inside"):
        await stop.wait(gate.down)


@procedure
async def in_procedure() -> None:
    await in_gate()


async def in_loop() -> None:
    async def once() -> bool | None:
        await in_gate()
        return None

    await retry(once)


WAITS = [in_condition, in_monitor, in_queue, in_gate, in_procedure, in_loop]


def logs(*expected: tuple[str, ...]) -> object:
    """What must have been noted once all have ended."""
    return at_end("noted", lambda s: s[log] in expected)


@pytest.mark.parametrize("wait", WAITS)
def test_a_thread_that_is_cancelled_has_ended_and_left_what_it_was_in(wait: Program) -> None:
    async def run() -> None:
        await note("before")
        await wait()
        await note("behind")

    checked = [deadlock_free(), no_misuse(), locks_released(), logs(("before",))]
    found = report(OBJECTS, threads(run, cancel), checked)
    assert [each.verdict for each in found.results] == [HOLDS] * len(checked)
    assert verdict(OBJECTS, threads(run), deadlock_free()) is FAILS  # nobody cancels


@pytest.mark.parametrize("wait", WAITS)
def test_a_thread_may_catch_it_and_go_on(wait: Program) -> None:
    async def run() -> None:
        try:
            await wait()
        except CancelledError:
            await note("caught")

    for property_ in (deadlock_free(), logs(("caught",))):
        assert verdict(OBJECTS, threads(run, cancel), property_) is HOLDS


def test_what_is_awaited_on_the_way_out_may_wait() -> None:
    async def run() -> None:
        try:
            await stop.wait(gate.down)
        finally:
            await other.mutex_lock()
            await note("undone")
            await other.mutex_unlock()

    running = threads(run, cancel, touch_other)
    for property_ in (deadlock_free(), locks_released(), logs(("undone",))):
        assert verdict(OBJECTS, running, property_) is HOLDS


def test_a_finally_that_waits_for_what_never_comes_is_a_deadlock() -> None:
    async def run() -> None:
        try:
            await stop.wait(gate.down)
        finally:
            await gate.down()

    assert verdict(OBJECTS, threads(run, cancel), deadlock_free()) is FAILS


def test_a_false_assertion_on_the_way_out_is_a_failure() -> None:
    async def run() -> None:
        try:
            await stop.wait(gate.down)
        finally:
            assert await log.READ_ONCE(), "not noted"

    assert verdict(OBJECTS, threads(run, cancel), assertions()) is FAILS


def test_a_cancellation_hides_no_assertion() -> None:
    async def hides() -> None:
        try:
            assert await log.READ_ONCE(), "not noted"
        finally:
            await stop.wait(gate.down)

    async def replaces() -> None:
        try:
            assert await log.READ_ONCE(), "not noted"
        finally:
            raise CancelledError

    for run in (hides, replaces):
        assert verdict(OBJECTS, threads(run, cancel), assertions()) is FAILS


def test_another_exception_on_the_way_out_is_an_error_of_the_model() -> None:
    async def run() -> None:
        try:
            await stop.wait(gate.down)
        finally:
            raise ValueError("odd")

    with pytest.raises(ModelError, match="thread a raised ValueError: odd"):
        report(OBJECTS, threads(run, cancel), [deadlock_free()])


def test_who_joins_a_child_that_was_cancelled_goes_on() -> None:
    child = Child("child", in_gate)

    async def parent() -> None:
        await start(child)
        await stop.cancel()
        await join(child)
        await note("joined")

    running = [Thread("parent", parent), child]
    for property_ in (deadlock_free(), logs(("joined",))):
        assert verdict(OBJECTS, running, property_) is HOLDS


def test_it_is_told_once() -> None:
    async def run() -> None:
        try:
            await stop.wait(gate.down)
        except CancelledError:
            await stop.wait(gate.down)

    assert verdict(OBJECTS, threads(run, cancel), deadlock_free()) is FAILS


def test_an_event_that_came_is_had_and_not_cancelled() -> None:
    flag = Cell("flag", False)

    async def is_set() -> bool:
        return bool(await flag.READ_ONCE())

    async def wake() -> None:
        await flag.WRITE_ONCE(True)
        await queue.wake_up()

    async def run() -> None:
        await wait_event_cancellable(queue, is_set, stop)
        await note("came")

    found = report([*OBJECTS, flag], threads(run, wake), [deadlock_free(), logs(("came",))])
    assert [each.verdict for each in found.results] == [HOLDS, HOLDS]


@pytest.mark.parametrize("cancels", [False, True])
def test_a_wait_for_an_event_is_false_where_it_is_cancelled_and_raises_nothing(
    cancels: bool,
) -> None:
    quiet = Cancellation("quiet")

    async def run() -> None:
        await note(str(await wait_event_cancellable(queue, never, quiet)))

    async def cancel_quietly() -> None:
        if cancels:
            await quiet.cancel()

    running = threads(run, cancel_quietly)
    found = verdict([quiet, *OBJECTS], running, deadlock_free())
    assert found is (HOLDS if cancels else FAILS)
    if cancels:
        assert verdict([quiet, *OBJECTS], running, logs(("False",))) is HOLDS


@pytest.mark.slow
def test_every_engine_and_every_reduction_says_so() -> None:
    async def run() -> None:
        try:
            async with lock.hold():
                await stop.wait(gate.down)
        finally:
            async with other.hold():
                await note("undone")

    told = at_end("noted", lambda s: len(s[log]) == 2)
    objects = [stop, log, lock, other, gate]
    made = [Thread(name, run) for name in "ab"]

    async def cancel_and_open() -> None:
        await stop.cancel()
        await gate.up()

    found = answer(
        lambda: System(objects, [*made, Thread("c", cancel_and_open)], [deadlock_free(), told])
    )
    assert [each for each, _ in found] == [HOLDS, HOLDS]


def outcome_of_asyncio(finishes: bool) -> list[str]:
    """What a task of asyncio notes that is cancelled while it waits."""
    said: list[str] = []

    async def work() -> None:
        held = asyncio.Lock()
        try:
            async with held:
                await asyncio.Semaphore(0).acquire()
        except asyncio.CancelledError:
            said.append("locked" if held.locked() else "free")
            if not finishes:
                raise
        said.append("went on")

    async def run() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(run())
    return said


@pytest.mark.parametrize("finishes", [False, True])
def test_it_is_as_in_asyncio(finishes: bool) -> None:
    async def work() -> None:
        try:
            async with lock.hold():
                await stop.wait(gate.down)
        except CancelledError:
            free = await lock.mutex_trylock()
            if free:
                await lock.mutex_unlock()
            await note("free" if free else "locked")
            if not finishes:
                raise
        await note("went on")

    told = logs(tuple(outcome_of_asyncio(finishes)))
    for property_ in (told, deadlock_free()):
        assert verdict(OBJECTS, threads(work, cancel), property_) is HOLDS

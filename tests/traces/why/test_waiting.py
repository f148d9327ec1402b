"""Threads that wait for good: the run goes on to where nobody moves, and the sentence says why."""

from typing import Any

from locking import (
    Cell,
    Completion,
    Fairness,
    Mutex,
    Object,
    RwSem,
    System,
    Thread,
    deadlock_free,
    forever,
    operation,
)
from locking.objects.operation import WAIT, Outcome
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import diagnose
from tests.traces.runs import of_system

x, y = Cell("x", 0), Cell("y", 0)
a, b = Mutex("a"), Mutex("b")


class Task(Object):
    """A task that is woken: a wake-up before it sleeps is lost."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "runs")

    @operation
    def sleep(self, state: str, me: str) -> Outcome:
        """Say that it will sleep."""
        return "sleeps", None

    @operation
    def wake(self, state: str, me: str) -> Outcome:
        """Wake it."""
        return "runs", None

    @operation
    def schedule(self, state: str, me: str) -> Outcome:
        """Go on once it is woken."""
        return WAIT if state == "sleeps" else (state, None)

    def show(self, state: str) -> str:
        """Whether it runs."""
        return state


def shown(objects: list[Any], threads: list[Thread], choices: str) -> ShownRun:
    """The run of `choices`, which shows a deadlock."""
    return of_system(System(objects, threads, [deadlock_free()]), choices)


async def work(first: Mutex, cell: Cell, second: Mutex) -> None:
    """A step of work between the two locks."""
    async with first.hold():
        await cell.write(1)
        async with second.hold():
            await cell.write(2)


def test_others_that_hold_a_lock_of_the_cycle_are_named_or_counted() -> None:
    def diagnosis(readers: int) -> str:
        sem, inode = RwSem("sem"), Mutex("inode")

        async def reads() -> None:
            async with sem.read(), inode.hold():
                pass

        async def writes() -> None:
            async with inode.hold(), sem.write():
                pass

        threads = [Thread(f"r{at}", reads) for at in range(readers)] + [Thread("w", writes)]
        choices = ".".join(f"{letter}1" for letter in "abcde"[: readers + 1])
        return diagnose(shown([sem, inode], threads, choices))

    assert "since step 1) and waits for inode" in diagnosis(1)
    assert "since step 1), as does r1, and waits for inode" in diagnosis(2)
    assert "since step 1), as do 3 others, and waits for inode" in diagnosis(4)


def test_a_run_to_a_deadlock_goes_on_until_no_thread_can_take_a_step() -> None:
    run = shown(
        [a, b, x, y], [Thread("one", work, (a, x, b)), Thread("two", work, (b, y, a))], "a1.b2"
    )
    assert run.beyond == 1 and len(run.trace.events) == 4
    assert not run.trace.product.moves(run.trace.end)
    assert diagnose(run) == (
        "ABBA deadlock: one holds a (since step 1) and waits for b; two holds b (since step 2) and "
        "waits for a: each waits for the other; after step 2, mutex_lock(b) by two, no run can "
        "come to its end."
    )


def test_a_run_beside_which_others_go_on_for_ever_ends_where_it_shows_the_deadlock() -> None:
    never = Completion("never")

    async def wait() -> None:
        await never.wait_for_completion()

    async def look() -> None:
        await x.READ_ONCE()

    async def spin() -> None:
        await forever(look)

    run = shown([never, x], [Thread("waits", wait), Thread("spins", spin, daemon=True)], "-")
    assert run.beyond == 0 and not run.trace.events


def test_a_missed_wake_up_says_what_came_before_what() -> None:
    task, condition = Task("task"), Cell("condition", False)

    async def sleeper() -> None:
        if not await condition.READ_ONCE():
            await task.sleep()
            await task.schedule()

    async def waker() -> None:
        await condition.WRITE_ONCE(True)
        await task.wake()

    run = shown([task, condition], [Thread("sleeper", sleeper), Thread("waker", waker)], "a1.b2.a1")
    says = diagnose(run)
    assert says.startswith("Missed wake-up: waker had changed condition from False to True in step")
    assert "step 2, after sleeper had read False in step 1 and before it waited" in says
    assert "waker took step 3, wake(task)" in says and "before sleeper waited" in says
    assert "whose state is: sleeps" in says and "nobody holds" not in says


def test_who_left_the_queue_and_came_back_is_not_in_front() -> None:
    lock, never = RwSem("lock", Fairness.FIFO), Completion("never")

    async def read() -> None:
        await lock.down_read()
        await lock.up_read()

    async def twice() -> None:
        for _ in range(2):
            await lock.down_write()
            await lock.up_write()

    async def holds() -> None:
        await lock.down_write()
        await never.wait_for_completion()

    threads = [Thread("R", read), Thread("C", twice), Thread("A", read), Thread("H", holds)]
    again = shown([lock, never], threads, "a1.b1.a1.b2.d1.c1.b1")
    assert "behind" not in diagnose(again)

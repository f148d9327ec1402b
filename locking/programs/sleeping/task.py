"""Tasks: a thread says that it sleeps, looks, and leaves the processor; others wake it.

Kernel: set_current_state(), include/linux/sched.h; schedule(), wake_up_process(), wake_q_add() and
wake_up_q(), kernel/sched/core.c; schedule_timeout(), kernel/time/timer.c; 5.15. Left out: which
processor, priorities, stopped tasks, and signals. A task that is waked while it says that it runs
is not told: that is the missed wake-up.
"""

from collections.abc import Hashable
from typing import Any, ClassVar, NamedTuple, Self

from locking.names import check_name
from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, FULL_BARRIER, NO_ORDER, RELEASE, Order
from locking.objects.waiting import sleeps
from locking.programs.constructs import atomic, choose
from locking.programs.sleeping.chances import TIME, WOKEN

TASK_RUNNING = "TASK_RUNNING"
TASK_INTERRUPTIBLE = "TASK_INTERRUPTIBLE"
TASK_UNINTERRUPTIBLE = "TASK_UNINTERRUPTIBLE"
TASK_STATES = (TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE)


class TaskState(NamedTuple):
    """What the thread says it does, and whether somebody has it on a wake_q."""

    state: str = TASK_RUNNING
    on_wake_q: bool = False


def if_woken(woken: Any, _: tuple[Hashable, ...]) -> Order:
    """What waking a task orders: a full barrier, and a release if it slept.

    Kernel: wake_up_process(), kernel/sched/core.c, and rcuwait_wake_up(), kernel/exit.c (v6.12).
    """
    return RELEASE._replace(full=True) if woken else FULL_BARRIER


def if_waked(waked: Any, _: tuple[Hashable, ...]) -> Order:
    """What a sleep that time has ended orders: an acquire if the task was waked all the same."""
    return ACQUIRE if waked else NO_ORDER


class Task(Object):
    """The task of a thread, by its name: that alone sets its state and sleeps.

    A thread has one task: `Task("a")` is the same object each time, whoever makes it, so that a
    model and the algorithms of its locks sleep on one.

    The object is called `NAME.task`, so that no trace says that a thread waits for itself.
    """

    made: ClassVar[dict[tuple[type, str], "Task"]] = {}

    waiting_in = sleeps("schedule", "time_out")

    def __new__(cls, thread: str) -> Self:
        """The task of that thread: the one that was made before, if one was."""
        check_name("thread of a task", thread)
        found = cls.made.setdefault((cls, thread), super().__new__(cls))
        assert isinstance(found, cls)
        return found

    def __init__(self, thread: str) -> None:
        super().__init__(f"{thread}.task", TaskState())
        self.thread = thread

    @ordered(FULL_BARRIER)
    @operation
    def set_current_state(self, task: TaskState, me: str, state: str) -> Outcome:
        """Say that the thread sleeps or runs: `TASK_INTERRUPTIBLE` and so on."""
        if state not in TASK_STATES:
            return Misuse(f"{me} sets the state {state!r}; it is one of {', '.join(TASK_STATES)}")
        return self.by_itself(me) or (task._replace(state=state), None)

    @ordered(ACQUIRE)
    @operation
    def schedule(self, task: TaskState, me: str) -> Outcome:
        """Sleep until waked; at once for a task that runs, or was waked since it said otherwise."""
        return self.by_itself(me) or (WAIT if task.state != TASK_RUNNING else (task, None))

    @ordered(if_waked)
    @operation
    def time_out(self, task: TaskState, me: str) -> Outcome:
        """Whether the task was waked; it runs now in any case. A part of `schedule_timeout`."""
        waked = task.state == TASK_RUNNING
        return self.by_itself(me) or (task._replace(state=TASK_RUNNING), waked)

    async def schedule_timeout(self) -> bool:
        """True once waked with time left, or False at any time; the task runs then.

        Kernel: what is returned is the time that is left, which may be 0 as well for a task that
        was waked. So False says nothing of a wake-up: look at what it stands for.
        """
        async with atomic():
            in_time = await choose(TIME, WOKEN) == WOKEN
            await (self.schedule() if in_time else self.time_out())
        return in_time

    @ordered(if_woken)
    @operation
    def wake_up_process(self, task: TaskState, me: str) -> Outcome:
        """Whether the task said that it sleeps; it runs now."""
        return task._replace(state=TASK_RUNNING), task.state != TASK_RUNNING

    @ordered(FULL_BARRIER)
    @operation
    def put_on_wake_q(self, task: TaskState, me: str) -> Outcome:
        """Whether nobody had it on a wake_q; somebody has now. A part of `wake_q_add`."""
        return task._replace(on_wake_q=True), not task.on_wake_q

    @ordered(NO_ORDER)
    @operation
    def take_off_wake_q(self, task: TaskState, me: str) -> Outcome:
        """Others may put it on theirs again. A part of `wake_up_q`, before the task is waked."""
        return task._replace(on_wake_q=False), None

    def by_itself(self, me: str) -> Misuse | None:
        """The misuse of another's task, if it is one."""
        return None if me == self.thread else Misuse(f"{me} does to {self.name} what only that may")

    def show(self, state: TaskState) -> str:
        """What the thread says it does."""
        return state.state + (", on a wake_q" if state.on_wake_q else "")


WakeQ = tuple[Task, ...]
"""Tasks that a thread is going to wake, first in front; a variable of that thread."""


async def wake_q_add(wake_q: WakeQ, task: Task) -> WakeQ:
    """`wake_q` with `task`, unless that is on one already: then somebody else wakes it."""
    return (*wake_q, task) if await task.put_on_wake_q() else wake_q


async def wake_up_q(wake_q: WakeQ) -> None:
    """Wake each of them, in their order."""
    for task in wake_q:
        await task.take_off_wake_q()
        await task.wake_up_process()

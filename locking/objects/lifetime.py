"""Whether a thread was started, has ended and was joined: what its creator and itself agree on.

POSIX: pthread_create() and pthread_join(); kernel: kthread_run() and kthread_stop(),
kernel/kthread.c. To start comes before all that the thread does, and all that before a join.
"""

from enum import Enum
from errno import EINTR

from locking.objects.operation import WAIT, Misuse, Object, Outcome, operation, ordered
from locking.objects.order import ACQUIRE, NO_ORDER, RELEASE
from locking.objects.waiting import sleeps


class Stage(Enum):
    """How far a thread has come."""

    NEW = "not started"
    STARTED = "started"
    STOPPING = "asked to stop"
    ENDED = "ended"
    JOINED = "joined"


class Lifetime(Object):
    """State: the stage of the thread that has the name of this object."""

    waiting_in = sleeps("begin_thread", "join_thread")

    def __init__(self, name: str) -> None:
        super().__init__(name, Stage.NEW)

    @ordered(RELEASE)
    @operation
    def start_thread(self, stage: Stage, me: str) -> Outcome:
        """Start it, which is done once."""
        if stage is not Stage.NEW:
            return Misuse(f"{me} starts {self.name}, which is {stage.value} already")
        return Stage.STARTED, None

    @ordered(ACQUIRE)
    @operation
    def begin_thread(self, stage: Stage, me: str) -> Outcome:
        """The first step of the thread itself, which waits until it is started.

        -EINTR where it was asked to stop before: then it does not run, as kthread() has it.
        """
        if stage is Stage.NEW:
            return WAIT
        return stage, -EINTR if stage is Stage.STOPPING else None

    @ordered(RELEASE)
    @operation
    def set_should_stop(self, stage: Stage, me: str) -> Outcome:
        """Ask it to stop, if it has not ended; a part of `kthread_stop`."""
        if stage in (Stage.NEW, Stage.JOINED):
            return Misuse(f"{me} stops {self.name}, which is {stage.value}")
        return (Stage.STOPPING if stage is Stage.STARTED else stage), None

    @ordered(NO_ORDER)
    @operation
    def should_stop(self, stage: Stage, me: str) -> Outcome:
        """Whether it was asked to stop; of the thread itself, as `kthread_should_stop`."""
        if me != self.name:
            return Misuse(f"{me} asks whether {self.name} should stop, which only that may")
        return stage, stage is Stage.STOPPING

    @ordered(RELEASE)
    @operation
    def end_thread(self, stage: Stage, me: str) -> Outcome:
        """The last step of the thread itself."""
        return Stage.ENDED, None

    @ordered(ACQUIRE)
    @operation
    def join_thread(self, stage: Stage, me: str) -> Outcome:
        """Wait until it has ended; once, by another thread, and only once it was started."""
        if me == self.name:
            return Misuse(f"{me} joins itself")
        if stage in (Stage.NEW, Stage.JOINED):
            return Misuse(f"{me} joins {self.name}, which is {stage.value}")
        return (Stage.JOINED, None) if stage is Stage.ENDED else WAIT

    def show(self, stage: Stage) -> str:
        """The stage."""
        return stage.value

"""Checks lock designs by exploring every interleaving.

Models, placements and properties are written with these names; see docs/reference.md.
"""

from pathlib import Path

from locking.model import Case, Expect, Model, Scenario, Size
from locking.objects.allocated import FREED, AllocatedCell
from locking.objects.atomic import Atomic
from locking.objects.barrier import Barrier
from locking.objects.completion import Completion
from locking.objects.event import AutoResetEvent, ManualResetEvent
from locking.objects.exclusive import Mutex, Spinlock
from locking.objects.groups import array, table
from locking.objects.latch import Latch
from locking.objects.lifetime import Lifetime, Stage
from locking.objects.lockdep import Lock
from locking.objects.memory import Cell, Record, Refcount
from locking.objects.operation import (
    WAIT,
    Holding,
    Misuse,
    Object,
    Order,
    Outcome,
    Queue,
    access,
    operation,
    ordered,
)
from locking.objects.percpu_ref import PercpuRef, PercpuRefState, RefMode
from locking.objects.range_lock import RangeLock, RangeState, Span
from locking.objects.rcu import Rcu, RcuState, Srcu
from locking.objects.reader_writer import Fairness, PercpuRwSem, RwSem, RwState
from locking.objects.recursive import Owned, RecursiveMutex
from locking.objects.region import Region
from locking.objects.seqlock import Seqcount, Seqlock
from locking.objects.upgradable import UpgradableRwLock, UpgradableState
from locking.objects.ww_mutex import WwClass, WwContext, WwState
from locking.placements.placement import Placement, Step, perform, step
from locking.placements.space import Space
from locking.programs.allocation import Allocation
from locking.programs.callbacks import run_callbacks
from locking.programs.children import Child, current, join, start, workers
from locking.programs.constructs import (
    Again,
    atomic,
    choose,
    forever,
    procedure,
    require,
    retry,
    retry_with,
    section,
)
from locking.programs.sleeping.condition import Condition
from locking.programs.sleeping.futex import Futex
from locking.programs.sleeping.monitor import Monitor
from locking.programs.sleeping.parker import Parker
from locking.programs.sleeping.rcuwait import RcuWait, rcuwait_wait_event
from locking.programs.sleeping.semaphore import PosixSemaphore, Semaphore
from locking.programs.sleeping.task import (
    TASK_INTERRUPTIBLE,
    TASK_RUNNING,
    TASK_UNINTERRUPTIBLE,
    Task,
    wake_q_add,
    wake_up_q,
)
from locking.programs.sleeping.wait_queue import (
    WaitQueue,
    wait_event,
    wait_event_exclusive,
    wait_event_interruptible,
    wait_event_timeout,
)
from locking.programs.thread import Thread
from locking.programs.waiting import wait_until
from locking.properties.can_end import can_end
from locking.properties.deadlock import deadlock_free
from locking.properties.explored import Explored, Finding, Judgement, Property, Verdict
from locking.properties.failing import assertions, no_misuse, required
from locking.properties.happens_before import happens_before_race_free
from locking.properties.liveness import eventually, no_livelock, served
from locking.properties.race import data_race_free
from locking.properties.released import locks_released
from locking.properties.state import always, at_end, never, sometimes
from locking.properties.together import never_together, sometimes_together
from locking.properties.view import View, view
from locking.scope import Parameter
from locking.system import System
from locking.testing.together import together

__all__ = [
    "FREED",
    "TASK_INTERRUPTIBLE",
    "TASK_RUNNING",
    "TASK_UNINTERRUPTIBLE",
    "WAIT",
    "Again",
    "AllocatedCell",
    "Allocation",
    "Atomic",
    "AutoResetEvent",
    "Barrier",
    "Case",
    "Cell",
    "Child",
    "Completion",
    "Condition",
    "Expect",
    "Explored",
    "Fairness",
    "Finding",
    "Futex",
    "Holding",
    "Judgement",
    "Latch",
    "Lifetime",
    "Lock",
    "ManualResetEvent",
    "Misuse",
    "Model",
    "Monitor",
    "Mutex",
    "Object",
    "Order",
    "Outcome",
    "Owned",
    "Parameter",
    "Parker",
    "PercpuRef",
    "PercpuRefState",
    "PercpuRwSem",
    "Placement",
    "PosixSemaphore",
    "Property",
    "Queue",
    "RangeLock",
    "RangeState",
    "Rcu",
    "RcuState",
    "RcuWait",
    "Record",
    "RecursiveMutex",
    "RefMode",
    "Refcount",
    "Region",
    "RwSem",
    "RwState",
    "Scenario",
    "Semaphore",
    "Seqcount",
    "Seqlock",
    "Size",
    "Space",
    "Span",
    "Spinlock",
    "Srcu",
    "Stage",
    "Step",
    "System",
    "Task",
    "Thread",
    "UpgradableRwLock",
    "UpgradableState",
    "Verdict",
    "View",
    "WaitQueue",
    "WwClass",
    "WwContext",
    "WwState",
    "access",
    "always",
    "array",
    "assertions",
    "at_end",
    "atomic",
    "can_end",
    "choose",
    "current",
    "data_race_free",
    "deadlock_free",
    "eventually",
    "forever",
    "happens_before_race_free",
    "join",
    "locks_released",
    "never",
    "never_together",
    "no_livelock",
    "no_misuse",
    "operation",
    "ordered",
    "perform",
    "procedure",
    "rcuwait_wait_event",
    "require",
    "required",
    "retry",
    "retry_with",
    "run_callbacks",
    "section",
    "served",
    "sometimes",
    "sometimes_together",
    "start",
    "step",
    "table",
    "together",
    "view",
    "wait_event",
    "wait_event_exclusive",
    "wait_event_interruptible",
    "wait_event_timeout",
    "wait_until",
    "wake_q_add",
    "wake_up_q",
    "workers",
]

ROOT = Path(__file__).parent.parent

# In a checkout that is not installed, `locking.models` is the folder `models/` beside it.
if not Path(__file__).with_name("models").exists() and (ROOT / "models/textbook").exists():
    __path__.append(str(ROOT))

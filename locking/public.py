"""All public names; `locking` has them, and imports this file when the first is asked for."""

from locking.model import Case, Expect, Model, Scenario, Size
from locking.objects.allocated import FREED, AllocatedCell
from locking.objects.atomic import Atomic
from locking.objects.event import AutoResetEvent, ManualResetEvent
from locking.objects.exclusive import Spinlock
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
    Outcome,
    Queue,
    access,
    operation,
    ordered,
)
from locking.objects.order import Order
from locking.objects.percpu_ref import PercpuRef, PercpuRefState, RefMode
from locking.objects.processor import Context, Frame, Processor
from locking.objects.range_lock import RangeLock, RangeState, Span
from locking.objects.rcu import Rcu, RcuState, Srcu
from locking.objects.reader_writer import Fairness, PercpuRwSem, RwState
from locking.objects.recursive import Owned, RecursiveMutex
from locking.objects.region import Region
from locking.objects.rules import Ruled
from locking.objects.seqlock import Seqcount, Seqlock
from locking.objects.specification import Specification
from locking.objects.tickets import Tickets
from locking.objects.upgradable import UpgradableRwLock, UpgradableState
from locking.objects.waiting import Waiting, sleeps, spins
from locking.placements.placement import Placement, perform, step
from locking.placements.space import Space
from locking.placements.trees import Step, let_go, query, take, trylock, when
from locking.programs.algorithm import Algorithm, Implementation
from locking.programs.allocation import Allocation
from locking.programs.barriers import (
    smp_mb,
    smp_mb__after_atomic,
    smp_mb__after_spinlock,
    smp_mb__before_atomic,
    smp_rmb,
    smp_wmb,
)
from locking.programs.callbacks import kfree_rcu, kfree_rcu_work, run_callbacks
from locking.programs.children import Child, current, join, start, workers
from locking.programs.constructs import (
    Again,
    CancelledError,
    atomic,
    choose,
    forever,
    procedure,
    require,
    retry,
    retry_with,
    section,
)
from locking.programs.handlers import (
    hardirq,
    local_bh_disable,
    local_bh_enable,
    local_irq_disable,
    local_irq_enable,
    local_irq_restore,
    local_irq_save,
    nmi,
    preempt_disable,
    preempt_enable,
    softirq,
    spin_lock_bh,
    spin_lock_irq,
    spin_lock_irqsave,
    spin_unlock_bh,
    spin_unlock_irq,
    spin_unlock_irqrestore,
)
from locking.programs.refinement import refine
from locking.programs.sleeping.barrier import Barrier
from locking.programs.sleeping.cancellation import Cancellation
from locking.programs.sleeping.completion import Completion
from locking.programs.sleeping.condition import Condition
from locking.programs.sleeping.futex import Futex
from locking.programs.sleeping.giving_up import interruptible, timed
from locking.programs.sleeping.kthread import kthread_should_stop, kthread_stop
from locking.programs.sleeping.monitor import Monitor
from locking.programs.sleeping.mutex import Mutex
from locking.programs.sleeping.parker import Parker
from locking.programs.sleeping.rcuwait import RcuWait, rcuwait_wait_event
from locking.programs.sleeping.rwsem import RwSem
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
    wait_event_cancellable,
    wait_event_exclusive,
    wait_event_interruptible,
    wait_event_timeout,
)
from locking.programs.sleeping.ww_mutex import WwClass, WwContext, WwState
from locking.programs.thread import Thread
from locking.programs.waiting import smp_cond_load_relaxed, wait_until
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
    "Algorithm",
    "AllocatedCell",
    "Allocation",
    "Atomic",
    "AutoResetEvent",
    "Barrier",
    "Cancellation",
    "CancelledError",
    "Case",
    "Cell",
    "Child",
    "Completion",
    "Condition",
    "Context",
    "Expect",
    "Explored",
    "Fairness",
    "Finding",
    "Frame",
    "Futex",
    "Holding",
    "Implementation",
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
    "Processor",
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
    "Ruled",
    "RwSem",
    "RwState",
    "Scenario",
    "Semaphore",
    "Seqcount",
    "Seqlock",
    "Size",
    "Space",
    "Span",
    "Specification",
    "Spinlock",
    "Srcu",
    "Stage",
    "Step",
    "System",
    "Task",
    "Thread",
    "Tickets",
    "UpgradableRwLock",
    "UpgradableState",
    "Verdict",
    "View",
    "WaitQueue",
    "Waiting",
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
    "hardirq",
    "interruptible",
    "join",
    "kfree_rcu",
    "kfree_rcu_work",
    "kthread_should_stop",
    "kthread_stop",
    "let_go",
    "local_bh_disable",
    "local_bh_enable",
    "local_irq_disable",
    "local_irq_enable",
    "local_irq_restore",
    "local_irq_save",
    "locks_released",
    "never",
    "never_together",
    "nmi",
    "no_livelock",
    "no_misuse",
    "operation",
    "ordered",
    "perform",
    "preempt_disable",
    "preempt_enable",
    "procedure",
    "query",
    "rcuwait_wait_event",
    "refine",
    "require",
    "required",
    "retry",
    "retry_with",
    "run_callbacks",
    "section",
    "served",
    "sleeps",
    "smp_cond_load_relaxed",
    "smp_mb",
    "smp_mb__after_atomic",
    "smp_mb__after_spinlock",
    "smp_mb__before_atomic",
    "smp_rmb",
    "smp_wmb",
    "softirq",
    "sometimes",
    "sometimes_together",
    "spin_lock_bh",
    "spin_lock_irq",
    "spin_lock_irqsave",
    "spin_unlock_bh",
    "spin_unlock_irq",
    "spin_unlock_irqrestore",
    "spins",
    "start",
    "step",
    "table",
    "take",
    "timed",
    "together",
    "trylock",
    "view",
    "wait_event",
    "wait_event_cancellable",
    "wait_event_exclusive",
    "wait_event_interruptible",
    "wait_event_timeout",
    "wait_until",
    "wake_q_add",
    "wake_up_q",
    "when",
    "workers",
]

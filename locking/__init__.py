"""Checks lock designs by exploring every interleaving.

Models, placements and properties are written with these names; see docs/reference.md.
"""

from pathlib import Path

from locking.model import Case, Expect, Model, Parameter, Scenario, Size
from locking.objects.atomic import Atomic
from locking.objects.completion import Completion
from locking.objects.exclusive import Mutex, Spinlock
from locking.objects.groups import array, table
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
from locking.objects.range_lock import RangeLock, RangeState, Span
from locking.objects.reader_writer import Fairness, PercpuRwSem, RwSem, RwState
from locking.objects.recursive import Owned, RecursiveMutex
from locking.objects.region import Region
from locking.objects.seqlock import Seqcount, Seqlock
from locking.objects.upgradable import UpgradableRwLock, UpgradableState
from locking.objects.ww_mutex import WwClass, WwContext, WwState
from locking.placements.placement import Placement, Step, perform, step
from locking.placements.space import Space
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
from locking.programs.thread import Thread
from locking.properties.deadlock import deadlock_free
from locking.properties.explored import Explored, Finding, Judgement, Property, Verdict
from locking.properties.failing import assertions, no_misuse, required
from locking.properties.happens_before import happens_before_race_free
from locking.properties.race import data_race_free
from locking.properties.released import locks_released
from locking.properties.state import always, at_end, never, sometimes
from locking.properties.together import never_together, sometimes_together
from locking.properties.view import View, view
from locking.system import System
from locking.testing.together import together

__all__ = [
    "WAIT",
    "Again",
    "Atomic",
    "Case",
    "Cell",
    "Completion",
    "Expect",
    "Explored",
    "Fairness",
    "Finding",
    "Holding",
    "Judgement",
    "Lock",
    "Misuse",
    "Model",
    "Mutex",
    "Object",
    "Order",
    "Outcome",
    "Owned",
    "Parameter",
    "PercpuRwSem",
    "Placement",
    "Property",
    "Queue",
    "RangeLock",
    "RangeState",
    "Record",
    "RecursiveMutex",
    "Refcount",
    "Region",
    "RwSem",
    "RwState",
    "Scenario",
    "Seqcount",
    "Seqlock",
    "Size",
    "Space",
    "Span",
    "Spinlock",
    "Step",
    "System",
    "Thread",
    "UpgradableRwLock",
    "UpgradableState",
    "Verdict",
    "View",
    "WwClass",
    "WwContext",
    "WwState",
    "access",
    "always",
    "array",
    "assertions",
    "at_end",
    "atomic",
    "choose",
    "data_race_free",
    "deadlock_free",
    "forever",
    "happens_before_race_free",
    "locks_released",
    "never",
    "never_together",
    "no_misuse",
    "operation",
    "ordered",
    "perform",
    "procedure",
    "require",
    "required",
    "retry",
    "retry_with",
    "section",
    "sometimes",
    "sometimes_together",
    "step",
    "table",
    "together",
    "view",
]

ROOT = Path(__file__).parent.parent

# In a checkout that is not installed, `locking.models` is the folder `models/` beside it.
if not Path(__file__).with_name("models").exists() and (ROOT / "models/textbook").exists():
    __path__.append(str(ROOT))

"""A small model for the tests of monitors: two locks, four named steps, events and probes."""

import tomllib

from locking import Mutex, Placement, RwSem, step
from locking.conformance.event_map import EventMap, event_map_of
from locking.conformance.recorded_event import RecordedEvent
from locking.conformance.roles import with_every_role
from locking.models.memory_hotplug import MODEL
from locking.monitors.rules import events_known
from locking.monitors.table import ProbeTable, probes_of, read_probe_table
from locking.monitors.told_apart import told_apart
from tests.conformance.held import EVERY_TRACE, FORMS, PLACEMENTS, ROOT, recording
from tests.conformance.held import events as events_of_memory_hotplug

TABLE = """
[probes]
w_in = { function = "down_write", at = "entry", symbol = "big" }
w_acq = { function = "down_write", at = "return", symbol = "big" }
w_rel = { function = "up_write", at = "entry", symbol = "big" }
w_down = { function = "downgrade_write", at = "entry", symbol = "big" }
r_acq = { function = "get_big", at = "return" }
r_rel = { function = "put_big", at = "entry" }
m_acq = { function = "lock_small", at = "return" }
m_rel = { function = "unlock_small", at = "entry" }
a_in = { function = "add", at = "entry", fetch = "pfn=$arg1:u64" }
a_out = { function = "add", at = "return" }
b_in = { function = "build", at = "entry" }
c_at = { function = "caller", at = "+0x1c" }

[events]
w_acq = { where = { sem = "big*" } }

[locks.big]
downgrade = ["w_down"]
[locks.big.write]
take = ["w_in", "w_acq"]
release = ["w_rel"]
[locks.big.read]
take = ["r_acq"]
release = ["r_rel"]
[locks.small.hold]
take = ["m_acq"]
release = ["m_rel"]

[steps]
A = ["a_in", "a_out"]
B = ["b_in", "b_out?"]
C = ["c_at"]
"""
"""Probes and an event map, which the tests write as one text."""


@step("A")
async def A(_: object) -> None:
    """A step of two events."""


@step("A_LOCKED", variant_of=A)
async def A_LOCKED(_: object) -> None:
    """A variant without a row of its own."""


@step("B")
async def B(_: object) -> None:
    """A step of an event that may be followed by another."""


@step("C")
async def C(_: object) -> None:
    """A step of one event."""


@step("HIDDEN")
async def HIDDEN(_: object) -> None:
    """A step that no event shows."""


big = RwSem("big")
small = Mutex("small")

SPLIT = Placement("split", worker=[big.write(A, HIDDEN), B], other=[big.read(C)])
"""W[A HIDDEN] B; R[C]."""


def planted_table(text: str = TABLE) -> ProbeTable:
    """The probes and the event map of a text."""
    table = tomllib.loads(text)
    probes = {"probes": table.pop("probes")}
    events = EventMap(**{**vars(event_map_of(table)), "files": ("planted.events.toml",)})
    return ProbeTable("planted.probes.toml", probes_of(probes), events)


def table_of_memory_hotplug() -> ProbeTable:
    """The probes and the event map that come with the model."""
    file = ROOT / "models" / "memory_hotplug" / "probes.toml"
    return read_probe_table(str(file), events_of_memory_hotplug())


def hotplug_placement(name: str) -> Placement:
    """A placement of memory_hotplug, with all roles that tasks may play."""
    return with_every_role(MODEL, PLACEMENTS[name], events_of_memory_hotplug())


def hotplug_events(trace: str, form: str = FORMS[1]) -> list[RecordedEvent]:
    """The events of a trace of a real kernel that the event map knows, by their names there."""
    assert trace in EVERY_TRACE
    return list(told_apart(recording(trace, form), events_of_memory_hotplug()).events)


def watched_events(trace: str, form: str = FORMS[1]) -> list[RecordedEvent]:
    """Those of them by which an automaton goes."""
    known = events_known(table_of_memory_hotplug())
    return [each for each in hotplug_events(trace, form) if each.name in known]

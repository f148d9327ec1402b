"""A small model for the tests of monitors: two locks, four named steps, and a table of probes."""

from pathlib import Path

from locking import Mutex, Placement, RwSem, step
from locking.monitors.table import ProbeTable, probe_table, read_probe_table

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

[roles]
other = [{ region = "big.read", over = ["C"] }]
"""


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
    """The table of a text."""
    import tomllib

    return probe_table("planted.toml", tomllib.loads(text))


def table_of_memory_hotplug() -> ProbeTable:
    """The table that comes with the model."""
    import locking.models.memory_hotplug as model

    return read_probe_table(str(Path(model.__file__ or "").with_name("probes.toml")))

"""A call or two of every command, and the folder in which each of them says something."""

from pathlib import Path

from tests.cli.test_cli_process import SLOW
from tests.litmus.classics import CLASSICS

TESTS = Path(__file__).parents[1]
TRACES = TESTS / "data" / "traces"
PLACEMENTS = "duyck williams-rwsem-gap shared-repaired"
SCENARIOS = "--scenario add-vs-add add-vs-remove"
KERNEL_TRACE = TRACES / "deb61_s3a_dimm_add_vs_pmem.ftrace.txt.gz"

EXAMPLES = {
    "check": (
        "toy.py slow.py --max-states 3000",
        f"memory_hotplug --placement {PLACEMENTS} {SCENARIOS}",
        "weak_memory.rcuwait_wake_up --memory lkmm",
        "message.py --any-number reader writer --certificate again.json",
    ),
    "sample": (
        "toy.py --scenario many --placement bare --runs 2000",
        "textbook.abba --method bounded --preemptions 1",
    ),
    "trace": (
        "memory_hotplug --scenario add-vs-remove --placement duyck",
        "textbook.starvation",
        "weak_memory.rcuwait_wake_up --variant before --memory lkmm",
    ),
    "replay": (
        "toy.py:many:bare:sum::a1.b2.a1",
        "--why memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4",
    ),
    "compare": (
        "locked bare --model toy.py",
        f"duyck baseline {SCENARIOS}",
    ),
    "explain": ("locked --model toy.py", "williams-rwsem-gap --scenario add-vs-add"),
    "barriers": ("weak_memory.rcuwait_wake_up",),
    "measure": ("toy.py", "memory_hotplug --scenario add-vs-remove --placement duyck"),
    "cost": (
        "--placement duyck williams-rwsem-gap --nodes 1..2",
        "--placement williams-rwsem-gap --nodes 4 --stagger 1",
    ),
    "lockorder": (
        "toy.py",
        "--scenario add-vs-remove online-vs-sysfs-online --placement shared-repaired",
    ),
    "synthesize": (f"{TESTS}/studies/toy.py", "toy.py"),
    "graph": ("textbook.abba", "textbook.abba --object a"),
    "export": ("textbook.abba --to promela",),
    "read": (
        "wrong.c --entry f --functions a b",
        "right.c --entry f --functions a b c",
    ),
    "drift": ("wrong.c kernel_bugs.online_pages --pins pins.toml", "wrong.c"),
    "conform": (str(KERNEL_TRACE), f"{KERNEL_TRACE} --placement shared-repaired"),
    "monitor": ("--placement duyck", f"--placement duyck --over {KERNEL_TRACE}"),
    "litmus": ("SB.litmus", "tests"),
    "certify": ("proof.json", "proof.json message.py"),
    "list": ("memory_hotplug", ""),
    "new": ("placement mine2", "lock mine3"),
}
"""The words of calls, by command."""

LONG = {
    "check": ("memory_hotplug --junit report.xml", 8),
    "sample": ("toy.py --scenario many --placement bare --runs 200000", 4),
    "trace": ("slow.py", 4),
    "replay": ("--why memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4", 1),
    "compare": ("duyck baseline", 4),
    "explain": (f"shared-repaired {SCENARIOS}", 8),
    "barriers": ("kernel_locks.guarded --scenario mcs", 4),
    "measure": (f"memory_hotplug --placement {PLACEMENTS}", 4),
    "cost": (f"--placement {PLACEMENTS} --nodes 1..6", 4),
    "lockorder": (f"--placement {PLACEMENTS}", 4),
    "synthesize": ("memory_hotplug --regions 1", 6),
    "graph": ("slow.py --limit 100000", 4),
    "export": ("memory_hotplug --scenario add-vs-add --placement shared-repaired --to tla", 2),
    "read": ("right.c --entry f --functions a b c", 1),
    "drift": ("wrong.c", 1),
    "conform": (str(KERNEL_TRACE), 1),
    "monitor": (f"--placement duyck --over {KERNEL_TRACE}", 1),
    "litmus": ("tests", 1),
    "certify": ("proof.json message.py", 1),
    "list": ("", 1),
    "new": ("lock mine3", 1),
}
"""The words of a call that takes a while, by command, and the last moment to end it, in seconds."""

PROVES = "check message.py --any-number reader writer --property apart --certificate proof.json"
"""What writes the certificate that is checked."""

MESSAGE = """
from locking import Cell, Model, RwSem, System, Thread, data_race_free, never_together, section

lock, value = RwSem("lock"), Cell("value", "old")

async def read():
    async with lock.read(), section("reads"):
        await value.read()

async def write():
    async with lock.write(), section("writes"):
        await value.write("new")

MODEL = Model("message", "a value under a lock for readers and writers", lambda case: System(
    [lock, value],
    [Thread("reader", read), Thread("writer", write)],
    [never_together("apart", "reads", "writes"), data_race_free()],
))
"""

WRONG = """int f(int x)
{
\tmutex_lock(&m);
\tif (a())
\t\treturn -1;
\tb();
\tmutex_unlock(&m);
\treturn 0;
}
"""

RIGHT = """int f(int x)
{
\tint ret;

\tmutex_lock(&m);
\tret = a();
\tif (ret)
\t\tgoto out;
\tb();
out:
\tmutex_unlock(&m);
\tc();
\treturn ret;
}
"""

PINS = '[pins.grows]\nf = { file = "wrong.c", digest = "8fbf1e77430e2069" }\n'


def prepare(folder: Path) -> None:
    """Write the files that the examples read, but for a certificate."""
    texts = {"slow.py": SLOW, "message.py": MESSAGE, "wrong.c": WRONG, "right.c": RIGHT}
    for name, text in {**texts, "pins.toml": PINS}.items():
        (folder / name).write_text(text)
    (folder / "tests").mkdir()
    for each in CLASSICS:
        (folder / "tests" / f"{each.name}.litmus").write_text(each.text)
    (folder / "SB.litmus").write_text(next(each.text for each in CLASSICS if each.name == "SB"))

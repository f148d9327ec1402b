"""What `lockorder` prints, and its status."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome

Locking = Callable[..., Outcome]

GATED = """
from locking import Model, Mutex, System, Thread, deadlock_free

gate, one, other = (Mutex(name) for name in ("gate", "one", "other"))


async def take(first, second):
    async with gate.hold(), first.hold(), second.hold():
        pass


THREADS = [Thread("a", take, (one, other)), Thread("b", take, (other, one))]
SYSTEM = System([gate, one, other], THREADS, [deadlock_free()])
MODEL = Model("gated", "Two orders under one lock", lambda case: SYSTEM)
"""


def test_a_cycle_that_a_run_closes_is_shown_and_is_status_1(locking: Locking) -> None:
    status, out, err = locking("lockorder", "textbook.abba")
    assert (status, err) == (1, "")
    path = out.partition("closed after 2 steps\n    locking replay ")[2].split()[0]
    assert "ABBA deadlock" in locking("replay", path)[1]
    assert "no order of locks that all keep" in out


def test_a_cycle_that_a_lock_keeps_open_is_status_0(here: Path, locking: Locking) -> None:
    (here / "gated.py").write_text(GATED)
    status, out, _ = locking("lockorder", "gated.py")
    assert status == 0
    assert "no run closes it: gate keeps apart those who" in " ".join(out.split())


def test_what_is_not_searched_to_its_end_is_no_promise(here: Path, locking: Locking) -> None:
    (here / "gated.py").write_text(GATED)
    status, out, _ = locking("lockorder", "gated.py", "--max-states", "14")
    assert status == 3
    assert "NOT every interleaving (more than 14 states)" in " ".join(out.split())
    assert "keeps apart" not in out


def test_memory_hotplug_takes_its_locks_in_the_order_of_the_kernel(locking: Locking) -> None:
    words = ("lockorder", "memory_hotplug", "--placement", "duyck")
    status, out, _ = locking(*words, "--scenario", "online-vs-sysfs-online", "add-vs-remove")
    order = "device_hotplug_lock, mem_hotplug_lock, pgdat_resize_lock, span_seqlock"
    assert status == 0
    assert f"outermost first: {order}" in " ".join(out.split())

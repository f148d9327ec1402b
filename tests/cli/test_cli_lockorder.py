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
    """What is only held for reading is left out of checks, and can be left out here."""
    words = ("lockorder", "memory_hotplug", "--placement", "duyck", "--cpus", "left-out")
    status, out, _ = locking(*words, "--scenario", "online-vs-sysfs-online", "add-vs-remove")
    order = "device_hotplug_lock, mem_hotplug_lock, pgdat_resize_lock, span_seqlock"
    assert status == 0
    assert f"outermost first: {order}" in " ".join(out.split())


KERNEL = """all lock classes:
ffffffff82a01000 FD:    2 BD:    1 +.+.: b
 -> [ffffffff82a02000] a

ffffffff82a02000 FD:    1 BD:    2 +.+.: a

"""


def test_a_kernel_that_takes_them_the_other_way_closes_a_cycle_with_the_model(
    here: Path, locking: Locking
) -> None:
    (here / "kernel").write_text(KERNEL)
    (here / "one_way.py").write_text(
        GATED.replace('"gate", "one", "other"', '"gate", "a", "b"').replace(
            "(other, one)", "(one, other)"
        )
    )
    status, out, _ = locking("lockorder", "one_way.py", "--kernel", "kernel")
    assert status == 1
    assert "only in the model: a -> b" in out and "only in the kernel: b -> a" in out
    assert "not in the kernel: gate" in out
    assert "cycle of the kernel and the model together: b -> a -> b" in out


def test_a_file_that_is_no_proc_lockdep_is_bad_usage(here: Path, locking: Locking) -> None:
    (here / "kernel").write_text("all lock classes:\nwhat is this\n")
    for file, says in (("kernel", "kernel, line 2: 'what is this'"), ("none", "--kernel none: ")):
        status, _, err = locking("lockorder", "textbook.abba", "--kernel", file)
        assert status == 2 and says in err and "Traceback" not in err


def test_the_lock_of_cpu_hotplug_is_in_the_order_as_in_real_kernels(locking: Locking) -> None:
    words = ("lockorder", "memory_hotplug", "--placement", "duyck")
    status, out, _ = locking(*words, "--scenario", "online-vs-sysfs-online", "add-vs-remove")
    order = "device_hotplug_lock, cpu_hotplug_lock, mem_hotplug_lock, pgdat_resize_lock"
    assert status == 0
    assert f"outermost first: {order}, span_seqlock" in " ".join(out.split())


TASK_ONLY = """
from locking import Model, Processor, Spinlock, System, Thread, deadlock_free

cpu, a, b = Processor("cpu"), Spinlock("a"), Spinlock("b")


async def count():
    async with a.hold(), b.hold():
        pass


SYSTEM = System([cpu, a, b], [Thread("task", count, processor=cpu)], [deadlock_free()])
MODEL = Model("task_only", "A task takes two locks", lambda case: SYSTEM)
"""


def test_a_lock_that_the_kernel_takes_in_handlers_is_compared_with_the_contexts_of_the_search(
    here: Path, locking: Locking
) -> None:
    (here / "task_only.py").write_text(TASK_ONLY)
    (here / "lockdep").write_text(KERNEL.replace("2 BD:    1 +.+.: b\n -> [ffffffff82a02000] a",
                                                 "1 BD:    1 -.+.: b"))  # fmt: skip
    status, out, _ = locking("lockorder", "task_only.py", "--kernel", "lockdep")
    words = " ".join(out.split())
    assert status == 1
    assert "usage in both: {HARDIRQ-ON-W} a, {SOFTIRQ-ON-W} a, {SOFTIRQ-ON-W} b" in words
    assert "usage only in the kernel: {IN-HARDIRQ-W} b" in words
    assert "usage only in the model: {HARDIRQ-ON-W} b" in words
    clash = "inconsistent lock state of b: {IN-HARDIRQ-W} in the kernel, {HARDIRQ-ON-W} here"
    assert clash in words


def test_chains_of_a_kernel_are_compared_like_its_classes(here: Path, locking: Locking) -> None:
    (here / "task_only.py").write_text(TASK_ONLY)
    (here / "chains").write_text("all lock chains:\nirq_context: 0\n[1] b\n[2] a\n")
    status, out, _ = locking("lockorder", "task_only.py", "--kernel", "chains")
    assert status == 1 and "cycle of the kernel and the model together" in out

"""/proc/lockdep, /proc/lockdep_chains and reports are read as the kernel writes them."""

import pytest

from locking.errors import UsageError
from locking.studies.kernel_files import read_kernel_locks
from tests.studies.test_kernel_order import SAMPLE

CHAINS = """all lock chains:
irq_context: 0
[ffffffff82a01000] device_hotplug_lock
[ffffffff82a02000] cpu_hotplug_lock
[ffffffff82a03000] mem_hotplug_lock.rw_sem

irq_context: softirq
[00000000e1] &zone->lock

irq_context: hardirq|softirq
[00000000e1] &zone->lock
[00000000e2] &p->pi_lock

"""
"""Made for this test, in the layout of lc_show(); the keys are made up."""

REPORT = """
[   10.0] WARNING: possible circular locking dependency detected
[   10.0] a/1 is trying to acquire lock:
[   10.0] ffff0001 (&(&x->one)->rlock){+.+.}-{3:3}, at: f+0x1/0x2
[   10.0] but task is already holding lock:
[   10.0] ffff0002 (two){..-?}-{2:2}, at: g+0x1/0x2
[   10.0] the existing dependency chain (in reverse order) is:
[   10.0] -> #2 (two){..-?}-{2:2}:
[   10.0]        lock_acquire+0x1/0x2
[   10.0] -> #1 (three){....}-{3:3}:
[   10.0] -> #0 (&(&x->one)->rlock){+.+.}-{3:3}:
[   10.0] stack backtrace:
"""
"""Made for this test, in the layout of print_circular_bug_header() and print_lock_name()."""


def test_classes_are_known_by_their_names() -> None:
    found = read_kernel_locks(SAMPLE, "f").taken_next
    assert found["cpu_hotplug_lock"] == {"mem_hotplug_lock.rw_sem"}
    assert found["&(&zone->span_seqlock)->lock"] == set()


def test_the_signs_of_a_class_say_how_it_is_used() -> None:
    found = read_kernel_locks(SAMPLE, "f").usages
    assert found["device_hotplug_lock"] == {"HARDIRQ-ON-W", "SOFTIRQ-ON-W"}
    assert len(found["cpu_hotplug_lock"]) == 4
    assert found["&(&zone->span_seqlock)->lock"] == set()


def test_a_chain_is_an_order_in_a_context() -> None:
    found = read_kernel_locks(CHAINS, "f")
    assert found.taken_next["cpu_hotplug_lock"] == {"mem_hotplug_lock.rw_sem"}
    assert found.taken_next["mem_hotplug_lock.rw_sem"] == set()
    assert found.taken_next["&zone->lock"] == {"&p->pi_lock"}
    assert found.usages["cpu_hotplug_lock"] == set() and not found.modes
    assert found.usages["&zone->lock"] == {"IN-SOFTIRQ", "IN-HARDIRQ"}
    assert read_kernel_locks("(buggered) " + CHAINS, "f") == found


def test_a_report_has_the_signs_and_the_order_that_goes_round() -> None:
    found = read_kernel_locks(REPORT, "f")
    one = "&(&x->one)->rlock"
    assert found.taken_next == {one: {"three"}, "three": {"two"}, "two": {one}}
    assert found.usages["two"] == {"IN-SOFTIRQ-W", "IN-SOFTIRQ-R", "SOFTIRQ-ON-R"}
    assert found.usages[one] == {"HARDIRQ-ON-W", "SOFTIRQ-ON-W"} and found.modes


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "f, line 1: a copy of /proc/lockdep begins"),
        ("lock_stat version 0.4\n", "f, line 1: a copy of /proc/lockdep begins"),
        ("all lock classes:\nno class\n", "f, line 2: 'no class' is neither a class"),
        ("all lock classes:\n -> [1] a\n", "f, line 2: '-> [1] a' is neither a class"),
        ("all lock chains:\n[1] a\n", "f, line 2: '[1] a' is neither 'irq_context: 0'"),
        (CHAINS + "a\n", "f, line 14: 'a' is neither 'irq_context: 0'"),
        ("all lock chains:\nirq_context: nmi\n", "f, line 2: 'irq_context: nmi' is neither"),
        (SAMPLE + " -> a\n", "f, line 13: '-> a' is neither a class"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        read_kernel_locks(text, "f")
    assert str(error.value).startswith(says)

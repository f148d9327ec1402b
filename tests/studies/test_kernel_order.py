"""The order that a kernel has seen is compared with that of a model."""

import pytest

from locking.studies.kernel_files import read_kernel_locks
from locking.studies.kernel_order import (
    Link,
    compare_with_kernel,
    names_of_class,
)

SAMPLE = """all lock classes:
ffffffff82a01000 OPS:      12 FD:    5 BD:    1 +.+.: device_hotplug_lock
 -> [ffffffff82a02000] cpu_hotplug_lock

ffffffff82a02000 FD:    4 BD:    2 ++++: cpu_hotplug_lock
 -> [ffffffff82a03000] mem_hotplug_lock.rw_sem

ffffffff82a03000 FD:    3 BD:    3 ++++: mem_hotplug_lock.rw_sem
 -> [00000000e1] &(&zone->span_seqlock)->lock

00000000e1 ....: &(&zone->span_seqlock)->lock

"""
"""Made for this test, in the layout of l_show(); the keys are made up."""


@pytest.mark.parametrize(
    "name, lock",
    [
        ("slab_mutex", "slab_mutex"),
        ("&zone->lock", "lock"),
        ("&zone->span_seqlock#2", "span_seqlock"),
        ("&(&zone->span_seqlock)->lock", "span_seqlock"),
        ("mem_hotplug_lock.rw_sem", "mem_hotplug_lock"),
        ("&type->s_umount_key#3/1", "s_umount_key"),
    ],
)
def test_a_class_stands_for_the_lock_of_that_name(name: str, lock: str) -> None:
    assert lock in names_of_class(name)


def test_the_orders_are_compared_through_what_only_the_kernel_knows() -> None:
    model = [("device_hotplug_lock", "mem_hotplug_lock"), ("span_seqlock", "other")]
    locks = ["device_hotplug_lock", "mem_hotplug_lock", "span_seqlock", "other"]
    found = compare_with_kernel(read_kernel_locks(SAMPLE, "f").taken_next, model, locks)
    assert found.unknown == ("other",)
    assert found.cycles == ()
    assert set(found.links) == {
        Link("device_hotplug_lock", "mem_hotplug_lock", kernel=True, model=True),
        Link("device_hotplug_lock", "span_seqlock", kernel=True, model=False),
        Link("mem_hotplug_lock", "span_seqlock", kernel=True, model=False),
    }


def test_a_cycle_that_only_both_together_have_is_found() -> None:
    model = [("mem_hotplug_lock", "cpu_hotplug_lock")]
    locks = ["mem_hotplug_lock", "cpu_hotplug_lock"]
    found = compare_with_kernel(read_kernel_locks(SAMPLE, "f").taken_next, model, locks)
    assert [set(cycle) for cycle in found.cycles] == [{"mem_hotplug_lock", "cpu_hotplug_lock"}]


def test_a_cycle_of_three_is_found() -> None:
    found = compare_with_kernel({"a": {"b"}, "b": set(), "c": set()}, BACK, ["a", "b", "c"])
    assert [set(cycle) for cycle in found.cycles] == [{"a", "b"}]
    found = compare_with_kernel({"a": {"b"}, "b": set(), "c": {"d"}, "d": set()}, CROSS, "abcd")
    assert [set(cycle) for cycle in found.cycles] == [{"a", "b", "c", "d"}]


BACK = [("b", "c"), ("c", "a")]
CROSS = [("b", "c"), ("d", "a")]


def test_a_cycle_of_the_model_alone_is_none_of_both() -> None:
    both_ways = [("a", "b"), ("b", "a")]
    assert compare_with_kernel({"a": {"b"}, "b": set()}, both_ways, ["a", "b"]).cycles == ()

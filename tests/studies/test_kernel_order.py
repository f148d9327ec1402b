"""/proc/lockdep is read as the kernel writes it, and compared with the order of a model."""

import pytest

from locking.errors import UsageError
from locking.studies.kernel_order import (
    Link,
    compare_with_kernel,
    names_of_class,
    read_lockdep,
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


def test_classes_are_known_by_their_names() -> None:
    found = read_lockdep(SAMPLE, "f")
    assert found["cpu_hotplug_lock"] == {"mem_hotplug_lock.rw_sem"}
    assert found["&(&zone->span_seqlock)->lock"] == set()


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


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "f, line 1: a copy of /proc/lockdep begins"),
        ("lock_stat version 0.4\n", "f, line 1: a copy of /proc/lockdep begins"),
        ("all lock classes:\nno class\n", "f, line 2: 'no class' is neither a class"),
        ("all lock classes:\n -> [1] a\n", "f, line 2: '-> [1] a' is neither a class"),
        (SAMPLE + " -> a\n", "f, line 13: '-> a' is neither a class"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        read_lockdep(text, "f")
    assert str(error.value).startswith(says)


def test_the_orders_are_compared_through_what_only_the_kernel_knows() -> None:
    model = [("device_hotplug_lock", "mem_hotplug_lock"), ("span_seqlock", "other")]
    locks = ["device_hotplug_lock", "mem_hotplug_lock", "span_seqlock", "other"]
    found = compare_with_kernel(read_lockdep(SAMPLE, "f"), model, locks)
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
    found = compare_with_kernel(read_lockdep(SAMPLE, "f"), model, locks)
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

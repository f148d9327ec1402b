"""Groups of objects: arrays, tables, and what else a system takes for its objects."""

from typing import Any

import pytest

from locking import Cell, Misuse, Mutex, Record, Spinlock, System, Thread, array, table
from locking.errors import ModelError


async def idle() -> None:
    """Do nothing."""


def names(objects: Any) -> list[str]:
    """What the objects of a system are called."""
    return [each.name for each in System(objects, [Thread("a", idle)], []).objects]


def test_an_array_has_a_member_for_each_index() -> None:
    locks = array(Spinlock, "bucket", 3)
    assert [type(each) for each in locks] == [Spinlock] * 3
    assert locks[2].name == "bucket[2]"


def test_a_table_has_a_member_for_each_key() -> None:
    cells = table(Cell, "page", ("a", 7), "empty")
    assert {key: (each.name, each.start) for key, each in cells.items()} == {
        "a": ("page[a]", "empty"),
        7: ("page[7]", "empty"),
    }


def test_members_are_made_with_the_arguments_that_follow() -> None:
    zones = array(Record, "zone", 2, start=0, length=8)
    assert zones[1].length.start == 8
    assert zones[1].start.name == "zone[1].start"


@pytest.mark.parametrize("length", [0, -1, True, 2.0, "2"])
def test_an_array_has_a_length(length: Any) -> None:
    with pytest.raises(ModelError, match="write a whole number, at least 1"):
        array(Mutex, "lock", length)


@pytest.mark.parametrize("keys", [(), ("a", "a"), (1, True)])
def test_the_keys_of_a_table_are_each_there_once(keys: Any) -> None:
    with pytest.raises(ModelError, match="write some, each of them once"):
        table(Mutex, "lock", keys)


def test_keys_that_look_alike_are_refused_by_the_system() -> None:
    with pytest.raises(ModelError, match=r"two objects are called 'lock\[1\]'"):
        names(table(Mutex, "lock", (1, "1")))


def test_a_system_takes_groups_of_groups() -> None:
    lock, zone = Mutex("lock"), Record("zone", start=0, end=8)
    group = {"pages": table(Cell, "page", ("a", "b"), 0), "more": [zone, (lock,)]}
    found = ["page[a]", "page[b]", "zone.start", "zone.end", "lock"]
    assert names(group) == names([group]) == names((group["pages"], group["more"])) == found


def test_a_system_takes_its_objects_from_an_iterator() -> None:
    assert names(iter(array(Mutex, "lock", 2))) == ["lock[0]", "lock[1]"]


@pytest.mark.parametrize("wrong", [{1}, "lock", None, Misuse("no"), Cell])
def test_what_is_no_object_is_refused(wrong: Any) -> None:
    with pytest.raises(ModelError, match="objects of the system"):
        names([Mutex("lock"), wrong])

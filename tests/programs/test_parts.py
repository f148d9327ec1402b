"""What values hold: an operation that is not called, as a thread may keep it."""

from locking import Cell, Mutex
from locking.programs.parts import parts_of

x, lock = Cell("x", 0), Mutex("lock")


def test_an_operation_that_is_not_called_holds_its_object_and_is_told_by_its_name() -> None:
    found, again, other = map(parts_of, (x.read, x.read, x.write))
    assert found is not None
    assert other is not None
    assert (found.values, found.own) == ((x,), "read")
    assert found == again
    assert found.own != other.own

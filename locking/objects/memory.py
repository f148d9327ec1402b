"""Memory: cells that are read and written, records of cells, and counts of references.

Plain accesses (`read`, `write`) take part in data races; `READ_ONCE` and `WRITE_ONCE` are marked
and race only with plain ones, as in tools/memory-model of the kernel. An atomic operation is one
indivisible step and counts as marked. Sequentially consistent: nothing is reordered.

What an operation orders, for `happens_before_race_free`, is what the kernel promises of it:
Documentation/memory-barriers.txt, atomic_t.txt and core-api/refcount-vs-atomic.rst. A marked access
orders nothing by itself. Atomic operations that change the value and return something are fully
ordered; the others order nothing, and keep what was published, as `rmw-sequence` of
tools/memory-model/linux-kernel.cat says.
"""

from collections.abc import Hashable
from typing import Any

from locking.errors import ModelError
from locking.names import check_name
from locking.objects.no_value import Valueless
from locking.objects.operation import Misuse, Object, Operation, Outcome, access, ordered
from locking.objects.order import ACQUIRE, FULLY_ORDERED, NO_ORDER, RELEASE, Order
from locking.objects.word import Word


def if_last(last: Any, _: tuple[Hashable, ...]) -> Order:
    """What giving back a reference orders: a release, and an acquire if it was the last."""
    return FULLY_ORDERED if last else RELEASE


class Cell(Word):
    """A word that is also read and written by plain and by marked accesses. State: the value."""

    @access(writes=False)
    def read(self, value: Any, me: str) -> Outcome:
        """The value, by a plain load."""
        return value, value

    @access(writes=True, overwrites=True)
    def write(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a plain store."""
        return new, None

    @access(writes=False, marked=True)
    def READ_ONCE(self, value: Any, me: str) -> Outcome:
        """The value, by a marked load."""
        return value, value

    @access(writes=True, marked=True, overwrites=True)
    def WRITE_ONCE(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a marked store."""
        return new, None

    @ordered(ACQUIRE)
    @access(writes=False, marked=True)
    def smp_load_acquire(self, value: Any, me: str) -> Outcome:
        """The value, by a marked load that comes before all that follows it."""
        return value, value

    @ordered(Order(releases=True, forgets=True))
    @access(writes=True, marked=True, overwrites=True)
    def smp_store_release(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a marked store that comes after all before it."""
        return new, None

    @ordered(ACQUIRE)
    @access(writes=False, marked=True)
    def rcu_dereference(self, value: Any, me: str) -> Outcome:
        """The value, by a marked load that comes before all that is reached through it.

        Here it comes before all that follows it; the kernel orders no more than an address does.
        """
        return value, value

    @ordered(Order(releases=True, forgets=True))
    @access(writes=True, marked=True, overwrites=True)
    def rcu_assign_pointer(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a marked store that comes after all before it."""
        return new, None

    def observing(self, relaxed: bool = False) -> Operation:
        """A load that acquires, as in `smp_cond_load_acquire`, or that is `relaxed`."""
        return Operation(self, "READ_ONCE" if relaxed else "smp_load_acquire")


class Record(Valueless):
    """Cells of one structure: `Record("zone", start=0)` has the cell `zone.start`."""

    made_of: type[Cell] = Cell

    def __init__(self, name: str, /, **fields: Hashable) -> None:
        check_name("record", name)
        for field in fields:
            check_name(f"field of record {name}", field)
            if field in ("name", "cells") or hasattr(type(self), field):
                raise ModelError(f"record {name!r}: a field can't be called {field!r}")
        self.name = name
        self.cells = {
            field: self.made_of(f"{name}.{field}", start) for field, start in fields.items()
        }

    def __getattr__(self, field: str) -> Cell:
        cells: dict[str, Cell] = self.__dict__.get("cells", {})
        if field not in cells:
            raise AttributeError(f"record {self.__dict__.get('name')} has no {field!r}")
        return cells[field]

    def __repr__(self) -> str:
        return f"Record({self.__dict__.get('name', '')!r})"


class Refcount(Object):
    """A reference count: taking one from nothing, or giving back one too many, is a misuse."""

    def __init__(self, name: str, start: int = 1) -> None:
        super().__init__(name, start)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def refcount_inc(self, count: int, me: str) -> Outcome:
        """Nothing; one more reference."""
        if count == 0:
            return Misuse(f"{me} takes a reference on {self.name}, which is already 0")
        return count + 1, None

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def refcount_inc_not_zero(self, count: int, me: str) -> Outcome:
        """Whether there was one to add to."""
        return (count + 1, True) if count else (count, False)

    @ordered(if_last)
    @access(writes=True, marked=True)
    def refcount_dec_and_test(self, count: int, me: str) -> Outcome:
        """Whether that was the last reference."""
        if count == 0:
            return Misuse(f"{me} gives back a reference on {self.name}, which is already 0")
        return count - 1, count == 1

    @access(writes=False, marked=True)
    def refcount_read(self, count: int, me: str) -> Outcome:
        """The count."""
        return count, count

    def observing(self, relaxed: bool = False) -> Operation:
        """A load, which orders nothing."""
        return Operation(self, "refcount_read")

    def show(self, state: int) -> str:
        """The count."""
        return str(state)

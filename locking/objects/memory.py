"""Memory: cells that are read and written, records of cells, and atomic integers.

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
from locking.objects.operation import (
    ACQUIRE,
    FULLY_ORDERED,
    NO_ORDER,
    RELEASE,
    Misuse,
    Object,
    Order,
    Outcome,
    access,
    ordered,
)


def if_swapped(found: Any, given: tuple[Hashable, ...]) -> Order:
    """What `cmpxchg` orders: everything if the value was the old one, else nothing."""
    return FULLY_ORDERED if found == given[0] else NO_ORDER


def if_last(last: Any, _: tuple[Hashable, ...]) -> Order:
    """What giving back a reference orders: a release, and an acquire if it was the last."""
    return FULLY_ORDERED if last else RELEASE


class Cell(Object):
    """State: the value."""

    @access(writes=False)
    def read(self, value: Any, me: str) -> Outcome:
        """The value, by a plain load."""
        return value, value

    @access(writes=True)
    def write(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a plain store."""
        return new, None

    @access(writes=False, marked=True)
    def READ_ONCE(self, value: Any, me: str) -> Outcome:
        """The value, by a marked load."""
        return value, value

    @access(writes=True, marked=True)
    def WRITE_ONCE(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a marked store."""
        return new, None

    @ordered(ACQUIRE)
    @access(writes=False, marked=True)
    def smp_load_acquire(self, value: Any, me: str) -> Outcome:
        """The value, by a marked load that comes before all that follows it."""
        return value, value

    @ordered(Order(releases=True, forgets=True))
    @access(writes=True, marked=True)
    def smp_store_release(self, value: Any, me: str, new: Hashable) -> Outcome:
        """Nothing; the value is `new`, by a marked store that comes after all before it."""
        return new, None


class Record:
    """Cells of one structure: `Record("zone", start=0)` has the cell `zone.start`."""

    def __init__(self, name: str, /, **fields: Hashable) -> None:
        check_name("record", name)
        for field in fields:
            check_name(f"field of record {name}", field)
            if field in ("name", "cells") or hasattr(Record, field):
                raise ModelError(f"record {name!r}: a field can't be called {field!r}")
        self.name = name
        self.cells = {field: Cell(f"{name}.{field}", start) for field, start in fields.items()}

    def __getattr__(self, field: str) -> Cell:
        cells: dict[str, Cell] = self.__dict__.get("cells", {})
        if field not in cells:
            raise AttributeError(f"record {self.__dict__.get('name')} has no {field!r}")
        return cells[field]


class Atomic(Object):
    """An integer with atomic operations; leaving `minimum` to `maximum` is a misuse.

    Kernel: atomic_t, include/linux/atomic.h, and refcount_t, include/linux/refcount.h.
    `atomic_max` stands for a loop over `cmpxchg`; the kernel has no such operation.
    """

    def __init__(
        self, name: str, start: int = 0, minimum: int | None = None, maximum: int | None = None
    ) -> None:
        super().__init__(name, start)
        self.minimum = minimum
        self.maximum = maximum

    def becomes(self, new: int, result: Any = None) -> Outcome:
        """The step to `new`, or the misuse of leaving the range."""
        if self.minimum is not None and new < self.minimum:
            return Misuse(f"{self.name} would become {new}, below {self.minimum}")
        if self.maximum is not None and new > self.maximum:
            return Misuse(f"{self.name} would become {new}, above {self.maximum}")
        return new, result

    @access(writes=False, marked=True)
    def atomic_read(self, value: int, me: str) -> Outcome:
        """The value."""
        return value, value

    @access(writes=True, marked=True)
    def atomic_set(self, value: int, me: str, new: int) -> Outcome:
        """Nothing; the value is `new`."""
        return self.becomes(new)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def atomic_add(self, value: int, me: str, amount: int) -> Outcome:
        """Nothing; the value is greater by `amount`."""
        return self.becomes(value + amount)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_add_return(self, value: int, me: str, amount: int) -> Outcome:
        """The new value."""
        return self.becomes(value + amount, value + amount)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_fetch_add(self, value: int, me: str, amount: int) -> Outcome:
        """The old value."""
        return self.becomes(value + amount, value)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def atomic_inc(self, value: int, me: str) -> Outcome:
        """Nothing; the value is greater by one."""
        return self.becomes(value + 1)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def atomic_dec(self, value: int, me: str) -> Outcome:
        """Nothing; the value is less by one."""
        return self.becomes(value - 1)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_inc_return(self, value: int, me: str) -> Outcome:
        """The new value."""
        return self.becomes(value + 1, value + 1)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_dec_and_test(self, value: int, me: str) -> Outcome:
        """Whether the value is now 0."""
        return self.becomes(value - 1, value == 1)

    @ordered(if_swapped)
    @access(writes=True, marked=True)
    def atomic_cmpxchg(self, value: int, me: str, old: int, new: int) -> Outcome:
        """The value before; it is `new` now if that was `old`."""
        return self.becomes(new, value) if value == old else (value, value)

    @ordered(FULLY_ORDERED)
    @access(writes=True, marked=True)
    def atomic_xchg(self, value: int, me: str, new: int) -> Outcome:
        """The value before; it is `new` now."""
        return self.becomes(new, value)

    @ordered(NO_ORDER)
    @access(writes=True, marked=True)
    def atomic_max(self, value: int, me: str, other: int) -> Outcome:
        """Nothing; the value is at least `other`."""
        return self.becomes(max(value, other))

    def show(self, state: int) -> str:
        """The value."""
        return str(state)


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

    def show(self, state: int) -> str:
        """The count."""
        return str(state)

"""A cell of memory that can be freed: whatever touches it afterwards is a misuse.

Kernel: kmalloc() and kfree(), mm/slub.c; what is found here is what KASAN reports as
slab-use-after-free and double-free. To free counts as a plain write: it races with an access that
nothing keeps apart from it.
"""

from collections.abc import Hashable
from enum import Enum
from typing import Any, Final

from locking.objects.memory import Cell
from locking.objects.operation import Misuse, Outcome, access


class Freed(Enum):
    """The state of memory that holds no value."""

    FREED = "freed"


FREED: Final = Freed.FREED


class AllocatedCell(Cell):
    """State: the value, or `FREED`. It is allocated at the start."""

    def step(self, name: str, state: Any, me: str, args: tuple[Hashable, ...]) -> Outcome:
        """What an operation does; on freed memory, all but `kmalloc` are a misuse."""
        if state is not FREED or name == "kmalloc":
            return super().step(name, state, me, args)
        if name == "kfree":
            return Misuse(f"double free: {me} frees {self.name}, which is freed already")
        return Misuse(f"use after free: {me} does {name} on {self.name}, which is freed")

    @access(writes=True)
    def kfree(self, state: Any, me: str) -> Outcome:
        """Nothing; there is no value any more."""
        return FREED, None

    @access(writes=True)
    def kmalloc(self, state: Any, me: str) -> Outcome:
        """Nothing; freed memory has the value of the start again."""
        if state is not FREED:
            return Misuse(f"{me} allocates {self.name}, which is allocated already")
        return self.start, None

    def show(self, state: Any) -> str:
        """The value, or that it is freed."""
        return FREED.value if state is FREED else super().show(state)

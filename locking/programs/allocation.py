"""Memory that is allocated and freed as a whole: cells of one lifetime."""

from collections.abc import Hashable

from locking.errors import ModelError
from locking.objects.allocated import AllocatedCell
from locking.objects.memory import Record
from locking.programs.constructs import atomic


class Allocation(Record):
    """A record that can be freed: `Allocation("node", value=0)` has the cell `node.value`.

    It is allocated at the start. To touch it once it is freed is a misuse, and so is to free it
    twice, or to allocate it while it is allocated. What is allocated during a run and published
    later is one that nobody knows of before.

    Errors: `ModelError` where it has no field.
    """

    made_of = AllocatedCell

    def __init__(self, name: str, /, **fields: Hashable) -> None:
        if not fields:
            raise ModelError(f"allocation {name!r} has no field; write one, such as value=0")
        super().__init__(name, **fields)

    def memory(self) -> list[AllocatedCell]:
        """Its cells, as what they were made."""
        return [each for each in self.cells.values() if isinstance(each, AllocatedCell)]

    async def kfree(self) -> None:
        """Free all of it, in one step."""
        async with atomic():
            for each in self.memory():
                await each.kfree()

    async def kmalloc(self) -> None:
        """Allocate it again, in one step: it has the values of the start, as after kzalloc()."""
        async with atomic():
            for each in self.memory():
                await each.kmalloc()

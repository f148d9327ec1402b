"""The marks of threads: the facts about a place that guards and claims ask for.

The first word says what kind of fact it is, so no name of a model makes two of them look alike.
"""

from locking.objects.operation import Access, Object
from locking.programs.position import FailureKind
from locking.properties.overlap import Touch


def lock_mark(lock: Object, thing: str) -> str:
    """The mark of a thread that has something of a lock."""
    return f"has {lock.name}:{thing}"


def section_mark(name: str) -> str:
    """The mark of a thread that is inside a section."""
    return f"in {name}"


def failure_mark(kind: FailureKind) -> str:
    """The mark of a thread that has failed so."""
    return f"fails {type(kind).__name__} {kind.name}"


def access_mark(touch: Touch) -> str:
    """The mark of a thread whose next step makes an access."""
    access = touch.access
    how = ("marked " if access.marked else "") + ("write" if access.writes else "read")
    return f"{how} of {touch.cell.name}"


def cell_marks(cell: Object) -> frozenset[str]:
    """The marks of all accesses to a cell."""
    accesses = (Access(writes, marked) for writes in (True, False) for marked in (True, False))
    return frozenset(access_mark(Touch(cell, each)) for each in accesses)


def broken_mark(name: str) -> str:
    """The mark of values of cells that break the condition called so."""
    return f"breaks {name}"

"""The properties of a system as patterns of marks: what must never show, for any number of threads.

Two threads inside two sections, two accesses that race, a thread that has failed: few threads show
each of these, whatever all others do. So does a condition that looks at nothing but cells. What
needs to know all threads, or all that comes, is outside: that runs end, that nobody waits for good,
what is so at the end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import Access, Object
from locking.parameterized.asking import CELLS
from locking.parameterized.configurations import MarkPattern
from locking.parameterized.marks import access_mark, failure_mark, section_mark
from locking.programs.position import Fault
from locking.properties.explored import Property
from locking.properties.failing import NeverFails
from locking.properties.overlap import Touch
from locking.properties.predicate import truth
from locking.properties.race import DataRaceFree, conflict
from locking.properties.state import Never
from locking.properties.together import NeverTogether, SometimesTogether
from locking.properties.view import View, ended


class LooksBeyondCells(Exception):
    """The condition `name` looks at a thread or at a lock."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Claim:
    """A property with the patterns that show that it fails, or, if it is wanted, that it holds.

    `speaks_of` are marks that some thread must have, or nothing was evaluated.
    """

    property: Property
    patterns: tuple[MarkPattern, ...]
    speaks_of: tuple[str, ...] = ()


def claim_of(property_: Property, objects: Sequence[Object]) -> Claim | None:
    """A property as a claim about any number of threads; None where it is outside.

    Errors: `ModelError` where Python was told to skip assertions.
    """
    match property_:
        case NeverTogether(one=one, other=other) | SometimesTogether(one=one, other=other):
            marks = section_mark(one), section_mark(other)
            return Claim(property_, (marks,), marks)
        case NeverFails(kind=kind):
            if kind is Fault.ASSERTION and not __debug__:
                raise ModelError("`python -O` skips assertions; run without -O, or use require()")
            return Claim(property_, ((failure_mark(kind),),))
        case DataRaceFree():
            return Claim(property_, tuple(races_on(objects)))
        case Never(only_finished=False, name=name):
            return Claim(property_, ((breaks(name),),))
    return None


def races_on(objects: Iterable[Object]) -> Iterable[MarkPattern]:
    """Every pair of marks of two accesses that race."""
    accesses = [Access(writes, marked) for writes in (True, False) for marked in (True, False)]
    for cell in (each for each in objects if type(each) in CELLS):
        touches = [Touch(cell, access) for access in accesses]
        for at, one in enumerate(touches):
            for other in touches[at:]:
                if conflict(one, other):
                    yield access_mark(one), access_mark(other)


def breaks(name: str) -> str:
    """The mark of values of cells that break the condition called so."""
    return f"breaks {name}"


def judge_cells(conditions: Sequence[Never], value: Callable[[Object], Any]) -> frozenset[str]:
    """The marks of the conditions that values of cells break.

    Errors: `LooksBeyondCells`; `ModelError` for what the model's own code raises.
    """
    return frozenset(breaks(each.name) for each in conditions if is_broken(each, value))


def is_broken(condition: Never, value: Callable[[Object], Any]) -> bool:
    """Whether values of cells break a condition. Errors: `LooksBeyondCells`, `ModelError`."""

    def of_cell(object_: Object) -> Any:
        if type(object_) not in CELLS:
            raise LooksBeyondCells(condition.name)
        return value(object_)

    def of_thread(*_: object) -> Any:
        raise LooksBeyondCells(condition.name)

    try:
        return truth(condition.bad, CellsAlone((), of_cell, of_thread))
    except (LooksBeyondCells, ModelError):
        raise
    except Exception as error:  # the user's code, which may raise anything
        raise ModelError(
            f"property {condition.name!r} raised {type(error).__name__}: {error}"
        ) from error


class CellsAlone(View):
    """A state of which only cells can be looked at: whoever looks at threads is refused."""

    def where(self, aspect: Any, test: Any) -> tuple[str, ...]:
        """Refuse to look at threads."""
        self.look(0, aspect)
        return ()

    @property
    def finished(self) -> bool:
        """Refuse to look at threads."""
        return bool(self.look(0, ended))

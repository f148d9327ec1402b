"""The properties of a system as patterns of marks: what must never show, for any number of threads.

Two threads inside two sections, two accesses that race, a thread that has failed: few threads show
each of these, whatever all others do. So does a condition that looks at nothing but cells. All else
is outside: that runs end, that nobody waits for good, what is so at the end, and properties of
other classes than those in `CLAIMS`, which may judge in ways of their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import Access, Object
from locking.parameterized.asking import CELLS
from locking.parameterized.configurations import MarkPattern
from locking.parameterized.marks import access_mark, broken_mark, failure_mark, section_mark
from locking.programs.position import Fault, Requirement
from locking.properties.explored import Property
from locking.properties.failing import NeverFails
from locking.properties.overlap import Touch
from locking.properties.race import DataRaceFree, conflict
from locking.properties.state import Never
from locking.properties.together import NeverTogether, SometimesTogether


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

    Its class must be one that is known, not one derived from it: that may judge otherwise. Errors:
    `ModelError` where Python was told to skip assertions.
    """
    make = CLAIMS.get(type(property_))
    wanted = type(property_) is SometimesTogether
    return make(property_, objects) if make and property_.wanted is wanted else None


def claim_of_sections(property_: NeverTogether | SometimesTogether, _: object) -> Claim | None:
    """Two threads are inside of two sections."""
    if type(property_.one) is not str or type(property_.other) is not str:
        return None
    marks = section_mark(property_.one), section_mark(property_.other)
    return Claim(property_, (marks,), marks)


def claim_of_failure(property_: NeverFails, _: object) -> Claim | None:
    """A thread fails. Errors: `ModelError` where Python was told to skip assertions."""
    if type(property_.kind) not in (Requirement, Fault):
        return None
    if property_.kind is Fault.ASSERTION and not __debug__:
        raise ModelError("`python -O` skips assertions; run without -O, or use require()")
    return Claim(property_, ((failure_mark(property_.kind),),))


def claim_of_races(property_: DataRaceFree, objects: Sequence[Object]) -> Claim:
    """Two accesses race."""
    return Claim(property_, tuple(races_on(objects)))


def claim_of_condition(property_: Never, _: object) -> Claim | None:
    """Values of cells break a condition, if that is asked of every state."""
    if property_.only_finished is not False:
        return None
    return Claim(property_, ((broken_mark(property_.name),),))


CLAIMS: dict[type, Callable[[Any, Sequence[Object]], Claim | None]] = {
    NeverTogether: claim_of_sections,
    SometimesTogether: claim_of_sections,
    NeverFails: claim_of_failure,
    DataRaceFree: claim_of_races,
    Never: claim_of_condition,
}
"""The kinds of properties that few threads show, by their exact class."""


def races_on(objects: Iterable[Object]) -> Iterable[MarkPattern]:
    """Every pair of marks of two accesses that race."""
    accesses = [Access(writes, marked) for writes in (True, False) for marked in (True, False)]
    for cell in (each for each in objects if type(each) in CELLS):
        touches = [Touch(cell, access) for access in accesses]
        for at, one in enumerate(touches):
            for other in touches[at:]:
                if conflict(one, other):
                    yield access_mark(one), access_mark(other)

"""The kinds of property, and what is known of each: what others ask instead of the class.

A kind has a row in `PROPERTY_KINDS`. One of the user's own needs none: `KIND_OF_ONES_OWN` does.
"""

from dataclasses import dataclass
from enum import Enum

from locking.properties.can_end import CanEnd
from locking.properties.deadlock import DeadlockFree
from locking.properties.explored import Property, is_of_runs
from locking.properties.failing import NeverFails
from locking.properties.happens_before import HappensBeforeRaceFree
from locking.properties.liveness import Live
from locking.properties.race import DataRaceFree
from locking.properties.released import LocksReleased
from locking.properties.state import Never, Sometimes
from locking.properties.together import NeverTogether, SometimesTogether


class Subject(Enum):
    """What a property speaks of."""

    STATES = "states"
    SECTIONS = "threads that are inside sections at the same time"
    LOCKS_LEFT = "locks that threads hold which have ended"
    ENDS = "states in which all threads have ended"
    WAITS = "threads that wait forever"
    ROUNDS = "runs that never end"
    ACCESSES = "next accesses"
    FAILURES = "what threads fail"
    RUNS = "runs, and no state alone"


@dataclass(frozen=True)
class Kind:
    """What is known of a kind of property.

    `reduced`: a space that leaves things out can judge it. `counts`: its verdict says how many
    threads are together. `at_stop`: a state shows it only where no step is left, though a search
    may find more. `running`: a state shows it only where the run has not broken off.
    """

    speaks_of: Subject
    reduced: bool = True
    counts: bool = False
    at_stop: bool = False
    running: bool = False


OF_RUNS = Kind(Subject.RUNS, reduced=False)
"""What only a whole run shows, and so neither a state nor a smaller space."""

PROPERTY_KINDS: dict[type, Kind] = {
    Never: Kind(Subject.STATES),
    Sometimes: Kind(Subject.STATES),
    NeverTogether: Kind(Subject.SECTIONS),
    SometimesTogether: Kind(Subject.SECTIONS, counts=True),
    NeverFails: Kind(Subject.FAILURES),
    LocksReleased: Kind(Subject.LOCKS_LEFT),
    DeadlockFree: Kind(Subject.WAITS, at_stop=True),
    CanEnd: Kind(Subject.ROUNDS, at_stop=True),
    Live: Kind(Subject.ROUNDS, reduced=False),
    DataRaceFree: Kind(Subject.ACCESSES, running=True),
    HappensBeforeRaceFree: OF_RUNS,
}
"""Every kind that there is, with what is known of it."""

OF_ENDS = Kind(Subject.ENDS)
"""A condition that is judged only where all threads have ended."""

KIND_OF_ONES_OWN = Kind(Subject.STATES, reduced=False)
"""A kind of the user's own: nothing is known of it but that `find` says what a state shows."""


def kind_of(property_: Property) -> Kind:
    """What is known of a property: the row of its class, or of the one that it is derived from."""
    if isinstance(property_, Never) and property_.only_finished:
        return OF_ENDS
    found = (PROPERTY_KINDS[each] for each in type(property_).__mro__ if each in PROPERTY_KINDS)
    return next(found, OF_RUNS if is_of_runs(property_) else KIND_OF_ONES_OWN)

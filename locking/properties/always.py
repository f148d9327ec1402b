"""What is judged of every system, whether or not one of its properties says so.

A thread that fails ends the run, a lock that is held by a thread that has ended stays held, and
threads may go round and never end. A system that says nothing of it would hold all that it does
say, because its runs come no further.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from locking.programs.position import FailureKind, Fault, Requirement
from locking.properties.can_end import CanEnd, can_end
from locking.properties.deadlock import DeadlockFree
from locking.properties.explored import Property
from locking.properties.failing import NeverFails, assertions, no_misuse, required
from locking.properties.released import LocksReleased, locks_released

Always = NeverFails | LocksReleased | CanEnd
"""The kinds of property that are judged always."""

AGAIN = "-failure"
"""What is added to the name of such a property, where another property has that name."""

UNNAMED: tuple[Always, ...] = (assertions(), no_misuse(), locks_released(), can_end())
"""Those that need no name of the model's."""


def judged_always(
    properties: Collection[Property], unjudged: Collection[Property], kinds: Iterable[FailureKind]
) -> list[Always]:
    """What is judged of a system besides its `properties`, if threads were seen to fail so.

    What its properties or those left `unjudged` speak of is not; each is called by a name that
    none of the properties has.
    """
    seen = set(kinds)
    names = sorted(kind.name for kind in seen if isinstance(kind, Requirement))
    found: list[Always] = [*map(required, names), *unnamed(properties)]
    spoken = [bare(each) for each in (*properties, *unjudged) if isinstance(each, Always)]
    taken = {each.name for each in properties}
    return [
        with_free_name(each, taken)
        for each in found
        if bare(each) not in spoken and (not isinstance(each, NeverFails) or each.kind in seen)
    ]


def unnamed(properties: Iterable[Property]) -> tuple[Always, ...]:
    """Those of `UNNAMED`, beside `properties`: a deadlock that one judges is not told twice."""
    told = any(isinstance(each, DeadlockFree) for each in properties)
    return tuple(
        replace(each, deadlocks=not told) if isinstance(each, CanEnd) else each for each in UNNAMED
    )


def property_called(properties: Iterable[Property], name: str) -> Property:
    """The property called `name`: one of `properties`, or else the one that is judged always."""
    own = {each.name: each for each in properties}
    if name in own:
        return own[name]
    candidates = [*unnamed(own.values()), required(name)]
    while name.endswith(AGAIN) and len(candidates) < len(name):
        candidates.append(required(candidates[-1].name.removesuffix(AGAIN)))
    return next(
        (found for each in candidates if (found := with_free_name(each, own)).name == name),
        required(name),
    )


def bare(property_: Always) -> Always:
    """The property without what it is called, how it is described, and what others tell."""
    if isinstance(property_, CanEnd):
        property_ = replace(property_, deadlocks=True)
    return replace(property_, name="", about="")


def with_free_name(property_: Always, taken: Collection[str]) -> Always:
    """The property under a name that is none of those `taken`, nor that of another like it."""
    name = property_.name
    if isinstance(property_, NeverFails) and not isinstance(property_.kind, Fault):
        taken = {*taken, *(each.name for each in UNNAMED)}
        name += AGAIN if name.endswith(AGAIN) else ""
    while name in taken:
        name += AGAIN
    return replace(property_, name=name)

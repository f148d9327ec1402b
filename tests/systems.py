"""Small systems, built and checked in one call."""

from collections.abc import Sequence
from typing import Any

from locking import Model, Object, Outcome, Record, System, Thread, Verdict
from locking.check import check
from locking.properties.explored import Property
from locking.verdicts import Options, Report


def ask(object_: Object, state: Any, call: str, me: str = "me", *args: Any) -> Outcome:
    """What the rule of operation `call` says."""
    return object_.step(call, state, me, args)


def threads(*programs: Any, **named: Any) -> list[Thread]:
    """A thread for every program; those without a name are a, b, c and so on."""
    letters = "abcdefgh"
    return [Thread(letters[at], program) for at, program in enumerate(programs)] + [
        Thread(name, program) for name, program in named.items()
    ]


def report(
    objects: Sequence[Object | Record],
    running: Sequence[Thread],
    properties: Sequence[Property] = (),
    *,
    minimise: bool = True,
) -> Report:
    """What a search of the system finds."""
    model = Model("test", "", lambda _: System(objects, running, properties))
    return check(
        model.case("only", None), options=Options(reduction="merge" if minimise else "none")
    )


def verdict(
    objects: Sequence[Object | Record], running: Sequence[Thread], property_: Property
) -> Verdict:
    """The verdict of one property; it must be the same over merged threads and over others."""
    merged, unmerged = (
        report(objects, running, [property_], minimise=minimise).results[0].verdict
        for minimise in (True, False)
    )
    assert merged == unmerged
    return merged

"""A closed set of views as data: all that a checker needs to be convinced by itself.

`locking/parameterized/certifier.py` says what is checked of it. Places and shared parts are
numbers, in the order in which they are met, so the same proof gives the same certificate.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from locking.parameterized.claims import Claim
from locking.parameterized.configurations import MarkPattern
from locking.parameterized.cutoff import Closed, not_excluded
from locking.parameterized.protocol import GuardedStep, Parameterized

CERTIFICATE_FORMAT = "locking-views-1"


class NumbersOf:
    """Things by numbers, in the order in which they are asked for."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def of(self, thing: Any) -> int:
        """The number of a thing."""
        return self.known.setdefault(thing, len(self.known))


def certificate(
    system: Parameterized,
    closed: Closed,
    bad: Mapping[str, Sequence[MarkPattern]],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """The certificate that none of the patterns `bad` shows, for any number of threads.

    What the views do not exclude is left out, and so are claims without a pattern. `about` says of
    what it is.
    """
    shared, places = NumbersOf(), NumbersOf()

    def plain(at: tuple[Any, Sequence[Any]]) -> list[Any]:
        numbers = [places.of(place) for place in at[1]]
        return [shared.of(at[0]), numbers if system.linear else sorted(numbers)]

    def step(each: GuardedStep, around: Sequence[Any]) -> list[Any]:
        moved = [(place, each.others.get(place, place)) for place in around if each.others]
        others = [[places.of(one), places.of(other)] for one, other in moved if one != other]
        to = None if each.place is None else places.of(each.place)
        return [shared.of(each.shared), to, [list(guard) for guard in each.guards], others]

    start = shared.of(system.start)
    begins = [places.of(place) for place in system.begins]
    configurations = [plain(at) for at in closed.everything]
    around: dict[Any, dict[Any, None]] = {}
    for at in closed.everything:
        around.setdefault(at.shared, {}).update(dict.fromkeys(at.places))
    fixed = [
        [
            shared.of(at),
            [sorted(marks) for marks in system.fixed_marks(at)],
            [step(each, tuple(met)) for each in system.fixed_steps(at)],
        ]
        for at, met in around.items()
    ]
    table = [
        [
            shared.of(at),
            places.of(place),
            sorted(system.marks(at, place)),
            [step(each, tuple(met)) for each in system.steps(at, place)],
        ]
        for at, met in around.items()
        for place in met
    ]
    excluded = {
        name: [list(pattern) for pattern in patterns]
        for name, patterns in bad.items()
        if patterns and not_excluded(system, closed, patterns) is None
    }
    return sealed(
        {
            "format": CERTIFICATE_FORMAT,
            "about": dict(about),
            "size": closed.size,
            "linear": system.linear,
            "start": start,
            "begins": begins,
            "fixed": fixed,
            "table": table,
            "configurations": configurations,
            "never": excluded,
        }
    )


def sealed(content: dict[str, Any]) -> dict[str, Any]:
    """A certificate with the sum by which damage shows."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**content, "sha256": sha256(text.encode()).hexdigest()}


def never_shown(claims: Mapping[str, Claim]) -> dict[str, Sequence[MarkPattern]]:
    """What must never show, by the names of claims."""
    return {name: claim.patterns for name, claim in claims.items()}

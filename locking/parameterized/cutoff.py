"""Views of more and more threads, until they exclude what is bad, or a run shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from locking.parameterized.closure import Views
from locking.parameterized.configurations import (
    MarkPattern,
    Reached,
    SystemConfiguration,
    TooManyViews,
    every_configuration,
    path_to,
    shows,
)
from locking.parameterized.protocol import Parameterized

Claims = Mapping[str, Sequence[MarkPattern]]
"""What must never show, by the name of the claim: any of its patterns."""

MOST_VIEWS = 200_000
"""Views, and configurations of few threads, up to which they are gone through."""


@dataclass(frozen=True)
class Closed:
    """All that a system can show to views of `size` threads, and to fewer threads than that.

    `small` has, by the number of threads, every configuration that fewer can come to.
    """

    size: int
    views: tuple[SystemConfiguration, ...]
    small: tuple[Reached, ...]

    @property
    def everything(self) -> tuple[SystemConfiguration, ...]:
        """The configurations of fewer threads, and then the views."""
        return (*(each for few in self.small for each in few.before), *self.views)


@dataclass(frozen=True)
class KnownForAny:
    """What is known of one claim for any number of threads.

    It is proved if `proved` is the number of threads of its views, the cut-off. `run` is one that
    breaks it, of so many threads as its configurations have. Else `view` was not excluded.
    """

    proved: int | None = None
    run: tuple[SystemConfiguration, ...] = ()
    view: SystemConfiguration | None = None


def close(system: Parameterized, size: int, most: int = MOST_VIEWS) -> Closed:
    """All views of a size, closed under steps. Errors: `TooManyViews`, `UsageError`."""
    views = Views(system, size, most).close()
    small = tuple(every_configuration(system, threads, most) for threads in range(size))
    return Closed(size, tuple(views.seen), small)


def least_size(claims: Claims) -> int:
    """The least number of threads in whose views all patterns of claims can show."""
    return max([1, *(len(pattern) for each in claims.values() for pattern in each)])


def not_excluded(
    system: Parameterized, closed: Closed, patterns: Sequence[MarkPattern]
) -> SystemConfiguration | None:
    """The first view, or configuration of fewer threads, that shows one of some patterns."""
    for at in closed.everything:
        if any(shows(system, at, pattern) for pattern in patterns):
            return at
    return None


def run_to_pattern(
    system: Parameterized, patterns: Sequence[MarkPattern], threads: int, most: int = MOST_VIEWS
) -> tuple[SystemConfiguration, ...]:
    """A shortest run of so many threads to what shows one of some patterns; empty for none.

    Errors: `TooManyViews`.
    """
    reached = every_configuration(system, threads, most)
    for at in reached.before:
        if any(shows(system, at, pattern) for pattern in patterns):
            return path_to(reached, at)
    return ()


def prove(
    system: Parameterized, claims: Claims, largest: int = 4, most: int = MOST_VIEWS
) -> dict[str, KnownForAny]:
    """What is known of each claim, by views of up to `largest` threads.

    A claim is proved by the smallest views that exclude it. One that no views exclude is looked for
    in runs of as many threads. Errors: `UsageError`.
    """
    found: dict[str, KnownForAny] = {name: KnownForAny() for name in claims}
    for size in range(1, max(largest, least_size(claims)) + 1):
        open_ = [name for name, each in found.items() if each.proved is None and not each.run]
        if not open_:
            break
        try:
            closed = close(system, size, most) if size >= least_size(claims) else None
            for name in open_:
                found[name] = known_of(system, claims[name], closed, size, most)
        except TooManyViews:
            break
    return found


def known_of(
    system: Parameterized,
    patterns: Sequence[MarkPattern],
    closed: Closed | None,
    size: int,
    most: int,
) -> KnownForAny:
    """What runs of so many threads and views of this size say. Errors: `TooManyViews`."""
    run = run_to_pattern(system, patterns, size, most)
    if run or closed is None:
        return KnownForAny(run=run)
    view = not_excluded(system, closed, patterns)
    return KnownForAny(proved=size) if view is None else KnownForAny(view=view)

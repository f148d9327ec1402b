"""Everything that the harness refuses, and why.

    LockingError
    ├── UsageError          a name that is not known, a scope that is impossible
    │   └── NotAllKnown         what needs a whole search, of one that a limit ended
    ├── PathError           a path string that is damaged, foreign, or no longer replays
    ├── CheckpointError     a checkpoint that is damaged, or of another search
    └── ModelError          the model itself is wrong
        ├── PlacementError      a placement that is not well formed
        ├── NotDeterministic    a thread that answered one history in two ways
        └── Vacuous             a property that speaks of something no run ever touches

The command line prints the message and exits with 2, or with 3 if not all is known. A property that
fails is a verdict, never one of these.
"""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_NAME = 200
"""Characters of what was asked for that a message repeats."""


class LockingError(Exception):
    """The base: nothing of the harness raises anything else on bad input."""


class UsageError(LockingError):
    """What was asked for does not exist or makes no sense."""


class NotAllKnown(UsageError):
    """What was asked for needs a whole search, and a limit ended it."""


class PathError(LockingError):
    """A path string that can't be read or can't be run again."""


class CheckpointError(LockingError):
    """A checkpoint that can't be read, or can't be resumed."""


class ModelError(LockingError):
    """A model that can't be explored as it is written."""


class PlacementError(ModelError):
    """A placement that locks twice, downgrades a read region, or names an unknown step."""


class NotDeterministic(ModelError):
    """A thread that did two different things after the same results."""


class Vacuous(ModelError):
    """A property that would hold only because nothing reaches what it speaks of, in any case."""


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a `name` that is none of the `known` ones, naming the nearest."""
    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.4) if len(name) <= LONGEST_NAME else []
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names) or 'none'}"
    return UsageError(f"unknown {kind} {brief(name)}: {hint}")


def brief(text: str) -> str:
    """`text` as Python writes it, the middle left out where it is very long."""
    if len(text) <= LONGEST_NAME:
        return repr(text)
    half = LONGEST_NAME // 2
    return f"{text[:half]!r} ... {text[-half:]!r} ({len(text):,} characters)"

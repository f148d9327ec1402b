"""How sections nest: what a thread stays inside of from one moment to the next."""

from collections.abc import Sequence


def shared(before: Sequence[str], after: Sequence[str]) -> int:
    """How many sections, from the outermost, are the same."""
    pairs = zip(before, after, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after))
    )

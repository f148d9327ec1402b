"""Conditions on others that together say less: one that is both with and without a thing."""

from collections.abc import Iterable, Iterator

Literal = tuple[int, str, bool]
"""A lock, a thing that others have of it, and whether they do."""

OthersCondition = frozenset[Literal]
"""All of its literals are true."""


def joined_conditions(conditions: Iterable[OthersCondition]) -> list[OthersCondition]:
    """Fewer conditions, one of which is true exactly where one of the given ones is.

    After: Quine, The problem of simplifying truth functions (American Mathematical Monthly, 1952).
    """
    found = set(conditions)
    while pair := next(opposite_pairs(found), None):
        one, other = pair
        found -= {one, other}
        found.add(one & other)
    return sorted(found, key=sorted)


def opposite_pairs(
    found: set[OthersCondition],
) -> Iterator[tuple[OthersCondition, OthersCondition]]:
    """Pairs of conditions that differ in one thing, which the one has and the other has not."""
    for one in sorted(found, key=sorted):
        for lock, thing, has in sorted(one):
            other = one - {(lock, thing, has)} | {(lock, thing, not has)}
            if other in found:
                yield one, other

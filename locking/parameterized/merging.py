"""Conditions on others that together say less: one that is both with and without a thing."""

from collections.abc import Iterable, Iterator

Literal = tuple[int, str, bool]
"""A lock, a thing that others have of it, and whether they do."""

Condition = frozenset[Literal]
"""All of its literals are true."""


def merged(conditions: Iterable[Condition]) -> list[Condition]:
    """Fewer conditions, one of which is true exactly where one of the given ones is.

    After: Quine, The problem of simplifying truth functions (American Mathematical Monthly, 1952).
    """
    found = set(conditions)
    while pair := next(pairs(found), None):
        one, other = pair
        found -= {one, other}
        found.add(one & other)
    return sorted(found, key=sorted)


def pairs(found: set[Condition]) -> Iterator[tuple[Condition, Condition]]:
    """Pairs of conditions that differ in one thing, which the one has and the other has not."""
    for one in sorted(found, key=sorted):
        for lock, thing, has in sorted(one):
            other = one - {(lock, thing, has)} | {(lock, thing, not has)}
            if other in found:
                yield one, other

"""The lock order that a running kernel has seen, beside that of a model.

A class is known by its name here, not by its key, which may be hashed away.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SUFFIX = re.compile(r"(#\d+)?(/\d+)?$")
"""What lockdep adds to the name of a class: which of its name it is, and its subclass."""

TakenUnder = dict[str, set[str]]
"""For every lock, those that are taken under it, directly or not."""


class Link(NamedTuple):
    """`outer` comes before `inner`, as the kernel and the model have it, or one of them."""

    outer: str
    inner: str
    kernel: bool
    model: bool


@dataclass(frozen=True)
class KernelComparison:
    """The orders of the locks that both know.

    `links` are all pairs of them that either puts in an order. `unknown` are locks of the model
    that the kernel's file does not have. `cycles` are circles of locks that the model does not have
    by itself.
    """

    links: tuple[Link, ...]
    unknown: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def names_of_class(name: str) -> set[str]:
    """The names of a model's lock that a class stands for.

    That is the class's own name without a version; without `&` and brackets; what is behind its
    last arrow; and that of the percpu_rwsem, where it is the rw_sem in one, as before v5.7.
    """
    plain = SUFFIX.sub("", name)
    bare = plain.replace("&", "").replace("(", "").removesuffix(")->lock").replace(")", "")
    member = bare.rpartition("->")[2]
    whole = {plain, bare, member}
    return whole | {each.removesuffix(".rw_sem") for each in whole}


def compare_with_kernel(
    kernel: Mapping[str, set[str]], model: Iterable[tuple[str, str]], locks: Iterable[str]
) -> KernelComparison:
    """The direct order of a kernel, and that of a model with its `locks`.

    A lock that only the kernel knows still counts, as a way from one lock to another.
    """
    standing = {each: [lock for lock in locks if lock in names_of_class(each)] for each in kernel}
    known = sorted({lock for found in standing.values() for lock in found})
    theirs: TakenUnder = {
        lock: {
            inner
            for each, found in standing.items()
            if lock in found
            for below in reached(kernel, each)
            for inner in standing[below]
        }
        for lock in known
    }
    direct: dict[str, set[str]] = {}
    for outer, inner in model:
        direct.setdefault(outer, set()).add(inner)
    ours: TakenUnder = {lock: reached(direct, lock) & set(known) for lock in known}
    links = [
        Link(one, other, other in theirs[one], other in ours[one])
        for one in known
        for other in known
        if other in theirs[one] | ours[one]
    ]
    unknown = sorted(set(locks) - set(known))
    return KernelComparison(tuple(links), tuple(unknown), tuple(rounds(links)))


def reached(direct: Mapping[str, set[str]], start: str) -> set[str]:
    """All that follows on a start, directly or not."""
    found = list(direct.get(start, ()))
    for each in found:
        found += [below for below in direct.get(each, ()) if below not in found]
    return set(found)


def rounds(links: Sequence[Link]) -> list[tuple[str, ...]]:
    """The shortest circle through each link that the model has not, each circle once."""
    direct: dict[str, set[str]] = {}
    for each in links:
        direct.setdefault(each.outer, set()).add(each.inner)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for first in links:
        ways: list[tuple[str, ...]] = [] if first.model else [first[:2]]
        seen: set[str] = set()
        for way in ways:
            if way[-1] == first.outer:
                found.setdefault(frozenset(way), way[:-1])
                break
            if way[-1] not in seen:
                seen.add(way[-1])
                ways += [(*way, inner) for inner in sorted(direct.get(way[-1], ()))]
    return list(found.values())

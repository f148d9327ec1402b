"""How handlers and others use locks, as a running kernel has seen it and as a model has it."""

from collections.abc import Iterable
from typing import NamedTuple

from locking.studies.irq_order import HANDLERS
from locking.studies.kernel_files import KernelLocks
from locking.studies.kernel_order import names_of_class

Marked = tuple[str, str]
"""A lock and a usage of it, as lockdep names it: `IN-HARDIRQ-W`."""


class Clash(NamedTuple):
    """A lock that handlers take and that is held while they may come: one here, one there."""

    lock: str
    kernel: str
    model: str


class UsageComparison(NamedTuple):
    """How locks are used that both know, and what goes wrong only if both are right.

    Only locks of threads on processors are compared: no other thread can be interrupted.
    """

    kernel: frozenset[Marked]
    model: frozenset[Marked]
    clashes: tuple[Clash, ...]


def compare_usages(kernel: KernelLocks, model: Iterable[Marked]) -> UsageComparison:
    """The usages in a kernel's file, and those of a model, as precisely as the file has them."""
    marks = set(model)
    locks = {lock for lock, _ in marks}
    theirs = {
        (lock, mark)
        for name, usages in kernel.usages.items()
        for lock in locks & names_of_class(name)
        for mark in usages
    }
    known = {lock for name in kernel.usages for lock in locks & names_of_class(name)}
    seen = {each for each in marks if each[0] in known and "NMI" not in each[1]}
    ours = seen if kernel.modes else {(lock, mark[:-2]) for lock, mark in seen if is_in(mark)}
    clashes = [
        Clash(lock, mark, other)
        for lock, mark in sorted(theirs)
        for its, other in sorted(seen)
        if lock == its and clash(mark, other) and not (alone(theirs, lock) or alone(seen, lock))
    ]
    return UsageComparison(frozenset(theirs), frozenset(ours), tuple(clashes))


def is_in(mark: str) -> bool:
    """Whether it is used in a handler."""
    return mark.startswith("IN-")


def clash(one: str, other: str) -> bool:
    """Whether one is in a handler, the other with such handlers let in, and not both for reading.

    Of a usage without its mode, nothing is known to exclude a reader.
    """
    kinds = [each.name for each in HANDLERS if each.name in one and each.name in other]
    return bool(kinds) and is_in(one) != is_in(other) and (one + other).count("-W") > 0


def alone(marks: Iterable[Marked], lock: str) -> bool:
    """Whether the usages of a lock clash by themselves: then that is told where they are from."""
    own = [mark for name, mark in marks if name == lock]
    return any(clash(one, other) for one in own for other in own)

"""Whether a lock that a function asserts by lockdep is held by callers that take it themselves.

A pair is a caller and a callee. A caller that drops the lock before it takes it has the lock from
its own callers: it is shown to hold it if all of these are shown to hold it where they call it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.errors import UsageError
from locking.kernel_source.flow_ops import FlowOp
from locking.kernel_source.grammar import node_text
from locking.kernel_source.paths import Explorer, in_words_of_call
from locking.kernel_source.sources import Function, SourceTree
from locking.kernel_source.tables import FunctionTable
from tests.kernel_source.held_locks import (
    CallGraph,
    Count,
    LockCounts,
    LockName,
    asserted_in,
    lock_named,
    types_in,
)


class Pair(NamedTuple):
    """A caller, the callee, and the lock that the callee asserts."""

    caller: Function
    callee: Function
    lock: LockName


def all_pairs(graph: CallGraph, table: FunctionTable) -> Iterator[Pair]:
    """Every pair of a caller with a lock function of that lock in it, and a callee.

    A caller that asserts the lock itself has it from its own caller, and is left out.
    """
    taking = {n for act in ("take", "try", "wait") for n in table.acts[act]} | {"guard"}
    taking |= {"scoped_guard"}
    for callee in graph.functions:
        locks = {lock_named(found, callee) for found in asserted_in(callee)}
        direct = re.compile(rf"(?<![\w>.]){callee.name}\s*\(")
        for caller in graph.callers_of(callee) if locks else ():
            if not direct.search(node_text(caller.node)):
                continue
            entered_with = [lock_named(found, caller) for found in asserted_in(caller)]
            taken = taken_in(caller, sorted(taking & caller.calls))
            for lock in sorted(locks):
                if not any(map(lock.may_be, entered_with)) and any(map(lock.may_be, taken)):
                    yield Pair(caller, callee, lock)


def taken_in(function: Function, names: list[str]) -> list[LockName]:
    """The locks that lock functions of these names are given in a function."""
    text = node_text(function.node)
    return [
        lock_named(given, function)
        for name in names
        for given in re.findall(rf"\b{name}\s*\((?:\w+\)\(|\w+, )?\s*(&?[\w>.\[\]-]+)\s*[,)]", text)
    ]


@dataclass
class AssertedLocks:
    """Judges pairs of a tree."""

    sources: SourceTree
    table: FunctionTable
    counts: dict[LockName, LockCounts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = CallGraph(self.sources)
        self.explorer = Explorer(self.sources, self.table, frozenset())

    def counted(self, lock: LockName) -> LockCounts:
        """The counts of a class of locks."""
        if lock not in self.counts:
            self.counts[lock] = LockCounts(self.explorer, self.graph, lock)
        return self.counts[lock]

    def lines_not_held(self, pair: Pair) -> list[int]:
        """The lines of calls at which some path does not hold the lock. Errors: `UsageError`."""
        asserted = [
            each for each in asserted_in(pair.callee) if lock_named(each, pair.callee) == pair.lock
        ]
        lines = self.lines_from(0, pair.caller, pair.callee, pair.lock, asserted)
        if lines and self.is_entered_held(pair.caller, pair.lock, frozenset()):
            return self.lines_from(1, pair.caller, pair.callee, pair.lock, asserted)
        return lines

    def lines_from(
        self, start: int, caller: Function, callee: Function, lock: LockName, asserted: list[str]
    ) -> list[int]:
        """The lines of calls without the lock, in a caller that is entered with so many locks.

        Errors: `UsageError`.
        """
        calls = self.counted(lock).walked(caller, start).calls
        if not any(op.name == callee.name for op, _ in calls):
            raise UsageError("no path comes to the call")
        return sorted(
            {
                op.line
                for op, count in calls
                if op.name == callee.name
                and not all(is_held(each, op, count, caller, callee) for each in asserted or [""])
            }
        )

    def is_entered_held(self, function: Function, lock: LockName, seen: frozenset[str]) -> bool:
        """Whether every caller of a function holds the lock where it calls it.

        The function must not take the lock that it is entered with. Errors: `UsageError`.
        """
        if function.name in seen:
            return True
        if self.counted(lock).walked(function, 1).most > 1 or self.graph.is_passed_on(function):
            return False
        callers = self.graph.callers_of(function)
        return bool(callers) and all(
            self.enters_held(caller, function, lock, seen | {function.name}) for caller in callers
        )

    def enters_held(
        self, caller: Function, function: Function, lock: LockName, seen: frozenset[str]
    ) -> bool:
        """Whether a caller holds the lock where it calls `function`. Errors: `UsageError`."""
        if not self.lines_from(0, caller, function, lock, []):
            return True
        if self.lines_from(1, caller, function, lock, []):
            return False
        asserts = any(lock.may_be(lock_named(each, caller)) for each in asserted_in(caller))
        return asserts or self.is_entered_held(caller, lock, seen)


def is_held(text: str, op: FlowOp, count: Count, caller: Function, callee: Function) -> bool:
    """Whether the lock that a callee asserts as `text` is held at its call.

    It may be any lock of its class that the caller holds, but for one that begins at a variable
    which is another for sure.
    """
    root = re.match(r"\w*", text)
    if count.more > 0 or not root or root[0] not in callee.parameters:
        return count.total > 0
    name = in_words_of_call(text, op, callee)
    return any(not parted(name, each, caller) for each in count.named)


def parted(one: str, other: str, function: Function) -> bool:
    """Whether two expressions begin at two variables that have one value each, and no other's."""
    roots = [each[0] if (each := re.match(r"\w*", text)) else "" for text in (one, other)]
    if roots[0] == roots[1] or not all(roots):
        return False
    body = node_text(function.body)
    values = [re.findall(rf"\b{root}\s*=(?!=)\s*([^;]*)", body) for root in roots]
    known = [root in types_in(function) for root in roots]
    return all(known) and all(
        len(of) + (root in function.parameters) == 1
        and not any(re.search(rf"\b{other}\b", value) for value in of for other in roots)
        for root, of in zip(roots, values, strict=True)
    )

"""What a call may leave changed of the locks that its caller holds, over all paths at once.

For each lock by itself: how far its count may have gone down, and by how much it may differ in
the end. Conditions are not looked at, so this never misses a change; it may see one that can't be.
A function that only takes what it lets go again changes nothing for its caller.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from locking.errors import UsageError
from locking.kernel_source.flow import Flow
from locking.kernel_source.flow_ops import FlowOp
from locking.kernel_source.grammar import node_text
from locking.kernel_source.guards import is_guard
from locking.kernel_source.sources import Function, SourceTree
from locking.kernel_source.values import GUARDS, NO_CALL

Change = tuple[int, int]
"""How far a count went down, and what it is in the end, both against its start."""

Changes = dict[str, frozenset[Change]]
"""For each lock that may be changed, the changes that are possible."""

UNCHANGED: frozenset[Change] = frozenset({(0, 0)})
UNREAD: Changes = {"?": frozenset({(-1, 0)})}
"""What is said of a function that could not be read and operates on locks."""

FURTHEST = 2
"""Counts are kept up to here."""

OPERATIONS: dict[str, frozenset[Change]] = {
    "take": frozenset({(0, 1)}),
    "try": frozenset({(0, 1)}),
    "failed": UNCHANGED,
    "let_go": frozenset({(-1, -1)}),
    "downgrade": frozenset({(-1, 0)}),
}
"""What each kind of event does to its lock."""


@dataclass
class LockEffects:
    """Answers whether a function changes locks of its caller.

    `flow` gives the graph of a function, `operations` the kinds of event, each with its lock, that
    a call of a lock function stands for, and None for another call; `renamed` puts a lock of a
    callee in the words of its caller. Of `locks`, where they are given, changes are looked for.
    """

    sources: SourceTree
    primitives: frozenset[str]
    flow: Callable[[Function], Flow]
    operations: Callable[[FlowOp, str], list[tuple[str, str]] | None]
    renamed: Callable[[str, FlowOp, Function], str]
    locks: frozenset[str] | None
    found: dict[str, Changes] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    reaching: dict[str, bool] = field(default_factory=dict)

    def changes(self, function: Function) -> Changes:
        """What a function may change; a call of itself is taken to change nothing."""
        for each in self.callees_first(function):
            self.found[each.name] = self.summed(each)
        return self.found.get(function.name, {})

    def callees_first(self, function: Function) -> Iterator[Function]:
        """The functions that are not summed yet, each after those that it calls."""
        stack = [(function, iter(sorted(function.calls - self.primitives)))]
        if function.name in self.entered:
            return
        self.entered.add(function.name)
        while stack:
            each, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                yield each
            elif name not in self.entered:
                callee = self.sources.callee(name)
                if callee and self.reaches(callee):
                    self.entered.add(name)
                    stack.append((callee, iter(sorted(callee.calls - self.primitives))))

    def summed(self, function: Function) -> Changes:
        """The changes at the ends of a function, of locks that are looked for."""
        try:
            flow = self.flow(function)
            if self.macro_around(function, flow, self.changes_known):
                return UNREAD
            ends = self.at_ends(flow, function)
        except UsageError:
            return UNREAD if self.matters_unread(function) else {}
        return {
            lock: changes
            for lock, changes in ends.items()
            if changes != UNCHANGED and self.is_wanted(lock, function)
        }

    def changes_known(self, function: Function) -> bool:
        """Whether a function that is summed already changes a lock."""
        return bool(self.found.get(function.name))

    def macro_around(
        self, function: Function, flow: Flow, matters: Callable[[Function], bool]
    ) -> str:
        """A macro that a function has in another place than that of a call, and that matters."""
        called = {op.name for op in flow.ops} | self.primitives | NO_CALL
        for name in sorted(function.calls - called):
            callee = self.sources.callee(name)
            if callee and callee.stored is not None and matters(callee):
                return name
        return ""

    def matters_unread(self, function: Function) -> bool:
        """Whether a function that could not be read may operate on a lock that is looked for."""
        if self.locks is not None and self.is_seed(function):
            return True
        if self.locks is None and not self.primitives.isdisjoint(function.calls):
            return True
        return any(
            self.changes(callee)
            for name in sorted(function.calls - self.primitives)
            if (callee := self.sources.callee(name)) and self.reaches(callee)
        )

    def is_wanted(self, lock: str, function: Function) -> bool:
        """Whether a lock is looked for, or is the caller's by a parameter."""
        root = re.match(r"\w*", lock)
        return (
            self.locks is None
            or lock == "?"
            or self.mentions(lock)
            or (root is not None and root[0] in function.parameters)
        )

    def mentions(self, text: str) -> bool:
        """Whether a text names a lock that is looked for."""
        return any(re.search(rf"\b{lock}\b", text) for lock in self.locks or ())

    def at_ends(self, flow: Flow, function: Function) -> Changes:
        """The changes where a function returns, by iteration to the fixed point."""
        before: dict[int, Changes] = {0: {}}
        ends: list[Changes] = []
        waiting = [0]
        while waiting:
            at = waiting.pop()
            op = flow.ops[at]
            after = before[at]
            if op.kind == "call":
                after = followed_by(after, self.of_call(op, function))
            for target in (*op.then, *op.other):
                joined = either(before[target], after) if target in before else after
                if target not in before or joined != before[target]:
                    before[target] = joined
                    waiting.append(target)
        ends = [
            before[at] for at, op in enumerate(flow.ops) if op.kind == "return" and at in before
        ]
        return any_of(ends)

    def of_call(self, op: FlowOp, function: Function) -> Changes:
        """What a call may change, in the words of the function that it stands in."""
        events = self.operations(op, function.file)
        if events is not None:
            return any_of([{lock: OPERATIONS[kind]} for kind, lock in events])
        known = op.name.isidentifier() or is_guard(op.name)
        callee = self.sources.callee(op.name) if known else None
        if callee is None or not (
            self.reaches(callee) or any(self.mentions(node_text(each)) for each in op.arguments)
        ):
            return {}
        made: Changes = {}
        for lock, changes in self.changes(callee).items():
            name = self.renamed(lock, op, callee)
            made[name] = made.get(name, frozenset()) | changes
        return made

    def reaches(self, function: Function) -> bool:
        """Whether calls lead to a lock function, or to one that names a lock looked for."""
        if function.name not in self.reaching:
            self.look_from(function)
        return self.reaching[function.name]

    def look_from(self, function: Function) -> None:
        """Find for every function that `function` leads to whether it `reaches`."""
        callers: dict[str, list[str]] = {}
        seen, waiting, reached = {function.name}, [function], []
        while waiting:
            each = waiting.pop()
            if self.reaching.get(each.name) or self.is_seed(each):
                reached.append(each.name)
            for name in each.calls - self.primitives:
                callers.setdefault(name, []).append(each.name)
                callee = self.sources.callee(name) if name not in seen else None
                if callee:
                    seen.add(name)
                    waiting.append(callee)
        yes = set(reached)
        while reached:
            for name in callers.get(reached.pop(), ()):
                if name not in yes:
                    yes.add(name)
                    reached.append(name)
        self.reaching.update((name, name in yes) for name in seen)

    def is_seed(self, function: Function) -> bool:
        """Whether a function itself operates on a lock, or names one that is looked for."""
        if self.locks is not None:
            text = function.node.text or b""
            return any(last_word(lock).encode() in text for lock in self.locks)
        return not (self.primitives | GUARDS).isdisjoint(function.calls)


def last_word(lock: str) -> str:
    """The field that the expression of a lock ends with, by which any function may name it."""
    words = re.findall(r"\w+", lock)
    return words[-1] if words else lock


def followed_by(first: Changes, second: Changes) -> Changes:
    """The changes of one after the other."""
    made = dict(first)
    for lock, changes in second.items():
        made[lock] = frozenset(
            (clipped(min(low, net + deeper)), clipped(net + more))
            for low, net in first.get(lock, UNCHANGED)
            for deeper, more in changes
        )
    return made


def clipped(count: int) -> int:
    """A count, no further from zero than is kept."""
    return max(-FURTHEST, min(FURTHEST, count))


def either(one: Changes, other: Changes) -> Changes:
    """The changes of one or the other; a lock that one leaves alone may be unchanged."""
    return {
        lock: one.get(lock, UNCHANGED) | other.get(lock, UNCHANGED)
        for lock in sorted({*one, *other})
    }


def any_of(many: Iterable[Changes]) -> Changes:
    """The changes of any of several; none where there is none."""
    made: Changes | None = None
    for each in many:
        made = each if made is None else either(made, each)
    return made or {}

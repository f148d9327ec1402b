"""Over all paths of a function, whether it holds a lock where it makes a call.

Locks of one class, as lockdep has it, are one where a helper takes or drops them, or where the
function names none as the assertion does; else the expressions that name them tell them apart.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from locking.errors import UsageError
from locking.kernel_source.facts import Facts, sign_of, with_answer, without_memory
from locking.kernel_source.facts import with_fact as stored
from locking.kernel_source.flow import Flow
from locking.kernel_source.flow_ops import ANY, FlowOp, fields
from locking.kernel_source.grammar import node_text, nodes_below
from locking.kernel_source.lock_names import lock_of_text
from locking.kernel_source.paths import Explorer
from locking.kernel_source.sources import Function, SourceTree

if TYPE_CHECKING:
    from tree_sitter import Node

ASSERTED = re.compile(r"lockdep_assert_held(?:_write|_read|_once)?\(\s*([^;]+?)\)\s*;")

MOST_STATES = 60_000
"""States of one function beyond which it is not followed further."""

FURTHEST = 2
"""Counts are kept up to here."""


class LockName(NamedTuple):
    """A lock as lockdep has it: the type that it is a field of (empty if not known), its name."""

    struct: str
    name: str

    def may_be(self, other: "LockName") -> bool:
        """Whether two names may be of one lock."""
        types = {self.struct, other.struct} - {""}
        return self.name == other.name and len(types) < 2


def lock_named(text: str, function: Function) -> LockName:
    """A lock by the expression that names it, with the type of the variable that it begins at."""
    text = lock_of_text(text)
    parts = re.findall(r"\w+", text)
    root = re.fullmatch(r"(?:\w+\()?(\w+)(?:->|\.|, )(\w+)\)?", text)
    struct = types_in(function).get(root[1], "") if root else ""
    return LockName(struct, parts[-1] if parts else text)


@cache
def types_in(function: Function) -> dict[str, str]:
    """The structures that the variables of a function are of, or point to."""
    made = {}
    for kind in ("parameter_declaration", "declaration"):
        for each in nodes_below(function.node, kind):
            of = each.child_by_field_name("type")
            if of and of.type == "struct_specifier" and (tag := of.child_by_field_name("name")):
                for declared in each.children_by_field_name("declarator"):
                    made.update(dict.fromkeys(names_below(declared), node_text(tag)))
    return made


def names_below(node: "Node") -> Iterator[str]:
    """The names that a declarator declares."""
    if node.type == "init_declarator":
        yield from names_below(fields(node, "declarator")[0])
    elif node.type == "identifier":
        yield node_text(node)
    else:
        for child in node.named_children:
            yield from names_below(child)


def asserted_in(function: Function) -> list[str]:
    """The expressions of the locks that a function asserts."""
    return [lock_of_text(each) for each in ASSERTED.findall(node_text(function.node))]


@dataclass
class CallGraph:
    """Who calls whom in a tree, by name."""

    sources: SourceTree

    @cached_property
    def functions(self) -> list[Function]:
        """Every definition of the tree, macros too."""
        return [
            each
            for file in self.sources.texts
            for each in (*self.sources.functions_in(file), *self.sources.macros_of(file, ""))
        ]

    @cached_property
    def callers(self) -> dict[str, list[Function]]:
        """For a name the functions that call it."""
        made = defaultdict(list)
        for each in self.functions:
            for name in each.calls:
                made[name].append(each)
        return made

    def callers_of(self, function: Function) -> list[Function]:
        """The functions that call one; a static one is called in its own file."""
        static = node_text(function.node).startswith("static")
        return [
            each
            for each in self.callers.get(function.name, ())
            if not static or each.file == function.file
        ]

    def home(self, struct: str) -> str:
        """The one C file that defines a structure; empty where a header or no file does."""
        begins = re.compile(rb"^struct " + struct.encode() + rb"\s*\{", re.MULTILINE)
        files = [file for file, text in self.sources.texts.items() if begins.search(text)]
        return files[0] if struct and len(files) == 1 and files[0].endswith(".c") else ""

    def is_passed_on(self, function: Function) -> bool:
        """Whether a function's name stands where it is not called, so that more may call it."""
        name = re.compile(rb"(?:[=,(]|return)\s*&?" + function.name.encode() + rb"\s*[,;})]")
        return any(name.search(text) for text in self.sources.texts.values())


class Count(NamedTuple):
    """Of one class: the expressions of the locks that are held, and how many more."""

    named: frozenset[str]
    more: int

    @property
    def total(self) -> int:
        """How many are held; below zero where more were let go than taken."""
        return len(self.named) + self.more

    def added(self, number: int) -> "Count":
        """With more locks, or fewer: the last of them are those that have no name here."""
        left = sorted(self.named)
        while number < 0 and self.more <= 0 and left:
            left.pop()
            number += 1
        more = max(-FURTHEST, min(FURTHEST, self.more + number))
        return Count(frozenset(left), more)

    def taken(self, text: str) -> "Count":
        """With a lock taken."""
        if text in self.named:
            return self.added(1)
        return self._replace(named=self.named | {text})

    def let_go(self, text: str) -> "Count":
        """With a lock let go: the one of that name, or else one that was taken by another name."""
        for each in (text, f"~{text}"):
            if each in self.named:
                return self._replace(named=self.named - {each})
        return self.added(-1)

    def after_store(self, key: str) -> "Count":
        """After a store to a variable: what began at it is another lock now."""
        if not any(re.match(rf"{re.escape(key)}\b", each) for each in self.named):
            return self
        return self._replace(
            named=frozenset(
                f"~{each}" if re.match(rf"{re.escape(key)}\b", each) else each
                for each in self.named
            )
        )


Change = tuple[int, int]
"""What a call adds to the count, and the signs of its result."""


class Walked(NamedTuple):
    """What was seen on all paths: each call with its counts, and what there was at the ends."""

    calls: tuple[tuple[FlowOp, Count], ...]
    ends: frozenset[Change]
    most: int


@dataclass
class LockCounts:
    """How many locks of a class are held, in the functions of a tree."""

    explorer: Explorer
    graph: CallGraph
    lock: LockName
    known: dict[str, frozenset[Change]] = field(default_factory=dict)

    @cached_property
    def home(self) -> str:
        """The file that alone can name fields of the lock's structure; empty for any."""
        return self.graph.home(self.lock.struct)

    def is_named(self, text: str, function: Function) -> bool:
        """Whether an expression in a function may name a lock of the class."""
        if self.home not in ("", function.file):
            return False
        return lock_named(text, function).may_be(self.lock)

    def changed_by(self, function: Function) -> list[Function]:
        """The functions that one calls, that may leave a lock of that name changed."""
        return [
            callee
            for name in sorted(function.calls - self.explorer.primitives)
            if (callee := self.explorer.sources.callee(name)) and self.matters(callee)
        ]

    def matters(self, function: Function) -> bool:
        """Whether a function may leave a lock of that name changed, or could not be read."""
        return any(
            lock == "?" or self.is_named(lock, function)
            for lock in self.explorer.effects.changes(function)
        )

    def changes(self, function: Function) -> frozenset[Change]:
        """What a call of a function may add to the count: the least fixed point over recursion."""
        if function.name not in self.known:
            order = [each for each in self.below(function) if each.name not in self.known]
            self.known |= {each.name: frozenset() for each in order}
            stale = {each.name for each in order}
            while stale:
                for each in order:
                    if each.name not in stale:
                        continue
                    stale.discard(each.name)
                    made = self.summed(each)
                    if made != self.known[each.name]:
                        self.known[each.name] = made
                        stale |= {other.name for other in order if each.name in other.calls}
        return self.known[function.name]

    def below(self, function: Function) -> list[Function]:
        """A function and those that it calls that matter, each after what it calls."""
        seen, made = {function.name}, []
        stack = [(function, iter(self.changed_by(function)))]
        while stack:
            each, callees = stack[-1]
            callee = next(callees, None)
            if callee is None:
                made.append(each)
                stack.pop()
            elif callee.name not in seen:
                seen.add(callee.name)
                stack.append((callee, iter(self.changed_by(callee))))
        return made

    def summed(self, function: Function) -> frozenset[Change]:
        """What the paths of a function add, as far as is known of those that it calls."""
        try:
            return self.walked(function, 0).ends
        except UsageError:
            own = self.home in ("", function.file) and re.search(
                rf"\b{self.lock.name}\b", node_text(function.node)
            )
            below = {net for each in self.changed_by(function) for net, _ in self.known[each.name]}
            return frozenset((net, ANY) for net in {0, *below, *([-1] if own else [])})

    def walked(self, function: Function, start: int) -> Walked:
        """Every path of a function. Errors: `UsageError` for too many, or syntax."""
        flow = self.explorer.flow(function)
        try:
            return self.walk(function, flow, start, live_keys(flow))
        except UsageError:
            return self.walk(function, flow, start, [frozenset()] * len(flow.ops))

    def walk(
        self, function: Function, flow: Flow, start: int, live: list[frozenset[str]]
    ) -> Walked:
        """Every path, with what is known of the keys that are `live`. Errors: `UsageError`."""
        first: tuple[int, Facts, Count] = (0, (), Count(frozenset(), start))
        seen, waiting, ends = {first}, [first], set()
        calls: dict[tuple[int, Count], FlowOp] = {}
        while waiting:
            at, facts, count = waiting.pop()
            op = flow.ops[at]
            if op.kind == "return":
                ends.add((count.total - start, sign_of(op.key or ANY, facts)))
            if op.kind == "call":
                calls[at, count] = op
            for targets, after, now in self.moves(function, op, facts, count):
                for target in targets:
                    kept = tuple(each for each in after if each[0] in live[target])
                    state = (target, kept, now)
                    if state not in seen:
                        seen.add(state)
                        waiting.append(state)
            if len(seen) > MOST_STATES:
                raise UsageError("too many states")
        return Walked(
            tuple((op, count) for (_, count), op in calls.items()),
            frozenset(ends),
            max(count.total for _, _, count in seen),
        )

    def moves(
        self, function: Function, op: FlowOp, facts: Facts, count: Count
    ) -> Iterator[tuple[list[int], Facts, Count]]:
        """Where an operation leads to, what is known there, and the count."""
        match op.kind:
            case "set":
                after = stored(facts, op.key, sign_of(op.value, facts))
                yield op.then, after, count.after_store(op.key)
            case "forget":
                yield op.then, without_memory(facts), count
            case "test":
                signs = sign_of(op.key or ANY, facts)
                yes, no = signs & op.signs, signs & ~op.signs & ANY
                for targets, left in ((op.then, yes), (op.other, no)):
                    if left:
                        yield targets, with_answer(facts, op.key, left), count
            case "call":
                kept = self.explorer.after_stores(op, facts, function)
                for now, signs in self.after_call(function, op, count):
                    yield op.then, stored(kept, op.key, signs), now
            case _:
                yield op.then, facts, count

    def after_call(
        self, function: Function, op: FlowOp, count: Count
    ) -> Iterator[tuple[Count, int]]:
        """The count after a call, with the signs of the result."""
        own = self.explorer.lock_call(op, "")
        if own is not None:
            for word, signs in own:
                now = count
                for event in word:
                    if self.is_named(event.name, function):
                        now = after_event(now, event.kind, event.name)
                yield now, signs
            return
        if op.name in self.explorer.sources.never_return:
            return
        callee = self.explorer.sources.callee(op.name) if op.name.isidentifier() else None
        is_macro = callee is not None and callee.stored is not None
        passed = (re.search(rf"\b{self.lock.name}$", node_text(each)) for each in op.arguments)
        if is_macro or any(passed):
            changes = self.explorer.effects.of_call(op, function).items()
            nets = {
                net for lock, made in changes if self.is_named(lock, function) for _, net in made
            }
            for net in sorted(nets or {0}):
                yield count.added(net), ANY
        elif callee and self.matters(callee):
            for net, signs in sorted(self.changes_known(callee)):
                yield count.added(net), signs
        else:
            yield count, ANY

    def changes_known(self, function: Function) -> frozenset[Change]:
        """What is known of a call while the fixed point is looked for."""
        found = self.known.get(function.name)
        return self.changes(function) if found is None else found


def after_event(count: Count, kind: str, text: str) -> Count:
    """A count after an operation on a lock of the class."""
    match kind:
        case "take" | "try":
            return count.taken(text)
        case "let_go":
            return count.let_go(text)
    return count


def live_keys(flow: Flow) -> list[frozenset[str]]:
    """For every operation, what may still be tested or copied from there on."""
    live = [frozenset[str]()] * len(flow.ops)
    changed = True
    while changed:
        changed = False
        for at in range(len(flow.ops) - 1, -1, -1):
            op = flow.ops[at]
            after = frozenset().union(*(live[to] for to in (*op.then, *op.other)))
            made = after - {op.key} if op.kind in ("set", "call") else after
            made |= {op.key} if op.kind in ("test", "return") else set()
            made |= {op.value} if isinstance(op.value, str) else set()
            if made != live[at]:
                live[at], changed = made, True
    return live

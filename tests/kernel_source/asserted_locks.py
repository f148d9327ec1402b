"""Whether a lock that a function asserts by lockdep is held by callers that take it themselves.

A pair is a caller and a callee. The state is whether the lock is held, with the signs of those
variables that are still tested; over all paths, with what helpers may change.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from locking.errors import UsageError
from locking.kernel_source.flow import Flow
from locking.kernel_source.flow_ops import ANY, FlowOp
from locking.kernel_source.grammar import node_text
from locking.kernel_source.paths import Explorer, Facts, lock_of_text, sign_of, with_answer
from locking.kernel_source.paths import with_fact as stored
from locking.kernel_source.sources import Function, SourceTree
from locking.kernel_source.tables import FunctionTable

ASSERTED = re.compile(r"lockdep_assert_held(?:_write|_read|_once)?\(\s*([^;]+?)\)\s*;")

MOST_STATES = 20_000
"""States of one caller beyond which it is not followed further."""


class LockName(NamedTuple):
    """A lock as lockdep has it: the type that it is a field of (empty if not known), its name."""

    struct: str
    name: str

    def may_be(self, other: "LockName") -> bool:
        """Whether two names may be of one lock."""
        types = {self.struct, other.struct} - {""}
        return self.name == other.name and len(types) < 2


class Pair(NamedTuple):
    """A caller, the callee, and the lock that the callee asserts."""

    caller: Function
    callee: str
    lock: LockName


def lock_named(text: str, function: Function) -> LockName:
    """A lock by the expression that names it, with the type of the variable that it begins at."""
    text = lock_of_text(text)
    parts = re.findall(r"\w+", text)
    root = re.fullmatch(r"(\w+)(?:->|\.)(\w+)", text)
    found = root and re.search(
        rf"struct (\w+)[\w\s,*=>().&-]*?\b{root[1]}\b", node_text(function.node)
    )
    return LockName(found[1] if found else "", parts[-1] if parts else text)


def all_pairs(sources: SourceTree, table: FunctionTable) -> Iterator[Pair]:
    """Every pair of a caller with a lock function of that lock in it, and a callee.

    A caller that asserts the lock itself has it from its own caller, and is left out.
    """
    functions = [each for file in sources.texts for each in sources.functions_in(file)]
    taking = {n for act in ("take", "try", "wait") for n in table.acts[act]} | {"guard"}
    taking |= {"scoped_guard"}
    callers: dict[str, list[Function]] = {}
    for each in functions:
        for name in each.calls:
            callers.setdefault(name, []).append(each)
    for callee in functions:
        if not any(name.startswith("lockdep_assert_held") for name in callee.calls):
            continue
        text = node_text(callee.node)
        locks = {lock_named(found, callee) for found in ASSERTED.findall(text)}
        for caller in callers.get(callee.name, ()):
            if text.startswith("static") and caller.file != callee.file:
                continue
            own = ASSERTED.findall(node_text(caller.node))
            entered_with = [lock_named(found, caller) for found in own]
            for lock in sorted(locks):
                if any(name.may_be(lock) for name in entered_with):
                    continue
                if any(
                    name.may_be(lock) for name in taken_in(caller, sorted(taking & caller.calls))
                ):
                    yield Pair(caller, callee.name, lock)


def taken_in(function: Function, names: list[str]) -> list[LockName]:
    """The locks that lock functions of these names are given in a function."""
    text = node_text(function.node)
    return [
        lock_named(given, function)
        for name in names
        for given in re.findall(rf"\b{name}\s*\((?:\w+\)\(|\w+, )?\s*(&?[\w>.\[\]-]+)\s*[,)]", text)
    ]


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


def lines_not_held(explorer: Explorer, pair: Pair) -> list[int]:
    """The lines of calls at which some path does not hold the lock. Errors: `UsageError`."""
    flow = explorer.flow(pair.caller)
    live = live_keys(flow)
    start: tuple[int, Facts, bool] = (0, (), False)
    seen, waiting, lines = {start}, [start], set()
    while waiting:
        at, facts, held = waiting.pop()
        op = flow.ops[at]
        if op.kind == "call" and op.name == pair.callee and not held:
            lines.add(op.line)
        for targets, after, now in moves(explorer, pair, op, facts, held):
            for target in targets:
                kept = tuple(each for each in after if each[0] in live[target])
                state = (target, kept, now)
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
        if len(seen) > MOST_STATES:
            raise UsageError("too many states")
    return sorted(lines)


def moves(
    explorer: Explorer, pair: Pair, op: FlowOp, facts: Facts, held: bool
) -> Iterator[tuple[list[int], Facts, bool]]:
    """Where an operation leads to, what is known there, and whether the lock is held there."""
    if op.kind == "set":
        yield op.then, stored(facts, op.key, sign_of(op.value, facts)), held
    elif op.kind == "test":
        signs = sign_of(op.key or ANY, facts)
        for targets, left in ((op.then, signs & op.signs), (op.other, signs & ~op.signs & ANY)):
            if left:
                yield targets, with_answer(facts, op.key, left), held
    elif op.kind == "call":
        for now, signs in after_call(explorer, pair, op, held):
            yield op.then, stored(facts, op.key, signs), now
    else:
        yield op.then, facts, held


def after_call(
    explorer: Explorer, pair: Pair, op: FlowOp, held: bool
) -> Iterator[tuple[bool, int]]:
    """Whether the lock is held after a call, with the sign of the result."""
    own = explorer.lock_call(op, "")
    if own is not None:
        for word, signs in own:
            now = held
            for event in word:
                if lock_named(event.name, pair.caller).may_be(pair.lock):
                    now = {"take": True, "try": True, "let_go": False}.get(event.kind, held)
            yield now, signs
        return
    nets = {
        net
        for lock, changes in explorer.effects.of_call(op, pair.caller).items()
        if lock_named(lock, pair.caller).may_be(pair.lock)
        for _, net in changes
    }
    for net in sorted(nets or {0}):
        yield (held if net == 0 else net > 0), ANY

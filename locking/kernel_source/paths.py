"""What a function does to locks and which steps it takes, on each of its control paths.

A path is known by its word: the lock operations and steps in order. Calls are followed where they
lead to a step, or may leave a lock of their caller changed. What is known of variables (by sign)
rules out paths that can't be: no step comes after a call whose error was just returned. Conditions
on memory are taken to keep their answer within one function, unless it, or what it calls, stores
to a field of that name, or control goes back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from locking.errors import UsageError
from locking.kernel_source.effects import LockEffects
from locking.kernel_source.facts import (
    Facts,
    argument_sign,
    arguments_stored,
    is_of_variables,
    may_be_stored,
    sign_of,
    with_answer,
    with_fact,
    without_memory,
)
from locking.kernel_source.flow import Flow
from locking.kernel_source.flow_ops import ANY, NEGATIVE, POSITIVE, ZERO, FlowOp
from locking.kernel_source.grammar import node_text
from locking.kernel_source.guards import LETS_GO, NOT_READ, TAKES, is_guard
from locking.kernel_source.lock_names import in_caller_words, in_words_of_call, lock_of_text
from locking.kernel_source.sources import Function, SourceTree
from locking.kernel_source.tables import FunctionTable

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_PATH_STATES = 50_000
"""States of one function beyond which it is refused."""


class LockEvent(NamedTuple):
    """An operation on a lock, or a step: `take`, `let_go`, `try`, `failed`, `downgrade`, `step`."""

    kind: str
    name: str
    mode: str
    site: str


EventWord = tuple[LockEvent, ...]


class PathOutcome(NamedTuple):
    """One way through a function: its word, the signs that it may return, the line it ends on."""

    word: EventWord
    signs: int
    site: str


@dataclass
class Explorer:
    """Follows functions of `sources` by a `table`, but for those that are `left_out`.

    Of `locks`, where they are given, changes are looked for in functions that lead to no step.
    Calls through pointers are in `unfollowed`, functions that could not be read in `refused`.
    """

    sources: SourceTree
    table: FunctionTable
    steps: frozenset[str]
    left_out: frozenset[str] = frozenset()
    locks: frozenset[str] | None = None
    unfollowed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    found: dict[tuple[str, Facts], frozenset[PathOutcome]] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    leading: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.leading = frozenset(leading_to(self.sources, self.steps, self.table))
        self.primitives = frozenset(name for act in self.table.acts.values() for name in act)
        self.effects = LockEffects(
            self.sources, self.primitives, self.flow, self.operations, in_words_of_call, self.locks
        )

    def outcomes(
        self, function: Function, known: Facts = (), stack: tuple[str, ...] = ()
    ) -> frozenset[PathOutcome]:
        """Every way through a function, called with what is known of its parameters.

        Errors: `UsageError` for syntax that is not understood, or for too many paths.
        """
        key = (function.name, known)
        if key not in self.found:
            self.found[key] = self.explore(function, known, (*stack, function.name))
        return self.found[key]

    def flow(self, function: Function) -> Flow:
        """The graph of a function. Errors: `UsageError`, as for `Flow`."""
        if function.name not in self.flows:
            self.flows[function.name] = Flow(function.node, function.name, function.file)
        return self.flows[function.name]

    def explore(
        self, function: Function, known: Facts, stack: tuple[str, ...]
    ) -> frozenset[PathOutcome]:
        """Every way through a function. Errors: `UsageError` where there are too many."""
        flow = self.flow(function)
        macro = self.effects.macro_around(function, flow, lambda each: self.may_matter(each.name))
        if macro:
            raise UsageError(
                f"{function.file}: {function.name}() has the macro {macro}() that takes part in "
                "what is read, and is no call there"
            )
        used = keys_used(flow)
        start: tuple[int, Facts, EventWord] = (0, known, ())
        seen, waiting, found = {start}, [start], set()
        leads: dict[int, set[int]] = {}
        while waiting:
            at, facts, word = waiting.pop()
            op = flow.ops[at]
            ways = leads.setdefault(at, set())
            if op.kind == "return":
                signs = sign_of(op.key or ANY, facts)
                found.add(PathOutcome(word, signs, f"{function.file}:{op.line}"))
                continue
            for targets, after, longer in self.followed(op, facts, word, function, stack):
                kept = tuple((name, signs) for name, signs in after if name in used)
                for target in targets:
                    ways.add(target)
                    if longer is None:
                        continue
                    state = (target, kept, longer)
                    if state not in seen:
                        seen.add(state)
                        waiting.append(state)
            if len(seen) > MOST_PATH_STATES:
                raise UsageError(f"{function.file}: {function.name}() has too many paths")
        if endless := without_end(leads):
            line = min(flow.ops[at].line for at in endless)
            raise UsageError(
                f"{function.file}:{line}: {function.name}() has a path that never ends"
            )
        return frozenset(found)

    def followed(
        self, op: FlowOp, facts: Facts, word: EventWord, function: Function, stack: tuple[str, ...]
    ) -> Iterable[tuple[list[int], Facts, EventWord | None]]:
        """Where an operation leads to, what is known there, and the word so far.

        There is no word where a loop goes round a third time.
        """
        match op.kind:
            case "set":
                yield op.then, with_fact(facts, op.key, sign_of(op.value, facts)), word
            case "forget":
                yield op.then, without_memory(facts), word
            case "test":
                signs = sign_of(op.key or ANY, facts)
                for targets, left in (
                    (op.then, signs & op.signs),
                    (op.other, signs & ~op.signs & ANY),
                ):
                    if left:
                        yield targets, with_answer(facts, op.key, left), word
            case "call":
                kept = self.after_stores(op, facts, function)
                for events, signs in self.called(op, facts, function, stack):
                    yield op.then, with_fact(kept, op.key, signs), appended(word, events)
            case _:
                yield op.then, facts, word

    def after_stores(self, op: FlowOp, facts: Facts, function: Function) -> Facts:
        """Facts but for those that a call in a function may end, by the names of what it stores."""
        if op.name in self.primitives:
            return facts
        callee = self.sources.callee(self.table.indirect.get(op.name, op.name))
        for argument in arguments_stored(op, callee):
            facts = with_fact(facts, argument, ANY)
        stored = self.sources.stored_by(callee) if callee else frozenset()
        return tuple(
            (name, signs)
            for name, signs in facts
            if is_of_variables(name, function) or not may_be_stored(name, stored)
        )

    def called(
        self, op: FlowOp, facts: Facts, function: Function, stack: tuple[str, ...]
    ) -> Iterable[tuple[EventWord, int]]:
        """What a call may do: its events, and the signs of its result."""
        site = f"{function.file}:{op.line}"
        name = self.table.indirect.get(op.name, op.name)
        if name in self.steps:
            return [((LockEvent("step", name, "", site),), ANY)]
        if name in self.sources.never_return:
            return []
        own = self.lock_call(op, site)
        if own is not None:
            return own
        if not name.isidentifier() and not is_guard(name):
            self.unfollowed.add(f"{site}: {name}()")
            return [((), ANY)]
        if not self.may_matter(name):
            return [((), self.sources.signs_of_guard(name) if is_guard(name) else ANY)]
        if name in stack:
            self.refused.add(f"{site}: {name}() is called by itself")
            return [((), ANY)]
        callee = self.sources.callee(name)
        assert callee
        return self.inlined(op, callee, facts, site, stack)

    def inlined(
        self, op: FlowOp, callee: Function, facts: Facts, site: str, stack: tuple[str, ...]
    ) -> Iterable[tuple[EventWord, int]]:
        """What a function that is followed may do, in the words of its caller."""
        texts = [node_text(each) for each in op.arguments]
        actual = dict(zip(callee.parameters, texts, strict=False))
        known = tuple(
            sorted(
                (name, sign)
                for name, text in actual.items()
                if (sign := argument_sign(text, facts)) != ANY
            )
        )
        try:
            outcomes = self.outcomes(callee, known, stack)
        except UsageError as error:
            self.refused.add(str(error))
            return [((), ANY)]
        wraps = callee.name not in self.leading
        made = {
            (
                tuple(
                    each._replace(
                        name=each.name
                        if each.kind == "step"
                        else in_caller_words(each.name, actual, callee),
                        site=site if wraps else each.site,
                    )
                    for each in outcome.word
                ),
                outcome.signs,
            )
            for outcome in outcomes
        }
        return sorted(made)

    def may_matter(self, name: str) -> bool:
        """Whether a call is followed: it leads to a step, or it operates on locks itself."""
        if name in self.left_out:
            return False
        if name in self.leading:
            return True
        callee = self.sources.callee(name)
        if callee is None:
            return False
        itself = self.locks is not None and not self.primitives.isdisjoint(callee.calls)
        return itself or bool(self.effects.changes(callee))

    def operations(self, op: FlowOp, file: str) -> list[tuple[str, str]] | None:
        """The kinds of event, each with its lock, of a call of a lock function; None for others."""
        made = self.lock_call(op, f"{file}:{op.line}")
        if made is None:
            return None
        return [(each.kind, each.name) for word, _ in made for each in word]

    def lock_call(self, op: FlowOp, site: str) -> list[tuple[EventWord, int]] | None:
        """What a lock function may do; None for another function.

        Errors: `UsageError` for a guard of a class that is not known.
        """
        if is_guard(op.name):
            return self.guard_call(op, site)
        lock = self.lock_named(op.arguments[0]) if op.arguments else op.name
        for act in ("take", "let_go", "downgrade"):
            if op.name in self.table.acts[act]:
                mode = self.table.acts[act][op.name]
                return [((LockEvent(act, lock, mode, site),), ANY)]
        if op.name in self.table.acts["try"]:
            mode = self.table.acts["try"][op.name]
            got, failed = (LockEvent(each, lock, mode, site) for each in ("try", "failed"))
            return [((got,), POSITIVE), ((failed,), ZERO)]
        if op.name in self.table.acts["wait"]:
            mode = self.table.acts["wait"][op.name]
            return [((LockEvent("take", lock, mode, site),), ZERO), ((), NEGATIVE)]
        return None

    def guard_call(self, op: FlowOp, site: str) -> list[tuple[EventWord, int]] | None:
        """What a guard may do that a table has; None for one that the tree defines.

        Errors: `UsageError` for a guard of a class that neither has.
        """
        word, _, kind = op.name.partition(" ")
        modes = self.table.acts["guard"]
        mode = None if word == NOT_READ else modes.get(kind)
        if word in LETS_GO and kind in self.sources.classes:
            mode = mode or modes.get(self.sources.classes[kind].base)
        if mode is None:
            if self.sources.callee(op.name):
                return None
            raise UsageError(f"{site}: no table and no definition says what {word}({kind}) does")
        held = op.arguments[1:] if word == "unclass" else op.arguments
        lock = self.lock_named(held[0]) if held else kind
        act = "take" if word in TAKES else "let_go"
        return [((LockEvent(act, lock, mode, site),), POSITIVE)]

    def lock_named(self, argument: "Node") -> str:
        """The lock that an argument names."""
        return lock_of_text(self.sources.expanded(node_text(argument)))


def without_end(leads: Mapping[int, Iterable[int]]) -> set[int]:
    """The operations from which no way leads to one that leads nowhere: loops that none leaves."""
    before: dict[int, list[int]] = {}
    for one, others in leads.items():
        for other in others:
            before.setdefault(other, []).append(one)
    waiting = [each for each in {*leads, *before} if not leads.get(each)]
    ending = set(waiting)
    while waiting:
        for each in before.get(waiting.pop(), ()):
            if each not in ending:
                ending.add(each)
                waiting.append(each)
    return {*leads} - ending


def leading_to(sources: SourceTree, steps: Iterable[str], table: FunctionTable) -> set[str]:
    """The functions from which calls lead to one of `steps`, by name."""
    reached: set[str] = set()
    waiting = list(steps)
    indirect = {name: text for text, name in table.indirect.items()}
    while waiting:
        name = waiting.pop()
        wanted = indirect.get(name, name)
        sign = wanted.encode()
        for file, text in sources.texts.items():
            if sign not in text:
                continue
            for each in (
                *sources.functions_in(file),
                *sources.unread_in(file),
                *sources.macros_of(file, wanted),
            ):
                calls = wanted in each.calls or (
                    not wanted.isidentifier() and wanted in node_text(each.node)
                )
                if calls and each.name not in reached:
                    reached.add(each.name)
                    waiting.append(each.name)
    return reached


def appended(word: EventWord, events: EventWord) -> EventWord | None:
    """A word that goes on by `events`; None where it goes round a third time.

    A lock that is taken and let go over nothing, in one mode, leaves no trace.
    """
    for event in events:
        last = word[-1] if word else None
        if last and last[:3] == ("take", event.name, event.mode) and event.kind == "let_go":
            word = word[:-1]
        elif last and event.kind == "failed" and last == event:
            continue
        elif word.count(event) > 1:
            return None
        else:
            word = (*word, event)
    return word


def keys_used(flow: Flow) -> set[str]:
    """What a function tests, copies, returns or passes on."""
    used = {"$return"}
    for op in flow.ops:
        if op.kind == "test":
            used.add(op.key)
        if isinstance(op.value, str):
            used.add(op.value)
        used.update(node_text(each) for each in op.arguments)
    return used

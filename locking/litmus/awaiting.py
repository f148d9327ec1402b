"""Loops that only wait for a value: further rounds of them add no final state and no flag.

A round of such a loop reads, and writes nothing. An operation such as `cmpxchg` may write or fail:
rounds in which it fails are meant here. Of a run with many rounds leave out all but the last, and
one that failed: what is left is a run with two rounds, and each of its relations is a part of what
it was. So it is allowed if the whole was, it ends in the same state, and accesses that
raced still race. That holds of models that forbid cycles of relations which only shrink if reads
and fences are left out, as all models here do. (Await model checking: Oberhauser and others,
*VSync: push-button verification and optimization for synchronization primitives on weak memory
models*, ASPLOS 2021.)
"""

from collections.abc import Iterator
from functools import cache

from locking.litmus.syntax import (
    Assignment,
    Branch,
    Computed,
    Departure,
    Evaluation,
    LitmusBlock,
    LitmusExpression,
    LitmusLoop,
    LitmusNumber,
    LitmusStatement,
    Primitive,
    Variable,
)

ROUNDS_OF_WAITING = 2
"""Rounds that are enough: one that fails, and the last."""

FENCES_OF_WAITING = {"mb", "rmb", "wmb", "barrier"}

WITHOUT_EFFECT = {"R", "F", "LF", "RL", "RU"}
"""The kinds of events of a round that only waits."""

MAY_FAIL = {"cmpxchg", "atomic_add_unless", "trylock", "islocked"}
"""Operations that read, and may write nothing."""


@cache
def only_waits(loop: LitmusLoop) -> bool:
    """Whether no round depends on what a round before it read, but for whether it is there.

    If it has operations that may write, this is said of its rounds that write nothing.
    """
    loop = left_at_its_end(loop)
    body = None if loop.after else simple_statements(loop.body)
    if body is None or not waits(loop.condition):
        return False
    assigned: set[str] = set()
    carried: set[str] = set()
    """Registers that a round uses before it assigns to them."""
    for each in body:
        if not waits(each.value):
            return False
        carried |= set(registers_in(each.value)) - assigned
        if isinstance(each, Assignment):
            if not isinstance(each.target, Variable):
                return False
            assigned.add(each.target.name)
    asked = assigned & set(registers_in(loop.condition))
    return not carried & assigned and (loop.first or not (asked and has_read(loop.condition)))


def left_at_its_end(loop: LitmusLoop) -> LitmusLoop:
    """A loop `while (1) { ...; if (c) break; }` as `do ... while (!c)`; another as it is."""
    endless = isinstance(loop.condition, LitmusNumber) and loop.condition.value and not loop.after
    body = list(flattened(loop.body))
    if not endless or not body:
        return loop
    last = body.pop()
    if not isinstance(last, Branch) or last.otherwise or not breaks(last.then):
        return loop
    again = Computed("!", (last.condition,))
    return LitmusLoop(loop.line, again, LitmusBlock(loop.line, tuple(body)), None, first=True)


def flattened(statement: LitmusStatement) -> Iterator[LitmusStatement]:
    """A statement, or those that a block has."""
    if isinstance(statement, LitmusBlock):
        for each in statement.body:
            yield from flattened(each)
    else:
        yield statement


def breaks(statement: LitmusStatement) -> bool:
    """Whether a statement is `break`."""
    found = list(flattened(statement))
    return len(found) == 1 and isinstance(found[0], Departure) and found[0].how == "break"


def simple_statements(statement: LitmusStatement) -> list[Assignment | Evaluation] | None:
    """The assignments and evaluations of a statement; None if it has something else."""
    found = list(flattened(statement))
    simple = [each for each in found if isinstance(each, Assignment | Evaluation)]
    return simple if len(simple) == len(found) else None


def waits(expression: LitmusExpression) -> bool:
    """Whether an expression only reads by marked accesses, computes, tries, and fences."""
    match expression:
        case LitmusNumber() | Variable():
            return True
        case Computed(_, operands):
            return all(map(waits, operands))
        case Primitive("load", annotations):
            return not {"srcu-lock"} & {*annotations}
        case Primitive("fence", annotations):
            return {*annotations} <= FENCES_OF_WAITING
        case Primitive(kind, _, arguments):
            return kind in MAY_FAIL and all(map(waits, arguments))
    return False


def has_read(expression: LitmusExpression) -> bool:
    """Whether an expression that waits reads memory."""
    match expression:
        case Computed(_, operands):
            return any(map(has_read, operands))
        case Primitive(kind):
            return kind != "fence"
    return False


def registers_in(part: object) -> Iterator[str]:
    """The registers that an expression uses, and those that are addresses of locations."""
    if isinstance(part, Variable):
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from registers_in(each)

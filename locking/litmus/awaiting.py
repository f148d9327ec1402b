"""Loops that only wait for a value: further rounds of them add no final state and no flag.

A round of such a loop reads, and writes nothing. Of a run with many rounds leave out all but the
last, and one that failed: what is left is a run with two rounds, and each of its relations is a
part of what it was. So it is allowed if the whole was, it ends in the same state, and accesses that
raced still race. That holds of models that forbid cycles of relations which only shrink if reads
and fences are left out, as all models here do. (Await model checking: Oberhauser and others,
*VSync: push-button verification and optimization for synchronization primitives on weak memory
models*, ASPLOS 2021.)
"""

from collections.abc import Iterator
from functools import cache

from locking.litmus.syntax import (
    Assignment,
    Computed,
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


@cache
def only_waits(loop: LitmusLoop) -> bool:
    """Whether no round depends on what a round before it read, but for whether it is there."""
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


def simple_statements(statement: LitmusStatement) -> list[Assignment | Evaluation] | None:
    """The assignments and evaluations of a statement; None if it has something else."""
    if isinstance(statement, Assignment | Evaluation):
        return [statement]
    if not isinstance(statement, LitmusBlock):
        return None
    found: list[Assignment | Evaluation] = []
    for each in statement.body:
        inner = simple_statements(each)
        if inner is None:
            return None
        found += inner
    return found


def waits(expression: LitmusExpression) -> bool:
    """Whether an expression only reads by marked accesses, computes, and fences."""
    match expression:
        case LitmusNumber() | Variable():
            return True
        case Computed(_, operands):
            return all(map(waits, operands))
        case Primitive("load", annotations):
            return not {"srcu-lock"} & {*annotations}
        case Primitive("fence", annotations):
            return {*annotations} <= FENCES_OF_WAITING
    return False


def has_read(expression: LitmusExpression) -> bool:
    """Whether an expression that waits reads memory."""
    match expression:
        case Computed(_, operands):
            return any(map(has_read, operands))
        case Primitive("load"):
            return True
    return False


def registers_in(part: object) -> Iterator[str]:
    """The registers that an expression uses, and those that are addresses of locations."""
    if isinstance(part, Variable):
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from registers_in(each)

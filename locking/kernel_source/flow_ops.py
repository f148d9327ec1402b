"""The operations that the control flow of a function is made of, and what is known of values.

A value is known by its sign alone: zero, negative or positive, as a set of bits. ERR_PTR() is a
negative pointer, so that IS_ERR() asks for a sign too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

ZERO, NEGATIVE, POSITIVE = 1, 2, 4
TRUE, ANY = NEGATIVE | POSITIVE, 7

Value = int | str
"""Bits of signs, or the name of a variable that is copied."""


@dataclass
class FlowOp:
    """One operation: `call`, `set`, `test`, `return`, `forget` or `nop`.

    A call has its `name`, its arguments and the `key` of its result; `set` gives `key` a value;
    a test goes on to `then` if the value of `key` has a sign among `signs`, else to `other`.
    """

    kind: str
    line: int
    name: str = ""
    arguments: tuple["Node", ...] = ()
    key: str = ""
    value: Value = ANY
    signs: int = TRUE
    then: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)


Ends = list[tuple[int, bool]]
"""Where control comes from: operations, each by its `then` (true) or its `other` side."""


class FlowBuilder(Protocol):
    """What makes the graph of a function, as expressions need it."""

    def add(self, op: FlowOp, ends: Ends) -> Ends:
        """The graph with one more operation behind `ends`; what comes behind it."""

    def statement(self, node: "Node", ends: Ends) -> Ends:
        """A statement behind `ends`; what comes behind it."""

    def block_value(self, node: "Node", ends: Ends) -> tuple[Ends, Value]:
        """The statements of a block behind `ends`, and the value of the last."""

    def guarded(
        self, word: str, kind: "Sequence[Node]", held: "tuple[Node, ...]", ends: Ends
    ) -> Ends:
        """A guard that holds until the end of the innermost scope."""


def fields(node: "Node", *names: str) -> "list[Node]":
    """The children of these fields; None for one that is not there."""
    return [node.child_by_field_name(name) for name in names]  # type: ignore[misc]

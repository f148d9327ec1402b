"""What the nodes of statements are: errors, macros before blocks, conditions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locking.kernel_source.flow_ops import fields
from locking.kernel_source.grammar import node_text

if TYPE_CHECKING:
    from tree_sitter import Node

NO_TYPES = ("macro_type_specifier", "type_identifier")
"""What may be a macro in front of a statement, and no type of a declaration."""


def ancestors(node: "Node") -> "list[Node]":
    """The nodes around a node."""
    found = []
    while node.parent:
        node = node.parent
        found.append(node)
    return found


def errors_below(node: "Node") -> "Iterator[Node]":
    """The pieces of text that are no C, but for a `;` that is missing behind a call.

    A macro before a block is such a call; `Flow` knows some of them, and refuses others.
    """
    for child in node.children:
        after_call = node.type == "expression_statement" and child.type == ";"
        if child.type == "ERROR" or (child.is_missing and not after_call):
            yield child
        elif child.has_error:
            yield from errors_below(child)


def scoped_guard(node: "Node") -> "Node | None":
    """The call of `scoped_guard(...)`, where a statement is that and no more."""
    call = next(iter(node.named_children), None) if node.type == "expression_statement" else None
    words = ("scoped_guard", "scoped_cond_guard")
    if call and call.type == "call_expression" and node_text(fields(call, "function")[0]) in words:
        return call
    return None


def heads_block(node: "Node") -> bool:
    """Whether a statement is a call with no `;` behind it, which may look like a function."""
    if node.type == "function_definition":
        return True
    return node.type == "expression_statement" and node.children[-1].is_missing


def condition_text(node: "Node | None") -> str:
    """The text of a condition of the preprocessor."""
    text = node_text(node) if node else ""
    return text.replace("defined", "").replace("IS_ENABLED", "").strip("() ")

"""C by tree-sitter's grammar, after what the grammar can't know is blanked out.

Every edit of the text keeps its length, so lines stay those of the file.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from locking.errors import UsageError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

ATTRIBUTES = re.compile(
    rb"\b(?:__ref|__init|__exit|__meminit|__weak|__sched|__must_check|__always_inline|noinline"
    rb"|__latent_entropy|__cold|__hot|__used|__maybe_unused|__user|__rcu|__percpu|__iomem|__force"
    rb"|asmlinkage|notrace|noinline_for_stack|__read_mostly|__cpuidle|__noreturn|__lockfunc"
    rb"|(?:__acquires|__releases|__must_hold|__acquire|__release|__free|__cond_acquires"
    rb"|__printf)\s*\([^()\n]*\))(?=[\s*;=,)])"
)
"""What stands before or behind a declarator and is no C: annotations of the kernel."""

TYPE_ARGUMENT = re.compile(rb"(?<=,)(\s*)(struct|union)(?=\s+\w+\s*,\s*\w+(?:\.\w+)*\s*\))")
"""The word before a type that is passed to a macro with a field: `container_of(w, struct s, f)`."""

EACH = re.compile(rb"(?:^|[;{})])[ \t]*(\w*for_each\w*|\w*each_entry\w*)[ \t]*\(", re.MULTILINE)
"""A loop that is a macro, where a statement begins: `list_for_each_entry(...)`."""


@cache
def c_parser() -> "Parser":
    """The parser. Errors: `UsageError` where the grammar is not installed."""
    try:
        import tree_sitter
        import tree_sitter_c
    except ImportError as error:
        raise UsageError(
            "C is read with tree-sitter, which is not installed: pip install 'locking[source]'"
        ) from error
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))


def parsed(text: bytes) -> "Node":
    """The syntax tree of a file. Errors: `UsageError` where the grammar is not installed."""
    return c_parser().parse(without_annotations(text)).root_node


def without_annotations(text: bytes) -> bytes:
    """`text` in which annotations are blanks, and loops that are macros are `while` loops."""
    text = ATTRIBUTES.sub(lambda found: re.sub(rb"[^\n]", b" ", found[0]), text)
    text = TYPE_ARGUMENT.sub(lambda found: found[1] + b" " * len(found[2]), text)
    made = bytearray(text)
    for found in EACH.finditer(text):
        end = closing_bracket(text, found.end() - 1)
        behind = text[end + 1 :].lstrip()[:1]
        if end > 0 and behind not in (b";", b",", b"") and len(found[1]) >= len(b"while"):
            made[found.start(1) : found.end(1)] = b"while".ljust(len(found[1]))
    return bytes(made)


def closing_bracket(text: bytes, opening: int) -> int:
    """Where the bracket closes that opens at `opening`; -1 where it does not."""
    depth = 0
    for at in range(opening, min(len(text), opening + 2_000)):
        depth += (text[at] == ord("(")) - (text[at] == ord(")"))
        if depth == 0:
            return at
    return -1


def node_text(node: "Node") -> str:
    """The text of a node, its white space in single blanks."""
    return " ".join((node.text or b"").decode("utf-8", "replace").split())


def line_of_node(node: "Node") -> int:
    """The line that a node begins on."""
    return int(node.start_point[0]) + 1

"""C by tree-sitter's grammar, after what the grammar can't know is blanked out.

Every edit of the text keeps its length, so lines stay those of the file.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from locking.errors import UsageError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

ATTRIBUTES = re.compile(
    rb"\b(?:__ref|__init|__exit|__meminit|__weak|__sched|__must_check|__always_inline|noinline"
    rb"|__latent_entropy|__cold|__hot|__used|__maybe_unused|__user|__rcu|__percpu|__iomem|__force"
    rb"|__visible|__init_memblock|__init_or_module|__initdata|__net_init|__net_exit|__always_unused|__pure"
    rb"|noinstr|nokprobe_inline|__fastpath_inline|__noclone|__no_kcsan|__bpf_kfunc|\w+_attributes"
    rb"|asmlinkage|notrace|noinline_for_stack|__read_mostly|__cpuidle|__noreturn|__lockfunc"
    rb"|(?:__acquires|__releases|__must_hold|__acquire|__release|__free|__cond_acquires"
    rb"|__printf)\s*\((?:[^()\n]|\([^()\n]*\))*\))(?=[\s*;=,)])"
)
"""What stands before or behind a declarator and is no C: annotations of the kernel."""

TYPE_ARGUMENT = re.compile(
    rb"(?<=[(,])\s*(?:struct|union|enum)\s+(\w+)(?=\s*(?:,|\)(?!\s*\{)))"
    rb"|(?<=\w\()\s*(?:struct|union|enum)\s+(\w+)[\s*]+(?=\))"
)
"""The word before a type that is passed to a macro: `container_of(w, struct s, f)`."""

STATIC_MACRO = re.compile(rb"(?<=[ \t])static(?=[ \t]+[A-Z][A-Z_]+[ \t]*\()")
"""The word before a macro that defines a variable in a function: `static DEFINE_SPINLOCK(l);`."""

WORDS_OF_TYPE = re.compile(
    rb"(?:(?<=\w\()|(?<=,))\s*(?:unsigned|signed|long|short)"
    rb"(?:[ \t]+(?:long|int|short|char))+(?=\s*[,)])"
)
"""A type of several words that is passed to a macro: `min_t(unsigned long, a, b)`."""

EACH = re.compile(
    rb"(?:^[ \t]+|[;{})][ \t]*)((?:\w*_)?for_\w+|\w*each_entry\w*|\w*foreach\w*)[ \t]*\(",
    re.MULTILINE,
)
"""A loop that is a macro, where a statement begins: `list_for_each_entry(...)`."""

LOOP_END = re.compile(rb"\}\s*(while_(\w*each\w*))\s*(?=\()")
"""The macro behind a block that ends a loop: that of `do {`, or of `do_each_thread(...) {`."""

HANGING_ELSE = re.compile(rb"\belse[ \t]*\n(#[ \t]*endif)[^\n]*")
"""An `else` whose statement stands behind the `#endif`."""

RANGE_OF_CASES = re.compile(rb"(\bcase\b[^:;{}\n]*?)\.\.\.(?=[^:;{}\n]*:)")
"""The dots of `case 1 ... 5:`, a construct of GNU C."""

NO_EQUAL = b"|~~"
"""What is written for them: the value of the case is then like no other."""

GUARD_FAILS = re.compile(
    rb"\bscoped_cond_guard\s*\(\s*\w+\s*,"
    rb"(?:\s*(?=\w))?((?:return|goto)[ \t]+(?=\w)|(?:continue|break)(?=\s*,)|\s+(?=,))"
)
"""What is done where a guard can't be had, in the place of an argument: a jump, or nothing."""

SCOPED = re.compile(rb"\bscoped_(?:cond_)?guard\s*(?=\()")
"""A guard of the statement behind it."""

MACRO_BEFORE_TYPE = re.compile(
    rb"^((?:(?:static|extern|inline)[ \t]+)*)(__(?!attribute|typeof)\w+[ \t]*\([^()\n]*\))"
    rb"(?=[ \t]+\w[\w \t*\n]*[ \t*\n]\w+[ \t]*\()",
    re.MULTILINE,
)
"""A macro with arguments before the type of a function: `static __page_aligned(3) int f(`."""

TYPE_WORDS = frozenset(
    b"void char short int long float double signed unsigned bool struct union enum".split()
)

MOST_REPAIRS = 4
"""How often a file is parsed again without words that the grammar took for errors."""

DIRECTIVE = re.compile(rb"^#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b[^\n]*", re.MULTILINE)


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
    text = without_annotations(text)
    root = c_parser().parse(text).root_node
    for _ in range(MOST_REPAIRS):
        words = list(odd_words(root)) if root.has_error else []
        if not words:
            break
        made = bytearray(text)
        for each in words:
            made[each.start_byte : each.end_byte] = blanks(each.text or b"")
        text = bytes(made)
        root = c_parser().parse(text).root_node
    return root


def odd_words(node: "Node") -> "Iterator[Node]":
    """Words around declarators that are no C, and surely annotations, where the parser met errors.

    Such is one with two underscores beside a word too many; and the first of two types in a row.
    """
    for at, child in enumerate(node.children):
        if child.type != "ERROR":
            if child.has_error:
                yield from odd_words(child)
            continue
        if not re.fullmatch(rb"\w+", child.text or b""):
            yield from odd_words(child)
            continue
        before = node.children[at - 1] if at else None
        behind = first_leaf(node.children[at + 1]) if at + 1 < len(node.children) else None
        is_type = child.text in TYPE_WORDS and before and before.type == "type_identifier"
        for each in (child, behind, before):
            if each and (is_annotation(each) or (is_type and each is before)):
                yield each
                break


def is_annotation(node: "Node") -> bool:
    """Whether a node is a word with two underscores in front, as annotations of the kernel are."""
    kinds = ("identifier", "type_identifier", "field_identifier", "ERROR")
    return node.type in kinds and (node.text or b"").startswith(b"__")


def first_leaf(node: "Node") -> "Node":
    """The first word of a node."""
    while node.children:
        node = node.children[0]
    return node


def without_annotations(text: bytes) -> bytes:
    """`text` in which annotations are blanks, and loops that are macros are those of C."""
    text = ATTRIBUTES.sub(lambda found: blanks(found[0]), text)
    text = TYPE_ARGUMENT.sub(lambda found: blanks(found[0], found[1] or found[2]), text)
    text = STATIC_MACRO.sub(b"      ", text)
    text = RANGE_OF_CASES.sub(rb"\1" + NO_EQUAL, text)
    text = GUARD_FAILS.sub(jump_as_word, text)
    text = MACRO_BEFORE_TYPE.sub(lambda found: found[1] + blanks(found[2]), text)
    text = WORDS_OF_TYPE.sub(lambda found: re.sub(rb"(?<=\w)[ \t](?=\w)", b"_", found[0]), text)
    made = bytearray(text)
    for found in HANGING_ELSE.finditer(text):
        take_as_set(made, text, found.start(1))
    for found in LOOP_END.finditer(text):
        end_loop(made, text, found)
    for found in SCOPED.finditer(text):
        end = closing_bracket(text, found.end())
        # With no end of its own, the grammar takes the guard for a type, or the head of a function.
        if end > 0 and text[end + 1 : end + 2].isspace():
            made[end + 1] = ord(";")
    for found in EACH.finditer(text):
        end = closing_bracket(text, found.end() - 1)
        behind = text[end + 1 :].lstrip()[:1]
        if end > 0 and behind not in (b";", b",", b"") and len(found[1]) >= len(b"while"):
            made[found.start(1) : found.end(1)] = b"while".ljust(len(found[1]))
    return bytes(made)


def jump_as_word(found: "re.Match[bytes]") -> bytes:
    """A jump as one word, which may stand as an argument; nothing is zero there."""
    jump = found[1]
    if jump.isspace():
        word = b"0".rjust(len(jump))
    else:
        word = jump[:-1] + b"_" if jump.isalpha() else re.sub(rb"\s", b"_", jump)
    return found[0][: found.start(1) - found.start()] + word


def blanks(text: bytes, but: bytes = b"") -> bytes:
    """As many blanks as `text` is long, with its ends of lines, and a word that is kept."""
    before, kept, behind = text.rpartition(but) if but else (text, b"", b"")
    return re.sub(rb"[^\n]", b" ", before) + kept + re.sub(rb"[^\n]", b" ", behind)


def take_as_set(made: bytearray, text: bytes, end: int) -> None:
    """Blank an `#endif` and its condition, so that what is between them is always there.

    Where the condition does not hold, control goes as where the test before the `else` is false.
    """
    depth = 0
    for found in reversed([*DIRECTIVE.finditer(text, 0, text.find(b"\n", end))]):
        depth += (found[1] == b"endif") - found[1].startswith(b"if")
        if depth == 1 and found[1].startswith(b"el"):
            return
        if depth == 0:
            made[found.start() : found.end()] = blanks(found[0])
            at = text.find(b"\n", end)
            made[end:at] = blanks(text[end:at])
            return


def end_loop(made: bytearray, text: bytes, found: "re.Match[bytes]") -> None:
    """Write the end of a loop that is a macro as C does: `while` behind `do {`, else nothing."""
    begin = opening_brace(text, found.start())
    head = text[:begin].rstrip()
    if re.search(rb"\bdo$", head):
        made[found.start(1) : found.end(1)] = b"while".ljust(len(found[1]))
    elif opener := re.search(rb"\b(do_" + found[2] + rb")\s*\([^;{}]*\)$", head):
        end = closing_bracket(text, found.end()) + 1
        made[found.start(1) : end] = blanks(text[found.start(1) : end])
        made[opener.start(1) : opener.end(1)] = b"while".ljust(len(opener[1]))


def opening_brace(text: bytes, closing: int) -> int:
    """Where the block opens that closes at `closing`; 0 where it does not."""
    depth = 0
    for at in range(closing, max(-1, closing - 20_000), -1):
        depth += (text[at] == ord("}")) - (text[at] == ord("{"))
        if depth == 0:
            return at
    return 0


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


def nodes_below(node: "Node", kind: str) -> "list[Node]":
    """All nodes of a kind below a node."""
    found = [node] if node.type == kind else []
    return found + [each for child in node.named_children for each in nodes_below(child, kind)]

"""Macros with parameters, as functions: `#define my_lock(x) mutex_lock(&(x)->lock)`.

A macro that only stands for another name, `#define my_lock mutex_lock`, is one too, and one that is
a statement of its own, `#define LOCK_IT mutex_lock(&m)`. What a macro
does that no function can do (return from its caller, paste names, end in the middle of a
statement) makes it one that can't be read, which is refused where it matters.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

MACRO = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+(\w+)(\([^()\n]*\)|(?=[ \t]))"
    rb"((?:\\\r?\n|/\*.*?\*/|[^\n])*)",
    re.MULTILINE | re.DOTALL,
)
"""A definition: its name, its parameters, its body."""

MACRO_NAME = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
"""The name that a line defines."""

MOST_EXPANSIONS = 20
"""Macros in one expression beyond which no more is replaced."""

COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)

NO_FUNCTION = re.compile(r"\b(?:return|goto|__VA_ARGS__)\b|#|^\s*(?:for|while|if|else|case)\b")
"""What a body has that no function has, or that begins a statement which its user ends."""

ALIAS_PARAMETERS = ("a1", "a2", "a3", "a4", "a5", "a6")
"""Names for the arguments that a macro without parameters passes on."""


class Macro(NamedTuple):
    """A definition as it stands in a file."""

    name: str
    line: int
    parameters: tuple[str, ...]
    body: str


def macros_in(text: bytes) -> list[Macro]:
    """The macros of a file that can be called, in order."""
    made = []
    line, before = 1, 0
    for found in MACRO.finditer(text):
        line += text.count(b"\n", before, found.start())
        before = found.start()
        name = found[1].decode()
        body = without_comments(re.sub(rb"\\\r?\n", b" ", found[3])).decode("utf-8", "replace")
        given = found[2].decode().strip("()")
        parameters = tuple(each.strip() for each in given.split(",")) if given.strip() else ()
        if not found[2] and body.strip().isidentifier():
            parameters, body = ALIAS_PARAMETERS, f"{body.strip()}({', '.join(ALIAS_PARAMETERS)})"
        made.append(Macro(name, line, parameters, " ".join(body.split())))
    return made


def without_comments(text: bytes) -> bytes:
    """A text with a blank for each comment."""
    return COMMENT.sub(b" ", text)


def as_function(macro: Macro) -> bytes:
    """The text of a function that does what a macro does, or of one that can't be read."""
    body = macro.body
    for each in macro.parameters:
        body = re.sub(rf"(?<![\w)])\(\s*{re.escape(each)}\s*\)", each, body)
    given = ", ".join(f"long {each}" for each in macro.parameters if each.isidentifier())
    head = f"long {macro.name}({given})\n"
    if NO_FUNCTION.search(body) or body.count("{") != body.count("}"):
        return unlike_functions(macro)
    is_block = body.startswith(("{", "do ", "do{"))
    return f"{head}{{ {body}; }}".encode() if is_block else f"{head}{{ return {body}; }}".encode()


def unlike_functions(macro: Macro) -> bytes:
    """The text of a function that can't be read, in which the body of a macro stands."""
    return f"long macro(void)\n{{ (; /* {macro.body} */ }}".encode()


def stored_parameters(macro: Macro) -> frozenset[str]:
    """The parameters of a macro that its body stores to, and so variables of its caller."""
    body = as_function(macro).decode()
    return frozenset(
        each
        for each in macro.parameters
        if each.isidentifier()
        and re.search(
            rf"(?<![\w.>]){each}\b\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)|(?:\+\+|--)\s*{each}\b"
            rf"|\b{each}\s*(?:\+\+|--)",
            body,
        )
    )


def expressions_of(text: bytes, name: str) -> list[Macro]:
    """The definitions of a macro in a text, each with its body as it stands there."""
    made = []
    for found in MACRO.finditer(text):
        if found[1].decode() == name:
            body = without_comments(re.sub(rb"\\\r?\n", b" ", found[3])).decode("utf-8", "replace")
            given = found[2].decode().strip("()")
            parameters = tuple(each.strip() for each in given.split(",")) if given.strip() else ()
            made.append(Macro(name, 0, parameters, " ".join(body.split())))
    return made


PLACE = re.compile(r"[&*(\s]*[A-Za-z_][\w\s.&*()\[\]>-]*")
"""The body of a macro that names something, such as a lock: `(&(x)->lock)`."""


def expanded(text: str, definitions: Callable[[str], Sequence[Macro]]) -> str:
    """An expression with the macros in it replaced that name something, and have one meaning."""
    for _ in range(MOST_EXPANSIONS):
        for found in re.finditer(r"[A-Za-z_]\w*", text):
            made = replaced(text, found, definitions(found[0]))
            if made is not None:
                text = made
                break
        else:
            return text
    return text


def replaced(text: str, found: re.Match[str], meanings: Sequence[Macro]) -> str | None:
    """A text with the body of a macro for the name that was found; None where it is no such."""
    bodies = {(each.parameters, each.body) for each in meanings}
    if len(bodies) != 1 or not PLACE.fullmatch(meanings[0].body):
        return None
    macro, end = meanings[0], found.end()
    given: list[str] = []
    if macro.parameters:
        bracket = re.compile(r"\s*\(([^()]*)\)").match(text, end)
        given = [each.strip() for each in bracket[1].split(",")] if bracket else []
        if bracket is None or len(given) != len(macro.parameters):
            return None
        end = bracket.end()
    values = dict(zip(macro.parameters, given, strict=True))
    body = re.sub(r"[A-Za-z_]\w*", lambda each: values.get(each[0], each[0]), macro.body)
    return text[: found.start()] + body + text[end:]

"""Guards of scopes, by the definitions of their classes: `DEFINE_GUARD(mutex, ..., lock, unlock)`.

include/linux/cleanup.h, v6.12. Each class gives functions that the reader follows as any other: one
that takes, one that lets go. A class with a condition (DEFINE_GUARD_COND) may not take.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from locking.kernel_source.grammar import closing_bracket
from locking.kernel_source.macros import without_comments

DEFINITION = re.compile(
    rb"^DEFINE_(LOCK_GUARD_1|LOCK_GUARD_0|GUARD|CLASS)(_COND)?[ \t]*\(", re.MULTILINE
)

TAKES = ("guard", "scoped", "class")
"""How the calls are named in a graph that take: `guard(x)`, `scoped_guard(x)`, `CLASS(x, name)`."""

LETS_GO = ("unguard", "unclass")
"""How those are named that let go at the end of a scope."""

GUARD_CALLS = {
    "guard": ("guard", "unguard"),
    "scoped_guard": ("scoped", "unguard"),
    "scoped_cond_guard": ("scoped", "unguard"),
    "CLASS": ("class", "unclass"),
}
"""How the calls of a guard are named, at its beginning and at its end; others are not known."""

NOT_READ = "ACQUIRE"
"""A guard with a result of its own, of v6.17, which is not read."""


class GuardClass(NamedTuple):
    """A definition: its kind, the class that it is a condition of, if any, and its arguments."""

    kind: str
    base: str
    given: tuple[str, ...]


def is_guard(call: str) -> bool:
    """Whether a call of a graph is of a guard."""
    return call.partition(" ")[0] in (*TAKES, *LETS_GO, NOT_READ)


def guard_classes(text: bytes) -> dict[str, GuardClass]:
    """The classes that a text defines, by name."""
    made = {}
    for found in DEFINITION.finditer(text):
        end = closing_bracket(text, found.end() - 1)
        inside = without_comments(text[found.end() : end]).decode("utf-8", "replace")
        name, *given = split_arguments(inside)
        if found[2] and given:
            made[name + given[0]] = GuardClass(found[1].decode(), name, tuple(given[1:]))
        else:
            made[name] = GuardClass(found[1].decode(), "", tuple(given))
    return made


def split_arguments(text: str) -> list[str]:
    """The arguments of a macro, split at commas that stand in no bracket."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [" ".join(each.split()) for each in parts]


def guard_function(call: str, classes: Mapping[str, GuardClass]) -> bytes | None:
    """The text of a function that does what a call of a guard does; None for an unknown class.

    A guard that may not take is none where nothing asks whether it did.
    """
    word, _, name = call.partition(" ")
    found = None if word == NOT_READ else classes.get(name)
    if found is None or (found.base and word == "guard"):
        return None
    if word in TAKES:
        return beginning(found)
    if found.base and (found := classes.get(found.base)) is None:
        return None
    return ending(found, "long var, " if word == "unclass" else "")


def beginning(found: GuardClass) -> bytes | None:
    """The function that takes: true where it did."""
    if found.kind == "CLASS":
        _, _, begin, *parameters = (*found.given, "", "")
        given = ", ".join(filter(None, parameters))
        return f"long f({given})\n{{ {begin}; return 1; }}".encode()
    if found.base:
        [condition, *succeeds] = found.given or ("",)
        condition = of_lock(found, condition)
        if succeeds:
            condition = re.sub(r"\b_RET\b", lambda _: f"({condition})", succeeds[0])
        return f"long f(long lock)\n{{ return {condition}; }}".encode()
    at = 0 if found.kind == "LOCK_GUARD_0" else 1
    begin = of_lock(found, found.given[at]) if len(found.given) > at else "("
    return f"long f(long lock)\n{{ {begin}; return 1; }}".encode()


def ending(found: GuardClass, before: str) -> bytes:
    """The function that lets go; `before` are the parameters before the lock."""
    if found.kind == "CLASS":
        end = re.sub(r"\b_T\b", "var", found.given[1]) if len(found.given) > 1 else "("
        return f"long f(long var)\n{{ {end}; }}".encode()
    at = 1 if found.kind == "LOCK_GUARD_0" else 2
    end = of_lock(found, found.given[at]) if len(found.given) > at else "("
    return f"long f({before}long lock)\n{{ {end}; }}".encode()


def of_lock(found: GuardClass, text: str) -> str:
    """What a class does, to the lock that it is given."""
    held = r"\b_T->lock\b" if found.kind == "LOCK_GUARD_1" else r"\b_T\b"
    return re.sub(held, "lock", text)

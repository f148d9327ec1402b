"""Locks by the expressions that name them, in the words of a function and of its caller."""

import re
from collections.abc import Mapping

from locking.kernel_source.facts import IDENTIFIER
from locking.kernel_source.flow_ops import FlowOp
from locking.kernel_source.grammar import node_text
from locking.kernel_source.sources import Function

PARAMETER = re.compile(r"(?<![\w.>])[A-Za-z_]\w*")
"""A name that is no field."""

BRACKETS = re.compile(
    r"(?<![\w)\]])\(\s*([A-Za-z_](?:[\w.\[\]]|->)*|&[A-Za-z_](?:[\w.\[\]]|->)*(?=\s*\)$))\s*\)"
)
"""Brackets around a name with its fields; around an address only where that is all."""

ADDRESS_OF = re.compile(r"(?<![\w)\]])\(\s*&\s*([A-Za-z_](?:[\w.\[\]]|->)*)\s*\)->")
"""A field of what an address is of."""

FIELD = re.compile(r"(?:(?<=->)|(?<=\.))\w+")


def lock_of_text(text: str) -> str:
    """A lock by the expression that it is passed as, without brackets that change nothing."""
    text = without_brackets(text)
    if text[:1] == "&":
        text = without_brackets(text[1:].removeprefix("*"))
    return text


def without_brackets(text: str) -> str:
    """An expression without the brackets around all of it, and around what a field is of."""
    text = re.sub(r"\s*(->|\.)\s*", r"\1", text.strip())
    while (made := BRACKETS.sub(r"\1", ADDRESS_OF.sub(r"\1.", text))) != text:
        text = made
    return text


def in_caller_words(lock: str, actual: Mapping[str, str], callee: Function) -> str:
    """A lock of a callee, in the words of its caller; a macro may be given the name of a field."""
    if callee.stored is not None:
        lock = FIELD.sub(lambda found: actual.get(found[0], found[0]), lock)
    base = IDENTIFIER.match(lock)
    if base and (given := actual.get(base[0], "")).startswith("&"):
        rest = lock[base.end() :]
        return given[1:] + (f".{rest[2:]}" if rest.startswith("->") else rest)
    return PARAMETER.sub(lambda found: actual.get(found[0], found[0]), lock)


def in_words_of_call(lock: str, op: FlowOp, callee: Function) -> str:
    """A lock of a function that is called, in the words of the call."""
    texts = [node_text(each) for each in op.arguments]
    return in_caller_words(lock, dict(zip(callee.parameters, texts, strict=False)), callee)

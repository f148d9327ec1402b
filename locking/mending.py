"""What to write instead, where Python's own message says only what is wrong.

The code of a model is a user's own: Python raises, and the harness hands on what it says. A few
mistakes are so common that the message can say more: what a name may have been meant for, and what
a function takes.
"""

import builtins
import inspect
import re
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

FIXED = {
    "'method' object does not support the asynchronous context manager protocol": (
        "call it: `async with lock.hold():`"
    ),
    "object function can't be used in 'await' expression": "call it: put `()` behind its name",
    "object Uncalled can't be used in 'await' expression": "call it: put `()` behind its name",
    "object method can't be used in 'await' expression": "call it: put `()` behind its name",
    "can't be used in 'await' expression": "await an operation, such as `await cell.read()`",
    "no running event loop": (
        "threads of a model don't run in asyncio; await only operations of objects"
    ),
    "'View' object does not support item assignment": "a property only reads: write `==` for `=`",
    "'View' object has no attribute": (
        "write `s[cell]` for a value; a state has held_by, inside, about_to and finished besides"
    ),
    "maximum recursion depth exceeded": "see that a function stops calling itself",
    "EOF when reading a line": "a model must not read input: the search runs it many times",
}
"""What to write, by a part of Python's message."""

SIGNATURE = re.compile(
    r"(?:\w+\.<locals>\.)*(\w+|<lambda>)(?:\.__init__)?\(\) "
    r"(?:got an unexpected|got multiple|missing|takes)"
)
"""How Python begins the message of a call whose arguments don't fit."""


def mend(error: BaseException) -> str:
    """What to do about an error, to stand behind its message; empty where nothing is known."""
    advice = advice_for(error)
    return f"; {advice}" if advice else ""


def advice_for(error: BaseException) -> str:
    """What to write instead; empty where nothing is known."""
    text = str(error)
    for part, advice in FIXED.items():
        if part in text:
            return advice
    match error:
        case ImportError(name=str(module)) if module in sys.modules:
            found = sys.modules[module]
            return meant(quoted(text), getattr(found, "__all__", vars(found)))
        case NameError(name=str(name)):
            return meant(name, [*scope_of(error), *vars(builtins)])
        case TypeError():
            return signature_of(text, scope_of(error))
    return ""


def meant(name: str, known: Iterable[str]) -> str:
    """The names that are spelled much like `name`, as a question."""
    near = get_close_matches(name, [each for each in known if not each.startswith("_")], n=3)
    return f"did you mean {' or '.join(near)}?" if near else ""


def quoted(text: str) -> str:
    """What stands first in quotes in a message; empty where nothing does."""
    found = re.search(r"'([^']*)'", text)
    return found.group(1) if found else ""


def scope_of(error: BaseException) -> dict[str, Any]:
    """The names that the line knew which raised `error`."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    return {**at.tb_frame.f_globals, **at.tb_frame.f_locals} if at else {}


def signature_of(text: str, known: dict[str, Any]) -> str:
    """How to call what a message of a TypeError names, where it is one of the `known` names."""
    called = SIGNATURE.match(text)
    name = called.group(1) if called else ""
    if not callable(known.get(name)):
        return ""
    try:
        given = inspect.signature(known[name]).parameters.values()
    except (TypeError, ValueError):
        return ""
    words = [each.name if each.default is each.empty else f"{each.name}=" for each in given]
    return f"write `{name}({', '.join(words)})`"

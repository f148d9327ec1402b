"""What a property asks of a state: a function of it, whose answer is taken by its truth.

Any answer will do that is true in some states and false in others, such as the names of the threads
that are inside a section. One that is always true, because something was forgotten, is refused.
"""

import dis
import inspect
from collections.abc import Callable
from itertools import pairwise
from types import CodeType, FunctionType
from typing import Any

from locking.errors import ModelError
from locking.objects.no_value import TakenForValue, Valueless, answer_of
from locking.programs.in_vain import code_in_vain, idle_answer, vain_in_words
from locking.programs.known_names import KnownNames
from locking.programs.reach import is_open
from locking.programs.syntax import once_for_code
from locking.properties.comparisons import incomparable
from locking.properties.view import View

Predicate = Callable[[View], Any]
"""Asked of a state; it may be asked of any, in any order, so it depends on nothing else."""

ALWAYS_TRUE: tuple[Callable[[object], bool], ...] = (
    inspect.isroutine,
    inspect.isawaitable,
    inspect.isgenerator,
    inspect.isasyncgen,
    lambda answer: isinstance(answer, Valueless),
)
"""What tells an answer that is true whatever the state is."""


def check_predicate(name: str, predicate: object) -> None:
    """Refuse what can't say anything of a state. Errors: `ModelError`, which names the property."""
    what = f"property {name!r}: its predicate"
    if not callable(predicate):
        raise ModelError(f"{what} is {predicate!r}; write a function, `lambda s: s[x] == 1`")
    code = getattr(predicate, "__code__", None)
    if not isinstance(code, CodeType):
        return
    what += line_of(predicate)
    flags = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
    if code.co_flags & flags:
        raise ModelError(f"{what} is no plain function; write `def`, and `return` in it")
    if returns_nothing(code):
        raise ModelError(f"{what} returns nothing; write `return` in front of its answer")
    if isinstance(predicate, FunctionType) and is_open(predicate.__module__, code.co_filename):
        known = KnownNames(predicate, {})
        found = next(code_in_vain(code, known), None) or idle_answer(predicate, known)
        if found := found or incomparable(predicate, known):
            raise ModelError(f"property {name!r}: its predicate: {vain_in_words(found, code)}")


@once_for_code
def returns_nothing(code: CodeType) -> bool:
    """Whether a function returns None and nothing else, on all ways that leave it by a return."""
    found = list(dis.get_instructions(code))
    returned = [
        before if each.opname == "RETURN_VALUE" else each
        for before, each in pairwise(found)
        if each.opname in ("RETURN_VALUE", "RETURN_CONST")
    ]
    constants = [each.opname in ("LOAD_CONST", "RETURN_CONST") for each in returned]
    return bool(returned) and all(constants) and all(each.argval is None for each in returned)


def truth(predicate: Predicate, seen: View) -> bool:
    """The truth of a predicate's answer. Errors: `ModelError` for one that is always true."""
    try:
        answer, is_true = answer_of(predicate, seen)
    except TakenForValue as error:
        raise ModelError(f"its predicate{line_of(predicate)}: {error}") from error
    refuse_always_true(predicate, answer)
    return is_true


def refuse_always_true(predicate: Predicate, answer: Any) -> None:
    """Refuse an answer that is true whatever the state is. Errors: `ModelError`."""
    if not any(test(answer) for test in ALWAYS_TRUE):
        return
    if inspect.iscoroutine(answer):
        answer.close()  # or Python warns of it when it is dropped, at any time
    name = getattr(answer, "__name__", type(answer).__name__)
    raise ModelError(
        f"its predicate{line_of(predicate)} returned {name!r}, which is true in every state; "
        f"call it, or return what is to be true"
    )


def line_of(predicate: object) -> str:
    """The line that a predicate begins at; empty where it has none."""
    code = getattr(predicate, "__code__", None)
    return f" ({code.co_filename}:{code.co_firstlineno})" if isinstance(code, CodeType) else ""

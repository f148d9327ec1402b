"""Code that catches its own failed assertions: only its source shows it.

A failed assertion ends a run. One that is caught before the thread next awaits would leave no
trace.
"""

import ast
from collections.abc import Iterator, Sequence
from types import CodeType

from locking.programs.unwinding import blocks

CATCH_ALL = ("AssertionError", "Exception", "BaseException")
"""Names of classes that an `except` clause catches a failed assertion by."""

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)


def swallows(code: CodeType) -> int | None:
    """The line at which a function has an assertion whose failure it would catch; None if none."""
    lines = [line for _, _, line in code.co_lines() if line]
    if not lines:
        return None
    inside = (each for each in blocks(code.co_filename) if min(lines) <= each.lineno <= max(lines))
    found = next(filter(None, map(swallowed, inside)), None)
    return found or next(filter(None, map(swallows, nested(code))), None)


def nested(code: CodeType) -> Iterator[CodeType]:
    """The functions that are written inside a function."""
    return (each for each in code.co_consts if isinstance(each, CodeType))


def swallowed(block: ast.stmt) -> int | None:
    """The line of an assertion that a block guards, and whose failure does not leave it."""
    match block:
        case ast.With(items, body) | ast.AsyncWith(items, body):
            catches = any(suppresses(each.context_expr) for each in items)
        case ast.Try(body, handlers, _, last) | ast.TryStar(body, handlers, _, last):
            catches = any(map(keeps, handlers)) or breaks_off(last)
        case _:
            return None
    return next((each.lineno for each in asserts(body)), None) if catches else None


def asserts(body: Sequence[ast.stmt]) -> Iterator[ast.Assert]:
    """The assertions of some statements."""
    return (each for each in inner(body, SCOPES) if isinstance(each, ast.Assert))


def inner(body: Sequence[ast.AST], stop: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    """Some nodes with all that is in them, but for what is in those of the kinds to `stop` at."""
    for each in body:
        yield each
        if not isinstance(each, stop):
            yield from inner(list(ast.iter_child_nodes(each)), stop)


def names_all(clause: ast.expr | None) -> bool:
    """Whether an `except` clause, or what `suppress` is given, names a class that has them all."""
    if clause is None:
        return True
    named = (getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(clause))
    return any(each in CATCH_ALL for each in named)


def keeps(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` clause catches a failed assertion, and does not raise in its end."""
    return names_all(handler.type) and not isinstance(handler.body[-1], ast.Raise)


def suppresses(manager: ast.expr) -> bool:
    """Whether a context manager is a `suppress` of failed assertions."""
    if not isinstance(manager, ast.Call):
        return False
    called = getattr(manager.func, "id", getattr(manager.func, "attr", ""))
    return called == "suppress" and any(map(names_all, manager.args))


def breaks_off(last: Sequence[ast.stmt]) -> bool:
    """Whether a `finally` ends with the exception forgotten: by return, break or continue."""
    returns = any(isinstance(each, ast.Return) for each in inner(last, SCOPES))
    leaving = (ast.Break, ast.Continue)
    return returns or any(isinstance(each, leaving) for each in inner(last, (*SCOPES, *LOOPS)))

"""Exceptions on their way out of a coroutine: what failed first, and whether anything catches it.

A coroutine may await while an exception is under way, in a `finally` or an `__aexit__`. What it
awaits may never come, and then the exception would be lost.
"""

import ast
import contextlib
import functools
import linecache
from collections.abc import Iterator, Sequence
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from types import CodeType, FrameType
from typing import Any, TypeVar

Statement = ast.stmt | ast.ExceptHandler
GENERATORS = CO_GENERATOR | CO_ASYNC_GENERATOR

CAUGHT_BY_PYTHON = (GeneratorExit, StopIteration, StopAsyncIteration)
"""What ends a generator or an iterator: whoever closes it, or goes through it, catches that."""


Raised = TypeVar("Raised", bound=BaseException)


def oldest(
    kind: type[Raised], error: BaseException | None, outer: BaseException | None
) -> Raised | None:
    """The first of a `kind` among `error` and what it came of, if there is one.

    `outer` is what was under way before the thread was resumed: that is not the thread's.
    """
    found, pending, seen = None, [error], {id(outer)}
    for each in pending:
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, kind):
            found = each  # what it came of is older
        if isinstance(each, BaseExceptionGroup):
            pending += each.exceptions
        pending += [each.__cause__, each.__context__]
    return found


def assertion_in(error: BaseException | None, outer: BaseException | None) -> AssertionError | None:
    """The first failed assertion or requirement among `error` and what it came of."""
    return oldest(AssertionError, error, outer)


def leaves(error: BaseException, frames: Sequence[FrameType]) -> bool:
    """Whether nothing in the coroutine's `frames`, the outermost first, will catch `error`.

    That it is under way at all is known; where it is being handled, its traceback begins. What
    can't be told, for lack of source, is taken for caught: then it shows when it leaves.
    """
    at = error.__traceback__
    if at is None or isinstance(error, CAUGHT_BY_PYTHON):
        return False
    around = list(enclosing(at.tb_frame))
    depth = next((d for d, each in enumerate(around) if passes(each, at.tb_lineno)), None)
    if depth is None:
        return False
    line = at.tb_frame.f_lineno
    if any(in_statements(each.body, line) for each in getattr(around[depth], "handlers", ())):
        return False  # in an `except` clause
    rest = [(at.tb_frame, each) for each in around[depth:]]  # one `with` may enter several
    # The frame of an asynchronous generator is not among those of the coroutine.
    outer = [*frames[: frames.index(at.tb_frame)]] if at.tb_frame in frames else frames
    rest += [(frame, each) for frame in reversed(outer) for each in enclosing(frame)]
    return not any(catches(each, frame, error) for frame, each in rest)


def enclosing(frame: FrameType) -> Iterator[ast.stmt]:
    """The `try` and `with` statements that a frame is in, the innermost first."""
    found = [each for each in blocks(frame.f_code.co_filename) if spans_line(each, frame.f_lineno)]
    first = frame.f_code.co_firstlineno
    return (each for each in reversed(found) if each.lineno >= first)


@functools.cache
def blocks(filename: str) -> tuple[ast.stmt, ...]:
    """All `try` and `with` statements of a file, outer ones before those inside."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return ()
    kinds = (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)
    found = [each for each in ast.walk(tree) if isinstance(each, kinds)]
    return tuple(sorted(found, key=lambda each: (each.lineno, -(each.end_lineno or 0))))


def spans_line(node: Statement, line: int) -> bool:
    """Whether a line is one of a statement's."""
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def in_statements(body: Sequence[Statement], line: int) -> bool:
    """Whether a line is in one of some statements."""
    return any(spans_line(each, line) for each in body)


def passes(block: ast.stmt, line: int) -> bool:
    """Whether what is raised at a line leaves by way of a block: it is in what that guards."""
    if isinstance(block, ast.Try | ast.TryStar):
        return in_statements([*block.body, *block.handlers, *block.orelse], line)
    return isinstance(block, ast.With | ast.AsyncWith) and in_statements(block.body, line)


def catches(block: ast.stmt, frame: FrameType, error: BaseException) -> bool:
    """Whether a block that a frame is in catches `error`: by an `except` clause, or by its exit."""
    if isinstance(block, ast.Try | ast.TryStar):
        inside = in_statements(block.body, frame.f_lineno)
        errors = [*inside_group(error)] if isinstance(block, ast.TryStar) else [error]
        return inside and any(
            matches(each.type, frame, one) for each in block.handlers for one in errors
        )
    if isinstance(block, ast.With | ast.AsyncWith):
        return any(exit_catches(each.context_expr, frame, error) for each in block.items)
    return False


def inside_group(error: BaseException) -> Iterator[BaseException]:
    """What `except*` looks at: the exceptions of a group, at any depth, or `error` alone."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for each in error.exceptions:
        yield from inside_group(each)


def exit_catches(manager: ast.expr, frame: FrameType, error: BaseException) -> bool:
    """Whether what a `with` of a frame enters catches `error` at its end.

    That is `suppress` of its class, or a generator that may catch something: what can't be told. A
    class of a model catches nothing (`swallowing.py`).
    """
    if not isinstance(manager, ast.Call):
        return False
    function = value(manager.func, frame) if is_plain(manager.func) else None
    if function is contextlib.suppress:
        return any(matches(each, frame, error) for each in manager.args)
    code = getattr(getattr(function, "__wrapped__", None), "__code__", None)
    if not isinstance(code, CodeType) or not code.co_flags & GENERATORS:
        return False
    lines = [line for _, _, line in code.co_lines() if line]
    return any(
        getattr(each, "handlers", True) and min(lines) <= each.lineno <= max(lines)
        for each in blocks(code.co_filename)
    )


def matches(clause: ast.expr | None, frame: FrameType, error: BaseException) -> bool:
    """Whether an `except` clause names the class of `error`; what is no plain name may be it."""
    if clause is None or not is_plain(clause):
        return True
    try:
        return isinstance(error, value(clause, frame))
    except TypeError:  # it is no class
        return False


def is_plain(named: ast.expr) -> bool:
    """Whether an expression is made of names alone."""
    plain = (ast.Name, ast.Attribute, ast.Tuple, ast.expr_context)
    return all(isinstance(each, plain) for each in ast.walk(named))


def value(named: ast.expr, frame: FrameType) -> Any:
    """What a name, or an attribute of one, is in a frame; None where that can't be told."""
    try:
        return eval(ast.unparse(named), frame.f_globals, frame.f_locals)  # names, no calls
    except Exception:  # such a name is not there
        return None

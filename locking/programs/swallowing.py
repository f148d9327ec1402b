"""Code that may catch a failed assertion: read off its source, as Python tells nobody of it.

A failed assertion ends a run. One that is caught before the thread next awaits would leave no sign,
wherever it is raised: in the very function or in one that it calls. So code that a thread can run
may have no handler that catches it and goes on, whatever the handler is around.
"""

import ast
import builtins
import contextlib
import dis
import functools
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.names import is_of_the_harness
from locking.programs.parts import is_of_a_model
from locking.programs.reach import is_open
from locking.programs.syntax import SCOPES, inner, nested, own_names, tree
from locking.programs.thread import Thread
from locking.programs.unwinding import blocks

LOOPS = (ast.For, ast.AsyncFor, ast.While)
EXITS = ("__exit__", "__aexit__")

NARROW = (
    "catch the exception that is meant, such as `except ValueError`, "
    "or let the handler end with `raise`"
)
SUPPRESS = "suppress the exception that is meant, such as ValueError"
FINALLY = "let nothing in a `finally` return, break or continue"
QUIET_EXIT = "let it return nothing, so that no exception is swallowed"


class Swallowed(NamedTuple):
    """A place that catches a failed assertion, with what to write instead."""

    filename: str
    line: int
    mend: str


class Names(NamedTuple):
    """What names mean in some code: variables of its module, and names that may be its own."""

    module: dict[str, Any]
    own: frozenset[str]
    classes: frozenset[str]

    def catches(self, clause: ast.expr | None) -> bool | None:
        """Whether a clause names a class of failed assertions; None where that can't be told."""
        match clause:
            case None:
                return True
            case ast.Tuple(parts):
                found = [self.catches(each) for each in parts]
                return True if True in found else None if None in found else False
            case ast.Name(name) if name in self.own:
                return False if name in self.classes else None  # no class of a model is above it
        return covers(self.value(clause))

    def value(self, named: ast.expr) -> Any:
        """What a name, or an attribute of one, is; None where that can't be told."""
        match named:
            case ast.Name(name) if name not in self.own:
                return self.module.get(name, getattr(builtins, name, None))
            case ast.Attribute(owner, name):
                return getattr(self.value(owner), name, None)
        return None


def covers(caught: Any) -> bool | None:
    """Whether a class, or one in a tuple, is of failed assertions; None for what is no class."""
    if isinstance(caught, tuple):
        found = [covers(each) for each in caught]
        return True if True in found else None if None in found else False
    return issubclass(AssertionError, caught) if isinstance(caught, type) else None


def refuse_swallowing(thread: Thread, values: Iterable[Any]) -> None:
    """Refuse a thread that reaches functions or classes which catch a failed assertion.

    The harness's own are reached by many, through a case or an object, and are run by none.

    Errors: `ModelError`.
    """
    for each in values:
        found = None
        if is_of_the_harness(getattr(each, "__module__", None)):
            continue
        if isinstance(each, FunctionType):
            if is_open(each.__module__, each.__code__.co_filename):
                found = swallows(each.__code__, each.__globals__)
        elif isinstance(each, type) and is_of_a_model(each):
            found = next(filter(None, map(quiet_exit, exits(each))), None)
        if found:
            raise caught(thread, found)


def caught(thread: Thread, found: Swallowed) -> ModelError:
    """The error for a thread that catches a failed assertion."""
    return ModelError(
        f"thread {thread.name} catches what a false assertion raises "
        f"({found.filename}:{found.line}), which ends a run; {found.mend}"
    )


def exits(owner: type) -> Iterator[CodeType]:
    """The code that is run when a `with` of objects of a class ends."""
    for name in EXITS:
        code = getattr(getattr(owner, name, None), "__code__", None)
        if isinstance(code, CodeType):
            yield code


CLEAN: dict[int, CodeType] = {}
"""Code that catches no failed assertion, by its id; the code is kept, so that it keeps that."""


def swallows(code: CodeType, module: dict[str, Any]) -> Swallowed | None:
    """The first place in a function, or in one inside it, that catches a failed assertion.

    `module` are the variables of the module that the function is of.
    """
    if id(code) in CLEAN:  # to hash the code itself takes long
        return None
    names = Names(module, own_names(code), classes(code.co_filename))
    found = next(places(code, names), None)
    if found is None:
        CLEAN[id(code)] = code
    return found


@functools.cache
def classes(filename: str) -> frozenset[str]:
    """The names of all classes that are written in a file."""
    return frozenset(
        each.name for each in ast.walk(tree(filename)) if isinstance(each, ast.ClassDef)
    )


def places(code: CodeType, names: Names) -> Iterator[Swallowed]:
    """All places in a function, and in those inside it, that catch a failed assertion."""
    if code.co_name in EXITS and (found := quiet_exit(code)):
        yield found
    lines = [line for _, _, line in code.co_lines() if line]
    if lines and code.co_exceptiontable:
        for each in blocks(code.co_filename):
            if min(lines) <= each.lineno <= max(lines) and (found := in_block(each, code, names)):
                yield found
    if lines and names_suppress(code, names):
        for call in calls(code.co_filename):
            if min(lines) <= call.lineno <= max(lines) and suppresses(call, names):
                yield Swallowed(code.co_filename, call.lineno, SUPPRESS)
    for inside in nested(code):
        yield from places(inside, names)


def in_block(block: ast.stmt, code: CodeType, names: Names) -> Swallowed | None:
    """Where a `try` catches a failed assertion and goes on; None for any other statement."""
    if not isinstance(block, ast.Try | ast.TryStar):
        return None
    leaving = next(leaves_early(block.finalbody), None)
    if leaving:
        return Swallowed(code.co_filename, leaving.lineno, FINALLY)
    for each in block.handlers:
        catches = names.catches(each.type)
        if catches is not False and not raises_again(each):
            return Swallowed(code.co_filename, each.lineno, NARROW)
        if catches:
            return None  # those behind it never see one
    return None


def raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether all ways through a handler end in a `raise` of what it caught."""
    others = (
        each
        for each in inner(handler.body, SCOPES)
        if isinstance(each, ast.Raise) and not is_same(each, handler.name)
    )
    return (
        ends_in_raise(handler.body)
        and next(others, None) is None
        and next(leaves_early(handler.body), None) is None
    )


def is_same(raised: ast.Raise, name: str | None) -> bool:
    """Whether a `raise` is one of what the handler has caught, under the name that it gives it."""
    return raised.exc is None or (isinstance(raised.exc, ast.Name) and raised.exc.id == name)


def ends_in_raise(body: Sequence[ast.stmt]) -> bool:
    """Whether statements that are gone through to their end raise there."""
    match body[-1] if body else None:
        case ast.Raise():
            return True
        case ast.If(_, then, otherwise):
            return ends_in_raise(then) and ends_in_raise(otherwise)
    return False


def leaves_early(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """What leaves some statements but by an exception: return, break and continue."""
    yield from (each for each in inner(body, SCOPES) if isinstance(each, ast.Return))
    for each in inner(body, (*SCOPES, *LOOPS)):
        if isinstance(each, ast.Break | ast.Continue):
            yield each


def names_suppress(code: CodeType, names: Names) -> bool:
    """Whether code may call `suppress`, by whatever name."""
    return any(
        each == "suppress" or names.module.get(each) is contextlib.suppress
        for each in code.co_names
    )


@functools.cache
def calls(filename: str) -> tuple[ast.Call, ...]:
    """All calls that are written in a file."""
    return tuple(each for each in ast.walk(tree(filename)) if isinstance(each, ast.Call))


def suppresses(call: ast.Call, names: Names) -> bool:
    """Whether a call makes a context manager that swallows failed assertions."""
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if called != "suppress" and names.value(call.func) is not contextlib.suppress:
        return False
    return any(names.catches(each) is not False for each in call.args)


def quiet_exit(code: CodeType) -> Swallowed | None:
    """The end of a context manager that may return what swallows an exception: all but no value."""
    before: dis.Instruction | None = None
    for each in dis.get_instructions(code):
        given = before if each.opname == "RETURN_VALUE" else each
        if each.opname in ("RETURN_VALUE", "RETURN_CONST"):
            constant = given is not None and given.opname in ("LOAD_CONST", "RETURN_CONST")
            joins = each.is_jump_target and given is not each  # of a value made elsewhere
            if joins or not constant or (given and given.argval):
                return Swallowed(code.co_filename, code.co_firstlineno, QUIET_EXIT)
        before = each
    return None

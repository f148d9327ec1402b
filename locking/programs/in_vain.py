"""Code of a model that Python runs in silence, though it does nothing, or decides nothing.

`m.hold` without a call takes no lock, and `if helper:` is always true. Python says nothing of
either, and a search would judge what is left. So such code is found in the source of each function
that a thread reaches, and of each predicate.
"""

import ast
import contextlib
import functools
import inspect
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.names import is_of_the_harness
from locking.objects.no_value import Uncalled, Valueless, value_read_by
from locking.objects.operation import Object
from locking.objects.region import MODES
from locking.programs.constructs import require
from locking.programs.known_names import KnownNames, program_arguments
from locking.programs.reach import is_open
from locking.programs.syntax import answers_of, nested, once_for_code, tree
from locking.programs.thread import Thread

IDENTITIES = (ast.Is, ast.IsNot)

ENTERED = ("__aenter__", "__enter__")


class InVain(NamedTuple):
    """What does nothing or decides nothing, and what to write instead; `node` is where."""

    node: ast.expr
    what: str
    mend: str


class Doubtful(NamedTuple):
    """A part of a source that may do nothing: a statement's value, a condition, or a comparison."""

    kind: str
    node: ast.expr


def refuse_in_vain(thread: Thread, values: Iterable[Any]) -> None:
    """Refuse a thread that reaches functions with code that does nothing. Errors: `ModelError`."""
    for each in values:
        if not isinstance(each, FunctionType) or is_of_the_harness(each.__module__):
            continue
        if is_open(each.__module__, each.__code__.co_filename) and all_doubtful(each.__code__):
            known = KnownNames(each, program_arguments(thread, each))
            if found := next(code_in_vain(each.__code__, known), None):
                raise ModelError(f"thread {thread.name}: {vain_in_words(found, each.__code__)}")


def idle_answer(function: FunctionType, known: KnownNames) -> InVain | None:
    """The first answer of a function, asked for its truth, that is decided before it is asked."""
    answers = (decided_condition(each, known) for each in answers_of(function.__code__))
    return next(filter(None, answers), None)


def vain_in_words(found: InVain, code: CodeType) -> str:
    """What does nothing, its line, and what to write instead."""
    return f"{found.what} ({code.co_filename}:{found.node.lineno}); {found.mend}"


def code_in_vain(code: CodeType, known: KnownNames) -> Iterator[InVain]:
    """All that does nothing in a function, and in those that are written inside it."""
    for each in all_doubtful(code):
        found = judged(each, known)
        if found:
            yield found


@once_for_code
def all_doubtful(code: CodeType) -> list[Doubtful]:
    """What may do nothing in a function, and in those that are written inside it."""
    inside = (found for each in nested(code) for found in all_doubtful(each))
    return [*doubtful_of(code), *inside]


def doubtful_of(code: CodeType) -> list[Doubtful]:
    """What may do nothing in a function, on its own lines."""
    lines = [line for _, _, line in code.co_lines() if line] or [0]
    first, last = min(lines), max(lines)
    return [each for each in doubtful_in(code.co_filename) if first <= each.node.lineno <= last]


@functools.cache
def doubtful_in(filename: str) -> tuple[Doubtful, ...]:
    """What may do nothing in a file."""
    return tuple(found for node in ast.walk(tree(filename)) for found in doubtful_at(node))


def doubtful_at(node: ast.AST) -> Iterator[Doubtful]:
    """What may do nothing at one node."""
    match node:
        case ast.Expr(ast.Attribute() | ast.Name() | ast.Compare() | ast.Call() as value):
            yield Doubtful("statement", value)
        case ast.If(test) | ast.While(test) | ast.Assert(test) | ast.IfExp(test):
            yield Doubtful("condition", test)
        case ast.UnaryOp(ast.Not(), test):
            yield Doubtful("condition", test)
        case ast.comprehension(ifs=tests):
            yield from (Doubtful("condition", each) for each in tests)
        case ast.BoolOp(values=values):
            yield from (Doubtful("operand", each) for each in values[:-1])
        case ast.Call(ast.Name() | ast.Attribute(), [ast.Tuple() | ast.BoolOp(), *_]):
            yield Doubtful("required", node)
        case ast.Compare(_, [operator], [ast.Constant(value)]):
            if isinstance(operator, IDENTITIES) and value is not None and value is not ...:
                yield Doubtful("identity", node)
        case ast.AsyncWith(items=items):
            yield from (Doubtful("entered", each.context_expr) for each in items)


def judged(part: Doubtful, known: KnownNames) -> InVain | None:
    """Whether a part does nothing; None where it does something, or that can't be told."""
    match part:
        case Doubtful("statement", node):
            return lone(node, known)
        case Doubtful("condition", node):
            return decided_condition(node, known)
        case Doubtful("operand", node):
            return region_asked(node, known) or decided_condition(node, known)
        case Doubtful("required", ast.Call(function, [condition, *_])):
            return decided_condition(condition, known) if known.value(function) is require else None
        case Doubtful("identity", ast.Compare(_, [operator], _) as node):
            return object_identity(node, isinstance(operator, ast.Is), known)
        case Doubtful("entered", ast.Call(function) as node):
            made = known.value(function)
            if is_manager(made) and not inspect.isasyncgenfunction(inspect.unwrap(made)):
                text = ast.unparse(function)
                what = f"`{text}` is made a context manager, and is no generator with a `yield`"
                return InVain(node, what, "write `yield` where the body of the `async with` runs")
    return None


def lone(node: ast.expr, known: KnownNames) -> InVain | None:
    """A statement that is a value, and does nothing by itself."""
    match node:
        case ast.Compare():
            text = ast.unparse(node)
            return InVain(node, f"nothing asks what `{text}` is", f"write `assert {text}`")
        case ast.Call(function):
            if is_entered(known.value(function)):
                text = ast.unparse(node)
                what, mend = f"`{text}` is made and never entered", f"write `async with {text}:`"
                return InVain(node, what, mend)
            return None
    value = known.value(node)
    if isinstance(node, ast.Name) and not is_called(value):
        return None
    text = ast.unparse(node)
    return InVain(node, f"`{text}` alone does nothing", calling(value, text))


def decided_condition(node: ast.expr, known: KnownNames) -> InVain | None:
    """A condition that is true, or false, whatever happens, or has a part that is."""
    match node:
        case ast.BoolOp(operator, values):
            return decided(node, isinstance(operator, ast.Or)) or next(
                filter(None, (decided_condition(each, known) for each in values)), None
            )
        case ast.UnaryOp(ast.Not(), operand):
            return decided_condition(operand, known)
        case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts) if holds_something(parts):
            return always_true(node, "is always true, for it is not empty")
        case ast.JoinedStr(parts) if any(isinstance(each, ast.Constant) for each in parts):
            return always_true(node, "is always true, for it is not empty")
        case ast.Lambda():
            return always_true(node, "is a function, which is always true")
        case ast.Call(function):
            return of_call(node, known.value(function), known)
        case ast.Name() | ast.Attribute():
            return of_name(node, known.value(node), known)
    return None


def always_true(node: ast.expr, says: str) -> InVain:
    """What is true by the way in which it is written, in words that follow its text."""
    return InVain(node, f"`{ast.unparse(node)}` {says}", "write the condition alone")


def holds_something(parts: list[ast.expr]) -> bool:
    """Whether a tuple, a list or a set has a part in any case: `*found` may be none."""
    return any(not isinstance(each, ast.Starred) for each in parts)


def decided(node: ast.BoolOp, is_or: bool) -> InVain | None:
    """An `or` with a part that is true, or an `and` with one that is false, written down so."""
    for each in node.values:
        if not isinstance(each, ast.Constant) or isinstance(each.value, bool | None):
            continue
        if bool(each.value) == is_or:
            what = f"`{ast.unparse(node)}` is always {'true' if is_or else 'false'}"
            mend = "compare with each value, as in `x in (1, 2)`"
            return InVain(node, f"{what}, because of its `{ast.unparse(each)}`", mend)
    return None


def of_call(node: ast.expr, called: Any, known: KnownNames) -> InVain | None:
    """What is made by a call, and is true before it is awaited or entered."""
    if isinstance(called, Uncalled) or inspect.iscoroutinefunction(called):
        text = ast.unparse(node)
        what = f"`{text}` has no result until it is awaited, so it is always true"
        mend = f"write `await {text}`" if known.awaits else "write `s[...]` of its object"
        return InVain(node, what, mend)
    return None


def region_asked(node: ast.expr, known: KnownNames) -> InVain | None:
    """A region that is an operand of `and` or `or`, of which it then is the first or the last."""
    if not isinstance(node, ast.Call) or not is_region_maker(known.value(node.func)):
        return None
    text = ast.unparse(node)
    what = f"`{text}` is a region, which is always true"
    return InVain(node, what, "write `one if ... else other` to choose a region")


def of_name(node: ast.expr, value: Any, known: KnownNames) -> InVain | None:
    """A function that is not called, or a lock of the module, which is there in any case.

    What has a value is refused when it is asked for its truth.
    """
    # A variable of an enclosing function may be a function in one model, and None in another.
    is_own = isinstance(node, ast.Name) and node.id in known.own
    if isinstance(value, Valueless) and not is_own and not value_read_by(type(value)):
        text = ast.unparse(node)
        what = f"`{text}` is an object, which is always true, whatever its state is"
        return InVain(node, what, ask_instead(value, text, known))
    if isinstance(value, MethodType | FunctionType) and not is_own:
        text = ast.unparse(node)
        if value.__name__ not in text:  # it is known by another name
            return None
        what = f"`{text}` is not called, and a function is always true"
        return InVain(node, what, calling(value, text))
    return None


def object_identity(node: ast.Compare, same: bool, known: KnownNames) -> InVain | None:
    """A comparison of an object with a constant by `is`."""
    value = known.value(node.left)
    if not isinstance(value, Valueless):
        return None
    left, text = ast.unparse(node.left), ast.unparse(node)
    says = f"`{text}` is {'never' if same else 'always'} so, for `{left}` is an object"
    return InVain(node, says, ask_instead(value, left, known))


def ask_instead(value: Valueless, text: str, known: KnownNames) -> str:
    """What to write to ask for the value of an object, or whether there is one."""
    read = value_read_by(type(value)) if known.awaits else ""
    first = f"write `await {text}.{read}()`" if read else "await one of its operations"
    first = first if known.awaits else f"write `s[{text}]` in a predicate"
    return f"{first}; or `{text} is not None`, to ask whether there is one"


def is_called(value: Any) -> bool:
    """Whether a value is there to be called: an operation, a method or a function."""
    return isinstance(value, Uncalled | MethodType | FunctionType)


def is_region_maker(value: Any) -> bool:
    """Whether a value is a method of a lock that makes a region."""
    return (
        isinstance(value, MethodType)
        and isinstance(value.__self__, Object)
        and value.__name__ in MODES
    )


def is_manager(value: Any) -> bool:
    """Whether a value is a function that `contextlib` has made to return context managers."""
    code = getattr(value, "__code__", None)
    return (
        isinstance(code, CodeType)
        and code.co_filename == contextlib.__file__
        and hasattr(value, "__wrapped__")
    )


def is_entered(value: Any) -> bool:
    """Whether what a call of `value` returns is there to be entered, or to be gone through."""
    if isinstance(value, type):
        return not is_of_the_harness(value.__module__) and any(
            hasattr(value, each) for each in ENTERED
        )
    return is_manager(value)


def calling(value: Any, text: str) -> str:
    """What to write for `text`, which is not called."""
    if is_region_maker(value):
        return f"write `async with {text}():`"
    if isinstance(value, Uncalled):
        return f"write `await {text}(...)`"
    awaited = "await " if inspect.iscoroutinefunction(value) else ""
    return f"call it: `{awaited}{text}(...)`"

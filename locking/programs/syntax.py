"""The source of functions, as syntax trees, and which of its parts are of which function."""

import ast
import functools
import linecache
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import TypeVar

ReadOff = TypeVar("ReadOff")

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def once_for_code(find: Callable[[CodeType], ReadOff]) -> Callable[[CodeType], ReadOff]:
    """`find`, which is called once for each code, and then has the same answer."""
    known: dict[int, tuple[CodeType, ReadOff]] = {}

    @functools.wraps(find)
    def found(code: CodeType) -> ReadOff:
        at = known.get(id(code))  # to hash the code itself takes long
        if at is None:
            at = known[id(code)] = code, find(code)  # the code is kept, so that it keeps its id
        return at[1]

    return found


@functools.cache
def tree(filename: str) -> ast.AST:
    """The source of a file; empty where there is none."""
    try:
        return ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return ast.Module([], [])


@once_for_code
def own_names(code: CodeType) -> frozenset[str]:
    """The variables of a function, of those around it and of those inside it."""
    inside = (own_names(each) for each in nested(code))
    return frozenset((*code.co_varnames, *code.co_cellvars, *code.co_freevars)).union(*inside)


def nested(code: CodeType) -> Iterator[CodeType]:
    """The functions that are written inside a function."""
    return (each for each in code.co_consts if isinstance(each, CodeType))


def inner(body: Sequence[ast.AST], stop: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    """Some nodes with all that is in them, but for what is in those of the kinds to `stop` at."""
    for each in body:
        yield each
        if not isinstance(each, stop):
            yield from inner(list(ast.iter_child_nodes(each)), stop)


@once_for_code
def node_of(code: CodeType) -> ast.FunctionDef | ast.Lambda | None:
    """The function, or the lambda, that code was made from; None where it is not found."""
    found = functions(code.co_filename)
    if code.co_name != "<lambda>":
        named = (each for each in found if isinstance(each, ast.FunctionDef))
        return next((each for each in named if first_line(each) == code.co_firstlineno), None)
    # Each lambda of a line has its own columns; what is outside of its body has none.
    places = [each for each in code.co_positions() if each[3]]
    inside = (
        each
        for each in found
        if isinstance(each, ast.Lambda) and all(lies_in(place, each.body) for place in places)
    )
    return min(inside, key=lambda each: len(ast.dump(each)), default=None)


@functools.cache
def functions(filename: str) -> tuple[ast.FunctionDef | ast.Lambda, ...]:
    """All plain functions and lambdas of a file."""
    return tuple(
        each for each in ast.walk(tree(filename)) if isinstance(each, ast.FunctionDef | ast.Lambda)
    )


def first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The line that a function begins at, with its decorators."""
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def lies_in(place: tuple[int | None, ...], node: ast.expr) -> bool:
    """Whether a place, as two lines and two columns, is inside of a node."""
    first, last, begins, ends = (each or 0 for each in place)
    return (node.lineno, node.col_offset) <= (first, begins) and (last, ends) <= (
        node.end_lineno or 0,
        node.end_col_offset or 0,
    )


def answers_of(code: CodeType) -> list[ast.expr]:
    """What a plain function returns, as it is written."""
    match node_of(code):
        case ast.Lambda(body=body):
            return [body]
        case ast.FunctionDef(body=statements):
            found = inner(statements, SCOPES)
            return [each.value for each in found if isinstance(each, ast.Return) and each.value]
    return []

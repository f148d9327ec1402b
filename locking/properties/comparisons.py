"""What a predicate compares states of objects with, where no state of that object can be so.

A cell may have any value, perhaps in another scenario; so nothing is said of one. A lock's state is
of a type that is known.
"""

import ast
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from locking.names import is_of_the_harness
from locking.objects.operation import Object
from locking.programs.in_vain import InVain
from locking.programs.known_names import KnownNames
from locking.programs.syntax import node_of, once_for_code

EQUAL_KINDS = (bool, int, float)


class StateCompared(NamedTuple):
    """A comparison of the state of an object, which is written in `asked`, with a constant."""

    node: ast.Compare
    asked: ast.expr
    operator: ast.cmpop
    value: Any


def incomparable(predicate: FunctionType, known: KnownNames) -> InVain | None:
    """The first comparison of a lock's state with what such a lock never has as its state.

    A lock of this library that starts as None has names of threads in its other states, so none is
    a number; what starts as a tuple or as a number stays one.
    """
    for each in comparisons(predicate.__code__):
        lock = known.value(each.asked)
        equal = isinstance(each.operator, ast.Eq | ast.NotEq)
        if equal and is_library_lock(lock) and not may_equal(lock.start, each.value):
            text, asked = ast.unparse(each.node), ast.unparse(each.asked)
            says = "never" if isinstance(each.operator, ast.Eq) else "always"
            what = f"`{text}` is {says} so of a {type(lock).__name__}"
            return InVain(each.node, what, f"write `s.held_by({asked})` to ask who holds it")
    return None


def is_library_lock(value: Any) -> bool:
    """Whether a value is a lock of this library."""
    return (
        isinstance(value, Object)
        and type(value).holders is not Object.holders
        and is_of_the_harness(type(value).__module__)
    )


def may_equal(start: Any, value: Any) -> bool:
    """Whether a lock that starts so may have a state that equals `value`."""
    if value is None:
        return True
    if isinstance(start, EQUAL_KINDS):
        return isinstance(value, EQUAL_KINDS)
    return not isinstance(value, EQUAL_KINDS if start is None else (*EQUAL_KINDS, str))


@once_for_code
def comparisons(code: CodeType) -> list[StateCompared]:
    """All comparisons of `s[...]` with a constant in a predicate, `s` being what it is given."""
    return list(comparisons_in(node_of(code), code.co_varnames[:1]))


def comparisons_in(node: ast.AST | None, given: tuple[str, ...]) -> Iterator[StateCompared]:
    """All comparisons of the state that has the name `given` with a constant, in a source."""
    for each in ast.walk(node) if node else ():
        match each:
            case ast.Compare(ast.Subscript(ast.Name(name), asked), [operator], [right]):
                if (name,) == given and isinstance(right, ast.Constant):
                    yield StateCompared(each, asked, operator, right.value)

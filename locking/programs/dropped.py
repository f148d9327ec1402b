"""Results of trylocks that nobody looks at: found in the source of the line that takes the step.

A trylock says whether it has the lock. A thread that goes on in either case goes on without the
lock in one of them. `_ = await lock.mutex_trylock()` says that this is meant.

Rule of this file: no false alarm. What can't be read with certainty is let pass: an operation that
is awaited by another name, or twice on a line, and every operation of an object of the user's own.
"""

import ast
import functools
import linecache
from collections import Counter

from locking.objects.operation import Operation, Site
from locking.programs.traps import Choose

KNOWN = "locking."
"""The modules of which the operations are known."""


def dropped_result(step: Operation | Choose, site: Site) -> tuple[str, str, Site] | None:
    """What is wrong with a trylock at a line, what to write instead, and the line."""
    if not isinstance(step, Operation) or not step.name.endswith("trylock"):
        return None
    if not type(step.target).__module__.startswith(KNOWN):
        return None
    if (step.name, site.line) not in dropped_in("".join(linecache.getlines(site.filename))):
        return None
    what = f"drops the result of {step}, which says whether the lock was taken"
    instead = f"write `if await {step.target.name}.{step.name}():`, or `_ = await` if it is meant"
    return what, instead, site


@functools.cache
def dropped_in(source: str) -> frozenset[tuple[str, int]]:
    """The operations in a file whose result is dropped: the name, and each line of the statement.

    Where the name is called twice on one of these lines, it is none of them.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return frozenset()
    called = Counter(
        (node.func.attr, line)
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        for line in statement_lines(node)
    )
    return frozenset(
        (name, line)
        for node in nodes
        if isinstance(node, ast.Expr) and (name := awaited_call(node))
        if all(called[name, line] <= 1 for line in statement_lines(node))
        for line in statement_lines(node)
    )


def awaited_call(statement: ast.Expr) -> str:
    """The name of the method that a statement calls and awaits; empty where it does not."""
    match statement.value:
        case ast.Await(value=ast.Call(func=ast.Attribute(attr=name))):
            return name
    return ""


def statement_lines(node: ast.Expr | ast.Call) -> range:
    """The numbers of the lines of a statement or a call."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)

"""Threads made in a loop that all use the loop's variable, and so its last value.

A function looks up a variable of the function around it when it runs. Threads run after the loop
that makes them. So each of them finds what the variable is in the last round.
"""

import ast
import dis
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType, FunctionType

from locking.errors import ModelError
from locking.programs.syntax import SCOPES, first_line, inner, tree
from locking.programs.thread import Thread

LOOPS = (ast.For, ast.AsyncFor)


def refuse_loop_variables(threads: Sequence[Thread]) -> None:
    """Refuse threads that one loop makes, each with a program that uses the loop's variable.

    Errors: `ModelError`.
    """
    first: dict[CodeType, Thread] = {}
    for thread in threads:
        program = thread.program
        if not isinstance(program, FunctionType):
            continue
        other = first.setdefault(program.__code__, thread)
        if other.program is program:
            continue
        for name in variables_of_loop(program.__code__):
            raise ModelError(
                f"threads {other.name} and {thread.name} use {name!r}, the variable of the loop in "
                f"which {program.__name__} is defined: each finds its last value; write "
                f"`async def {program.__name__}({name})` and `Thread(..., {program.__name__}, "
                f"({name},))`"
            )


def variables_of_loop(code: CodeType) -> Iterator[str]:
    """The variables of the innermost loop around a function that the function looks up."""
    names = {
        each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"
    }.union(code.co_freevars)
    for loop in loops_around(code):
        targets = [each for each in ast.walk(loop.target) if isinstance(each, ast.Name)]
        yield from (each.id for each in targets if each.id in names)


def loops_around(code: CodeType) -> Iterable[ast.For | ast.AsyncFor]:
    """The innermost loop in which a function is defined, if there is one."""
    loops = (each for each in ast.walk(tree(code.co_filename)) if isinstance(each, LOOPS))
    for loop in loops:
        # What is in a loop inside of it, or in a function, is not its own.
        for each in inner(loop.body, (*SCOPES, *LOOPS)):
            if isinstance(each, ast.AsyncFunctionDef) and first_line(each) == code.co_firstlineno:
                yield loop

"""Python variables that threads can change behind the harness's back.

A thread's own variables are its own. One of the body, or of the module, that it assigns or adds to
would tell the rest of the test something that no search has seen.
"""

import inspect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from locking.errors import NotDeterministic
from locking.programs.thread import Thread

CONTAINERS = (list, dict, set, bytearray, deque)

MISSING = object()
"""What a variable is before it is assigned."""

Look = Callable[[], Any]
"""What a variable is now."""


class Variables:
    """The variables that `threads` share with the rest of the test, and what they are at first."""

    def __init__(self, threads: Iterable[Thread]) -> None:
        self.looks = {
            (thread.name, name): look
            for thread in threads
            for name, look in reached(thread.program, set())
        }
        self.first = {key: snapshot(look()) for key, look in self.looks.items()}

    def refuse_changed(self) -> None:
        """Refuse a thread that changed one. Errors: `NotDeterministic`."""
        for (thread, name), look in self.looks.items():
            first, now = self.first[thread, name], look()
            if first is not now and not (isinstance(now, CONTAINERS) and first == now):
                raise NotDeterministic(
                    f"thread {thread} changes the variable {name!r}, which is no object: the rest "
                    f"of the test would not see it as it is in each run; use a Cell"
                )


def snapshot(value: Any) -> Any:
    """What can be compared later with what `value` has become."""
    return value.copy() if isinstance(value, CONTAINERS) else value


def reached(program: Any, seen: set[int]) -> Iterator[tuple[str, Look]]:
    """The variables outside of a function that it, or a function in one of them, can reach."""
    if isinstance(program, partial):
        program = program.func
    function = inspect.unwrap(program.__func__ if isinstance(program, MethodType) else program)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, partial(content, cell)
        yield from reached(content(cell), seen)
    for name in names_in(function.__code__):
        if name in function.__globals__:
            yield name, partial(function.__globals__.get, name, MISSING)


def names_in(code: CodeType) -> Iterator[str]:
    """The names that a function, or one defined in it, may mean variables of its module by."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def content(cell: Any) -> Any:
    """What a closure's variable is now."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING

"""A thread: a name and the coroutine that it runs."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from locking.errors import ModelError
from locking.names import check_name
from locking.objects.observed import observed


@dataclass(frozen=True)
class Thread:
    """`program(*args)`, run under `name`; a `daemon` need not finish.

    Threads of equal program and equal arguments are copies of each other.

    Errors: `ModelError` for what can't be a name, a program or its arguments.
    """

    name: str
    program: Callable[..., Coroutine[Any, Any, Any]]
    args: tuple[Any, ...] = ()
    daemon: bool = False

    def __post_init__(self) -> None:
        check_name("thread", self.name)
        if observed.running:
            observed.threads.append(self.name)
        program: object = self.program
        if inspect.iscoroutine(program):
            program.close()  # or Python warns of it when it is dropped, at any time
            called = program.__name__
            raise ModelError(
                f"thread {self.name} got a coroutine; write `{called}`, not `{called}()`"
            )
        if not callable(program):
            raise ModelError(f"thread {self.name}: {program!r} is no program; write an `async def`")
        if not isinstance(self.args, tuple):
            raise ModelError(
                f"thread {self.name}: its arguments are {self.args!r}; write a tuple of them, "
                f"`({self.args!r},)`"
            )

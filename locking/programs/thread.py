"""A thread: a name and the coroutine that it runs."""

import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from locking.errors import ModelError
from locking.names import check_name
from locking.objects.observed import observed
from locking.objects.processor import Processor

Program = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Thread:
    """`program(*args)`, run under `name`; a `daemon` need not finish.

    Threads of equal program and equal arguments are copies of each other.

    A thread runs on any processor of its own, unless one is named. Threads of one `processor` take
    turns there; one that can run keeps those of a lower `priority` from running. Those of equal
    priority take turns at any step.
    Kernel: SCHED_RR, kernel/sched/rt.c, with time slices of any length.

    Errors: `ModelError` for what can't be a name, a program, its arguments, a processor or a
    priority.
    """

    name: str
    program: Program
    args: tuple[Any, ...] = ()
    daemon: bool = False
    processor: Processor | None = field(default=None, kw_only=True)
    priority: int = field(default=0, kw_only=True)

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
        if not isinstance(self.processor, Processor | None):
            raise ModelError(
                f"thread {self.name} runs on {self.processor!r}; write `processor=cpu`, "
                f"where `cpu` is a Processor"
            )
        if type(self.priority) is not int or (self.priority and not self.processor):
            raise ModelError(
                f"thread {self.name} has priority {self.priority!r}; write a whole number, beside "
                f"the `processor` that it runs on"
            )

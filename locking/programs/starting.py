"""Why a thread can't be started: its arguments don't fit, or its program is not async."""

import inspect

from locking.errors import ModelError
from locking.programs.frames import defined_at
from locking.programs.thread import Thread


def not_started(thread: Thread, why: str) -> ModelError:
    """The error for a program that raised when it was called."""
    where = defined_at(thread)
    return ModelError(
        f"thread {thread.name} can't be started: {why} ({where.filename}:{where.line}); "
        f"write `Thread(name, program, (argument, ...))`"
    )


def not_async(thread: Thread, made: object) -> ModelError:
    """The error for a program that `made` no coroutine."""
    name, where = getattr(thread.program, "__name__", "?"), defined_at(thread)
    says = f"is not an `async def`; write `async def {name}`"
    if inspect.isasyncgen(made):
        says = "has a `yield`; write `await` instead"
    elif not name.isidentifier():
        says = "is not an `async def`; write one, and give its name to the thread"
    return ModelError(
        f"thread {thread.name}: its program {name} ({where.filename}:{where.line}) {says}"
    )

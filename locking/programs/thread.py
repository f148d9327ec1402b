"""A thread: a name and the coroutine that it runs."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Thread:
    """`program(*args)`, run under `name`; a `daemon` need not finish.

    Threads of equal program and equal arguments are copies of each other.
    """

    name: str
    program: Callable[..., Coroutine[Any, Any, Any]]
    args: tuple[Any, ...] = ()
    daemon: bool = False

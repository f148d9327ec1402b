"""A thread: a name and the coroutine that it runs."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from locking.names import check_name


@dataclass(frozen=True)
class Thread:
    """`program(*args)`, run under `name`; a `daemon` need not finish.

    Threads of equal program and equal arguments are copies of each other.

    Errors: `ModelError` for what can't be a name.
    """

    name: str
    program: Callable[..., Coroutine[Any, Any, Any]]
    args: tuple[Any, ...] = ()
    daemon: bool = False

    def __post_init__(self) -> None:
        check_name("thread", self.name)

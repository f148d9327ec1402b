"""Threads that are named, started and joined by their model: pools of alike ones, and children."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from locking.errors import ModelError
from locking.objects.lifetime import Lifetime
from locking.objects.observed import observed
from locking.objects.operation import Operation, Site
from locking.programs.constructs import CancelledError
from locking.programs.frames import unwrapped
from locking.programs.thread import Program, Thread


def current() -> str:
    """The name of the thread whose code calls this. Errors: `ModelError` outside of a thread."""
    if observed.current is None:
        raise ModelError("current() is called outside of a thread; call it in a thread's program")
    name = str(observed.current.name)
    observed.named.add(name)
    return name


def workers(
    count: int, program: Program, *args: Any, name: str = "w", daemon: bool = False
) -> tuple[Thread, ...]:
    """`count` threads that run `program(*args)`, called w0, w1 and so on, or after another `name`.

    Errors: `ModelError` for a count that is no whole number or less than 1.
    """
    if type(count) is not int or count < 1:
        raise ModelError(f"workers({count!r}, ...): write how many first, a whole number from 1")
    return tuple(Thread(f"{name}{at}", program, args, daemon) for at in range(count))


class Child(Thread):
    """A thread that others start and join while they run: `Child(name, program, args)`.

    It is declared among the threads of the system, which then has its `lifetime`, an object of the
    same name. It is a daemon: it may never be started, and whoever needs its end joins it.
    """

    def __init__(self, name: str, program: Program, args: tuple[Any, ...] = ()) -> None:
        Thread(name, program, args)  # which refuses what can't be run
        super().__init__(name, run_child, (Lifetime(name), program, *args), daemon=True)

    @property
    def lifetime(self) -> Lifetime:
        """The object on which it is started and joined."""
        lifetime: Lifetime = self.args[0]
        return lifetime


async def run_child(lifetime: Lifetime, program: Program, *args: Any) -> None:
    """Run `program(*args)` once it was started, unless it was asked to stop before it began.

    Its first and last step are shown where the program is.
    """
    code = getattr(unwrapped(program), "__code__", None)
    site = Site(code.co_filename, code.co_firstlineno) if code else None
    if await replace(lifetime.begin_thread(), site=site) is None:
        with suppress(CancelledError):
            await program(*args)
    await replace(lifetime.end_thread(), site=site)


def start(child: Child) -> Operation:
    """The step that starts a thread. Errors: `ModelError` for what is no `Child`."""
    made: Operation = lifetime_of(child).start_thread()
    return made


def join(child: Child) -> Operation:
    """The step that waits for the end of a thread. Errors: `ModelError` for what is no `Child`."""
    made: Operation = lifetime_of(child).join_thread()
    return made


def lifetime_of(child: Child) -> Lifetime:
    """The lifetime of a child. Errors: `ModelError` for what is none."""
    if not isinstance(child, Child):
        raise ModelError(
            f"{child!r} can't be started or joined; declare it as Child(name, program)"
        )
    return child.lifetime

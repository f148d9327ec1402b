"""The parallel phase of a body: `await together(add, Thread("reader", read))`."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from locking.errors import ModelError
from locking.objects.operation import Object, Operation, Outcome, operation
from locking.programs.thread import Thread
from locking.traces.path import letters

Program = Callable[[], Coroutine[Any, Any, Any]]


class Phase(Object):
    """What `together` is an operation of, so that a forgotten `await` is noticed as of any other.

    It is in no system: a thread that awaits it is refused.
    """

    def __init__(self, programs: Sequence[Program | Thread]) -> None:
        super().__init__("threads")
        self.programs = tuple(programs)

    @operation
    def together(self, state: Any, me: str) -> Outcome:
        """Nothing; all threads have ended."""
        return state, None


def together(*programs: Program | Thread) -> Operation:
    """Awaited in the body of a test: every interleaving of `programs`, until all have ended.

    They are async functions of no argument, or `Thread`s.
    """
    made: Operation = Phase(programs).together()
    return made


def threads_of(phase: Phase) -> tuple[Thread, ...]:
    """The threads of a phase; one without a name is called as its function, or by its letter.

    Errors: `ModelError` for what is no program.
    """
    if not phase.programs:
        raise ModelError("together() got no threads; write `await together(one, other)`")
    refuse_coroutines(phase.programs)
    for program in phase.programs:
        refuse_no_program(program)
    names = [getattr(program, "__name__", "") for program in phase.programs]
    taken = [each.name for each in phase.programs if isinstance(each, Thread)]
    return tuple(
        program
        if isinstance(program, Thread)
        else Thread(name if name.isidentifier() and once(name, names + taken) else letter, program)
        for program, name, letter in zip(
            phase.programs, names, map(letters, range(len(names))), strict=True
        )
    )


def once(name: str, names: Sequence[str]) -> bool:
    """Whether `name` is there once."""
    return names.count(name) == 1


def refuse_coroutines(programs: Sequence[object]) -> None:
    """Refuse functions that were called; all are closed, or Python warns of them in a later test.

    Errors: `ModelError`.
    """
    coroutines = [each for each in programs if inspect.iscoroutine(each)]
    for each in coroutines:
        each.close()
    if coroutines:
        name = coroutines[0].__name__
        raise ModelError(f"together() got a coroutine; write `{name}`, not `{name}()`")


def refuse_no_program(program: object) -> None:
    """Refuse what is neither a function nor a thread. Errors: `ModelError`."""
    if not isinstance(program, Thread) and not callable(program):
        raise ModelError(
            f"together() got {program!r}; it takes async functions of no argument, or Threads"
        )

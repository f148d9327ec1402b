"""What all users of a lock do here, and what is asked of every lock.

That nobody is inside who must not be needs no property of its own: the specification never returns
a lock to two that exclude each other, so `refinement` fails there.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import Any, NamedTuple

from locking import (
    Property,
    Scenario,
    Specification,
    Thread,
    atomic,
    deadlock_free,
    forever,
    no_livelock,
    procedure,
    refine,
    require,
    required,
    section,
    served,
)

Method = Callable[[], Awaitable[bool | None]]
"""An operation of a lock's algorithm."""


ONCE = Scenario("once", "each thread takes the lock once or twice")
FOR_EVER = Scenario("for-ever", "some take the lock again and again; who waits must be served")

Turn = tuple[str, ...]
"""The operations, by name, by which a lock is taken and let go once; the first may fail."""


def also_percpu(methods: Mapping[str, Method]) -> dict[str, Method]:
    """The methods of a lock for readers and writers, also by the names of a percpu_rwsem's."""
    return {**methods, **{f"percpu_{name}": each for name, each in methods.items()}}


async def take_turns(
    specification: Specification, algorithm: Mapping[str, Method], *turns: Turn
) -> None:
    """Take the lock and let it go, once for each of `turns`, unless an attempt fails."""
    for turn in turns:
        for operation in turn:
            if await refine(specification, operation, algorithm[operation]) is False:
                break


async def be_served(
    specification: Specification, algorithm: Mapping[str, Method], turn: Turn
) -> None:
    """Take the lock, inside the section "waits", and let it go, inside "holds"."""
    takes, *rest = turn
    async with section("waits"):
        await refine(specification, takes, algorithm[takes])
    async with section("holds"):
        for operation in rest:
            await refine(specification, operation, algorithm[operation])


def without_end(
    specification: Specification,
    algorithm: Mapping[str, Method],
    once: Mapping[str, Turn],
    again: Mapping[str, Turn],
) -> list[Thread]:
    """Threads by name that take their turn once, and daemons that do so again and again."""
    methods = specification, algorithm
    return [
        *(Thread(name, be_served, (*methods, turn)) for name, turn in once.items()),
        *(
            Thread(name, forever, (be_served, *methods, turn), daemon=True)
            for name, turn in again.items()
        ),
    ]


def live(fairness: str) -> list[Property]:
    """What is asked besides where threads come for ever: somebody gets the lock, and everybody."""
    return [no_livelock("holds"), served("waits", fairness=fairness)]


Returns = Callable[[bool | None], Awaitable[bool | None]]
"""What an operation awaits in its last step, with its result, and gets back."""


class Done(NamedTuple):
    """A fast path that knows the `result`; `to_do` is what its slow path still does, if not None.

    Who lets a lock go has done so before it wakes anybody: so its call may return at once.
    """

    result: bool | None = None
    to_do: Any = None


async def no_slow_path(*_: Any) -> None:
    """Nothing, after a fast path that is always done."""


class InTwoPaths(NamedTuple):
    """An operation: a fast path, and a slow path for what that found, or left to do."""

    fast: Callable[[], Awaitable[Any]]
    slow: Callable[[Any, Returns], Awaitable[bool | None]] = no_slow_path

    async def both(self) -> bool | None:
        """What the operation returns."""
        found = await self.fast()
        if not isinstance(found, Done):
            return await self.slow(found, at_the_end)
        if found.to_do is not None:
            await self.slow(found.to_do, at_the_end)
        return found.result


async def at_the_end(result: bool | None) -> bool | None:
    """The result; that it is returned is a step of its own."""
    return result


async def return_now(specification: Specification, name: str, result: bool | None) -> bool | None:
    """The result, which the specification's operation `name` must be able to return here."""
    allowed = await specification.returned(result)
    require(allowed, "refinement", operation=name, returned=result)
    return result


def in_one_step(coarse: bool) -> AbstractAsyncContextManager[None]:
    """The steps inside as one, where the grain is coarse; else as they are."""
    return atomic() if coarse else nullcontext()


@procedure
async def refine_in_two_paths(
    specification: Specification, name: str, operation: InTwoPaths, coarse: bool
) -> bool | None:
    """What the operation returns, called as `name` of the specification's lock.

    Where the grain is coarse, the call is one step with the fast path, and the return one with the
    step in which the result is known. A run in which they lie further apart is explained by
    whatever explains this one: a call that comes earlier, or a return that comes later, only leaves
    more moments at which the operation may take effect.
    """
    if not coarse:
        return await refine(specification, name, operation.both)
    returns = partial(return_now, specification, name)
    async with atomic():
        await specification.called(name, ())
        found = await operation.fast()
        if isinstance(found, Done):
            await returns(found.result)
    if not isinstance(found, Done):
        return await operation.slow(found, returns)
    if found.to_do is not None:
        await operation.slow(found.to_do, at_the_end)
    return found.result


def of_every_lock() -> list[Property]:
    """What must be so of every lock."""
    return [
        required("refinement", "users see only what the specification does"),
        deadlock_free(),
    ]

"""What threads are written with, besides the operations of objects.

async with section("page-init"):        a label on the steps inside, not a step
async with atomic():                    the steps inside are one step
value = await choose(1, 2, 3)           any of them
@procedure                              only what it returns is remembered
value = await retry(attempt, ...)       until it returns something that is not None
value = await retry_with(0, attempt)    until it returns something that is no Again(carried)
await forever(body, ...)                every round starts from the same local state
require(start <= pfn, "in-span", pfn=pfn, start=start)
"""

import functools
import sys
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from types import CodeType
from typing import Any, Concatenate, Generic, Never, ParamSpec, TypeVar

from locking.names import check_name
from locking.objects.observed import Unentered, observed
from locking.objects.operation import Site
from locking.programs.frames import is_models
from locking.programs.traps import (
    BeginAtomic,
    BeginProcedure,
    Choose,
    EndAtomic,
    EndProcedure,
    Enter,
    Leave,
    NextRound,
    Trap,
)

Params = ParamSpec("Params")
T = TypeVar("T", bound=Hashable)
C = TypeVar("C", bound=Hashable)


class Block:
    """What `async with` needs: a mark on the way in, and one on the way out, whatever way it is."""

    entered = False

    def __init__(self, begin: Trap, end: Trap) -> None:
        self.begin = begin
        self.end = end

    async def __aenter__(self) -> None:
        self.entered = True
        await self.begin

    async def __aexit__(self, *_: object) -> None:
        await self.end

    def __del__(self) -> None:
        if not self.entered and observed.running:
            section = getattr(self.begin, "section", None)
            written = f"section({section!r})" if section else "atomic()"
            lost_in = sys._getframe(1)  # unless it was kept, that is where it was made
            site = (
                Site(lost_in.f_code.co_filename, lost_in.f_lineno) if is_models(lost_in) else None
            )
            observed.unentered.append(Unentered(written, f"async with {written}:", site))


def section(name: str) -> Block:
    """A named span of the thread, for properties and traces. Errors: `ModelError` for no name."""
    check_name("section", name)
    return Block(Enter(name), Leave(name))


def atomic(*, reduced: bool = False) -> Block:
    """Steps that are one step: it is taken whole, and only where none of them has to wait.

    `reduced` says that they are single steps, and that no outcome is lost if they are one. That is
    argued for interleavings, as Lipton does (*Reduction*, CACM 1975). So `--memory lkmm`, which has
    none, takes them one by one, and refuses any other block.
    """
    return Block(BeginAtomic(reduced), EndAtomic(reduced))


async def choose(*options: T) -> T:
    """Any one of `options`; every one is explored. Errors: `ValueError` where there is none."""
    if not options:
        raise ValueError("choose() needs at least one option")
    chosen: T = await Choose(options)
    return chosen


def procedure(function: Callable[Params, Awaitable[T]]) -> Callable[Params, Awaitable[T]]:
    """`function`, of whose steps only the returned value is remembered.

    It must tell the rest of the thread nothing in any other way. A changed argument or `nonlocal`
    variable would make two different local states look like one, and is refused.
    """

    @functools.wraps(function)
    async def collapsing(*args: Params.args, **kwargs: Params.kwargs) -> T:
        await BeginProcedure()
        value = await function(*args, **kwargs)
        refuse_again(value)
        await EndProcedure(value)
        return value

    return collapsing


async def retry(
    attempt: Callable[Params, Awaitable[T | None]], *args: Params.args, **kwargs: Params.kwargs
) -> T:
    """The first result of `attempt` that is not None; rounds before it leave nothing behind."""
    await BeginProcedure(loop=True)
    while (value := await attempt(*args, **kwargs)) is None:
        await NextRound()
    refuse_again(value)
    await EndProcedure(value)
    return value


@dataclass(frozen=True, slots=True)
class Again(Generic[C]):
    """What a round of `retry_with` returns to be followed by another, which is given `carried`."""

    carried: C


async def retry_with(
    start: C,
    attempt: Callable[Concatenate[C, Params], Awaitable[T | Again[C]]],
    *args: Params.args,
    **kwargs: Params.kwargs,
) -> T:
    """The first result of `attempt(carried, *args)` that is no `Again`, be it None.

    The first round is given `start`, each other what the round before it returned as
    `Again(carried)`. That value is all that a round leaves behind, and counts as a local state: a
    thread whose values never repeat comes to new local states without end, and is refused.
    """
    await BeginProcedure(loop=True, carried=(start,))
    value = await attempt(start, *args, **kwargs)
    while isinstance(value, Again):
        await NextRound((value.carried,))
        value = await attempt(value.carried, *args, **kwargs)
    await EndProcedure(value)
    return value


async def forever(
    body: Callable[Params, Awaitable[object]], *args: Params.args, **kwargs: Params.kwargs
) -> Never:
    """Never returns; every round of `body` starts from the same local state."""
    await BeginProcedure(loop=True)
    while True:
        refuse_again(await body(*args, **kwargs))
        await NextRound()


def refuse_again(value: object) -> None:
    """Refuse what only `retry_with` takes. Errors: `TypeError`."""
    if isinstance(value, Again):
        raise TypeError(f"{value} is returned to what carries nothing; use retry_with()")


class RequirementFailed(AssertionError):
    """A requirement of the model that did not hold; `name` is the property it stands for."""

    def __init__(self, name: str, operands: dict[str, Any]) -> None:
        self.name = name
        self.operands = operands
        super().__init__(", ".join(f"{key} = {value!r}" for key, value in operands.items()))


class CancelledError(BaseException):
    """What a wait raises that a `Cancellation(name, raises=True)` ends.

    Where nothing catches it, it ends its thread, as one that has come to its end: no failure.
    Python: asyncio.CancelledError, which `except Exception` does not catch either.
    """


def require(condition: object, name: str, /, *, stop: bool = True, **operands: Any) -> None:
    """Nothing; but if `condition` is false, property `name` fails here.

    For what the code itself checks, such as the kernel's BUG_ON: the run ends there, whatever
    catches the exception. With `stop=False` it goes on, as after a WARN_ON. `operands` are the
    values that the report shows.

    Errors: `ModelError` for what can't be a name.
    """
    if observed.ended:
        raise observed.ended  # what a run does that has ended is not judged
    check_name("requirement", name)
    observed.required.add(name)
    if condition:
        return
    failed = RequirementFailed(name, operands)
    if stop:
        if observed.running:
            observed.ended = failed
        raise failed
    observed.broken.append(failed)


CONSTRUCTS = frozenset(
    id(code)
    for code in (
        *(each.__code__ for each in (retry, retry_with, forever)),
        *(each for each in procedure.__code__.co_consts if isinstance(each, CodeType)),
    )
)
"""The code of the coroutines that begin a procedure or a loop: one of each is running for it. It is
told by its `id`: to hash it takes long."""

"""A trylock whose result nobody looks at is refused, with the line; what may be meant is not."""

from collections.abc import Awaitable, Callable

import pytest

from locking import Cell, Mutex, Object, Outcome, Spinlock, System, Thread, at_end, operation
from locking.check import check
from locking.errors import ModelError
from tests.explore.compare import case_of

LOCK, SPIN, DONE = Mutex("lock"), Spinlock("spin"), Cell("done", 0)

Program = Callable[[], Awaitable[None]]


class Mine(Object):
    """A lock of the user's own, whose trylock says nothing."""

    @operation
    def mutex_trylock(self, state: int, me: str) -> Outcome:
        """Count."""
        return state + 1, None


MINE = Mine("mine", 0)


async def drops() -> None:
    await LOCK.mutex_trylock()


async def drops_over_lines() -> None:
    await (
        SPIN
        .spin_trylock()
    )  # fmt: skip


async def asks() -> None:
    if await LOCK.mutex_trylock():
        await LOCK.mutex_unlock()


async def means_it() -> None:
    _ = await LOCK.mutex_trylock()
    await LOCK.mutex_unlock()


async def helps() -> bool:
    return await LOCK.mutex_trylock()


async def is_helped() -> None:
    if await helps():
        await LOCK.mutex_unlock()


async def awaits_later() -> None:
    step = LOCK.mutex_trylock()
    await step
    await LOCK.mutex_unlock()


async def twice_on_a_line() -> None:
    if await LOCK.mutex_trylock(): await LOCK.mutex_unlock(); await LOCK.mutex_trylock()  # noqa: E701, E702  # fmt: skip


async def uses_own() -> None:
    await MINE.mutex_trylock()


def checked(program: Program) -> None:
    """Check a thread."""
    system = System(
        [LOCK, SPIN, DONE, MINE], [Thread("t", program)], [at_end("end", lambda _: True)]
    )
    check(case_of(system), ["end"])


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (
            drops,
            "thread t: drops the result of mutex_trylock(lock), which says whether the lock was "
            "taken ({line}); write `if await lock.mutex_trylock():`, or `_ = await` if it is meant",
        ),
        (drops_over_lines, "drops the result of spin_trylock(spin)"),
    ],
)
def test_a_dropped_result_of_a_trylock_is_refused(program: Program, says: str) -> None:
    with pytest.raises(ModelError) as refused:
        checked(program)
    code = program.__code__  # type: ignore[attr-defined]
    assert says.format(line=f"{__file__}:{code.co_firstlineno + 1}") in str(refused.value)


@pytest.mark.parametrize(
    "program", [asks, means_it, is_helped, awaits_later, twice_on_a_line, uses_own]
)
def test_what_is_asked_or_may_be_meant_is_not(program: Program) -> None:
    checked(program)

"""What takes five threads or six is never excluded by views of two or three."""

from collections.abc import Callable
from typing import Any

import pytest

from locking import (
    Atomic,
    Cell,
    Fairness,
    Model,
    Mutex,
    RwSem,
    System,
    Thread,
    choose,
    never,
    never_together,
    require,
    required,
    section,
    wait_until,
)
from locking.parameterized import proving
from locking.parameterized.proving import prove_any_number
from locking.properties.explored import Property, Verdict
from tests.samples import some_by_default

mutex, count, cell = Mutex("mutex"), Atomic("count", 0), Cell("cell", 0)
queue = Cell("queue", ())
rwsem = RwSem("rwsem", Fairness.WRITER_BLOCKS_READERS)


async def comes() -> None:
    """Add one, up to five, if nobody came in between."""
    old = await count.atomic_read()
    if old < 5:
        await count.atomic_try_cmpxchg(old, old + 1)


async def takes_a_bit() -> None:
    """Set the lowest of five bits that is not set."""
    seen = await cell.READ_ONCE()
    if free := ~seen & 31:
        await cell.try_cmpxchg(seen, seen | free & -free)


def hands_on(*stages: int) -> Callable[[], Any]:
    """A step of a relay: from any of these stages to the next."""

    async def program() -> None:
        stage = await cell.READ_ONCE()
        if stage in stages:
            await cell.WRITE_ONCE(stage + 1)

    return program


async def queues_up() -> None:
    """Stand in a queue of up to five."""
    async with mutex.hold():
        seen = await queue.read()
        if len(seen) < 5:
            await queue.write((*seen, "somebody"))


async def tries() -> None:
    """Who gets the lock requires that fewer than four have failed to."""
    if await mutex.mutex_trylock():
        require(await count.atomic_read() != 4, "few")
        await mutex.mutex_unlock()
    else:
        await comes()


async def reads() -> None:
    """Who comes after four others is in another section."""
    async with rwsem.read():
        seen = await count.atomic_read()
        await comes()
        async with section("late" if seen >= 4 else "early"):
            await choose(None)


async def waits_for_all() -> None:
    """Go on once five have come."""
    await wait_until(lambda seen: seen == 5, count)
    async with section("went"):
        await choose(None)


async def is_there() -> None:
    """Be in a section."""
    async with section("there"):
        await choose(None)


FALSE: list[tuple[dict[str, Any], Property, list[str]]] = [
    ({"a": comes}, never("five", lambda s: s[count] == 5), ["a"]),
    ({"a": takes_a_bit}, never("all", lambda s: s[cell] == 31), ["a"]),
    (
        {"a": hands_on(0, 3), "b": hands_on(1, 4), "c": hands_on(2, 5)},
        never("six", lambda s: s[cell] == 6),
        ["a", "b", "c"],
    ),
    ({"a": queues_up}, never("full", lambda s: len(s[queue]) == 5), ["a"]),
    ({"a": tries}, required("few"), ["a"]),
    ({"a": reads}, never_together("apart", "late", "early"), ["a"]),
    (
        {"a": comes, "b": waits_for_all, "c": is_there},
        never_together("apart", "went", "there"),
        ["a"],
    ),
]


@pytest.mark.parametrize("row", some_by_default(FALSE, 7), ids=lambda row: row[1].name)
def test_what_takes_five_threads_is_not_proved(
    row: tuple[dict[str, Any], Property, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, claim, many = row
    monkeypatch.setattr(proving, "MOST_COPIES", 3)
    threads = [Thread(name, program) for name, program in programs.items()]
    objects = [mutex, count, cell, queue, rwsem]
    model = Model("mine", "", lambda _: System(objects, threads, [claim]))
    (found,) = (
        each
        for each in prove_any_number(model.case("only", None), model.build, many).found
        if each.claim.name == claim.name
    )
    assert (found.verdict, found.cutoff) == (Verdict.UNKNOWN, None)
    assert not found.outside


@pytest.mark.slow
def test_it_is_found_with_as_many_threads_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "MOST_COPIES", 5)
    claim = never("five", lambda s: s[count] == 5)
    model = Model("mine", "", lambda _: System([count], [Thread("a", comes)], [claim]))
    (found,) = prove_any_number(model.case("only", None), model.build, ["a"]).found
    assert (found.verdict, found.threads) == (Verdict.FAILS, 5)

"""Random systems of locks, cells and sections, for threads that come in any number.

A program is data, so that threads of one program are copies, and a system can be printed.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from locking import (
    Atomic,
    Cell,
    Fairness,
    Model,
    Mutex,
    PercpuRwSem,
    RwSem,
    Seqlock,
    Spinlock,
    System,
    Thread,
    always,
    atomic,
    choose,
    data_race_free,
    forever,
    interruptible,
    never_together,
    require,
    retry,
    section,
    sometimes_together,
    wait_until,
)

SECTIONS = ("A", "B", "C")

LOCKS: dict[str, Any] = {
    "mutex": lambda: Mutex("l"),
    "spinlock": lambda: Spinlock("l"),
    "rwsem": lambda: RwSem("l"),
    "fair rwsem": lambda: RwSem("l", Fairness.WRITER_BLOCKS_READERS),
    "percpu": lambda: PercpuRwSem("l"),
}

TAKES: dict[type, list[tuple[str, str, str]]] = {
    Mutex: [("mutex_lock", "mutex_trylock", "mutex_unlock")],
    Spinlock: [("spin_lock", "spin_trylock", "spin_unlock")],
    RwSem: [
        ("down_read", "down_read_trylock", "up_read"),
        ("down_write", "down_write_trylock", "up_write"),
    ],
    PercpuRwSem: [
        ("percpu_down_read", "percpu_down_read_trylock", "percpu_up_read"),
        ("percpu_down_write", "", "percpu_up_write"),
    ],
}


NESTING = ("take", "try", "section", "if", "intr")

KINDS_OF_CODE = [
    *("take", "take", "try", "section", "section", "write", "if", "cas", "block", "wait"),
    *("seq", "intr", "require"),
]

COUNTING = [
    *("count", "count", "count", "if", "if", "section", "take", "take", "last", "downgrade"),
    *("retry", "block", "wait", "require", "try"),
]
"""Kinds of code by which something can be that takes as many threads as `MOST_COUNTED`."""

MOST_COUNTED = 4


def code(
    random: Random, lock: Any, depth: int = 0, kinds: Sequence[str] = KINDS_OF_CODE
) -> tuple[Any, ...]:
    """Some instructions."""
    made: list[tuple[Any, ...]] = []
    values = 2 if kinds is KINDS_OF_CODE else MOST_COUNTED
    for _ in range(random.randint(1, 2 if depth else 3)):
        kind = random.choice(kinds if depth < 3 else ["write", "step", "require"])
        inner = code(random, lock, depth + 1, kinds) if kind in NESTING else ()
        take, attempt, let_go = random.choice(TAKES[type(lock)])
        match kind:
            case "take":
                sloppy = random.random() < 0.05
                made.append(("take", take, () if sloppy else (let_go,), inner))
            case "try" if attempt:
                made.append(("try", attempt, let_go, inner))
            case "intr" if isinstance(lock, Mutex | RwSem):
                made.append(("intr", take, let_go, inner))
            case "section":
                made.append(("section", random.choice(SECTIONS), inner))
            case "write" | "cas" | "wait":
                made.append((kind, random.choice("xy"), random.randint(0, values)))
            case "if":
                made.append(("if", random.choice("xy"), random.randint(0, values), inner))
            case "block":
                made.append(("block", take, let_go, random.choice("xy"), random.randint(0, values)))
            case "require":
                made.append(("require", random.choice("xy"), random.randint(0, values)))
            case "step":
                made.append(("step",))
            case "count" | "retry":
                made.append((kind, random.choice("xy")))
            case "last":
                made.append(("last", random.choice("xy"), random.choice(SECTIONS)))
            case "downgrade" if isinstance(lock, RwSem):
                made.append(("downgrade", code(random, lock, depth + 1, kinds)))
            case _:
                made.append(("seq", random.choice("xy")))
    return tuple(made)


async def run(instructions: tuple[Any, ...], again: bool, things: tuple[Any, ...]) -> None:
    """Do instructions, once or again and again."""
    if again:
        await forever(act, instructions, things)
    await act(instructions, things)


async def act(instructions: tuple[Any, ...], things: tuple[Any, ...]) -> None:
    """Do instructions."""
    lock, x, y, seq = things
    cells = {"x": x, "y": y}
    for each in instructions:
        match each:
            case ("take", take, let_go, inner):
                await getattr(lock, take)()
                await act(inner, things)
                for name in let_go:
                    await getattr(lock, name)()
            case ("try", attempt, let_go, inner):
                if await getattr(lock, attempt)():
                    await act(inner, things)
                    await getattr(lock, let_go)()
            case ("intr", take, let_go, inner):
                if await interruptible(getattr(lock, take)):
                    await act(inner, things)
                    await getattr(lock, let_go)()
            case ("section", name, inner):
                async with section(name):
                    await choose(None)
                    await act(inner, things)
            case ("write", cell, value):
                await write(cells[cell], value)
            case ("cas", cell, value):
                await cas(cells[cell], value)
            case ("wait", cell, value):
                await wait_until(lambda seen, value=value: seen == value, cells[cell])
            case ("if", cell, value, inner):
                if await read(cells[cell]) == value:
                    await act(inner, things)
            case ("block", take, let_go, cell, value):
                async with atomic():
                    await getattr(lock, take)()
                    await write(cells[cell], value)
                    await getattr(lock, let_go)()
            case ("require", cell, value):
                seen = await read(cells[cell])
                require(seen != value, f"not {value}", stop=value == 1)
            case ("step",):
                await choose(None)
            case ("count", cell):
                await count(cells[cell], 1)
            case ("last", cell, name):
                if await count(cells[cell], -1) == 0:
                    async with section(name):
                        await choose(None)
            case ("retry", cell):
                await retry(swapped, cells[cell])
            case ("downgrade", inner):
                await lock.down_write()
                await lock.downgrade_write()
                await act(inner, things)
                await lock.up_read()
            case ("seq", cell):
                await through_seqlock(seq, cells[cell])


async def read(cell: Any) -> Any:
    """The value."""
    return await (cell.read() if isinstance(cell, Cell) else cell.atomic_read())


async def write(cell: Any, value: int) -> None:
    """A store."""
    await (cell.write(value) if isinstance(cell, Cell) else cell.atomic_set(value))


async def cas(cell: Any, value: int) -> None:
    """A compare-and-exchange to the next value."""
    new = (value + 1) % 3
    if isinstance(cell, Cell):
        await cell.try_cmpxchg(value, new)
    else:
        await cell.atomic_try_cmpxchg(value, new)


async def count(cell: Any, by: int) -> int:
    """Count, up to `MOST_COUNTED` and down to 0, and see the new number."""
    async with atomic():
        new: int = min(MOST_COUNTED, max(0, await read(cell) + by))
        await write(cell, new)
    return new


async def swapped(cell: Any) -> bool | None:
    """A round of a loop that adds 1 by compare-and-exchange."""
    seen = await read(cell)
    if seen == MOST_COUNTED:
        return True
    if isinstance(cell, Cell):
        return await cell.try_cmpxchg(seen, seen + 1) or None
    return await cell.atomic_try_cmpxchg(seen, seen + 1) or None


async def through_seqlock(seq: Any, cell: Any) -> None:
    """A read that shows in a section whether it saw one value; or a write."""
    if await choose("read", "write") == "write":
        await seq.write_seqlock()
        await write(cell, 2)
        await seq.write_sequnlock()
        return
    begun = await seq.read_seqbegin()
    if not await seq.read_seqretry(begun):
        async with section("C"):
            await choose(None)


def random_model(
    seed: int, most_roles: int = 2, kinds: Sequence[str] = KINDS_OF_CODE
) -> tuple[Model, list[str]]:
    """A model, and the names of its threads that come in any number."""
    random = Random(seed)
    lock = random.choice(list(LOCKS.values()))()
    things = (lock, Cell("x", 0), Atomic("y", 0), Seqlock("s", unbounded=True))
    many = random.randint(1, most_roles)
    roles = ["p", "q", "r"][:many]
    names = [*roles, *(["once"] if random.random() < 0.4 else [])]
    threads = [
        Thread(name, run, (code(random, lock, 0, kinds), random.random() < 0.4, things))
        for name in names
    ]
    pairs = [(one, other) for one in SECTIONS for other in SECTIONS if one <= other]
    together = random.sample(pairs, 2)
    small = (1, 2) if kinds is KINDS_OF_CODE else (MOST_COUNTED, MOST_COUNTED - 1)
    properties = [
        *(never_together(f"never {one}{other}", one, other) for one, other in together),
        sometimes_together("sometimes", *random.choice(pairs)),
        always("small", lambda s: (s[things[1]], s[things[2]]) != small),
        data_race_free(),
    ]
    model = Model(f"random-{seed}", "drawn", lambda _: System(things, threads, properties))
    return model, roles

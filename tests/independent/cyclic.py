"""Random systems that go round: threads that take locks, spin and poll for ever, as source."""

from random import Random

HEADER = """\
from locking import (
    Cell, Fairness, Model, Mutex, RwSem, Spinlock, System, Thread, deadlock_free, forever, retry,
    section,
)

x, y = Cell("x", 0), Cell("y", 0)
m, s, r = Mutex("m"), Spinlock("s"), RwSem("r", Fairness.{fairness})


async def is_{seen}():
    return True if await x.READ_ONCE() == {seen} else None

"""

PAIRS = (
    ("await m.mutex_lock()", "await m.mutex_unlock()"),
    ("await s.spin_lock()", "await s.spin_unlock()"),
    ("await r.down_read()", "await r.up_read()"),
    ("await r.down_write()", "await r.up_write()"),
)
"""What takes a lock, and what gives it back."""


def plain(rng: Random, seen: int) -> str:
    """One step without a lock."""
    return rng.choice(
        (
            f"await x.WRITE_ONCE({rng.randrange(3)})",
            f"await y.WRITE_ONCE({rng.randrange(2)})",
            "await y.READ_ONCE()",
            f"await retry(is_{seen})",
        )
    )


def body(rng: Random, seen: int) -> list[str]:
    """A few steps, some of them under a lock or in a section."""
    lines: list[str] = []
    for _ in range(rng.choice((1, 1, 2))):
        kind = rng.randrange(5)
        if kind < 3:
            take, give = rng.choice(PAIRS)
            lines += [take, *([plain(rng, seen)] if rng.random() < 0.3 else []), give]
        elif kind == 3:
            lines += ["async with section('room'):", f"    {plain(rng, seen)}"]
        else:
            lines.append(plain(rng, seen))
    return lines


def cyclic(seed: int) -> str:
    """The system of a seed."""
    rng = Random(seed)
    seen = rng.randrange(1, 3)
    fairness = rng.choice(("READER_PREFERRING", "WRITER_BLOCKS_READERS", "FIFO"))
    parts, threads = [HEADER.format(fairness=fairness, seen=seen)], []
    same = body(rng, seen)
    for name in "abc"[: rng.choice((2, 2, 3))]:
        lines = same if rng.random() < 0.4 else body(rng, seen)
        program = f"{name}_round"
        parts.append("\n".join([f"async def {name}_round():", *(f"    {each}" for each in lines)]))
        daemon = rng.random() < 0.6
        if daemon:
            program = f"{name}_for_ever"
            parts.append(f"async def {program}():\n    await forever({name}_round)")
        threads.append(f"Thread({name!r}, {program}{', daemon=True' if daemon else ''})")
    made = f"SYSTEM = System([x, y, m, s, r], [{', '.join(threads)}], [deadlock_free()])"
    model = 'MODEL = Model("random", "A random system", lambda case: SYSTEM)'
    return "\n\n\n".join([*parts, made, model]) + "\n"

"""Races by happens-before, from the definition: every run of a small program, and its whole order.

Nothing of the library's search, rules or tables is used. A program is a tuple of instructions; the
order of a run is the transitive closure of its edges, written down one by one.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from locking import (
    Atomic,
    Cell,
    Completion,
    Mutex,
    Refcount,
    RwSem,
    System,
    Thread,
    atomic,
    happens_before_race_free,
)

Instruction = tuple[Any, ...]
Program = tuple[Instruction, ...]

READS = ("read", "READ_ONCE", "smp_load_acquire")
STORES = ("write", "WRITE_ONCE", "smp_store_release")
PLAIN = ("read", "write")

REGIONS = {
    "m": ("mutex_lock", "mutex_unlock"),
    "n": ("mutex_lock", "mutex_unlock"),
    "read": ("down_read", "up_read"),
    "write": ("down_write", "up_write"),
}
"""What a region begins and ends with; `read` and `write` are of one lock, `r`."""


class Event(NamedTuple):
    """One operation of a run: the step that it is in, who takes it, on what, and what it gave."""

    step: int
    thread: int
    name: str
    target: str
    result: Any = None


class Misused(Exception):
    """An operation is refused, and the run ends."""


class World(NamedTuple):
    """What threads have yet to do, and the values of all objects."""

    left: tuple[Program, ...]
    values: tuple[tuple[str, Any], ...]


def flat(program: Program) -> Program:
    """A program with its regions written out as operations."""
    found: list[Instruction] = []
    for item in program:
        match item:
            case ("hold", mode, body):
                lock = "r" if mode in ("read", "write") else mode
                begin, end = REGIONS[mode]
                found += [(begin, lock), *flat(body), (end, lock)]
            case ("lowered", body, after):
                found += [("down_write", "r"), *flat(body), ("downgrade_write", "r")]
                found += [*flat(after), ("up_read", "r")]
            case (("if" | "atomic") as word, *rest, body):
                found.append((word, *rest, flat(body)))
            case _:
                found.append(item)
    return tuple(found)


def begun(programs: tuple[Program, ...]) -> World:
    """Where all runs begin."""
    values = {"x": 0, "y": 0, "m": None, "n": None, "r": (None, ()), "c": 0, "a": 0, "f": 2}
    return World(tuple(map(flat, programs)), tuple(values.items()))


def operate(values: dict[str, Any], who: int, name: str, target: str) -> tuple[bool, Any]:
    """Whether an operation can be taken, and what it gives; `values` are changed by it."""
    old, new, result = values[target], values[target], None
    match name:
        case "read" | "READ_ONCE" | "smp_load_acquire":
            result = old
        case "write" | "WRITE_ONCE" | "smp_store_release":
            new = 1
        case "mutex_lock" | "mutex_unlock":
            if name == "mutex_lock" and old is not None:
                return False, None
            new = who if name == "mutex_lock" else None
        case "down_read" | "down_write":
            writer, readers = old
            if writer is not None or (readers and name == "down_write"):
                return False, None
            new = (None, (*readers, who)) if name == "down_read" else (who, ())
        case "up_read":
            new = (None, tuple(each for each in old[1] if each != who))
        case "up_write":
            new = (None, ())
        case "downgrade_write":
            new = (None, (who,))
        case "complete":
            new = old + 1
        case "wait_for_completion" | "try_wait_for_completion":
            if old == 0 and name == "wait_for_completion":
                return False, None
            new, result = max(0, old - 1), None if name.startswith("wait") else old > 0
        case "atomic_add" | "atomic_add_return":
            new = old + 1
            result = new if name == "atomic_add_return" else None
        case "atomic_set":
            new = 0
        case "atomic_cmpxchg":
            new, result = (1 if old == 0 else old), old
        case "refcount_dec_and_test":
            if old == 0:
                raise Misused
            new, result = old - 1, old == 1
    values[target] = new
    return True, result


def steps_of(world: World, thread: int, number: int) -> tuple[World, list[Event]] | None:
    """What one step of a thread leads to, with its operations; None where it must wait."""
    item, *rest = world.left[thread]
    values, events = dict(world.values), list[Event]()
    pending = [item]
    while pending:
        head = pending.pop(0)
        if head[0] == "atomic":
            pending = [*head[1], *pending]
            continue
        name, target = head[1:3] if head[0] == "if" else head
        try:
            can, result = operate(values, thread, name, target)
        except Misused:
            return World(((),) * len(world.left), world.values), events
        if not can:
            return None
        events.append(Event(number, thread, name, target, result))
        if head[0] == "if" and result:
            inside = item[0] == "atomic"
            pending, rest = ([*head[3], *pending], rest) if inside else (pending, [*head[3], *rest])
    left = (*world.left[:thread], tuple(rest), *world.left[thread + 1 :])
    return World(left, tuple(values.items())), events


def kind(event: Event) -> tuple[bool, bool] | None:
    """Whether an access writes, and whether it is marked; None for what is none."""
    if event.name in (*READS, *STORES):
        return event.name in STORES, event.name not in PLAIN
    return None


def conflicting(one: Event, other: Event) -> bool:
    """Two accesses to one cell by two threads, one a write, not both marked."""
    mine, theirs = kind(one), kind(other)
    if not mine or not theirs or one.target != other.target or one.thread == other.thread:
        return False
    return (mine[0] or theirs[0]) and not (mine[1] and theirs[1])


def releases(event: Event) -> bool:
    """Whether an operation on a word releases."""
    return event.name in ("smp_store_release", "atomic_add_return", "refcount_dec_and_test") or (
        event.name == "atomic_cmpxchg" and event.result == 0
    )


def acquires(event: Event) -> bool:
    """Whether an operation on a word acquires."""
    return (
        event.name in ("smp_load_acquire", "atomic_add_return")
        or (event.name == "atomic_cmpxchg" and event.result == 0)
        or (event.name == "refcount_dec_and_test" and event.result is True)
    )


def edge(run: list[Event], one: int, other: int) -> bool:
    """Whether an event is ordered before a later one directly."""
    first, second = run[one], run[other]
    if first.thread == second.thread:
        return True
    if first.target != second.target:
        return False
    match first.name, second.name:
        case ("mutex_unlock", "mutex_lock"):
            return True
        case ("up_write" | "downgrade_write", "down_read" | "down_write"):
            return True
        case ("up_read", "down_write"):
            return True
        case ("complete", "wait_for_completion"):
            return True
        case ("complete", "try_wait_for_completion"):
            return second.result is True
    between = (each for each in run[one + 1 : other] if each.target == first.target)
    overwritten = any(each.name in (*STORES, "atomic_set") for each in between)
    return releases(first) and acquires(second) and not overwritten


def shortest_race(programs: tuple[Program, ...]) -> int | None:
    """The fewest steps of a run whose last makes an access unordered after an earlier one."""
    best: list[int] = []

    def go(world: World, run: list[Event], before: list[set[int]], number: int) -> None:
        if best and number > best[0]:
            return
        for thread, left in enumerate(world.left):
            taken = steps_of(world, thread, number) if left else None
            if taken is None:
                continue
            longer, order = [*run, *taken[1]], list(before)
            for at in range(len(run), len(longer)):
                direct = [one for one in range(at) if edge(longer, one, at)]
                order.append(set(direct).union(*(order[one] for one in direct)))
            pairs = ((one, at) for at in range(len(run), len(longer)) for one in range(at))
            if any(conflicting(longer[o], longer[a]) and o not in order[a] for o, a in pairs):
                best[:] = [number]
                return
            go(taken[0], longer, order, number + 1)

    go(begun(programs), [], [], 1)
    return best[0] if best else None


def system_of(programs: tuple[Program, ...]) -> System:
    """The programs as a system of the library."""
    objects = {
        each.name: each
        for each in (
            *(Cell("x", 0), Cell("y", 0), Mutex("m"), Mutex("n"), RwSem("r")),
            *(Completion("c"), Atomic("a"), Refcount("f", 2)),
        )
    }

    async def run(items: Program) -> None:
        for item in items:
            if item[0] == "atomic":
                async with atomic():
                    await run(item[1])
                continue
            name, target = item[1:3] if item[0] == "if" else item
            given = {"atomic_add": (1,), "atomic_add_return": (1,), "atomic_set": (0,)}
            given |= {"atomic_cmpxchg": (0, 1), **dict.fromkeys(STORES, (1,))}
            result = await getattr(objects[target], name)(*given.get(name, ()))
            if item[0] == "if" and result:
                await run(item[3])

    threads = [Thread("tuvw"[at], run, (flat(each),)) for at, each in enumerate(programs)]
    return System(list(objects.values()), threads, [happens_before_race_free("race")])


def drawn(random: Random) -> tuple[Program, ...]:
    """Two programs of up to five steps, or three of up to three; every other time a message."""
    if random.random() < 0.5:
        return message(random)
    threads = random.choice((2, 2, 3))
    most = 6 if threads == 2 else 4
    return tuple(tuple(some(random, most)) for _ in range(threads))


def message(random: Random) -> tuple[Program, ...]:
    """An access and a flag, then whoever sees the flag makes another; perhaps through a third."""

    def access() -> Instruction:
        made = (random.choice((*PLAIN, *PLAIN, "READ_ONCE", "WRITE_ONCE")), "x")
        lock = random.choice(("", "", "m", "read", "read", "write"))
        return ("hold", lock, (made,)) if lock else made

    says = (random.choice(STORES), "y")
    hears = ("if", random.choice(READS), "y")
    sender = (access(), *some(random, 1), says)
    if random.random() < 0.5:
        return sender, ((*hears, (*some(random, 1), access())),)
    relay = (*hears, (random.choice((("complete", "c"), ("atomic_add_return", "a"))),))
    end = random.choice((("wait_for_completion", "c"), ("atomic_add_return", "a")))
    return sender, (relay,), (end, access())


def some(random: Random, room: int, free: tuple[str, ...] = ("m", "n", "r")) -> Iterator[Any]:
    """Instructions of at most `room` steps; the locks `free` may be taken."""
    while room > 0:
        word = random.choice(("access",) * 5 + ("hold", "hold", "if", "if", "atomic", "other"))
        if word == "hold" and room > 2 and free:
            lock = random.choice(free)
            inner = tuple(each for each in free if each != lock)
            if lock == "r" and room > 3 and random.random() < 0.2:
                body = tuple(some(random, 1, inner))
                yield "lowered", body, tuple(some(random, room - 4, inner))
            else:
                mode = random.choice(("read", "write")) if lock == "r" else lock
                yield "hold", mode, tuple(some(random, random.randint(1, room - 2), inner))
            room -= 4
        elif word == "if" and room > 1:
            asked = random.choice(
                (
                    ("READ_ONCE", "y"),
                    ("smp_load_acquire", "y"),
                    ("smp_load_acquire", "x"),
                    ("try_wait_for_completion", "c"),
                    ("refcount_dec_and_test", "f"),
                )
            )
            yield "if", *asked, tuple(some(random, room - 1, free))
            room = 0
        elif word == "atomic":
            yield "atomic", tuple(some(random, 2, ()))
            room -= 1
        elif word == "other":
            yield random.choice(
                (
                    ("complete", "c"),
                    ("wait_for_completion", "c"),
                    ("atomic_add", "a"),
                    ("atomic_add_return", "a"),
                    ("atomic_set", "a"),
                    ("atomic_cmpxchg", "a"),
                )
            )
            room -= 1
        else:
            name = random.choice((*PLAIN, *PLAIN, *READS, *STORES))
            yield name, random.choice("xxxy" if name in PLAIN else "xyyy")
            room -= 1

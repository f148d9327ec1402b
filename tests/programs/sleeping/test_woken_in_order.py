"""Who is woken: any of those that sleep, or who has slept longest; compared with brute force.

The judge here shares nothing with the library: it has lines of its own, and chooses who is woken at
once. It goes through every interleaving of small random programs.
"""

from collections.abc import Awaitable, Callable, Iterator
from itertools import permutations
from random import Random
from typing import NamedTuple

import pytest

from locking import (
    Atomic,
    Cell,
    Condition,
    Futex,
    Monitor,
    Mutex,
    Object,
    System,
    Thread,
    Verdict,
    atomic,
    require,
    required,
    wait_until,
)
from locking.programs.sleeping.futex import FutexState
from tests.explore.compare import checked, explored, finals
from tests.objects.every_way import answer

Program = tuple[tuple[str, int], ...]
"""Operations, each with a number: how many it wakes, or moves."""

LOCKED = ("wait", "timed", "wake", "note")
WAKING = ("wake", "move", "move", "wake moved", "wake moved")
SLEEPERS = 0.7  # of the threads without a lock


class World(NamedTuple):
    """Where each thread is and in what part of its operation, and all that they share.

    There are two lines of sleepers; a thread that is woken stands in neither.
    """

    at: tuple[tuple[int, int], ...]
    owner: int | None = None
    lines: tuple[tuple[int, ...], ...] = ((), ())
    woken: frozenset[int] = frozenset()
    log: tuple[int, ...] = ()


def goes_on(world: World, me: int, part: int) -> World:
    """The world once a thread is at another part of its operation; behind it for part 0."""
    at, _ = world.at[me]
    new = (at, part) if part else (at + 1, 0)
    return world._replace(at=(*world.at[:me], new, *world.at[me + 1 :]))


def taken(line: tuple[int, ...], count: int, fifo: bool) -> Iterator[tuple[int, ...]]:
    """Who may be the next `count` of a line, in every order in which they may be taken."""
    count = min(count, len(line))
    yield from [line[:count]] if fifo else permutations(line, count)


def asleep_no_more(world: World, *gone: int) -> World:
    """The world once these stand in no line."""
    lines = tuple(tuple(each for each in line if each not in gone) for line in world.lines)
    return world._replace(lines=lines)


def wakes(world: World, count: int, fifo: bool) -> Iterator[World]:
    """The worlds once `count` of the first line are woken."""
    for some in taken(world.lines[0], count, fifo):
        yield asleep_no_more(world, *some)._replace(woken=world.woken | {*some})


def steps(world: World, me: int, step: tuple[str, int], fifo: tuple[bool, bool]) -> Iterator[World]:
    """All worlds to which the next step of a thread leads."""
    (does, count), (_, part) = step, world.at[me]
    free, locks = world.owner is None, does in ("wait", "timed")
    if does == "lock" or part == 2:  # it has timed out, and wants its lock again
        if free:
            yield goes_on(world._replace(owner=me), me, 0)
    elif does == "unlock":
        yield goes_on(world._replace(owner=None), me, 0)
    elif does == "note":
        yield goes_on(world._replace(log=(*world.log, me)), me, 0)
    elif does == "until":
        if sum(part == 1 for _, part in world.at) >= count:  # so many are asleep, or not up yet
            yield goes_on(world, me, 0)
    elif does == "wake":
        for after in wakes(world, count, fifo[0]):
            yield goes_on(after, me, 0)
    elif does == "move":
        for after in wakes(world, 1, fifo[0]):
            for some in taken(after.lines[0], count, fifo[0]):
                left = asleep_no_more(after, *some).lines[0]
                yield goes_on(after._replace(lines=(left, (*after.lines[1], *some))), me, 0)
    elif does == "wake moved":
        for some in taken(world.lines[1], count, fifo[1]):
            after = asleep_no_more(world, *some)._replace(woken=world.woken | {*some})
            yield goes_on(after, me, 0)
    elif not part:  # it falls asleep
        owner = None if locks else world.owner
        lines = ((*world.lines[0], me), world.lines[1])
        yield goes_on(world._replace(owner=owner, lines=lines), me, 1)
    elif me in world.woken:
        if free or not locks:
            owner = me if locks else world.owner
            yield goes_on(world._replace(owner=owner, woken=world.woken - {me}), me, 0)
    elif does in ("timed", "doze"):
        yield goes_on(asleep_no_more(world, me), me, 2 if locks else 0)


Outcome = tuple[str, tuple[str, ...]]
"""What was noted, in its order, and which threads have finished, and which wait."""


def brute(programs: list[Program], fifo: tuple[bool, bool]) -> set[Outcome]:
    """How all runs end."""
    found, seen = set(), {World(((0, 0),) * len(programs))}
    todo = list(seen)
    while todo:
        world = todo.pop()
        running = [me for me, (at, _) in enumerate(world.at) if at < len(programs[me])]
        after = [
            each for me in running for each in steps(world, me, programs[me][world.at[me][0]], fifo)
        ]
        if not after:
            ends = tuple("waiting" if me in running else "finished" for me in range(len(programs)))
            found.add((repr(world.log), ends))
        todo += {*after} - seen
        seen |= {*after}
    return found


log = Cell("log", ())
Doing = Callable[[str, int], Awaitable[object]]


def system(objects: list[Object], programs: list[Program], do: Doing) -> System:
    """The programs as threads, with `do` for all that is not noted."""

    async def body(me: int, program: Program) -> None:
        for does, count in program:
            if does == "note":
                async with atomic():
                    await log.WRITE_ONCE((*await log.READ_ONCE(), me))
            else:
                await do(does, count)

    named = enumerate(programs)
    return System([log, *objects], [Thread(f"t{me}", body, (me, each)) for me, each in named], [])


def conditions(programs: list[Program], fifo: tuple[bool, bool]) -> System:
    lock, condition = Mutex("lock"), Condition("condition", fifo=fifo[0])

    async def do(does: str, count: int) -> None:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "lock": lock.mutex_lock,
            "unlock": lock.mutex_unlock,
            "wait": lambda: condition.wait(lock),
            "timed": lambda: condition.timedwait(lock),
            "wake": condition.signal if count == 1 else condition.broadcast,
        }
        await calls[does]()

    return system([lock, condition], programs, do)


def monitors(programs: list[Program], fifo: tuple[bool, bool]) -> System:
    monitor = Monitor("monitor", fifo=fifo[0])

    async def do(does: str, count: int) -> None:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "lock": monitor.enter,
            "unlock": monitor.leave,
            "wait": monitor.wait,
            "timed": monitor.timedwait,
            "wake": monitor.notify if count == 1 else monitor.notify_all,
        }
        await calls[does]()

    return system([monitor], programs, do)


def futexes(programs: list[Program], fifo: tuple[bool, bool]) -> System:
    word = Atomic("word")
    other = Futex("other", word, fifo=fifo[1])
    futex = Futex("futex", word, other, fifo=fifo[0])

    async def do(does: str, count: int) -> None:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "until": lambda: wait_until(lambda *states: sleeping(*states) >= count, futex, other),
            "sleep": lambda: futex.futex_wait(0),
            "doze": lambda: futex.futex_wait_timeout(0),
            "wake": lambda: futex.futex_wake(count),
            "move": lambda: futex.futex_cmp_requeue(1, count, 0),
            "wake moved": lambda: other.futex_wake(count),
        }
        await calls[does]()

    return system([word, other, futex], programs, do)


def sleeping(*states: FutexState) -> int:
    """How many sleep, or have been woken and have not left yet."""
    return len(
        {each for state in states for each in (*state.sleepers.asleep, *state.moved)}.union(
            *(state.sleepers.woken for state in states)
        )
    )


def with_a_lock(drawn: Random) -> Program:
    """Some sections under a lock, some of which sleep, and wake-ups of one or of all."""
    found: list[tuple[str, int]] = []
    for _ in range(drawn.randint(1, 2)):
        inside = [(drawn.choice(LOCKED), drawn.choice((1, 1, 9))) for _ in range(2)]
        found += [("lock", 0), *inside, ("unlock", 0)]
    return tuple(found)


def without_a_lock(drawn: Random) -> Program:
    """A sleep, often behind some others, or some wake-ups and moves."""
    if drawn.random() < SLEEPERS:
        behind = ("until", drawn.randint(0, 2))
        return (behind, (drawn.choice(("sleep", "sleep", "doze")), 0), ("note", 0))
    does = (drawn.choice(WAKING) for _ in range(3))
    return (("until", drawn.randint(0, 3)), *((each, drawn.randint(1, 2)) for each in does))


KINDS = {
    "condition": (conditions, with_a_lock, (2, 3, 3)),
    "monitor": (monitors, with_a_lock, (2, 3, 3)),
    "futex": (futexes, without_a_lock, (3, 4, 4)),
}


def outcomes(built: System, *, minimise: bool = True) -> set[Outcome]:
    """How all runs end, as the library finds it."""
    return {(values[0], ends) for values, ends in finals(*explored(built, minimise=minimise))}


def compare(kind: str, seed: int) -> None:
    """One random system."""
    _, draw, sizes = KINDS[kind]
    drawn = Random(f"{kind} {seed}")
    agree(kind, [draw(drawn) for _ in range(drawn.choice(sizes))])


def agree(kind: str, programs: list[Program]) -> None:
    """Of one system, in every way in which who is woken can be chosen."""
    build = KINDS[kind][0]
    for fifo in ((False, False), (True, True), (True, False), (False, True)):
        if kind == "futex" or fifo[0] == fifo[1]:
            expected = brute(programs, fifo)
            assert outcomes(build(programs, fifo)) == expected, (programs, fifo)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1])
def test_runs_end_as_brute_force_says(kind: str, seed: int) -> None:
    compare(kind, seed)


@pytest.mark.parametrize("moved", [1, 2])
def test_those_that_are_moved_keep_their_order(moved: int) -> None:
    sleepers = [(("until", behind), ("sleep", 0)) for behind in range(3)]
    agree("futex", [*sleepers, (("until", 3), ("move", moved), ("wake moved", 1))])


def baton(kind: str, fifo: bool) -> System:
    """Alike threads that hand a resource on, and rely on it that none of them is passed."""
    lock, turn = Mutex("lock"), Condition("turn", fifo=fifo)
    room = Monitor("room", fifo=fifo)
    free, came, handed = Cell("free", True), Cell("came", 0), Cell("handed", 0)

    async def use() -> None:
        async with lock.hold() if kind == "condition" else room.hold():
            if await free.read():
                await free.write(False)
            else:
                place = await came.read() + 1
                await came.write(place)
                await (turn.wait(lock) if kind == "condition" else room.wait())
                require(await handed.read() == place, "in-turn")
        async with lock.hold() if kind == "condition" else room.hold():
            if await handed.read() == await came.read():
                await free.write(True)
            else:
                await handed.write(await handed.read() + 1)
                await (turn.signal() if kind == "condition" else room.notify())

    objects: list[Object] = [lock, turn] if kind == "condition" else [room]
    users = [Thread(name, use) for name in "abc"]
    return System([*objects, free, came, handed], users, [required("in-turn")])


@pytest.mark.parametrize("fifo", [False, True])
def test_what_needs_the_order_holds_with_it_only(fifo: bool) -> None:
    [found] = checked(baton("monitor", fifo)).results
    assert found.verdict is (Verdict.HOLDS if fifo else Verdict.FAILS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["condition", "monitor"])
@pytest.mark.parametrize("fifo", [False, True])
def test_what_needs_the_order_holds_with_it_only_in_every_way(kind: str, fifo: bool) -> None:
    [(found, run)] = answer(lambda: baton(kind, fifo))
    assert (found, bool(run)) == ((Verdict.HOLDS, False) if fifo else (Verdict.FAILS, True))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", range(1000, 1060, 20))
def test_runs_of_many_systems_end_as_brute_force_says(kind: str, start: int) -> None:
    for seed in range(start, start + 20):
        compare(kind, seed)

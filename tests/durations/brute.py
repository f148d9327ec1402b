"""Every run of threads that take time, by brute force: no tables, no states, no memo.

A thread is a list of instructions. `threads_of` makes coroutines of them for the library, `times`
simulates them by itself: it asks only the rules of the objects, and takes every order of choices
from the start. So it shares nothing with the library but what a lock is.

    ("work", "s")                a section s, with a step in it
    ("locked", lock, [...])      the instructions under a lock, which is (object, take, let go)
    ("held", lock, "s")          a section s in which a lock is taken, held for a step, and let go
    ("try", lock, a, b)          a under the lock if it can be had at once, else b
    ("block", lock, "s")         a section s with one step: a lock taken, x set to 0, and let go
    ("set", 1)                   a store to x
    ("if", a)                    a, if x is not 0
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from locking import Cell, Fairness, Mutex, RwSem, Thread, atomic, section
from locking.objects.operation import WAIT, Operation, Queue

Instruction = tuple[Any, ...]
Lock = tuple[Any, str, str, str]


class Things:
    """What threads share."""

    def __init__(self, fairness: Fairness) -> None:
        self.x = Cell("x", 0)
        self.m = Mutex("m")
        self.r = RwSem("r", fairness)
        self.all = (self.x, self.m, self.r)
        self.locks: dict[str, Lock] = {
            "m": (self.m, "mutex_lock", "mutex_unlock", "mutex_trylock"),
            "read": (self.r, "down_read", "up_read", "down_read_trylock"),
            "write": (self.r, "down_write", "up_write", "down_write_trylock"),
        }


async def execute(items: Sequence[Instruction], o: Things) -> None:
    """What a thread of the library does."""
    for item in items:
        match item:
            case ("work", name):
                async with section(name):
                    await o.x.READ_ONCE()
            case ("locked", lock, body):
                object_, take, give, _ = o.locks[lock]
                await getattr(object_, take)()
                await execute(body, o)
                await getattr(object_, give)()
            case ("held", lock, name):
                object_, take, give, _ = o.locks[lock]
                async with section(name):
                    await getattr(object_, take)()
                    await o.x.READ_ONCE()
                    await getattr(object_, give)()
            case ("try", lock, body, other):
                object_, _, give, attempt = o.locks[lock]
                if await getattr(object_, attempt)():
                    await execute(body, o)
                    await getattr(object_, give)()
                else:
                    await execute(other, o)
            case ("block", lock, name):
                object_, take, give, _ = o.locks[lock]
                async with section(name), atomic():
                    await getattr(object_, take)()
                    await o.x.WRITE_ONCE(0)
                    await getattr(object_, give)()
            case ("set", value):
                await o.x.WRITE_ONCE(value)
            case ("if", body):
                if await o.x.READ_ONCE():
                    await execute(body, o)


def threads_of(programs: Sequence[Sequence[Instruction]], o: Things) -> list[Thread]:
    """The threads of the library."""
    return [Thread(f"t{at}", execute, (tuple(each), o)) for at, each in enumerate(programs)]


Block = list[Operation]
"""Operations that are one step."""

Doing = Generator[Operation | Block | int, Any, None]
"""A simulated thread: it gives an operation, a block, or the units of time that it spends."""

States = dict[Any, Any]
"""The states of objects."""


def perform(items: Sequence[Instruction], o: Things, lasts: Mapping[str, int]) -> Doing:
    """What a simulated thread does."""
    for item in items:
        match item:
            case ("work", name):
                yield lasts[name]
                yield o.x.READ_ONCE()
            case ("locked", lock, body):
                object_, take, give, _ = o.locks[lock]
                yield getattr(object_, take)()
                yield from perform(body, o, lasts)
                yield getattr(object_, give)()
            case ("held", lock, name):
                object_, take, give, _ = o.locks[lock]
                yield getattr(object_, take)()
                yield lasts[name]
                yield o.x.READ_ONCE()
                yield getattr(object_, give)()
            case ("try", lock, body, other):
                object_, _, give, attempt = o.locks[lock]
                if (yield getattr(object_, attempt)()):
                    yield from perform(body, o, lasts)
                    yield getattr(object_, give)()
                else:
                    yield from perform(other, o, lasts)
            case ("block", lock, name):
                object_, take, give, _ = o.locks[lock]
                yield lasts[name]
                yield [getattr(object_, take)(), o.x.WRITE_ONCE(0), getattr(object_, give)()]
            case ("set", value):
                yield o.x.WRITE_ONCE(value)
            case ("if", body):
                if (yield o.x.READ_ONCE()):
                    yield from perform(body, o, lasts)


class Simulated:
    """One thread under way: what it does next, and from when on."""

    def __init__(self, name: str, doing: Doing, start: int) -> None:
        self.name, self.doing, self.ready = name, doing, start
        self.next: Block = []
        self.go_on(None, start)

    def go_on(self, result: Any, now: int) -> None:
        """Give the thread a result at a time, and let it spend what it spends."""
        self.ready, self.next = now, []
        try:
            said = self.doing.send(result)
            while isinstance(said, int):
                self.ready += said
                said = self.doing.send(None)
            self.next = said if isinstance(said, list) else [said]
        except StopIteration:
            pass


class Run(NamedTuple):
    """How one run goes: the time of its end, None where it is stuck.

    Where the given choices are used up, `options` is how many there are for the next.
    """

    end: int | None
    options: int = 0


def taken(block: Block, name: str, states: States) -> tuple[States, Any] | None:
    """The states after a step and its result, `WAIT` where it only queues up; None if it waits."""
    result: Any = None
    after = dict(states)
    for at, step in enumerate(block):
        got = step.target.step(step.name, after[step.target], name, step.args)
        if isinstance(got, Queue):
            if at or got.state == after[step.target]:
                return None
            return {**after, step.target: got.state}, WAIT
        if got is WAIT:
            return None
        after[step.target], result = got
    return after, result


def simulate(threads: list[Simulated], o: Things, choices: Sequence[int]) -> Run:
    """The run of `choices`: which of the threads that can take a step does so, each time."""
    now, chosen = 0, iter(choices)
    states: States = {each: each.start for each in o.all}
    while any(each.next for each in threads):
        ready = [each for each in threads if each.next and each.ready <= now]
        able = [(each, got) for each in ready if (got := taken(each.next, each.name, states))]
        if not able:
            later = [each.ready for each in threads if each.next and each.ready > now]
            if not later:
                return Run(None)
            now = min(later)
            continue
        at = 0 if len(able) == 1 else next(chosen, None)
        if at is None:
            return Run(None, len(able))
        each, (states, result) = able[at]
        if result is not WAIT:
            each.go_on(result, now)
    return Run(now)


class TooLong(Exception):
    """There are more runs than a test can wait for."""


def times(
    programs: Sequence[Sequence[Instruction]],
    o: Things,
    lasts: Mapping[str, int],
    starts: Sequence[int],
    most: int,
) -> Iterator[int | None]:
    """The time of every run, None where a thread waits for ever. Errors: `TooLong`."""
    open_: list[tuple[int, ...]] = [()]
    while open_:
        choices = open_.pop()
        most -= 1
        if not most:
            raise TooLong
        threads = [
            Simulated(f"t{at}", perform(each, o, lasts), starts[at])
            for at, each in enumerate(programs)
        ]
        found = simulate(threads, o, choices)
        if found.options:
            open_ += [(*choices, option) for option in range(found.options)]
        else:
            yield found.end

"""Random threads over a wide vocabulary of locks, waits and branches, and how they end.

A statement is a tuple: its kind, and what it is about. A section has its statements in a tuple. All
that a thread has read is in `seen`, and decides its branches; at last it leaves that in a word.
"""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    Rcu,
    RwSem,
    Seqlock,
    Spinlock,
    System,
    Thread,
    require,
    smp_mb,
    smp_rmb,
    smp_wmb,
    wait_until,
)
from locking.errors import ModelError
from locking.executions import judged, values
from locking.executions.locked import LockedUse, locked_use
from tests.executions.programs import AllEnds, Statement

CELLS = ("x", "y", "u")
"""The cells. All accesses to `u` are marked."""

REGIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "spin": lambda words: words["spin"].hold(),
    "other spin": lambda words: words["other spin"].hold(),
    "mutex": lambda words: words["mutex"].hold(),
    "write": lambda words: words["sem"].write(),
    "read": lambda words: words["sem"].read(),
    "other write": lambda words: words["other sem"].write(),
    "seq": lambda words: words["seq"].write(),
}
"""Sections of locks."""

TRIES = {
    "try spin": ("spin", "spin_trylock", "spin_unlock"),
    "try mutex": ("mutex", "mutex_trylock", "mutex_unlock"),
    "try write": ("sem", "down_write_trylock", "up_write"),
    "try read": ("sem", "down_read_trylock", "up_read"),
}
"""Sections that are left out if a lock can't be had, with the operations of each."""

SECTIONS = (*REGIONS, *TRIES, "downgrade", "no lock", "no lock", "sequence", "rcu")
STEPS = ("R", "R", "R", "W", "W", "W", "add", "if", "if", "if-else", "xchg")
SELDOM = ("complete", "wait", "await", "fence", "require", "lock unless", "lock unless")


def random_statement(random: Random, depth: int = 0) -> Statement:
    """A statement; outside of sections mostly a section."""
    if random.random() < (0.75, 0.15, 0)[depth]:
        body = tuple(random_statement(random, depth + 1) for _ in range(random.randint(1, 2)))
        return "section", random.choice(SECTIONS), body
    kind, cell = random.choice((*STEPS, *SELDOM)), random.choice("xxyyu")
    inner = max(depth, 1)
    match kind:
        case "if":
            return kind, random_statement(random, inner)
        case "if-else":
            return kind, random_statement(random, inner), random_statement(random, inner)
        case "lock unless":
            lock = random.choice(("spin", "other spin", "mutex", "write"))
            return kind, lock, (random.choice(("W", "W", "add")), random.choice("xy"), 1)
        case _:
            return kind, cell, random.randint(1, 2)


class WideProgram(NamedTuple):
    """The code of each thread, and whether the accesses to all cells are marked."""

    codes: tuple[tuple[Statement, ...], ...]
    marked: bool


def wide_program(seed: int) -> WideProgram:
    """Two threads of one to three statements, or three of one or two."""
    random = Random(seed)
    threads = random.choice((2, 2, 2, 3))
    codes = tuple(
        tuple(random_statement(random) for _ in range(random.randint(1, 5 - threads)))
        for _ in range(threads)
    )
    return WideProgram(codes, random.random() < 0.6)


class WideThread:
    """A thread that runs code of the wide vocabulary."""

    def __init__(self, words: dict[str, Any], *, marked: bool) -> None:
        self.words = words
        self.marked = marked
        self.seen: list[int] = []

    async def run(self, code: Sequence[Statement], out: Cell) -> None:
        """Run the code, and leave in `out` what was read."""
        await self.do_all(code)
        await out.WRITE_ONCE(tuple(self.seen))

    async def do_all(self, code: Sequence[Statement]) -> None:
        """Statements, one after the other."""
        for each in code:
            await self.do(each)

    @property
    def last(self) -> int:
        """What was read last; 0 before that."""
        return self.seen[-1] if self.seen else 0

    async def do(self, statement: Statement) -> None:
        """One statement."""
        match statement:
            case ("section", kind, body):
                await self.section(kind, lambda: self.do_all(body))
            case ("if", inner):
                if self.last:
                    await self.do(inner)
            case ("if-else", first, second):
                await self.do(first if self.last else second)
            case ("lock unless", lock, inner):
                if self.last:
                    await self.do(inner)
                else:
                    await self.section(lock, lambda: self.do(inner))
            case ("fence", cell, _):
                await {"x": smp_mb, "y": smp_wmb, "u": smp_rmb}[cell]()
            case ("require", cell, value):
                require(not self.seen or self.last != value, "value", stop=cell == "x")
            case ("complete", *_):
                await self.words["done"].complete()
            case ("wait", *_):
                await self.words["done"].wait_for_completion()
            case (kind, cell, value):
                await self.access(kind, cell, value)

    async def access(self, kind: str, name: str, value: int) -> None:
        """An access to a cell."""
        cell, marked = self.words[name], self.marked or name == "u"
        if kind == "await":
            await wait_until(lambda found: found == value, cell)
            return
        if kind == "xchg":
            self.seen.append(await cell.xchg_relaxed(value))
            return
        if kind != "W":
            self.seen.append(await (cell.READ_ONCE() if marked else cell.read()))
        if kind != "R":
            stored = value if kind == "W" else min(self.last + 1, 3)
            await (cell.WRITE_ONCE(stored) if marked else cell.write(stored))

    async def section(self, kind: str, body: Callable[[], Awaitable[None]]) -> None:
        """What is done in a section of a kind."""
        if kind in REGIONS:
            async with REGIONS[kind](self.words):
                await body()
        elif kind in TRIES:
            await self.tried(*TRIES[kind], body)
        elif kind == "downgrade":
            await self.downgraded(body)
        elif kind == "sequence":
            begun = await self.words["seq"].read_seqbegin()
            await body()
            self.seen.append(int(await self.words["seq"].read_seqretry(begun)))
        elif kind == "rcu":
            await self.words["rcu"].rcu_read_lock()
            await body()
            await self.words["rcu"].rcu_read_unlock()
        else:
            await body()

    async def tried(
        self, lock: str, takes: str, lets_go: str, body: Callable[[], Awaitable[None]]
    ) -> None:
        """What is done if a lock can be had now."""
        got = await getattr(self.words[lock], takes)()
        if got:
            await body()
            await getattr(self.words[lock], lets_go)()
        self.seen.append(int(got))

    async def downgraded(self, body: Callable[[], Awaitable[None]]) -> None:
        """What is done once by a writer, and again by the reader that it becomes."""
        sem = self.words["sem"]
        await sem.down_write()
        await body()
        await sem.downgrade_write()
        self.seen.append(await self.words["x"].READ_ONCE())
        await sem.up_read()


class WideEnds(NamedTuple):
    """How a program ends: memory and who is stuck; races; what fails; why not all is known."""

    ends: frozenset[Any]
    race: bool
    failures: frozenset[str]
    cause: str | None


class TooLong(Exception):
    """There is too much to go through."""


MOST_CHOICES = 20_000


def ends_of(program: WideProgram) -> WideEnds:
    """How a program ends. Errors: `ModelError`, `TooLong`."""
    locks: list[Any] = [Spinlock("spin"), Spinlock("other spin"), Mutex("mutex"), RwSem("sem")]
    locks += [RwSem("other sem"), Seqlock("seq"), Completion("done")]
    locks += [Rcu("rcu")] if "'rcu'" in repr(program.codes) else []
    cells = [Cell(name, 0) for name in CELLS]
    outs = [Cell(f"out{at}", ()) for at, _ in enumerate(program.codes)]
    words = {each.name: each for each in (*locks, *cells)}

    async def run(at: int) -> None:
        await WideThread(words, marked=program.marked).run(program.codes[at], outs[at])

    threads = [Thread(f"P{at}", run, (at,)) for at, _ in enumerate(outs)]
    search = AllEnds(System([*locks, *cells, *outs], threads, []).with_fences())
    cause = search.go(counted(MOST_CHOICES))
    names = [*CELLS, *(each.name for each in outs)]
    ends = frozenset(
        (tuple(each.memory[name] for name in names), each.stuck)
        for each in search.endings
        if each.whole
    )
    failures = frozenset(map(str, search.of_failures))
    return WideEnds(ends, search.race is not None, failures, cause)


def counted(most: int) -> Callable[[], None]:
    """What raises `TooLong` once it was called so often."""
    left = iter(range(most))

    def go_on() -> None:
        if next(left, None) is None:
            raise TooLong

    return go_on


class BothWays(NamedTuple):
    """How a program ends by all its executions, and by what its locks guard and order."""

    free: WideEnds
    locked: WideEnds
    use: LockedUse | None
    """How it uses its locks, if they were asked."""

    @property
    def alike(self) -> bool:
        """Whether both say the same; beside a data race executions may be left out."""
        free, locked = self.free, self.locked
        if free.race and locked.race:
            return locked.ends <= free.ends and free.failures == locked.failures
        return free == locked


def both_ways(seed: int) -> BothWays | None:
    """How a random program ends both ways; None if there is too much, or it is refused."""
    program, uses = wide_program(seed), list[LockedUse]()

    def noted(*args: Any) -> LockedUse:
        uses.append(locked_use(*args))
        return uses[-1]

    with pytest.MonkeyPatch.context() as patch:
        try:
            patch.setattr(values, "LARGEST_FREE_TREE", values.LARGEST_TREE)
            free = ends_of(program)
            patch.setattr(values, "LARGEST_FREE_TREE", 0)
            patch.setattr(judged, "locked_use", noted)
            return BothWays(free, ends_of(program), uses[-1] if uses else None)
        except (ModelError, TooLong):
            return None

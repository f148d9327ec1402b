"""Where locks keep all in order, interleavings are all executions; but not without conditions."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    RwSem,
    Seqlock,
    Spinlock,
    System,
    Thread,
    choose,
    procedure,
    smp_wmb,
)
from locking.executions import judged, locked, values
from locking.executions.judged import judge_executions
from locking.executions.locked import LockedUse, WordUse, locked_use
from locking.programs.barriers import smp_mb
from tests.executions.programs import AllEnds
from tests.executions.test_guarding import LOCKS

FREE = "u"
"""The word that no lock guards."""

Access = tuple[str, str, int]
Section = tuple[tuple[str, ...], tuple[Access, ...]]
"""The locks that are taken, the outer first, and what is done inside of them."""


def random_section(random: Random, guards: dict[str, str]) -> Section:
    """A section with the locks of what it touches, in any order; or none, and the free word."""
    cells = random.choice((("x",), ("y",), ("x", "y"), ()))
    accesses = [
        (
            random.choice(("R", "W", "add")),
            random.choice((*cells, *cells, FREE)),
            random.randint(1, 2),
        )
        for _ in range(random.randint(1, 2))
    ]
    if random.random() < 0.3:
        accesses.append((random.choice(("R", "W", "xchg")), FREE, 3))
    written = {name for kind, name, _ in accesses if kind != "R"}
    locks = {guards[name] for name in cells}
    reads = not any(guards.get(name) == "write" for name in written)
    taken = ["read" if each == "write" and reads else each for each in sorted(locks)]
    random.shuffle(taken)
    return tuple(taken), tuple(accesses)


def random_threads(seed: int) -> list[tuple[Section, ...]]:
    """Two threads of sections, or three of one section each."""
    random = Random(seed)
    guards = {name: random.choice(("spin", "mutex", "write", "seq")) for name in "xy"}
    sections = random.choice(((2, 2), (2, 1), (3, 1), (1, 1, 1)))
    return [tuple(random_section(random, guards) for _ in range(count)) for count in sections]


async def run(code: Sequence[Section], words: dict[str, Any], marked: bool, out: Cell) -> None:
    """A thread; what it has read is in `out` in the end."""
    seen: list[int] = []
    for locks, accesses in code:
        await inside(locks, accesses, words, marked, seen)
    await out.WRITE_ONCE(tuple(seen))


async def inside(
    locks: Sequence[str],
    accesses: Sequence[Access],
    words: dict[str, Any],
    marked: bool,
    seen: list[int],
) -> None:
    """Accesses inside of locks."""
    if locks:
        async with LOCKS[locks[0]](words):
            await inside(locks[1:], accesses, words, marked, seen)
        return
    for kind, name, value in accesses:
        cell, once = words[name], marked or name == FREE
        if kind == "xchg":
            seen.append(await cell.xchg_relaxed(value))
            continue
        if kind != "W":
            seen.append(await (cell.READ_ONCE() if once else cell.read()))
        if kind != "R":
            stored = value if kind == "W" else min(seen[-1] + 1, 3)
            await (cell.WRITE_ONCE(stored) if once else cell.write(stored))


Program = Callable[[], tuple[System, list[str]]]
"""Makes a system, and names the words whose ends count."""


def program_of(codes: Sequence[tuple[Section, ...]], *, marked: bool) -> Program:
    """Threads with these codes."""

    def made() -> tuple[System, list[str]]:
        locks = [Spinlock("spin"), Mutex("mutex"), RwSem("sem"), Seqlock("seq")]
        cells = [Cell(name, 0) for name in ("x", "y", FREE)]
        words = {each.name: each for each in (*locks, *cells)}
        outs = [Cell(f"out{at}", ()) for at, _ in enumerate(codes)]
        threads = [
            Thread(f"P{at}", run, (code, words, marked, out))
            for at, (code, out) in enumerate(zip(codes, outs, strict=True))
        ]
        return System([*locks, *cells, *outs], threads, []), [each.name for each in (*cells, *outs)]

    return made


def ends(program: Program) -> set[Any]:
    """How a program ends: what memory holds, who is stuck, and whether it races."""
    system, names = program()
    search = AllEnds(system.with_fences())
    cause = search.go(lambda: None)
    assert cause in (None, "no execution comes to an end")
    found = {
        (tuple(each.memory[name] for name in names), each.stuck, each.failed)
        for each in search.endings
    }
    return found | ({"race"} if search.race else set())


def ends_by_choices(program: Program) -> set[Any]:
    """How a program ends by all its executions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "LARGEST_FREE_TREE", values.LARGEST_TREE)
        return ends(program)


def ends_in_turns(program: Program) -> set[Any] | None:
    """How a program ends by its interleavings; None if it has other executions."""
    said: list[bool] = []

    def noted(*args: Any) -> LockedUse:
        found = locked_use(*args)
        said.append(found.interleaved)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "LARGEST_FREE_TREE", 0)
        patch.setattr(judged, "locked_use", noted)
        found = ends(program)
    return found if said == [True] else None


def are_alike(seed: int) -> bool:
    """Whether a random program that locks keep in order ends as its interleavings do."""
    program = program_of(random_threads(seed), marked=seed % 2 == 0)
    found = ends_in_turns(program)
    return found is None or found == ends_by_choices(program)


def test_threads_that_locks_keep_in_order_end_as_interleavings_do() -> None:
    assert [seed for seed in (1, 4, 5, 6, 7) if not are_alike(seed)] == []


@pytest.mark.slow
def test_many_threads_that_locks_keep_in_order_end_as_interleavings_do() -> None:
    assert [seed for seed in range(100, 200) if not are_alike(seed)] == []


@pytest.mark.campaign
def test_2000_programs_that_locks_keep_in_order_end_as_interleavings_do() -> None:
    assert [seed for seed in range(1_000, 3_000) if not are_alike(seed)] == []


x, y, z = Cell("x", 0), Cell("y", 0), Cell("z", 0)
mutex, sem, other_sem, done = Mutex("mutex"), RwSem("sem"), RwSem("other"), Completion("done")
outs = [Cell("out0", -1), Cell("out1", -1)]


def small(*bodies: Callable[[], Any]) -> Program:
    """Threads whose results are their ends."""

    async def ending(body: Callable[[], Any], out: Cell) -> None:
        await out.WRITE_ONCE(await body())

    def made() -> tuple[System, list[str]]:
        threads = [
            Thread(f"P{at}", ending, (body, out))
            for at, (body, out) in enumerate(zip(bodies, outs, strict=True))
        ]
        objects = [x, y, z, mutex, sem, other_sem, done, *outs]
        return System(objects, threads, []), [each.name for each in outs]

    return made


async def stores_x_and_reads_y() -> int:
    await x.WRITE_ONCE(1)
    return await y.READ_ONCE()


async def stores_y_and_reads_x() -> int:
    await y.WRITE_ONCE(1)
    return await x.READ_ONCE()


async def reading(body: Callable[[], Any]) -> int:
    async with sem.read():
        return await body()


async def stores_x_and_reads_y_elsewhere() -> int:
    async with sem.read():
        await x.WRITE_ONCE(1)
    async with other_sem.read():
        return await y.READ_ONCE()


async def stores_y_and_reads_x_elsewhere() -> int:
    async with other_sem.read():
        await y.WRITE_ONCE(1)
    async with sem.read():
        return await x.READ_ONCE()


async def takes_two_locks() -> int:
    async with mutex.hold():
        pass
    async with sem.write():
        return 0


async def tries_two_locks() -> int:
    second = await sem.down_write_trylock()
    first = await mutex.mutex_trylock()
    if first:
        await mutex.mutex_unlock()
    if second:
        await sem.up_write()
    return 2 * second + first


async def completes() -> int:
    await x.WRITE_ONCE(1)
    await done.complete()
    return 0


async def waits_for_it() -> int:
    await done.wait_for_completion()
    return await x.READ_ONCE()


async def races() -> int:
    return await x.read()


async def plainly() -> int:
    await x.write(1)
    await smp_mb()
    return 0


async def looks() -> int:
    return await x.READ_ONCE()


async def lets_go_of_what_it_has_not() -> int:
    await mutex.mutex_unlock()
    return 0


async def takes_two_locks_beside_words() -> int:
    await x.WRITE_ONCE(1)
    await takes_two_locks()
    return await y.READ_ONCE()


async def tries_two_locks_beside_words() -> int:
    await y.WRITE_ONCE(1)
    return await tries_two_locks() + 4 * await x.READ_ONCE()


TWO_WORDS = small(stores_x_and_reads_y, stores_y_and_reads_x)
BY_READERS = small(lambda: reading(stores_x_and_reads_y), lambda: reading(stores_y_and_reads_x))
BY_READERS_OF_TWO = small(stores_x_and_reads_y_elsewhere, stores_y_and_reads_x_elsewhere)
FAILING_TRY = small(takes_two_locks, tries_two_locks)
NOT_A_LOCK = small(completes, waits_for_it)
PLAIN = small(plainly, races)
PLAIN_AND_MARKED = small(plainly, looks)
MISUSE = small(lets_go_of_what_it_has_not, takes_two_locks)
FAILING_TRY_BESIDE_WORDS = small(takes_two_locks_beside_words, tries_two_locks_beside_words)


NOT_IN_TURNS = [TWO_WORDS, BY_READERS, FAILING_TRY, NOT_A_LOCK, PLAIN, PLAIN_AND_MARKED, MISUSE]


@pytest.mark.parametrize("program", NOT_IN_TURNS)
def test_threads_that_no_lock_keeps_in_order_are_not_taken_in_turns(program: Program) -> None:
    assert ends_in_turns(program) is None


def test_no_condition_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these programs has executions that no interleaving has, or a race."""
    with monkeypatch.context() as patch:
        patch.setattr(WordUse, "unguarded", False)
        assert ends_in_turns(TWO_WORDS) < ends_by_choices(TWO_WORDS)
    with monkeypatch.context() as patch:
        patch.setattr(locked, "SHARED", frozenset())
        assert ends_in_turns(BY_READERS) < ends_by_choices(BY_READERS)
    with monkeypatch.context() as patch:
        patch.setattr(locked, "keeps_order", lambda *_: True)
        assert ends_in_turns(FAILING_TRY) < ends_by_choices(FAILING_TRY)


@procedure
async def ordered_in_one_of_two_ways() -> None:
    if await choose("all", "stores") == "all":
        await smp_mb()
    else:
        await smp_wmb()


async def adds_one() -> None:
    async with mutex.hold():
        await ordered_in_one_of_two_ways()
        await x.write(await x.read() + 1)


def test_runs_that_end_alike_have_passed_all_that_each_of_them_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = System([x, mutex], [Thread(name, adds_one) for name in "ab"], []).with_fences()
    monkeypatch.setattr(values, "LARGEST_FREE_TREE", 0)
    passed = judge_executions(system, [], lambda: None).passed
    assert {"smp_mb", "smp_wmb"} <= {name for _, name in passed}


def ends_by_locks(program: Program) -> set[Any]:
    """How a program ends if locks are asked what they guard and order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "LARGEST_FREE_TREE", 0)
        return ends(program)


def test_locks_are_one_order_only_if_no_try_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    all_ends = ends_by_choices(FAILING_TRY_BESIDE_WORDS)
    assert ends_by_locks(FAILING_TRY_BESIDE_WORDS) == all_ends
    monkeypatch.setattr(locked, "looks_only", lambda *_: False)
    assert ends_by_locks(FAILING_TRY_BESIDE_WORDS) < all_ends


def test_locks_are_one_order_only_if_one_at_most_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read what was before: the lock that each takes next passes the one that it lets go."""
    all_ends = ends_by_choices(BY_READERS_OF_TWO)
    assert ends_by_locks(BY_READERS_OF_TWO) == all_ends
    monkeypatch.setattr(locked, "is_shared", lambda _: False)
    assert ends_by_locks(BY_READERS_OF_TWO) < all_ends

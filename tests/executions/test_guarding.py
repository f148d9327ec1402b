"""What a lock hands over is what its threads would find: random programs end alike either way."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    RwSem,
    Seqlock,
    Spinlock,
    System,
    Thread,
    access,
    operation,
    ordered,
)
from locking.errors import ModelError
from locking.executions import any_values, guarding, values
from locking.executions.orderings import change_of, orderings_in
from locking.executions.trees import all_trees
from locking.objects.operation import Operation, Outcome
from locking.objects.order import NO_ORDER
from locking.objects.reader_writer import ReaderWriter
from tests.executions.programs import AllEnds
from tests.executions.wide_programs import REGIONS

CELLS = ("x", "y")

LOCKS = {
    **REGIONS,
    "weak read": lambda locks: locks["weak"].read(),
    "weak write": lambda locks: locks["weak"].write(),
}


class WeakSem(RwSem):
    """An rwsem whose readers acquire nothing."""

    down_read = ordered(NO_ORDER)(operation(ReaderWriter.acquire_read))


Access = tuple[str, str, int]
Section = tuple[tuple[str, ...], tuple[Access, ...]]
"""The locks that are taken, the outer first, and what is done inside of them."""


def random_access(random: Random, cells: Sequence[str]) -> Access:
    """A read, a store, or a store of one more than was last read."""
    return random.choice(("R", "W", "add", "add")), random.choice(cells), random.randint(1, 2)


def random_section(random: Random) -> Section:
    """A section of a lock, or of one inside of another, or accesses with no lock."""
    locks = random.choice(
        (("spin",), ("spin",), ("mutex",), ("write",), ("read",), ("read", "spin"), ("spin", "seq"))
    )
    if random.random() < 0.2:
        locks = ()
    cells = CELLS if locks else CELLS[1:]
    accesses = tuple(random_access(random, cells) for _ in range(random.randint(1, 2)))
    return locks, accesses if locks else tuple(map(without_adding, accesses))


def without_adding(access_: Access) -> Access:
    """A store in place of one that adds: without a lock, sums have too many values."""
    kind, name, value = access_
    return ("W" if kind == "add" else kind), name, value


def random_threads(seed: int) -> list[tuple[Section, ...]]:
    """Two threads of sections, or three of one section each."""
    random = Random(seed)
    sections = random.choice(((2, 2), (2, 1), (2, 2), (1, 1, 1)))
    return [tuple(random_section(random) for _ in range(count)) for count in sections]


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
        cell = words[name]
        if kind == "held":
            await cell.lockdep_assert_held()
            continue
        if kind != "W":
            seen.append(await (cell.READ_ONCE() if marked else cell.read()))
        if kind != "R":
            stored = value if kind == "W" else seen[-1] + 1
            await (cell.WRITE_ONCE(stored) if marked else cell.write(stored))


def ends(codes: Sequence[tuple[Section, ...]], marked: bool) -> tuple[set[Any], bool]:
    """How a program ends, and whether it races."""
    locks = [Spinlock("spin"), Mutex("mutex"), RwSem("sem"), Seqlock("seq"), WeakSem("weak")]
    cells = [Cell(name, 0) for name in CELLS]
    words = {each.name: each for each in (*locks, *cells)}
    outs = [Cell(f"out{at}", ()) for at, _ in enumerate(codes)]
    threads = [
        Thread(f"P{at}", run, (code, words, marked, out))
        for at, (code, out) in enumerate(zip(codes, outs, strict=True))
    ]
    search = AllEnds(System([*locks, *cells, *outs], threads, []))
    assert search.go(lambda: None) is None
    names = [*CELLS, *(each.name for each in outs)]
    found = {tuple(each.memory[name] for name in names) for each in search.endings if each.whole}
    return found, search.race is not None


def differ(
    codes: Sequence[tuple[Section, ...]], monkeypatch: pytest.MonkeyPatch, *, marked: bool
) -> bool:
    """Whether a program ends otherwise if locks are asked what they guard."""
    monkeypatch.setattr(values, "LARGEST_FREE_TREE", values.LARGEST_TREE)
    free = ends(codes, marked)
    monkeypatch.setattr(values, "LARGEST_FREE_TREE", 0)
    return free != ends(codes, marked)


@pytest.mark.parametrize("marked", [False, True], ids=["plain", "marked"])
def test_a_program_ends_as_it_would_without_what_locks_hand_over(
    marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(differ(random_threads(seed), monkeypatch, marked=marked) for seed in range(1, 4))


@pytest.mark.slow
@pytest.mark.parametrize("marked", [False, True], ids=["plain", "marked"])
def test_many_programs_end_as_they_would_without_it(
    marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [
        seed for seed in range(100, 130) if differ(random_threads(seed), monkeypatch, marked=marked)
    ] == []


STORES_TWICE: tuple[Section, ...] = ((("read",), (("W", "x", 1), ("W", "x", 2))),)
LOOKS: tuple[Section, ...] = ((("read",), (("R", "x", 0),)),)


def test_what_a_reader_of_a_lock_stores_is_not_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not differ([STORES_TWICE, LOOKS], monkeypatch, marked=True)
    monkeypatch.setattr(any_values, "SHARED", frozenset())
    monkeypatch.setattr(guarding, "SHARED", frozenset())
    with pytest.raises(ModelError, match="not foreseen"):
        differ([STORES_TWICE, LOOKS], monkeypatch, marked=True)


def test_an_rwsem_that_is_taken_again_after_it_was_shared_guards_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores: Section = (("write",), (("W", "x", 1), ("W", "y", 1)))
    looks: Section = (("read",), (("R", "x", 0), ("R", "y", 0)))
    assert not differ([(looks,), ((("read",), ()), stores)], monkeypatch, marked=True)


@pytest.mark.parametrize(
    ("lock", "name", "alone"),
    [
        ("spin", "spin", "spin"),
        ("mutex", "mutex", "mutex"),
        ("write", "sem", "write"),
        ("read", "sem", "write"),
        ("seq", "seq", "seq"),
    ],
)
def test_who_asserts_that_it_holds_a_lock_finds_what_others_left(
    lock: str, name: str, alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asserts: Section = ((lock,), (("held", name, 0), ("R", "x", 0)))
    stores: Section = ((alone,), (("W", "x", 1), ("W", "x", 2)))
    assert not differ([(asserts, ((lock,), (("R", "x", 0),))), (stores,)], monkeypatch, marked=True)


def test_a_lock_with_an_order_of_its_own_guards_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: Section = (("weak read",), (("R", "y", 0), ("R", "x", 0)))
    stores: Section = (("weak write",), (("W", "x", 1), ("W", "y", 1)))
    assert not differ([(looks,), (stores,)], monkeypatch, marked=True)


class Flag(Cell):
    """A word with a load that is called as what takes an rwsem."""

    @access(writes=False, marked=True)
    def down_read(self, value: int, me: str) -> Outcome:
        """The value."""
        return value, value


def test_no_change_of_an_ordering_is_one_of_a_lock() -> None:
    flag, sem = Flag("flag", 0), RwSem("sem")

    async def takes() -> None:
        for each in (flag, sem):
            await each.down_read()
        await sem.up_read()

    search = AllEnds(System([flag, sem], [Thread("P", takes)], []))
    assert search.go(lambda: None) is None
    changed = change_of(orderings_in(search.trees))
    targets = {
        (each.position.next.target.name, changed(each.position, way.events) != way.events)
        for each in all_trees(search.trees[0])
        for way in each.ways
        if isinstance(each.position.next, Operation)
    }
    assert targets == {("flag", True), ("sem", False)}

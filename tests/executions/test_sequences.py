"""Seqlocks and sequence counters as in include/linux/seqlock.h, against their C as litmus tests."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from locking import Cell, Seqcount, Seqlock, System, Thread, Verdict, require, required, retry
from locking.errors import ModelError
from locking.executions import sequences
from locking.executions.judged import judge_executions
from locking.executions.meaning import DraftEvent
from locking.litmus.judged import judge_paths
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.memory_models.lkmm.model import LKMM
from locking.programs.barriers import smp_wmb
from tests.executions.programs import AllEnds
from tests.litmus.classics import litmus_text

Code = tuple[str, ...]
"""Statements: a store or a load of x or y, and the operations of a sequence."""

WRITERS = {
    "seqlock": ("lock", "unlock"),
    "seqcount": ("begin", "end"),
}

IN_C = {
    "W x": "WRITE_ONCE(*x, {0})",
    "W y": "WRITE_ONCE(*y, {0})",
    "R x": "r{0} = READ_ONCE(*x)",
    "R y": "r{0} = READ_ONCE(*y)",
    "lock": "spin_lock(s); r8 = READ_ONCE(*z); WRITE_ONCE(*z, r8 + 1); smp_wmb()",
    "unlock": "smp_wmb(); r9 = READ_ONCE(*z); WRITE_ONCE(*z, r9 + 1); spin_unlock(s)",
    "begin": "r8 = READ_ONCE(*z); WRITE_ONCE(*z, r8 + 1); smp_wmb()",
    "end": "smp_wmb(); r9 = READ_ONCE(*z); WRITE_ONCE(*z, r9 + 1)",
    "look": "r{0} = READ_ONCE(*z); smp_rmb()",
    "look again": "smp_rmb(); r{0} = READ_ONCE(*z)",
}


def random_codes(kind: str, seed: int) -> tuple[Code, ...]:
    """A writer and a reader."""
    random = Random(seed)

    def accesses(most: int, kinds: str) -> list[str]:
        cells = [f"{random.choice(kinds)} {random.choice('xy')}" for _ in range(most)]
        return cells[: random.randint(0, most)]

    def writer() -> Code:
        takes, leaves = WRITERS[kind]
        around = accesses(1, "RW"), accesses(1, "RW")
        return (*around[0], takes, "W x", "W y", *accesses(1, "R"), leaves, *around[1])

    seen = random.sample(["R x", "R y"], 2)
    reader = (*accesses(1, "RW"), "look", *seen, "look again", *accesses(1, "W"))
    return writer(), reader


def loads_in(code: Code) -> int:
    """How many loads there are that have a register of their own."""
    return sum(each[0] == "R" or each.startswith("look") for each in code)


def begin_of(codes: tuple[Code, ...]) -> int:
    """Where in a final state the number is at which the reader has begun."""
    writer, reader = codes
    return 3 + loads_in(writer) + loads_in(reader[: reader.index("look")])


def in_c(codes: tuple[Code, ...]) -> str:
    """Codes as a litmus test: each load has a register of its own, each store a value."""
    threads = []
    for at, code in enumerate(codes):
        lines, number = [f"r{register} = 0" for register in range(loads_in(code))], 0
        for step, each in enumerate(code):
            lines.append(IN_C[each].format(10 * (at + 1) + step if each[0] == "W" else number))
            number += loads_in((each,))
        threads.append("; ".join(lines))
    shown = [f"{at}:r{each}" for at, code in enumerate(codes) for each in range(loads_in(code))]
    return litmus_text(tuple(threads), f"locations [x; y; z; {'; '.join(shown)}] exists (true)")


def ends_of_litmus(codes: tuple[Code, ...]) -> set[Any]:
    """The final values of x, y, z and of all registers, where the reader began at an even number.

    Of the second look only that is kept which the reader is told: whether it saw the same.
    """
    test = read_test(in_c(codes))
    begin = begin_of(codes)
    found = set()
    for each in judge_paths(test, all_paths(test, 1), LKMM).states:
        state: Any = tuple(each)  # type: ignore[arg-type]
        again = state[begin] if state[begin] == state[begin + 3] else -1
        if state[begin] % 2 == 0:
            found.add((*state[: begin + 3], again, *state[begin + 4 :]))
    return found


async def run(code: Code, me: int, words: dict[str, Any], out: Cell) -> None:
    """Codes as a thread of a model; what it has read, and what it was told, is in `out`."""
    seen: list[int] = []
    begun = 0
    sequence = words["z"]
    name = "write_seqcount" if isinstance(sequence, Seqcount) else "write_seq"
    reads = "read_seqcount_{}" if isinstance(sequence, Seqcount) else "read_seq{}"
    for step, each in enumerate(code):
        match each.split():
            case ["W", cell]:
                await words[cell].WRITE_ONCE(10 * (me + 1) + step)
            case ["R", cell]:
                seen.append(await words[cell].READ_ONCE())
            case ["look"]:
                begun = await getattr(sequence, reads.format("begin"))()
                seen.append(begun)
            case ["look", "again"]:
                again = await getattr(sequence, reads.format("retry"))(begun)
                seen.append(-1 if again else begun)
            case [operation]:
                await getattr(sequence, f"{name}{'_' if 'count' in name else ''}{operation}")()
    await out.WRITE_ONCE(tuple(seen))


def ends_of_model(kind: str, codes: tuple[Code, ...]) -> set[Any]:
    """The final values of the model, as its C has them."""
    sequence = Seqlock("z") if kind == "seqlock" else Seqcount("z")
    words = {"x": Cell("x", 0), "y": Cell("y", 0), "z": sequence}
    outs = [Cell(f"out{at}", ()) for at, _ in enumerate(codes)]
    threads = [
        Thread(f"P{at}", run, (code, at, words, out))
        for at, (code, out) in enumerate(zip(codes, outs, strict=True))
    ]
    search = AllEnds(System([*words.values(), *outs], threads, []))
    assert search.go(lambda: None) is None
    return {
        (
            *(each.memory[name] for name in "xy"),
            each.memory["z"].sequence,
            *(value for out in outs for value in each.memory[out.name]),
        )
        for each in search.endings
        if each.whole and not each.stuck
    }


def alike(kind: str, seed: int) -> bool:
    """Whether a random program ends as its litmus test does."""
    codes = random_codes(kind, seed)
    return ends_of_model(kind, codes) == ends_of_litmus(codes)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_sequence_ends_as_its_c_does(kind: str) -> None:
    assert all(alike(kind, seed) for seed in range(8))


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_many_sequences_end_as_their_c_does(kind: str) -> None:
    assert [seed for seed in range(1_000, 1_150) if not alike(kind, seed)] == []


def is_caught(seeds: range) -> bool:
    """Whether a random program ends otherwise than its C."""
    return any(not alike(kind, seed) for seed in seeds for kind in WRITERS)


@pytest.mark.slow
@pytest.mark.parametrize("fence", ["RMB", "WMB"])
def test_a_fence_that_is_left_out_is_caught(fence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, fence, DraftEvent("F", ("barrier",)))
    assert is_caught(range(200))


x, y = Cell("x", 0), Cell("y", 0)

Body = Callable[[Any], Any]


async def writes(sequence: Any) -> None:
    """Two stores that belong together."""
    await sequence.write_seqlock()
    await x.WRITE_ONCE(1)
    await y.WRITE_ONCE(1)
    await sequence.write_sequnlock()


async def reads_once(sequence: Any) -> tuple[int, int] | None:
    """A round of a reader."""
    begun = await sequence.read_seqbegin()
    found = await x.READ_ONCE(), await y.READ_ONCE()
    return None if await sequence.read_seqretry(begun) else found


async def reads(sequence: Any) -> None:
    """A reader sees both stores, or none."""
    seen = await retry(reads_once, sequence)
    require(seen[0] == seen[1], "whole")


async def writes_without_lock(_: Any) -> None:
    """The stores alone, with a barrier that the reader has no use for."""
    await x.WRITE_ONCE(1)
    await smp_wmb()
    await y.WRITE_ONCE(1)


def verdict(writer: Body) -> Verdict:
    """Whether a reader beside this writer sees both stores, or none."""
    lock = Seqlock("lock")
    threads = [Thread("writer", writer, (lock,)), Thread("reader", reads, (lock,))]
    system = System([x, y, lock], threads, [required("whole")])
    return (
        judge_executions(system.with_fences(), system.properties, lambda: None).verdicts[0].verdict
    )


def test_a_reader_of_a_seqlock_sees_both_stores_or_none() -> None:
    assert verdict(writes) is Verdict.HOLDS
    assert verdict(writes_without_lock) is Verdict.FAILS


@pytest.mark.parametrize("fence", ["RMB", "WMB"])
def test_it_does_not_without_the_barriers_of_the_seqlock(
    fence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequences, fence, DraftEvent("F", ("barrier",)))
    assert verdict(writes) is Verdict.FAILS


def test_a_cell_called_as_the_sequence_of_a_seqlock_is_refused() -> None:
    lock, cell = Seqlock("s"), Cell("s.sequence", 0)

    async def writes() -> None:
        async with lock.write():
            pass

    async def reads() -> None:
        await cell.READ_ONCE()

    system = System([lock, cell], [Thread("w", writes), Thread("r", reads)], [])
    with pytest.raises(ModelError, match=r"both have a word 's\.sequence'"):
        judge_executions(system, [], lambda: None)

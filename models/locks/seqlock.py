"""A sequence counter in one word, and a seqlock: writers make it odd while they write.

A reader waits until the word is even, reads, and looks at the word again: if that has changed, the
reader throws away what it read. A writer of the seqlock makes the word odd by compare-and-swap,
which keeps other writers out; one of the counter relies on a lock of its own.

May a reader begin at an odd word ("begins-odd")? No: it may read half of a write, and end before
the write does. The word must be odd before the first write ("odd-late"), and even after the last
("even-early"). And a writer of the counter that has no lock ("no-lock") writes beside another.

Lamport, "Concurrent reading and writing", CACM 20(11), 1977, has the two looks; Boehm, "Can
seqlocks get along with programming language memory models?", MSPC 2012. Kernel:
include/linux/seqlock.h.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Scenario,
    Seqcount,
    Seqlock,
    Specification,
    System,
    Thread,
    deadlock_free,
    no_misuse,
    refine,
    require,
    required,
    retry,
    wait_until,
)

word, x, y = Atomic("word"), Cell("x", 0), Cell("y", 0)
specifications = {
    "seqlock": Specification(Seqlock("lock")),
    "seqcount": Specification(Seqcount("count")),
}


async def attempt_write() -> bool | None:
    """One round: whether the thread made an even word odd."""
    (seen,) = await wait_until(lambda now: now % 2 == 0 and (now,), word)
    return await word.atomic_try_cmpxchg_acquire(seen, seen + 1) or None


async def begin_write(kind: str) -> None:
    """Make the word odd; of a seqlock, once it is even."""
    if kind == "seqlock":
        await retry(attempt_write)
    else:
        await word.atomic_inc()


async def end_write() -> None:
    """Make the word even."""
    await word.atomic_inc_return_release()


async def begin_read(variant: str) -> int:
    """The word, once it is even."""
    if variant == "begins-odd":
        return int(await word.atomic_read_acquire())
    (seen,) = await wait_until(lambda now: now % 2 == 0 and (now,), word)
    return int(seen)


async def retry_read(begun: int) -> bool:
    """Whether the word has changed since."""
    return bool(await word.atomic_read() != begun)


async def write(kind: str, variant: str, value: int) -> None:
    """Write both cells."""
    begin, end = OPERATIONS[kind][:2]
    if variant == "odd-late":
        await x.WRITE_ONCE(value)
    await refine(specifications[kind], begin, partial(begin_write, kind))
    if variant != "odd-late":
        await x.WRITE_ONCE(value)
    if variant != "even-early":
        await y.WRITE_ONCE(value)
    await refine(specifications[kind], end, end_write)
    if variant == "even-early":
        await y.WRITE_ONCE(value)


async def read_once(kind: str, variant: str) -> bool | None:
    """One round: whether what was read can be used."""
    begin, again = OPERATIONS[kind][2:]
    begun = await refine(specifications[kind], begin, partial(begin_read, variant))
    seen = await x.READ_ONCE(), await y.READ_ONCE()
    if await refine(specifications[kind], again, retry_read, begun):
        return None
    require(seen[0] == seen[1], "whole", x=seen[0], y=seen[1])
    return True


async def read(kind: str, variant: str) -> None:
    """Read both cells, as they are between two writes."""
    await retry(read_once, kind, variant)


OPERATIONS = {
    "seqlock": ("write_seqlock", "write_sequnlock", "read_seqbegin", "read_seqretry"),
    "seqcount": (
        "write_seqcount_begin",
        "write_seqcount_end",
        "read_seqcount_begin",
        "read_seqcount_retry",
    ),
}
"""The operations of each kind."""


def build(case: Case) -> System:
    """A reader and two writers; of a counter, which has no lock, one writer."""
    kind = case.scenario.name
    writers = 2 if kind == "seqlock" or case.variant == "no-lock" else 1
    return System(
        [word, x, y, specifications[kind]],
        [
            *(Thread(f"w{at}", write, (kind, case.variant, at + 1)) for at in range(writers)),
            Thread("reader", read, (kind, case.variant)),
        ],
        [
            required("refinement", "users see only what its specification does"),
            required("whole", "nobody uses half of a write"),
            no_misuse(),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "locks.seqlock",
    "A sequence that is odd while somebody writes",
    build,
    (
        Scenario("seqlock", "two writers, and a reader"),
        Scenario("seqcount", "a writer, and a reader"),
    ),
    variants=("right", "begins-odd", "odd-late", "even-early", "no-lock"),
    expected=(
        Expect("refinement", "a writer is about to write", variants=("begins-odd",)),
        Expect("whole", "it began before the word was odd", variants=("odd-late",)),
        Expect("whole", "the word is even, and the write goes on", variants=("even-early",)),
        Expect(
            "no-misuse",
            "two write at the same time",
            variants=("no-lock",),
            scenarios=("seqcount",),
        ),
    ),
)

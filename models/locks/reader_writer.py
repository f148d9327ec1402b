"""A reader/writer lock in one word: how many read, or that one writes.

A writer changes 0 to -1; a reader adds 1 to what is no writer's. May a reader count itself first,
and look afterwards ("counts-first")? Then it must take itself out again where a writer was; as long
as it is counted, no writer gets in, but the writer's own store of 0 forgets it: the count is wrong
from then on, unless the writer subtracts what it added.

Courtois, Heymans and Parnas, "Concurrent control with readers and writers", CACM 14(10), 1971, have
the problem; the word is that of Mellor-Crummey and Scott, "Scalable reader-writer synchronization
for shared-memory multiprocessors", PPoPP 1991.
"""

from functools import partial

from locking import (
    Atomic,
    Case,
    Expect,
    Model,
    RwSem,
    Specification,
    System,
    Thread,
    at_end,
    deadlock_free,
    refine,
    required,
    retry,
    wait_until,
)

WRITER = -10
"""Less than minus the number of readers, so that the word says both while they try."""
word = Atomic("word")
specification = Specification(RwSem("lock"))


async def try_read(variant: str) -> bool | None:
    """One round: whether the thread reads."""
    if variant == "looks-first":
        seen = await wait_until(lambda value: value >= 0 and (value,), word)
        if await word.atomic_cmpxchg_acquire(seen[0], seen[0] + 1) == seen[0]:
            return True
        return None
    if await word.atomic_inc_return_acquire() > 0:
        return True
    await word.atomic_dec()
    await wait_until(lambda value: value >= 0, word)
    return None


async def read_lock(variant: str) -> None:
    """Read once nobody writes."""
    await retry(try_read, variant)


async def read_unlock() -> None:
    """Read no longer."""
    await word.atomic_dec_return_release()


async def try_write() -> bool | None:
    """One round: whether the thread writes."""
    if await word.atomic_cmpxchg_acquire(0, WRITER) == 0:
        return True
    await wait_until(lambda value: value == 0, word)
    return None


async def write_lock() -> None:
    """Write once nobody reads or writes."""
    await retry(try_write)


async def write_unlock(variant: str) -> None:
    """Write no longer."""
    if variant == "stores-zero":
        await word.atomic_set_release(0)
    else:
        await word.atomic_sub_return_release(WRITER)


async def read(variant: str) -> None:
    """Read once."""
    await refine(specification, "down_read", partial(read_lock, variant))
    await refine(specification, "up_read", read_unlock)


async def write(variant: str) -> None:
    """Write once."""
    await refine(specification, "down_write", write_lock)
    await refine(specification, "up_write", partial(write_unlock, variant))


def build(case: Case) -> System:
    """Two readers and two writers."""
    programs = {"r0": read, "r1": read, "w0": write, "w1": write}
    return System(
        [word, specification],
        [Thread(name, program, (case.variant,)) for name, program in programs.items()],
        [
            required("refinement", "users see only what a reader/writer lock does"),
            deadlock_free(),
            at_end("as-new", lambda s: s[word] == 0),
        ],
    )


MODEL = Model(
    "locks.reader_writer",
    "Readers are counted, a writer is a great negative number",
    build,
    variants=("counts-first", "looks-first", "stores-zero"),
    expected=(
        Expect("refinement", "a reader is forgotten", variants=("stores-zero",)),
        Expect("deadlock-free", "the count is wrong forever", variants=("stores-zero",)),
        Expect("as-new", "the count is wrong forever", variants=("stores-zero",)),
    ),
)

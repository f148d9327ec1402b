"""Resize of a hash table: a lock for each bucket, and a resize that takes all of them.

The lock to take depends on the size of the table, and the size changes under the locks. A thread
looks up the bucket of its key without a lock, and takes the lock of that bucket. Is the bucket then
still the right one? Not if a resize came in between: so it looks again under the lock, and starts
anew if the size is another. If it does not, it writes to a bucket where nobody looks for the key.

Source: Herlihy and Shavit, "The Art of Multiprocessor Programming", 2008, "A refinable hash set".
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    array,
    at_end,
    data_race_free,
    deadlock_free,
    retry,
)

buckets, size = array(Cell, "bucket", 4, frozenset()), Cell("size", 2)
locks = array(Mutex, "lock", 4)


async def attempt(key: int, looks_again: bool) -> bool | None:
    """Add `key` to its bucket; None if the size changed meanwhile."""
    at = key % (seen := await size.READ_ONCE())
    async with locks[at].hold():
        if looks_again and await size.READ_ONCE() != seen:
            return None
        await buckets[at].write(await buckets[at].read() | {key})
    return True


async def add(key: int, looks_again: bool) -> None:
    """Add `key`."""
    await retry(attempt, key, looks_again)


async def grow() -> None:
    """Make four buckets of two."""
    for lock in locks:
        await lock.mutex_lock()
    for at in (0, 1):
        keys = await buckets[at].read()
        for into in (at, at + 2):
            await buckets[into].write(frozenset(key for key in keys if key % 4 == into))
    await size.WRITE_ONCE(4)
    for lock in locks:
        await lock.mutex_unlock()


def build(case: Case) -> System:
    """Two keys, of which one moves to another bucket, and a resize."""
    adders = [Thread(f"add-{key}", add, (key, case.variant == "right")) for key in (1, 3)]
    there = at_end("no-lost-key", lambda s: all(key in s[buckets[key % 4]] for key in (1, 3)))
    return System(
        [buckets, locks, size],
        [*adders, Thread("resizer", grow)],
        [there, data_race_free(), deadlock_free()],
    )


MODEL = Model(
    "classics.hash_table_resize",
    "Buckets with a lock each, and a resize under all locks",
    build,
    variants=("right", "looks-once"),
    expected=(Expect("no-lost-key", "a resize moves the key", variants=("looks-once",)),),
)

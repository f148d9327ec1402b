"""Readers get the lock before they are counted, and may be gone by then.

Who wakes a row of readers counts the first one. Then it tells each that it has the lock, and counts
the rest of them at the end. A reader that has not fallen asleep yet sees that it was told, reads,
and leaves: it is taken off before it was put on. The count says that fewer read than do.

Commit: a9e9bcb45b15 "locking/rwsem: Prevent decrement of reader count before increment", v5.2-rc1.
The fix goes through the row twice: it counts all, and then tells them.
Left out: bits of the count other than readers, the queue, and how readers sleep: each goes on as
soon as it is told.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    System,
    Thread,
    View,
    array,
    deadlock_free,
    never,
    section,
    wait_until,
)

READERS = 2
count, waits = Atomic("count"), array(Cell, "waits", READERS, True)


async def mark_wake(counts_first: bool) -> None:
    """__rwsem_mark_wake() of two readers in a row."""
    await count.atomic_add(READERS if counts_first else 1)
    for each in waits:
        await each.smp_store_release(False)
    if not counts_first:
        await count.atomic_add(READERS - 1)


async def read(me: int) -> None:
    """The end of down_read(), and up_read()."""
    await wait_until(lambda still: not still, waits[me])
    async with section("reads"):
        await count.atomic_dec()


def too_few(s: View) -> bool:
    """Whether fewer readers are counted than read."""
    return bool(s[count] < len(s.inside("reads")))


def build(case: Case) -> System:
    """One who wakes two readers."""
    threads = [Thread(f"reader{me}", read, (me,)) for me in range(READERS)]
    threads.append(Thread("waker", mark_wake, (case.variant == "after",)))
    counted = never("all-counted", too_few, "more read than are counted")
    return System([count, waits], threads, [counted, deadlock_free()])


MODEL = Model(
    "kernel_bugs.rwsem_reader_count",
    "Readers that are told before they are counted",
    build,
    variants=("before", "after"),
    expected=(Expect("all-counted", "two read, and one is counted", variants=("before",)),),
)

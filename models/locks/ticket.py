"""The ticket lock as its users call it, with numbers that come round again.

A thread takes a number, and waits until it is called; who leaves calls the next. A number has few
bits, so it comes round: there must be as many as threads at least ("too-few"), or two wait for one
call. And it must be taken in one step ("two-steps"), or two threads have the same one. Everybody is
served, in the order of the numbers.

Reed and Kanodia, "Synchronization with eventcounts and sequencers", CACM 22(2), 1979;
Mellor-Crummey and Scott, "Algorithms for scalable synchronization on shared-memory
multiprocessors", ACM TOCS 9(1), 1991. Kernel: the spinlock of x86
from v2.6.25 to v4.1, with numbers of 8 or 16 bits.
"""

from functools import partial

from locking import Case, Expect, Model, System, wait_until
from locking.models.locks.users import EITHER, FOR_EVER, NAMES, TURNS, system_of
from locking.models.locks.wrapping import Wrapping


async def lock(tickets: Wrapping, called: Wrapping, variant: str) -> None:
    """Take a number, and wait for its call."""
    if variant == "two-steps":
        mine = await tickets.atomic_read()
        await tickets.atomic_set(mine + 1)
    else:
        mine = await tickets.atomic_fetch_inc_relaxed()
    await wait_until(lambda now: now == mine, called)


async def unlock(called: Wrapping) -> None:
    """Call the next number."""
    await called.atomic_fetch_inc_release()


def build(case: Case) -> System:
    """Three threads."""
    numbers = len(NAMES) - (case.variant == "too-few")
    tickets, called = Wrapping("tickets", numbers), Wrapping("called", numbers)
    return system_of(
        case,
        [tickets, called],
        partial(lock, tickets, called, case.variant),
        partial(unlock, called),
    )


SAME, ROUND = "two have the same number", "two wait for the same call"
MODEL = Model(
    "locks.ticket",
    "Numbers that are called in order, and come round",
    build,
    EITHER,
    variants=("right", "two-steps", "too-few"),
    expected=(
        Expect("refinement", SAME, variants=("two-steps",)),
        Expect("deadlock-free", SAME, variants=("two-steps",)),
        Expect("served", SAME, variants=("two-steps",), scenarios=(FOR_EVER.name,)),
        Expect("refinement", ROUND, variants=("too-few",)),
        Expect("deadlock-free", ROUND, variants=("too-few",), scenarios=(TURNS.name,)),
        Expect("served", ROUND, variants=("too-few",), scenarios=(FOR_EVER.name,)),
    ),
)

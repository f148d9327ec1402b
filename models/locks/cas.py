"""The simplest spinlock: a word is changed from 0 to 1 by one step, and back.

May the look and the store be two steps ("two-steps")? No: two threads can both see 0. Is a plain
look first of any use ("ttas")? It leaves the word in the caches of those that wait, and is right.
None of them is fair: the others may come again each time before a waiter looks.

May an attempt return what compare-and-swap found ("old-value")? That is 0 for success, so a thread
that failed goes in. It is the error that the libvsync set of SV-COMP plants in this algorithm.

Rudolph and Segall, "Dynamic decentralized cache schemes for MIMD parallel processors", ISCA 1984;
Anderson, "The performance of spin lock alternatives for shared-memory multiprocessors", IEEE TPDS
1(1), 1990.
"""

from functools import partial

from locking import (
    Algorithm,
    Atomic,
    Case,
    Expect,
    Implementation,
    Model,
    System,
    retry,
    wait_until,
)
from locking.models.locks.users import EITHER, FOR_EVER, TURNS, system_of


async def attempt(word: Atomic, variant: str) -> bool | None:
    """One round: whether the lock is had."""
    if variant in ("ttas", "two-steps"):
        await wait_until(lambda value: value == 0, word)
    if variant == "two-steps":
        await word.atomic_set(1)
        return True
    if await word.atomic_cmpxchg_acquire(0, 1) == 0:
        return True
    await wait_until(lambda value: value == 0, word)
    return None


async def lock(word: Atomic, variant: str) -> None:
    """Spin until the word was 0."""
    await retry(attempt, word, variant)


async def trylock(word: Atomic, variant: str) -> bool:
    """Whether the word was 0, at one look."""
    found: int = await word.atomic_cmpxchg_acquire(0, 1)
    return found != 0 if variant == "old-value" else found == 0


async def unlock(word: Atomic) -> None:
    """Set it to 0."""
    await word.atomic_set_release(0)


def build(case: Case) -> System:
    """Three threads, of which the last only tries, or comes again and again."""
    word, variant = Atomic("word"), case.variant
    return system_of(
        case,
        [word],
        partial(lock, word, variant),
        partial(unlock, word),
        partial(trylock, word, variant),
    )


def make(variant: str, name: str, _: tuple[str, ...]) -> Implementation:
    """A word in place of a lock that one thread holds."""
    word = Atomic(f"{name}.word")
    takes, lets_go = partial(lock, word, variant), partial(unlock, word)
    return Implementation(
        [word],
        {"spin_lock": takes, "mutex_lock": takes},
        {"spin_unlock": lets_go, "mutex_unlock": lets_go},
    )


CAS = Algorithm("cas", "a word, by compare and swap", partial(make, "cas"))
TTAS = Algorithm("ttas", "a word that is looked at first", partial(make, "ttas"))

MODEL = Model(
    "locks.cas",
    "Compare and swap, and test and test-and-set",
    build,
    EITHER,
    variants=("cas", "ttas", "two-steps", "old-value"),
    expected=(
        Expect("served", "the others come again before it looks", scenarios=(FOR_EVER.name,)),
        Expect("refinement", "two see the word at 0", variants=("two-steps",)),
        *(
            Expect(wrong, "it failed", variants=("old-value",), scenarios=(TURNS.name,))
            for wrong in ("refinement", "deadlock-free")
        ),
    ),
)

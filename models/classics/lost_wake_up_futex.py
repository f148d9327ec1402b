"""A mutex from a futex: 0 is free, 1 taken, 2 taken and somebody may sleep.

Is everybody woken? Yes. Who waits sets the word to 2 and sleeps only if it still is 2. Who was
woken takes the lock as 2 again, for it does not know whether others sleep; as 1 ("forgets") the
others are never woken. And who sleeps on whatever value the word has ("any-value") falls asleep
also where the lock was let go in between: the wake-up came before the sleep.

Drepper, Futexes Are Tricky (2004), section 6, `class mutex2`. That `mutex1` there may be taken by
nobody, while two threads take turns to disturb each other, is not judged: it is no deadlock.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Futex,
    Model,
    System,
    Thread,
    data_race_free,
    deadlock_free,
    never_together,
    retry,
    section,
)

word, data = Atomic("word"), Cell("data", 0)
futex = Futex("futex", word)


async def sleep_or_take(variant: str) -> bool | None:
    seen = await word.atomic_cmpxchg(0, 1 if variant == "forgets" else 2)
    if seen == 0:
        return True
    if seen == 2 or await word.atomic_cmpxchg(1, 2) != 0:
        expected = await word.atomic_read() if variant == "any-value" else 2
        await futex.futex_wait(expected)
    return None


async def work(variant: str) -> None:
    if await word.atomic_cmpxchg(0, 1) != 0:
        await retry(sleep_or_take, variant)
    async with section("critical"):
        await data.write(1)
    if await word.atomic_fetch_dec() != 1:
        await word.atomic_set_release(0)
        await futex.futex_wake(1)


def build(case: Case) -> System:
    return System(
        [word, futex, data],
        [Thread(name, work, (case.variant,)) for name in ("a", "b", "c")],
        [
            never_together("exclusion", "critical", "critical"),
            deadlock_free(),
            data_race_free(),
        ],
    )


MODEL = Model(
    "classics.lost_wake_up_futex",
    "Drepper's mutex, and who is never woken",
    build,
    variants=("right", "forgets", "any-value"),
    expected=(
        Expect("deadlock-free", "the second that sleeps is forgotten", variants=("forgets",)),
        Expect("deadlock-free", "it sleeps on a lock that is free", variants=("any-value",)),
    ),
)

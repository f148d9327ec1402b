"""The ticket lock: take a number, and wait until it is called.

Who enters, and in which order? One at a time, in the order of the numbers. The number must be taken
in one step: by a load and a store ("two-steps") two threads have the same one. And calling the next
one must be a release ("relaxed"): otherwise nothing orders what was done inside.

Reed and Kanodia, Synchronization with eventcounts and sequencers (1979); Mellor-Crummey and Scott,
Algorithms for scalable synchronization (1991). x86 spinlocks from v2.6.25 to v4.1.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    System,
    at_end,
    deadlock_free,
    happens_before_race_free,
    never_together,
    section,
    wait_until,
    workers,
)

THREADS = 3
tickets, serving, served = Atomic("tickets"), Atomic("serving"), Cell("served", ())


async def take(variant: str) -> int:
    if variant != "two-steps":
        return int(await tickets.atomic_fetch_inc_relaxed())
    mine = await tickets.atomic_read()
    await tickets.atomic_set(mine + 1)
    return int(mine)


async def work(variant: str) -> None:
    mine = await take(variant)
    await wait_until(lambda called: called == mine, serving)
    async with section("critical"):
        await served.write((*await served.read(), mine))
    await (serving.atomic_set if variant == "relaxed" else serving.atomic_set_release)(mine + 1)


def build(case: Case) -> System:
    return System(
        [tickets, serving, served],
        workers(THREADS, work, case.variant),
        [
            never_together("exclusion", "critical", "critical"),
            at_end("in-order", lambda s: s[served] == tuple(range(THREADS))),
            happens_before_race_free(),
            deadlock_free(),
        ],
    )


MODEL = Model(
    "classics.ticket_lock",
    "Three threads, served in the order of their numbers",
    build,
    variants=("right", "two-steps", "relaxed"),
    expected=(
        *(
            Expect(wrong, "two have the same number", variants=("two-steps",))
            for wrong in ("exclusion", "in-order", "happens-before-race", "deadlock-free")
        ),
        Expect("happens-before-race", "nothing orders what is inside", variants=("relaxed",)),
    ),
)

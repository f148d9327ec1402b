"""The reusable barrier: in every round, nobody goes on before all have come.

Is one door enough? Who comes last opens it once for each. No: a thread that is fast passes, does
the next round, and passes again on what was meant for a slow one, which it is then a round ahead
of ("one-door"). With a second door behind the first nobody is back before all have left the first.

Downey, The Little Book of Semaphores (2008), 3.7.
"""

from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Semaphore,
    System,
    Thread,
    array,
    data_race_free,
    deadlock_free,
    procedure,
    require,
    required,
)

THREADS, ROUNDS = 2, 2
lock, count, rounds = Mutex("lock"), Cell("count", 0), array(Atomic, "round", THREADS)
first, second = Semaphore("first"), Semaphore("second")


@procedure
async def go_through(door: Semaphore) -> None:
    async with lock.hold():
        here = (await count.read() + 1) % THREADS
        await count.write(here)
        if here == 0:
            for _ in range(THREADS):
                await door.up()
    await door.down()


async def work(me: int, doors: tuple[Semaphore, ...]) -> None:
    for mine in range(1, ROUNDS + 1):
        await rounds[me].atomic_set(mine)
        for door in doors:
            await go_through(door)
        for other in rounds:
            theirs = await other.atomic_read()
            require(theirs >= mine, "all-have-come", mine=mine, theirs=theirs)


def build(case: Case) -> System:
    doors = (first,) if case.variant == "one-door" else (first, second)
    return System(
        [lock, count, rounds, first, second],
        [Thread(f"t{me}", work, (me, doors)) for me in range(THREADS)],
        [
            required("all-have-come", "who goes on meets nobody that is a round behind"),
            deadlock_free(),
            data_race_free(),
        ],
    )


MODEL = Model(
    "classics.reusable_barrier",
    "A barrier from semaphores, passed twice",
    build,
    variants=("right", "one-door"),
    expected=(Expect("all-have-come", "a thread is a lap ahead", variants=("one-door",)),),
)

"""The rwsem of v4.19: a count of who is active, and a list of waiters under a spinlock.

Kernel: kernel/locking/rwsem-xadd.c and rwsem.h, v4.19. The low bits of `count` say how many are
active, or try to be; it is negative if a writer is active or somebody waits.

Here the low part has 8 bits, which is enough for the tasks that there are. Left out: for how long a
writer spins before it queues up: it looks once here, at any time, and steals the lock if that is
free, as a spinner may; that a task is on one wake_q at a time; signals; the trylocks.

**The grain.** In the scenarios that are not "-fine", steps are one that nobody can tell apart
(Lipton, "Reduction", CACM 18(12), 1975). Under `wait_lock` all is one step with one access to
`count`, which others change without `wait_lock`; a second access is a step of its own. The list
belongs to who holds the lock, so reads and writes of it move freely; taking the lock moves later,
and letting it go earlier. That a reader is told that it has the lock is one step with its being
counted, for until then it only looks; without the fix below that comes first, and is a step of its
own. A task wakes others under `wait_lock`, or after it let that go and before it looks at `count`
again: so a wake-up for an earlier wait moves before the next one of `wait_lock`. What a task says
of its own state is one step with its `schedule()` before it. A reader also looks there: whoever
tells it later also wakes it later. A writer looks at `count`, so that is a step of its own. A loop
over `cmpxchg` is its last access, for those before change nothing. A call is one step with the fast
path, as `refine_in_two_paths` says. In fine steps, what is done to the list is one step with the
taking of the lock, or with the change of `count`.

Variants: "counts-first" has the fix of commit a9e9bcb45b15, "locking/rwsem: Prevent decrement of
reader count before increment" (v5.2): all readers that are woken are counted before the first of
them may run. "v4.19" lacks it. The others are planted errors.
"""

from functools import partial

from locking import (
    Algorithm,
    Case,
    Expect,
    Implementation,
    Model,
    RwSem,
    RwState,
    Scenario,
    Specification,
    System,
    Thread,
    at_end,
)
from locking.models.kernel_locks.rwsem_paths import WRITE_BIAS, Rwsem
from locking.models.kernel_locks.users import (
    Method,
    Turn,
    of_every_lock,
    refine_in_two_paths,
)


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """An rwsem in place of a lock for readers and writers, in fine steps."""
    own = Rwsem(variant, lock, threads)
    methods: dict[str, Method] = {name: each.both for name, each in own.operations.items()}
    takes = ("down_read", "down_write", "down_write_trylock")
    return Implementation(
        own.words,
        {name: methods[name] for name in takes},
        {name: each for name, each in methods.items() if name not in takes},
    )


READS: Turn = ("down_read", "up_read")
WRITES: Turn = ("down_write", "up_write")
DOWNGRADES: Turn = ("down_write", "downgrade_write", "up_read")


HANDED_ON: Turn = ("up_write",)
STEALS: Turn = ("down_write_trylock", "up_write")

SCENARIOS = {
    "readers": {"r0": READS, "r1": READS, "w0": WRITES},
    "downgrade": {"r0": READS, "w0": WRITES, "w1": DOWNGRADES},
    "held": {"r0": READS, "r1": READS, "w0": HANDED_ON, "w1": STEALS},
    "readers-and-writers": {"r0": READS, "r1": READS, "w0": WRITES, "w1": WRITES},
}


async def turn_of(specification: Specification, own: Rwsem, turn: Turn) -> None:
    """Take the lock and let it go, unless an attempt fails."""
    operations = own.operations
    for name in turn:
        if await refine_in_two_paths(specification, name, operations[name], own.coarse) is False:
            break


def build(case: Case) -> System:
    """The tasks of the scenario, in fine steps where its name ends so.

    In "held", w0 has the lock from the start, and w1 is a spinner that gives up rather than queue.
    """
    name = case.scenario.name
    turns = SCENARIOS[name.removesuffix("-fine")]
    held = name.startswith("held")
    sem = RwSem("rwsem")
    sem.start = RwState("w0" if held else None)
    specification = Specification(sem, may_fail=["down_write_trylock"])
    own = Rwsem(case.variant, "rwsem", ("r0", "r1", "w0", "w1"), not name.endswith("-fine"))
    return System(
        [*own.words, specification],
        [Thread(each, turn_of, (specification, own, turn)) for each, turn in turns.items()],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: s[own.count] == 0 and s[own.wait_list] == ()),
        ],
        starts={own.count: WRITE_BIAS if held else 0},
    )


MENDED = "counts-first"
ALGORITHM = Algorithm(
    "rwsem", "the rwsem of v4.19, mended as in v5.2", partial(make, "counts-first")
)

LOST = "deadlock-free"
EARLY = "a reader that runs immediately is taken off a count that lacks it"
MODEL = Model(
    "kernel_locks.rwsem",
    "The rwsem of v4.19",
    build,
    scenarios=(
        Scenario("readers", "two readers and a writer"),
        Scenario("downgrade", "a reader, a writer, and one that goes on as a reader"),
        Scenario("held", "one writes from the start; two readers and a spinner come"),
    ),
    variants=(
        "counts-first",
        "v4.19",
        "waiting-stays",
        "wakes-one",
        "reader-sleeps",
        "last-reader-sleeps",
        "others-forgotten",
    ),
    expected=(
        Expect("refinement", EARLY, scenarios=("downgrade", "held"), variants=("v4.19",)),
        Expect(LOST, "the count says that somebody waits", variants=("waiting-stays",)),
        Expect("as-new", "the count says that somebody waits", variants=("waiting-stays",)),
        Expect(
            LOST,
            "the lock is granted to a reader that sleeps on",
            scenarios=("readers", "held"),
            variants=("wakes-one",),
        ),
        Expect(LOST, "nobody was active when it queued up", variants=("reader-sleeps",)),
        Expect(
            LOST,
            "the writer waits for it",
            scenarios=("readers", "downgrade"),
            variants=("last-reader-sleeps",),
        ),
        *(
            Expect(
                wrong,
                "the count says that nobody waits",
                scenarios=("readers", "downgrade"),
                variants=("others-forgotten",),
            )
            for wrong in ("refinement", LOST, "as-new")
        ),
    ),
)

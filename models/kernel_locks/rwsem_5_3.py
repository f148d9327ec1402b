"""The rwsem of v5.3 and later: an owner, handoff, and readers that let in all readers.

Kernel: kernel/locking/rwsem.c, v5.15 with commit d257cc8cb8d5, "locking/rwsem: Make handoff bit
handling more consistent" (v5.16). `count` says whether a writer has the lock (WRITER), whether
somebody waits (WAITERS), whether nobody may pass the queue (HANDOFF), and how many readers are
inside or try to be. `owner` is a hint for those who spin. A waiter that has waited 4 ms asks for
HANDOFF; here it may find so each time that it looks.

Left out: which task the owner is, for nobody acts on that; READFAIL, which 2**55 readers would set;
the 256 readers that are waked at most; and the queue of spinners (osq), without which more spin at
a time. A spinner may give up whenever it looks, as one that must let another task run. After
`wait_lock` was taken to queue up, it is always let go before the first attempt of a writer, which
only lets others come in between. v5.3 itself differs: its readers spin, and do not steal.

**The grain.** In the scenarios that are not "-fine", steps are one that nobody can tell apart
(Lipton, "Reduction", CACM 18(12), 1975). Under `wait_lock` all is one step up to the second look at
`count`: the queue belongs to who holds the lock, so reads and writes of it move freely; taking the
lock moves later, and letting it go earlier. A loop over `cmpxchg` is its last round, for the others
change nothing. That a reader is told that it has the lock moves earlier: until then it only looks.
Its own `schedule()`, and its look after saying that it sleeps, are one: whoever tells it in between
wakes it afterwards. The owner is no word there: what is asked of it is a free choice, so every run
with an owner is one of these. A call is one step with the fast path, as `refine_in_two_paths` says.

In place of a lock (`--lock`), it takes fine steps and has an owner.

**Progress.** In "handed-off" every wait is found too long, so a writer is served however often
another comes; in "never-late" none is, and that one may overtake it for ever. The scheduler is
strongly fair there, for `wait_lock` is a spinlock without an order.

Variants: "right"; the others are planted errors. "wakes-first" is the bug that commit e158488be27b
mended, "locking/rwsem: Fix (possible) missed wakeup" (v5.0), in this code.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from locking import (
    Algorithm,
    Case,
    Expect,
    Implementation,
    Model,
    Property,
    RwSem,
    Scenario,
    Specification,
    System,
    Thread,
    View,
    always,
    at_end,
    forever,
    section,
    served,
)
from locking.models.kernel_locks import rwsem_5_3_paths as paths
from locking.models.kernel_locks.rwsem_5_3_waiters import (
    HANDOFF,
    WAITERS,
    HandoffRwsem,
)
from locking.models.kernel_locks.users import (
    InTwoPaths,
    Method,
    Turn,
    of_every_lock,
    refine_in_two_paths,
)

READS: Turn = ("down_read", "up_read")
WRITES: Turn = ("down_write", "up_write")
DOWNGRADES: Turn = ("down_write", "downgrade_write", "up_read")
READS_UNLESS_KILLED: Turn = ("down_read_killable", "up_read")
WRITES_UNLESS_KILLED: Turn = ("down_write_killable", "up_write")
TRIES_TO_READ: Turn = ("down_read_trylock", "up_read")
TRIES_TO_WRITE: Turn = ("down_write_trylock", "up_write")

HANDED_OFF, NEVER_LATE = "handed-off", "never-late"
"""The scenarios in which others come for ever."""

MAY_FAIL = ("down_read_trylock", "down_write_trylock")
SPECIFIED = {"down_read_killable": MAY_FAIL[0], "down_write_killable": MAY_FAIL[1]}
"""A wait that may be killed shows its user what a trylock shows that may fail at any time."""

TURNS: dict[str, dict[str, tuple[Turn, ...]]] = {
    "readers": {"r0": (READS,), "r1": (READS,), "w0": (WRITES,)},
    "writers": {"r0": (READS,), "w0": (WRITES,), "w1": (WRITES,)},
    "downgrade": {"r0": (READS,), "r1": (READS,), "w0": (DOWNGRADES,)},
    "killed-writer": {"r0": (READS,), "w0": (WRITES_UNLESS_KILLED,)},
    "killed": {"r0": (READS_UNLESS_KILLED,), "r1": (READS,), "w0": (WRITES_UNLESS_KILLED,)},
    "trylocks": {"r0": (TRIES_TO_READ,), "w0": (TRIES_TO_WRITE,), "w1": (WRITES,)},
    "readers-and-writers": {"r0": (READS,), "r1": (READS,), "w0": (WRITES,), "w1": (WRITES,)},
}


def algorithm(sem: HandoffRwsem) -> dict[str, InTwoPaths]:
    """The operations by name; those that may be killed return a bool."""

    def lock(fast: Callable[..., Any], slow: Callable[..., Any], killable: bool) -> InTwoPaths:
        return InTwoPaths(partial(fast, sem, killable), partial(slow, sem, killable))

    def unlock(fast: Callable[..., Any], slow: Callable[..., Any]) -> InTwoPaths:
        return InTwoPaths(partial(fast, sem), partial(slow, sem))

    read = paths.count_reader, paths.queue_or_wake
    write = paths.write_fast, paths.spin_or_queue
    return {
        "down_read": lock(*read, killable=False),
        "down_read_killable": lock(*read, killable=True),
        "down_read_trylock": InTwoPaths(partial(paths.try_read, sem)),
        "up_read": unlock(paths.leave_reading, paths.last_reader_wakes),
        "down_write": lock(*write, killable=False),
        "down_write_killable": lock(*write, killable=True),
        "down_write_trylock": InTwoPaths(partial(paths.try_write, sem)),
        "up_write": unlock(paths.leave_writing, paths.writer_wakes),
        "downgrade_write": unlock(paths.go_on_reading, paths.downgrade_wakes),
    }


TAKES = ("down_read", "down_read_trylock", "down_write", "down_write_trylock")
LETS_GO = ("up_read", "up_write", "downgrade_write")


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """An rwsem in place of a lock for readers and writers, in fine steps."""
    own = HandoffRwsem(variant, lock, threads)
    methods: dict[str, Method] = {name: each.both for name, each in algorithm(own).items()}
    return Implementation(
        own.words,
        {name: methods[name] for name in TAKES},
        {name: methods[name] for name in LETS_GO},
    )


async def turns_of(specification: Specification, sem: HandoffRwsem, *turns: Turn) -> None:
    """Take the lock and let it go, once for each of `turns`, unless an attempt fails."""
    operations = algorithm(sem)
    for turn in turns:
        for name in turn:
            known = SPECIFIED.get(name, name)
            operation = operations[name]
            if await refine_in_two_paths(specification, known, operation, sem.coarse) is False:
                break


async def write_once(specification: Specification, sem: HandoffRwsem) -> None:
    """Ask to write, which is to be served."""
    operations = algorithm(sem)
    async with section("waits"):
        await refine_in_two_paths(specification, "down_write", operations["down_write"], True)
    await refine_in_two_paths(specification, "up_write", operations["up_write"], True)


def waiters_are_told_of(sem: HandoffRwsem, s: View) -> bool:
    """Whether WAITERS says that somebody waits, where nobody has `wait_lock`."""
    return bool(s[sem.wait_lock] or bool(s[sem.count] & WAITERS) == bool(s[sem.wait_list]))


def handoff_is_to_somebody(sem: HandoffRwsem, s: View) -> bool:
    """Whether somebody waits if HANDOFF is set, where nobody has `wait_lock`."""
    return bool(s[sem.wait_lock] or not s[sem.count] & HANDOFF or s[sem.wait_list])


def build(case: Case) -> System:
    """The tasks of the scenario, in fine steps and with an owner where its name ends so."""
    name = case.scenario.name
    late = {HANDED_OFF: (True,), NEVER_LATE: (False,)}.get(name, (False, True))
    turns = TURNS.get(name.removesuffix("-fine"), {})
    users = (*turns,) or ("w0", "w1")
    sem = HandoffRwsem(case.variant, "rwsem", users, not name.endswith("-fine"), late)
    specification = Specification(RwSem("rwsem"), MAY_FAIL)
    threads = [Thread(each, turns_of, (specification, sem, *turns[each])) for each in turns]
    live: list[Property] = []
    if not turns:
        threads = [
            Thread("w0", write_once, (specification, sem)),
            Thread("w1", forever, (turns_of, specification, sem, WRITES), daemon=True),
        ]
        live = [served("waits", fairness="strong")]
    return System(
        [*sem.words, specification],
        threads,
        [
            *of_every_lock(),
            always(
                "waiters", partial(waiters_are_told_of, sem), "WAITERS is set if somebody waits"
            ),
            always(
                "handoff",
                partial(handoff_is_to_somebody, sem),
                "HANDOFF is set only if somebody waits",
            ),
            *(live or [at_end("as-new", lambda s: s[sem.count] == 0 and s[sem.wait_list] == ())]),
        ],
    )


WAIT = ("readers", "downgrade")
"""The scenarios in which readers wait that nobody would wake again."""
WAIT_OR_KILLED = (*WAIT, "killed-writer")


def fails(because: str, variant: str, **scenarios: tuple[str, ...]) -> list[Expect]:
    """What fails in a variant: each property in its scenarios."""
    return [
        Expect(each, because, scenarios=where, variants=(variant,))
        for each, where in scenarios.items()
    ]


ALGORITHM = Algorithm("rwsem_5_3", "the rwsem of v5.3 and later", partial(make, "right"))

LOST = "deadlock-free"
UNTOLD, TOLD = "the count says that nobody waits", "the count says that somebody waits"
MODEL = Model(
    "kernel_locks.rwsem_5_3",
    "The rwsem of v5.3 and later",
    build,
    scenarios=(
        Scenario("readers", "two readers and a writer"),
        Scenario("downgrade", "two readers, and one that goes on as a reader"),
        Scenario("trylocks", "a writer, and two that try once"),
        Scenario("killed-writer", "a reader, and a writer that may be killed while it waits"),
        Scenario(HANDED_OFF, "a writer that is late; others keep coming"),
        Scenario(NEVER_LATE, "the same, but no wait is ever found too long"),
    ),
    variants=(
        "right",
        "waiters-stay",
        "wakes-first",
        "wakes-one",
        "queues-blindly",
        "up-read-blind",
        "others-forgotten",
        "waiters-lost",
        "steals-handoff",
        "steals-from-readers",
        "handoff-stays",
    ),
    expected=(
        *fails(TOLD, "waiters-stay", waiters=WAIT_OR_KILLED, **{"as-new": WAIT_OR_KILLED}),
        *fails("it is waked before it is told", "wakes-first", **{LOST: WAIT_OR_KILLED}),
        *fails("the lock is granted to one that sleeps on", "wakes-one", **{LOST: WAIT}),
        *fails("nobody was inside when it queued up", "queues-blindly", **{LOST: WAIT_OR_KILLED}),
        *fails(
            "HANDOFF is taken for a holder",
            "up-read-blind",
            **{LOST: (*WAIT_OR_KILLED, "trylocks")},
        ),
        *fails(
            UNTOLD,
            "others-forgotten",
            waiters=(*WAIT, HANDED_OFF, NEVER_LATE),
            handoff=WAIT,
            **{LOST: (*WAIT, NEVER_LATE), "as-new": WAIT},
        ),
        *fails(
            UNTOLD,
            "waiters-lost",
            waiters=(*WAIT_OR_KILLED, "trylocks", HANDED_OFF),
            **{LOST: (*WAIT_OR_KILLED, "trylocks")},
        ),
        Expect("served", "the other comes before it looks", scenarios=(NEVER_LATE,)),
        *fails("the other passes the queue", "steals-handoff", served=(HANDED_OFF,)),
        *fails(
            "it writes beside readers",
            "steals-from-readers",
            refinement=(*WAIT_OR_KILLED, "trylocks"),
        ),
        *fails(
            "nobody takes it off an empty queue",
            "handoff-stays",
            handoff=("killed-writer",),
            **{"as-new": ("killed-writer",)},
        ),
    ),
)

"""The percpu_rwsem of v4.13 to v5.6: readers count per CPU, a writer turns them away and waits.

Kernel: kernel/locking/percpu-rwsem.c and include/linux/percpu-rwsem.h, v4.19:
percpu_down_read, __percpu_down_read, __percpu_up_read, percpu_down_write, percpu_up_write. A reader
counts itself, then looks whether readers are turned away; a writer turns them away, then looks
whether somebody is counted. So one of them sees the other.

Every reader counts on a CPU of its own and gives back on the next, which is allowed: only the sum
counts. The writer reads the counters one by one. They wrap, as the kernel's unsigned ones do, but
sooner: at 2n + 1 for n threads. While a writer adds them up nobody else comes in, so of each reader
it sees what was when it looked at the first, and at most one step down or up more: a sum from -n to
2n, of which only 0 is taken for 0.

Left out: the fast path while no writer comes (rcu_sync), which a grace period closes before the
writer goes on; so readers here are those of the slow path. `rw_sem`, among writers and for readers
that were turned away, is its specification.

**Progress.** Readers that come for ever keep nobody out: who waits is served by a scheduler that is
weakly fair. Writers that do may: the specification of `rw_sem` has no order, so one that comes
again may take it each time before another that waits, and before a reader that was turned away.
There the scheduler is strongly fair.

Variants: "right"; the others are planted errors.
"""

from functools import partial

from locking import (
    Algorithm,
    Case,
    Cell,
    Expect,
    Implementation,
    Model,
    Object,
    PercpuRwSem,
    RcuWait,
    RwSem,
    Scenario,
    Specification,
    System,
    Thread,
    array,
    at_end,
    current,
    procedure,
    rcuwait_wait_event,
)
from locking.models.kernel_locks.users import (
    FOR_EVER,
    ONCE,
    Method,
    Turn,
    also_percpu,
    live,
    of_every_lock,
    take_turns,
    without_end,
)
from locking.models.locks.wrapping import Wrapping

READERS, WRITERS = ("r0", "r1"), ("w0", "w1")


class Percpu:
    """The words of one percpu_rwsem of two CPUs, and what it does for its users."""

    def __init__(self, variant: str, name: str, threads: tuple[str, ...]) -> None:
        self.variant = variant
        self.threads = threads
        self.read_count = array(Wrapping, f"{name}.read_count", 2, 2 * len(threads) + 1)
        self.readers_block = Cell(f"{name}.readers_block", False)
        self.rw_sem, self.writer = RwSem(f"{name}.rw_sem"), RcuWait(f"{name}.writer")

    def cpu(self, moved: bool) -> Wrapping:
        """The counter of the CPU of a reader, which moves to the other one while it reads."""
        return self.read_count[(self.threads.index(current()) + moved) % 2]

    @procedure
    async def down_read(self) -> None:
        """__percpu_down_read(): be counted unless readers are turned away; wait for the writer."""
        if self.variant == "looks-first":
            blocked = await self.readers_block.smp_load_acquire()
            await self.cpu(moved=False).atomic_inc()
        else:
            await self.cpu(moved=False).atomic_inc()
            blocked = await self.readers_block.smp_load_acquire()
        if not blocked:
            return
        if self.variant == "gives-back-silently":
            await self.cpu(moved=False).atomic_dec()
        else:
            await self.give_back(moved=False)
        await self.rw_sem.down_read()
        await self.cpu(moved=False).atomic_inc()
        await self.rw_sem.up_read()

    @procedure
    async def give_back(self, moved: bool) -> None:
        """__percpu_up_read(): no longer be counted, and wake the writer, which may wait for it."""
        await self.cpu(moved).atomic_dec()
        await self.writer.rcuwait_wake_up()

    async def up_read(self) -> None:
        """percpu_up_read(), on another CPU than before."""
        if self.variant == "wakes-first":
            await self.writer.rcuwait_wake_up()
            await self.cpu(moved=True).atomic_dec()
        else:
            await self.give_back(moved=True)

    async def nobody_reads(self) -> bool:
        """readers_active_check(): whether the sum of the counters is 0."""
        total = 0
        for count in self.read_count[:1] if self.variant == "one-counter" else self.read_count:
            total += await count.atomic_read()
        return total % self.read_count[0].numbers == 0

    @procedure
    async def down_write(self) -> None:
        """percpu_down_write(): keep writers out, turn readers away, and wait for those inside."""
        await self.rw_sem.down_write()
        if self.variant != "turns-nobody-away":
            await self.readers_block.WRITE_ONCE(True)
        await rcuwait_wait_event(self.writer, self.nobody_reads)

    @procedure
    async def up_write(self) -> None:
        """percpu_up_write(): let readers in again, then whoever waits for `rw_sem`."""
        if self.variant == "lets-in-late":
            await self.rw_sem.up_write()
            await self.readers_block.smp_store_release(False)
        else:
            await self.readers_block.smp_store_release(False)
            await self.rw_sem.up_write()

    @property
    def words(self) -> list[Object | tuple[Wrapping, ...]]:
        """All that it is made of."""
        return [self.read_count, self.readers_block, self.rw_sem, self.writer]


def make(variant: str, lock: str, threads: tuple[str, ...]) -> Implementation:
    """A percpu_rwsem in place of a lock for readers and writers."""
    own = Percpu(variant, lock, threads)
    takes: dict[str, Method] = {"down_read": own.down_read, "down_write": own.down_write}
    lets_go: dict[str, Method] = {"up_read": own.up_read, "up_write": own.up_write}
    return Implementation(own.words, also_percpu(takes), also_percpu(lets_go))


READS: Turn = ("percpu_down_read", "percpu_up_read")
WRITES: Turn = ("percpu_down_write", "percpu_up_write")

WRITES_FOR_EVER = Scenario("writes-for-ever", "a writer takes the lock again and again")
COMES: dict[Scenario, tuple[str, dict[str, Turn], dict[str, Turn]]] = {
    FOR_EVER: ("weak", {"r1": READS, "w0": WRITES}, {"r0": READS}),
    WRITES_FOR_EVER: ("strong", {"r0": READS, "w1": WRITES}, {"w0": WRITES}),
}
"""The fairness under which who waits is served, who comes once, and who again and again."""


def build(case: Case) -> System:
    """Two readers and two writers, once; or fewer, of which one comes again and again."""
    own = make(case.variant, "percpu", (*READERS, *WRITERS))
    specification = Specification(PercpuRwSem("percpu"), may_fail=["percpu_down_read_trylock"])
    algorithm = {**own.takes, **own.lets_go}
    counts = own.words[0]
    if case.scenario in COMES:
        fairness, once, again = COMES[case.scenario]
        threads = without_end(specification, algorithm, once, again)
        return System([*own.words, specification], threads, [*of_every_lock(), *live(fairness)])
    return System(
        [*own.words, specification],
        [
            Thread(name, take_turns, (specification, algorithm, turn))
            for names, turn in ((READERS, READS), (WRITERS, WRITES))
            for name in names
        ],
        [
            *of_every_lock(),
            at_end("as-new", lambda s: sum(s[each] for each in counts) % counts[0].numbers == 0),
        ],
    )


ALGORITHM = Algorithm("percpu_rwsem", "the percpu_rwsem of v4.13 to v5.6", partial(make, "right"))

WAITS_ON = ("gives-back-silently", "wakes-first", "one-counter")
MODEL = Model(
    "kernel_locks.percpu_rwsem",
    "The percpu_rwsem of v4.13 to v5.6",
    build,
    (ONCE, *COMES),
    variants=(
        "right",
        "looks-first",
        "gives-back-silently",
        "wakes-first",
        "one-counter",
        "turns-nobody-away",
        "lets-in-late",
    ),
    expected=(
        Expect("refinement", "both look before either is seen", variants=("looks-first",)),
        Expect("deadlock-free", "the writer waits on", variants=("gives-back-silently",)),
        Expect("deadlock-free", "the writer looks too early", variants=("wakes-first",)),
        Expect(
            "refinement",
            "a reader counts elsewhere",
            scenarios=(ONCE.name, FOR_EVER.name),
            variants=("one-counter",),
        ),
        Expect("deadlock-free", "a reader left elsewhere", variants=("one-counter",)),
        Expect("refinement", "readers come later", variants=("turns-nobody-away",)),
        Expect(
            "refinement",
            "the next writer turns nobody away",
            scenarios=(ONCE.name, WRITES_FOR_EVER.name),
            variants=("lets-in-late",),
        ),
        *(
            Expect("served", "it waits on, as above", scenarios=(each.name,), variants=WAITS_ON)
            for each in COMES
        ),
        Expect(
            "served",
            "some reader is inside each time that it looks",
            scenarios=(FOR_EVER.name,),
            variants=("turns-nobody-away",),
        ),
    ),
)

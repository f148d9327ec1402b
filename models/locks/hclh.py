"""HCLH: CLH queues, one for each part of the machine, which are moved whole to the queue of all.

A thread swaps its node into the queue of its cluster. Who finds nobody there that it may wait for
is the master: it moves all that is in the queue by now into the queue of all, and marks the last of
them as moved. Everybody waits for the node before its own, which says in one word: of which cluster
its thread is, whether the next must wait, and whether it was the last that was moved.

The word is what this rests on. Without the mark ("no-mark") the first that comes after the last
waits for the same node as the next cluster. If the master marks its own node and not the last
("marks-own"), its next asks for the lock a second time. A node goes to the one that waited for it,
be it of another cluster: without the cluster in the word ("no-cluster") its old neighbours take it
for one of theirs. And it must be made anew before it is used ("as-it-was").

The paper's master moves its queue by compare-and-swap, again and again until that succeeds
("loops"). Then not everybody is served, because other clusters may move theirs each time. Nobody
else moves a master's own queue, so a plain swap does as well, and serves everybody; it is used in
all other variants here.

Luchangco, Nussbaum and Shavit, "A hierarchical CLH queue lock", Euro-Par 2006.
"""

from functools import partial

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    System,
    array,
    current,
    procedure,
    retry,
    table,
    wait_until,
)
from locking.models.locks.users import EITHER, FOR_EVER, NAMES, TURNS, system_of

MUST_WAIT, MOVED, CLUSTER = 0, 1, 2
"""The bits of a node: the next must wait; it was the last that was moved; the cluster, 0 or 1."""
CLUSTERS = {"a": 0, "b": 0, "c": 1}
FREE = len(NAMES)
"""The node that no thread begins with."""


def anew(cluster: int) -> int:
    """What a node of a thread that comes says."""
    return cluster << CLUSTER | 1 << MUST_WAIT


local, everyone = array(Cell, "local", 2, None), Cell("global", FREE)
said = [
    *(Cell(f"node[{at}]", anew(CLUSTERS[name])) for at, name in enumerate(NAMES)),
    Cell(f"node[{FREE}]", 0),
]
mine = {name: Cell(f"mine[{name}]", at) for at, name in enumerate(NAMES)}
waited_for = table(Cell, "before", NAMES, None)


def is_set(word: int, bit: int) -> bool:
    """Whether a bit of the word is set."""
    return bool(word >> bit & 1)


async def lock(variant: str) -> None:
    """Wait for one of the same cluster, or be the master."""
    me = current()
    queue, node = local[CLUSTERS[me]], await mine[me].read()
    before = await queue.xchg(node)
    if before is None or not await granted(before, CLUSTERS[me], variant):
        before = await move(queue, node, variant)
    await waited_for[me].write(before)


@procedure
async def granted(before: int, cluster: int, variant: str) -> bool:
    """Whether the one before let go of the lock; False for the master."""

    def known(word: int) -> tuple[bool] | None:
        if is_set(word, MOVED) or (word >> CLUSTER != cluster and variant != "no-cluster"):
            return (False,)
        return None if is_set(word, MUST_WAIT) else (True,)

    return (await wait_until(known, said[before]))[0]


@procedure
async def move(queue: Cell, node: int, variant: str) -> int:
    """Move the queue of the cluster to that of all, and wait for the node before, which returns."""
    if variant == "loops":
        before, last = await retry(move_once, queue)
    else:
        last = await queue.READ_ONCE()
        before = await everyone.xchg(last)
    if variant != "no-mark":
        await said[node if variant == "marks-own" else last].set_bit(MOVED)
    await wait_until(lambda word: not is_set(word, MUST_WAIT), said[before])
    return before


async def move_once(queue: Cell) -> tuple[int, int] | None:
    """One round: the node before, and the last that was moved."""
    before, last = await everyone.READ_ONCE(), await queue.READ_ONCE()
    return (before, last) if await everyone.try_cmpxchg(before, last) else None


async def unlock(variant: str) -> None:
    """Let the next in, and take the node that was waited for."""
    me = current()
    await said[await mine[me].read()].clear_bit_unlock(MUST_WAIT)
    before = await waited_for[me].read()
    if variant != "as-it-was":
        await said[before].WRITE_ONCE(anew(CLUSTERS[me]))
    await mine[me].write(before)


def build(case: Case) -> System:
    """Two threads of one cluster, and one of another; for ever, one of each."""
    return system_of(
        case,
        [local, everyone, said, mine, waited_for],
        partial(lock, case.variant),
        partial(unlock, case.variant),
        names=("a", "c") if case.scenario == FOR_EVER else NAMES,
    )


MODEL = Model(
    "locks.hclh",
    "CLH queues that are moved whole to another",
    build,
    EITHER,
    variants=("right", "loops", "no-mark", "marks-own", "no-cluster", "as-it-was"),
    expected=(
        Expect(
            "served",
            "the other cluster moves its queue each time",
            variants=("loops",),
            scenarios=(FOR_EVER.name,),
        ),
        *(
            Expect("served", because, variants=(variant,), scenarios=(FOR_EVER.name,))
            for variant, because in (
                ("no-mark", "it waits for its own node"),
                ("no-cluster", "the node is of another cluster by now"),
            )
        ),
        Expect("refinement", "two wait for one node", variants=("no-mark",)),
        *(
            Expect("deadlock-free", because, variants=(variant,), scenarios=(TURNS.name,))
            for variant, because in (
                ("no-mark", "two wait for one node"),
                ("marks-own", "the last waits for itself"),
                ("no-cluster", "the node is of another cluster by now"),
                ("as-it-was", "two wait for one node"),
            )
        ),
        Expect("refinement", "the node lets in who comes next", variants=("as-it-was",)),
    ),
)

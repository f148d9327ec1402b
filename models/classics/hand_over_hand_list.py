"""Hand-over-hand locking: a sorted list with a lock in each node, which one walks along.

To add or remove, a thread holds the lock of two nodes in a row. Must it take the lock of the next
node before it lets go of the last? Yes: then nobody overtakes it. If it lets go first, the node
that it comes to may be unlinked before it has the lock. What it links behind that node is lost.

Source: Bayer and Schkolnick, "Concurrency of operations on B-trees", Acta Informatica 9, 1977;
Herlihy and Shavit, "The Art of Multiprocessor Programming", 2008, "Fine-grained synchronization".
"""

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    array,
    at_end,
    data_race_free,
    deadlock_free,
)

NAMES = {1: "remove-1", 2: "add-2"}
locks = array(Mutex, "lock", 4)
links = [Cell(f"next[{key}]", after) for key, after in enumerate((1, 3, None, None))]


async def find(key: int, coupled: bool) -> tuple[int, int]:
    """The last node before `key` and the node behind it, both locked."""
    before = 0
    await locks[0].mutex_lock()
    while (at := await links[before].read()) < key:
        if coupled:
            await locks[at].mutex_lock()
        await locks[before].mutex_unlock()
        if not coupled:
            await locks[at].mutex_lock()
        before = at
    await locks[at].mutex_lock()
    return before, at


async def toggle(key: int, coupled: bool) -> None:
    """Unlink the node `key` if it is there; if not, link it."""
    before, at = await find(key, coupled)
    if at != key:
        await links[key].write(at)
    await links[before].write(key if at != key else await links[at].read())
    await locks[at].mutex_unlock()
    await locks[before].mutex_unlock()


def build(case: Case) -> System:
    """One adds 2, the other removes 1, the node before it."""
    both = at_end("no-lost-node", lambda s: (s[links[0]], s[links[2]]) == (2, 3), "0, 2, 3 stay")
    return System(
        [locks, links],
        [Thread(name, toggle, (key, case.variant == "right")) for key, name in NAMES.items()],
        [both, data_race_free(), deadlock_free()],
    )


MODEL = Model(
    "classics.hand_over_hand_list",
    "A list with a lock in each node",
    build,
    variants=("right", "unlock-first"),
    expected=(Expect("no-lost-node", "it is behind a removed one", variants=("unlock-first",)),),
)

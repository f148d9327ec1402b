"""RCU list: readers walk a list without locks while a node is replaced.

When may the old node be freed? After it is unlinked, and after a grace period: then every reader
has left that could have found it. Without the grace period, a reader may still stand on it. And
the grace period waits only for readers that say so: one that walks without `rcu_read_lock` is not
waited for, and finds its node freed.

Source: McKenney and Slingwine, "Read-copy update: using execution history to solve concurrency
problems", PDCS 1998. Kernel: Documentation/RCU/listRCU.rst, list_replace_rcu().
"""

from locking import (
    Allocation,
    Cell,
    Expect,
    Model,
    Rcu,
    System,
    Thread,
    deadlock_free,
    happens_before_race_free,
    no_misuse,
    workers,
)

rcu, head = Rcu("rcu"), Cell("head", "old")
nodes = {name: Allocation(name, value=0, next="last") for name in ("old", "new", "last")}


async def walk() -> None:
    """Read every value of the list."""
    at = await head.rcu_dereference()
    while at:
        await nodes[at].value.read()
        at = await nodes[at].next.rcu_dereference()


async def read(locked: bool) -> None:
    """Walk the list as a reader."""
    if not locked:
        return await walk()
    async with rcu.read():
        return await walk()


async def replace(waits: bool) -> None:
    """Replace the first node, and free the old one."""
    await nodes["new"].value.write(2)
    await head.rcu_assign_pointer("new")
    if waits:
        await rcu.synchronize_rcu()
    await nodes["old"].kfree()


MISTAKES = ("no-grace-period", "no-read-lock")
MODEL = Model(
    "classics.rcu_list",
    "A list that is read under RCU while a node is replaced",
    lambda case: System(
        [rcu, head, nodes],
        [
            *workers(2, read, case.variant != "no-read-lock", name="reader"),
            Thread("updater", replace, (case.variant != "no-grace-period",)),
        ],
        [no_misuse("no-use-after-free"), happens_before_race_free(), deadlock_free()],
        starts={nodes["old"].value: 1, nodes["last"].value: 3, nodes["last"].next: None},
    ),
    variants=("right", *MISTAKES),
    expected=(
        Expect("no-use-after-free", "a reader that is not waited for is on it", variants=MISTAKES),
        Expect("happens-before-race", "nothing orders the read and the free", variants=MISTAKES),
    ),
)

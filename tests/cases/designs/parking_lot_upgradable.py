"""A lock for readers, one upgradable reader, and writers: who keeps a plain reader out.

One thread holds it upgradable and waits for a plain reader to have read; another waits to hold it
upgradable. `all`: a reader queues behind whoever waits; `writers`: behind writers alone.
"""

from locking import (
    Case,
    Completion,
    Expect,
    Fairness,
    Model,
    System,
    Thread,
    UpgradableRwLock,
    deadlock_free,
    sometimes,
)

BEHIND = {"all": Fairness.FIFO, "writers": Fairness.WRITER_BLOCKS_READERS}


def build(case: Case) -> System:
    lock, has_read = UpgradableRwLock("lock", BEHIND[case.variant]), Completion("has_read")

    async def a() -> None:
        await lock.lock_upgradable()
        await has_read.wait_for_completion()
        await lock.unlock_upgradable()

    async def b() -> None:
        await lock.lock_upgradable()
        await lock.unlock_upgradable()

    async def c() -> None:
        async with lock.read():
            pass
        await has_read.complete()

    return System(
        [lock, has_read],
        [Thread(each.__name__, each) for each in (a, b, c)],
        [deadlock_free(), sometimes("end", lambda s: s.finished, "all can end")],
    )


MODEL = Model(
    "parking_lot_upgradable",
    "Does an upgradable reader keep plain ones out?",
    build,
    variants=tuple(BEHIND),
    expected=[Expect("deadlock-free", "a reader behind one that waits", variants=("all",))],
)

"""Message passing: a plain store, then a flag, marked (`once`) or under a lock (`lock`)."""

from contextlib import nullcontext

from locking import (
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    System,
    Thread,
    assertions,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    wait_until,
)

data, flag, lock = Cell("data", 0), Cell("flag", False), Mutex("lock")


async def send(locked: bool) -> None:
    await data.write(1)
    async with lock.hold() if locked else nullcontext():
        await flag.WRITE_ONCE(True)


async def receive(locked: bool) -> None:
    await wait_until(bool, flag)
    async with lock.hold() if locked else nullcontext():
        pass
    assert await data.read() == 1


def build(case: Case) -> System:
    locked = (case.variant == "lock",)
    return System(
        [data, flag, lock],
        [Thread("sender", send, locked), Thread("receiver", receive, locked)],
        [data_race_free(), happens_before_race_free(), assertions(), deadlock_free()],
    )


MODEL = Model(
    "flag_or_lock",
    "Does the message arrive?",
    build,
    variants=("once", "lock"),
    expected=[Expect("happens-before-race", "a flag orders nothing", variants=("once",))],
)

"""Message passing by a flag that is marked, `once`, or under a lock, `lock`."""

from locking import (
    Case,
    Cell,
    Model,
    Mutex,
    Parameter,
    System,
    Thread,
    assertions,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    retry,
)

data, flag, lock = Cell("data", 0), Cell("flag", False), Mutex("lock")


def build(case: Case) -> System:
    locked = case.scope["flag"] == "lock"

    async def up() -> bool | None:
        if locked:
            async with lock.hold():
                seen = await flag.READ_ONCE()
        else:
            seen = await flag.READ_ONCE()
        return seen or None

    async def sender() -> None:
        await data.write(1)
        if locked:
            async with lock.hold():
                await flag.WRITE_ONCE(True)
        else:
            await flag.WRITE_ONCE(True)

    async def receiver() -> None:
        await retry(up)
        got = await data.read()
        assert got == 1

    return System(
        objects=[data, flag, lock],
        threads=[Thread("sender", sender), Thread("receiver", receiver)],
        properties=[data_race_free(), happens_before_race_free(), assertions(), deadlock_free()],
    )


MODEL = Model(
    "mp_litmus",
    "Does the message arrive?",
    build,
    parameters=(Parameter("flag", "once", "how", words=("once", "lock")),),
)

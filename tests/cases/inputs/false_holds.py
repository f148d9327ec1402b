"""A variable that a round of `retry` hands on: that the flag was 1 is remembered."""

from locking import Cell, Model, System, Thread, deadlock_free, require, required, retry

flag = Cell("flag", 0)


async def setter():
    await flag.WRITE_ONCE(1)
    await flag.WRITE_ONCE(2)


async def spinner():
    bad = False

    async def attempt():
        nonlocal bad
        seen = await flag.READ_ONCE()
        if seen == 1:
            bad = True
        return True if seen == 2 else None

    await retry(attempt)
    require(not bad, "never-saw-1", bad=bad)


MODEL = Model(
    "false",
    "?",
    lambda _: System(
        [flag],
        [Thread("setter", setter), Thread("spinner", spinner)],
        [required("never-saw-1", "?"), deadlock_free()],
    ),
)

"""An atomic block with more outcomes than a number of 63 bits can tell."""

from locking import Cell, Completion, Model, System, Thread, at_end, atomic, choose

x, gone = Cell("x", 0), Completion("gone")


async def guess() -> None:
    async with atomic():
        for _ in range(15):
            if await choose(*range(20)) != 19:
                await gone.wait_for_completion()
        await x.WRITE_ONCE(1)


MODEL = Model(
    "outcome_overflow",
    "",
    lambda _: System(
        [x, gone], [Thread("a", guess)], [at_end("end", lambda s: s[x] == 1, "x is 1")]
    ),
)

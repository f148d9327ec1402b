"""A daemon that waits for good or goes on, and two ways to say "at the end"."""

from locking import (
    Cell,
    Completion,
    Model,
    System,
    Thread,
    at_end,
    choose,
    forever,
    never,
)

x, gone = Cell("x", 1), Completion("gone")


async def toggle() -> None:
    await x.WRITE_ONCE(0)
    await x.WRITE_ONCE(1)


async def daemon() -> None:
    if await choose(True, False):
        await gone.wait_for_completion()
    await forever(toggle)


async def worker() -> None:
    await x.READ_ONCE()


MODEL = Model(
    "at_end_daemon",
    "",
    lambda _: System(
        [x, gone],
        [Thread("worker", worker), Thread("daemon", daemon, daemon=True)],
        [
            at_end("end", lambda s: s[x] == 1, "x is 1"),
            never("finished", lambda s: s.finished and s[x] == 0, "x is 0"),
        ],
    ),
)

"""A condition on the end that fails, one part of which speaks of a section that no run enters."""

from locking import Cell, Model, System, Thread, at_end, choose

x = Cell("x", 0)


async def one() -> None:
    if await choose(False, True):
        await x.read()
    await x.read()


MODEL = Model(
    "vacuous_hides",
    "",
    lambda _: System(
        [x],
        [Thread("one", one)],
        [at_end("good", lambda s: not s.inside("nowhere") and s[x] == 1, "x is 1")],
    ),
)

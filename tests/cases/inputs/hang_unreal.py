"""A loop without an await that ends in every run, and does not for results that no run has."""

from locking import Case, Cell, Model, Parameter, System, Thread, at_end, choose

x, y, seen = Cell("x", 0), Cell("y", 0), Cell("seen", 0)
noise = [Cell(f"noise{at}", 0) for at in range(2)]


async def writer(more: int, most: int) -> None:
    k = await choose(*range(1, most + 1))
    await y.WRITE_ONCE(k)
    for _ in range(more):
        await seen.READ_ONCE()
    await x.WRITE_ONCE(k)


async def reader() -> None:
    low = await x.READ_ONCE()
    high = await y.READ_ONCE()
    while low != high:
        low += 1
    await seen.WRITE_ONCE(1)


async def other(cell: Cell, times: int) -> None:
    for _ in range(times):
        await cell.READ_ONCE()


def build(case: Case) -> System:
    more, most, times = (int(case.scope[name]) for name in ("more", "most", "times"))
    threads = [Thread("writer", writer, (more, most)), Thread("reader", reader)]
    threads += [Thread(cell.name, other, (cell, times)) for cell in noise]
    return System([x, y, seen, *noise], threads, [at_end("end", lambda s: s[seen] == 1)])


MODEL = Model(
    "hang_unreal",
    "",
    build,
    parameters=(
        Parameter("more", 0, "", 0, 9),
        Parameter("most", 8, "", 2, 100),
        Parameter("times", 6, "", 1, 9),
    ),
)

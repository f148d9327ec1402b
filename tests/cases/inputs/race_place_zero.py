"""A race whose atomic block is at place 0 of a thread that loops, or at a later one."""

from locking import (
    Case,
    Cell,
    Completion,
    Model,
    Parameter,
    System,
    Thread,
    atomic,
    choose,
    data_race_free,
    forever,
)

c, other, signal = Cell("c", 0), Cell("other", 0), Completion("signal")


async def round_() -> None:
    async with atomic():
        await c.write(1)
        await signal.complete_all()
    await choose("this", "that")


async def server(first: bool) -> None:
    if not first:
        await other.READ_ONCE()
    await forever(round_)


async def client() -> None:
    await signal.wait_for_completion()
    await c.write(2)


def build(case: Case) -> System:
    first = case.scope["first"] == "yes"
    threads = [Thread("server", server, (first,), daemon=True), Thread("client", client)]
    return System([c, other, signal], threads, [data_race_free()])


MODEL = Model(
    "race_place_zero", "", build, parameters=(Parameter("first", "yes", "", words=("yes", "no")),)
)

"""A sequence counter around a plain write: it makes nobody wait."""

from locking import Cell, Model, Parameter, Seqcount, System, Thread, atomic, data_race_free

seq, x = Seqcount("seq"), Cell("x", 0)


async def work(around: bool) -> None:
    async with atomic():
        if around:
            await seq.write_seqcount_begin()
        await x.write(1)
        if around:
            await seq.write_seqcount_end()


MODEL = Model(
    "race_seqcount",
    "",
    lambda case: System(
        [seq, x],
        [Thread(name, work, (case.scope["around"] == "yes",)) for name in ("a", "b")],
        [data_race_free()],
    ),
    parameters=(Parameter("around", "yes", "", words=("yes", "no")),),
)

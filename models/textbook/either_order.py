"""Either order: two threads write one cell under one lock.

Are both orders explored? They must be: whoever comes second stays in the cell, and that can be
either. A checker that switches threads only after the lock is taken sees one of the orders and says
that the other can't be.
"""

from locking import (
    Cell,
    Expect,
    Model,
    Mutex,
    Size,
    System,
    Thread,
    at_end,
    data_race_free,
    sometimes,
)

lock = Mutex("lock")
winner = Cell("winner", None)


async def write(name: str) -> None:
    """Be the last to write, for now."""
    async with lock.hold():
        await winner.write(name)


MODEL = Model(
    "textbook.either_order",
    "One lock, and two orders of taking it",
    lambda _: System(
        objects=[lock, winner],
        threads=[Thread("a", write, ("a",)), Thread("b", write, ("b",))],
        properties=[
            sometimes("a-wins", lambda s: s.finished and s[winner] == "a", "a can come second"),
            sometimes("b-wins", lambda s: s.finished and s[winner] == "b", "b can come second"),
            at_end("b-always-wins", lambda s: s[winner] == "b", "a never comes second"),
            data_race_free(),
        ],
    ),
    expected=(Expect("b-always-wins", "b may take the lock before a", steps=6),),
    size=Size(states=13, transitions=12, depth=6, interleavings=2),
)

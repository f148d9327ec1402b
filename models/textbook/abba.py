"""ABBA: two threads take the same two locks, each in its own order.

Can both wait for ever? Yes: each takes its first lock and then waits for the other's. An order that
all threads keep is the cure; it is what lockdep looks for.
"""

from locking import Expect, Model, Mutex, Size, System, Thread, deadlock_free, sometimes

a = Mutex("a")
b = Mutex("b")


async def take(first: Mutex, second: Mutex) -> None:
    """Hold both locks, the first one longer."""
    async with first.hold(), second.hold():
        pass


MODEL = Model(
    "textbook.abba",
    "Two locks, taken in two orders",
    lambda _: System(
        objects=[a, b],
        threads=[Thread("ab", take, (a, b)), Thread("ba", take, (b, a))],
        properties=[
            deadlock_free(),
            sometimes("both-end", lambda s: s.finished, "the threads can also end well"),
        ],
    ),
    expected=(Expect("deadlock-free", "each holds what the other waits for", steps=2),),
    size=Size(states=19, transitions=22, depth=8, interleavings=6),
)

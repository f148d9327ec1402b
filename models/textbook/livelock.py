"""Livelock: two neighbours, each of which gives way to the other.

Does one of them eat in the end? Each takes its own fork first. If the other one's is taken, then
both put theirs back and try again, in step with each other, for ever. Nobody waits, so it is no
deadlock; and the end stays possible, if one of them were quicker. Where the forks are taken in one
order ("ordered"), the first of them is taken by one only, and that one goes on.
"""

from locking import (
    Atomic,
    Case,
    Expect,
    Model,
    Size,
    System,
    Thread,
    deadlock_free,
    no_livelock,
    retry,
    section,
)


async def eat(first: Atomic, second: Atomic) -> None:
    """Take the first fork, and put it back if the second is taken; then eat."""

    async def attempt() -> bool | None:
        if await first.atomic_xchg(1):
            return None
        if await second.atomic_xchg(1):
            await first.atomic_set(0)
            return None
        return True

    await retry(attempt)
    async with section("eats"):
        await second.atomic_set(0)
    await first.atomic_set(0)


def build(case: Case) -> System:
    """Two neighbours, and two forks between them."""
    left, right = Atomic("left"), Atomic("right")
    other = (left, right) if case.variant == "ordered" else (right, left)
    return System(
        objects=[left, right],
        threads=[Thread("p", eat, (left, right)), Thread("q", eat, other)],
        properties=[no_livelock("eats", fairness="strong"), deadlock_free()],
    )


MODEL = Model(
    "textbook.livelock",
    "Two neighbours, each of which gives way to the other",
    build,
    variants=("polite", "ordered"),
    size=Size(states=28, transitions=44, depth=8, interleavings=None),
    expected=(
        Expect(
            "no-livelock",
            "both put their forks back, in step with each other",
            variants=("polite",),
            steps=6,
        ),
    ),
)

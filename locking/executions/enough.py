"""When enough executions were gone through, beside a data race: nothing holds there anyway."""

from itertools import count

from locking.executions.executions import GoOn

MOST_BESIDE_RACE = 300_000
"""Choices that are made beside a data race of an interleaving: nothing holds there."""


class EnoughSeen(Exception):
    """What is not seen yet need not be."""


def only_so_often(go_on: GoOn) -> GoOn:
    """`go_on`, until it was called `MOST_BESIDE_RACE` times. Errors: `EnoughSeen`, and its own."""
    calls = count()

    def once_more() -> None:
        if next(calls) >= MOST_BESIDE_RACE:
            raise EnoughSeen
        go_on()

    return once_more

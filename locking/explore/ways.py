"""Ways through states: the steps to one that was met, and the states that steps lead through."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

from locking.explore.graph import Choice
from locking.explore.product import Product, State

N = TypeVar("N", bound=Hashable)

Met = dict[N, tuple[N, Choice] | None]
"""The states that were met, each with the one before it and the step that led from there."""


def way_to(met: Met[N], state: N) -> tuple[Choice, ...]:
    """The steps to a state that was met."""
    way: list[Choice] = []
    while (before := met[state]) is not None:
        state, choice = before
        way.append(choice)
    return tuple(reversed(way))


def states_along(product: Product, state: State, choices: Sequence[Choice]) -> list[State]:
    """The states that steps lead through, from `state` on: that one first, one more than steps.

    Only what the threads do that take the steps is asked for, and so learned.
    """
    states = [state]
    for choice in choices:
        moves = product.moves_of([choice[0]], states[-1])
        states.append(next(move[2] for move in moves if move[:2] == choice))
    return states

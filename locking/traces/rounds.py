"""Runs that never end, shown as a lasso: the steps to a state, and steps that lead back to it.

A lasso is written as a run whose last state is one that it has been in before. What lies between
the two is gone round for ever.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from locking.errors import ModelError
from locking.explore.components import components
from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.explore.ways import Met, states_along, way_to
from locking.properties.deadlock import MOST_CONFIRMING


class Round(NamedTuple):
    """The steps to where a run goes round, and those of one round."""

    stem: tuple[Choice, ...]
    cycle: tuple[Choice, ...]


def round_of(states: Sequence[State]) -> int:
    """How many of the last steps of a run through `states` lead back to where they begin."""
    return len(states) - 1 - states.index(states[-1])


def unrolled(product: Product, choices: Sequence[Choice], cycle: int) -> tuple[Choice, ...]:
    """A lasso, whose last `cycle` steps go round in merged states, until all is as it was.

    Merged states may stand for several of `product`: then a round is as long as several.
    """
    stem, again = choices[: len(choices) - cycle], choices[len(choices) - cycle :]
    at = states_along(product, product.initial, stem)[-1]
    seen, taken = [at], list(stem)
    while True:
        at = states_along(product, at, again)[-1]
        taken += again
        if at in seen:
            return tuple(taken)
        seen.append(at)


def nearest_round(product: Product, state: State) -> Round | None:
    """The fewest steps from `state` to where a run goes round, and the fewest round that.

    No run leaves the states that it goes round in, if there are such: all else has come to its end.
    None where the nearest `MOST_CONFIRMING` states have no cycle.
    """
    try:
        met, ahead = surroundings(product, state)
    except ModelError:  # what follows this run was perhaps never gone through
        return None
    order = {at: number for number, at in enumerate(met)}

    def follow(at: State) -> list[State]:
        return [target for _, target in ahead.get(at, ())]

    found = list(components(met, follow))
    if not found:
        return None
    last = [each for each in found if not leaves(each, follow)] or found
    start = min((at for each in last for at in each), key=order.__getitem__)
    return Round(way_to(met, start), way_round(ahead, start))


def leaves(component: Sequence[State], follow: Callable[[State], Sequence[State]]) -> bool:
    """Whether a step leads out of a component, or may, for all that is known."""
    inside = set(component)
    return any(not (steps := follow(at)) or not inside.issuperset(steps) for at in component)


SomewhereAhead = dict[State, list[tuple[Choice, State]]]
"""For each state that was gone through, its steps, with where they lead."""


def surroundings(product: Product, state: State) -> tuple[Met[State], SomewhereAhead]:
    """The states that follow `state`, nearest first, and their steps; not all where there are many.

    Errors: `ModelError`, for what threads do that the search never came to.
    """
    met: Met[State] = {state: None}
    ahead: SomewhereAhead = {}
    pending = [state]
    for at in pending:
        if len(met) > MOST_CONFIRMING:
            break
        moves = product.moves(at)
        ahead[at] = [((thread, outcome), target) for thread, outcome, target in moves]
        for choice, target in ahead[at]:
            if target not in met:
                met[target] = at, choice
                pending.append(target)
    return met, ahead


def way_round(ahead: SomewhereAhead, start: State) -> tuple[Choice, ...]:
    """The fewest steps from `start` back to it; nothing where it is on no cycle."""
    met: Met[State] = {start: None}
    pending = [start]
    for at in pending:
        for choice, target in ahead.get(at, ()):
            if target == start:
                return (*way_to(met, at), choice)
            if target not in met:
                met[target] = at, choice
                pending.append(target)
    return ()

"""Deadlocks to their end: where a run that shows one goes on to, and since when it is inevitable.

A search finds a deadlock in the first state in which some thread waits for good. Others may have
steps left then, and what is read is where they all come to stand.
"""

from locking.errors import ModelError
from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.explore.ways import Met, way_to
from locking.properties.can_end import end_ahead
from locking.properties.deadlock import MOST_CONFIRMING


def to_standstill(product: Product, state: State) -> tuple[Choice, ...]:
    """The fewest steps from `state` to one in which no thread can do more than queue up.

    There are none where `state` is such a one, and where the nearest `MOST_CONFIRMING` have none.
    """
    try:
        return nearest_standstill(product, state)
    except ModelError:  # what follows this run was perhaps never gone through
        return ()


def nearest_standstill(product: Product, state: State) -> tuple[Choice, ...]:
    """Those steps. Errors: `ModelError`, for what threads do that the search never came to."""
    met: Met[State] = {state: None}
    pending = [state]
    for at in pending:
        moves = [] if at in product.halted else product.moves(at)
        steps = [move for move in moves if not product.queues(move[0], at)]
        if not steps and at not in product.halted:
            return way_to(met, at)
        for thread, outcome, target in steps if len(met) < MOST_CONFIRMING else ():
            if target not in met:
                met[target] = at, (thread, outcome)
                pending.append(target)
    return ()


def inevitable_since(product: Product, states: tuple[State, ...]) -> int | None:
    """The number of the step of a run through `states` after which no run comes to its end.

    None where that is so from the start, and where it is not known.
    """
    try:
        hopeless = set[State]()
        for number in range(len(states) - 1, -1, -1):
            ends = end_ahead(product, states[number], hopeless)
            if ends is None:
                return None
            if ends:
                return number + 1
    except ModelError:  # what follows this run was perhaps never gone through
        return None
    return None

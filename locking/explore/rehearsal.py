"""Random runs, before a walk that needs to know what threads can do: they learn it.

After: random walks, as any simulation has them.
Differs: nothing rests on what they find; what they miss only makes a walk begin again.
"""

from random import Random

from locking.explore.deadline import look
from locking.explore.product import Product, State

TIRED = 100
"""Runs in a row that learn nothing, after which there are no more."""

FAR = 5_000
"""Steps of such runs together, after which there are no more: they may go round for ever."""

LONGEST_RUN = 500
"""Steps after which a run is ended."""

LONGEST_REHEARSAL = 100_000
"""Steps of all runs together, after which there are no more."""


def rehearse(product: Product) -> None:
    """Learn what threads do in runs by chance; always the same ones. Errors: `OutOfTime`."""
    chance, runs, steps, taken = Random(0), 0, 0, 0
    while runs < TIRED and steps < FAR and taken < LONGEST_REHEARSAL:
        look()
        before = learned(product)
        length = run(product, chance)
        taken += length
        idle = learned(product) == before
        runs, steps = (runs + 1, steps + length) if idle else (0, 0)


def learned(product: Product) -> int:
    """How much is known of the threads."""
    return sum(automaton.learned for automaton in product.automata)


def run(product: Product, chance: Random) -> int:
    """How many steps a run by chance took."""
    state: State = product.initial
    count = len(product.everybody)
    for taken in range(LONGEST_RUN):
        first = int(chance.random() * count)
        turns = (*product.everybody[first:], *product.everybody[:first])
        moves = next((found for each in turns if (found := product.moves_of((each,), state))), ())
        if not moves:
            return taken
        state = moves[int(chance.random() * len(moves))][2]
    return LONGEST_RUN

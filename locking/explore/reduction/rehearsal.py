"""Random runs, before a walk that leaves steps out: it needs to know what threads can do.

After: random walks, as any simulation has them.
Differs: nothing rests on what they find; what they miss only makes a walk begin again.
"""

from random import Random

from locking.explore.product import Product, State

TIRED = 100
"""Runs in a row that learn nothing, after which there are no more."""

LONGEST_REHEARSAL = 100_000
"""Steps after which a run is ended, and all runs together."""


def rehearse(product: Product) -> None:
    """Learn what threads do in runs by chance; always the same ones."""
    chance, idle, steps = Random(0), 0, 0
    while idle < TIRED and steps < LONGEST_REHEARSAL:
        before = learned(product)
        steps += run(product, chance)
        idle = 0 if learned(product) > before else idle + 1


def learned(product: Product) -> int:
    """How much is known of the threads."""
    return sum(automaton.learned for automaton in product.automata)


def run(product: Product, chance: Random) -> int:
    """How many steps a run by chance took."""
    state: State = product.initial
    for taken in range(LONGEST_REHEARSAL):
        threads = list(product.everybody)
        chance.shuffle(threads)
        moves = next((found for each in threads if (found := product.moves_of((each,), state))), ())
        if not moves:
            return taken
        state = chance.choice(moves)[2]
    return LONGEST_REHEARSAL

"""Running a path for real where only its end is wanted: no step of it is told.

Each step asks the object's rule and resumes the thread's own coroutine, and what comes out is
compared with the tables. That takes about half of what `replay` takes, which tells each step too.
"""

from collections.abc import Sequence

from locking.explore.graph import Choice
from locking.explore.product import Product
from locking.explore.trial import Real
from locking.traces.replay import Trace, move_of


def replay_to_end(product: Product, choices: Sequence[Choice]) -> Trace:
    """The trace of a path, without events. Errors: `PathError`, `NotDeterministic`."""
    real = Real(product)
    states = [real.state]
    try:
        for number, choice in enumerate(choices, 1):
            real.take(move_of(product, real.state, number, choice))
            states.append(real.state)
        return Trace(product, (), real.state, tuple(states), (), tuple(choices))
    finally:
        real.close()

"""Threads that each write to a cell of their own: as many states as anybody likes, by a formula.

`threads` threads write `steps` times: (steps + 1) ** threads states, from each of which every
thread that has not ended takes one step.
"""

from locking import Cell, Model, Parameter, System, Thread, always, array, data_race_free
from locking.model import Case


async def count_up(cell: Cell, steps: int) -> None:
    """Write 1, 2, and so on."""
    for at in range(steps):
        await cell.write(at + 1)


def build(case: Case) -> System:
    """The threads, each with its cell; what is asked holds in every state."""
    threads, steps = int(case.scope["threads"]), int(case.scope["steps"])
    cells = array(Cell, "cell", threads, 0)
    writers = [Thread(f"t{at}", count_up, (cell, steps)) for at, cell in enumerate(cells)]
    small = always("small", lambda s: s[cells[0]] <= steps)
    return System(cells, writers, [small, data_race_free()])


MODEL = Model(
    "grid",
    "threads that have nothing to do with each other",
    build,
    parameters=[
        Parameter("threads", 4, "threads", most=16),
        Parameter("steps", 3, "writes of each", most=1_000),
    ],
)

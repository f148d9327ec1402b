"""The reference engine: breadth first, plain Python. It defines what every other must return."""

from array import array
from itertools import islice
from typing import Protocol

from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Move, Product, State


class Steps(Protocol):
    """What can be walked: a state to begin in, and the steps from each."""

    @property
    def initial(self) -> State: ...

    def moves(self, state: State) -> list[Move]: ...


def explore(product: Product, watch: Watch) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before."""
    states, depths, graph = beginning(product)
    go_on(product, watch, graph, states, depths)
    return graph


def beginning(product: Steps) -> tuple[list[State], "array[int]", Graph]:
    """The states and depths of a walk that has not begun, and the graph that they are of."""
    states, depths = [product.initial], array("q", [0])
    return states, depths, Graph(states, depths)


def go_on(
    product: Steps, watch: Watch, graph: Graph, states: list[State], depths: "array[int]"
) -> None:
    """Walk on from the first state of `graph` that was not gone through."""
    number = {state: at for at, state in enumerate(states)}
    try:
        for at, state in enumerate(islice(states, graph.explored, None), graph.explored):
            # The list grows while it is walked.
            graph.cause = watch(len(states), at)
            if graph.cause:
                return
            for thread, outcome, target in product.moves(state):
                to = number.get(target)
                if to is None:
                    to = number[target] = len(states)
                    states.append(target)
                    depths.append(depths[at] + 1)
                graph.threads.append(thread)
                graph.outcomes.append(outcome)
                graph.targets.append(to)
            graph.offsets.append(len(graph.targets))
    except (KeyboardInterrupt, OutOfTime) as ended:
        graph.cause = str(ended) or INTERRUPTED
        drop_unfinished(graph, states, depths)


def drop_unfinished(graph: Graph, states: list[State], depths: "array[int]") -> None:
    """Take back the edges of the state that was being gone through, and what only they met."""
    for edges in (graph.threads, graph.outcomes, graph.targets):
        del edges[graph.offsets[-1] :]
    met = max(graph.targets, default=0) + 1
    del states[met:]
    del depths[met:]

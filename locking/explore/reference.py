"""The reference engine: breadth first, plain Python. It defines what every other must return."""

from locking.explore.graph import INTERRUPTED, Graph, Watch
from locking.explore.product import Product, State


def explore(product: Product, watch: Watch) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before."""
    graph = Graph()
    number: dict[State, int] = {product.initial: 0}
    graph.states.append(product.initial)
    graph.depths.append(0)
    try:
        for at, state in enumerate(graph.states):  # the list grows while it is walked
            graph.cause = watch(len(graph.states), at)
            if graph.cause:
                return graph
            for thread, outcome, target in product.moves(state):
                to = number.get(target)
                if to is None:
                    to = number[target] = len(graph.states)
                    graph.states.append(target)
                    graph.depths.append(graph.depths[at] + 1)
                graph.threads.append(thread)
                graph.outcomes.append(outcome)
                graph.targets.append(to)
            graph.offsets.append(len(graph.targets))
    except KeyboardInterrupt:
        graph.cause = INTERRUPTED
        drop_unfinished(graph)
    return graph


def drop_unfinished(graph: Graph) -> None:
    """Take back the edges of the state that was being gone through, and what only they met."""
    for edges in (graph.threads, graph.outcomes, graph.targets):
        del edges[graph.offsets[-1] :]
    met = max(graph.targets, default=0) + 1
    del graph.states[met:]
    del graph.depths[met:]

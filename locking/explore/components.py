"""Strongly connected components: the states that lead to each other, and so the cycles of a graph.

After: Tarjan, Depth-first search and linear graph algorithms (SIAM Journal on Computing 1, 1972).
Differs: the stack of calls is a list, so that a graph may be deep.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def components(nodes: Iterable[N], ahead: Callable[[N], Sequence[N]]) -> Iterator[list[N]]:
    """The components in which there is a cycle, each before all from which an edge leads to it.

    `ahead` says where the edges of a node lead. The nodes of one come in no order that matters.
    """
    return (each for each in every_component(nodes, ahead) if goes_round(each, ahead))


def goes_round(component: Sequence[N], ahead: Callable[[N], Sequence[N]]) -> bool:
    """Whether there is a cycle in a component."""
    return len(component) > 1 or component[0] in ahead(component[0])


def every_component(nodes: Iterable[N], ahead: Callable[[N], Sequence[N]]) -> Iterator[list[N]]:
    """The components, also those of one node and no cycle; the rest is as for `components`."""
    found: dict[N, int] = {}
    low: dict[N, int] = {}
    closed: set[N] = set()
    open_: list[N] = []
    for root in nodes:
        if root in found:
            continue
        calls = [(root, iter(ahead(root)))]
        found[root] = low[root] = len(found)
        open_.append(root)
        while calls:
            at, rest = calls[-1]
            for target in rest:
                if target not in found:
                    found[target] = low[target] = len(found)
                    open_.append(target)
                    calls.append((target, iter(ahead(target))))
                    break
                if target not in closed:
                    low[at] = min(low[at], found[target])
            else:
                calls.pop()
                if calls:
                    above = calls[-1][0]
                    low[above] = min(low[above], low[at])
                if low[at] == found[at]:
                    component = cut(open_, at)
                    closed.update(component)
                    yield component


def cut(stack: list[N], node: N) -> list[N]:
    """What is on a stack from `node` on, taken off it."""
    taken = [stack.pop()]
    while taken[-1] != node:
        taken.append(stack.pop())
    return taken

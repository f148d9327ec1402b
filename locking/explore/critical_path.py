"""The critical path: how long a system takes, were there a processor for every thread.

Time is counted in rounds, in each of which every thread takes at most one step. The fewest rounds
in which the threads can end is the length of the critical path: steps that have to wait for each
other, because of a lock or because one thread takes them all, are in rounds of their own.
"""

from collections import deque
from collections.abc import Collection

from locking.explore.graph import Graph


def fewest_rounds(graph: Graph, goals: Collection[int]) -> int | None:
    """The fewest rounds to one of the states `goals`; None where no run gets there.

    A walk over states with the threads, as bits, that have moved in the round: a thread that moves
    a second time begins the next one. Beginning it sooner is never faster.
    """
    best = {(0, -1): 0}
    near = deque(best.items())
    while near:
        (at, moved), rounds = near.popleft()
        if best[at, moved] < rounds:
            continue
        if at in goals:
            return rounds
        for (thread, _), target in graph.edges(at):
            again = moved >> thread & 1
            key = (target, 1 << thread if again else moved | 1 << thread)
            if rounds + again < best.get(key, rounds + 2):
                best[key] = rounds + again
                (near.append if again else near.appendleft)((key, rounds + again))
    return None

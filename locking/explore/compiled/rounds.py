"""Fair cycles of a whole graph, compiled; `explore/fairness.py` says what they are.

Edges lie in `targets`; those of state `i` run from `offsets[i]` to `offsets[i + 1]`. `takers` says
of each who takes the step, with `QUEUES` added where all it does is to queue up.

After: Tarjan, Depth-first search and linear graph algorithms (SIAM Journal on Computing 1, 1972).
Differs: the stack of calls is an array. A component that breaks a strong condition is gone through
again without the states that break it; as many times as there are strongly fair threads, at most.
"""

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import Integers, Numbered, Small, compiled

QUEUES = np.uint8(128)
"""Added to the thread of an edge that only queues up."""

BYTES_OF_ONE = 50
"""Bytes of memory that the search for fair cycles takes for a state."""

MOST_THREADS = 64
"""Threads that fit into the bits of a word."""

Bytes = NDArray[np.uint8]


@compiled
def reach(offsets: Integers, targets: Numbered, inside: Bytes, found: Bytes) -> None:
    """Mark in `found` the states that are come to through states `inside` only."""
    pending = np.empty(found.shape[0], np.int64)  # not only those that were gone through
    last = 0
    if inside[0]:
        found[0] = 1
        pending[0] = 0
        last = 1
    first = 0
    while first < last:
        at = pending[first]
        first += 1
        if at + 1 >= offsets.shape[0]:
            continue  # it was met, but not gone through
        for edge in range(offsets[at], offsets[at + 1]):
            target = targets[edge]
            if inside[target] and not found[target]:
                found[target] = 1
                pending[last] = target
                last += 1


@compiled
def fair(
    offsets: Integers,
    targets: Numbered,
    takers: Bytes,
    inside: Bytes,
    weak: np.uint64,
    strong: np.uint64,
    starved: int,
) -> Small:
    """For every state the number of the fair set that it is in, from 1 on; 0 for none."""
    count = offsets.shape[0] - 1
    alive = inside.copy()
    found = np.zeros(count, np.int32)
    low = np.empty(count, np.int32)
    stack = np.empty(count, np.int32)
    calls = np.empty(count, np.int32)
    edges = np.empty(count, np.int64)
    again = True
    sets = 0
    while again:
        again = False
        order = np.zeros(count, np.int32)
        met = top = 0
        for root in range(count):
            if alive[root] != 1 or order[root]:
                continue
            met += 1
            order[root] = low[root] = met
            stack[top] = root
            top += 1
            calls[0] = root
            edges[0] = offsets[root]
            depth = 1
            while depth:
                at = calls[depth - 1]
                edge = edges[depth - 1]
                if edge < offsets[at + 1]:
                    edges[depth - 1] += 1
                    target = targets[edge]
                    if target >= count or alive[target] != 1 or takers[edge] == starved:
                        continue
                    if order[target] == 0:
                        met += 1
                        order[target] = low[target] = met
                        stack[top] = target
                        top += 1
                        calls[depth] = target
                        edges[depth] = offsets[target]
                        depth += 1
                    elif low[target] > 0:
                        low[at] = min(low[at], order[target])
                    continue
                depth -= 1
                if depth:
                    above = calls[depth - 1]
                    low[above] = min(low[above], low[at])
                if low[at] != order[at]:
                    continue
                start = top - 1
                while stack[start] != at:
                    start -= 1
                members = stack[start:top]
                top = start
                for member in members:
                    low[member] = -order[at]
                left = judge(offsets, targets, takers, members, low, weak, strong, starved, alive)
                if left == 1:
                    sets += 1
                    for member in members:
                        found[member] = sets
                again = again or left == 2
        for at in range(count):
            alive[at] = 1 if alive[at] == 2 else 0
    return found


@compiled
def judge(
    offsets: Integers,
    targets: Numbered,
    takers: Bytes,
    members: Small,
    low: Small,
    weak: np.uint64,
    strong: np.uint64,
    starved: int,
    alive: Bytes,
) -> int:
    """1 for a component that is fair, 0 for one that has no fair part, 2 if that is not known yet.

    The states of one have the same number in `low`. Those that are to be looked at again are 2 in
    `alive`.
    """
    mine = low[members[0]]
    taken = sometimes = np.uint64(0)
    always = ~np.uint64(0)
    cyclic = False
    for at in members:
        can = np.uint64(0)
        for edge in range(offsets[at], offsets[at + 1]):
            bit = np.uint64(1) << np.uint64(takers[edge] & np.uint8(127))
            can |= bit
            target = targets[edge]
            if target >= low.shape[0] or alive[target] != 1 or takers[edge] == starved:
                continue
            if low[target] == mine:
                taken |= bit
                cyclic = True
        always &= can
        sometimes |= can
    if not cyclic or weak & always & ~taken:
        return 0
    broken = strong & sometimes & ~taken
    if not broken:
        return 1
    left = 0
    for at in members:
        can = np.uint64(0)
        for edge in range(offsets[at], offsets[at + 1]):
            can |= np.uint64(1) << np.uint64(takers[edge] & np.uint8(127))
        if not can & broken:
            alive[at] = 2
            left = 2
    return left

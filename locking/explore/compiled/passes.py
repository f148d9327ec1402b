"""Loops over a whole graph, compiled: runs, what may follow, states that look alike.

Edges lie in `targets`; those of state `i` run from `offsets[i]` to `offsets[i + 1]`.
"""

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import (
    HALTED,
    Integers,
    Numbered,
    Rules,
    Small,
    Table,
    Words,
    compiled,
    hashed,
    leaf_of,
    rows_equal,
    slot_of,
)


@compiled
def order(offsets: Integers, targets: Numbered, incoming: Small, found: Numbered) -> int:
    """How many states can be put into `found` so that every edge leads to a later one.

    They are fewer than all where there is a cycle. `incoming` is 0 for every state.
    """
    for target in targets:
        incoming[target] += 1
    first, last = 0, 0
    if incoming[0] == 0:
        found[0] = 0
        last = 1
    while first < last:
        at = found[first]
        first += 1
        for edge in range(offsets[at], offsets[at + 1]):
            target = targets[edge]
            incoming[target] -= 1
            if incoming[target] == 0:
                found[last] = target
                last += 1
    return last


@compiled
def add_up(
    offsets: Integers, targets: Numbered, found: Numbered, ways: Words, carried: Words
) -> None:
    """Add to the `ways` of every state those of the states before it; what overflows, carry."""
    for at in found:
        here = ways[at]
        if here == 0:
            continue
        for edge in range(offsets[at], offsets[at + 1]):
            target = targets[edge]
            ways[target] += here
            if ways[target] < here:
                carried[target] += np.uint64(1)


@compiled
def leaves_of(rules: Rules, states: Words, rows: Integers, found: Integers) -> None:
    """The leaf of what every thread does in the states `rows`, or `UNKNOWN`."""
    for at in range(rows.shape[0]):
        for thread in range(found.shape[1]):
            found[at, thread] = leaf_of(rules, states, rows[at], thread)


@compiled
def hash_all(states: Words, hashes: Words) -> None:
    """The hashes of packed states."""
    for at in range(states.shape[0]):
        hashes[at] = hashed(states, at)


@compiled
def able(
    rules: Rules,
    states: Words,
    goes_on: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    starts: Integers,
    can: Words,
) -> None:
    """For every state the threads, as bits, that go on in it or have ended.

    A thread goes on if `goes_on` says so of the leaf of what it does; it has ended where
    `ended[starts[thread] + v]`, with `v` the value of its component.
    """
    for at in range(can.shape[0]):
        steps = over = np.uint64(0)
        halted = False
        for thread in range(rules.threads):
            leaf = leaf_of(rules, states, at, thread)
            root = rules.nodes[thread]
            value = states[at, root[0]] >> root[1] & root[2]
            bit = np.uint64(1) << np.uint64(thread)
            if leaf == HALTED:
                halted = True
            elif leaf > HALTED and goes_on[leaf]:
                steps |= bit
            if ended[starts[thread] + np.int64(value)]:
                over |= bit
        can[at] = over if halted else steps | over


@compiled
def spread(offsets: Integers, targets: Numbered, can: Words) -> None:
    """Add to the bits of every state those of all that can follow it."""
    changed = True
    while changed:
        changed = False
        for at in range(offsets.shape[0] - 2, -1, -1):
            mask = can[at]
            for edge in range(offsets[at], offsets[at + 1]):
                mask |= can[targets[edge]]
            if mask != can[at]:
                can[at] = mask
                changed = True


@compiled
def count_classes(
    states: Words, start: int, table: Table, keys: Words, count: int, classes: Integers
) -> tuple[int, int]:
    """How far it came from state `start` on, and how many classes of equal states there are.

    The class of state `i` is `classes[i]`; `keys` has the state of each class, and `count` of them
    are known. It stops early where there is no room for another.
    """
    size = table.entries.shape[0]
    for at in range(start, states.shape[0]):
        if count == keys.shape[0]:
            return at, count
        slot = slot_of(hashed(states, at), size)
        while True:
            known = int(table.entries[slot])
            if known == 0:
                table.entries[slot] = np.uint32(count + 1)
                for word in range(states.shape[1]):
                    keys[count, word] = states[at, word]
                known = count + 1
                count = count + 1
                break
            if rows_equal(keys, known - 1, states, at):
                break
            slot += 1
            if slot == size:
                slot -= size
        classes[at] = known - 1
    return states.shape[0], count

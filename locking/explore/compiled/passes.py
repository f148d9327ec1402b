"""Loops over a whole graph, compiled: runs, what may follow, answers of predicates.

Edges lie in `targets`; those of state `i` run from `offsets[i]` to `offsets[i + 1]`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import (
    HALTED,
    UNKNOWN,
    Fields,
    Integers,
    Numbered,
    Rules,
    Small,
    Words,
    compiled,
    hashed,
    leaf_of,
)

NODE = 2
"""The entry of a decision tree's node 0; lower ones are answers, or `UNKNOWN`."""


class Ways(NamedTuple):
    """Ways to states of one layer of a graph, in the order of the states.

    For each: the number of its state in the layer, who took the last step (-1: nobody yet), how
    often it changes the thread; its rank by when it does, first where it does so sooner; and its
    rank by the choices.
    """

    states: Integers
    last: Integers
    switches: Integers
    turns: Integers
    paths: Integers


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
def add_ahead(
    start: int, counts: Small, targets: Numbered, begin: int, base: int, ways: Words
) -> int:
    """Add the ways of some states, from `start` on, to those of the states that they lead to.

    A row of `ways` is the number of one state, from state `base` on, the lowest word first.
    `targets` has the edges of all states, `counts` how many each has. The edges before `begin` are
    left out. It returns the edge at which it stops: one that leads to no higher number, or whose
    sum may not fit; else how many there are.
    """
    edge, last = 0, ways.shape[1] - 1
    for at in range(counts.shape[0]):
        here = start + at - base
        for _ in range(counts[at]):
            if edge >= begin:
                target = targets[edge] - base
                if target <= here or (ways[here, last] | ways[target, last]) >> np.uint64(63):
                    return edge
                over = np.uint64(0)
                for word in range(last + 1):
                    more = ways[here, word] + over
                    over = np.uint64(1) if more < over else np.uint64(0)
                    ways[target, word] += more
                    if ways[target, word] < more:
                        over = np.uint64(1)
            edge += 1
    return edge


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
def able_along(
    rules: Rules,
    states: Words,
    offsets: Integers,
    takers: NDArray[np.int16],
    goes_on: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    starts: Integers,
    can: Words,
) -> None:
    """What `able` finds, where not all steps of a state are taken: by its edges.

    `takers` says of each who takes it, and `goes_on` whether that is more than to queue up.
    """
    for at in range(offsets.shape[0] - 1):
        found = np.uint64(0)
        for edge in range(offsets[at], offsets[at + 1]):
            if goes_on[edge]:
                found |= np.uint64(1) << np.uint64(takers[edge])
        for thread in range(rules.threads):
            root = rules.nodes[thread]
            value = states[at, root[0]] >> root[1] & root[2]
            if ended[starts[thread] + np.int64(value)]:
                found |= np.uint64(1) << np.uint64(thread)
        can[at] = found


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
def go_down(
    states: Words,
    start: int,
    nodes: Integers,
    entries: Small,
    fields: Fields,
    starts: Integers,
    ranks: Integers,
    found: NDArray[np.bool_],
) -> tuple[int, int, int]:
    """How far it came from state `start` on with putting the answers for `states` into `found`.

    It stops at the first state for which the tree has none, and says at which node (-1: none), and
    at which entry. `PackedDecisions` says what these are; the value `v` of the component of look
    `l` is seen as `ranks[starts[l] + v]`.
    """
    for at in range(start, states.shape[0]):
        node, place = -1, 0
        entry = int(entries[place])
        while entry >= NODE:
            node = entry - NODE
            look = nodes[node, 0]
            value = states[at, fields.word[look]] >> fields.shift[look] & fields.mask[look]
            place = nodes[node, 1] + ranks[starts[look] + np.int64(value)]
            entry = int(entries[place])
        if entry == UNKNOWN:
            return at, node, place
        found[at] = entry != 0
    return states.shape[0], -1, 0


@compiled
def cheaper(ways: Ways, one: int, by: int, other: int, instead: int, thread: int) -> bool:
    """Whether a step of `thread` by the outcome `by` behind way `one` is cheaper than the other.

    That is behind way `other` by the outcome `instead`. Ways with equal `turns` have as many
    switches: then both switch now, or neither does.
    """
    here = ways.switches[one] + (0 if ways.last[one] == thread else 1)
    there = ways.switches[other] + (0 if ways.last[other] == thread else 1)
    if here != there:
        return bool(here < there)
    if ways.turns[one] != ways.turns[other]:
        return bool(ways.turns[one] < ways.turns[other])
    if one != other:
        return bool(ways.paths[one] < ways.paths[other])
    return by < instead


@compiled
def improve(
    ways: Ways,
    starts: Integers,
    sources: Integers,
    targets: Integers,
    threads: Integers,
    outcomes: Integers,
    most: int,
    parents: Integers,
    chosen: Integers,
) -> None:
    """Put the best way to each target and last thread into `parents`, and its outcome in `chosen`.

    The ways to state `s` run from `starts[s]` to `starts[s + 1]`. Target `t` behind a step of the
    thread `w`, one of `most`, has the place `t * most + w`.
    """
    for edge in range(sources.shape[0]):
        thread, outcome = threads[edge], outcomes[edge]
        place = targets[edge] * most + thread
        for way in range(starts[sources[edge]], starts[sources[edge] + 1]):
            known = parents[place]
            if known < 0 or cheaper(ways, way, outcome, known, chosen[place], thread):
                parents[place] = way
                chosen[place] = outcome

"""A walk under a partial order, compiled: which thread is alone, and how far each goes on at once.

It is what explore/reduction/partial_order.py does, with what that found out once for each place and
each step in tables. A state for which they lack anything is left to the product, with all behind.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.hashing import number_in
from locking.explore.compiled.kernel import (
    HALTED,
    UNKNOWN,
    Chunk,
    Index,
    Integers,
    Rules,
    Small,
    Table,
    Targets,
    Words,
    compiled,
    hashed,
    leaf_of,
    part_of_hash,
)
from locking.explore.reduction.partial_order import LONGEST_CHAIN

INVISIBLE, VISIBLE = 1, 2
"""What `Choices` say of a step that was asked for."""

ABLE, TAKEN, STEPS, STOPPED = 0, 1, 2, 3
"""Where the numbers of `Spared` are in an array."""

YES, NO = 1, 0
"""Answers that are known; the third is `UNKNOWN`."""


class Choices(NamedTuple):
    """What is known of which steps may be taken alone; 0 stands for what is not.

    The value of a thread's component is its place. `rows[thread, place]` is the row for the next
    step there. Of another thread it has `first` and `width`: that step is independent of all that
    the other does from the place `p` on, if `p < width` and `clear[first - 1 + p]`. `seen` says of
    every step of the tables whether it is visible.
    """

    rows: Integers
    first: Integers
    width: Integers
    clear: NDArray[np.bool_]
    seen: NDArray[np.int8]


@compiled
def place_in(rules: Rules, states: Words, at: Index, thread: Index) -> np.int64:
    """Where a thread stands in a state."""
    root = rules.nodes[thread]
    return np.int64(states[at, root[0]] >> root[1] & root[2])


@compiled
def independent(rules: Rules, choices: Choices, states: Words, at: Index, thread: Index) -> int:
    """Whether the next step of `thread` is a persistent set (C1)."""
    row = choices.rows[thread, place_in(rules, states, at, thread)]
    for other in range(rules.threads):
        if other == thread:
            continue
        first = choices.first[row, other]
        if row == 0 or first == 0:
            return UNKNOWN
        place = place_in(rules, states, at, other)
        if place >= choices.width[row, other] or not choices.clear[first - 1 + place]:
            return NO
    return YES


@compiled
def is_apart(
    rules: Rules, choices: Choices, states: Words, at: Index, thread: Index, leaf: Index
) -> int:
    """Whether the steps of a `leaf` meet C1 and C2."""
    told = independent(rules, choices, states, at, thread)
    if told != YES:
        return told
    for step in range(np.int64(rules.leaves[leaf, 0]), np.int64(rules.leaves[leaf, 1])):
        if choices.seen[step] != INVISIBLE:
            return NO if choices.seen[step] == VISIBLE else UNKNOWN
    return YES


@compiled
def is_among(states: Words, at: Index, count: int) -> bool:
    """Whether the state in a row is one of the first `count`."""
    for row in range(count):
        word = 0
        while word < states.shape[1] and states[row, word] == states[at, word]:
            word += 1
        if word == states.shape[1]:
            return True
    return False


@compiled
def take_on(
    rules: Rules,
    choices: Choices,
    out: Words,
    at: Index,
    thread: int,
    gone: Words,
    passed: NDArray[np.bool_],
) -> int:
    """Take `thread` on from a state of `out`, as the product does; it returns by how many steps.

    It is `UNKNOWN` where a table lacks anything. `gone` has room for the states on the way;
    `passed` gets the places that it goes on from.
    """
    met = 1
    gone[0] = out[at]
    while met < LONGEST_CHAIN:
        leaf = leaf_of(rules, out, at, thread)
        if leaf == UNKNOWN:
            return UNKNOWN
        step = np.int64(rules.leaves[leaf, 0])
        if np.int64(rules.leaves[leaf, 1]) - step != 1:
            break
        told = independent(rules, choices, out, at, thread)
        if told == UNKNOWN:
            return UNKNOWN
        if told == NO:
            break
        for word in range(out.shape[1]):
            gone[met, word] = out[at, word] ^ rules.deltas[step, word]
        if is_among(gone, met, met) or choices.seen[step] == VISIBLE:
            break
        if choices.seen[step] != INVISIBLE:
            return UNKNOWN
        passed[thread, place_in(rules, out, at, thread)] = True
        out[at] = gone[met]
        met += 1
    return met - 1


@compiled
def take_steps(
    rules: Rules,
    choices: Choices,
    states: Words,
    at: Index,
    thread: int,
    leaf: Index,
    targets: Targets,
    steps: Small,
    end: int,
    gone: Words,
    passed: NDArray[np.bool_],
    spared: Integers,
) -> int:
    """Put what the steps of a leaf lead to into `targets` from `end` on; it returns their new end.

    It is `UNKNOWN` where a table lacks anything. `spared` counts as `Spared` does.
    """
    for step in range(np.int64(rules.leaves[leaf, 0]), np.int64(rules.leaves[leaf, 1])):
        for word in range(states.shape[1]):
            targets.out[end, word] = states[at, word] ^ rules.deltas[step, word]
        further = take_on(rules, choices, targets.out, end, thread, gone, passed)
        if further == UNKNOWN:
            return UNKNOWN
        spared[STEPS] += 1
        spared[STOPPED] += further == 0
        targets.who[end] = thread
        steps[end] = step
        end += 1
    return end


@compiled
def leads_back(
    table: Table, states: Words, at: Index, targets: Targets, begin: int, end: int
) -> bool:
    """Whether some of these targets is a state that was expanded by then, or is now (C3).

    Those have no higher number. What this chunk meets has: its states were all met before.
    """
    for each in range(begin, end):
        number = number_in(table, states, targets.out, each, hashed(targets.out, each))
        if 0 <= number <= at:
            return True
    return False


@compiled
def take_some(
    rules: Rules,
    choices: Choices,
    table: Table,
    states: Words,
    at: Index,
    leaves: Integers,
    targets: Targets,
    steps: Small,
    begin: int,
    gone: Words,
    passed: NDArray[np.bool_],
    spared: Integers,
) -> int:
    """Put what a state leads to into `targets` from `begin` on, by one thread or by all.

    It returns where they end, or `UNKNOWN` where a table lacks anything.
    """
    able = 0
    for leaf in leaves:
        able += rules.leaves[leaf, 0] < rules.leaves[leaf, 1]
    for thread in range(rules.threads if able > 1 else 0):
        leaf = leaves[thread]
        if rules.leaves[leaf, 0] == rules.leaves[leaf, 1]:
            continue
        told = is_apart(rules, choices, states, at, thread, leaf)
        if told == UNKNOWN:
            return UNKNOWN
        if told == NO:
            continue
        looked, stopped = spared[STEPS], spared[STOPPED]
        end = take_steps(
            rules, choices, states, at, thread, leaf, targets, steps, begin, gone, passed, spared
        )
        if end == UNKNOWN:
            return UNKNOWN
        if not leads_back(table, states, at, targets, begin, end):
            spared[ABLE] += able
            spared[TAKEN] += 1
            spared[STEPS] += spared[STEPS] - looked  # the product looks at them once more
            spared[STOPPED] += spared[STOPPED] - stopped
            return end
    end = begin
    for thread in range(rules.threads):
        leaf = leaves[thread]
        end = take_steps(
            rules, choices, states, at, thread, leaf, targets, steps, end, gone, passed, spared
        )
        if end == UNKNOWN:
            return UNKNOWN
    spared[ABLE] += able
    spared[TAKEN] += able
    return end


@compiled
def find_leaves(rules: Rules, states: Words, at: Index, leaves: Integers) -> int:
    """Put the leaves of all threads into `leaves`: `HALTED` where the run broke off.

    It is `UNKNOWN` where a table lacks one, and else `YES`.
    """
    told = YES
    for thread in range(rules.threads):
        leaves[thread] = leaf_of(rules, states, at, thread)
        if leaves[thread] == HALTED:
            return HALTED
        if leaves[thread] == UNKNOWN:
            told = UNKNOWN
    return told


@compiled
def enqueue(targets: Targets, begin: int, end: int, queue: Small, lengths: Integers) -> None:
    """Hash these targets, and put them into the queues of their parts of the hash table."""
    for each in range(begin, end):
        h = hashed(targets.out, each)
        targets.hashes[each] = h
        targets.others[each] = np.uint64(0)
        part = part_of_hash(h, lengths.shape[0])
        queue[part, lengths[part]] = each
        lengths[part] += 1


@compiled
def expand_lean(
    rules: Rules,
    choices: Choices,
    table: Table,
    states: Words,
    start: int,
    stop: int,
    chunk: Chunk,
    targets: Targets,
    steps: Small,
    begin: int,
    passed: NDArray[np.bool_],
    spared: Integers,
) -> tuple[int, int, int]:
    """What the states from `start` to `stop` lead to, put into `targets` from `begin` on.

    `steps` gets the step of the tables that each begins with. It returns how far it came, where the
    targets end, and 1 where it ended at a state that lacks a table.
    """
    lengths = np.zeros(chunk.lengths.shape[0], np.int64)
    leaves = np.empty(rules.threads, np.int64)
    gone = np.empty((LONGEST_CHAIN, states.shape[1]), np.uint64)
    counted = np.zeros(4, np.int64)
    end, at, lacks = begin, start, 0
    while at < stop and not lacks:
        found = find_leaves(rules, states, at, leaves)
        last = end if found == HALTED else UNKNOWN
        if found == YES:
            last = take_some(
                rules,
                choices,
                table,
                states,
                at,
                leaves,
                targets,
                steps,
                end,
                gone,
                passed,
                counted,
            )
        if last == UNKNOWN:
            chunk.lacking[0, 0], chunk.lacking[0, 1] = at, 0
            lacks = 1
        else:
            chunk.counts[at - start] = chunk.kept[at - start] = last - end
            enqueue(targets, end, last, chunk.queue, lengths)
            spared[:] = counted
            end = last
            at += 1
    chunk.lengths[:] = lengths
    return at, end, lacks

"""The steps of a walk, compiled: what states lead to, and the numbers of what is new.

Most states are led to in many ways: where two steps may be taken in either order, by both of their
last steps. Such an edge is counted, but not followed, if an edge that comes before it leads to the
same. What was met first is still met first.
"""

import numpy as np

from locking.explore.compiled.kernel import (
    HALTED,
    TELLS,
    UNKNOWN,
    Chunk,
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
from locking.explore.compiled.orbits import RoomToFold, represent, room_to_fold


@compiled
def swaps(rules: Rules, leaves: Integers, thread: int) -> np.uint64:
    """The threads, as bits, whose step is the same before that of `thread` and behind it.

    Neither looks at what the other changes. Threads from the 65th on have no bit.
    """
    found, bit, leaf = np.uint64(0), np.uint64(1), leaves[thread]
    reads, writes = rules.leaves[leaf, 2], rules.leaves[leaf, 3]
    for other in range(min(64, leaves.shape[0])):
        theirs = leaves[other]
        if other != thread and rules.leaves[theirs, 4] == TELLS:
            changed = rules.leaves[theirs, 3]
            if not writes & (rules.leaves[theirs, 2] | changed) and not reads & changed:
                found |= bit
        bit <<= np.uint64(1)
    return found


@compiled
def fold(
    rules: Rules,
    states: Words,
    at: int,
    leaves: Integers,
    room: RoomToFold,
    targets: Targets,
    begin: int,
) -> bool:
    """Put what a state leads to into `targets` from `begin` on, as representatives of orbits.

    It is false where the tables lack what that takes.
    """
    end = begin
    for thread in range(rules.threads):
        leaf = leaves[thread]
        for step in range(np.int64(rules.leaves[leaf, 0]), np.int64(rules.leaves[leaf, 1])):
            for word in range(states.shape[1]):
                targets.out[end, word] = states[at, word] ^ rules.deltas[step, word]
            if not represent(rules.symmetry, targets.out, end, room, targets.turns):
                return False
            end += 1
    return True


@compiled
def expand(
    rules: Rules,
    states: Words,
    start: int,
    stop: int,
    skips: Words,
    origin: int,
    chunk: Chunk,
    targets: Targets,
    begin: int,
) -> tuple[int, int, int]:
    """What the states from `start` to `stop` lead to, put into `targets` from `begin` on.

    `skips` are, for every state from `origin` on, the threads, as bits, of which it leads to states
    that were met before: they are left out. If it is empty, none are.

    It returns how far it came, where the targets end, and how many entries it lacked. From the
    first state on that lacks one, it puts nothing. Of a quotient it ends there: what is learned of
    one state decides how those behind it are sorted.
    """
    parts, most = chunk.lengths.shape[0], chunk.lacking.shape[0]
    lengths = np.zeros(parts, np.int64)  # its own: those of two workers lie in one line of cache
    end, missing, through = begin, 0, stop
    leaves = np.empty(rules.threads, np.int64)
    folded = rules.symmetry.members.shape[0] > 0
    room = room_to_fold(rules.symmetry)
    for at in range(start, stop):
        halted, lacks, steps = False, 0, 0
        for thread in range(rules.threads):
            found = leaf_of(rules, states, at, thread)
            leaves[thread] = found
            if found == HALTED:
                halted = True
            elif found != UNKNOWN:
                steps += int(rules.leaves[found, 1] - rules.leaves[found, 0])
            elif missing + lacks < most:
                chunk.lacking[missing + lacks, 0] = at
                chunk.lacking[missing + lacks, 1] = thread
                lacks += 1
        if lacks and not halted:
            missing += lacks
            through = min(through, at)
        known = not folded or lacks or halted
        if not (known or fold(rules, states, at, leaves, room, targets, end)):
            chunk.lacking[missing, 0] = at
            chunk.lacking[missing, 1] = rules.threads
            missing, through = missing + 1, at
        if missing == most or (folded and missing):
            break
        if missing:
            continue
        before = end
        chunk.counts[at - start] = 0 if halted else steps
        if steps and not halted:
            skip = skips[at - origin] if skips.shape[0] else np.uint64(0)
            for thread in range(rules.threads):
                leaf = leaves[thread]
                first, last = np.int64(rules.leaves[leaf, 0]), np.int64(rules.leaves[leaf, 1])
                if first == last or (skip >> np.uint64(thread) & np.uint64(1) and thread < 64):
                    continue
                others = np.uint64(0) if folded else swaps(rules, leaves, thread)
                for step in range(first, last):
                    if not folded:
                        for word in range(states.shape[1]):
                            targets.out[end, word] = states[at, word] ^ rules.deltas[step, word]
                    h = hashed(targets.out, end)
                    targets.hashes[end] = h
                    targets.who[end] = thread
                    targets.others[end] = others
                    part = part_of_hash(h, parts)
                    chunk.queue[part, lengths[part]] = end
                    lengths[part] += 1
                    end += 1
        chunk.kept[at - start] = end - before
    chunk.lengths[:] = lengths
    return through, end, missing


@compiled
def settle(
    table: Table,
    states: Words,
    met: int,
    targets: Targets,
    first: int,
    kept: Small,
    skips: Words,
    origin: int,
) -> None:
    """Number the fresh targets, in order, from `met` on, and add them to `states`.

    `kept` is how many targets each of some states has, the first of which is at `first`. `skips`
    gets, for every new state, counted from `origin` on, the threads whose steps lead from it to
    states met before: they could take the same step before the one that led to it. Then they came
    to a state with a lower number than this one has, and from there that one step leads to the
    same. So where the steps a and b are independent, and b is met second, behind it a is left out:

        s --a--> 1 --b--> 3        followed: 3 is numbered here
        s --b--> 2 --a--> 3        counted, and left out
    """
    low = np.uint32((1 << table.bits) - 1)
    one = np.uint64(1)
    end = first
    for targets_of in kept:
        begin, end = end, end + targets_of
        news = np.uint64(0)
        for at in range(begin, end):
            if targets.fresh[at] >= 0 and targets.who[at] < 64:
                news |= one << np.uint64(targets.who[at])
        for at in range(begin, end):
            slot = targets.fresh[at]
            if slot < 0:
                continue
            for word in range(states.shape[1]):
                states[met, word] = targets.out[at, word]
            earlier = (one << np.uint64(min(63, targets.who[at]))) - one
            skips[met - origin] = targets.others[at] & (earlier | ~news)
            met += 1
            table.entries[slot] = (table.entries[slot] & ~low) | np.uint32(met)

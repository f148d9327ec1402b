"""The hash table of the numbers of states, compiled: entering, looking up, growing."""

import numpy as np

from locking.explore.compiled.kernel import (
    BATCH,
    Index,
    Integers,
    Numbered,
    Small,
    Table,
    Targets,
    Words,
    compiled,
    hashed,
    part_of_hash,
    rows_equal,
    slot_of,
    tag_of,
)


@compiled
def warm(
    table: Table, part: int, states: Words, met: int, targets: Targets, queue: Small
) -> np.uint64:
    """Read what the lookups of these targets in a part will read first: it is in the cache then.

    `fresh` of each target becomes the place where its search begins. The value returned depends on
    everything read, so that the compiler can't leave a read out.
    """
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    seen = np.uint64(0)
    for at in queue:
        slot = part * size + slot_of(targets.hashes[at], size)
        targets.fresh[at] = slot
        seen ^= np.uint64(table.entries[slot])
    for at in queue:
        known = np.int64(table.entries[targets.fresh[at]] & low)
        if 0 < known <= met:
            seen ^= states[known - 1, 0]
    return seen


@compiled
def insert(
    table: Table,
    first: int,
    last: int,
    states: Words,
    met: int,
    targets: Targets,
    queues: Small,
    lengths: Integers,
) -> np.uint64:
    """Give the targets of the parts from `first` to `last` a place, if nobody met them yet.

    Their entry has, for the time being, the number `met` plus their position in `targets`.
    """
    seen = np.uint64(0)
    for part in range(first, last):
        for share in range(lengths.shape[0]):
            for batch in range(0, lengths[share, part], BATCH):
                queue = queues[share, part, batch : min(batch + BATCH, lengths[share, part])]
                seen ^= insert_all(table, part, states, met, targets, queue)
    return seen


@compiled
def insert_all(
    table: Table, part: int, states: Words, met: int, targets: Targets, queue: Small
) -> np.uint64:
    """Give the targets in `queue`, all of one part, a place, if nobody met them yet."""
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    begin, end = part * size, (part + 1) * size
    seen = warm(table, part, states, met, targets, queue)
    for at in queue:
        slot, tag = targets.fresh[at], tag_of(targets.hashes[at], table.bits)
        targets.fresh[at] = -1
        while True:
            known = table.entries[slot]
            if known == 0:
                table.entries[slot] = tag | np.uint32(met + at + 1)
                targets.fresh[at] = slot
                break
            if known & ~low == tag:
                number = np.int64(known & low) - 1
                if number < met:
                    if rows_equal(states, number, targets.out, at):
                        break
                elif rows_equal(targets.out, number - met, targets.out, at):
                    break
            slot += 1
            if slot == end:
                slot = begin
    return seen


@compiled
def rebuild(table: Table, first: int, last: int, states: Words, begin: int, met: int) -> np.uint64:
    """Enter the states from `begin` to `met` into some parts of a table; no two are equal."""
    size = table.entries.shape[0] // table.parts
    numbers, hashes, seen = np.empty(BATCH, np.int64), np.empty(BATCH, np.uint64), np.uint64(0)
    at = begin
    while at < met:
        several = 0
        while at < met and several < BATCH:
            h = hashed(states, at)
            at += 1
            part = part_of_hash(h, table.parts)
            if first <= part < last:
                numbers[several], hashes[several] = at, h
                several += 1
                seen ^= np.uint64(table.entries[part * size + slot_of(h, size)])
        for each in range(several):
            part = part_of_hash(hashes[each], table.parts)
            slot = part * size + slot_of(hashes[each], size)
            while table.entries[slot]:
                slot += 1
                if slot == (part + 1) * size:
                    slot = part * size
            table.entries[slot] = tag_of(hashes[each], table.bits) | np.uint32(numbers[each])
    return seen


@compiled
def number_in(table: Table, states: Words, out: Words, at: Index, h: np.uint64) -> np.int64:
    """The number of a state in `out`, whose hash is `h`; -1 if it was not met."""
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    begin = part_of_hash(h, table.parts) * size
    slot, tag = begin + slot_of(h, size), tag_of(h, table.bits)
    while True:
        known = table.entries[slot]
        if known == 0:
            return np.int64(-1)
        if known & ~low == tag:
            number = np.int64(known & low) - 1
            if rows_equal(states, number, out, at):
                return number
        slot += 1
        if slot == begin + size:
            slot = begin


@compiled
def find(table: Table, states: Words, out: Words, hashes: Words, numbers: Numbered) -> np.uint64:
    """Put the numbers of the states in `out` into `numbers`; -1 for one that was not met.

    The value returned depends on all that a lookup reads first, as that of `warm` does.
    """
    size = table.entries.shape[0] // table.parts
    low, seen = np.uint32((1 << table.bits) - 1), np.uint64(0)
    slots = np.empty(BATCH, np.int64)
    for batch in range(0, out.shape[0], BATCH):
        several = min(BATCH, out.shape[0] - batch)
        for at in range(several):
            h = hashes[batch + at]
            slots[at] = part_of_hash(h, table.parts) * size + slot_of(h, size)
            seen ^= np.uint64(table.entries[slots[at]])
        for at in range(several):
            known = np.int64(table.entries[slots[at]] & low)
            if known:
                seen ^= states[known - 1, 0]
        for at in range(batch, batch + several):
            numbers[at] = number_in(table, states, out, at, hashes[at])
    return seen

"""The loops of the compiled engine: arrays in, arrays out, no policy. Nothing else imports numba.

A packed state is a row of 64-bit words, in which every component has bits of its own. A step
changes values that it knows, so it is one `xor` a word. What a thread does is a tree of tables:
an entry is found by the value of the thread's own component, and where that does not decide, by
the value of one more at each node below.

The numbers of states lie in a hash table of 32-bit entries with open addressing. An entry is 0, or
a tag, some bits of the hash, above the number plus one. Every worker has a part of the table to
itself, and looks only at hashes of its part. Integers that are mixed with `uint64` are of that type
too: numba would make floating-point numbers of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Integers = NDArray[np.int64]
Numbers = NDArray[np.uint32]
Targets = NDArray[np.signedinteger[Any]]
Index = int | np.int64

UNKNOWN = -1
"""An entry that nobody has learned yet. Lower ones, `UNKNOWN - node`, go on at a further node."""

HALTED = 0
"""The entry of a component in which the run has broken off."""

BATCH = 64
"""Targets that are looked up together, so that memory is asked for many at once."""

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """`function` as machine code, which is kept for the next run where there is a place to."""
    made: Any
    try:
        made = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # no folder that can be written to
        made = njit(nogil=True, error_model="numpy")(function)
    found: F = made
    return found


class Fields(NamedTuple):
    """Where a packed state has each component: its word, and the shift and the mask in it."""

    word: Integers
    shift: Words
    mask: Words


class Rules(NamedTuple):
    """What threads can do: the fields of the components; nodes, entries, steps.

    Node `n` looks at component `looks[n]`; its `width[n]` entries begin at `base[n]`.
    An entry from 0 on is a leaf, with the steps from `first[leaf]` to `first[leaf + 1]`.
    """

    word: Integers
    shift: Words
    mask: Words
    looks: Integers
    base: Integers
    width: Integers
    entries: Integers
    first: Integers
    deltas: Words


class Table(NamedTuple):
    """The hash table: its entries, how many parts they fall into, and the bits of a number."""

    entries: Numbers
    parts: int
    bits: int


@compiled
def hashed(words: Words, at: int) -> np.uint64:
    """The hash of a packed state: every bit of it depends on every bit of the state."""
    h = np.uint64(0x9E3779B97F4A7C15)
    for word in range(words.shape[1]):
        h ^= words[at, word]
        h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return h ^ (h >> np.uint64(32))


@compiled
def same(one: Words, at: Index, other: Words, where: Index) -> bool:
    """Whether two packed states are equal."""
    for word in range(one.shape[1]):  # noqa: SIM110
        if one[at, word] != other[where, word]:
            return False
    return True


@compiled
def entry(rules: Rules, states: Words, at: int, thread: int) -> int:
    """The leaf of what `thread` does in a state, or `UNKNOWN`."""
    node = thread
    while True:
        looked = rules.looks[node]
        value = states[at, rules.word[looked]] >> rules.shift[looked] & rules.mask[looked]
        if value >= np.uint64(rules.width[node]):
            return UNKNOWN
        found: int = rules.entries[rules.base[node] + np.int64(value)]
        if found >= UNKNOWN:
            return found
        node = UNKNOWN - found


@compiled
def part_of(h: np.uint64, parts: int) -> np.int64:
    """The part of the table that a hash belongs to."""
    return np.int64((h >> np.uint64(32)) * np.uint64(parts) >> np.uint64(32))


@compiled
def slot_of(h: np.uint64, size: int) -> np.int64:
    """Where in its part the search for a hash begins."""
    return np.int64((h & np.uint64(0xFFFFFFFF)) * np.uint64(size) >> np.uint64(32))


@compiled
def tag_of(h: np.uint64, bits: int) -> np.uint32:
    """The tag of a hash, in the place where an entry has it."""
    return np.uint32(((h >> np.uint64(32)) << np.uint64(bits)) & np.uint64(0xFFFFFFFF))


@compiled
def expand(
    rules: Rules,
    threads: int,
    states: Words,
    start: int,
    stop: int,
    out: Words,
    begin: int,
    hashes: Words,
    queue: Integers,
    lengths: Integers,
    counts: Integers,
    lacking: Integers,
) -> tuple[int, int, int]:
    """The targets of the states from `start` to `stop`, put into `out` from `begin` on.

    Told are how far it came, where the targets end, and how many entries it lacked: from the first
    state that lacks one on nothing is put, and `lacking` gets states and threads to learn. `queue`
    gets the targets that belong to each part of the hash table, and `lengths` how many they are.
    """
    parts = lengths.shape[0]
    lengths[:] = 0
    end, missing, through = begin, 0, stop
    leaves = np.empty(threads, np.int64)
    for at in range(start, stop):
        halted, lacks = False, 0
        for thread in range(threads):
            found = entry(rules, states, at, thread)
            leaves[thread] = found
            if found == HALTED:
                halted = True
            elif found == UNKNOWN and missing + lacks < lacking.shape[0]:
                lacking[missing + lacks, 0] = at
                lacking[missing + lacks, 1] = thread
                lacks += 1
        if lacks and not halted:
            missing += lacks
            through = min(through, at)
        if missing == lacking.shape[0]:
            break
        if missing:
            continue
        before = end
        if not halted:
            for thread in range(threads):
                leaf = leaves[thread]
                for step in range(rules.first[leaf], rules.first[leaf + 1]):
                    for word in range(states.shape[1]):
                        out[end, word] = states[at, word] ^ rules.deltas[step, word]
                    hashes[end] = hashed(out, end)
                    part = part_of(hashes[end], parts)
                    queue[part, lengths[part]] = end
                    lengths[part] += 1
                    end += 1
        counts[at - start] = end - before
    return through, end, missing


@compiled
def warm(
    table: Table, begin: int, states: Words, met: int, hashes: Words, queue: Integers
) -> np.uint64:
    """Something of all that looking these up in a part will look at: it is in the cache then."""
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    seen = np.uint64(0)
    for at in queue:
        seen ^= np.uint64(table.entries[begin + slot_of(hashes[at], size)])
    for at in queue:
        known = np.int64(table.entries[begin + slot_of(hashes[at], size)] & low)
        if 0 < known <= met:
            seen ^= states[known - 1, 0]
    return seen


@compiled
def insert(
    table: Table,
    part: int,
    states: Words,
    met: int,
    out: Words,
    hashes: Words,
    queues: Integers,
    lengths: Integers,
    fresh: Integers,
) -> np.uint64:
    """Give the targets of this part that nobody met yet a place in the table.

    Their entry has, for the time being, the number `met` plus their position in `out`; `fresh` gets
    where it is. Of the others, `fresh` is -1.
    """
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    begin, end = part * size, (part + 1) * size
    seen = np.uint64(0)
    for share in range(lengths.shape[0]):
        for batch in range(0, lengths[share, part], BATCH):
            queue = queues[share, part, batch : min(batch + BATCH, lengths[share, part])]
            seen ^= warm(table, begin, states, met, hashes, queue)
            for at in queue:
                h = hashes[at]
                slot, tag = begin + slot_of(h, size), tag_of(h, table.bits)
                fresh[at] = -1
                while True:
                    known = table.entries[slot]
                    if known == 0:
                        table.entries[slot] = tag | np.uint32(met + at + 1)
                        fresh[at] = slot
                        break
                    if known & ~low == tag:
                        number = np.int64(known & low) - 1
                        if number < met:
                            if same(states, number, out, at):
                                break
                        elif same(out, number - met, out, at):
                            break
                    slot += 1
                    if slot == end:
                        slot = begin
    return seen


@compiled
def settle(
    table: Table, states: Words, met: int, out: Words, ranges: Integers, fresh: Integers
) -> int:
    """How many states are met once the fresh targets are numbered, in order, and added."""
    low = np.uint32((1 << table.bits) - 1)
    for row in range(ranges.shape[0]):
        for at in range(ranges[row, 0], ranges[row, 1]):
            slot = fresh[at]
            if slot < 0:
                continue
            for word in range(states.shape[1]):
                states[met, word] = out[at, word]
            met += 1
            table.entries[slot] = (table.entries[slot] & ~low) | np.uint32(met)
    return met


@compiled
def rebuild(table: Table, part: int, states: Words, met: int) -> None:
    """Fill a part of an empty table with the first `met` states, no two of which are equal."""
    size = table.entries.shape[0] // table.parts
    begin, end = part * size, (part + 1) * size
    for at in range(met):
        h = hashed(states, at)
        if part_of(h, table.parts) != part:
            continue
        slot = begin + slot_of(h, size)
        while table.entries[slot]:
            slot += 1
            if slot == end:
                slot = begin
        table.entries[slot] = tag_of(h, table.bits) | np.uint32(at + 1)


@compiled
def find(table: Table, states: Words, out: Words, hashes: Words, numbers: Targets) -> None:
    """Put the numbers of the states in `out` into `numbers`; -1 for one that was not met."""
    size = table.entries.shape[0] // table.parts
    low = np.uint32((1 << table.bits) - 1)
    for at in range(out.shape[0]):
        h = hashes[at]
        begin = part_of(h, table.parts) * size
        slot, tag = begin + slot_of(h, size), tag_of(h, table.bits)
        numbers[at] = -1
        while True:
            known = table.entries[slot]
            if known == 0:
                break
            if known & ~low == tag:
                number = np.int64(known & low) - 1
                if same(states, number, out, at):
                    numbers[at] = number
                    break
            slot += 1
            if slot == begin + size:
                slot = begin


@compiled
def repack(
    states: Words,
    met: int,
    old: Fields,
    origins: Integers,
    starts: Integers,
    renumbered: Integers,
    new: Fields,
    target: Words,
) -> None:
    """Write the states with the components of `new` into `target`.

    Component `c` of them is `renumbered[starts[c] + v]`, where `v` is the value of the component
    `origins[c]` of the old.
    """
    for at in range(met):
        for word in range(target.shape[1]):
            target[at, word] = 0
        for component in range(origins.shape[0]):
            origin = origins[component]
            value = states[at, old.word[origin]] >> old.shift[origin] & old.mask[origin]
            moved = np.uint64(renumbered[starts[component] + np.int64(value)])
            target[at, new.word[component]] |= moved << new.shift[component]

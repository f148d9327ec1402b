"""What all loops of the compiled engine share: arrays, no policy. Nothing else imports numba.

A packed state is a row of 64-bit words, in which every component has bits of its own. A step
changes values that it knows, so it is one `xor` a word. What a thread does is a tree of tables:
an entry is found by the value of the thread's own component, and where that does not decide, by
the value of one more at each node below.

The numbers of states lie in a hash table of 32-bit entries with open addressing. An entry is 0, or
a tag, some bits of the hash, above the number plus one. The table falls into parts, by the hash; a
worker has some to itself, and looks only at hashes of those. Integers that are mixed with `uint64`
are of that type too: numba would make floating-point numbers of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Integers = NDArray[np.int64]
NumberArray = NDArray[np.uint32]
Small = NDArray[np.int32]
Numbered = NDArray[np.signedinteger[Any]]
Turns = NDArray[np.int8]
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


class Symmetry(NamedTuple):
    """How packed states become the representatives of their orbits: not at all without `members`.

    Those are the threads of all classes of copies, end to end; class `k` runs from `classes[k]`
    to `classes[k + 1]`. `free` are the components that no thread owns, in the order of slots.
    `fields` are where all components are. For each component there is a row of `base` and `width`:
    where in `entries` those of its values begin, and how many there are, first for every class,
    then for every member of `members`:

    * of a class, the row of `ranks` by which copies are sorted: for a thread's own component what
      it is compared by, for one that nobody owns the part of each copy in its value. Row 0 stands
      for a value that no exchange changes;
    * of a member, the value once it is exchanged with the first of its class.
    """

    members: Integers
    classes: Integers
    free: Integers
    fields: Fields
    base: Integers
    width: Integers
    entries: Small
    ranks: Integers


class Rules(NamedTuple):
    """What threads can do: a tree of nodes for each, the root of which has the thread's number.

    A row of `nodes` is where its component is (word, shift and mask), how many entries it has, and
    where these begin in `entries`. An entry from 0 on is a leaf. A row of `leaves` is the first of
    its steps and the first that is not its; then, as bits, the components that it reads, its own
    among them, and those that its steps write; then `TELLS`, where it has one step, which moves
    its thread on and does not end the run.
    """

    nodes: Words
    entries: Small
    leaves: Words
    deltas: Words
    threads: int
    symmetry: Symmetry


TELLS = np.uint64(1)


class Table(NamedTuple):
    """The hash table: its entries, how many parts they fall into, and the bits of a number."""

    entries: NumberArray
    parts: int
    bits: int


class Targets(NamedTuple):
    """What states lead to: the packed state and its hash, and the thread that takes the step.

    `others` are the threads, as bits, whose steps are the same before that step and behind it.
    `fresh` is where in the hash table one stands that nobody met before, and -1 of others.
    `turns`, of a quotient, is which thread each becomes in the representative.
    """

    out: Words
    hashes: Words
    who: NDArray[np.int16]
    others: Words
    fresh: Integers
    turns: Turns


def room_for_targets(length: int, words: int, turned: int = 0) -> Targets:
    """Room for so many targets, each of so many words, with so many threads that are `turned`."""
    return Targets(
        np.empty((length, words), np.uint64),
        np.empty(length, np.uint64),
        np.empty(length, np.int16),
        np.empty(length, np.uint64),
        np.empty(length, np.int64),
        np.empty((length, turned), np.int8),
    )


class Chunk(NamedTuple):
    """What one worker makes of a stretch of states.

    For every state: how many steps it has (`counts`), and how many of them have a target (`kept`).
    `queue` has the targets that belong to each part of the hash table, `lengths` how many they are.
    `lacking` are the states and threads of which no table says what they do.
    """

    counts: Small
    kept: Small
    queue: Small
    lengths: Integers
    lacking: Integers


class Share(NamedTuple):
    """What one worker made of its stretch, which begins at state `begin`.

    It came to state `through`; the targets are from `first` to `last`, `counts` are the steps of
    each state. `lacking` are the states and threads of which no table says yet what they do.
    """

    begin: int
    through: int
    first: int
    last: int
    counts: Small
    lacking: Integers


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
def rows_equal(one: Words, at: Index, other: Words, where: Index) -> bool:
    """Whether two packed states are equal."""
    for word in range(one.shape[1]):  # noqa: SIM110
        if one[at, word] != other[where, word]:
            return False
    return True


@compiled
def leaf_of(rules: Rules, states: Words, at: Index, thread: int) -> int:
    """The leaf of what `thread` does in a state, or `UNKNOWN`."""
    node = thread
    while True:
        value = states[at, rules.nodes[node, 0]] >> rules.nodes[node, 1] & rules.nodes[node, 2]
        if value >= rules.nodes[node, 3]:
            return UNKNOWN
        found = int(rules.entries[np.int64(rules.nodes[node, 4] + value)])
        if found >= UNKNOWN:
            return found
        node = UNKNOWN - found


@compiled
def part_of_hash(h: np.uint64, parts: int) -> np.int64:
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

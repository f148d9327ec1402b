"""The representatives of orbits, of packed states, compiled: copies sorted by exchanges of two.

It is what explore/reduction/quotient.py does, with what that found out once for each value of a
component in tables. `kernel.Symmetry` says what they are.
"""

from typing import NamedTuple

import numpy as np

from locking.explore.compiled.kernel import (
    UNKNOWN,
    Index,
    Integers,
    Symmetry,
    Turns,
    Words,
    compiled,
)


class RoomToFold(NamedTuple):
    """Room for one state at a time: the values of its components, before and behind an exchange.

    Of a class of copies it has the rows of `ranks` of the copies, and of the components that tell
    them apart; the order in which they are to stand, and that in which they do.
    """

    values: Integers
    exchanged: Integers
    rows: Integers
    telling: Integers
    order: Integers
    stands: Integers


@compiled
def room_to_fold(symmetry: Symmetry) -> RoomToFold:
    """Room to find one representative at a time."""
    components, members = symmetry.fields.word.shape[0], symmetry.members.shape[0]
    return RoomToFold(
        np.empty(components, np.int64),
        np.empty(components, np.int64),
        np.empty(members, np.int64),
        np.empty(components, np.int64),
        np.empty(members, np.int64),
        np.empty(members, np.int64),
    )


@compiled
def entry_of(symmetry: Symmetry, component: Index, row: Index, value: Index) -> int:
    """The entry of a component's value, or `UNKNOWN`."""
    rows = symmetry.classes.shape[0] - 1 + symmetry.members.shape[0]
    node = component * rows + row
    if value >= symmetry.width[node]:
        return UNKNOWN
    return int(symmetry.entries[symmetry.base[node] + value])


@compiled
def is_before(symmetry: Symmetry, room: RoomToFold, told: int, one: Index, other: Index) -> bool:
    """Whether one copy of a class is sorted before the other; `told` components tell of names."""
    ranks = symmetry.ranks
    mine, theirs = room.rows[one], room.rows[other]
    if mine != theirs:
        for at in range(ranks.shape[1]):
            if ranks[mine, at] != ranks[theirs, at]:
                return bool(ranks[mine, at] < ranks[theirs, at])
    for at in range(told):
        row = room.telling[at]
        if ranks[row, one] != ranks[row, other]:
            return bool(ranks[row, one] < ranks[row, other])
    return False


@compiled
def sort_copies(symmetry: Symmetry, room: RoomToFold, kind: int) -> int:
    """Put the order of the copies of class `kind` into `room`.

    It is `order_of` of the quotient. It returns how many copies do not stand there already, and
    `UNKNOWN` where a table lacks a row.
    """
    first = symmetry.classes[kind]
    count, told = symmetry.classes[kind + 1] - first, 0
    for at in range(count):
        thread = symmetry.members[first + at]
        row = entry_of(symmetry, thread, kind, room.values[thread])
        if row == UNKNOWN:
            return UNKNOWN
        room.rows[at] = row
    for component in symmetry.free:
        row = entry_of(symmetry, component, kind, room.values[component])
        if row == UNKNOWN:
            return UNKNOWN
        if row:
            room.telling[told] = row
            told += 1
    for at in range(count):
        place = at
        while place and is_before(symmetry, room, told, at, room.order[place - 1]):
            room.order[place] = room.order[place - 1]
            place -= 1
        room.order[place] = at
    moved = 0
    for at in range(count):
        moved += room.order[at] != at
    return moved


@compiled
def exchange(symmetry: Symmetry, room: RoomToFold, kind: int, at: Index) -> bool:
    """Exchange the first copy of a class with the one `at` a place in it; false: a table lacks it.

    Only what an exchange makes of a value was compared: other permutations are made of these.
    """
    place = symmetry.classes[kind] + at
    first, other = symmetry.members[symmetry.classes[kind]], symmetry.members[place]
    row = symmetry.classes.shape[0] - 1 + place
    for component in range(room.values.shape[0]):
        value = entry_of(symmetry, component, row, room.values[component])
        if value == UNKNOWN:
            return False
        to = other if component == first else first if component == other else component
        room.exchanged[to] = value
    room.values[:] = room.exchanged
    return True


@compiled
def arrange(symmetry: Symmetry, room: RoomToFold, kind: int, count: Index) -> bool:
    """Bring the `count` copies of a class into the order that `room` has for them.

    It is `exchanges` of the quotient. It is false where a table lacks an exchange.
    """
    order, stands = room.order, room.stands
    for at in range(count):
        stands[at] = at
    while True:
        at = 0
        while order[at] != stands[0]:
            at += 1
        if at == 0:
            while at < count and order[at] == stands[at]:
                at += 1
            if at == count:
                return True
        stands[0], stands[at] = stands[at], stands[0]
        if not exchange(symmetry, room, kind, at):
            return False


@compiled
def represent(
    symmetry: Symmetry, states: Words, row: Index, room: RoomToFold, turns: Turns
) -> bool:
    """Replace a state by its representative; `turns` gets which thread each of its threads is.

    It is false, and the state stays as it is, where a table lacks what that takes.
    """
    fields, changed = symmetry.fields, False
    for at in range(fields.word.shape[0]):
        room.values[at] = np.int64(
            states[row, fields.word[at]] >> fields.shift[at] & fields.mask[at]
        )
    for thread in range(turns.shape[1]):
        turns[row, thread] = thread
    for kind in range(symmetry.classes.shape[0] - 1):
        moved = sort_copies(symmetry, room, kind)
        if moved == UNKNOWN:
            return False
        if moved:
            changed = True
            first = symmetry.classes[kind]
            count = symmetry.classes[kind + 1] - first
            for at in range(count):
                turns[row, symmetry.members[first + room.order[at]]] = symmetry.members[first + at]
            if not arrange(symmetry, room, kind, count):
                return False
    if changed:
        for word in range(states.shape[1]):
            states[row, word] = 0
        for at in range(fields.word.shape[0]):
            states[row, fields.word[at]] |= np.uint64(room.values[at]) << fields.shift[at]
    return True


@compiled
def represent_all(symmetry: Symmetry, states: Words, start: int, turns: Turns) -> int:
    """Replace states by their representatives, from `start` on; it returns how far it came."""
    room = room_to_fold(symmetry)
    for row in range(start, states.shape[0]):
        if not represent(symmetry, states, row, room, turns):
            return row
    return int(states.shape[0])


@compiled
def before_turn(mask: np.uint64, turns: Turns, edge: int) -> np.uint64:
    """The threads of `mask`, as bits, by what they were before the permutation of an edge."""
    found, one = np.uint64(0), np.uint64(1)
    for thread in range(turns.shape[1]):
        found |= (mask >> np.uint64(turns[edge, thread]) & one) << np.uint64(thread)
    return found


@compiled
def spread_before(offsets: Integers, targets: Integers, turns: Turns, can: Words) -> None:
    """Add to the bits of every state those of all that can follow it; edges permute threads."""
    changed = True
    while changed:
        changed = False
        for at in range(offsets.shape[0] - 2, -1, -1):
            mask = can[at]
            for edge in range(offsets[at], offsets[at + 1]):
                mask |= before_turn(can[targets[edge]], turns, edge)
            if mask != can[at]:
                can[at] = mask
                changed = True

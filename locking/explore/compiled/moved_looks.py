"""The answers of a predicate for all images of packed states, compiled.

It is what explore/reduction/images.py does: the decision tree is gone down by every order of the
copies that are looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import UNKNOWN, Fields, Index, Integers, Small, Words, compiled
from locking.explore.compiled.passes import NODE


class MovedLooks(NamedTuple):
    """Looks, each with a column for every copy that may take the place of the one looked at.

    `positions` has the copy that each look is at, by its number among those of all classes, and -1
    where it is at none: it then has one column. `columns` has the first of each look. Of a column,
    `fields` is where the component lies, and `ranks[starts[column] + value]` what is seen of it.
    Class `k` of copies runs from `classes[k]` to `classes[k + 1]`; `kinds` has that of each copy.
    """

    positions: Integers
    columns: Integers
    fields: Fields
    starts: Integers
    ranks: Integers
    classes: Integers
    kinds: Integers


class RoomForImages(NamedTuple):
    """Where going down the tree is, so that it can go on there.

    `order` has for each position the copy that takes it, or -1; `alike` for each copy the first of
    its class that looks the same; `choices` the nodes at which a copy was chosen. `progress` is how
    many there are, the answer so far, and the node and the entry at which it stopped.
    """

    order: Integers
    alike: Integers
    choices: Integers
    progress: Integers


@compiled
def rank_of(looks: MovedLooks, states: Words, row: int, look: Index, copy: Index) -> int:
    """The rank of what a look sees where `copy` takes the place of the one that it is at."""
    column = looks.columns[look]
    position = looks.positions[look]
    if position >= 0:
        column += copy - looks.classes[looks.kinds[position]]
    fields = looks.fields
    value = states[row, fields.word[column]] >> fields.shift[column] & fields.mask[column]
    return int(looks.ranks[looks.starts[column] + np.int64(value)])


@compiled
def look_the_same(looks: MovedLooks, states: Words, row: int, one: int, other: int) -> bool:
    """Whether no look at a copy of their class tells two copies apart."""
    for look in range(looks.positions.shape[0]):
        position = looks.positions[look]
        if position < 0 or looks.kinds[position] != looks.kinds[one]:
            continue
        if rank_of(looks, states, row, look, one) != rank_of(looks, states, row, look, other):
            return False
    return True


@compiled
def begin(looks: MovedLooks, states: Words, row: int, room: RoomForImages) -> None:
    """Begin a state: no copy has taken a place."""
    room.order[:] = -1
    room.progress[0], room.progress[1] = 0, UNKNOWN
    for copy in range(looks.kinds.shape[0]):
        first = looks.classes[looks.kinds[copy]]
        while first < copy and not look_the_same(looks, states, row, first, copy):
            first += 1
        room.alike[copy] = first


@compiled
def is_free(looks: MovedLooks, room: RoomForImages, position: Index, copy: int) -> bool:
    """Whether a copy takes no place but perhaps this one."""
    kind = looks.kinds[position]
    for other in range(looks.classes[kind], looks.classes[kind + 1]):
        if other != position and room.order[other] == copy:
            return False
    return True


@compiled
def next_copy(looks: MovedLooks, room: RoomForImages, position: Index, copy: Index) -> int:
    """The next copy that may take a place, and is not like one that has; -1 where there is none."""
    kind = looks.kinds[position]
    for found in range(copy + 1, looks.classes[kind + 1]):
        if not is_free(looks, room, position, found):
            continue
        new = True
        for before in range(looks.classes[kind], found):
            if room.alike[before] == room.alike[found] and is_free(looks, room, position, before):
                new = False
        if new:
            return found
    return -1


@compiled
def next_choice(
    looks: MovedLooks, states: Words, row: int, nodes: Integers, room: RoomForImages
) -> tuple[int, int]:
    """The node at which another copy takes the place, or -1, and the entry behind it."""
    while room.progress[0] > 0:
        node = room.choices[room.progress[0] - 1]
        look = nodes[node, 0]
        position = looks.positions[look]
        copy = next_copy(looks, room, position, room.order[position])
        room.order[position] = copy
        if copy >= 0:
            return node, nodes[node, 1] + rank_of(looks, states, row, look, copy)
        room.progress[0] -= 1
    return -1, 0


@compiled
def answers(
    states: Words,
    start: int,
    fresh: bool,
    nodes: Integers,
    entries: Small,
    looks: MovedLooks,
    room: RoomForImages,
    found: NDArray[np.bool_],
) -> tuple[int, int, int, bool]:
    """How far it came from state `start` on with putting the answers for `states` into `found`.

    Unless it is `fresh`, it goes on with that state where it stopped. It stops where the tree has
    no answer, and says at which node (-1: none), and at which entry; or where two images have two
    answers, and says so.
    """
    node, place = room.progress[2], room.progress[3]
    for row in range(start, states.shape[0]):
        if fresh:
            begin(looks, states, row, room)
            node, place = -1, 0
        fresh = True
        while True:
            entry = int(entries[place])
            while entry >= NODE:
                node = entry - NODE
                look = nodes[node, 0]
                position = looks.positions[look]
                copy = 0
                if position >= 0:
                    if room.order[position] < 0:
                        first = looks.classes[looks.kinds[position]]
                        room.order[position] = next_copy(looks, room, position, first - 1)
                        room.choices[room.progress[0]] = node
                        room.progress[0] += 1
                    copy = room.order[position]
                place = nodes[node, 1] + rank_of(looks, states, row, look, copy)
                entry = int(entries[place])
            if entry == UNKNOWN:
                room.progress[2], room.progress[3] = node, place
                return row, node, place, False
            if room.progress[1] == UNKNOWN:
                room.progress[1] = entry
            elif room.progress[1] != entry:
                return row, node, place, True
            node, place = next_choice(looks, states, row, nodes, room)
            if node < 0:
                break
        found[row] = room.progress[1] != 0
    return states.shape[0], -1, 0, False

"""The algebra of relations between few events, each relation one integer.

A set of events is a bit mask: bit `i` is event `i`. A relation between `size` events is an integer
of `size * size` bits: bit `i * size + j` is the pair `(i, j)`. So union, intersection and
difference are `|`, `&` and `& ~` of Python, also those of relations, and what else there is takes
one step for each event. (Rows of a matrix as one number: Warshall's closure, 1962.)
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

EventSet = int
"""A bit mask of events."""

Relation = int
"""A bit mask of pairs of events, row by row."""


class Algebra(NamedTuple):
    """What is done with relations between `size` events. `algebra` makes one."""

    size: int
    all_events: EventSet
    all_pairs: Relation
    diagonal: Relation
    """Every event with itself."""
    first_column: Relation
    """Every event with event 0."""

    def relation(self, pairs: Iterable[tuple[int, int]]) -> Relation:
        """The relation that has these pairs of events."""
        found = 0
        for first, second in pairs:
            found |= 1 << (first * self.size + second)
        return found

    def pairs(self, relation: Relation) -> Iterator[tuple[int, int]]:
        """The pairs of a relation, in the order of their first event, then of their second."""
        for bit in bits(relation):
            yield divmod(bit, self.size)

    def row(self, relation: Relation, event: int) -> EventSet:
        """The events that `event` is related to."""
        return relation >> (event * self.size) & self.all_events

    def identity(self, events: EventSet) -> Relation:
        """Each of these events with itself: `[S]`."""
        return self.rows(events) & self.diagonal

    def rows(self, events: EventSet) -> Relation:
        """Each of these events with all events: `S * _`."""
        found = 0
        for event in bits(events):
            found |= self.all_events << (event * self.size)
        return found

    def columns(self, events: EventSet) -> Relation:
        """All events with each of these: `_ * S`."""
        return self.first_column * events

    def product(self, first: EventSet, second: EventSet) -> Relation:
        """Each of the first events with each of the second: `S * T`."""
        return self.rows(first) & self.columns(second)

    def compose(self, first: Relation, second: Relation) -> Relation:
        """The pairs `(a, c)` with `(a, b)` in the first and `(b, c)` in the second: `r ; s`."""
        found = 0
        size, column, row = self.size, self.first_column, self.all_events
        while first and second:
            successors = second & row
            if successors:
                # Bits of a column are `size` apart, so this product has no carries.
                found |= (first & column) * successors
            first >>= 1
            second >>= size
        return found

    def closure(self, relation: Relation) -> Relation:
        """The smallest transitive relation with these pairs: `r+`."""
        size, column, row = self.size, self.first_column, self.all_events
        for event in range(size):
            successors = relation >> (event * size) & row
            if successors:
                relation |= (relation >> event & column) * successors
        return relation

    def reflexive_closure(self, relation: Relation) -> Relation:
        """The smallest transitive relation with these pairs and with the diagonal: `r*`."""
        return self.closure(relation) | self.diagonal

    def inverse(self, relation: Relation) -> Relation:
        """The pairs turned round: `r^-1`."""
        if not relation:
            return 0
        text = f"{relation:0{self.size * self.size}b}"
        return int("".join([text[event :: self.size] for event in range(self.size)]), 2)

    def domain(self, relation: Relation) -> EventSet:
        """The events that are related to some event."""
        found = 0
        for event in range(self.size):
            if relation >> (event * self.size) & self.all_events:
                found |= 1 << event
        return found

    def range_(self, relation: Relation) -> EventSet:
        """The events that some event is related to."""
        found = 0
        while relation:
            found |= relation
            relation >>= self.size
        return found & self.all_events

    def is_irreflexive(self, relation: Relation) -> bool:
        """Whether no event is related to itself."""
        return not relation & self.diagonal

    def is_acyclic(self, relation: Relation) -> bool:
        """Whether no way along the pairs leads back to where it began."""
        return not self.closure(relation) & self.diagonal

    def shortest_way(self, relation: Relation, first: int, last: int) -> list[int] | None:
        """The events of a shortest way of at least one pair from one event to another, or None.

        Of several, the one whose events have the smaller numbers.
        """
        before: dict[int, int] = {}
        reached = [first]
        for event in reached:
            for after in bits(self.row(relation, event)):
                if after not in before:
                    before[after] = event
                    reached.append(after)
            if last in before:
                break
        if last not in before:
            return None
        way = [last]
        while len(way) == 1 or way[-1] != first:
            way.append(before[way[-1]])
        return way[::-1]

    def shortest_cycle(self, relation: Relation) -> list[int] | None:
        """The events of a shortest cycle, its first event also last, or None."""
        ways = (self.shortest_way(relation, event, event) for event in range(self.size))
        return min((way for way in ways if way), key=len, default=None)


@cache
def algebra(size: int) -> Algebra:
    """The algebra of relations between `size` events."""
    row = (1 << size) - 1
    column = sum(1 << (event * size) for event in range(size))
    return Algebra(
        size=size,
        all_events=row,
        all_pairs=row * column,
        diagonal=sum(1 << (event * size + event) for event in range(size)),
        first_column=column,
    )


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, in their order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest

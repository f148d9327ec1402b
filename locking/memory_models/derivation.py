"""Why two events are related: a shortest way of edges that the terms of a model are made of."""

from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from locking.memory_models.candidate import BaseEdge, Candidate
from locking.memory_models.evaluation import operators
from locking.memory_models.plan import most_rounds, too_many_rounds
from locking.memory_models.relations import Relation, algebra
from locking.memory_models.terms import CHOSEN_RELATIONS, RELATION, Term, given

EdgeWay = tuple[BaseEdge, ...]

KNOWN_RELATIONS = ("rf", "co", "fr")
"""Relations that are one edge for a reader, however a model defines them."""

FILTERS = ("loc", "int", "ext")
"""Relations that say which pairs are meant, but not why one event is before another."""


class BodyMoment(NamedTuple):
    """A body of a recursion was evaluated: `variable` got `value`, with those `before`."""

    variable: Term
    body: Term
    before: Mapping[Term, int]
    value: int


Past = tuple[BodyMoment, ...]
"""What was evaluated before, of the recursion that a term is inside."""


class Derivation:
    """Explains one candidate by the terms of a model."""

    def __init__(self, candidate: Candidate, names: Mapping[str, Term]) -> None:
        """`names` has relations of the model; of those, `KNOWN_RELATIONS` are one edge each."""
        self.candidate = candidate
        self.space = algebra(candidate.structure.size)
        self.known = {given("rf").inverse.then(given("co")): "fr"}
        self.known |= {names[each]: each for each in KNOWN_RELATIONS if each in names}
        self._values: dict[Term, int] = {}
        self._histories: dict[Term, Past] = {}
        self._ways: dict[tuple[Term, int, int, int], EdgeWay] = {}
        self._filters: dict[Term, bool] = {}

    def value(self, term: Term, variables: Mapping[Term, int] | None = None) -> int:
        """The value of a term; `variables` has those of the recursion that it is inside."""
        if variables and term in variables:
            return variables[term]
        if variables and any(each in variables for each in term.depends):
            return self._computed(term, variables)
        if term not in self._values:
            self._values[term] = self._computed(term, variables)
        return self._values[term]

    def _computed(self, term: Term, variables: Mapping[Term, int] | None) -> int:
        """The value of a term, from the values of its operands."""
        if term.operator == "given":
            return self._given(term)
        if term.operator == "result":
            variable = term.operands[0].operands[int(term.name)]
            return self.last_value(self.history(term.operands[0]), variable)
        values = [self.value(each, variables) for each in term.operands]
        first, second = (*values, 0, 0)[:2]
        return operators(self.space.size)[term.operator](first, second)

    def _given(self, term: Term) -> int:
        """The value of what the candidate has."""
        structure, rf, co = self.candidate
        if term.name in CHOSEN_RELATIONS and term.kind == RELATION:
            return rf if term.name == "rf" else co
        return (structure.relations if term.kind == RELATION else structure.sets).get(term.name, 0)

    def last_value(self, past: Past, variable: Term) -> int:
        """The value that a variable has after all this."""
        return next((each.value for each in past[::-1] if each.variable is variable), 0)

    def history(self, recursion: Term) -> Past:
        """All that is evaluated for a recursion, until a round changes nothing.

        Errors: `ModelError` if that never comes.
        """
        if recursion not in self._histories:
            half = len(recursion.operands) // 2
            pairs = list(zip(recursion.operands[:half], recursion.operands[half:], strict=True))
            now = dict.fromkeys(recursion.operands[:half], 0)
            past: list[BodyMoment] = []
            changed = True
            while changed:
                if len(past) > half * most_rounds(self.space.size, half):
                    raise too_many_rounds()
                changed = False
                for variable, body in pairs:
                    moment = BodyMoment(variable, body, dict(now), self.value(body, now))
                    changed |= moment.value != now[variable]
                    now[variable] = moment.value
                    past.append(moment)
            self._histories[recursion] = tuple(past)
        return self._histories[recursion]

    def is_filter(self, term: Term) -> bool:
        """Whether a relation is no reason for an order, but only says which pairs are meant."""
        if term not in self._filters:
            self._filters[term] = self._is_filter(term)
        return self._filters[term]

    def _is_filter(self, term: Term) -> bool:
        """Whether a relation only says which pairs are meant, found from its operands."""
        if term.operator == "given":
            return term.name in FILTERS
        if term.operator in ("rows", "columns", "identity", "not relation"):
            return True
        return bool(term.operands) and all(map(self.is_filter, term.operands))

    def has(self, term: Term, first: int, second: int, past: Past = ()) -> bool:
        """Whether a relation has this pair."""
        value = self.value(term, past[-1].before if past else None)
        return bool(value >> (first * self.space.size + second) & 1)

    def way(self, term: Term, first: int, second: int, past: Past = ()) -> EdgeWay:
        """A shortest way for a pair of a relation; `past` ends with the moment to look at."""
        inside = any(each.operator == "variable" for each in (*term.depends, term))
        key = (term, first, second, len(past) if inside else 0)
        if key not in self._ways:
            self._ways[key] = self._way(term, first, second, past)
        return self._ways[key]

    def _way(self, term: Term, first: int, second: int, past: Past) -> EdgeWay:
        """A shortest way for a pair of a relation, from those of its operands."""
        if term in self.known or term.operator in ("given", "not relation", "rows", "columns"):
            return (BaseEdge(first, self.known.get(term, term.name), second),)
        operands = term.operands
        match term.operator:
            case "identity":
                return ()
            case "or":
                found = [each for each in operands if self.has(each, first, second, past)]
                return min((self.way(each, first, second, past) for each in found), key=len)
            case "and":
                reasons = [each for each in operands if not self.is_filter(each)] or operands
                return min((self.way(each, first, second, past) for each in reasons), key=len)
            case "minus":
                return self.way(operands[0], first, second, past)
            case "then":
                return self._by_way_of(term, first, second, past)
            case "plus":
                return self.shortest(self._edges(operands[0], past), first, second)
            case "inverse":
                return _turned(self.way(operands[0], second, first, past))
            case "result":
                history = self.history(operands[0])
                return self._since(operands[0].operands[int(term.name)], first, second, history)
            case _:
                return self._since(term, first, second, past[:-1])

    def _since(self, variable: Term, first: int, second: int, past: Past) -> EdgeWay:
        """The way by which a variable first got a pair.

        Errors: none; `AssertionError` would be a mistake here.
        """
        for number, each in enumerate(past):
            if each.variable is variable and each.value >> (first * self.space.size + second) & 1:
                return self.way(each.body, first, second, past[: number + 1])
        raise AssertionError("a variable has only what it got")

    def _by_way_of(self, term: Term, first: int, second: int, past: Past) -> EdgeWay:
        """A shortest way through an event that is between two."""
        before, after = term.operands
        found = (
            self.way(before, first, event, past) + self.way(after, event, second, past)
            for event in range(self.space.size)
            if self.has(before, first, event, past) and self.has(after, event, second, past)
        )
        return min(found, key=len)

    def _edges(self, term: Term, past: Past) -> Callable[[int], list[EdgeWay]]:
        """Of each event, the ways to the events that a relation has it with."""
        pairs: Relation = self.value(term, past[-1].before if past else None)

        def edges(event: int) -> list[EdgeWay]:
            row = self.space.row(pairs, event)
            return [
                self.way(term, event, other, past) or (BaseEdge(event, "id", other),)
                for other in range(self.space.size)
                if row >> other & 1
            ]

        return edges

    def shortest(self, edges: Callable[[int], list[EdgeWay]], first: int, last: int) -> EdgeWay:
        """A shortest way of at least one edge, by Dijkstra's algorithm; there must be one.

        Errors: none; `AssertionError` would be a mistake here.
        """
        reached: set[int] = set()
        waiting: list[tuple[int, EdgeWay]] = [(0, ())]
        while waiting:
            _, way = heappop(waiting)
            event = way[-1].target if way else first
            if way and event == last:
                return way
            if event not in reached:
                reached |= {event} if way else set()
                for each in edges(event):
                    heappush(waiting, (len(way) + len(each), way + each))
        raise AssertionError("a pair of a closure has a way")

    def shortest_cycle(self, term: Term) -> EdgeWay:
        """A shortest cycle of a relation that has one."""
        space, pairs = self.space, self.value(term)
        back = pairs & space.inverse(space.closure(pairs))
        edges = self._edges(term, ())

        def inside(event: int) -> list[EdgeWay]:
            row = space.row(back, event)
            return [each for each in edges(event) if row >> each[-1].target & 1]

        starts = [event for event in range(space.size) if space.row(back, event)]
        return min((self.shortest(inside, each, each) for each in starts), key=len)


def _turned(way: EdgeWay) -> EdgeWay:
    """A way backwards, as one edge; none if it has none."""
    if not way:
        return ()
    said = " ; ".join(each.why for each in way)
    turned = f"({said})^-1" if len(way) > 1 else f"{said}^-1"
    return (BaseEdge(way[-1].target, turned, way[0].source),)

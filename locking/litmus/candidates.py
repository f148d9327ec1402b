"""The candidate executions of a test: what each read sees, and the order of all writes.

A value may come from itself, by way of what reads see. If it is computed on the way, or a condition
depends on it, the candidate is no execution. If it is only copied, it is out of thin air: it may be
any value. Both are as in herd7.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from locking.errors import UsageError
from locking.litmus.paths import PathsFound
from locking.litmus.structures import Combination
from locking.litmus.syntax import Combined, Compared, LitmusCondition, LitmusPlace, LitmusTest
from locking.litmus.tokens import LitmusError
from locking.litmus.values import (
    LitmusValue,
    OperatorTerm,
    ReadTerm,
    ThinAir,
    computed_value,
    is_known,
    member_of,
    reads_of,
)
from locking.memory_models.candidate import EventStructure
from locking.memory_models.relations import Relation
from locking.memory_models.sources import MayRead, SourceChoice, locations_of

FinalState = tuple[LitmusValue, ...]
"""The values of the places that a test shows, in their order."""


class LitmusCandidate(NamedTuple):
    """A candidate execution with its values."""

    combination: Combination
    rf: int
    co: int
    sources: Mapping[int, int]
    """For each read the write that it sees."""
    values: Mapping[int, LitmusValue]
    """The value of each read and write."""
    last: Mapping[str, int]
    """For each location the write that comes last."""
    trouble: LitmusError | None
    """What can't be computed, if something can't, such as a division by zero."""

    @property
    def different_values(self) -> Relation:
        """Locks of SRCU with the unlocks that are given another value than they gave."""
        return self.combination.different_values(self.values)

    @property
    def structure(self) -> EventStructure:
        """The event structure, with what is known of values."""
        structure = self.combination.structure
        if not self.combination.srcu_pairs:
            return structure
        relations = {**structure.relations, "different-values": self.different_values}
        return structure._replace(relations=relations)


class Unsettled(Exception):
    """A value that depends on itself."""


class Settling:
    """Finds the values of a candidate's events."""

    def __init__(self, combination: Combination, sources: Mapping[int, int]) -> None:
        self.events = combination.events
        self.sources = sources
        self.found: dict[int, LitmusValue | None] = {}
        """Values by event; None while one is being found."""

    def of_event(self, event: int) -> LitmusValue:
        """The value that an event reads or writes. Errors: `Unsettled`."""
        way: list[int] = []
        at: int | None = event
        while at is not None and at not in self.found:
            way.append(at)
            self.found[at] = None
            event, at = at, self.copied(at)
        if at is None:
            value = self.of(self.events[event].value)
        elif at in way:
            value = ThinAir(min(way[way.index(at) :]))
        else:
            value = self.known(at)
        self.found |= dict.fromkeys(way, value)
        return value

    def known(self, event: int) -> LitmusValue:
        """A value that was found. Errors: `Unsettled`, while it is being found."""
        value = self.found[event]
        if value is None:
            raise Unsettled
        return value

    def copied(self, event: int) -> int | None:
        """The event whose value this one has as it is, if there is one."""
        source = self.sources.get(event)
        value = self.events[event].value
        if source is None and isinstance(value, ReadTerm) and value.event != event:
            return value.event
        return source

    def of(self, value: LitmusValue) -> LitmusValue:
        """A value without terms. Errors: `Unsettled`; `UsageError`, if an operator has none."""
        if isinstance(value, OperatorTerm):
            left, right = self.of(value.left), self.of(value.right)
            if not is_known(left) or not is_known(right):
                raise Unsettled
            if value.operator == ".":
                return member_of(left, str(right))
            return computed_value(value.operator, left, right)
        return self.of_event(value.event) if isinstance(value, ReadTerm) else value

    def holds(self, value: LitmusValue, true: bool) -> bool:
        """Whether a value is true, or is false. Errors: `Unsettled`, if it may be any."""
        found = self.of(value)
        if not is_known(found):
            raise Unsettled
        return (found != 0) == true


def combinations(test: LitmusTest, paths: Sequence[PathsFound]) -> Iterator[Combination]:
    """One path of each thread, in all ways."""
    asked = [each.name for each in asked_places(test) if each.thread is None]
    for chosen in product(*(each.paths for each in paths)):
        yield Combination(test.memory, chosen, asked)


def candidates_of(
    combination: Combination, go_on: Callable[[], None], *, cut: bool = True
) -> Iterator[LitmusCandidate]:
    """The candidates of a combination; if `cut`, without those that locations alone forbid.

    `go_on` is called now and then, and may raise what ends the search.
    """
    locations = locations_of(combination.source_events)
    may_read = may_read_in(combination)
    choices = []
    for each in locations:
        found = []
        for choice in each.choices(may_read) if cut else each.all_choices(may_read):
            go_on()
            found.append(choice)
        if not found:
            return
        choices.append(found)
    names = [each.name for each in locations]
    for chosen in product(*choices):
        go_on()
        candidate = candidate_from(combination, names, chosen)
        if candidate:
            yield candidate


def candidate_from(
    combination: Combination, names: Sequence[str], chosen: Sequence[SourceChoice]
) -> LitmusCandidate | None:
    """A candidate of one choice for each location; None if values do not fit together."""
    sources = dict(pair for each in chosen for pair in each.seen)
    settling = Settling(combination, sources)
    values: dict[int, LitmusValue] = {}
    trouble = combination.trouble
    try:
        if not all(settling.holds(*each) for each in combination.constraints):
            return None
        for event, each in enumerate(combination.events):
            if each.event.kind in ("R", "W"):
                values[event] = settling.of_event(event)
    except Unsettled:
        return None
    except UsageError as error:
        trouble = LitmusError(1, str(error))
    rf = co = 0
    for choice in chosen:
        rf |= choice.rf
        co |= choice.co
    last = {name: each.last for name, each in zip(names, chosen, strict=True)}
    return LitmusCandidate(combination, rf, co, sources, values, last, trouble)


def may_read_in(combination: Combination) -> MayRead:
    """Says whether a read may see a write, as far as its value alone decides."""
    alone: dict[int, list[tuple[LitmusValue, bool]]] = {}
    for value, true in combination.constraints:
        reads = set(reads_of(value))
        if len(reads) == 1:
            alone.setdefault(reads.pop(), []).append((value, true))
    events = combination.events

    def may_read(read: int, write: int) -> bool:
        wanted = alone.get(read)
        written = events[write].value
        if not wanted or not is_known(written):
            return True
        settling = Settling(combination, {})
        settling.found[read] = written
        try:
            return all(settling.holds(*each) for each in wanted)
        except (UsageError, Unsettled):
            return True

    return may_read


def value_at(
    candidate: LitmusCandidate, memory: Mapping[str, LitmusValue], place: LitmusPlace
) -> LitmusValue:
    """The value of a place at the end of a candidate."""
    if place.thread is None:
        last = candidate.last.get(place.name)
        return memory.get(place.name, 0) if last is None else candidate.values.get(last, 0)
    value = candidate.combination.final(place.thread, place.name)
    settling = Settling(candidate.combination, candidate.sources)
    settling.found.update(candidate.values)
    return settling.of(value)


def fulfils(condition: LitmusCondition, values: Mapping[LitmusPlace, LitmusValue]) -> bool:
    """Whether a condition is true of these values."""
    if isinstance(condition, Compared):
        place, other, equal = condition
        wanted = values[other] if isinstance(other, LitmusPlace) else other
        return (values[place] == wanted) == equal
    assert isinstance(condition, Combined), "there are two kinds of condition"
    return COMBINING[condition.operator](condition.parts, values)


def all_true(parts: Sequence[LitmusCondition], values: Mapping[LitmusPlace, LitmusValue]) -> bool:
    """Whether all parts are true."""
    return all(fulfils(each, values) for each in parts)


def some_true(parts: Sequence[LitmusCondition], values: Mapping[LitmusPlace, LitmusValue]) -> bool:
    """Whether some part is true."""
    return any(fulfils(each, values) for each in parts)


def implied(parts: Sequence[LitmusCondition], values: Mapping[LitmusPlace, LitmusValue]) -> bool:
    """Whether the second part is true if the first is."""
    return not fulfils(parts[0], values) or fulfils(parts[1], values)


COMBINING = {
    "and": all_true,
    "or": some_true,
    "not": lambda parts, values: not some_true(parts, values),
    "implies": implied,
}
"""What each way to combine conditions means."""


def places_of(condition: LitmusCondition) -> Iterator[LitmusPlace]:
    """The places that a condition asks for."""
    if isinstance(condition, Compared):
        yield condition.place
        if isinstance(condition.other, LitmusPlace):
            yield condition.other
    else:
        for each in condition.parts:
            yield from places_of(each)


def asked_places(test: LitmusTest) -> tuple[LitmusPlace, ...]:
    """The places that a test shows or asks for."""
    asked = [*test.shown, *places_of(test.condition)]
    if test.filter is not None:
        asked += places_of(test.filter)
    return tuple(dict.fromkeys(asked))

"""The outcome of a search, as properties judge it, and the judgement that they give."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, partial
from itertools import takewhile
from operator import itemgetter
from typing import Any, Protocol, TypeGuard

from locking.errors import ModelError, Vacuous
from locking.explore.deadline import look as look_at_clock
from locking.explore.decisions import Look
from locking.explore.graph import Choice, Graph, Watch
from locking.explore.product import Product, State
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.quotient_graph import QuotientGraph
from locking.objects.operation import Object, Site
from locking.programs.guard import Runaway, endless, guarded
from locking.programs.position import FailureKind, Position
from locking.properties.images import Images
from locking.properties.predicate import truth
from locking.properties.view import Aspect, View


class Verdict(Enum):
    """What is known of a property.

    `NEVER_EVALUATED`: all was gone through, and no run comes near what the property speaks of.
    """

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    NEVER_EVALUATED = "never evaluated"

    @property
    def known(self) -> bool:
        """Whether it says that the property holds or fails."""
        return self in (Verdict.HOLDS, Verdict.FAILS)


@dataclass(frozen=True)
class Judgement:
    """A verdict; `goals` are states that show it, all at the least depth there is.

    `choices` is a run that shows it, where no state alone does; the property then is one `OfRuns`.
    The last `cycle` of them lead back to where they begin.
    `at_once` is the greatest number of threads that were found together, for properties that count;
    `cause` says why a verdict is unknown though the search came to its end, or why the property was
    never evaluated.
    """

    verdict: Verdict
    goals: frozenset[int] = frozenset()
    at_once: int | None = None
    cause: str | None = None
    choices: tuple[Choice, ...] | None = None
    cycle: int = 0


@dataclass(frozen=True)
class Finding:
    """What a state shows: the condition in words, and the values that it speaks of.

    `operands` are values by name; those called as in `objects` are values of these objects, all
    others are of variables and conditions, whatever they are called. `waits` is what each thread
    that is stuck waits in, by the thread's name. `site` is the line that it speaks of, where it
    knows one.
    """

    says: str
    operands: tuple[tuple[str, str], ...] = ()
    objects: frozenset[str] = frozenset()
    waits: tuple[tuple[str, str], ...] = ()
    site: Site | None = None

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """Everything that has a name: in what threads wait, then the operands."""
        return (*self.waits, *self.operands)


def finding_of(says: str, seen: View) -> Finding:
    """What a condition shows that has looked at the state `seen`: `says`, and what it looked at."""
    names = frozenset(object_.name for object_ in seen.objects)
    return Finding(says, tuple(seen.operands.items()), names)


class Property(Protocol):
    """Something that must be true of everything that can happen, or that must be possible.

    `wanted` properties hold by a witness; all others fail by a counterexample.
    """

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def wanted(self) -> bool: ...

    def judge(self, explored: "Explored") -> Judgement:
        """The verdict, from everything that was explored. Errors: `Vacuous`."""
        ...

    def find(self, product: Product, state: State) -> Finding | None:
        """What `state` shows of this property, or None where it shows nothing."""
        ...


class OfRuns(Property, Protocol):
    """A property that a run shows, and no state alone: a state has forgotten what led to it."""

    def find_along(self, product: Product, choices: Sequence[Choice]) -> Finding | None:
        """What the run of `choices` shows with its last step, or None where it shows nothing."""
        ...


def is_of_runs(property_: Property) -> TypeGuard[OfRuns]:
    """Whether a property is one that only a run shows; a protocol takes long to say that."""
    return hasattr(property_, "find_along")


class Explored:
    """A product with the graph of what it can do; `watch` is to end what else is gone through."""

    def __init__(self, product: Product, graph: Graph, watch: Watch = lambda *_: None) -> None:
        self.product = product
        self.graph = graph
        self.watch = watch
        self.footprints: list[Footprint] = []

    @property
    def complete(self) -> bool:
        """Whether the search came to its end."""
        return self.graph.cause is None

    def where(
        self,
        predicate: Callable[[View], Any],
        among: Iterable[int] | None = None,
        *,
        same: bool = False,
    ) -> Iterator[int]:
        """The states, of all or of those `among`, of which `predicate` is true, in order.

        It is not asked of a state in which it would see what it has seen in another; `same` says
        that it does not tell threads of one program apart.

        Errors: `Unlike`, where copies of a program are one and it tells them apart.
        """
        footprint = Footprint(self.product, of_ends=among is not None)
        self.footprints.append(footprint)
        looks: Callable[[], Sequence[Look]] = lambda: footprint.latest  # noqa: E731
        ask: Callable[[State], bool] = partial(footprint.ask, predicate)
        if isinstance(self.product, Quotient) and not same:
            assert isinstance(self.graph, QuotientGraph)
            images = Images(self.product, self.graph, ask, footprint.looked, looks)
            yield from self.graph.pick_alike(images, among)
        else:
            yield from self.graph.pick(looks, ask, among)

    def nearest(self, states: Iterator[int]) -> frozenset[int]:
        """All those of `states`, which come in order, that have the least depth."""
        first = next(states, None)
        if first is None:
            return frozenset()
        depths = self.graph.depths
        return frozenset([first, *takewhile(lambda at: depths[at] == depths[first], states)])

    def never(self, bad: Iterator[int]) -> Judgement:
        """The judgement of a property that fails in the states `bad`, which come in order."""
        goals = self.nearest(bad)
        if goals:
            return Judgement(Verdict.FAILS, goals)
        return Judgement(Verdict.HOLDS if self.complete else Verdict.UNKNOWN)

    @cached_property
    def interleavings(self) -> int | None:
        """How many maximal runs there are; None where a cycle makes them infinitely many."""
        return self.graph.runs()

    @cached_property
    def ends(self) -> list[int]:
        """The states from which no step can be taken."""
        return list(self.graph.ends())

    @cached_property
    def finished(self) -> list[int]:
        """The states in which all threads have ended: every one that is no daemon.

        Daemons may go on from there, and come to more such states.
        """
        daemons = any(thread.daemon for thread in self.product.threads)
        among = None if daemons else self.ends
        return list(self.where(lambda s: s.finished, among=among, same=True))

    @cached_property
    def halted(self) -> list[tuple[int, FailureKind]]:
        """The states in which a run broke off, each with the kind of what it failed."""
        found = [
            (at, kind)
            for thread, seen in enumerate(self.positions)
            for kind in dict.fromkeys(each.failure.kind for each in seen if each.failure)
            for at in self.broken(thread, kind)
        ]
        return sorted(found, key=itemgetter(0))

    def broken(self, thread: int, kind: FailureKind) -> Iterator[int]:
        """The states that were gone through, and in which the run of a thread broke off so."""

        def fails(place: int) -> bool:
            failure = self.product.automata[thread].position(place).failure
            return failure is not None and failure.kind == kind

        found = self.graph.pick(lambda: [(thread, fails)], lambda state: fails(state[thread]))
        return takewhile(lambda at: at < self.graph.explored, found)

    @cached_property
    def positions(self) -> list[list[Position]]:
        """For every thread, the positions that it was seen in."""
        return [
            [automaton.position(place) for place in self.graph.values(at)]
            for at, automaton in enumerate(self.product.automata)
        ]

    @cached_property
    def failing(self) -> list[tuple[int, Callable[[int], bool]]]:
        """The threads that fail in some state, each with whether it has failed, by its place."""
        return [
            (thread, partial(fails, self.product, thread))
            for thread, seen in enumerate(self.positions)
            if any(position.failure for position in seen)
        ]

    @cached_property
    def failed(self) -> set[FailureKind]:
        """The kinds of failure of threads that some state shows."""
        return {each.kind for seen in self.positions for at in seen for each in at.failures}

    @cached_property
    def sections(self) -> set[str]:
        """The sections that some thread was seen inside."""
        return {name for seen in self.positions for position in seen for name in position.inside}

    def check_touched(self, footprint: "Footprint") -> None:
        """Refuse a property that speaks of what no run comes near. Errors: `Vacuous`."""
        if not self.complete:
            return
        for section in sorted(footprint.sections - self.sections):
            raise Vacuous(self.why_empty(section))
        if footprint.objects and not footprint.objects & self.product.touched:
            names = ", ".join(sorted(object_.name for object_ in footprint.objects))
            raise Vacuous(f"no run takes a step on any object that it looks at ({names})")
        some_end = any(not thread.daemon for thread in self.product.threads)
        if footprint.asked and some_end and not footprint.looked:
            raise Vacuous("it looks at nothing of the state; write s[x] for the value of x")

    def why_empty(self, section: str) -> str:
        """Why no thread was seen inside a section: a section is where a step is taken in it."""
        if any(automaton.enters(section) for automaton in self.product.automata):
            return f"section {section!r} has no step in it"
        entered = ", ".join(sorted(self.sections)) or "none"
        return f"no run enters section {section!r}; sections that are entered: {entered}"


class Footprint:
    """What a predicate looks at, found out by letting it look; `of_ends`: only where runs end.

    `latest` is what it looked at when it was asked last, in order.
    """

    def __init__(self, product: Product, *, of_ends: bool) -> None:
        self.product = product
        self.of_ends = of_ends
        self.looked: dict[tuple[int, Aspect | None], Look] = {}
        self.latest: list[Look] = []
        self.sections: set[str] = set()
        self.objects: set[Object] = set()
        self.asked = False

    def ask(self, predicate: Callable[[View], Any], state: State) -> bool:
        """The predicate's answer for `state`; what it looks at is noted.

        Errors: `ModelError` where the predicate runs on for ever, or reads an unknown object;
        `OutOfTime`.
        """
        look_at_clock()
        product = self.product
        self.latest = []

        def value(object_: Object) -> Any:
            if object_ not in product.slot_of:
                raise ModelError(
                    f"object {object_.name!r} is not among the model's objects; add it"
                )
            self.note(product.slot_of[object_], None)
            return product.value(object_, state)

        seen: dict[tuple[int, Aspect], Hashable] = {}

        def look(thread: int, aspect: Aspect) -> Any:
            if (thread, aspect) not in seen:
                see = self.note(thread, aspect)[1]
                seen[thread, aspect] = see and see(state[thread])
            return seen[thread, aspect]

        view = View(product.threads, value, look)
        try:
            answer = guarded(truth, predicate, view)
        except Runaway as error:
            raise endless("its predicate", error) from None
        self.asked = True
        self.sections |= view.sections
        self.objects |= view.objects
        return answer

    def note(self, slot: int, aspect: Aspect | None) -> Look:
        """Remember that it looks there, and how."""
        look = self.looked.get((slot, aspect))
        if look is None:
            look = (slot, aspect and seeing(self.product, slot, aspect))
            self.looked[slot, aspect] = look
        self.latest.append(look)
        return look


def fails(product: Product, thread: int, place: int) -> bool:
    """Whether the run breaks off where this thread comes to `place`."""
    return product.automata[thread].position(place).failure is not None


def seeing(product: Product, thread: int, aspect: Aspect) -> Callable[[int], Hashable]:
    """What `aspect` sees of a thread, by its place."""
    position = product.automata[thread].position
    return cache(lambda place: aspect(position(place)))

"""Numbers over all runs of a system: how often what fails shows, and what its locks cost.

A step of an atomic block counts once, and what it takes and lets go inside shows in no state.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

from locking.explore.graph import Graph
from locking.explore.probability import chance, runs_avoiding, runs_for
from locking.explore.product import Product, State
from locking.objects.operation import Object, Operation
from locking.objects.processor import Processor
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Explored, OfRuns, Property


@dataclass(frozen=True)
class Odds:
    """How often a property is shown: `runs` of `total`, and by a random scheduler."""

    name: str
    runs: int
    total: int
    chance: Fraction

    @property
    def share(self) -> Fraction:
        """The share of all runs."""
        return Fraction(self.runs, self.total)

    @property
    def needed(self) -> int | None:
        """How many random runs hit it with a probability of 95 %."""
        return runs_for(self.chance)


@dataclass(frozen=True)
class LockCost:
    """What a lock costs: the longest hold and the longest wait, in steps, with who that was.

    A hold counts the holder's own steps, up to the one that ends it; a wait those that others take
    while the waiter can't go on.
    """

    lock: str
    hold: int
    holder: str
    wait: int
    waiter: str
    waiting: int


class Showing(Explored):
    """What was explored, which notes every state that a property finds, not only the nearest."""

    def __init__(self, product: Product, graph: Graph) -> None:
        super().__init__(product, graph)
        self.found: set[int] = set()

    def nearest(self, states: Iterator[int]) -> frozenset[int]:
        """The first of `states`; all of them are noted."""
        every = list(states)
        self.found.update(every)
        return frozenset(every[:1])


def showing(explored: Explored, property_: Property) -> set[int]:
    """The states that show a property: where it fails, or is witnessed."""
    everything = Showing(explored.product, explored.graph)
    property_.judge(everything)
    return everything.found


def odds(
    explored: Explored, order: Sequence[int], total: int, properties: Iterable[Property]
) -> Iterator[Odds]:
    """How often each of the properties is shown that any of the `total` runs shows.

    What no state alone shows is left out: states are what is counted.
    """
    graph = explored.graph
    for property_ in properties:
        if isinstance(property_, OfRuns):
            continue
        goals = showing(explored, property_)
        if goals:
            runs = total - runs_avoiding(graph, order, goals)
            yield Odds(property_.name, runs, total, chance(graph, order, goals))


class LockUse:
    """Who holds and who waits for what, state by state, of a graph whose states have an `order`."""

    def __init__(self, explored: Explored, order: Sequence[int]) -> None:
        self.product = explored.product
        self.graph = explored.graph
        self.order = order
        self.names = [thread.name for thread in self.product.threads]

    @cached_property
    def held(self) -> list[dict[str, frozenset[Object]]]:
        """For every state the threads that hold anything there, each with the objects."""
        first = len(self.names)
        known: dict[State, dict[str, frozenset[Object]]] = {}
        found = []
        for state in self.graph.states:
            values = state[first:]
            if values not in known:
                known[values] = self.holding(values)
            found.append(known[values])
        return found

    def holding(self, values: State) -> dict[str, frozenset[Object]]:
        """The objects that threads hold where those have the `values` of these numbers."""
        found: dict[str, set[Object]] = {}
        for object_, numbers, value in zip(
            self.product.objects, self.product.values, values, strict=True
        ):
            for holding in object_.holders(numbers[value]):
                found.setdefault(holding.thread, set()).add(object_)
        return {name: frozenset(objects) for name, objects in found.items()}

    @cached_property
    def waits(self) -> list[dict[str, Object]]:
        """For every state the threads that wait there, each with the object."""
        return [dict(self.waiting(at, state)) for at, state in enumerate(self.graph.states)]

    def waiting(self, at: int, state: State) -> Iterator[tuple[str, Object]]:
        """The threads that wait in a state, and for what."""
        if state in self.product.halted:
            return
        moving = {thread for (thread, _), _ in self.graph.edges(at)}
        for who, name in enumerate(self.names):
            position = self.product.position(who, state)
            if who in moving or position.next is None:
                continue
            processor = self.product.threads[who].processor
            if processor and self.product.instead_of(who, state, {}):
                yield name, processor
                continue
            step = blocked_in(self.product, who, state) if position.opens else position.next
            if isinstance(step, Operation):
                yield name, step.target

    def costs(self) -> Iterator[LockCost]:
        """What every lock costs that some thread holds or waits for."""
        for lock in self.product.objects:
            if not any(lock in held for at in self.held for held in at.values()):
                continue
            hold, holder = max((self.longest_hold(who, lock), who) for who in self.names)
            wait, waiter = max((self.longest_wait(who, lock), who) for who in self.names)
            queue = max(sum(each is lock for each in at.values()) for at in self.waits)
            holder, waiter = holder if hold else "", waiter if wait else ""
            yield LockCost(lock.name, hold, holder, wait, waiter, queue)

    def longest_hold(self, who: str, lock: Object) -> int:
        """The most steps that a thread takes from when it has a lock until it has let it go."""
        steps, most = [0] * len(self.order), 0
        for at in self.order:
            if lock not in self.held[at].get(who, ()):
                continue
            for (thread, _), target in self.graph.edges(at):
                here = steps[at] + (self.names[thread] == who)
                most = max(most, here)
                if lock in self.held[target].get(who, ()):
                    steps[target] = max(steps[target], here)
        return most

    def longest_wait(self, who: str, lock: Object) -> int:
        """The most steps that others take while a thread can't take one, because of a lock.

        Where the lock is free for a moment and another takes it, the wait goes on.
        """
        steps, most = [0] * len(self.order), 0
        for at in self.order:
            blocked = self.waits[at].get(who) is lock
            for (thread, _), target in self.graph.edges(at):
                if self.names[thread] != who:
                    steps[target] = max(steps[target], steps[at] + blocked)
                    most = max(most, steps[target])
        return most

    def nesting(self) -> dict[Object, list[Object]]:
        """The lock order: for each object those that a thread takes or waits for while it holds it.

        It is lockdep's graph of dependencies, of all runs, and of objects rather than classes.
        """
        found: set[tuple[Object, Object]] = set()
        for at, (held, waits) in enumerate(zip(self.held, self.waits, strict=True)):
            for who, lock in waits.items():
                found |= {(outer, lock) for outer in held.get(who, ())}
            for (thread, _), target in self.graph.edges(at):
                who = self.names[thread]
                mine = held.get(who, frozenset())
                found |= set(product(mine, self.held[target].get(who, frozenset()) - mine))
        # In their order: a set has none. A processor is no lock, though it is held.
        objects = [each for each in self.product.objects if not isinstance(each, Processor)]
        return {
            one: inner
            for one in objects
            if (inner := [other for other in objects if (one, other) in found])
        }


def cycle(order: Mapping[Object, Sequence[Object]]) -> list[Object]:
    """Locks each of which is taken while the one before is held, back to the first; or nothing."""
    done: set[Object] = set()

    def walk(lock: Object, path: list[Object]) -> list[Object]:
        if lock in path:
            return [*path[path.index(lock) :], lock]
        if lock in done:
            return []
        for after in order.get(lock, ()):
            found = walk(after, [*path, lock])
            if found:
                return found
        done.add(lock)
        return []

    return next(filter(None, (walk(lock, []) for lock in order)), [])


@dataclass(frozen=True)
class Measures:
    """The numbers of one system; None where runs go round in a cycle, or the search ended early."""

    total: int
    odds: tuple[Odds, ...]
    costs: tuple[LockCost, ...]
    nesting: tuple[tuple[str, str], ...]
    cycle: tuple[str, ...]


def measured(explored: Explored, properties: Iterable[Property]) -> Measures | None:
    """The numbers of what was explored."""
    order, total = explored.graph.order(), explored.interleavings
    if order is None or total is None:
        return None
    locks = LockUse(explored, order)
    nesting = locks.nesting()
    return Measures(
        total,
        tuple(odds(explored, order, total, properties)),
        tuple(locks.costs()),
        tuple((one.name, other.name) for one, inner in nesting.items() for other in inner),
        tuple(lock.name for lock in cycle(nesting)),
    )

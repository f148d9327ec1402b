"""Numbers over all runs of a system: how often what fails shows, and what its locks cost.

A step of an atomic block counts once, and what it takes and lets go inside shows in no state. The
lock order is that of `lock_order.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from locking.explore.chain import Share, TooLarge
from locking.explore.components import every_component
from locking.explore.deadline import OutOfTime, look, timely, within
from locking.explore.graph import Graph
from locking.explore.probability import chance, runs_avoiding, runs_for
from locking.explore.product import Product, State
from locking.objects.operation import Object, Operation
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Explored, Property, is_of_runs
from locking.studies.lock_order import LockOrder, cycles_in
from locking.studies.random_runs import RandomRuns, random_runs

AFTER = -1
"""Stands for every state after what is counted."""

Longest = tuple[int | None, str]
"""The most steps of a thread, None where they have no bound, and its name."""


@dataclass(frozen=True)
class Odds:
    """How often a property is shown: `runs` of `total`, and by a random scheduler.

    `runs` and `total` are None where runs go round, so that they are without number.
    """

    name: str
    runs: int | None
    total: int | None
    chance: Share

    @property
    def share(self) -> Fraction | None:
        """The share of all runs."""
        if self.runs is None or self.total is None:
            return None
        return Fraction(self.runs, self.total)

    @property
    def needed(self) -> int | None:
        """How many random runs hit it with a probability of 95 %."""
        return runs_for(self.chance)


@dataclass(frozen=True)
class LockCost:
    """What a lock costs: the longest hold and the longest wait, in steps, with who that was.

    A hold counts the holder's own steps, up to the one that ends it; a wait those that others take
    while the waiter can't go on. None is one that may go on for ever.
    """

    lock: str
    hold: int | None
    holder: str
    wait: int | None
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
    explored: Explored,
    order: Sequence[int] | None,
    total: int | None,
    properties: Iterable[Property],
) -> Iterator[Odds]:
    """How often each of the properties is shown that any of the `total` runs shows.

    What no state alone shows is left out (`shown_by_runs`): states are what is counted. `order` is
    that of the states where no run goes round.

    Errors: `TooLarge`.
    """
    graph = explored.graph
    for property_ in properties:
        if is_of_runs(property_):
            continue
        look()
        goals = showing(explored, property_)
        if goals:
            runs = None
            if order is not None and total is not None:
                runs = total - runs_avoiding(graph, order, goals)
            yield Odds(property_.name, runs, total, chance(graph, order, goals))


def shown_by_runs(properties: Iterable[Property]) -> Iterator[str]:
    """The names of those that no state alone shows: how often a random run does is not counted."""
    return (each.name for each in properties if is_of_runs(each))


class LockUse:
    """Who holds and who waits for what, state by state."""

    def __init__(self, explored: Explored) -> None:
        self.product = explored.product
        self.graph = explored.graph
        self.names = [thread.name for thread in self.product.threads]

    @cached_property
    def held(self) -> list[dict[str, frozenset[Object]]]:
        """For every state the threads that hold anything there, each with the objects."""
        first = len(self.names)
        known: dict[State, dict[str, frozenset[Object]]] = {}
        found = []
        for state in timely(self.graph.states):
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
        return [dict(self.waiting(at, state)) for at, state in enumerate(timely(self.graph.states))]

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
            hold, holder = self.worst(self.longest_hold, lock)
            wait, waiter = self.worst(self.longest_wait, lock)
            queue = max(sum(each is lock for each in at.values()) for at in self.waits)
            yield LockCost(lock.name, hold, holder, wait, waiter, queue)

    def worst(self, steps: Callable[[str, Object], int | None], lock: Object) -> Longest:
        """The longest of what threads do with a lock, and whose it is: nobody's where it is 0."""
        found = [(steps(who, lock), who) for who in self.names]
        most, who = max(found, key=lambda each: (each[0] is None, each[0] or 0, each[1]))
        return most, "" if most == 0 else who

    def longest_hold(self, who: str, lock: Object) -> int | None:
        """The most steps that a thread takes from when it has a lock until it has let it go."""
        holds = [at for at, held in enumerate(self.held) if lock in held.get(who, ())]
        inside = set(holds)
        return most_counted(
            holds,
            lambda at: [
                (self.names[thread] == who, target if target in inside else AFTER)
                for (thread, _), target in self.graph.edges(at)
            ],
        )

    def longest_wait(self, who: str, lock: Object) -> int | None:
        """The most steps that others take while a thread can't take one, because of a lock.

        Where the lock is free for a moment and another takes it, the wait goes on.
        """
        return most_counted(
            range(len(self.waits)),
            lambda at: [
                (self.waits[at].get(who) is lock, target)
                for (thread, _), target in self.graph.edges(at)
                if self.names[thread] != who
            ],
        )


def most_counted(
    states: Iterable[int], ahead: Callable[[int], Sequence[tuple[bool, int]]]
) -> int | None:
    """The most steps that count of any walk from one of `states`; None where it has no bound.

    `ahead` says of each step whether it counts, and where it leads; from `AFTER` none does.
    """
    most: dict[int, int] = {}

    def follow(at: int) -> list[int]:
        return [target for _, target in ahead(at)] if at != AFTER else []

    for component in timely(every_component(states, follow)):
        inside, best = set(component), 0
        for counts, target in (step for at in component if at != AFTER for step in ahead(at)):
            if target not in inside:
                best = max(best, counts + most[target])
            elif counts:
                return None
        most.update(dict.fromkeys(component, best))
    return max(most.values(), default=0)


@dataclass(frozen=True)
class Measures:
    """The numbers of one system.

    Where runs go round they are without number: then `total` is None, and `random` says whether
    they end. `cause` is why it does not, and no chance is told. `left_out` are properties that no
    state alone shows, of which none is told either. `stopped` is why numbers are missing, empty
    where none is.

    `nesting` are the locks of the lock order, outer and inner, by name; `cycle` is the shortest way
    round in it, with its first lock at its end again.
    """

    total: int | None
    odds: tuple[Odds, ...]
    costs: tuple[LockCost, ...]
    nesting: tuple[tuple[str, str], ...]
    cycle: tuple[str, ...]
    random: RandomRuns | None = None
    cause: str = ""
    left_out: tuple[str, ...] = ()
    stopped: str = ""


def measured(
    explored: Explored, properties: Iterable[Property], seconds: float | None = None
) -> Measures | None:
    """The numbers of what was explored; None where the search ended early.

    What would take longer than `seconds` is left out.
    """
    if not explored.complete:
        return None
    with within(seconds):
        return numbers_of(explored, properties)


def numbers_of(explored: Explored, properties: Iterable[Property]) -> Measures:
    """The numbers of what was explored to its end, up to the deadline."""
    properties = list(properties)
    found: list[Odds] = []
    costs: list[LockCost] = []
    nesting: list[tuple[str, str]] = []
    cycle: list[str] = []
    total, random, cause, stopped = None, None, "", ""
    try:
        order, total = explored.graph.order(), explored.interleavings
        try:
            found += odds(explored, order, total, properties)
            random = random_runs(explored) if order is None else None
        except TooLarge as error:
            found, cause = [], str(error)
        taken_under = LockOrder(explored).order
        nesting += dict.fromkeys(
            (each.outer.lock.name, each.inner.lock.name) for each in taken_under
        )
        around = min(cycles_in(taken_under), key=len, default=())
        cycle += [each.outer.lock.name for each in around]
        costs += LockUse(explored).costs()
    except OutOfTime as error:
        stopped = str(error)
    return Measures(
        total,
        tuple(found),
        tuple(costs),
        tuple(nesting),
        (*cycle, *cycle[:1]),
        random,
        cause,
        tuple(shown_by_runs(properties)),
        stopped,
    )

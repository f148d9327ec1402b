"""Races by happens-before: conflicting accesses that no lock, completion or release orders.

This is stricter than `data_race_free`: a flag that is set by `WRITE_ONCE` and read by `READ_ONCE`
keeps two accesses apart in every sequentially consistent run, but publishes nothing in the memory
model of the kernel. What orders is in `locking/properties/ordering.py`.

No state shows such a race, for it depends on how the run came there. So the walk goes, breadth
first, through states together with the accesses that each thread does not know of in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from locking.explore import reference
from locking.explore.graph import Choice, Graph, shortest
from locking.explore.product import Move, Product, State
from locking.objects.operation import Site
from locking.objects.until import Until
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Explored, Finding, Judgement, Verdict
from locking.properties.ordering import Hazards, Ignorance, Made, RunMonitor, Taken, all_accesses
from locking.properties.overlap import Touch, step_alone, touch_of
from locking.properties.race import access_in_words, conflict
from locking.text.file_names import line_of

RACE: State = (-1,)
"""Stands for every state behind a step that makes a race."""

RACE_SHOWN = "a race"
"""Why a walk ends that has found the shortest runs to a race."""


@dataclass(frozen=True)
class HappensBeforeRaceFree:
    """Conflicting accesses are ordered by happens-before."""

    name: str = "happens-before-race"
    about: str = (
        "accesses to a cell, one writing, not both marked, are ordered by locks, completions, "
        "or release and acquire"
    )
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails by the shortest run whose last step makes an access that races with an earlier."""
        graph = monitored_graph(Monitored(explored))
        if graph.cause == RACE_SHOWN:
            return Judgement(Verdict.FAILS, choices=shortest(graph, {graph.explored}))
        if graph.cause or not explored.complete:
            return Judgement(Verdict.UNKNOWN, cause=graph.cause)
        return Judgement(Verdict.HOLDS)

    def find(self, product: Product, state: State) -> Finding | None:
        """Nothing: no state alone shows it."""
        return None

    def find_along(self, product: Product, choices: Sequence[Choice]) -> Finding | None:
        """The two accesses, of which the last step makes the second."""
        pair = race_along(product, choices)
        if pair is None:
            return None
        first, second = pair
        cell = second.touch.cell
        return Finding(
            f"data race on {cell.name}: {first} and {second} are ordered by no lock, "
            f"no completion, and no release and acquire",
            objects=frozenset({cell.name}),
            site=second.site,
        )


class Monitored:
    """The states of a graph, each with what is not known in it, as the states of a larger one."""

    def __init__(self, explored: Explored) -> None:
        self.explored = explored
        self.product = explored.product
        ahead = [Ahead(self.product, thread) for thread in self.product.everybody]
        hazards: Hazards = lambda thread, *rest: ahead[thread].hazards(*rest)  # noqa: E731
        # Where the search was cut short, what threads do later is not known.
        self.monitor = RunMonitor(self.product, hazards if explored.complete else all_accesses)
        self.waiters = waiters(self.product)

    @property
    def initial(self) -> State:
        """The first state, in which no access was made."""
        return (0, *self.monitor.start)

    def moves(self, state: State) -> list[Move]:
        """The steps from a state, each with the state that it leads to."""
        at, *seen = state
        return [
            (*choice, self.behind(at, choice, to, tuple(seen)))
            for choice, to in self.explored.graph.edges(at)
        ]

    def behind(self, at: int, choice: Choice, to: int, seen: Ignorance) -> State:
        """Where a step leads."""
        states = self.explored.graph.states
        taken = self.monitor.operations(states[at], choice)
        unknown, races = self.monitor.after(seen, taken, states[to])
        looks = looks_of_waiters(self.product, self.waiters, states[to])
        raced = races or any(self.monitor.unordered(unknown, *look) for look in looks)
        return RACE if raced else (to, *unknown)


def waiters(product: Product) -> list[int]:
    """The threads that may wait for a condition, by what was learned of them."""
    return [
        thread
        for thread, automaton in enumerate(product.automata)
        if any(
            isinstance(automaton.position(place).next, Until)
            for place in range(len(automaton.members))
        )
    ]


def looks_of_waiters(
    product: Product, threads: Sequence[int], state: State
) -> list[tuple[int, Touch]]:
    """The accesses of those `threads` that wait for a condition in `state`: they look on and on."""
    return [
        (thread, touch)
        for thread in threads
        if isinstance(blocked_in(product, thread, state), Until)
        for touch in step_alone(product, thread, state).touched
    ]


def monitored_graph(monitored: Monitored) -> Graph:
    """The larger graph; its walk ends in front of `RACE`, if there is one."""
    states, depths, graph = reference.beginning(monitored)

    def watch(met: int, through: int) -> str | None:
        return RACE_SHOWN if states[through] == RACE else monitored.explored.watch(met, through)

    reference.go_on(monitored, watch, graph, states, depths)
    return graph


class Ahead:
    """What a thread may access from each of its places on, by what was learned of it."""

    def __init__(self, product: Product, thread: int) -> None:
        self.automaton = product.automata[thread]
        self.thread = thread
        self.known: dict[tuple[int, int], int] = {}

    @cached_property
    def touches(self) -> list[set[Touch]]:
        """For every place the accesses that may still come."""
        automaton = self.automaton
        nexts = [touch_of(automaton.position(at).next) for at in range(len(automaton.members))]
        found = [{touch} if touch else set() for touch in nexts]
        changed = True
        while changed:
            before = sum(map(len, found))
            for place in reversed(range(len(found))):
                found[place].update(*(found[to] for to in automaton.after[place].values()))
            changed = sum(map(len, found)) > before
        return found

    def hazards(self, place: int, made: Sequence[Made]) -> int:
        """The accesses `made` by others, as bits, that conflict with one that may still come."""
        key = (place, len(made))
        if key not in self.known:
            self.known[key] = sum(
                1 << number
                for number, (thread, touch) in enumerate(made)
                if thread != self.thread
                and any(conflict(touch, mine) for mine in self.touches[place])
            )
        return self.known[key]


@dataclass(frozen=True)
class MadeAccess:
    """An access in a run: the step that makes it, by whom, and where; no step while it waits."""

    number: int | None
    who: str
    touch: Touch
    site: Site

    def __str__(self) -> str:
        """The access in a few words."""
        does, at = access_in_words(self.touch), line_of(self.site)
        when = "while it waits" if self.number is None else f"in step {self.number}"
        return f"the {does} by {self.who} {when} ({at})"


def race_along(product: Product, choices: Sequence[Choice]) -> tuple[MadeAccess, MadeAccess] | None:
    """The first two accesses that race in a run, of which its last step makes the second."""
    monitor, state = RunMonitor(product), product.initial
    seen, made = monitor.start, dict[Made, MadeAccess]()
    found = None
    for number, choice in enumerate(choices, 1):
        taken = list(monitor.operations(state, choice))
        steps = {each: step for each in taken if (step := step_of(product, number, each))}
        state = next(
            to for *found_choice, to in product.moves(state) if tuple(found_choice) == choice
        )
        seen, races = monitor.after(seen, taken, state)
        found = next(((made[earlier], steps[each]) for each, earlier in races), None)
        made.update({Made(choice[0], step.touch): step for step in steps.values()})
        found = found or next(races_of_waiters(monitor, seen, made, state), None)
    return found


def races_of_waiters(
    monitor: RunMonitor, seen: Ignorance, made: Mapping[Made, MadeAccess], state: State
) -> Iterator[tuple[MadeAccess, MadeAccess]]:
    """The accesses that were `made` which race with a look of a thread that waits in `state`."""
    product = monitor.product
    for thread, touch in looks_of_waiters(product, product.everybody, state):
        site = product.position(thread, state).site
        look = MadeAccess(None, product.threads[thread].name, touch, site)
        for earlier in monitor.unordered(seen, thread, touch):
            yield made[earlier], look


def step_of(product: Product, number: int, taken: Taken) -> MadeAccess | None:
    """The access that an operation of step `number` makes, if it makes one."""
    if taken.touch is None:
        return None
    site = product.position(taken.thread, taken.before).site
    return MadeAccess(number, product.threads[taken.thread].name, taken.touch, site)


def happens_before_race_free(name: str = "happens-before-race") -> HappensBeforeRaceFree:
    """Conflicting accesses are ordered by locks, completions, or release and acquire."""
    return HappensBeforeRaceFree(name)

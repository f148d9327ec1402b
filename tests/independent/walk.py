"""All that threads can do together: breadth first, nothing merged, nothing left out."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from locking import WAIT, Misuse, Object, Queue
from tests.independent.adapter import Operation
from tests.independent.content import content
from tests.independent.drive import Local, Unfit, drive, misused
from tests.independent.words import System, Thread

MOST = 2_000
"""States, after which a system is not judged."""

LONGEST_BLOCK = 300
"""Steps that one atomic block may take, over all its outcomes."""

Values = tuple[Any, ...]


class State(NamedTuple):
    """Where all threads stand, and the state of every object.

    `events` and `heap` are for threads that share more than objects: how this state was come to,
    and what they share.
    """

    locals: tuple[Local, ...]
    values: Values
    events: tuple[tuple[int, int], ...] = ()
    heap: Hashable = None

    @property
    def stopped(self) -> bool:
        """Whether a thread has failed so that the run ends."""
        return any(each.stopped for each in self.locals)


class Edge(NamedTuple):
    """A step: by whom, with which outcome, where to; `real` unless it only queues."""

    thread: int
    outcome: int
    target: int
    real: bool


class Micro(NamedTuple):
    """One operation, or one option of a choice, taken: where the thread and the objects are then.

    `options` is how many there were; `queued` that the thread stays where it is.
    """

    state: State
    options: int
    queued: bool = False


class Machine:
    """The threads and objects of a system; a thread is driven anew for every history."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.slots = {each.name: at for at, each in enumerate(system.objects)}
        self.known: dict[Hashable, Local] = {}

    def start(self) -> State:
        """Where everything begins."""
        locals_ = tuple(drive(each, ()) for each in self.system.threads)
        return State(locals_, starts(self.system))

    def thread(self, number: int) -> Thread:
        """A thread."""
        return self.system.threads[number]

    def go_on(self, state: State, number: int, result: Any) -> Local:
        """Where the thread stands once its step has had `result`."""
        local = state.locals[number]
        key = (number, local.key, content(result))
        if key not in self.known:
            self.known[key] = drive(self.thread(number), (*local.results, result))
        return self.known[key]

    def micro(self, state: State, number: int) -> list[Micro]:
        """All that the next operation of a thread can come to; nothing where it waits."""
        local = state.locals[number]
        if local.step is None:
            return []
        if not isinstance(local.step, Operation):
            options = local.step.value
            after = [self.go_on(state, number, each) for each in options]
            return [Micro(moved(state, number, each), len(options)) for each in after]
        slot = self.slots[local.step.target.name]
        outcome = rule(local.step, state.values[slot], self.thread(number).name)
        if outcome is WAIT:
            return []
        if isinstance(outcome, Misuse):
            return [Micro(moved(state, number, misused(local, outcome.reason)), 1)]
        if isinstance(outcome, Queue):
            if local.bound or content(outcome.state) == content(state.values[slot]):
                return []
            return [Micro(State(state.locals, put(state.values, slot, outcome.state)), 1, True)]
        value, result = outcome
        then = moved(state, number, self.go_on(state, number, result))
        return [Micro(then._replace(values=put(state.values, slot, value)), 1)]

    def steps(self, state: State, number: int) -> list[tuple[int, State, bool]]:
        """The steps of a thread; an atomic block is taken to its end.

        Of each: the number of its outcome, where it leads, and whether it does more than queue.
        """
        found = []
        begun = [(state, 0, 1)]
        for taken, (at, outcome, scale) in enumerate(begun):
            if taken > LONGEST_BLOCK:
                raise Unfit("a long atomic block")
            for chosen, each in enumerate(self.micro(at, number)):
                then = outcome + chosen * scale
                if each.state.locals[number].bound and not each.queued:
                    begun.append((each.state, then, scale * each.options))
                else:
                    found.append((then, each.state, not each.queued))
        return found


def starts(system: System) -> Values:
    """The states that the objects start in."""
    other = {each.name: value for each, value in system.starts.items()}
    return tuple(other.get(each.name, each.start) for each in system.objects)


def rule(step: Operation, value: Any, me: str) -> Any:
    """What the object's rule says of a step."""
    return step.target.step(step.name, value, me, step.args)


def put(values: Values, slot: int, value: Any) -> Values:
    """The values, with another one at `slot`."""
    return (*values[:slot], value, *values[slot + 1 :])


def moved(state: State, number: int, local: Local) -> State:
    """The state, with one thread elsewhere."""
    return State((*state.locals[:number], local, *state.locals[number + 1 :]), state.values)


@dataclass
class Space:
    """All states, in the order in which they were met, their depths, and the steps from each."""

    machine: Machine
    states: list[State] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @property
    def objects(self) -> list[Object]:
        """The objects of the system."""
        return list(self.machine.system.objects)

    @property
    def threads(self) -> list[Thread]:
        """The threads of the system."""
        return list(self.machine.system.threads)

    def follow(self, choices: tuple[tuple[int, int], ...]) -> int | None:
        """The state that a path leads to; None where a step of it can't be taken."""
        at = 0
        for thread, outcome in choices:
            found = [each.target for each in self.edges[at] if each[:2] == (thread, outcome)]
            if not found:
                return None
            at = found[0]
        return at

    def ends(self) -> Iterator[int]:
        """The states from which no step leads."""
        return (at for at, edges in enumerate(self.edges) if not edges)


def key(state: State) -> Hashable:
    """What tells states apart."""
    return (tuple(each.key for each in state.locals), state.heap, *map(content, state.values))


def image(state: State) -> Hashable:
    """What tells states apart for a search that merges nothing, in the words of the reference."""
    return (tuple(each.image for each in state.locals), *map(content, state.values))


def explore(machine: Machine, most: int = MOST) -> Space:
    """Everything. Errors: `Unfit` where that is more than `most` states."""
    space = Space(machine)
    start = machine.start()
    numbers = {key(start): 0}
    space.states.append(start)
    space.depths.append(0)
    for at, state in enumerate(space.states):
        edges = []
        for number in range(len(state.locals)) if not state.stopped else ():
            step = state.locals[number].step
            if isinstance(step, Operation):
                space.touched.add(step.target.name)
            for outcome, target, real in machine.steps(state, number):
                found = numbers.setdefault(key(target), len(space.states))
                if found == len(space.states):
                    space.states.append(target)
                    space.depths.append(space.depths[at] + 1)
                edges.append(Edge(number, outcome, found, real))
        space.edges.append(edges)
        if len(space.states) > most:
            raise Unfit("too many states")
    return space


@dataclass(frozen=True)
class Counts:
    """What a search that merges nothing counts. `interleavings` is None where there is a cycle."""

    states: int
    transitions: int
    depth: int
    interleavings: int | None


def counts(space: Space) -> Counts | None:
    """The numbers of the space.

    None where a history, as the reference words it, is not enough to say what follows: then a
    thread remembers more than it may.
    """
    images = [image(each) for each in space.states]
    first: dict[Hashable, int] = {}
    for at, each in enumerate(images):
        first.setdefault(each, at)
    for at, each in enumerate(images):
        mine, known = (
            {(e.thread, e.outcome, images[e.target]) for e in space.edges[x]}
            for x in (at, first[each])
        )
        if mine != known:
            return None
    return Counts(
        len(first),
        sum(len(space.edges[at]) for at in first.values()),
        max(space.depths[at] for at in first.values()),
        interleavings(space),
    )


def interleavings(space: Space) -> int | None:
    """How many maximal runs there are; None where they go round."""
    waiting = [0] * len(space.states)
    for edges in space.edges:
        for edge in edges:
            waiting[edge.target] += 1
    runs = [0] * len(space.states)
    runs[0], total, seen = 1, 0, 0
    ready = [0] if not waiting[0] else []
    while ready:
        at = ready.pop()
        seen += 1
        if not space.edges[at]:
            total += runs[at]
        for edge in space.edges[at]:
            runs[edge.target] += runs[at]
            waiting[edge.target] -= 1
            if not waiting[edge.target]:
                ready.append(edge.target)
    return total if seen == len(space.states) else None

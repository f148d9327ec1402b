"""A litmus test under sequential consistency, by the main engine: all interleavings of its threads.

The test becomes a system. Each location is an object, each thread a coroutine that runs the same
code as for memory models (`semantics.py`), but all reads are known at once. Grace periods are those
of the harness. The last step of a thread hands over its registers.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from locking.explore.graph import Graph
from locking.explore.product import Product
from locking.explore.search import engine, search
from locking.litmus.candidates import FinalState, asked_places, fulfils
from locking.litmus.operations import PRIMITIVES
from locking.litmus.paths import PathsFound, registers_of
from locking.litmus.requests import (
    AnotherRound,
    Attempt,
    Decide,
    Locate,
    MemoryEvent,
    Request,
)
from locking.litmus.semantics import ThreadRun
from locking.litmus.syntax import LitmusPlace, LitmusTest, LitmusThread
from locking.litmus.values import LitmusValue, hole_filled
from locking.objects.operation import WAIT, Object, Outcome, Queue, access, operation, ordered
from locking.objects.order import FULLY_ORDERED
from locking.programs.barriers import smp_mb
from locking.programs.thread import Thread
from locking.system import System

MOST_INTERLEAVED = 20_000
"""States after which the search is given up."""

STOPPED = "too many states"

Readers = tuple[tuple[str, int], ...]
"""Critical sections, each by its thread and a number."""

DomainState = tuple[Readers, tuple[tuple[str, Readers], ...]]
"""The critical sections under way; and each thread that waits, with those it still waits for."""

OUTERMOST = -1
"""The number of an outermost critical section of RCU; those inside it do not count."""


class LitmusLocation(Object):
    """A location of a litmus test. State: its value."""

    @access(writes=False, marked=True)
    def read(self, value: Any, me: str) -> Outcome:
        """The value."""
        return value, value

    @access(writes=True, marked=True, overwrites=True)
    def write(self, value: Any, me: str, new: LitmusValue) -> Outcome:
        """Give it another value."""
        return new, None

    @ordered(FULLY_ORDERED)
    @operation
    def attempt(
        self, value: Any, me: str, test: LitmusValue, update: LitmusValue, must: bool
    ) -> Outcome:
        """The value before, and whether `test` was true of it; then it is what `update` says.

        Both are terms over the value before. It waits until the test is true if it `must` be.
        """
        if hole_filled(test, value) != 0:
            return hole_filled(update, value), (value, True)
        return WAIT if must else (value, (value, False))

    @operation
    def never(self, value: Any, me: str) -> Outcome:
        """Wait for ever: the thread has no way to go on."""
        return WAIT


class LitmusDomain(Object):
    """RCU, or a domain of SRCU. State: the critical sections under way, and who waits for which.

    Sections are told apart by number, for those of SRCU may overlap in one thread.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, ((), ()))

    @operation
    def enter(self, state: DomainState, me: str, section: int) -> Outcome:
        """Begin a critical section."""
        readers, updaters = state
        return (tuple(sorted((*readers, (me, section)))), updaters), None

    @operation
    def leave(self, state: DomainState, me: str, section: int) -> Outcome:
        """End a critical section, which no grace period waits for any more."""
        readers, updaters = state
        left = [(name, without_reader(ahead, (me, section))) for name, ahead in updaters]
        return (without_reader(readers, (me, section)), tuple(left)), None

    @operation
    def synchronize(self, state: DomainState, me: str) -> Outcome:
        """Wait until all critical sections have ended that are under way at first."""
        readers, updaters = state
        mine = [ahead for name, ahead in updaters if name == me]
        if any(mine):
            return WAIT
        others = tuple(each for each in updaters if each[0] != me)
        if mine or not readers:
            return (readers, others), None
        return Queue((readers, tuple(sorted((*others, (me, readers))))))


def without_reader(readers: Readers, reader: tuple[str, int]) -> Readers:
    """Critical sections without one of them."""
    return tuple(each for each in readers if each != reader)


class SharedMemory:
    """The objects of a test, and how a thread uses them."""

    def __init__(self, test: LitmusTest, locations: Iterable[str], rounds: int) -> None:
        self.rounds = rounds
        self.locations = {
            name: LitmusLocation(f"at {at}", test.memory.get(name, 0))
            for at, name in enumerate(dict.fromkeys((*test.memory, *locations)))
        }
        self.registers = [LitmusLocation(f"registers {each.number}") for each in test.threads]
        self.domains = {"": LitmusDomain("rcu")}
        for at, name in enumerate(self.locations):
            self.domains[name] = LitmusDomain(f"srcu {at}")

    def objects(self) -> tuple[Object, ...]:
        """All of them."""
        return (*self.locations.values(), *self.registers, *self.domains.values())


class KnownMemory:
    """Answers the requests of one run of a thread, all of whose reads are known at once."""

    def __init__(self, shared: SharedMemory) -> None:
        self.shared = shared
        self.stuck = next(iter(shared.registers))
        self.old: deque[LitmusValue] = deque()
        """The value before a read-modify-write that is under way."""
        self.count = 0
        """Events so far."""
        self.inside: list[tuple[str, int]] = []
        """Critical sections under way: the domain and the number of each."""

    async def answer(self, request: Request) -> object:
        """What a request gives."""
        match request:
            case MemoryEvent():
                return await self.event(request)
            case Decide(value):
                return value != 0
            case Locate(address):
                return await self.stuck.never() if isinstance(address, int) else address
            case Attempt(location, test, update, must):
                old, done = await self.shared.locations[location].attempt(test, update, must)
                self.old.append(old)
                return done
            case AnotherRound(rounds, counted) if not counted and rounds >= self.shared.rounds:
                return await self.stuck.never()
        return None

    async def event(self, event: MemoryEvent) -> object:
        """What an event gives; a read-modify-write took its step when it was attempted."""
        number, self.count = self.count, self.count + 1
        kind = event.kind
        if kind in ("LKR", "LF", "RL", "RU"):
            self.old.clear()
        elif kind == "R" and self.old:
            return self.old.popleft()
        elif kind == "R":
            await self.begin_section(event, number)
            return await self.shared.locations[event.location].read()
        elif kind == "UL" or (kind == "W" and event.partner < 0):
            await self.end_section(event)
            await self.shared.locations[event.location].write(event.value)
        elif kind in ("F", "SRCU"):
            await self.fence(event)
        return None

    async def fence(self, event: MemoryEvent) -> None:
        """The part of a fence that interleavings know of: RCU, and with store buffers full ones."""
        if "mb" in event.tags:
            await smp_mb()
        depth = sum(not domain for domain, _ in self.inside)
        if "rcu-lock" in event.tags:
            self.inside.append(("", OUTERMOST))
            if not depth:
                await self.shared.domains[""].enter(OUTERMOST)
        elif "rcu-unlock" in event.tags and depth:
            self.inside.remove(("", OUTERMOST))
            if depth == 1:
                await self.shared.domains[""].leave(OUTERMOST)
        elif {"sync-rcu", "sync-srcu"} & set(event.tags):
            await self.shared.domains[event.location].synchronize()

    async def begin_section(self, event: MemoryEvent, number: int) -> None:
        """Begin a critical section of SRCU, if a read does."""
        if "srcu-lock" in event.tags:
            self.inside.append((event.location, number))
            await self.shared.domains[event.location].enter(number)

    async def end_section(self, event: MemoryEvent) -> None:
        """End the critical sections of SRCU whose number a write is given."""
        if "srcu-unlock" in event.tags:
            for domain, number in self.inside[:]:
                if domain == event.location and event.data >> number & 1:
                    self.inside.remove((domain, number))
                    await self.shared.domains[domain].leave(number)


def program_of(
    test: LitmusTest, thread: LitmusThread, shared: SharedMemory, names: tuple[str, ...]
) -> Callable[[], Coroutine[Any, Any, None]]:
    """A thread as a program of the harness, which at last hands over the registers `names`."""

    async def program() -> None:
        run = ThreadRun(thread, registers_of(test, thread.number), PRIMITIVES)
        memory = KnownMemory(shared)
        steps = run.run()
        answer = None
        while True:
            try:
                request = steps.send(answer)
            except StopIteration:
                break
            answer = await memory.answer(request)
        if names:
            values = tuple(
                run.registers[name].value if name in run.registers else 0 for name in names
            )
            await shared.registers[thread.number].write(values)

    return program


class Interleavings:
    """The final states of a test by the main engine; `complete` if the search came to its end."""

    def __init__(
        self,
        test: LitmusTest,
        paths: Iterable[PathsFound],
        rounds: int,
        states: int = MOST_INTERLEAVED,
    ) -> None:
        self.test = test
        self.most = states
        locations = {
            event.location for found in paths for path in found.paths for event in path.events
        }
        self.shared = SharedMemory(test, sorted(locations - {""}), rounds)
        places = asked_places(test)
        self.names = [
            tuple(each.name for each in places if each.thread == thread.number)
            for thread in test.threads
        ]
        self.states = frozenset(self.search())

    def search(self) -> Iterable[FinalState]:
        """Explore, and give the final states that the filter keeps."""
        threads = [
            Thread(f"P{each.number}", program_of(self.test, each, self.shared, names))
            for each, names in zip(self.test.threads, self.names, strict=True)
        ]
        product = self.system(threads).product()
        graph = search(product, engine("reference"), self.watch)
        self.complete = graph.cause is None
        return list(self.finals(product, graph))

    def system(self, threads: list[Thread]) -> System:
        """The test as a system."""
        return System(self.shared.objects(), threads, ())

    def watch(self, met: int, through: int) -> str | None:
        """The cause to stop, if there are too many states."""
        return STOPPED if met > self.most else None

    def finals(self, product: Product, graph: Graph) -> Iterable[FinalState]:
        """The values shown at the end of each run in which all threads end."""
        for end in graph.ends():
            state = graph.states[end]
            positions = [product.position(at, state) for at in range(len(self.test.threads))]
            if any(each.next is not None or each.failures for each in positions):
                continue
            values = self.values(product, state)
            if self.test.filter is None or fulfils(self.test.filter, values):
                yield tuple(values[each] for each in self.test.shown)

    def values(self, product: Product, state: Any) -> Mapping[LitmusPlace, LitmusValue]:
        """The values of the places that are asked for."""
        found: dict[LitmusPlace, LitmusValue] = {}
        for thread, names in enumerate(self.names):
            if names:
                values = product.value(self.shared.registers[thread], state)
                found |= {
                    LitmusPlace(thread, name): each
                    for name, each in zip(names, values, strict=True)
                }
        for place in asked_places(self.test):
            if place.thread is None:
                location = self.shared.locations[place.name]
                found[place] = product.value(location, state)
        return found

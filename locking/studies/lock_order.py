"""The lock order over all runs: which lock is taken under which, and where that goes round.

Kernel: kernel/locking/lockdep.c; Documentation/locking/lockdep-design.rst. lockdep sees one run
at a time, and reports a cycle in the graph of all orders that it has seen, whether or not a
deadlock can come of it. Here every run is known, so each cycle is either closed by a run, which is
shown, or by none. Then it is said which locks keep those apart who would close it, if some do.

Differs: an object is a class of its own; a trylock is no dependency, as it does not wait; readers
that pass a writer that waits close no cycle, as lockdep has it of recursive reads. Interrupts are
in `irq_order.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product
from typing import NamedTuple

from locking.explore.graph import Choice, shortest
from locking.explore.product import State
from locking.objects.operation import Misuse, Object, Operation, Queue, Site, Wait
from locking.objects.processor import Processor
from locking.properties.deadlock import DeadlockFree, blocked_in
from locking.properties.explored import Explored
from locking.traces.forms.takings import excludes


class HeldLock(NamedTuple):
    """A lock, and the mode in which it is held or taken."""

    lock: Object
    mode: str


class Dependency(NamedTuple):
    """`inner` is taken, or waited for, while `outer` is held."""

    outer: HeldLock
    inner: HeldLock


class HeldPlace(NamedTuple):
    """Who takes a lock, with what operation, where, and the locks `under` which that is done."""

    thread: str
    call: str
    site: Site
    under: frozenset[HeldLock]


Dependencies = dict[Dependency, list[HeldPlace]]
"""Every dependency, with the places at which it comes about."""


@dataclass(frozen=True)
class Cycle:
    """Dependencies that go round. `choices` are the shortest run that closes it, if there is one.

    `guards` are the locks of which each two that are in it hold one, so that no run does.
    """

    dependencies: tuple[Dependency, ...]
    choices: tuple[Choice, ...] | None = None
    guards: tuple[str, ...] = ()


class LockOrder:
    """The lock order of what was explored."""

    def __init__(self, explored: Explored) -> None:
        self.explored = explored
        self.product, self.graph = explored.product, explored.graph
        self.names = [thread.name for thread in self.product.threads]
        self.order: Dependencies = {}
        self.takes_none: set[tuple[int, int]] = set()
        for state in self.graph.states:
            for thread in range(len(self.names)):
                self.look(state, thread)

    def look(self, state: State, thread: int) -> None:
        """Note what a thread takes or waits for in a state; in a block, all that it takes there."""
        at = thread, state[thread]
        if at in self.takes_none:
            return
        position = self.product.position(thread, state)
        if position.opens:
            for inside in chain.from_iterable(self.ways(state, thread)):
                self.look_at(inside, thread, self.product.position(thread, inside).next)
            self.look_at(state, thread, blocked_in(self.product, thread, state))
        elif isinstance(position.next, Operation) and lock_wanted(
            self.names[thread], position.next
        ):
            self.look_at(state, thread, position.next)
        else:
            self.takes_none.add(at)

    def ways(self, state: State, thread: int) -> Iterator[list[State]]:
        """The ways through an atomic block, each as the states within, in which nobody else is."""
        for effect in self.product.effects_of(thread, state):
            after = self.product.apply(state, thread, effect)
            if effect.bound:
                yield from ([state, *way] for way in self.ways(after, thread))
            elif not effect.waits:
                yield [state]

    def look_at(self, state: State, thread: int, step: object) -> None:
        """Note the lock that a thread takes by a `step`, and what it holds."""
        if not isinstance(step, Operation):
            return
        taken = lock_wanted(self.names[thread], step)
        if taken:
            site = self.product.position(thread, state).site
            held = self.held_by(thread, state)
            self.note(taken, HeldPlace(self.names[thread], step.name, site, held))

    def note(self, taken: HeldLock, place: HeldPlace) -> None:
        """Note the dependencies that come about at a place."""
        for outer in an_order_of(place.under):
            places = self.order.setdefault(Dependency(outer, taken), [])
            if place not in places:
                places.append(place)

    def held_by(self, thread: int, state: State) -> frozenset[HeldLock]:
        """The locks that a thread holds in a state."""
        return frozenset(
            HeldLock(lock, holding.mode)
            for lock in self.product.objects
            if not isinstance(lock, Processor)
            for holding in lock.holders(self.product.value(lock, state))
            if holding.thread == self.names[thread]
        )

    @cached_property
    def cycles(self) -> list[Cycle]:
        """The cycles that runs close, with the runs; then others, with what keeps them open."""
        closed = [Cycle(each, shortest(self.graph, {at})) for each, at in self.closed.items()]
        ways = {frozenset(each.dependencies) for each in closed}
        return closed + [
            Cycle(each, guards=guards_of([self.order[one] for one in each]))
            for each in cycles_in(self.order)
            if frozenset(each) not in ways
        ]

    @cached_property
    def closed(self) -> dict[tuple[Dependency, ...], int]:
        """The cycles of threads that wait for each other for good, and where each is first so."""
        found: dict[frozenset[Dependency], tuple[tuple[Dependency, ...], int]] = {}
        for at in DeadlockFree().stuck(self.explored):
            for cycle in cycles_in(self.waiting(self.graph.states[at])):
                found.setdefault(frozenset(cycle), (cycle, at))
        return dict(found.values())

    def waiting(self, state: State) -> dict[Dependency, str]:
        """The dependencies of those who wait in a state, each with who that is.

        A block is taken at once or not at all, so it holds none of its own locks while it waits.
        """
        found = {}
        for thread, who in enumerate(self.names):
            step = blocked_in(self.product, thread, state)
            taken = lock_wanted(who, step) if isinstance(step, Operation) else None
            if taken:
                held = self.held_by(thread, state)
                found.update({Dependency(outer, taken): who for outer in an_order_of(held)})
        return found


def an_order_of(locks: Iterable[HeldLock]) -> list[HeldLock]:
    """Locks by name and mode: a set has no order."""
    return sorted(locks, key=lambda each: (each.lock.name, each.mode))


def lock_wanted(who: str, step: Operation) -> HeldLock | None:
    """The lock that an operation takes or waits for; asked of the lock as it is when free.

    A processor is held by those who keep others off, and is no lock.
    """
    if isinstance(step.target, Processor):
        return None
    outcome = step.target.step(step.name, step.target.start, who, step.args)
    if isinstance(outcome, Wait | Queue | Misuse) or outcome[1] is not None:
        return None
    modes = [each.mode for each in step.target.holders(outcome[0]) if each.thread == who]
    return HeldLock(step.target, modes[0]) if modes else None


def comes_after(wanted: HeldLock, held: HeldLock) -> bool:
    """Whether the lock that is wanted is the one that is held, in modes that exclude each other."""
    return wanted.lock is held.lock and excludes(wanted.lock, held.mode, wanted.mode)


def cycles_in(order: Mapping[Dependency, object]) -> list[tuple[Dependency, ...]]:
    """For every dependency the shortest cycle through it, each cycle once."""
    found: dict[frozenset[Dependency], tuple[Dependency, ...]] = {}
    for first in order:
        cycle = shortest_cycle(first, list(order))
        if cycle:
            found.setdefault(frozenset(cycle), cycle)
    return list(found.values())


def shortest_cycle(first: Dependency, order: Sequence[Dependency]) -> tuple[Dependency, ...] | None:
    """The shortest way from a dependency round to itself."""
    chains: list[tuple[Dependency, ...]] = [(first,)]
    seen = {first}
    for links in chains:
        if comes_after(links[-1].inner, first.outer):
            return links
        further = [e for e in order if e not in seen and comes_after(links[-1].inner, e.outer)]
        seen.update(further)
        chains += [(*links, each) for each in further]
    return None


def guards_of(places: Sequence[Sequence[HeldPlace]]) -> tuple[str, ...]:
    """The locks that keep apart whoever would close a cycle; none, if they keep not all apart.

    Two can't be where they are at once if both hold a lock, in modes that exclude each other.
    """
    found: set[str] = set()
    for chosen in product(*places):
        if len({each.thread for each in chosen}) == len(chosen):
            shared = set(kept_apart(chosen))
            if not shared:
                return ()
            found |= shared
    return tuple(sorted(found))


def kept_apart(places: Sequence[HeldPlace]) -> Iterator[str]:
    """The locks that two of these places hold in modes that exclude each other."""
    for one, other in combinations(places, 2):
        yield from (
            mine.lock.name for mine in one.under for its in other.under if comes_after(mine, its)
        )

"""Who takes which lock in a run, while holding which others, as lockdep looks at it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from locking.objects.operation import Misuse, Object, Operation, Queue, Site, Wait
from locking.objects.processor import Processor
from locking.objects.reader_writer import Fairness, ReaderWriter
from locking.properties.deadlock import blocked_in
from locking.traces.replay import Held, Trace


@dataclass(frozen=True)
class Taking:
    """A thread takes a lock in a mode, or waits to: with what, in which step (0 at the end), where.

    `under` are those that it holds then, in the order in which it took them; `waits` is whether it
    waits where the lock can't be had, and is not told so, as a trylock is.
    """

    thread: str
    lock: Object
    mode: str
    call: str
    number: int
    site: Site
    under: tuple["Taking", ...]
    waits: bool


HeldBy = dict[str, dict[str, Taking]]
"""For every thread, the locks that it holds, by name."""


@dataclass(frozen=True)
class Edge:
    """`then` was taken while `first` was held."""

    first: Taking
    then: Taking


def takings(trace: Trace) -> tuple[list[Taking], HeldBy]:
    """Every lock that a thread takes, in the order of the run; and what each holds at the end.

    Those who wait at the end come last.
    """
    holding: HeldBy = held_at_first(trace)
    found = []
    for event in trace.events:
        who = trace.names[event.thread]
        step, held = event.step, holding[who]
        taking = lock_taken(who, step, event.number, event.site, held) if step else None
        if taking:
            found.append(taking)
        change(holding, event.held, taking)
    for who, step, site in threads_waiting(trace):
        taking = lock_taken(who, step, 0, site, holding[who])
        if taking:
            found.append(taking)
    return found, holding


def held_at_first(trace: Trace) -> HeldBy:
    """For every thread the locks that it holds from the start."""
    product, holding = trace.product, HeldBy({name: {} for name in trace.names})
    for lock in product.objects:
        for who, mode in lock.holders(product.value(lock, product.initial)):
            if who in holding:
                site = product.position(trace.names.index(who), product.initial).site
                under = tuple(holding[who].values())
                holding[who][lock.name] = Taking(
                    who, lock, mode, "held from the start", 0, site, under, waits=False
                )
    return holding


def threads_waiting(trace: Trace) -> Iterator[tuple[str, Operation, Site]]:
    """The threads that wait at the end, or would if they took their step: in what, and where."""
    product = trace.product
    for thread, name in enumerate(trace.names):
        position = product.position(thread, trace.end)
        step = blocked_in(product, thread, trace.end) or position.next
        if isinstance(step, Operation):
            state = product.value(step.target, trace.end)
            got = step.target.step(step.name, state, name, step.args)
            if isinstance(got, Wait | Queue) or step is not position.next:
                yield name, step, position.site


def lock_taken(
    who: str, step: Operation, number: int, site: Site, held: Mapping[str, Taking]
) -> Taking | None:
    """The lock that an operation takes, if it takes one: asked of the lock as it is when free.

    A processor is held by those who keep others off, and is no lock.
    """
    if isinstance(step.target, Processor):
        return None
    outcome = step.target.step(step.name, step.target.start, who, step.args)
    if isinstance(outcome, Wait | Queue | Misuse):
        return None
    state, answer = outcome
    modes = [each.mode for each in step.target.holders(state) if each.thread == who]
    if not modes:
        return None
    under = tuple(held.values())
    return Taking(who, step.target, modes[0], step.name, number, site, under, answer is None)


def change(holding: HeldBy, now: Sequence[Held], taking: Taking | None) -> None:
    """Note who holds what once a step, which may have been a `taking`, has changed it."""
    for held in now:
        for name, locks in holding.items():
            modes = [each.mode for each in held.holders if each.thread == name]
            known = locks.get(held.name)
            if not modes:
                locks.pop(held.name, None)
            elif known and known.mode not in modes:
                locks[held.name] = replace(known, mode=modes[0])
            elif not known and taking and (taking.thread, taking.lock.name) == (name, held.name):
                locks[held.name] = taking


def excludes(lock: Object, held: str, wanted: str) -> bool:
    """Whether one who wants a lock may have to wait for one who holds it."""
    recursive = isinstance(lock, ReaderWriter) and lock.fairness is Fairness.READER_PREFERRING
    return not (recursive and held == wanted == "read")


def path(order: Sequence[Edge], taking: Taking, held: Taking) -> list[Edge]:
    """The shortest chain of locks from the one that is taken to one that is held; else nothing."""
    chains = [[edge] for edge in order if follows(taking, edge.first)]
    seen = {id(chain[0]) for chain in chains}
    for chain in chains:
        if follows(chain[-1].then, held):
            return chain
        further = [e for e in order if id(e) not in seen and follows(chain[-1].then, e.first)]
        seen |= {id(edge) for edge in further}
        chains += [[*chain, edge] for edge in further]
    return []


def follows(wanted: Taking, held: Taking) -> bool:
    """Whether the lock that is wanted is the one that is held, in modes that exclude each other."""
    return wanted.lock is held.lock and excludes(held.lock, held.mode, wanted.mode)

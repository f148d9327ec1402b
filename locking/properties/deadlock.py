"""Deadlock: a thread that must end waits, and nothing that can still happen lets it go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from locking.explore.product import Product, State
from locking.names import names_sorted
from locking.objects.operation import Object, Operation
from locking.objects.store_buffer import StoreBuffer
from locking.objects.until import Until
from locking.programs.position import Position
from locking.properties.explored import Explored, Finding, Judgement, seeing

MOST_CONFIRMING = 10_000
"""States that follow a deadlock which are gone through to see that it is one."""

Waits = dict[str, tuple[Operation, list[str]]]
"""For each thread that must wait: in what operation, and who holds its object."""


@dataclass(frozen=True)
class DeadlockFree:
    """No thread ever waits for good."""

    name: str = "deadlock-free"
    about: str = "every thread that waits can still go on"
    wanted: bool = False

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state from which a thread that waits can never go on."""
        return explored.never(iter(self.stuck(explored)))

    def stuck(self, explored: Explored) -> list[int]:
        """The states in which some thread waits for good, in order."""
        broken = {at for at, _ in explored.halted}
        dead = anybody_waits(explored, [at for at in explored.ends if at not in broken])
        if not dead and explored.complete and explored.interleavings is not None:
            return []  # every run ends, and ends well
        automata = explored.product.automata
        ended = [
            {at for at in explored.graph.values(thread) if automaton.position(at).next is None}
            for thread, automaton in enumerate(automata)
        ]
        needed = sum(1 << thread for thread in threads_that_must_end(explored.product))
        return explored.graph.stuck(needed, ended, broken, explored.product.queues)

    def find(self, product: Product, state: State) -> Finding | None:
        """Who waits for whom, as a cycle where there is one."""
        waits = waits_for(product, state)
        if not waits or not anybody_stuck(product, state):
            return None
        cycle = cycle_in(waits)
        rows = [
            f"{who} waits for {waits[who][0].target.name}, held by {holder}"
            for who, holder in pairwise(cycle)
        ] or [
            f"{who} waits for {waited_for(product, state, step, held)}"
            for who, (step, held) in waits.items()
        ]
        stuck = tuple((who, f"waits in {step}") for who, (step, _) in waits.items())
        return Finding(f"deadlock: {'; '.join(rows)}", waits=stuck)


def waited_for(product: Product, state: State, step: Operation, held: Sequence[str]) -> str:
    """What a thread waits for: a condition, a lock and who holds it, or an object as it is."""
    target = step.target
    if isinstance(step, Until):
        return condition_in_words(product, state, step)
    if held or type(target).holders is not Object.holders:
        return f"{target.name}, held by {' and '.join(held) or 'nobody'}"
    return f"{target.name}, whose state is: {target.show(product.value(target, state))}"


def condition_in_words(product: Product, state: State, step: Until) -> str:
    """The condition of a `wait_until`, by the objects that it is given and their states."""
    shown = (f"{each.name} = {each.show(product.value(each, state))}" for each in step.objects)
    return f"a condition that is false with {', '.join(shown)}"


def threads_that_must_end(product: Product) -> list[int]:
    """The threads that must end."""
    return [number for number, thread in enumerate(product.threads) if not thread.daemon]


def anybody_waits(explored: Explored, ends: list[int]) -> bool:
    """Whether in one of the `ends` a thread that must end has not ended."""
    product = explored.product
    looks = [
        (thread, seeing(product, thread, goes_on)) for thread in threads_that_must_end(product)
    ]

    def waits(state: State) -> bool:
        return any(see(state[thread]) for thread, see in looks)

    return any(True for _ in explored.graph.pick(lambda: looks, waits, ends))


def goes_on(position: Position) -> bool:
    """Whether a thread has a step before it."""
    return position.next is not None


def anybody_stuck(product: Product, state: State) -> bool:
    """Whether a thread that must end takes no step in what follows `state`, as far as is seen.

    The threads take turns, so a run that lets everybody go on is soon found if there is one. After
    `ENOUGH` states no more is asked for: a search has found that nothing lets the thread go on, and
    what follows a deadlock of some threads may be as large as the whole search.
    """
    still = {
        each for each in threads_that_must_end(product) if goes_on(product.position(each, state))
    }
    met, pending = {state}, [(state, -1)]
    while pending and len(met) <= MOST_CONFIRMING:
        at, last = pending.pop()
        moves = product.moves(at)
        still -= {thread for thread, _, _ in moves if not product.queues(thread, at)}
        if at in product.halted or not still:
            return False
        turns = sorted(moves, key=lambda move: (last - move[0]) % len(product.threads))
        for thread, _, target in turns:
            if target not in met:
                met.add(target)
                pending.append((target, thread))
    return bool(still)


def waits_for(product: Product, state: State) -> Waits:
    """For every thread that must wait: the operation it waits in, and who holds the object."""
    waits = {}
    for number, thread in enumerate(product.threads):
        others = product.instead_of(number, state, {})
        if others and thread.processor and goes_on(product.position(number, state)):
            waits[thread.name] = (Operation(thread.processor, "run"), list(others))
        elif step := blocked_in(product, number, state):
            if isinstance(step.target, StoreBuffer) and thread.daemon:
                continue  # it is empty, and nobody waits for it
            held = step.target.holders(product.value(step.target, state))
            if isinstance(step, Until):
                held = ()  # who holds the object is not what the condition waits for
            waits[thread.name] = (step, names_sorted({holding.thread for holding in held}))
    return waits


def blocked_in(product: Product, thread: int, state: State) -> Operation | None:
    """The operation in which a thread waits or queues up; in a block it may be a later one.

    A thread that can't run, because another does, does not wait in any.
    """
    if product.instead_of(thread, state, {}):
        return None
    begun = [state]
    for at in begun:
        effects = product.effects_of(thread, at)
        if any(not effect.bound and not effect.waits for effect in effects):
            return None
        begun += [product.apply(at, thread, effect) for effect in effects if effect.bound]
    step = product.position(thread, begun[-1]).next
    return step if isinstance(step, Operation) else None


def cycle_in(waits: Waits) -> list[str]:
    """A thread, whom it waits for, and so on back to itself; empty where no cycle is."""
    holders = {who: held for who, (_, held) in waits.items()}
    for start in waits:
        path = [start]
        while (held := holders.get(path[-1])) and path.count(path[-1]) == 1:
            path.append(next((name for name in held if name in waits), held[0]))
        if path[-1] in path[:-1]:
            return path[path.index(path[-1]) :]
    return []


def deadlock_free(name: str = "deadlock-free") -> DeadlockFree:
    """No thread ever waits for good."""
    return DeadlockFree(name)

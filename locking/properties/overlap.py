"""Whether two atomic blocks can both stand in front of an access: the locks' rules are asked.

An atomic block is explored as one step, so no state shows what is going on inside. Whether a lock
that two blocks use keeps their accesses apart is found by taking both blocks one operation at a
time, side by side, from a state in which each could be taken whole:

* An operation on a lock, that is on any object but memory, meets the state that the operations of
  both blocks left. Where the rule says `WAIT` or `Queue` it is not taken. Where it returns
  something else than it does alone, the thread goes the way to which that leads.
* Memory is seen by each block as it is when the block is taken alone, for blocks are atomic.
* A misuse makes nobody wait: the thread goes on as it does alone.

Two accesses are next to each other iff the two threads come to stand in front of both. If they
never do, then in every order of the two blocks' operations one block waits until the other one has
made its access, so a lock orders the two. Steps of a third thread in between are not asked for:
taken before both blocks begin they lead to another state, which is judged by itself. It is not
enough that a lock is held, in whatever mode: two threads can hold a semaphore of two places at
once.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from locking.errors import ModelError
from locking.explore.product import Effect, Product, State, ask
from locking.objects.operation import Access, Misuse, Object, Operation
from locking.objects.until import Until
from locking.properties.failing import Supposed

ThreadPair = tuple[int, int]
"""Two threads, by number."""

Under = tuple[State | None, State | None]
"""Two steps under way: the state as each of the two threads sees it; None once its step is over."""


class Touch(NamedTuple):
    """An access to a cell that a thread's next step makes."""

    cell: Object
    access: Access


class Alone(NamedTuple):
    """A thread's next step, taken alone and whole.

    `touched` are the accesses that it makes, `locks` the slots of the other objects that it works
    on. `after` are the places that follow each place on a way on which no operation has to wait;
    `places` are all that were tried.
    """

    touched: tuple[Touch, ...]
    locks: frozenset[int]
    after: dict[int, set[int]]
    places: frozenset[int]


def touch_of(step: object) -> Touch | None:
    """The access that `step` is, if it is one."""
    access = step.target.access(step.name) if isinstance(step, Operation) else None
    return Touch(step.target, access) if isinstance(step, Operation) and access else None


def step_alone(
    product: Product, thread: int, state: State, looked: dict[int, None] | None = None
) -> Alone:
    """What the next step of `thread` does in `state`, as no other thread moves meanwhile.

    The looks of a `wait_until` are made also while it waits. The slots of the objects that a block
    works on are added to `looked`. What is no block is not taken: the thread may have lost its
    processor in front of it, and then has it in no run.
    """
    begins = product.position(thread, state)
    if not begins.opens and not begins.bound:
        touch = touch_of(begins.next)
        return Alone((touch,) if touch else (), frozenset(), {}, frozenset({state[thread]}))
    tried: list[tuple[State, int]] = [(state, -1)]
    whole: dict[int, set[int]] = {}
    waiting: dict[int, int] = {}
    for number, (here, _) in enumerate(tried):
        position = product.position(thread, here)
        block = position.opens or position.bound
        if looked is not None and block and isinstance(position.next, Operation):
            looked[product.slot_of[position.next.target]] = None
        if isinstance(position.next, Until):
            waiting[number] = len(position.next.objects)
        for effect in product.effects_of(thread, here):
            if effect.bound:
                tried.append((product.apply(here, thread, effect), number))
            else:
                complete(tried, whole, number, effect.place, thread)
    taken = {*whole, *(each for wait in waiting.items() for each in looks(tried, *wait))}
    for number in waiting:
        complete(tried, whole, number, tried[number][0][thread], thread)
    steps = [product.position(thread, tried[number][0]).next for number in sorted(taken)]
    after: dict[int, set[int]] = {}
    for number, places in whole.items():
        after.setdefault(tried[number][0][thread], set()).update(places)
    return Alone(
        tuple(dict.fromkeys(filter(None, map(touch_of, steps)))),
        frozenset(
            product.slot_of[step.target]
            for step in steps
            if isinstance(step, Operation) and not touch_of(step)
        ),
        after,
        frozenset(here[thread] for here, _ in tried),
    )


def looks(tried: list[tuple[State, int]], number: int, count: int) -> Iterator[int]:
    """The `count` states before the one with a `number`, from which a condition is looked at.

    Who waits for a condition looks all the while; of the block around, nothing is done meanwhile.
    """
    for _ in range(count):
        number = tried[number][1]
        yield number


def complete(
    tried: list[tuple[State, int]], whole: dict[int, set[int]], number: int, to: int, thread: int
) -> None:
    """Note that a way ends which leads to the state `number` of those `tried`, then to `to`."""
    while number >= 0:
        known = number in whole
        whole.setdefault(number, set()).add(to)
        if known:
            return
        to, number = tried[number][0][thread], tried[number][1]


class SideBySide:
    """Next steps of two threads of `product`, taken one operation at a time, in tables of its own.

    What a thread does with a result that it has in no run is learned there, and not believed of any
    run. `exact` says that histories which are merged are to be told apart: errors are `Supposed`.
    """

    def __init__(self, product: Product, *, exact: bool = False) -> None:
        self.product = product
        self.exact = exact

    @cached_property
    def trial(self) -> Product:
        """The two threads again, with the others; nothing is merged in it."""
        return Product(self.product.objects, self.product.threads)

    def meetings(
        self, pair: ThreadPair, state: State, looked: dict[int, None] | None = None
    ) -> Iterator[tuple[Touch, Touch]]:
        """The accesses in front of which both threads can stand, from `state`; some come twice.

        The slots of the objects that were asked are added to `looked`. Errors: `Supposed`.
        """
        begin = self.own(pair, state)
        ways = [step_alone(self.trial, thread, begin) for thread in pair]
        pending: list[Under] = [(begin, begin)]
        met = set(pending)
        for under in pending:
            mine, theirs = map(self.front, pair, under)
            if mine and theirs:
                yield mine, theirs
            for which, thread in enumerate(pair):
                merged = len(self.product.automata[thread].members[state[thread]]) > 1
                for target, strayed in self.steps(pair, under, which, ways[which], looked):
                    if strayed and merged and self.exact:
                        raise Supposed
                    if target not in met:
                        met.add(target)
                        pending.append(target)

    def own(self, pair: ThreadPair, state: State) -> State:
        """`state` of the product in the tables of this, as far as the objects and `pair` go."""
        found = list(self.trial.initial)
        for thread in pair:
            for result in self.product.automata[thread].results_before(state[thread]):
                found[thread] = self.trial.automata[thread].next(found[thread], result)
        for at, object_ in enumerate(self.product.objects):
            value = self.product.value(object_, state)
            found[self.trial.slot_of[object_]] = self.trial.value_number(at, value)
        return tuple(found)

    def front(self, thread: int, seen: State | None) -> Touch | None:
        """The access in front of which a thread stands, if it stands in front of one."""
        return touch_of(self.trial.position(thread, seen).next) if seen else None

    def steps(
        self, pair: ThreadPair, under: Under, which: int, way: Alone, looked: dict[int, None] | None
    ) -> Iterator[tuple[Under, bool]]:
        """Where the next operation of one of the two leads; nowhere, if it has to wait.

        Beside each, whether the thread strays from every way that it goes alone.
        """
        thread, seen, other = pair[which], under[which], under[1 - which]
        step = self.trial.position(thread, seen).next if seen else None
        if seen is None or step is None:
            return
        lock = isinstance(step, Operation) and not touch_of(step)
        if isinstance(step, Operation) and looked is not None:
            looked[self.product.slot_of[step.target]] = None
        for effect in self.effects(thread, seen, way):
            target = self.trial.apply(seen, thread, effect)
            theirs = other
            if lock and other is not None:
                theirs = (*other[: effect.slot], effect.value, *other[effect.slot + 1 :])
            mine = target if effect.bound else None
            strayed = effect.bound and effect.place not in way.places
            yield ((mine, theirs) if which == 0 else (theirs, mine)), strayed

    def effects(self, thread: int, seen: State, way: Alone) -> list[Effect]:
        """The effects of a thread's next operation; after a misuse it goes on as it does alone."""
        place, step = seen[thread], self.trial.position(thread, seen).next
        if isinstance(step, Operation):
            value = self.trial.value(step.target, seen)
            if isinstance(ask(step, value, self.trial.threads[thread].name), Misuse):
                slot, position = (
                    self.trial.slot(thread, place),
                    self.trial.automata[thread].position,
                )
                goes_on = sorted(way.after.get(place, ()))
                return [Effect(to, slot, seen[slot], 1, position(to).bound) for to in goes_on]
        try:
            found = self.trial.effects_of(thread, seen)
        except ModelError:  # with a result that it has in no run the thread can't go on
            return []
        return [each for each in found if each.place not in way.places or each.place in way.after]

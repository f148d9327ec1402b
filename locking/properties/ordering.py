"""Happens-before, followed along a run: which accesses each thread does not know of.

One operation happens before another if a chain of these leads from it there:

* program order: the two are of one thread, in this order;
* synchronisation: the first releases and the second, later in the run, acquires what the first has
  published on the same object, or on the same part of it where the operation says of which.

A thread *knows of* an access that happens before whatever it does next. An object keeps what was
published on it: for a lock what all releases before have published; for a memory word, what came
with its present value. What readers publish is kept apart, for readers do not acquire it.

Of each thread, cell and kind of access (read or write, plain or marked) only the last is followed.
That is enough: who knows of the last knows of all before it, which come before it in program order.
So if an access conflicts with an earlier one of that kind and is not ordered after it, it is not
ordered after the last one either, and that conflicts too, for conflicts depend on cell and kind.

After: tools/memory-model/Documentation/explanation.txt and Documentation/memory-barriers.txt of the
kernel; Lamport, Time, clocks, and the ordering of events in a distributed system (1978); Flanagan
and Freund, FastTrack: efficient and precise dynamic race detection (2009). Differs: what is kept is
not a clock of each thread but a set of bits, of which there are finitely many, so that all runs can
be gone through.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.graph import Choice
from locking.explore.product import Product, State, ask
from locking.objects.operation import WAIT, Misuse, Object, Operation, Queue
from locking.objects.order import Order
from locking.programs.traps import Choose as Choosing
from locking.properties.overlap import Touch, touch_of
from locking.properties.race import conflict

READ = "read"
"""The mode in which readers hold a lock."""

Ignorance = tuple[int, ...]
"""For every thread, then for everybody and for readers of every part of every object: the
accesses, as bits, of which the thread does not know, or that were not published there."""


class Made(NamedTuple):
    """The last access of its kind that a thread has made."""

    thread: int
    touch: Touch


class Taken(NamedTuple):
    """An operation that was taken: by whom, in front of which state, what it touches and orders."""

    thread: int
    before: State
    slot: int
    touch: Touch | None
    order: Order


Hazards = Callable[[int, int, list[Made]], int]
"""The accesses, as bits, that may still race with what a thread does from a place of it on."""


def all_accesses(_: int, __: int, made: list[Made]) -> int:
    """All accesses: nothing is known of what a thread will do."""
    return (1 << len(made)) - 1


class RunMonitor:
    """Follows runs of `product`; accesses are numbered as they are met."""

    def __init__(self, product: Product, hazards: Hazards = all_accesses) -> None:
        self.product = product
        self.hazards = hazards
        self.words, self.length = words_of(product)
        self.made: list[Made] = []
        self.bits: dict[Made, int] = {}
        self.known: dict[tuple[int, int, int], tuple[Touch | None, Order] | None] = {}

    @property
    def start(self) -> Ignorance:
        """Nobody has made an access yet."""
        return (0,) * self.length

    def after(
        self, seen: Ignorance, taken: Iterable[Taken], target: State
    ) -> tuple[Ignorance, list[tuple[Taken, Made]]]:
        """What is not known once a step was `taken` to `target`; and the races in it.

        A race is an operation with an access that does not happen before it.
        """
        ignorance, races = list(seen), list[tuple[Taken, Made]]()
        for each in taken:
            races += ((each, made) for made in self.operate(ignorance, each))
        return self.worth_keeping(ignorance, target), races

    def operate(self, ignorance: list[int], taken: Taken) -> list[Made]:
        """Change `ignorance` by one operation; the accesses with which it races come back."""
        thread, _, slot, touch, order = taken
        words = self.words[slot - len(self.product.threads)]
        parts = [words[part] for part in (words if order.parts is None else order.parts)]
        if order.acquires:
            for everybody in parts:
                ignorance[thread] &= ignorance[everybody]
                if not order.shared:
                    ignorance[thread] &= ignorance[everybody + 1]
        races = self.unordered(ignorance, thread, touch) if touch else []
        if touch:
            bit = self.bit(Made(thread, touch))
            for at in range(len(ignorance)):
                ignorance[at] |= 0 if at == thread else bit
        for everybody in parts:
            if order.forgets:
                ignorance[everybody] = ignorance[everybody + 1] = (1 << len(self.made)) - 1
            if order.releases:
                ignorance[everybody + order.shared] &= ignorance[thread]
        return races

    def unordered(self, ignorance: Sequence[int], thread: int, touch: Touch) -> list[Made]:
        """The accesses of others with which one that `thread` makes now would race."""
        return [
            made
            for number, made in enumerate(self.made)
            if ignorance[thread] >> number & 1 and conflict(made.touch, touch)
        ]

    def bit(self, made: Made) -> int:
        """The bit of an access."""
        if made not in self.bits:
            self.bits[made] = 1 << len(self.made)
            self.made.append(made)
        return self.bits[made]

    def worth_keeping(self, ignorance: list[int], target: State) -> Ignorance:
        """`ignorance` without accesses that can race no more from state `target` on.

        What every thread knows of can't race until it is made again, and then nobody knows of it.
        """
        live = 0
        for thread in self.product.everybody:
            if ignorance[thread]:
                live |= ignorance[thread] & self.hazards(thread, target[thread], self.made)
        return tuple(bits & live for bits in ignorance)

    def operations(self, state: State, choice: Choice) -> Iterator[Taken]:
        """The operations of a step that is taken from `state`; of a block all of them, in order.

        A choice, queueing up and a misuse are no operations.
        """
        thread, outcome = choice
        bound = True
        while bound:
            step, chosen = self.product.position(thread, state).next, 0
            effects = self.product.effects_of(thread, state)
            if isinstance(step, Choosing):
                outcome, chosen = divmod(outcome, len(step.options))
            elif isinstance(step, Operation):
                slot = effects[0].slot
                key = (thread, state[thread], state[slot])
                if key not in self.known:
                    self.known[key] = self.done(
                        thread, step, self.product.value(step.target, state)
                    )
                if found := self.known[key]:
                    yield Taken(thread, state, slot, *found)
            bound = effects[chosen].bound
            state = self.product.apply(state, thread, effects[chosen])

    def done(self, thread: int, step: Operation, old: Any) -> tuple[Touch | None, Order] | None:
        """What an operation that meets `old` touches and orders; None if it is not carried out."""
        me = self.product.threads[thread].name
        outcome = ask(step, old, me)
        if outcome is WAIT or isinstance(outcome, Queue | Misuse):
            return None
        new, result = outcome
        return touch_of(step), order_of(step, me, old, new, result)


def words_of(product: Product) -> tuple[list[dict[Hashable, int]], int]:
    """Where ignorance has what is published on every part of every object; and its length.

    There is the word for everybody, and right behind it the one for readers.
    """
    words, length = list[dict[Hashable, int]](), len(product.threads)
    for object_ in product.objects:
        words.append({part: length + 2 * at for at, part in enumerate(object_.parts)})
        length += 2 * len(object_.parts)
    return words, length


def order_of(step: Operation, me: str, old: Any, new: Any, result: Any) -> Order:
    """What an operation orders that led its object from state `old` to `new`, and gave `result`.

    Errors: `ModelError` where the function that says so returns something else.
    """
    said = step.target.call(step.name).ordering
    if said is None:
        return order_of_holder(modes_held(step.target, old, me), modes_held(step.target, new, me))
    found = said if isinstance(said, Order) else said(result, step.args)
    if not isinstance(found, Order):
        raise ModelError(
            f"what {step} orders is said by a function that returned {found!r}, no Order"
        )
    unknown = set(found.parts or ()) - set(step.target.parts)
    if unknown:
        raise ModelError(f"{step} orders {unknown.pop()!r}, no part of it: {step.target.parts}")
    return found


def order_of_holder(before: Counter[str], after: Counter[str]) -> Order:
    """What an operation orders that changed a thread's modes of a lock from `before` to `after`."""
    gained, lost = after - before, before - after
    return Order(bool(gained), bool(lost), shared=not {*gained, *lost} - {READ})


def modes_held(object_: Object, state: Any, me: str) -> Counter[str]:
    """The modes in which a thread holds an object in a state of it."""
    return Counter(held.mode for held in object_.holders(state) if held.thread == me)

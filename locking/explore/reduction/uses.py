"""How threads use one object: every state that it can have, and who holds it where, and how.

They are found by asking the object's rule, not by walking: states are those that the operations of
all threads lead to, in any order in which each thread holds what it does hold at that place. So
they include all states that the product can come to, and what is true of all of them is true there.

After: Lipton, Reduction: a method of proving properties of parallel programs (CACM 18, 1975), steps
that commute; Godefroid (LNCS 1032, 1996), dependence that is asked in a state.
Differs: nobody declares which operations commute. Two steps are independent if the rule says so in
every state of this over-approximation in which both threads can be where they are.
"""

from collections.abc import Hashable
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.product import Product, ask
from locking.objects.operation import WAIT, Misuse, Operation, Outcome, Queue
from locking.programs.keys import typed

LARGEST = 2_000
"""States of an object up to which they are gone through."""

MOST_ASKED = 25_000
"""Questions to its rule up to which they are gone through, each about a step in a state."""

Modes = tuple[str, ...]
"""The modes in which a thread holds an object, one for each time that it holds it."""


class Irregular(Exception):
    """There are too many states, or what a thread holds does not follow from where it stands."""


class PlacedStep(NamedTuple):
    """A thread at a place; it stands for the thread's step there."""

    thread: int
    place: int


class Done(NamedTuple):
    """What a step did: the number of the object's next state, and its result as a key."""

    state: int
    result: Hashable


Answer = Done | Misuse | Queue
"""The rule's answer to a step that need not wait; of one that queues, nothing more is known."""


class Uses:
    """All uses of the object at `slot` of a product, as far as threads were learned.

    `held` is what a thread holds by its place. Sets of states are the bits of a number: `holding`
    are those in which a thread holds the object in some modes, `waiting` those in which a step
    waits. `answers` has what every step does in a state in which it need not. Errors: `Irregular`.
    """

    def __init__(self, product: Product, slot: int) -> None:
        self.product = product
        self.slot = slot
        self.object = product.objects[slot - len(product.threads)]
        self.numbers: dict[Hashable, int] = {}
        self.states: list[Any] = []
        self.modes: list[tuple[Modes, ...]] = []
        self.holding: list[dict[Modes, int]] = [{} for _ in product.threads]
        self.held: list[dict[int, Modes]] = [{} for _ in product.threads]
        self.steps: dict[PlacedStep, Operation] = {}
        self.waiting: dict[PlacedStep, int] = {}
        self.answers: dict[PlacedStep, dict[int, Answer]] = {}
        self.pairs: list[tuple[PlacedStep, int]] = []
        self.asked = 0
        self.nobody: tuple[Modes, ...] = ((),) * len(product.threads)
        start = self.meet(product.value(self.object, product.initial))
        for thread in product.everybody:
            self.arrive(thread, product.initial[thread], self.modes[start][thread])
        while self.pairs:  # the newest first: where there are too many states, it is soon known
            self.take(*self.pairs.pop())

    def meet(self, value: Any) -> int:
        """The number of a state that the object can have. Errors: `Irregular`."""
        key = self.key(value)
        if key not in self.numbers:
            if len(self.states) == LARGEST:
                raise Irregular
            number = self.numbers[key] = len(self.states)
            self.states.append(value)
            self.modes.append(self.modes_in(value))
            for known, modes in zip(self.holding, self.modes[number], strict=True):
                known[modes] = known.get(modes, 0) | 1 << number
            self.pairs += [(use, number) for use in self.steps]
        return self.numbers[key]

    def key(self, value: Any) -> Hashable:
        """What tells a state or a result from others. Errors: `Irregular` where it is no value."""
        try:
            return typed(value)
        except ModelError as error:  # perhaps no run comes to it
            raise Irregular from error

    def modes_in(self, value: Any) -> tuple[Modes, ...]:
        """What every thread holds in a state of the object. Errors: `Irregular`."""
        try:
            holders = sorted(self.object.holders(value))
        except Exception as error:  # the user's code, in a state that perhaps no run comes to
            raise Irregular from error
        if not holders:  # as a rule: most objects are no locks
            return self.nobody
        return tuple(
            tuple(mode for name, mode in holders if name == thread.name)
            for thread in self.product.threads
        )

    def arrive(self, thread: int, place: int, modes: Modes) -> None:
        """Note what a thread holds at a place, and at those it goes on to on other objects.

        Errors: `Irregular` where it came to the place before, and held something else.
        """
        pending = [place]
        for at in pending:
            known = self.held[thread].get(at)
            if known is not None:
                if known != modes:
                    raise Irregular
                continue
            self.held[thread][at] = modes
            if self.product.slot(thread, at) == self.slot:
                self.begin(PlacedStep(thread, at))
            else:
                pending += self.product.automata[thread].after[at].values()

    def begin(self, use: PlacedStep) -> None:
        """Note a step on the object."""
        step = self.product.automata[use.thread].position(use.place).next
        assert isinstance(step, Operation)
        self.steps[use], self.answers[use], self.waiting[use] = step, {}, 0
        self.pairs += [(use, state) for state in range(len(self.states))]

    def take(self, use: PlacedStep, state: int) -> None:
        """Take a step in a state, where the thread holds what it does at that place."""
        if self.modes[state][use.thread] != self.held[use.thread][use.place]:
            return
        outcome = self.ask(use, state)
        if outcome is WAIT:
            self.waiting[use] |= 1 << state
        elif isinstance(outcome, Queue):
            self.answers[use][state] = outcome
            self.changed(use, state, outcome.state, use.place)
        elif isinstance(outcome, Misuse):
            self.answers[use][state] = outcome
        else:  # the result may be one that nobody has had, and then nobody knows how to go on
            value, result = outcome[0], self.key(outcome[1])
            place = self.product.automata[use.thread].after[use.place].get(result)
            self.answers[use][state] = Done(self.changed(use, state, value, place), result)

    def ask(self, use: PlacedStep, state: int) -> Outcome:
        """What the rule says of a step. Errors: `Irregular`: it raises, or was asked too much."""
        if self.asked == MOST_ASKED:
            raise Irregular
        self.asked += 1
        step = self.steps[use]
        try:
            return ask(step, self.states[state], self.product.threads[use.thread].name)
        except ModelError as error:  # in a state that perhaps no run comes to
            raise Irregular from error

    def changed(self, use: PlacedStep, state: int, value: Any, place: int | None) -> int:
        """Note what a step leads to, if to a `place` that is known.

        Errors: `Irregular` where it changes what others hold.
        """
        new = self.meet(value)
        before, after = self.modes[state], self.modes[new]
        if before is not after:
            for thread, (had, has) in enumerate(zip(before, after, strict=True)):
                if thread != use.thread and had != has:
                    raise Irregular
        if place is not None:
            self.arrive(use.thread, place, self.modes[new][use.thread])
        return new

    def together(self, one: PlacedStep, other: PlacedStep) -> int | None:
        """The states, as bits, that there can be while two threads are where they are.

        None where nothing is known of where they are.
        """
        found = ~0
        for thread, place in (one, other):
            if place not in self.held[thread]:
                return None
            found &= self.holding[thread].get(self.held[thread][place], 0)
        return found

    def waits(self, use: PlacedStep, holder: PlacedStep) -> bool:
        """Whether a step must wait as long as another thread stands where it does."""
        states = self.together(use, holder)
        return states is not None and use in self.steps and not states & ~self.waiting[use]

    def commute(self, one: PlacedStep, other: PlacedStep) -> bool:
        """Whether the steps `one` and `other` are independent in every state where both can be.

        In such a state `one` can be taken wherever `other` can.
        """
        states = self.together(one, other)
        if states is None or one not in self.steps or other not in self.steps:
            return False
        return all(
            self.commute_in(self.answers[one], mine, self.answers[other], theirs)
            for state, theirs in self.answers[other].items()
            if states >> state & 1
            for mine in [self.answers[one].get(state)]
        )

    def commute_in(
        self,
        ones: dict[int, Answer],
        mine: Answer | None,
        others: dict[int, Answer],
        theirs: Answer,
    ) -> bool:
        """Whether two steps commute in one state, in which they do `mine` and `theirs`.

        `ones` and `others` are what they do by the state that they are taken in. From state s:

            s --mine--> t --second--> v        first and second leave the one state v,
            s --theirs--> u --first--> v       and every step has one result in either order

        A misuse ends the run: `others` must be the same misuse in t.
        """
        if not isinstance(mine, Done):
            return False
        if isinstance(theirs, Misuse):
            behind = others.get(mine.state)  # a `Queue` may equal it, as tuples do
            return isinstance(behind, Misuse) and behind == theirs
        if not isinstance(theirs, Done):
            return False
        first, second = ones.get(theirs.state), others.get(mine.state)
        return (
            isinstance(first, Done)
            and isinstance(second, Done)
            and first == Done(second.state, mine.result)
            and second.result == theirs.result
        )

"""What threads and objects can do together: the product, in which a state is a tuple of integers.

A state holds the place of every thread and then the state of every object, each by its number.
The tables behind it are filled when a walk first asks; from then on a step is a look-up.
"""

import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from traceback import extract_tb
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.automaton import Automaton
from locking.explore.learn import Learner
from locking.objects.in_force import InForce
from locking.objects.operation import WAIT, Misuse, Object, Operation, Outcome, Queue
from locking.programs.guard import Runaway, endless, guarded
from locking.programs.keys import NoValue, typed
from locking.programs.position import Position
from locking.programs.thread import Thread
from locking.programs.traps import Choose

State = tuple[int, ...]

LONGEST_BLOCK = 10_000
"""Steps that an atomic block may take, over all its outcomes."""

LARGEST_OUTCOME = 2**63 - 1
"""The greatest number that an outcome may have, which writes all choices of its block."""


Move = tuple[int, int, State]
"""A step that can be taken: which thread, which of its outcomes, and the state it leads to."""


Delta = tuple[int, int, tuple[tuple[int, int], ...]]
"""What one step changes: its outcome, the place that it ends at, and slots with new values."""

StepTable = tuple[dict[int, Callable[[State], Any]], dict[Any, list[Delta]], set[int]]
"""For one thread: what the step at a place looks at; the steps for what is found there; and the
places at which the run breaks off."""


class Effect(NamedTuple):
    """What one operation does: the thread's next place, and the new value of the slot it works on.

    `options` is how many outcomes there were to choose from; `bound` that the atomic block goes on;
    `waits` that the thread has only queued up, and still has to take its step.
    """

    place: int
    slot: int
    value: int
    options: int
    bound: bool
    waits: bool = False


class Undeclared(ModelError):
    """A thread uses an object that is not in the system: `object`, used by `user`."""

    def __init__(self, message: str, object_: Object | None = None, user: str = "") -> None:
        super().__init__(message)
        self.object = object_
        self.user = user


class Product:
    """The product of `threads` over `objects`; `starts` are the states in which objects start.

    An object that is not in `starts` begins in the state that it was declared with. `rules` are
    those of objects that were in force when the product was made: they are whenever it learns.
    `learners` know the threads already, if they are given.
    """

    def __init__(
        self,
        objects: Sequence[Object],
        threads: Sequence[Thread],
        starts: Mapping[Object, Hashable] | None = None,
        learners: Sequence[Learner] = (),
    ) -> None:
        self.rules = InForce.rules
        self.objects = tuple(objects)
        self.threads = tuple(threads)
        self.everybody = range(len(self.threads))
        self.slot_of = {object_: len(threads) + at for at, object_ in enumerate(objects)}
        learned = dict(enumerate(learners))
        self.automata = [
            Automaton(thread, learned.get(at)) for at, thread in enumerate(self.threads)
        ]
        self.values: list[list[Any]] = [[] for _ in objects]
        self.numbers: list[dict[Hashable, int]] = [{} for _ in objects]
        for slot, object_ in enumerate(objects):
            self.begin(slot, object_, (starts or {}).get(object_, object_.start))
        self.touched: set[Object] = set()
        self.forget()

    def begin(self, slot: int, object_: Object, state: Any) -> None:
        """Number the state that an object starts in. Errors: `ModelError`, which names it."""
        try:
            self.value_number(slot, state)
        except ModelError as error:
            raise ModelError(f"the start of {object_!r}: {error}") from error

    @property
    def initial(self) -> State:
        """Where everything begins."""
        return tuple(
            [automaton.place_of[0] for automaton in self.automata] + [0] * len(self.objects)
        )

    def forget(self) -> None:
        """Drop what was tabled for places, because they have been numbered anew."""
        self.slots: list[dict[int, int]] = [{} for _ in self.threads]
        self.effects: list[dict[tuple[int, int], list[Effect]]] = [{} for _ in self.threads]
        self.looked: list[dict[int, dict[int, None]]] = [{} for _ in self.threads]
        self.tables: list[StepTable] = [({}, {}, set()) for _ in self.threads]
        self.halted: set[State] = set()
        if any(automaton.position(automaton.place_of[0]).failure for automaton in self.automata):
            self.halted.add(self.initial)

    def take_over(self, other: "Product") -> None:
        """Take over all that `other`, a product of the same threads and objects, has learned."""
        self.automata = other.automata
        self.values, self.numbers = other.values, other.numbers
        self.touched = other.touched
        self.forget()

    def merge(self, worth: float = 0.0) -> bool:
        """Whether merging what was learned changed the places of any thread.

        Nothing is done where it would save less than `worth`, as a share of all places, nor once
        merging has made a thread run on and on.
        """
        if any(automaton.overran for automaton in self.automata):
            return False
        blocks = [automaton.equals() for automaton in self.automata]
        places = sum(len(automaton.members) for automaton in self.automata)
        if worth and places - sum(1 + max(block) for block in blocks) < worth * places:
            return False
        changed = [
            automaton.arrange(block) for automaton, block in zip(self.automata, blocks, strict=True)
        ]
        if any(changed):
            self.forget()
        return any(changed)

    def unmerge(self) -> None:
        """Undo all merging."""
        for automaton in self.automata:
            automaton.unmerge()
        self.forget()

    def confirm(self) -> None:
        """Run every thread again through all that was learned of it. Errors: `NotDeterministic`."""
        InForce.rules = self.rules
        for automaton in self.automata:
            automaton.learner.confirm()

    def value_number(self, slot: int, value: Any) -> int:
        """The number of an object's state."""
        numbers = self.numbers[slot]
        key = typed(value)
        found = numbers.get(key)
        if found is None:
            found = len(self.values[slot])
            self.values[slot].append(value)
            numbers[key] = found
        return found

    def position(self, thread: int, state: State) -> Position:
        """Where a thread stands in `state`."""
        return self.automata[thread].position(state[thread])

    def value(self, object_: Object, state: State) -> Any:
        """What an object's state is in `state`."""
        slot = self.slot_of[object_]
        return self.values[slot - len(self.threads)][state[slot]]

    def moves(self, state: State) -> list[Move]:
        """Every step that can be taken from `state`, in the order of threads and outcomes."""
        return self.moves_of(self.everybody, state)

    def moves_of(self, threads: Iterable[int], state: State) -> list[Move]:
        """Every step that some threads can take from `state`, in their order."""
        moves: list[Move] = []
        if state in self.halted:
            return moves
        for thread in threads:
            looks_at, known, failed = self.tables[thread]
            look = looks_at.get(state[thread])
            steps = known.get(look(state)) if look else None
            if steps is None:
                steps = self.learn_steps(thread, state)
            for outcome, place, changes in steps:
                changed = list(state)
                changed[thread] = place
                for slot, value in changes:
                    changed[slot] = value
                target = tuple(changed)
                moves.append((thread, outcome, target))
                if place in failed:
                    self.halted.add(target)
        return moves

    def learn_steps(self, thread: int, state: State) -> list[Delta]:
        """The steps of one thread, tabled by the values of the slots that they look at.

        An atomic block is followed to its end. Its outcome writes the choices inside it as one
        number, first choice lowest. A block that looks at more slots in another state gets longer
        keys from then on, and the shorter ones are never asked for again:

            atomic: read(x), and if it was 1: write(y, 2)

            state            slots looked at    key by which the steps are tabled
            at 7, x=0, y=0   x                  (7, 0)
            at 7, x=1, y=0   x, y               (7, 1, 0)
            at 7, x=0, y=0   (by now) x, y      (7, 0, 0): learned once more
        """
        looks_at, known, failed = self.tables[thread]
        slots = self.looked[thread].setdefault(state[thread], {})
        steps: list[Delta] = []
        begun = [] if self.instead_of(thread, state, slots) else [(state, 0, 1)]
        for taken, (at, outcome, scale) in enumerate(begun):
            if taken > LONGEST_BLOCK:
                self.endless(thread, at)
            effects = self.effects_of(thread, at)
            slots[self.slots[thread][at[thread]]] = None
            for chosen, effect in enumerate(effects):
                target = self.apply(at, thread, effect)
                if effect.bound:
                    begun.append((target, outcome + chosen * scale, scale * effect.options))
                    continue
                changes = tuple(
                    (slot, target[slot]) for slot in slots if target[slot] != state[slot]
                )
                steps.append((outcome + chosen * scale, effect.place, changes))
                if self.automata[thread].position(effect.place).failure:
                    failed.add(effect.place)
        if any(step[0] > LARGEST_OUTCOME for step in steps):
            self.unnumbered(thread, state)
        look = looks_at[state[thread]] = itemgetter(thread, *slots)
        known[look(state)] = steps
        return steps

    def instead_of(self, thread: int, state: State, slots: dict[int, None]) -> tuple[str, ...]:
        """Who has the processor of a thread, so that it can't move: here nobody."""
        return ()

    def apply(self, state: State, thread: int, effect: Effect) -> State:
        """`state` once a thread's step has had `effect`."""
        changed = list(state)
        changed[effect.slot] = effect.value
        changed[thread] = effect.place
        return tuple(changed)

    def effects_of(self, thread: int, state: State) -> list[Effect]:
        """The effects of the one step that a thread takes next; none where it must wait."""
        place = state[thread]
        slot = self.slots[thread].get(place)
        if slot is None:
            slot = self.slots[thread][place] = self.slot(thread, place)
        key = (place, state[slot])
        effects = self.effects[thread].get(key)
        if effects is None:
            effects = self.effects[thread][key] = list(self.compute(thread, place, slot, state))
        return effects

    def queues(self, thread: int, state: State) -> bool:
        """Whether all that a thread can do in `state` is to queue up: it waits."""
        return any(effect.waits for effect in self.effects_of(thread, state))

    def unnumbered(self, thread: int, state: State) -> None:
        """Raise the error for an atomic block with more outcomes than can be numbered."""
        site = self.position(thread, state).site
        raise ModelError(
            f"thread {self.threads[thread].name}, {site.filename}:{site.line}: the choices of one "
            f"atomic block have over 2**63 outcomes; choose among fewer, or outside of the block"
        )

    def endless(self, thread: int, state: State) -> None:
        """Raise the error for an atomic block that never ends."""
        site = self.position(thread, state).site
        raise ModelError(
            f"thread {self.threads[thread].name} takes over {LONGEST_BLOCK} steps in one atomic "
            f"block, at {site.filename}:{site.line}; a block must end"
        )

    def slot(self, thread: int, place: int) -> int:
        """The slot that the step at `place` works on; the thread's own where it is on no object.

        Errors: `Undeclared` where the system lacks the object.
        """
        step = self.automata[thread].position(place).next
        if not isinstance(step, Operation):
            return thread
        if step.target not in self.slot_of:
            site = self.automata[thread].position(place).site
            user = f"thread {self.threads[thread].name}"
            at = f"{site.filename}:{site.line}"
            raise Undeclared(
                f"{user} uses {step.target!r} at {at}, which is not among the model's objects; "
                f"add it there",
                step.target,
                f"{user}, {at}",
            )
        return self.slot_of[step.target]

    def compute(self, thread: int, place: int, slot: int, state: State) -> Iterator[Effect]:
        """What the step at `place` does, asked of the object's rule and of the thread itself.

        Errors: `ModelError` where the rule returns what is no value, and those of `ask`.
        """
        InForce.rules = self.rules
        automaton = self.automata[thread]
        step = automaton.position(place).next
        if isinstance(step, Choose):
            for option in step.options:
                after = automaton.next(place, option)
                yield self.effect(automaton, after, slot, after, len(step.options))
        elif isinstance(step, Operation):
            try:
                yield from self.operate(automaton, place, slot, state, step)
            except NoValue as error:
                site = automaton.position(place).site
                raise ModelError(
                    f"thread {self.threads[thread].name}, {site.filename}:{site.line}: "
                    f"what the rule of {step} returned is refused: {error}"
                ) from None

    def operate(
        self, automaton: Automaton, place: int, slot: int, state: State, step: Operation
    ) -> Iterator[Effect]:
        """The effect of an operation; none where it must wait. Errors: `NoValue`."""
        at = slot - len(self.threads)
        value = self.values[at][state[slot]]
        outcome = ask(step, value, automaton.learner.thread.name)
        self.touched.add(step.target)
        if isinstance(outcome, Queue):
            queued = self.value_number(at, outcome.state)
            # A thread that is in the queue already waits: to queue again is no step.
            if queued != state[slot] and not automaton.position(place).bound:
                yield Effect(place, slot, queued, 1, False, waits=True)
        elif isinstance(outcome, Misuse):
            yield Effect(automaton.next(place, outcome), slot, state[slot], 1, False)
        elif outcome is not WAIT:
            value, result = outcome
            after = automaton.next(place, result)
            yield self.effect(automaton, after, slot, self.value_number(at, value), 1)

    def effect(
        self, automaton: Automaton, place: int, slot: int, value: int, options: int
    ) -> Effect:
        """The effect of arriving at `place`."""
        return Effect(place, slot, value, options, automaton.position(place).bound)


def rule_line(step: Operation) -> str:
    """The line where the rule of a step begins."""
    code = step.target.call(step.name).rule.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def at_line(error: BaseException) -> str:
    """The line that raised `error`."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def ask(step: Operation, value: Any, me: str) -> Outcome:
    """What the rule says of a step that `me` takes. Errors: `ModelError` where it says nonsense."""
    try:
        outcome = guarded(step.target.step, step.name, value, me, step.args)
    except Runaway as error:
        raise endless(f"the rule of {step}, in state {value!r},", error) from None
    except (Exception, SystemExit) as error:  # the user's code, which may raise anything
        raise ModelError(
            f"the rule of {step} raised {type(error).__name__}: {error}, in state {value!r} "
            f"({at_line(error)})"
        ) from error
    if inspect.iscoroutine(outcome):
        outcome.close()
        raise ModelError(f"the rule of {step} is an `async def`; write `def`")
    waits = outcome is WAIT or isinstance(outcome, Queue)
    stepped = isinstance(outcome, tuple) and len(outcome) == 2
    if not (waits or stepped or isinstance(outcome, Misuse)):
        raise ModelError(
            f"the rule of {step} returned {outcome!r}, in state {value!r}; "
            f"it returns (new state, result), WAIT, Queue or Misuse ({rule_line(step)})"
        )
    if waits and step.target.access(step.name):
        raise ModelError(f"{step} waits, but is declared as an access to memory: that can't be")
    return outcome

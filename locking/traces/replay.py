"""Running a path for real: the coroutines and the locks themselves, step by step.

No table of any engine is believed here: each step asks the object's rule and resumes the thread's
own coroutine. What comes out is compared with the tables, so neither a wrong engine nor a thread
that isn't deterministic can show a run that does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, NamedTuple

from locking.errors import NotDeterministic, PathError
from locking.explore.graph import Choice
from locking.explore.learn import describe
from locking.explore.product import Move, Product, State
from locking.explore.trial import same
from locking.objects.in_force import InForce
from locking.objects.operation import (
    LEAVE,
    WAIT,
    Holding,
    Misuse,
    Object,
    Operation,
    Outcome,
    Queue,
    Site,
)
from locking.programs.frames import SHOWN_TYPES, HelperCall, helper_call, moving_on
from locking.programs.handlers import ARRIVALS
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.programs.run import Run
from locking.programs.store_buffers import LOOKS, ThroughBuffer
from locking.programs.thread import Thread
from locking.programs.traps import Choose as Choosing
from locking.programs.turns import has_companions, on_processor


@dataclass(frozen=True)
class ObjectChange:
    """An object whose state a step changed, as text; `holders` are who holds it then."""

    object: str
    old: str
    new: str
    is_lock: bool
    holders: tuple[str, ...] = ()


class Held(NamedTuple):
    """A lock, or another object that is waited for: its state as text, who holds it, who waits."""

    name: str
    says: str
    holders: tuple[Holding, ...] = ()
    waiters: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it in one line."""
        return self.says + (f"; waiting: {', '.join(self.waiters)}" if self.waiters else "")


@dataclass(frozen=True)
class Event:
    """One operation of one thread, in step `number` of the run; an atomic block has several.

    `gave` is whether it gave the thread a result: any but None, and what a read says, even None;
    `locals` are the thread's variables that it changed on the way to its next step, `held` the
    locks whose holders or waiters are now others, with who those are. `step` is the operation
    itself, None for a choice, `before` the state in which it met its object, and `called` how the
    thread came to a `site` in a helper.
    """

    number: int
    thread: int
    call: str
    target: str
    site: Site
    result: Any
    gave: bool
    queued: bool
    misuse: str
    change: ObjectChange | None
    inside: tuple[str, ...]
    inside_after: tuple[str, ...]
    locals: tuple[tuple[str, str], ...]
    held: tuple[Held, ...]
    step: Operation | None
    before: Any
    called: HelperCall | None = None

    @property
    def returned(self) -> str | None:
        """What came back, as text, or which option was chosen."""
        return repr(self.result) if self.gave or self.step is None else None

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """The locks of `held`, each with its line of text."""
        return tuple((each.name, each.text) for each in self.held)


def only_reads(step: Operation | Choosing | None) -> bool:
    """Whether a step reads memory and leaves it as it is."""
    access = step.target.access(step.name) if isinstance(step, Operation) else None
    return access is not None and not access.writes


def ahead(position: Position, outcome: int) -> str:
    """What a thread does in the step that it takes from `position`; of a block, the first of it."""
    step = position.next
    block = "atomic, " if position.opens else ""
    if isinstance(step, Choosing):
        return f"{block}choose -> {step.options[outcome % len(step.options)]!r}"
    return f"{block}{step}"


@dataclass(frozen=True)
class Trace:
    """A run, replayed: its events, and the state at its end in the tables of `product`.

    `states` are the one at its start and the one after each step, `held` the locks that are held
    or waited for at its start, `choices` the run itself.
    """

    product: Product
    events: tuple[Event, ...]
    end: State
    states: tuple[State, ...] = ()
    held: tuple[Held, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the threads, in order."""
        return tuple(thread.name for thread in self.product.threads)


class Replay:
    """The threads of `product` under way for real."""

    def __init__(self, product: Product) -> None:
        self.product = product
        InForce.rules = product.rules
        self.runs = [Run(thread) for thread in product.threads]
        self.state = product.initial
        self.values: dict[Object, Any] = {
            object_: product.value(object_, self.state) for object_ in product.objects
        }
        self.states = [self.state]
        self.events: list[Event] = []
        self.held = self.locks_in_use()

    def step(self, number: int, choice: Choice) -> None:
        """Take one step of the path. Errors: `PathError`, `NotDeterministic`."""
        InForce.rules = self.product.rules
        _, _, target = move_of(self.product, self.state, number, choice)
        thread, outcome = choice
        while True:
            outcome = self.operate(number, thread, outcome)
            if not self.runs[thread].position.bound:
                break
        self.state = target
        self.states.append(self.state)
        self.compare(number)

    def operate(self, number: int, thread: int, outcome: int) -> int:
        """Take one operation; what is left of `outcome` belongs to later choices of its block.

        Errors: `PathError` where the thread must wait.
        """
        run = self.runs[thread]
        before, known, way = run.position, variables(run), helper_call(run.coroutine)
        step, result, queued, misuse, change, old = before.next, None, False, "", None, None
        if isinstance(step, Choosing):
            outcome, chosen = divmod(outcome, len(step.options))
            result = step.options[chosen]
            run.give(result)
        elif isinstance(step, Operation):
            old = self.values[step.target]
            got = step.target.step(step.name, old, run.thread.name, step.args)
            if run.thread.processor:
                got, change = self.on_processor(run.thread, step, got)
            match got:
                case Misuse(reason):
                    misuse = reason
                    run.stop(reason)
                case Queue(state):
                    queued, change = True, self.set(step.target, state)
                case (state, result):
                    change = self.set(step.target, state)
                    run.give(result)
                case _:
                    assert got is WAIT
                    if not change:
                        raise PathError(f"step {number}: {run.thread.name} must wait in {step}")
                    queued = True  # it begins to spin
        held = self.changed_locks()
        if isinstance(step, ThroughBuffer) and step.name in LOOKS and run.position.bound:
            return outcome  # what follows in the same step says all
        self.events.append(
            Event(
                number,
                thread,
                str(step) if isinstance(step, Operation) else "choose",
                step.target.name if isinstance(step, Operation) else "",
                before.site,
                result,
                result is not None or (only_reads(step) and not misuse),
                queued,
                misuse,
                change,
                before.inside,
                run.position.inside,
                changed_locals(known, variables(run)),
                held,
                step if isinstance(step, Operation) else None,
                old,
                way,
            )
        )
        return outcome

    def on_processor(
        self, me: Thread, step: Operation, got: Outcome
    ) -> tuple[Outcome, ObjectChange | None]:
        """What the outcome of a rule comes to on the thread's processor, and how that changes."""
        assert me.processor is not None
        frames = self.values[me.processor]
        companions = has_companions(me, self.product.threads)
        old = self.values[step.target]
        got, now = on_processor(me, step, frames, old, got, companions=companions)
        return got, self.set(me.processor, now) if step.target is not me.processor else None

    def set(self, object_: Object, value: Any) -> ObjectChange | None:
        """Put an object into another state; the change, if it is one."""
        old, self.values[object_] = self.values[object_], value
        if typed(old) == typed(value):
            return None
        holders = tuple(holding.thread for holding in object_.holders(value))
        lock = bool(object_.holders(old) or holders)
        return ObjectChange(object_.name, object_.show(old), object_.show(value), lock, holders)

    def locks_in_use(self) -> dict[str, Held]:
        """Every lock that is held or waited for, by name; who is going to give up still waits."""
        waiting: dict[str, list[str]] = {}
        for run in self.runs:
            step = run.position.next
            if isinstance(step, Operation) and step.target in self.values and self.runs_now(run):
                got = step.target.step(
                    step.name, self.values[step.target], run.thread.name, step.args
                )
                if got is WAIT or isinstance(got, Queue) or step.name == LEAVE:
                    waiting.setdefault(step.target.name, []).append(run.thread.name)
        return {
            object_.name: self.held_now(object_, waiting.get(object_.name, ()))
            for object_, value in self.values.items()
            if object_.holders(value) or object_.name in waiting
        }

    def runs_now(self, run: Run) -> bool:
        """Whether nothing that can't be preempted has the processor of a thread."""
        processor, me = run.thread.processor, run.thread.name
        return processor is None or processor.may_run(self.values[processor], me) or arrives(run)

    def held_now(self, object_: Object, waiters: Sequence[str]) -> Held:
        """An object as it is now, with those who wait for it."""
        value = self.values[object_]
        threads = [run.thread.name for run in self.runs]
        held = object_.holders(value)
        holders = sorted(held, key=lambda each: [*threads, each.thread].index(each.thread))
        return Held(object_.name, object_.show(value), tuple(holders), tuple(waiters))

    def changed_locks(self) -> tuple[Held, ...]:
        """The locks whose holders or waiters changed, as they are now."""
        old, self.held = self.held, self.locks_in_use()
        return tuple(
            self.held.get(object_.name) or self.held_now(object_, ())
            for object_ in self.values
            if old.get(object_.name) != self.held.get(object_.name)
        )

    def compare(self, number: int) -> None:
        """Refuse a run that is not where the tables say. Errors: `NotDeterministic`."""
        for thread, run in enumerate(self.runs):
            told = self.product.position(thread, self.state)
            if not same(told, run.position):
                raise NotDeterministic(
                    f"step {number}: thread {run.thread.name} was learned to be where it "
                    f"{describe(told)}, but in this run it {describe(run.position)}; "
                    f"threads may share nothing but objects"
                )
        for object_, value in self.values.items():
            if typed(self.product.value(object_, self.state)) != typed(value):
                raise NotDeterministic(f"step {number}: {object_.name} is not as the tables say")

    def close(self) -> None:
        """Drop the coroutines."""
        for run in self.runs:
            run.close()


def move_of(product: Product, state: State, number: int, choice: Choice) -> Move:
    """The step of a path that is its `choice` in `state`. Errors: `PathError` where it is none."""
    thread, outcome = choice
    if thread >= len(product.threads):
        raise PathError(f"step {number}: there is no thread number {thread + 1}")
    moves = product.moves_of([thread], state)  # what others can do is not learned
    move = next((move for move in moves if move[:2] == choice), None)
    if move is None:
        name, why = product.threads[thread].name, why_no_step(product, state, thread, outcome)
        raise PathError(f"step {number}: {name} can't take it; {why}")
    return move


def why_no_step(product: Product, state: State, thread: int, outcome: int) -> str:
    """Why a thread can't take a step in `state`."""
    position = product.position(thread, state)
    if position.next is None:
        return "it has ended"
    if outcome and not isinstance(position.next, Choosing):
        return f"{position.next} has no outcome {outcome}"
    if isinstance(position.next, Choosing):
        return f"it chooses among {len(position.next.options)} options"
    others = product.instead_of(thread, state, {})
    if others:
        return f"its processor runs {' and '.join(others)}"
    return f"it waits in {position.next}"


def replay(product: Product, choices: Sequence[Choice]) -> Trace:
    """The trace of a path. Errors: `PathError` names the step that can't be taken."""
    running = Replay(product)
    held = tuple(running.held.values())
    try:
        for number, choice in enumerate(choices, 1):
            running.step(number, choice)
        return Trace(
            product,
            tuple(running.events),
            running.state,
            tuple(running.states),
            held,
            tuple(choices),
        )
    finally:
        running.close()


def arrives(run: Run) -> bool:
    """Whether a thread is a handler that has not come yet."""
    step = run.position.next
    return (
        isinstance(step, Operation)
        and step.name in ARRIVALS
        and step.target is run.thread.processor
    )


def variables(run: Run) -> dict[FrameType, dict[str, str]]:
    """For every function that the thread is in: its own plain variables, as text.

    Those of loops are left out, and those of functions around it: no step of the thread sets them.
    """
    return {
        frame: {
            name: repr(value)
            for name, value in frame.f_locals.items()
            # pytest keeps what an assertion compares under names such as `@py_assert1`.
            if isinstance(value, SHOWN_TYPES)
            and name.isidentifier()
            and not name.startswith("_")
            and name not in frame.f_code.co_freevars
            and name not in moving_on(frame.f_code)
        }
        for frame in run.frames()
    }


def changed_locals(
    before: dict[FrameType, dict[str, str]], after: dict[FrameType, dict[str, str]]
) -> tuple[tuple[str, str], ...]:
    """The variables that are new or have another value; what a function was called with is not.

    Nor is a value that a function has returned, where its caller keeps it under the same name.
    """
    found: dict[str, str] = {}
    ended = [each for frame, own in before.items() if frame not in after for each in own.items()]
    for frame, texts in after.items():
        given = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        known = before.get(frame, {name: text for name, text in texts.items() if name in given})
        found.update(
            (name, text)
            for name, text in texts.items()
            if known.get(name) != text and (name, text) not in ended
        )
    return tuple(found.items())

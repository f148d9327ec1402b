"""Running a body where nothing runs beside it: before `together`, and after it.

An operation acts at once. Whatever would have to wait would wait forever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from locking.errors import ModelError, NotDeterministic
from locking.explore.product import ask
from locking.objects.operation import WAIT, Misuse, Object, Operation, Queue, Site
from locking.programs.keys import NoValue, typed
from locking.programs.position import Failure, Fault, Requirement
from locking.programs.run import Run
from locking.programs.thread import Thread
from locking.programs.traps import Choose
from locking.testing.together import Phase, Program, threads_of

ME = "the test"
"""The thread that operations outside of all threads are taken by."""

LONGEST_BODY = 10_000
"""Operations that a body may take before `together`, and after it."""


@dataclass(frozen=True)
class Stop:
    """Why a body can't go on: what is wrong there, and the values of the names in it."""

    says: str
    site: Site
    operands: tuple[tuple[str, str], ...] = ()


class BodyRun:
    """A body under way; `states` are those of the objects that it has used in this part of it.

    `first` is the state of one that it had not used before.
    """

    def __init__(self, program: Program) -> None:
        self.run = Run(Thread(ME, program), makes_threads=True)
        self.objects: dict[str, Object] = {}
        self.first: Callable[[Object], Any] = lambda object_: object_.start
        self.states: dict[str, Any] = {}

    def advance(self) -> Stop | None:
        """Go on to the next `together` or to the end; why it stopped before, if it did.

        Errors: `ModelError` for a choice, and for a body that takes too many operations.
        """
        for _ in range(LONGEST_BODY):
            position = self.run.position
            if position.failures:
                return self.failed(position.failures[0])
            if position.next is None or self.phase:
                return None
            if isinstance(position.next, Choose):
                raise self.wrong("choose() outside of all threads; choose in a thread")
            stop = self.take(position.next)
            if stop:
                return stop
        raise self.wrong(f"{LONGEST_BODY:,} operations outside of all threads, and no end")

    @property
    def phase(self) -> Phase | None:
        """The phase that the body awaits now."""
        step = self.run.position.next
        target = step.target if isinstance(step, Operation) else None
        return target if isinstance(target, Phase) else None

    def failed(self, failure: Failure) -> Stop:
        """What a false assertion or requirement says. Errors: `ModelError` for all else."""
        if failure.kind is Fault.ERROR:
            raise ModelError(failure.text)
        what = f"requirement {failure.kind.name}: " if isinstance(failure.kind, Requirement) else ""
        return Stop(what + failure.text, self.run.position.site, failure.operands)

    def take(self, step: Operation) -> Stop | None:
        """Take an operation; why it can't be taken, if it can't.

        Errors: `ModelError` for two objects of one name, and for a rule that returns no value.
        """
        name = step.target.name
        if self.objects.setdefault(name, step.target) is not step.target:
            raise self.wrong(f"two objects are called {name!r}; give each its own name")
        if name not in self.states:
            self.states[name] = self.first(step.target)
        outcome = ask(step, self.states[name], ME)
        if isinstance(outcome, Misuse):
            return Stop(f"{step} is a misuse: {outcome.reason}", self.run.position.site)
        if outcome is WAIT or isinstance(outcome, Queue):
            shown = step.target.show(self.states[name])
            says = f"{step} would wait forever, as nothing else runs then ({name}: {shown})"
            return Stop(says, self.run.position.site)
        try:
            typed(outcome)
        except NoValue as error:
            raise self.wrong(f"what the rule of {step} returned is refused: {error}") from None
        self.states[name], result = outcome
        self.run.give(result)
        return None

    def wrong(self, what: str) -> ModelError:
        """The error for the line where the body stands."""
        site = self.run.position.site
        return ModelError(f"{what} ({site.filename}:{site.line})")


@dataclass(frozen=True)
class BodyStart:
    """A body that stands at `together`: the threads, and the states that they start from."""

    alone: BodyRun
    threads: tuple[Thread, ...]

    @property
    def states(self) -> dict[Object, Any]:
        """The state of every object that the setup used."""
        return {self.alone.objects[name]: state for name, state in self.alone.states.items()}


def begin(program: Program) -> BodyStart:
    """A body, run up to `together`. Errors: `ModelError`."""
    alone = BodyRun(program)
    stop = alone.advance()
    if stop:
        where = f"{stop.site.filename}:{stop.site.line}"
        raise ModelError(f"before together(): {stop.says or 'an assertion is false'} ({where})")
    if not alone.phase:
        raise ModelError(
            "it has no together(), so nothing runs in parallel; "
            "write `await together(one, other)`, with the async functions that are to run"
        )
    try:
        threads = threads_of(alone.phase)
        refuse_own_name(threads)
        return BodyStart(alone, threads)
    except ModelError as error:
        raise alone.wrong(str(error)) from error


def refuse_own_name(threads: tuple[Thread, ...]) -> None:
    """Refuse a thread that could release what the setup holds. Errors: `ModelError`."""
    if ME in [each.name for each in threads]:
        raise ModelError(f"a thread is called {ME!r}, as all else of a test is; name it otherwise")


def finish(program: Program, known: BodyStart, final: Callable[[Object], Any]) -> Stop | None:
    """What is wrong after `together`, where `final` are the states of the objects then.

    The body is run anew. Errors: `ModelError`; `NotDeterministic` where it differs from `known`.
    """
    start = begin(program)
    refuse_change(known, start)
    alone = start.alone
    alone.first, alone.states = final, {}
    alone.run.give(None)
    stop = alone.advance()
    if alone.phase:
        raise alone.wrong("a second together(); a body has one parallel phase")
    return stop


def refuse_change(known: BodyStart, start: BodyStart) -> None:
    """Refuse a setup that was not the same twice. Errors: `NotDeterministic`."""
    first, now = setup_result(known), setup_result(start)
    if typed(first) != typed(now):
        raise NotDeterministic(
            f"run twice up to together(), it had {pairs_in_words(first)} first, "
            f"and {pairs_in_words(now)} then; a body may depend on nothing but its objects"
        )


def setup_result(start: BodyStart) -> tuple[tuple[str, Any], ...]:
    """What a body must have in common each time that it comes to `together`."""
    threads = [(f"thread {at}", each.name) for at, each in enumerate(start.threads, 1)]
    return (*threads, *start.alone.states.items())


def pairs_in_words(pairs: tuple[tuple[str, Any], ...]) -> str:
    """Names and values, for an error message."""
    return ", ".join(f"{name} = {value!r}" for name, value in pairs)

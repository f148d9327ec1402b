"""A body as a model, and the search of it.

Nobody lists what a body is made of. Objects are found by searching: whatever a thread turns out to
use is added, and the search begins again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from locking.blaming import blaming
from locking.errors import ModelError, PathError
from locking.explore.graph import Choice
from locking.explore.product import Undeclared
from locking.model import Case, Model, Scenario
from locking.objects.operation import Object
from locking.programs.position import FailureKind, Fault
from locking.properties.always import judged_always
from locking.properties.deadlock import deadlock_free
from locking.properties.explored import Property
from locking.properties.race import data_race_free
from locking.system import System
from locking.testing.body import begin
from locking.testing.checking import checked
from locking.testing.ending import Rest, ending
from locking.testing.together import Phase, Program
from locking.traces.replay import Trace, replay
from locking.traces.rerun import shown_by
from locking.traces.shown_run import ShownRun
from locking.verdicts import Options, Report

Answered = TypeVar("Answered")

MOST_OBJECTS = 200
"""Objects that a body may have; if there are more, a thread makes new ones each time it is run."""


class Scene:
    """The body `program`, called `name`, with the objects known so far.

    Errors: `ModelError` for a body that does not come to a `together`.
    """

    def __init__(self, name: str, program: Program, *, data_races: bool = True) -> None:
        self.program = program
        self.data_races = data_races
        self.start = begin(program)
        self.objects: list[Object] = list(self.start.states)
        self.case = Model(
            name, "", lambda _: self.system(), scenarios=(Scenario("together"),)
        ).case("together", None)

    def system(self) -> System:
        """The system, as far as it is known."""
        rest = Rest(self.program, self.start, self.objects)
        properties: list[Property] = [
            ending(rest),
            deadlock_free(),
            *([data_race_free()] if self.data_races else []),
        ]
        return System(self.objects, self.start.threads, properties, self.start.states)

    def complete(self, ask: Callable[[Case], Answered]) -> Answered:
        """What `ask` returns once no thread uses an object that is not known."""
        while True:
            try:
                answer = ask(self.case)
            except ModelError as error:
                self.add(error)
            else:
                return answer

    def add(self, error: ModelError) -> None:
        """Add the object that is missing. Errors: `error` itself, where none is."""
        # The one that was raised first knows the object; those that name the case only its text.
        cause: BaseException | None = error
        while cause and not (isinstance(cause, Undeclared) and cause.object is not None):
            cause = cause.__cause__
        if not isinstance(cause, Undeclared) or cause.object is None:
            raise error
        if isinstance(cause.object, Phase):
            raise ModelError(f"{self.case}: together() within a thread ({cause.user})") from error
        if len(self.objects) == MOST_OBJECTS:
            raise ModelError(
                f"{self.case}: over {MOST_OBJECTS} objects, the last is used by {cause.user}; "
                f"make objects before together(), not within a thread"
            ) from error
        self.objects.append(cause.object)


def explore_scene(scene: Scene, options: Options) -> Report:
    """The verdicts of a scene. Errors: `ModelError`."""
    return scene.complete(partial(checked, names=(), options=options))


def run(scene: Scene, choices: Sequence[Choice]) -> list[ShownRun]:
    """All that the end of one run of a scene shows. Errors: `PathError`, `ModelError`."""
    shown = scene.complete(lambda case: follow_case(case, choices))
    if not shown:
        raise PathError(
            "it can be run, but its end shows nothing wrong: the test is not what it was, "
            "or the choices were changed"
        )
    return shown


def follow_case(case: Case, choices: Sequence[Choice]) -> list[ShownRun]:
    """All that the end of one run of a case shows, where every object is known.

    Errors: `PathError`, `ModelError`.
    """
    with blaming(case):
        system = case.build()
        trace = replay(system.product(), choices)
        always = judged_always(system.properties, system.unjudged, failed_requirements(trace))
        properties = (*always, *system.properties)
        return [run for each in properties if (run := shown_by(case, each, choices, trace))]


def failed_requirements(trace: Trace) -> Iterator[FailureKind]:
    """The kinds of failure of threads at the end of a run. Errors: `ModelError`."""
    for thread in range(len(trace.names)):
        for failure in trace.product.position(thread, trace.end).failures:
            if failure.kind is Fault.ERROR:
                raise ModelError(failure.text)
            yield failure.kind

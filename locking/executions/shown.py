"""An execution as it is shown: events in columns, where values came from, what was reordered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from locking.executions.executions import Execution
from locking.explore.learn import Learner
from locking.memory_models.candidate import Candidate
from locking.memory_models.lkmm.model import LKMM
from locking.memory_models.showing import event_letter, out_of_order, shown_order
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.operation import Object, Operation, Site
from locking.objects.values import value_in_words
from locking.programs.position import Failure, Requirement


class ShownStep(NamedTuple):
    """A step of an execution. `name` is a letter; `effects` what its events read and wrote."""

    name: str
    thread: str
    call: str
    site: Site
    effects: tuple[str, ...]


class Reordered(NamedTuple):
    """One step of a cycle: in no interleaving `first` comes before the next of the cycle.

    `why` is `po` (the order of the program), `rf`, `co` or `fr`.
    """

    first: str
    why: str


class ShownEdge(NamedTuple):
    """What comes before what, and why, between two steps by their letters; `why` as above."""

    first: str
    why: str
    second: str


class ShownExecution(NamedTuple):
    """An execution in words."""

    threads: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    ends: tuple[tuple[str, str], ...]
    """What each thread that has not ended does at the end."""
    cycle: tuple[Reordered, ...]
    """What no interleaving has, if it is no execution of interleavings."""
    reordered: tuple[tuple[str, str, str], ...]
    """Steps that the cycle has in the order of their thread, in which nothing keeps them."""
    edges: tuple[ShownEdge, ...]
    """Where the values come from, and the cycle, between steps."""


def shown_execution(
    execution: Execution, learners: Sequence[Learner], objects: Mapping[str, Object]
) -> ShownExecution:
    """An execution in words."""
    together = execution.together
    order = shown_order(together.shape.source_events, execution.sources)
    names: dict[tuple[int, int], str] = {}
    for at in order:
        each = together.events[at]
        step = (each.thread, each.event.step)
        names.setdefault(step, event_letter(len(names)))
    threads = [each.thread.name for each in learners]
    writer = Writer(execution, names, objects)
    steps = tuple(
        ShownStep(
            name,
            threads[thread],
            shown_call(execution, thread, step),
            together.paths[thread].steps[step].position.site,
            tuple(writer.effects(thread, step)),
        )
        for (thread, step), name in names.items()
    )
    cycle = out_of_order(together.shape.structure, execution.rf, execution.co)
    words = tuple(Reordered(writer.in_words(first), why) for first, why, _ in cycle)
    candidate = Candidate(together.shape.marked_structure, execution.rf, execution.co)
    reordered = tuple(
        (writer.letter(first), writer.letter(second), threads[together.events[first].thread])
        for first, why, second in cycle
        if why == "po" and not LKMM.keeps_in_order(candidate, first, second)
    )
    ends = tuple(ends_of(execution, threads))
    edges = tuple(writer.edges(cycle))
    return ShownExecution(tuple(threads), steps, ends, words, reordered, edges)


def shown_call(execution: Execution, thread: int, step: int) -> str:
    """A step as the model asks for it."""
    return str(execution.together.paths[thread].steps[step].position.next).replace("(fences)", "()")


def ends_of(execution: Execution, threads: Sequence[str]) -> list[tuple[str, str]]:
    """What each thread that has not ended does at the end."""
    found = []
    for thread, path in zip(threads, execution.together.paths, strict=True):
        for failure in path.failures:
            found.append((thread, failing_in_words(failure)))
        if isinstance(path.position.next, Operation):
            found.append((thread, f"never gets past {path.position.next}"))
    return found


def failing_in_words(failure: Failure) -> str:
    """What a thread has failed."""
    kind = failure.kind
    what = f"requirement {kind.name}" if isinstance(kind, Requirement) else kind.value
    return f"fails: {what}{f' ({failure.text})' if failure.text else ''}"


class Writer:
    """Writes events of one execution in words."""

    def __init__(
        self,
        execution: Execution,
        names: Mapping[tuple[int, int], str],
        objects: Mapping[str, Object],
    ) -> None:
        self.execution = execution
        self.events = execution.together.events
        self.names = names
        self.objects = objects

    def letter(self, event: int) -> str:
        """The letter of the step that an event is of."""
        each = self.events[event]
        return self.names[each.thread, each.event.step]

    def edges(self, cycle: Iterable[tuple[int, str, int]]) -> Iterator[ShownEdge]:
        """What each read sees, and the pairs of a cycle, between different steps."""
        seen = [(source, "rf", read) for read, source in self.execution.sources.items()]
        pairs = [(one, why, other) for one, why, other in [*seen, *cycle]]
        named = [
            ShownEdge(self.letter(one), why, self.letter(other))
            for one, why, other in pairs
            if self.events[one].thread >= 0 and self.events[other].thread >= 0
        ]
        yield from dict.fromkeys(each for each in named if each.first != each.second)

    def value(self, event: int) -> str:
        """The value of an event."""
        draft = self.events[event].event.draft
        shown = self.objects.get(draft.location)
        return shown.show(draft.value) if shown else value_in_words(draft.value)

    def effects(self, thread: int, step: int) -> list[str]:
        """What the events of a step read and write."""
        return [
            self.effect(at)
            for at, each in enumerate(self.events)
            if each.thread == thread and each.event.step == step and each.event.draft.kind in "RW"
        ]

    def effect(self, event: int) -> str:
        """What an event reads, and from where, or what it writes."""
        draft = self.events[event].event.draft
        if draft.kind in WRITE_KINDS:
            return f"{draft.location} = {self.value(event)}"
        source = self.execution.sources[event]
        initial = self.events[source].thread < 0
        where = "as at first" if initial else f"from {self.letter(source)}"
        return f"{draft.location} is {self.value(event)}, {where}"

    def in_words(self, event: int) -> str:
        """An event in a sentence."""
        if self.events[event].thread < 0:
            return f"initially {self.events[event].event.draft.location} = {self.value(event)}"
        return f"{self.letter(event)} ({self.effect(event)})"

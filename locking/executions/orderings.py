"""The orderings of a model, one for each line and operation, and what is left without one.

An ordering is what the events of a step are tagged with. Without it the thread does the same, so
its tree stays as it is but for the tags.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from locking.executions.meaning import DraftEvent
from locking.executions.trees import EventChange, TakenWay, ThreadTree, all_trees
from locking.objects.fences import Fences
from locking.objects.operation import Operation, Site
from locking.programs.position import Fault, Position


class Weaker(Enum):
    """What an ordering is, and how it is weakened. The value says what it becomes."""

    FENCE = "left out"
    FULL = "relaxed"
    ACQUIRE = "without acquire"
    RELEASE = "without release"
    MARKED = "plain"


class Stronger(Enum):
    """How a step is strengthened. The value says what is added; `COSTS` has what that costs."""

    ACQUIRE = "acquire"
    RELEASE = "release"
    BEFORE = "smp_mb() before"


COSTS = {Stronger.ACQUIRE: 1, Stronger.RELEASE: 1, Stronger.BEFORE: 3}
"""What a stronger ordering costs: an acquire or a release one, a full barrier three."""


class LineOrdering(NamedTuple):
    """An operation at a line of the model, with one thing that may be changed of it."""

    site: Site
    name: str
    call: str
    change: Weaker | Stronger

    def is_of(self, position: Position) -> bool:
        """Whether a step is one of these."""
        step = position.next
        if not isinstance(step, Operation) or not may_change(step):
            return False
        return (position.site, step.name) == (self.site, self.name)


def may_change(step: Operation) -> bool:
    """Whether an ordering of a step may be changed. Locks and RCU are what they are."""
    return isinstance(step.target, Fences) or step.target.call(step.name).access is not None


def orderings_in(trees: Sequence[ThreadTree]) -> list[LineOrdering]:
    """What may be weakened of the steps of trees, each line and operation once, in their order."""
    return in_lines(trees, weaker_ways)


def strengthenings_in(trees: Sequence[ThreadTree]) -> list[LineOrdering]:
    """What may be strengthened of the steps of trees."""
    return in_lines(trees, stronger_ways)


PossibleChanges = Callable[[Operation, tuple[DraftEvent, ...]], Iterator[Weaker | Stronger]]


def in_lines(trees: Sequence[ThreadTree], ways: PossibleChanges) -> list[LineOrdering]:
    """What may be changed of the steps of trees, by line; a misuse is no step."""
    found: dict[tuple[Site, str, Weaker | Stronger], dict[str, None]] = {}
    for tree in (each for root in trees for each in all_trees(root)):
        step, site = tree.position.next, tree.position.site
        for way in tree.ways if isinstance(step, Operation) else ():
            assert isinstance(step, Operation)
            if not is_misuse(way):
                target = "" if isinstance(step.target, Fences) else step.target.name
                for change in ways(step, way.events):
                    found.setdefault((site, step.name, change), {})[target] = None
    made = [
        LineOrdering(site, name, f"{name}({' or '.join(targets)})", change)
        for (site, name, change), targets in found.items()
    ]
    return sorted(made, key=lambda each: (each.site, each.name, each.change.name))


def is_misuse(way: TakenWay) -> bool:
    """Whether a way is that of an operation that is refused."""
    return any(each.kind is Fault.MISUSE for each in way.then.position.failures)


def weaker_ways(step: Operation, events: tuple[DraftEvent, ...]) -> Iterator[Weaker]:
    """How a step with these events may be weakened."""
    if isinstance(step.target, Fences):
        yield Weaker.FENCE
    elif may_change(step):
        tags = {tag for each in events for tag in each.tags}
        if any(each.kind == "F" for each in events):
            yield Weaker.FULL
        elif "acquire" in tags:
            yield Weaker.ACQUIRE
        elif "release" in tags:
            yield Weaker.RELEASE
        elif "once" in tags and "rmw" not in tags:
            yield Weaker.MARKED


def stronger_ways(step: Operation, events: tuple[DraftEvent, ...]) -> Iterator[Stronger]:
    """How a step with these events may be strengthened."""
    kinds = {each.kind for each in events if "once" in each.tags}
    if step.target.call(step.name).access is None or any(each.kind == "F" for each in events):
        return
    if "R" in kinds:
        yield Stronger.ACQUIRE
    if "W" in kinds:
        yield Stronger.RELEASE
    if kinds:
        yield Stronger.BEFORE


def change_of(orderings: Sequence[LineOrdering]) -> EventChange:
    """The change of all these."""

    def change(position: Position, events: tuple[DraftEvent, ...]) -> tuple[DraftEvent, ...]:
        for each in orderings:
            if each.is_of(position):
                events = tuple(changed_events(each.change, events))
        return events

    return change


def changed_events(how: Weaker | Stronger, events: tuple[DraftEvent, ...]) -> Iterator[DraftEvent]:
    """The events of a step once it is changed."""
    match how:
        case Weaker.FENCE | Weaker.FULL:
            yield from (each for each in events if each.kind != "F")
        case Weaker.ACQUIRE:
            yield from (retagged(each, "R", "acquire", "once") for each in events)
        case Weaker.RELEASE:
            yield from (retagged(each, "W", "release", "once") for each in events)
        case Weaker.MARKED:
            kinds = {each.kind for each in events}
            yield from (retagged(each, kind, "once", "plain") for each in events for kind in kinds)
        case Stronger.ACQUIRE:
            yield from (retagged(each, "R", "once", "acquire") for each in events)
        case Stronger.RELEASE:
            yield from (retagged(each, "W", "once", "release") for each in events)
        case Stronger.BEFORE:
            yield DraftEvent("F", ("mb",))
            yield from events


def retagged(event: DraftEvent, kind: str, old: str, new: str) -> DraftEvent:
    """An event of a kind with a tag in place of another."""
    if event.kind != kind:
        return event
    return event._replace(tags=tuple(new if tag == old else tag for tag in event.tags))

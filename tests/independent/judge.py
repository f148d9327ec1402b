"""What is right of each property, from the whole space, by the words of the reference."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from locking import Object
from tests.independent.adapter import Operation
from tests.independent.race import racing
from tests.independent.walk import Space, State
from tests.independent.words import ASSERTION, MISUSE, Claim


@dataclass(frozen=True)
class Right:
    """What is right: the verdict, the least number of steps that show it, the states that do.

    `bare` says that no run may come near what the property speaks of, so that it may as well be
    called never evaluated. `open_` are states of which the words do not say whether they count.
    """

    verdict: str
    length: int | None = None
    at_once: int | None = None
    shows: frozenset[int] = frozenset()
    bare: bool = False
    open_: frozenset[int] = frozenset()


class View:
    """A state, as a predicate asks it."""

    def __init__(self, space: Space, state: State) -> None:
        self.space, self.state = space, state
        self.sections: set[str] = set()
        self.objects: set[str] = set()

    def __getitem__(self, object_: Object) -> Any:
        self.objects.add(object_.name)
        return self.state.values[self.space.machine.slots[object_.name]]

    def inside(self, section: str) -> tuple[str, ...]:
        """Who is inside."""
        self.sections.add(section)
        return self.names(lambda local: section in local.inside)

    def about_to(self, object_: Object, name: str) -> tuple[str, ...]:
        """Whose next step it is."""
        self.objects.add(object_.name)
        return self.names(
            lambda local: (
                isinstance(local.step, Operation)
                and (local.step.target.name, local.step.name) == (object_.name, name)
            )
        )

    def names(self, test: Callable[[Any], bool]) -> tuple[str, ...]:
        """The threads of which `test` is true."""
        both = zip(self.space.threads, self.state.locals, strict=True)
        return tuple(thread.name for thread, local in both if test(local))

    @property
    def finished(self) -> bool:
        """Whether all threads that must end have ended."""
        both = zip(self.space.threads, self.state.locals, strict=True)
        return all(local.ended for thread, local in both if not thread.daemon)


def judge(space: Space, claim: Claim) -> Right:
    """What is right of `claim`."""
    states = range(len(space.states))
    match claim.kind:
        case "always" | "never" | "sometimes":
            return single(space, claim)
        case "at_end":
            return at_end(space, claim)
        case "never_together":
            return together(space, claim)
        case "sometimes_together":
            return together(space, claim)
        case "fails":
            return failing(space, claim.parts[0])
        case "race":
            found = {at: racing(space, space.states[at]) for at in states}
            sure = [at for at in states if found[at] is True]
            return shown(space, sure, opens=(at for at in states if found[at] is None))
        case "deadlock":
            return shown(space, stuck(space))
        case "released":
            return shown(space, (at for at in states if keeps(space, space.states[at])))
    raise AssertionError(claim)


def shown(space: Space, bad: Iterable[int], bare: bool = False, opens: Iterable[int] = ()) -> Right:
    """Right of a property that fails in the states `bad`."""
    found = frozenset(bad)
    if not found:
        return Right("holds", bare=bare, open_=frozenset(opens))
    least = min(space.depths[at] for at in found)
    return Right("fails", least, shows=found, bare=bare, open_=frozenset(opens))


def single(space: Space, claim: Claim) -> Right:
    """Of a predicate of single states."""
    views = [View(space, each) for each in space.states]
    said = [bool(claim.parts[0](view)) for view in views]
    want = claim.kind == "sometimes"
    shows = frozenset(at for at, each in enumerate(said) if each is (claim.kind != "always"))
    right = shown(space, shows, untouched(space, views))
    if not want:
        return right
    if shows:
        return Right("holds", right.length, shows=shows, bare=right.bare)
    return Right("fails", bare=right.bare)


def at_end(space: Space, claim: Claim) -> Right:
    """Of a predicate of the states in which all threads that must end have ended."""
    ends = [at for at, each in enumerate(space.states) if View(space, each).finished]
    views = {at: View(space, space.states[at]) for at in ends}
    bad = [at for at in ends if not claim.parts[0](views[at])]
    broken = [at for at in ends if space.states[at].stopped]
    if not ends:
        return Right("none")
    return shown(space, bad, untouched(space, list(views.values())), opens=broken)


def untouched(space: Space, views: list[View]) -> bool:
    """Whether a predicate looks at a section that nobody enters, or at objects nobody touches."""
    entered = {name for state in space.states for local in state.locals for name in local.inside}
    sections = {name for view in views for name in view.sections}
    objects = {name for view in views for name in view.objects}
    return bool(sections - entered) or bool(objects and not objects & space.touched)


def together(space: Space, claim: Claim) -> Right:
    """Of two threads inside two sections."""
    one, other = claim.parts[:2]
    entered = {name for state in space.states for local in state.locals for name in local.inside}
    bare = not {one, other} <= entered
    number = {at: inside(state, one, other) for at, state in enumerate(space.states)}
    most = max(number.values())
    if claim.kind == "never_together":
        return shown(space, (at for at in number if number[at]), bare)
    if most == 0:
        return Right("fails", at_once=1, bare=bare)
    right = shown(space, (at for at in number if number[at] == most))
    return Right("holds", right.length, most, right.shows)


def inside(state: State, one: str, other: str) -> int:
    """How many threads are inside one of two sections, if two different ones are inside both."""
    first = {at for at, local in enumerate(state.locals) if one in local.inside}
    second = {at for at, local in enumerate(state.locals) if other in local.inside}
    return len(first | second) if any(a != b for a in first for b in second) else 0


def failing(space: Space, what: str) -> Right:
    """Of something that threads fail."""
    bad = [
        at
        for at, state in enumerate(space.states)
        if any(what in local.failed for local in state.locals)
    ]
    evaluated = {
        f"requirement {name}"
        for state in space.states
        for local in state.locals
        for name in local.evaluated
    }
    return shown(space, bad, what not in evaluated | {ASSERTION, MISUSE})


def failures(space: Space) -> set[str]:
    """All that threads fail in some state."""
    return {what for state in space.states for local in state.locals for what in local.failed}


def keeps(space: Space, state: State) -> bool:
    """Whether a thread has ended and still holds something."""
    both = zip(space.threads, state.locals, strict=True)
    ended = {thread.name for thread, local in both if local.ended}
    both_ = zip(space.objects, state.values, strict=True)
    return any(each.thread in ended for object_, value in both_ for each in object_.holders(value))


def endless(space: Space, *, told: bool) -> list[int]:
    """The states from which no run ends, or breaks off.

    If deadlocks are `told` elsewhere, only those from which no run comes to one either.
    """
    good = {
        at for at, state in enumerate(space.states) if state.stopped or View(space, state).finished
    }
    if told:
        good |= set(stuck(space))
    grown = True
    while grown:
        ahead = {
            at
            for at, edges in enumerate(space.edges)
            if at not in good and any(edge.target in good for edge in edges)
        }
        good |= ahead
        grown = bool(ahead)
    return sorted(set(range(len(space.states))) - good)


def stuck(space: Space) -> list[int]:
    """The states in which a thread that must end waits for good.

    It takes no real step in anything that can follow, and no run that can follow breaks off.
    """
    found: set[int] = set()
    before: list[list[tuple[int, int]]] = [[] for _ in space.states]
    for at, edges in enumerate(space.edges):
        for edge in edges:
            before[edge.target].append((at, edge.thread if edge.real else -1))
    for number, thread in enumerate(space.threads):
        if thread.daemon:
            continue
        free = {
            at
            for at, state in enumerate(space.states)
            if state.stopped
            or state.locals[number].ended
            or any(edge.real and edge.thread == number for edge in space.edges[at])
        }
        pending = list(free)
        while pending:
            for at, _ in before[pending.pop()]:
                if at not in free:
                    free.add(at)
                    pending.append(at)
        found |= set(range(len(space.states))) - free
    return sorted(found)

"""Whether two next steps race: the accesses of each, and the locks that blocks take around them."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

from locking import WAIT, Misuse, Queue
from tests.independent.adapter import Operation
from tests.independent.walk import Space, State, rule


@dataclass(frozen=True)
class Touch:
    """An access that a step makes.

    `locks` are the calls on objects that are no memory, made in the block before it, and `values`
    the states of all objects when it comes to it.
    """

    cell: str
    writes: bool
    marked: bool
    locks: tuple[Operation, ...]
    values: tuple[Any, ...]


def touches(space: Space, state: State, number: int) -> list[Touch]:
    """Every access that the next step of a thread may make; none where it can't be taken."""
    machine = space.machine
    found: list[Touch] = []
    begun: list[tuple[State, tuple[Touch, ...], tuple[Operation, ...]]] = [(state, (), ())]
    for at, made, locks in begun:
        step = at.locals[number].step
        if isinstance(step, Operation):
            access = step.target.access(step.name)
            if access is None:
                locks = (*locks, step)
            else:
                made = (
                    *made,
                    Touch(step.target.name, access.writes, access.marked, locks, at.values),
                )
        for each in machine.micro(at, number):
            if each.state.locals[number].bound and not each.queued:
                begun.append((each.state, made, locks))
            else:
                found += made
    return found


def racing(space: Space, state: State) -> bool | None:
    """Whether two next steps race; None where it is not clear whether a lock excludes them."""
    if state.stopped:
        return False
    made = [touches(space, state, number) for number in range(len(state.locals))]
    answers = [
        excluded(space, (one, mine), (other, theirs))
        for (one, first), (other, second) in combinations(enumerate(made), 2)
        for mine in first
        for theirs in second
        if mine.cell == theirs.cell
        and (mine.writes or theirs.writes)
        and not (mine.marked and theirs.marked)
    ]
    if False in answers:
        return True
    return None if None in answers else False


def excluded(space: Space, one: tuple[int, Touch], other: tuple[int, Touch]) -> bool | None:
    """Whether a lock that both take keeps these accesses apart; None where that is not clear."""
    (_, mine), (_, theirs) = one, other
    shared = {each.target.name for each in mine.locks} & {each.target.name for each in theirs.locks}
    answers = [keeps_apart(space, name, one, other) for name in sorted(shared)]
    if True in answers:
        return True
    return None if None in answers else False


def keeps_apart(
    space: Space, name: str, one: tuple[int, Touch], other: tuple[int, Touch]
) -> bool | None:
    """Whether object `name`, as each of the two has it at its access, lets the other wait."""
    shut = []
    for (me, mine), (you, theirs) in ((one, other), (other, one)):
        value = mine.values[space.machine.slots[name]]
        holders = {each.thread for each in space.objects[space.machine.slots[name]].holders(value)}
        calls = [each for each in theirs.locks if each.target.name == name]
        said = [rule(each, value, space.threads[you].name) for each in calls]
        waits = [each is WAIT or isinstance(each, Queue | Misuse) for each in said]
        held = space.threads[me].name in holders
        shut.append((held and waits[0]) if held == waits[0] else None)
    return shut[0] if shut[0] == shut[1] else None

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
    shut = [waits_for(space, name, holder, comer) for holder, comer in ((one, other), (other, one))]
    if False in shut:
        return False
    return None if None in shut else True


def waits_for(
    space: Space, name: str, holder: tuple[int, Touch], comer: tuple[int, Touch]
) -> bool | None:
    """Whether a call of `comer` on object `name` waits while `holder` is at its access.

    Its calls before its own access are made in turn, from the state that `holder` left. None where
    one only comes back with something else, or nothing says who holds it.
    """
    slot = space.machine.slots[name]
    left = value = holder[1].values[slot]
    for call in (each for each in comer[1].locks if each.target.name == name):
        outcome = rule(call, value, space.threads[comer[0]].name)
        if outcome is WAIT or isinstance(outcome, Queue):
            me = space.threads[holder[0]].name
            return (
                True if me in {each.thread for each in space.objects[slot].holders(left)} else None
            )
        if isinstance(outcome, Misuse):
            return False
        value, result = outcome
        if result is not None and result is not True:
            return None
    return False

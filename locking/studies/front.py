"""What placements are compared by, and the front: those that no other beats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from locking.explore.product import State
from locking.objects.region import Region
from locking.placements.edit import regions
from locking.placements.placement import perform, steps_in_order
from locking.placements.trees import Step, Trees
from locking.programs.thread import Thread
from locking.system import System

MOST_STATES = 2_000
"""States of a thread that is run alone from which on no new ones are looked at."""


class Score(NamedTuple):
    """`at_once` is better the greater it is, the others the smaller they are.

    `held` counts the steps that a thread takes while it holds a lock of the placement, run alone;
    `regions` how often it takes one; `repairs` the steps that are not the original ones.
    """

    at_once: int
    held: int
    regions: int
    repairs: int

    def beats(self, other: "Score") -> bool:
        """Whether it is as good in everything, and better in something."""
        return self != other and self.as_good(other)

    def as_good(self, other: "Score") -> bool:
        """Whether it is as good in everything."""
        return self.at_once >= other.at_once and all(
            mine <= theirs for mine, theirs in zip(self[1:], other[1:], strict=True)
        )


@dataclass(frozen=True)
class Placed:
    """Trees of the role with their score."""

    trees: Trees
    score: Score


def front(placed: Iterable[Placed]) -> list[Placed]:
    """Those that no other beats, most parallel first; of equal scores all."""
    found = list(placed)
    best = [one for one in found if not any(other.score.beats(one.score) for other in found)]
    return sorted(best, key=lambda one: (-one.score.at_once, *one.score[1:]))


def steps_held(trees: Trees, work: Mapping[str, int]) -> int:
    """The steps taken while a region of `trees` is held, if the steps take as many as in `work`.

    To let a lock go, or to downgrade it, is a step under it; to take it is one only inside another.
    """
    return sum(steps_inside(tree, work) for tree in trees if isinstance(tree, Region))


def steps_inside(tree: Step | Region, work: Mapping[str, int]) -> int:
    """The steps of `tree`, but for the one by which a region is taken."""
    if isinstance(tree, Step):
        return work.get(tree.name, 0)
    parts = (*tree.body, *tree.lowered)
    taken = sum(isinstance(part, Region) for part in parts)
    return sum(steps_inside(part, work) for part in parts) + taken + (2 if tree.lowered else 1)


def work_of(system: System, trees: Trees) -> dict[str, int]:
    """For every step, the most steps that a thread of `system` takes in it which performs `trees`.

    Each thread runs alone from the start. One that can't go on alone counts as far as it comes.
    """
    names = [step.name for step in steps_in_order(trees)]
    most: dict[str, int] = {}
    for thread in system.threads:
        counts = steps_of_work(system, thread, trees, names)
        if counts is not None:
            most.update({name: max(counts.get(name, 0), most.get(name, 0)) for name in names})
    return most


def steps_of_work(
    system: System, thread: Thread, trees: Trees, names: Sequence[str]
) -> dict[str, int] | None:
    """The steps that a thread takes alone, if it does what a placement says of a role.

    The role's steps are called `names`. Where `perform` is not the thread's program but called by
    it, it is told by the sections that the thread goes through alone: steps of `trees`, from the
    first on.
    """
    if thread.program is perform:
        own = thread.args and tuple(thread.args[0]) == tuple(trees)
        return steps_alone(system, thread) if own else None
    counts = steps_alone(system, thread)
    entered = [name for name in counts if name in names]
    return counts if entered == names[: len(entered)] else None


def steps_alone(system: System, thread: Thread) -> dict[str, int]:
    """The most steps that a thread takes alone in each section before it leaves that.

    All outcomes are followed; of a cycle one round. Sections are in the order in which a run comes
    to them.
    """
    product = system.product(thread)
    counts: dict[str, int] = {}
    after: dict[State, list[State]] = {}
    longest: dict[State, dict[str, int]] = {}
    path = [product.initial]
    while path:
        state = path[-1]
        inside = product.position(0, state).inside
        if state not in after:
            after[state] = [each for _, _, each in product.moves(state)]
            counts.update({each: 0 for each in inside if each not in counts and after[state]})
        ahead = next((each for each in after[state] if each not in after), None)
        if ahead and len(after) < MOST_STATES:
            path.append(ahead)
            continue
        longest[path.pop()] = here = {
            name: 1 + max(longest.get(each, {}).get(name, 0) for each in after[state])
            for name in inside
            if after[state]
        }
        counts.update({name: max(counts[name], steps) for name, steps in here.items()})
    return counts


def regions_in(trees: Trees) -> int:
    """How often `trees` take a lock."""
    return sum(1 for _ in regions(trees))

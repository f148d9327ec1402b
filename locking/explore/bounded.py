"""All runs with few preemptions: a search that lets threads go on, and switches at most so often.

After Musuvathi and Qadeer, Iterative context bounding for systematic testing of multithreaded
programs (PLDI 2007). A switch away from a thread that could go on is a *preemption*. A switch away
from one that waits or has ended is none, and is always allowed. States are gone through in the
order of the preemptions and then of the steps that it takes to reach them.

A state counts once for each thread that may have taken the last step: who is preempted next depends
on it. It is gone through where it took the fewest preemptions. More of them allow nothing new.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from locking.explore.automaton import PlaceSplit
from locking.explore.graph import INTERRUPTED, Choice, Watch
from locking.explore.product import Product, State
from locking.explore.search import ROUNDS, WORTH

NOBODY = -1
"""Stands for the thread that took the last step, where none has been taken."""

Came = tuple[State, int, int, Choice]
"""A state, the thread that took the last step, where the run was before, and the choice there."""


@dataclass
class BoundedWalk:
    """One walk: every arrival in the order in which it was found, and the states met.

    `refused` is whether a switch was left out because of the bound; where none was, there are no
    states but those met. `cause` is why the walk ended early, if it did.
    """

    product: Product
    arrivals: list[Came] = field(default_factory=list)
    states: set[State] = field(default_factory=set)
    refused: bool = False
    cause: str | None = None

    def path(self, at: int) -> tuple[Choice, ...]:
        """The choices that lead to an arrival."""
        choices: list[Choice] = []
        while at:
            _, _, at, choice = self.arrivals[at]
            choices.append(choice)
        return tuple(reversed(choices))


Visit = Callable[[BoundedWalk, int], None]
"""Called with the arrival at every state that is met."""


def bounded(
    product: Product, preemptions: int, watch: Watch, visit: Visit, *, minimise: bool = True
) -> BoundedWalk:
    """The walk over all runs with at most so many `preemptions`.

    The bound is raised one by one, and threads are merged in between, so that the largest walk is
    over merged threads; the smaller ones cost little beside it.
    """
    for bound in range(preemptions):
        walk = settled(product, bound, watch, visit)
        if walk.cause or not walk.refused:
            return walk
        if minimise:
            product.merge(WORTH)
    return settled(product, preemptions, watch, visit)


def settled(product: Product, preemptions: int, watch: Watch, visit: Visit) -> BoundedWalk:
    """The walk, repeated until no merged nodes turn out to differ."""
    for _ in range(ROUNDS):
        try:
            return walk_to_end(BoundedWalk(product), preemptions, watch, visit)
        except PlaceSplit:
            if not product.merge():
                break
    product.unmerge()
    return walk_to_end(BoundedWalk(product), preemptions, watch, visit)


def walk_to_end(walk: BoundedWalk, preemptions: int, watch: Watch, visit: Visit) -> BoundedWalk:
    """`walk`, gone to its end, unless `watch` or Ctrl-C ends it before."""
    try:
        walk.cause = go_through(walk, preemptions, watch, visit)
    except KeyboardInterrupt:
        walk.cause = INTERRUPTED
    return walk


def go_through(walk: BoundedWalk, preemptions: int, watch: Watch, visit: Visit) -> str | None:
    """The cause that ended the walk early, if one did."""
    walk.arrivals.append((walk.product.initial, NOBODY, 0, (0, 0)))
    ahead = [(0, 0, 0)]
    through: set[tuple[State, int]] = set()
    while ahead:
        used, steps, at = heappop(ahead)
        state, last, _, _ = walk.arrivals[at]
        if (state, last) in through:
            continue
        through.add((state, last))
        if state not in walk.states:
            walk.states.add(state)
            visit(walk, at)
        if cause := watch(len(walk.states), len(through)):
            return cause
        moves = walk.product.moves(state)
        could_go_on = any(thread == last for thread, _, _ in moves)
        for thread, outcome, target in moves:
            needed = used + (could_go_on and thread != last)
            if needed > preemptions:
                walk.refused = True
            elif (target, thread) not in through:
                heappush(ahead, (needed, steps + 1, len(walk.arrivals)))
                walk.arrivals.append((target, thread, at, (thread, outcome)))
    return None

"""Whether a run can still come to its end, whatever it has done so far: AG EF end, in CTL.

This needs no fairness: it asks what can happen, and not what a scheduler does. A thread that spins
for what nobody does any more, or two that make each other try again for good, fail it.

After: Clarke and Emerson, Design and synthesis of synchronization skeletons using branching time
temporal logic (Logics of Programs, LNCS 131, 1981); Queille and Sifakis, Fairness and related
properties in transition systems (Acta Informatica 19, 1983).
"""

from dataclasses import dataclass

from locking.explore.product import Product, State
from locking.explore.reduction.partial_order import PartialOrder
from locking.properties.deadlock import (
    MOST_CONFIRMING,
    DeadlockFree,
    anybody_stuck,
    anybody_waits,
    goes_on,
    threads_that_must_end,
)
from locking.properties.explored import Explored, Finding, Judgement, seeing
from locking.properties.view import ended


@dataclass(frozen=True)
class CanEnd:
    """From every state there is a run on which all threads that must end do, or one fails.

    `deadlocks` is whether a thread that waits for good is a failure of this property; if not, a
    state from which a run comes to that is left to the property that speaks of it.
    """

    name: str = "can-end"
    about: str = "from every state there is a way to the end"
    wanted: bool = False
    deadlocks: bool = True

    def judge(self, explored: Explored) -> Judgement:
        """Fails in the first state from which no run ends."""
        return explored.never(iter(self.endless(explored)))

    def endless(self, explored: Explored) -> list[int]:
        """The states from which no run ends, in order."""
        broken = {at for at, _ in explored.halted}
        dead = [at for at in explored.ends if at not in broken]
        waits = self.deadlocks and anybody_waits(explored, dead)
        if not waits and explored.complete and explored.interleavings is not None:
            return []  # there is no cycle, so every run comes to one of these
        ends = broken.union(finished(explored))
        found = explored.graph.hopeless(ends)
        # A lean space may show a deadlock that is none: a larger one has to tell.
        if found and not self.deadlocks and not isinstance(explored.product, PartialOrder):
            found = explored.graph.hopeless(ends.union(DeadlockFree().stuck(explored)))
        return found

    def find(self, product: Product, state: State) -> Finding | None:
        """Which threads never end, from `state` on, as far as is looked without a search."""
        ahead = end_ahead(product, state, set())
        if ahead:
            return None
        if not self.deadlocks and (anybody_stuck(product, state) or not product.moves(state)):
            return None
        names = [
            product.threads[each].name
            for each in threads_that_must_end(product)
            if goes_on(product.position(each, state))
        ]
        looked = "" if ahead is False else f" in the nearest {MOST_CONFIRMING:,} states"
        do = "does" if len(names) == 1 else "do"
        return Finding(f"from here no run ends{looked}: {', '.join(names)} {do} not end")


def finished(explored: Explored) -> list[int]:
    """The states in which all threads that must end have ended.

    What this looks at need not be visible to a partial order: no step changes that it is so.
    """
    product = explored.product
    looks = [(thread, seeing(product, thread, ended)) for thread in threads_that_must_end(product)]
    among = None if any(each.daemon for each in product.threads) else explored.ends
    over = explored.graph.pick(
        lambda: looks, lambda state: all(see(state[thread]) for thread, see in looks), among
    )
    return list(over)


def end_ahead(product: Product, state: State, hopeless: set[State]) -> bool | None:
    """Whether a run still comes to its end or breaks off; None where the nearest states don't tell.

    `hopeless` are states that follow and from which they can't; more are added to it.

    Errors: `ModelError`, for what threads do that the search never came to.
    """
    needed = threads_that_must_end(product)
    met, pending = {state}, [state]
    while pending:
        at = pending.pop()
        if at in product.halted or not any(
            goes_on(product.position(thread, at)) for thread in needed
        ):
            return True
        if len(met) + len(hopeless) > MOST_CONFIRMING:
            return None
        moves = product.moves(at)
        new = [to for _, _, to in moves if to not in met and to not in hopeless]
        met.update(new)
        pending += new
    hopeless |= met
    return False


def can_end(name: str = "can-end") -> CanEnd:
    """From every state there is a run on which all threads that must end do, or one fails."""
    return CanEnd(name)

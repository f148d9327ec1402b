"""Runs that were cut before they ended: each a suspected livelock, shown by where it goes round.

A run that comes to a state twice can go round there for ever: that is a lasso of the system, and
only whether a scheduler takes it is open. Of a run without such a state nothing is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from locking.explore.components import components
from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.explore.ways import states_along
from locking.model import Case
from locking.properties.can_end import end_ahead
from locking.properties.deadlock import goes_on, threads_that_must_end
from locking.properties.liveness import NONE, no_livelock
from locking.traces.replay import replay
from locking.traces.rerun import shown_by
from locking.traces.shown_run import ShownRun

SUSPECTED = "suspected-livelock"
"""What a run is shown as that goes round."""


@dataclass(frozen=True)
class Suspect:
    """A run that was cut: the last `cycle` of its `choices` lead back to where they begin.

    Where `cycle` is 0 it came to no state twice, and `choices` are all that it took.
    """

    choices: tuple[Choice, ...]
    cycle: int


def suspect_of(product: Product, choices: Sequence[Choice]) -> Suspect | None:
    """The run of `choices`, which was cut; None where all threads that must end have ended.

    What led to the round is shortened: steps that came back to where they began are left out.
    """
    states = states_along(product, product.initial, choices)
    needed = threads_that_must_end(product)
    if not any(goes_on(product.position(each, states[-1])) for each in needed):
        return None
    found = fairest_round(product, states, choices)
    if found is None:
        return Suspect(tuple(choices), 0)
    first, last = found
    stem = without_rounds(states[: first + 1], choices[:first])
    return Suspect((*stem, *choices[first:last]), last - first)


def fairest_round(
    product: Product, states: Sequence[State], choices: Sequence[Choice]
) -> tuple[int, int] | None:
    """Where the last round of a run begins and ends, as numbers of states; None where it has none.

    Of those with one end it is the shortest that a strongly fair scheduler may take; or a weakly
    fair one, where no strongly fair one takes any; or else the shortest.
    """
    before = came_before(states)
    if not before:
        return None
    last = max(before)
    taken, always, sometimes = 0, -1, 0
    weakly = None
    for at in range(last - 1, -1, -1):
        can = sum(1 << each for each in {move[0] for move in product.moves(states[at])})
        taken, always, sometimes = taken | 1 << choices[at][0], always & can, sometimes | can
        if states[at] != states[last]:
            continue
        if not sometimes & ~taken:
            return at, last
        if weakly is None and not always & ~taken:
            weakly = at
    return before[last] if weakly is None else weakly, last


def came_before(states: Sequence[State]) -> dict[int, int]:
    """For every state that came before, by its number, when it came last."""
    latest: dict[State, int] = {}
    found = {}
    for at, state in enumerate(states):
        if state in latest:
            found[at] = latest[state]
        latest[state] = at
    return found


def without_rounds(states: Sequence[State], choices: Sequence[Choice]) -> list[Choice]:
    """The steps of a run to its last state, without those that lead back to where they begin."""
    latest = {state: at for at, state in enumerate(states)}
    kept, at = [], latest[states[0]]
    while at < len(choices):
        kept.append(choices[at])
        at = latest[states[at + 1]]
    return kept


def no_way_out(product: Product, state: State) -> set[State]:
    """The states that follow `state`, if they all lead to each other and no run ends there.

    No states where some run ends or leaves for good, or where the nearest ones don't tell.
    """
    met: set[State] = set()
    if end_ahead(product, state, met) is not False:
        return set()

    def follow(at: State) -> list[State]:
        return [move[2] for move in product.moves(at)]

    return met if [len(each) for each in components(met, follow)] == [len(met)] else set()


def shown_suspect(case: Case, suspect: Suspect) -> ShownRun | None:
    """The run, replayed, with the round marked; None where it goes round nowhere.

    It has no path: a path replays what shows a property of the system.

    Errors: `NotDeterministic`.
    """
    if not suspect.cycle:
        return None
    claim = no_livelock(name=SUSPECTED, fairness=NONE)
    trace = replay(case.build().product(), suspect.choices)
    run = shown_by(case, claim, suspect.choices, trace)
    assert run, "a round that is replayed is none"
    return replace(run, path="")

"""What a run would have come to, had a thread met another value, or had a step come later.

The other steps come in the order of the run, as far as they can be taken; then every thread goes on
alone as far as it can. All this is asked of the tables, and says of no run that the search went
through more than that it shows, or does not show, what the run shows.
"""

from collections.abc import Sequence

from locking.explore.graph import Choice
from locking.explore.product import Product, State
from locking.properties.kinds import Subject, kind_of
from locking.properties.view import view
from locking.traces.shown_run import ShownRun
from locking.traces.why.retracing import after

LONGEST_DETOUR = 100
"""Steps that a thread goes on alone in one turn, at the end of a run that came otherwise."""


def spared(run: ShownRun, read: int, change: int) -> bool:
    """Whether the run would not fail, had event `read` met what event `change` made of the object.

    A thread that would have had to wait there waits until that change has come.

    Errors: `ModelError`, of what threads do where no run comes.
    """
    trace, product = run.trace, run.trace.product
    mine, changed = trace.events[read], trace.events[change]
    assert mine.step is not None
    before, slot = trace.states[mine.number - 1], product.slot_of[mine.step.target]
    value = product.value_number(slot - len(product.threads), after(trace, change))
    met = replaced(before, slot, value)
    now = taken(product, met, trace.choices[mine.number - 1])
    if now is not None:
        now = replaced(now, slot, trace.states[mine.number][slot])
        return ends_well(run, now, trace.choices[mine.number :])
    rest = [
        choice
        for number, choice in enumerate(trace.choices, 1)
        if number >= mine.number and (choice[0] != mine.thread or number > changed.number)
    ]
    return ends_well(run, before, rest)


def spared_later(run: ShownRun, event: int, waiter: int) -> bool:
    """Whether the run would not fail, had the thread of `event` taken it once `waiter` waits.

    The thread that waits then goes on first, if it can.

    Errors: `ModelError`, of what threads do where no run comes.
    """
    trace = run.trace
    late = trace.events[event]
    waits = max((e.number for e in trace.events if e.thread == waiter), default=0)
    now, put_off = trace.states[late.number - 1], list[Choice]()
    for number, choice in enumerate(trace.choices[late.number - 1 :], late.number):
        if choice[0] == late.thread and number <= waits:
            put_off.append(choice)
            continue
        if number == waits + 1:
            break
        after_it = taken(trace.product, now, choice)
        if after_it is None and choice[0] == waiter:
            return False  # it does not come to wait
        now = after_it or now
    standing = trace.product.position(waiter, trace.end)
    there = trace.product.position(waiter, now)
    if (there.next, there.site) != (standing.next, standing.site):
        return False
    first, *others = put_off
    return ends_well(run, now, [first, (waiter, 0), *others, *trace.choices[waits:]])


def replaced(state: State, slot: int, value: int) -> State:
    """`state` with another number in one slot."""
    return (*state[:slot], value, *state[slot + 1 :])


def taken(product: Product, state: State, choice: Choice) -> State | None:
    """The state after the step of a choice, or another outcome of it; None where it must wait."""
    thread, outcome = choice
    moves = product.moves_of([thread], state)
    same = (target for _, other, target in moves if other == outcome)
    return next(same, moves[0][2] if moves else None)


def ends_well(run: ShownRun, now: State, rest: Sequence[Choice]) -> bool:
    """Whether a run that goes on from a state shows nothing of what `run` shows."""
    product, subject = run.trace.product, kind_of(run.claim).speaks_of
    at_stop = subject in (Subject.WAITS, Subject.ENDS, Subject.LOCKS_LEFT)
    for choice in [*rest, *alone(product)]:
        if not at_stop and run.claim.find(product, now):
            return False
        now = taken(product, now, choice) or now
    if now in product.halted or run.claim.find(product, now):
        return False
    return not at_stop or view(product, now).finished or subject is Subject.WAITS


def alone(product: Product) -> list[Choice]:
    """Each thread by itself, as many rounds as there are threads, so that each waits for others."""
    turns = [(thread, 0) for thread in product.everybody for _ in range(LONGEST_DETOUR)]
    return turns * len(product.threads)

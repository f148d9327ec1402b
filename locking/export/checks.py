"""Properties as conditions on one state, which any tool can look for in the states that it meets.

A condition on sections, places or next steps becomes a set of places. A predicate is asked what it
says. One property is no condition on a state: a thread waits for good while others go round in a
cycle. Here only a deadlock in which nothing moves at all is a condition. What must happen in the
end is a condition on the states in which a run may stay; each format says what that means.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from locking.explore.product import State
from locking.export.deciding import Deciding, TooManyCombinations
from locking.export.formula import (
    FALSE,
    CanStep,
    Formula,
    Halted,
    at_least,
    both,
    either,
    has_one_of,
    negation,
)
from locking.export.tables import Check, Numbering, RunCheck, WayCheck, guard
from locking.programs.position import FailureKind
from locking.properties.awaited import ServedWait
from locking.properties.can_end import CanEnd
from locking.properties.deadlock import DeadlockFree
from locking.properties.explored import Property
from locking.properties.failing import NeverFails, Supposed, kinds_failed
from locking.properties.kinds import Subject, kind_of
from locking.properties.liveness import Live, bits, undecided
from locking.properties.overlap import SideBySide, ThreadPair, Touch, step_alone
from locking.properties.race import DataRaceFree, conflict, race_between
from locking.properties.released import LocksReleased, leaks, may_be_held
from locking.properties.state import Never, Sometimes
from locking.properties.together import NeverTogether, SometimesTogether
from locking.properties.view import ended

AnyCheck = Check | RunCheck | WayCheck
"""What a property may become."""


def checks_of(
    numbering: Numbering, properties: Iterable[Property]
) -> tuple[tuple[AnyCheck, ...], tuple[str, ...]]:
    """The checks of `properties`, and for those that can't be said as one, why not."""
    checks: list[AnyCheck] = []
    left_out: list[str] = []
    for each in properties:
        try:
            found = list(checks_for(numbering, each))
        except TooManyCombinations:
            left_out.append(f"{each.name}: it looks at too many combinations of values")
            continue
        except Supposed:
            left_out.append(f"{each.name}: it can't be judged of local states that were merged")
            continue
        checks += found
        if not found:
            runs = kind_of(each).speaks_of in (Subject.RUNS, Subject.ROUNDS)
            kind = "that only a whole run shows" if runs else "of your own"
            left_out.append(f"{each.name}: it is of a kind {kind}, which has no formula")
    return tuple(checks), tuple(left_out)


def checks_for(numbering: Numbering, property_: Property) -> Iterator[AnyCheck]:
    """The checks of one property; none, where it is of a kind that no condition stands for."""
    name, about = property_.name, property_.about
    match property_:
        case NeverFails(kind=kind):
            yield Check(name, about, failing(numbering, kind))
        case DeadlockFree():
            yield Check(name, about, deadlock(numbering))
        case DataRaceFree():
            yield Check(name, about, race_formula(numbering))
        case LocksReleased():
            yield Check(name, about, leaking(numbering))
        case NeverTogether(one=one, other=other):
            yield Check(name, about, together_formula(numbering, one, other, 2))
        case SometimesTogether(one=one, other=other):
            for number in range(2, numbering.threads + 1):
                condition = together_formula(numbering, one, other, number)
                yield Check(name, about, condition, wanted=True, at_least=number)
        case Never(bad=bad, only_finished=only_finished):
            condition = Deciding(numbering, bad, otherwise=True).condition()
            yield Check(
                name, about, ended_formula(numbering, condition) if only_finished else condition
            )
        case Sometimes(good=good):
            condition = Deciding(numbering, good, otherwise=False).condition()
            yield Check(name, about, condition, wanted=True)
        case Live(awaited=awaited):
            for wait in awaited.waits(numbering.product):
                yield run_check(numbering, property_, wait)
        case CanEnd(deadlocks=True):
            goal = either(finished_formula(numbering), broken_off(numbering))
            yield WayCheck(name, about, goal)


def run_check(numbering: Numbering, property_: Live, wait: ServedWait) -> RunCheck:
    """The runs that stay where a wait is bad; one that broke off owes nothing.

    A run that has ended stays in its last state. Where it is open whom a wake-up wakes, fairness
    asks too much: a run that is found counts, and that none is found says nothing.
    """
    everybody = range(numbering.threads)
    fair = bits(numbering.product, property_.fairness)
    weak, strong = (
        tuple(thread for thread in everybody if threads >> thread & 1) for threads in fair
    )
    condition = Deciding(numbering, wait.bad, otherwise=True).condition()
    bad = both(negation(broken_off(numbering)), condition)
    if not wait.ends:
        bad = both(bad, either(*(CanStep(thread) for thread in everybody)))
    about = f"{property_.about}: {wait.says}"
    cause = undecided(numbering.product) if any(fair) else None
    if cause:
        about += f"; that it is not found says nothing: {cause}"
    return RunCheck(property_.name, about, bad, weak, strong, wait.starved, wait.whole)


def failing(numbering: Numbering, kind: FailureKind) -> Formula:
    """Some thread has just failed so."""
    return either(
        *(
            has_one_of(
                thread, [at for at, p in numbering.positions(thread) if kind in kinds_failed(p)]
            )
            for thread in range(numbering.threads)
        )
    )


def leaking(numbering: Numbering) -> Formula:
    """A thread that has ended holds a lock."""
    locks = [each for each in numbering.product.objects if may_be_held(each)]
    return Deciding(numbering, lambda s: any(leaks(s, locks)), otherwise=True).condition()


def deadlock(numbering: Numbering) -> Formula:
    """A thread that must end has not, and nothing moves, though the run did not break off."""
    everybody = range(numbering.threads)
    nobody = negation(either(*(CanStep(thread) for thread in everybody)))
    return both(negation(broken_off(numbering)), negation(finished_formula(numbering)), nobody)


def broken_off(numbering: Numbering) -> Formula:
    """The run has ended because some thread failed."""
    everybody = range(numbering.threads)
    halts = any(p.failure for thread in everybody for _, p in numbering.positions(thread))
    return Halted() if halts else FALSE


def finished_formula(numbering: Numbering) -> Formula:
    """All threads have ended: every one that is no daemon."""
    return both(
        *(
            has_one_of(number, [at for at, p in numbering.positions(number) if ended(p)])
            for number, thread in enumerate(numbering.product.threads)
            if not thread.daemon
        )
    )


def ended_formula(numbering: Numbering, condition: Formula) -> Formula:
    """The condition, where all threads have ended."""
    return both(finished_formula(numbering), condition)


def together_formula(numbering: Numbering, one: str, other: str, number: int) -> Formula:
    """So many threads are inside `one` or `other`, two different ones of them inside both."""
    everybody = range(numbering.threads)
    in_one = [inside_formula(numbering, thread, {one}) for thread in everybody]
    in_other = [inside_formula(numbering, thread, {other}) for thread in everybody]
    pairs = either(
        *(
            either(both(in_one[a], in_other[b]), both(in_one[b], in_other[a]))
            if one != other
            else both(in_one[a], in_one[b])
            for a, b in combinations(everybody, 2)
        )
    )
    if number == 2:
        return pairs
    counted = at_least(number, [inside_formula(numbering, t, {one, other}) for t in everybody])
    return counted if one == other else both(pairs, counted)


def inside_formula(numbering: Numbering, thread: int, names: set[str]) -> Formula:
    """A thread is inside one of the sections called `names`."""
    places = numbering.positions(thread)
    return has_one_of(thread, [at for at, p in places if not names.isdisjoint(p.inside)])


def race_formula(numbering: Numbering) -> Formula:
    """Two next steps touch one cell, at least one writes it, and not both are marked."""
    made = [touched(numbering, thread) for thread in range(numbering.threads)]
    races = [
        both(when, then)
        for mine, theirs in combinations(made, 2)
        for (touch, block), when in mine.items()
        for (other, other_block), then in theirs.items()
        if conflict(touch, other) and not (block and other_block)
    ]
    blocks = [blocks_racing(numbering, pair) for pair in combinations(range(numbering.threads), 2)]
    return both(negation(broken_off(numbering)), either(*races, *blocks))


def touched(numbering: Numbering, thread: int) -> dict[tuple[Touch, bool], Formula]:
    """Every access that a thread may be about to make, and whether in a block, with when it is.

    Outside of atomic blocks it is about to make it wherever it stands there.
    """
    plain: dict[Touch, list[int]] = {}
    found: dict[tuple[Touch, bool], list[Formula]] = {}
    for key, state in numbering.seen[thread].items():
        place = numbering.numbers[thread][key[0]]
        opens = numbering.position(thread, place).opens
        for touch in step_alone(numbering.product, thread, state).touched:
            if opens:
                here = guard(numbering, [numbering.found(thread, state)])
                found.setdefault((touch, True), []).append(both(has_one_of(thread, [place]), here))
            else:
                plain.setdefault(touch, []).append(place)
    for touch, places in plain.items():
        found.setdefault((touch, False), []).append(has_one_of(thread, set(places)))
    return {touch: either(*parts) for touch, parts in found.items()}


def blocks_racing(numbering: Numbering, pair: ThreadPair) -> Formula:
    """Two threads are about to take atomic blocks that race. Errors: `Supposed`."""
    product, beside = numbering.product, SideBySide(numbering.product, exact=True)
    looked = dict.fromkeys(pair)
    found: list[list[tuple[int, int]]] = []

    def note(state: State) -> bool:
        if all(product.position(thread, state).opens for thread in pair) and race_between(
            product, pair, state, beside, looked
        ):
            found.append([(slot, state[slot]) for slot in looked])
        return False

    any(numbering.graph.pick(lambda: [(slot, None) for slot in looked], note))  # goes through all
    numbers = numbering.numbers
    return either(
        *(
            both(*(has_one_of(slot, [numbers[slot][value]]) for slot, value in seen))
            for seen in found
        )
    )

"""Every line of the Linux-kernel memory model decides a litmus test of ours.

Tried of our model, and of that of every kernel tree that LOCKING_KERNEL_TREES names.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest

from locking.errors import ModelError
from locking.litmus.candidates import (
    LitmusCandidate,
    asked_places,
    candidate_from,
    candidates_of,
    combinations,
    fulfils,
    may_read_in,
    value_at,
)
from locking.litmus.judged import CombinationJudge, judge_test, observed_as
from locking.litmus.paths import all_paths, no_limit
from locking.litmus.reading import read_test
from locking.litmus.structures import Combination
from locking.litmus.syntax import LitmusPlace, LitmusTest
from locking.litmus.values import LitmusValue
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import Candidate, judge_candidate
from locking.memory_models.cat.files import kernel_model
from locking.memory_models.lkmm.model import LKMM
from locking.memory_models.sources import LocationEvents, MayRead, SourceChoice, locations_of
from tests.litmus.classics import CLASSICS
from tests.litmus.deciding import DECIDING
from tests.memory_models.mutants import Mutant, cat_mutants, lkmm_mutants
from tests.memory_models.test_lkmm import FLAGGED, FORBIDDEN, FURTHER

TREES = [Path(each) for each in os.environ.get("LOCKING_KERNEL_TREES", "").split(":") if each]

Outcome = Callable[[AxiomaticModel], object]
"""What a model says of one test."""


@pytest.mark.parametrize("name", DECIDING)
def test_a_deciding_test_has_its_verdict(name: str) -> None:
    found = judge_test(read_test(DECIDING[name].text), LKMM)
    wanted = frozenset(filter(None, DECIDING[name].flags.split(",")))
    assert (found.observation, found.flags) == (DECIDING[name].verdict, wanted)


# Outcomes


def of_candidate(candidate: Candidate) -> Outcome:
    """What a model says of one execution."""
    return lambda model: judge_candidate(model, candidate)


def of_litmus(text: str, *, locks: bool) -> Outcome:
    """What a model says of a litmus test, of whose candidates nothing is cut.

    If `locks`, its locks too are taken and seen in all ways, as if they were no locks.
    """
    test = read_test(text)
    found = [
        [
            (each, fulfils(test.condition, values))
            for each in candidates(combination, locks=locks)
            for values in values_kept(test, each)
        ]
        for combination in combinations(test, all_paths(test, 1))
    ]

    def outcome(model: AxiomaticModel) -> object:
        counts, flags = [0, 0], set[str]()
        for each in found:
            judges = CombinationJudge(model)
            for candidate, asked in each:
                said = judges.judge(candidate)
                counts[asked] += said.allowed
                flags |= said.flags
        return observed_as(counts[1] > 0, counts[0] > 0), counts, flags

    return outcome


def values_kept(
    test: LitmusTest, candidate: LitmusCandidate
) -> Iterator[dict[LitmusPlace, LitmusValue]]:
    """The values at the end of a candidate, if the filter keeps it."""
    assert candidate.trouble is None
    values = {each: value_at(candidate, test.memory, each) for each in asked_places(test)}
    if test.filter is None or fulfils(test.filter, values):
        yield values


def candidates(combination: Combination, *, locks: bool) -> Iterator[LitmusCandidate]:
    """All candidates, coherent or not."""
    if not locks:
        yield from candidates_of(combination, no_limit, cut=False)
        return
    locations = locations_of(combination.source_events)
    may_read = may_read_in(combination)
    names = [each.name for each in locations]
    for chosen in product(*(list(every_choice(each, may_read)) for each in locations)):
        found = candidate_from(combination, names, chosen)
        if found is not None:
            yield found


def every_choice(location: LocationEvents, may_read: MayRead) -> Iterator[SourceChoice]:
    """All orders of writes, and all that reads may see, of locks too."""
    first, *rest = location.writes
    ordered = [each for each in rest if location.kind(each) != "UL" or location.ends_section(each)]
    for order in permutations(ordered):
        options = [
            [w for w in location.writes if location.kind(each) != "R" or may_read(each, w)]
            for each in location.reads
        ]
        for seen in product(*options):
            pairs = tuple(zip(location.reads, seen, strict=True))
            yield location.choice(pairs, (first, *order))


@cache
def all_outcomes() -> dict[str, Outcome]:
    """Every test, by name: those of this folder, and executions by hand."""
    made = [("by hand", FORBIDDEN), ("by hand", FLAGGED)]
    found = {
        f"{kind}: {name}": of_candidate(each) for kind, all_ in made for name, each in all_.items()
    }
    found |= {f"by hand: {name}": of_candidate(each) for name, (each, _) in FURTHER.items()}
    found |= {
        name: of_litmus(each.text, locks=name.startswith("lock:"))
        for name, each in DECIDING.items()
    }
    return found | {
        f"classic: {each.name}": of_litmus(each.text, locks=False)
        for each in CLASSICS
        if "rwlock" not in each.name
    }


# Mutants


def undecided(model: AxiomaticModel, mutants: Iterable[Mutant]) -> list[str]:
    """The lines of a model without which every test has the outcome that it has with them."""
    outcomes = all_outcomes()
    usual = {name: each(model) for name, each in outcomes.items()}
    last: dict[str, None] = {}
    found = []
    for mutant in mutants:
        try:
            changed = mutant.model()
        except ModelError:
            continue
        for name in [*last, *(each for each in outcomes if each not in last)]:
            if differs(outcomes[name], changed, usual[name]):
                last = {name: None, **last}
                break
        else:
            found.append(mutant.left_out)
    return found


def differs(outcome: Outcome, changed: AxiomaticModel, usual: object) -> bool:
    """Whether a test has another outcome now; a recursion that never settles is one."""
    try:
        return outcome(changed) != usual
    except ModelError:
        return True


IN_PROP = "prop has it too, and hb has what prop says within a thread"
STRONG = "what is behind a strong fence in prop is also in hb, so pb says the same"
FROM_MARKED = "from a marked write, ww-vis is a part of xbstar, and so of rw-xbstar"
TO_MARKED = "to a marked write, ww-vis ends with a part of xbstar within a thread, as wr-vis does"

REDUNDANT_IN_OURS = {
    "ordering.py: PO_UNLOCK_LOCK_PO & INT": IN_PROP,
    "ordering.py: STRONG_FENCE": STRONG,
    "plain.py: MARKED * W": FROM_MARKED,
    "plain.py: W * MARKED": TO_MARKED,
}
"""Lines of ours that say nothing that others do not say, and why."""

UNUSED = "no rule uses this set"
IN_RMW = "rmw relates the two parts of a lock, and domain(rmw) and range(rmw) are marked"
WITH_OTHERS = "where such an event is, another of the set is at the same location"
PAIRED = "the two parts of a lock are always a pair"
GENERATED = "a lock that reads from no unlock has no rf of the file, and a candidate has one"
CHOSEN = "a candidate comes with its co, so the file's beginning of it is not used"

REDUNDANT_IN_TREES = {
    "linux-kernel.bell: Srcu = Srcu-lock": UNUSED,
    "linux-kernel.bell: Srcu = Srcu-unlock": UNUSED,
    "linux-kernel.bell: Srcu = Sync-srcu": UNUSED,
    "linux-kernel.bell: Marked = LKR": IN_RMW,
    "linux-kernel.bell: Marked = LKW": IN_RMW,
    "linux-kernel.cat: dep = addr": "in Linux 6.1, to-r has all dependencies of addresses",
    "linux-kernel.cat: ppo = (po-unlock-lock-po & int)": IN_PROP,
    "linux-kernel.cat: cumul-fence = strong-fence": STRONG,
    "linux-kernel.cat: ww-nonrace = (Marked * W)": FROM_MARKED,
    "linux-kernel.cat: ww-nonrace = (W * Marked)": TO_MARKED,
    "lock.cat: ALL-LOCKS = LKR": WITH_OTHERS,
    "lock.cat: ALL-LOCKS = LKW": WITH_OTHERS,
    "lock.cat: ALL-LOCKS = LF": WITH_OTHERS,
    "lock.cat: rmw = lk-rmw": "in Linux 6.1, only atomicity asks; critical sections see to that",
    "lock.cat: unpaired-LKW": PAIRED,
    "lock.cat: unpaired-LKR": PAIRED,
    "lock.cat: nested-is-locked": "coherence forbids that a read sees what its thread replaced",
    "lock.cat: critical = LKW": GENERATED,
    "lock.cat: unmatched-locks": GENERATED,
    "lock.cat: co0 = co0": CHOSEN,
    "lock.cat: co0 = (([IW] ; loc) ; [LKW])": CHOSEN,
    "lock.cat: co0 = ((([LKW] ; loc) ; [UNMATCHED-LKW]) \\ [UNMATCHED-LKW])": CHOSEN,
}
"""Lines of a tree's model that say nothing that others do not say, and why."""


@pytest.mark.slow
def test_every_line_of_our_model_decides_a_test() -> None:
    mutants = list(lkmm_mutants())
    assert len(mutants) > 150
    assert sorted(undecided(LKMM, mutants)) == sorted(REDUNDANT_IN_OURS)


@pytest.mark.slow
@pytest.mark.skipif(not TREES, reason="LOCKING_KERNEL_TREES names no kernel source trees")
def test_every_line_of_a_tree_s_model_decides_a_test() -> None:
    for tree in TREES:
        mutants = list(cat_mutants(tree))
        assert len(mutants) > 150
        assert set(undecided(kernel_model(tree), mutants)) <= REDUNDANT_IN_TREES.keys(), tree

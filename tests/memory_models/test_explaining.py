"""A forbidden execution is explained by a cycle, in words of the code."""

import pytest

from locking.memory_models.candidate import Candidate, judge_candidate
from locking.memory_models.cat.files import library_model
from locking.memory_models.lkmm.model import LKMM
from tests.memory_models.executions import Labels, execution
from tests.memory_models.random_executions import random_execution
from tests.memory_models.test_lkmm import FORBIDDEN


def why(seen: tuple[Candidate, Labels]) -> list[str]:
    """The axiom, and the edges of the cycle that breaks it, from its smallest label on."""
    candidate, labels = seen
    names = {number: label for label, number in labels.items()}
    found = LKMM.why_forbidden(candidate)
    assert found is not None
    edges = list(found.edges)
    for edge, after in zip(edges, edges[1:] + edges[:1], strict=True):
        assert edge.target == after.source
    first = edges.index(min(edges, key=lambda edge: names[edge.source]))
    turned = edges[first:] + edges[:first]
    return [found.axiom, *(f"{names[a]} {said} {names[b]}" for a, said, b in turned)]


CYCLES = {
    "coherence": (
        execution("a W Once @x", "b R Once @x; c R Once @x", rf="a b, x c", co="a"),
        ["a rfe b", "b po c", "c fre a"],
    ),
    "atomicity": (
        execution("a R RMW Once @x; b W RMW Once @x", "c W Once @x", rf="x a", co="c b", rmw="a b"),
        ["a fre c", "c coe b", "b rmw^-1 a"],
    ),
    "happens-before": (
        execution(
            "a W Once @x; b W Release @y",
            "c R Acquire @y; d R Once @x",
            rf="b c, x d",
            co="a, b",
        ),
        ["a po to a release b", "b rfe c", "c po from an acquire d", "d fre a"],
    ),
    "load buffering": (
        execution(
            "a R Once @x; b W Once @y",
            "c R Once @y; d W Once @x",
            rf="d a, b c",
            co="b, d",
            ctrl="a b",
            data="c d",
        ),
        ["a ctrl dependency b", "b rfe c", "c data dependency d", "d rfe a"],
    ),
    "locks": (
        execution(
            "h R LKR @l; i W LKW @l; a W Once @x; b W UL @l",
            "c R LKR @l; d W LKW @l; e R Once @x; g W UL @l",
            rf="l h, b c, x e",
            co="i b d g, a",
            rmw="h i, c d",
        ),
        ["a po to an unlock b", "b rfe c", "c po from a lock e", "e fre a"],
    ),
    "propagates-before": (
        execution(
            "a W Once @x; f F Mb; b R Once @y",
            "c W Once @y; g F Mb; d R Once @x",
            rf="y b, x d",
            co="a, c",
        ),
        ["a smp_mb() between b", "b fre c", "c smp_mb() between d", "d fre a"],
    ),
    "rcu": (
        execution(
            "l F Rcu-lock; a R Once @x; b R Once @y; u F Rcu-unlock",
            "c W Once @x; s F Sync-rcu; d W Once @y",
            rf="x a, d b",
            co="c, d",
        ),
        [
            "a fre c",
            "c synchronize_rcu() between d",
            "d rfe b",
            "b po u",
            "u read-side critical section, back to its begin l",
            "l po a",
        ],
    ),
    "plain-coherence": (
        execution(
            "a W @x; f F Wmb; b W Once @y",
            "c R Once @y; g F Rmb; d R @x",
            rf="b c, x d",
            co="a, b",
        ),
        ["a smp_wmb() between b", "b rfe c", "c smp_rmb() between d", "d fre a"],
    ),
}


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_of_edges_that_the_code_has(name: str) -> None:
    seen, edges = CYCLES[name]
    assert why(seen)[1:] == edges


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_each_axiom_forbids_has_a_cycle(name: str) -> None:
    found = LKMM.why_forbidden(FORBIDDEN[name])
    assert found is not None
    assert found.axiom == name
    assert found.edges


def test_an_allowed_execution_needs_no_explanation() -> None:
    seen, _ = execution("a W Once @x", "b R Once @x", rf="x b", co="a")
    assert LKMM.why_forbidden(seen) is None
    assert library_model("tso").why_forbidden(seen) is None


def test_a_flag_has_the_events_for_which_it_is_raised() -> None:
    seen, labels = execution("a W @x", "b R Once @x", rf="x b", co="a")
    assert LKMM.flagged(seen, "data-race") == [(labels["b"], labels["a"])]
    alone, labels = execution("l F Rcu-lock")
    assert LKMM.flagged(alone, "unmatched-rcu-lock") == [(labels["l"], labels["l"])]
    assert LKMM.flagged(alone, "data-race") == []


def explain_what_is_forbidden(seeds: range) -> None:
    """An execution has an explanation exactly if it is forbidden, and its edges are a cycle."""
    for seed in seeds:
        seen = random_execution(seed)
        said, why = judge_candidate(LKMM, seen), LKMM.why_forbidden(seen)
        assert (why is None) == said.allowed, seed
        if why:
            assert why.axiom == said.broken, seed
            followed = why.edges[1:] + why.edges[:1]
            assert why.edges, seed
            for edge, after in zip(why.edges, followed, strict=True):
                assert edge.target == after.source, seed


def test_what_is_forbidden_has_a_cycle() -> None:
    explain_what_is_forbidden(range(10))


@pytest.mark.slow
def test_what_is_forbidden_of_many_random_executions_has_a_cycle() -> None:
    explain_what_is_forbidden(range(20, 3_000))

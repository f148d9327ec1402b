"""Each axiom and each flag of the Linux-kernel memory model decides an execution of its own."""

import pytest

from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import Candidate, judge_candidate
from locking.memory_models.lkmm.model import LKMM
from tests.memory_models.executions import execution


def candidate(*threads: str, rf: str = "", co: str = "", **relations: str) -> Candidate:
    return execution(*threads, rf=rf, co=co, **relations)[0]


FORBIDDEN = {
    # A read after another of one location sees an older write.
    "coherence": candidate(
        "a W Once @x", "b R Once @x; c R Once @x", rf="a b, x c", co="a"
    ),
    # A write comes between the read and the write of a read-modify-write.
    "atomicity": candidate(
        "a R RMW Once @x; b W RMW Once @x", "c W Once @x", rf="x a", co="c b", rmw="a b"
    ),
    # A lock that is never let go is taken by another.
    "lock-held-forever": candidate(
        "a R LKR @l; b W LKW @l",
        "c R LKR @l; d W LKW @l; e W UL @l",
        "f W UL @l",
        rf="l a, f c",
        co="b f d e",
        rmw="a b, c d",
    ),
    # A trylock fails, but it reads from the unlock.
    "lock-exclusion": candidate(
        "a R LKR @l; b W LKW @l; c W UL @l", "d R LF @l", rf="l a, c d", co="b c", rmw="a b"
    ),
    # Message passing with smp_wmb() and smp_rmb().
    "happens-before": candidate(
        "a W Once @x; f F Wmb; b W Once @y",
        "c R Once @y; g F Rmb; d R Once @x",
        rf="b c, x d",
        co="a, b",
    ),
    # Store buffering with smp_mb().
    "propagates-before": candidate(
        "a W Once @x; f F Mb; b R Once @y",
        "c W Once @y; g F Mb; d R Once @x",
        rf="y b, x d",
        co="a, c",
    ),
    # A section began before a grace period, and ends after it.
    "rcu": candidate(
        "l F Rcu-lock; a R Once @x; b R Once @y; u F Rcu-unlock",
        "c W Once @x; s F Sync-rcu; d W Once @y",
        rf="x a, d b",
        co="c, d",
    ),
    # A plain read takes its value from a write that is after it by the fences.
    "plain-coherence": candidate(
        "a W @x; f F Wmb; b W Once @y",
        "c R Once @y; g F Rmb; d R @x",
        rf="b c, x d",
        co="a, b",
    ),
}  # fmt: skip
"""An execution that breaks this axiom alone."""

FLAGGED = {
    "unmatched-rcu-lock": candidate("l F Rcu-lock; a R Once @x", rf="x a"),
    "unmatched-rcu-unlock": candidate("a R Once @x; u F Rcu-unlock", rf="x a"),
    "unmatched-srcu-lock": candidate("l R Srcu-lock @s", rf="s l"),
    "unmatched-srcu-unlock": candidate("u W Srcu-unlock @s", co="u"),
    "multiple-srcu-matches": candidate(
        "l R Srcu-lock @s; u W Srcu-unlock @s; v W Srcu-unlock @s",
        rf="s l",
        co="u v",
        data="l u, l v",
    ),
    "invalid-sleep": candidate("l F Rcu-lock; g Sync-srcu @s; u F Rcu-unlock"),
    "srcu-bad-value-match": candidate(
        "l R Srcu-lock @s; u W Srcu-unlock @s",
        rf="s l",
        co="u",
        data="l u",
        **{"different-values": "l u"},
    ),
    "mixed-lock-accesses": candidate(
        "a R LKR @l; b W LKW @l; c W UL @l", "d R Once @l", rf="l a, c d", co="b c", rmw="a b"
    ),
    "lock-final": candidate(
        "a R LKR @l; b W LKW @l; c W UL FW @l", rf="l a", co="b c", rmw="a b"
    ),
    "unmatched-unlock": candidate(
        "a R LKR @l; b W LKW @l; c W UL @l; d W UL @l", rf="l a", co="b c d", rmw="a b"
    ),
    "mixed-accesses": candidate("a W @x; b R Once @x", rf="a b", co="a"),
    "data-race": candidate("a W @x", "b R Once @x", rf="x b", co="a"),
}  # fmt: skip
"""An allowed execution that has this flag alone."""


HELD = "a R LKR @l; b W LKW @l; c W UL @l"

FURTHER = {
    "writes of one thread are in its order": (
        candidate("a W Once @x; b W Once @x", co="b a"),
        "coherence",
    ),
    "a lock is taken twice in turn": (
        candidate(
            f"{HELD}; d R LKR @l; e W LKW @l; f W UL @l",
            rf="l a, c d",
            co="b c e f",
            rmw="a b, d e",
        ),
        "",
    ),
    "a thread takes a lock that it holds": (
        candidate(
            "a R LKR @l; b W LKW @l; c R LKR @l; d W LKW @l; e W UL @l",
            "f W UL @l",
            rf="l a, f c",
            co="b f d e",
            rmw="a b, c d",
        ),
        "lock-held-forever",
    ),
    "another lets go a lock": (
        candidate(HELD, "d W UL @l", rf="l a", co="b d c", rmw="a b"),
        "lock-exclusion",
    ),
    "a lock that is held is seen free": (
        candidate(HELD, "d R RU @l", rf="l a, b d", co="b c", rmw="a b"),
        "lock-exclusion",
    ),
    "a lock that is free is seen held": (
        candidate(HELD, "d R RL @l", rf="l a, c d", co="b c", rmw="a b"),
        "lock-exclusion",
    ),
    "a lock is seen held before it is taken": (
        candidate(HELD, "d R LF @l", rf="l a, l d", co="b c", rmw="a b"),
        "lock-exclusion",
    ),
    "a trylock fails": (candidate(HELD, "d R LF @l", rf="l a, b d", co="b c", rmw="a b"), ""),
    "a lock is seen free": (candidate(HELD, "d R RU @l", rf="l a, l d", co="b c", rmw="a b"), ""),
    "a read-modify-write is no plain access": (
        candidate(
            "a R RMW @x; b W RMW @x", "c R Once @x; d W Once @x", rf="x a, b c", co="b d", rmw="a b"
        ),
        "",
    ),
}  # fmt: skip
"""Executions with the axiom that forbids them, or nothing; they are allowed without a flag then."""


@pytest.mark.parametrize("name", FURTHER)
def test_what_a_line_of_a_definition_decides(name: str) -> None:
    seen, axiom = FURTHER[name]
    said = judge_candidate(LKMM, seen)
    assert said.broken == axiom
    assert not said.flags


def without(name: str) -> AxiomaticModel:
    """The model with all lines but those of this name."""
    return AxiomaticModel("mutant", tuple(each for each in LKMM.checks if each.name != name))


def test_every_line_of_the_model_has_an_execution() -> None:
    axioms = [each.name for each in LKMM.checks if not each.is_flag]
    assert axioms == list(FORBIDDEN)
    assert [each.name for each in LKMM.checks if each.is_flag] == list(FLAGGED)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_axiom_forbids_what_the_others_allow(name: str) -> None:
    said = judge_candidate(LKMM, FORBIDDEN[name])
    assert (said.allowed, said.broken) == (False, name)
    assert judge_candidate(without(name), FORBIDDEN[name]).allowed


@pytest.mark.parametrize("name", FLAGGED)
def test_a_flag_says_what_the_others_do_not(name: str) -> None:
    said = judge_candidate(LKMM, FLAGGED[name])
    assert said.allowed
    assert said.flags == {name}
    assert not judge_candidate(without(name), FLAGGED[name]).flags

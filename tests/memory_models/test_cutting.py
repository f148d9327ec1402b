"""What breaks an axiom with a part of its choices does so with all of them."""

from pathlib import Path
from random import Random

import pytest

from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.candidate import Candidate, judge_candidate
from locking.memory_models.cat.files import cat_model, library_model
from locking.memory_models.lkmm.model import LKMM
from locking.memory_models.relations import algebra, bits
from tests.memory_models.random_executions import random_execution
from tests.memory_models.rings import ring

TSO = library_model("tso")

MODELS = {
    "LKMM": LKMM,
    "SC": library_model("sc"),
    "TSO": AxiomaticModel("TSO", TSO.checks),  # its assertion refuses the executions with RCU
}

RINGS = (
    *("mb fr mb fr", "wmb rf rmb fr", "sync rf section rf", "plain-wmb rf rmb-plain fr"),
    *("release rf acquire fr", "unlock-lock rf data rf", "srcu-sync rf srcu rf", "mb co mb fr"),
)


def parts(seen: Candidate, random: Random) -> tuple[int, int]:
    """A part of `rf`, and `co` of some events."""
    space = algebra(seen.structure.size)
    some = sum(1 << event for event in range(space.size) if random.random() < 0.7)
    rf = sum(1 << bit for bit in bits(seen.rf) if random.random() < 0.7)
    return rf, seen.co & space.product(some, some)


def tried(name: str, seeds: range) -> int:
    """How many parts were cut; what was cut is forbidden as a whole."""
    model, cuts = MODELS[name], 0
    for seed in seeds:
        random = Random(seed)
        seen = ring(random.choice(RINGS)) if seed % 2 else random_execution(seed)
        allowed = judge_candidate(model, seen).allowed
        cut = model.nogoods_of(seen.structure).is_broken
        assert cut(seen.rf, seen.co) == (not allowed), seed
        found = cut(*parts(seen, random))
        assert not (found and allowed), seed
        cuts += found
    return cuts


@pytest.mark.parametrize("name", MODELS)
def test_what_is_cut_is_forbidden(name: str) -> None:
    assert tried(name, range(16)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_what_is_cut_of_many_random_executions_is_forbidden(name: str) -> None:
    tried(name, range(16, 3_000))


def test_an_axiom_that_more_pairs_may_mend_cuts_nothing(tmp_path: Path) -> None:
    text = "empty po \\ (rf ; rf^-1)+ as first\nempty (R * R) & ~(co^-1 ; co) & po as second\n"
    (tmp_path / "main.cat").write_text(text + "~empty rf as third")
    model = cat_model(tmp_path, ["main.cat"], "ours")
    seen = ring("mb fr mb fr")
    assert not judge_candidate(model, seen).allowed
    nogoods = model.nogoods_of(seen.structure)
    nogoods.learn([(seen.rf, seen.co)])
    assert not nogoods.known

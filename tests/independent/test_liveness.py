"""Liveness of random systems, beside a judge that shares nothing with the library."""

from collections import Counter
from typing import Any

import pytest

from locking.explore.graph import Graph
from locking.properties import liveness
from locking.properties.liveness import Bits
from tests.independent.drive import Unfit
from tests.independent.liveness import told

FEW = range(1, 16)
MORE = range(16, 116)
MANY = range(116, 21_766)
"""Of these seeds, more than 20,000 have a system that is judged."""


def wrong(seed: int, kinds: Counter[str]) -> str:
    """What is wrong on the system of a seed; the kind of what was judged is counted."""
    try:
        text, kind = told(seed)
    except Unfit:
        return ""
    kinds[kind] += 1
    return text


def test_liveness_of_random_systems_is_judged_right() -> None:
    kinds: Counter[str] = Counter()
    found = [text for seed in FEW if (text := wrong(seed, kinds))]
    assert not found, "\n\n".join(found)
    assert {kind.split()[-1] for kind in kinds if kind} == {"holds", "fails"}


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(MORE, marks=pytest.mark.slow, id="a hundred"),
        pytest.param(MANY, marks=pytest.mark.campaign, id="twenty thousand"),
    ],
)
def test_liveness_of_many_random_systems_is_judged_right(seeds: range) -> None:
    kinds: Counter[str] = Counter()
    assert not next((text for seed in seeds if (text := wrong(seed, kinds))), "")


def forgets_fairness(_: Any) -> Any:
    """The scheduler is fair to nobody."""
    return lambda *_: Bits(0, 0)


def takes_strong_for_weak(original: Any) -> Any:
    """To be strongly fair is to be weakly fair."""

    def bits(*asked: Any) -> Bits:
        weak, strong = original(*asked)
        return Bits(weak | strong, 0)

    return bits


def goes_anywhere(_: Any) -> Any:
    """A run may leave what it must stay in, and come back."""
    return lambda _, inside: inside


PLANTED = {
    "forgets fairness": (liveness, "bits", forgets_fairness),
    "strong for weak": (liveness, "bits", takes_strong_for_weak),
    "goes anywhere": (Graph, "reached", goes_anywhere),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_in_liveness_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, attribute, planted = PLANTED[name]
    monkeypatch.setattr(where, attribute, planted(vars(where)[attribute]))
    kinds: Counter[str] = Counter()
    assert any(found_wrong(seed, kinds) for seed in range(1, 3_001))


def found_wrong(seed: int, kinds: Counter[str]) -> bool:
    """Whether something is wrong on the system of a seed, be it that the library gives up."""
    try:
        return bool(wrong(seed, kinds))
    except (AssertionError, ValueError):
        return True

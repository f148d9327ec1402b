"""The library beside an explorer that shares nothing with it, on random systems."""

import pytest

from tests.independent.compare import EVERY, Unfit, differences, judged, some
from tests.independent.generate import draw
from tests.independent.planted import planted

FEW = range(1, 11)
MORE = range(11, 321)
MANY = range(1, 50_001)


def told(seed: int, every: bool = False) -> str:
    """What differs on the system of a seed, and its source; empty where nothing does."""
    drawn = draw(seed)
    try:
        found = differences(drawn.source, EVERY if every else some(seed), drawn.forbidden)
    except Unfit:
        return ""
    lines = [f"{each.kind}: {each.text}" for each in found]
    return "\n".join([f"seed {seed}", *lines, drawn.source]) if found else ""


def test_random_systems_are_judged_right() -> None:
    wrong = [text for seed in FEW if (text := told(seed))]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.campaign
def test_many_random_systems_are_judged_right_in_every_way() -> None:
    wrong = next((text for seed in MANY if (text := told(seed, every=True))), "")
    assert not wrong, wrong


@pytest.mark.slow
def test_more_random_systems_are_judged_right() -> None:
    wrong = [text for seed in MORE if (text := told(seed))]
    assert not wrong, "\n\n".join(wrong)


def test_copies_that_judging_finds_to_differ_are_told_apart() -> None:
    """In this system the walk that is judged early ends before all was compared."""
    drawn = draw(60_914)
    assert differences(drawn.source, [("automatic", "reference")], drawn.forbidden) == []


def test_a_seed_draws_one_system() -> None:
    assert draw(7) == draw(7)
    assert draw(7).source != draw(8).source


def test_few_systems_are_too_large_to_be_judged() -> None:
    unfit = 0
    for seed in FEW:
        try:
            judged(draw(seed).source, draw(seed).forbidden)
        except Unfit:
            unfit += 1
    assert unfit <= len(FEW) // 10


@pytest.mark.slow
@pytest.mark.parametrize("name", planted())
def test_a_planted_error_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, attribute, wrong = planted()[name]
    monkeypatch.setattr(where, attribute, wrong(vars(where)[attribute]))
    assert any(told(seed) for seed in range(1, 1001))

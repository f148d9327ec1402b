"""What is foreseen of walks whose levels are recorded, and of what no range can be told of.

`recorded_levels.json` has the sizes of all levels of walks of models of the catalogue, and of
`tests.bench.everyday_models.algorithms`, the largest of each that was recorded, by case.
"""

import json
from collections.abc import Iterator
from itertools import accumulate
from math import comb, exp
from pathlib import Path

import pytest

from locking.explore.expected import expected_states

RECORDED: dict[str, list[int]] = json.loads(
    (Path(__file__).parent / "recorded_levels.json").read_text()
)

BELL = [comb(40, level) for level in range(41)]
"""The levels of a walk of 40 threads that each take one step."""


def told_at(part: float) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """What is told of each walk at the end of the level with which `part` is gone through."""
    for name, sizes in RECORDED.items():
        gone = list(accumulate(sizes))
        level = next(at for at, states in enumerate(gone) if states >= part * gone[-1])
        yield name, expected_states(sizes[: level + 2])


@pytest.mark.parametrize(("part", "told"), [(0.5, 6), (0.75, 23), (0.9, 24)])
def test_ranges_of_recorded_walks_have_the_number_of_all_states_in_them(
    part: float, told: int
) -> None:
    ranges = {name: found for name, found in told_at(part) if found}
    assert len(ranges) == told
    for name, (low, high) in ranges.items():
        assert low <= sum(RECORDED[name]) <= high, name


def test_nothing_is_told_while_levels_grow() -> None:
    peak = BELL.index(max(BELL))
    for known in range(1, peak + 2):
        assert expected_states(BELL[:known]) is None


def test_a_bell_is_foreseen_from_its_peak_on() -> None:
    for known in range(24, len(BELL)):
        found = expected_states(BELL[:known])
        assert found
        low, high = found
        assert low <= 2**40 <= high
        assert high / low < 4


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [1, 500, 400],
        [1, 5, 20, 50, 60, 50, 20, 5, 1],
        [2**level for level in range(20)],
        [1000] * 40,
        [1000, 900] * 20,
    ],
    ids=["none", "few levels", "few states", "growing", "even", "in turn"],
)
def test_nothing_is_told_where_no_end_is_in_sight(sizes: list[int]) -> None:
    assert expected_states(sizes) is None


def test_what_was_gone_through_before_counts() -> None:
    first = sum(BELL[:12])
    low, high = expected_states(BELL[12:26], first) or (0, 0)
    assert low <= 2**40 <= high


def test_no_more_is_foreseen_to_be_left_the_nearer_the_end() -> None:
    widths = [
        high - low
        for known in range(24, 41)
        if (found := expected_states(BELL[:known]))
        for low, high in [found]
    ]
    assert widths == sorted(widths, reverse=True)


def test_a_long_walk_is_told_from_its_latest_levels() -> None:
    sizes = [round(1e6 * exp(-(((level - 1_000) / 300) ** 2))) + 1 for level in range(2_001)]
    low, high = expected_states(sizes[:1_300]) or (0, 0)
    assert low <= sum(sizes) <= high

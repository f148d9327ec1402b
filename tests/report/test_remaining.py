"""The line on a terminal says how many states there may be, and how long the rest may take."""

from collections.abc import Iterator
from itertools import accumulate, count
from math import comb

import pytest

from locking import Cell, Model, System, Thread, at_end
from locking.check import check
from locking.explore.level_sizes import LevelSizes
from locking.report import progress
from locking.report.remaining import Remaining, in_millions, outwards, time_range
from locking.verdicts import Options

BELL = [comb(20, level) for level in range(21)]


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (12, 47, "12 to 47"),
        (1_234, 5_678, "1,200 to 5,700"),
        (999_000, 999_001, "0.99 to 1 M"),
        (1_234_567, 2_411_000, "1.2 to 2.5 M"),
        (987_654, 3_000_000, "0.98 to 3 M"),
        (1_230_000_000, 51_000_000_001, "1,200 to 52,000 M"),
    ],
)
def test_numbers_are_rounded_outwards(low: int, high: int, shown: str) -> None:
    assert in_millions(*outwards(low, high)) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.4, 2.1, "up to 3 s"),
        (10.9, 39.2, "10 to 40 s"),
        (30, 101, "30 s to 2 min"),
        (130, 1_000, "2 to 17 min"),
        (5_900, 7_201, "98 min to 3 h"),
        (400_000, 900_000, "4 to 11 days"),
    ],
)
def test_times_have_units_that_fit(low: float, high: float, shown: str) -> None:
    assert time_range(low, high) == shown


def walked(levels: LevelSizes) -> Iterator[tuple[int, int]]:
    """The states met and gone through at the end of each level of a bell, which `levels` know."""
    ends = list(accumulate(BELL))
    for through, met in zip([0, *ends], ends, strict=False):
        levels.end_level(met)
        yield met, through


def test_the_rest_is_told_from_the_peak_on() -> None:
    levels, remaining = LevelSizes(), Remaining()
    told = [
        remaining.told(levels, met, through, through / 10_000) for met, through in walked(levels)
    ]
    assert not any(told[:11])
    assert all(told[11:])
    assert told[11] == " of up to about 1.7 M, 16 s to 2 min left"
    assert told[16] == " of up to about 1.2 M, up to 16 s left"


def test_both_ends_of_a_range_are_told_where_more_is_sure_to_come() -> None:
    levels, remaining = LevelSizes(), Remaining()
    remaining.level, remaining.expected = (levels.begin, levels.end), (1_640_000, 2_410_000)
    assert not remaining.told(levels, 1_000, 1_000, 1)
    assert remaining.told(levels, 500_000, 400_000, 2) == " of about 1.6 to 2.5 M, 3 to 6 s left"


def test_what_was_exceeded_is_no_longer_told() -> None:
    levels, remaining = LevelSizes(), Remaining()
    for at, (met, through) in enumerate(walked(levels)):
        assert remaining.told(levels, 100 * met, through, through / 10_000) == "", at


def test_the_rate_is_that_of_the_latest_half_and_of_one_walk() -> None:
    remaining = Remaining()
    assert remaining.rate(0, 0) == 0
    assert remaining.rate(1_000, 10) == 100
    assert remaining.rate(2_000, 11) == 1_000
    assert remaining.rate(3_000, 12) == 1_000
    assert remaining.rate(0, 20) == 0
    assert remaining.rate(500, 21) == 500


def test_the_line_of_a_search_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [Cell(f"cell{n}", 0) for n in range(4)]

    async def up(cell: Cell) -> None:
        for value in range(1, 8):
            await cell.write(value)

    def build(_: object) -> System:
        threads = [Thread(f"t{n}", up, (cell,)) for n, cell in enumerate(cells)]
        return System(cells, threads, [at_end("done", lambda s: s[cells[0]] == 7)])

    case = Model("grid", "?", build).case("only", None)
    ticks = count()
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(ticks)))
    shown: list[str] = []
    check(case, (), Options(reduction="none"), progress.case_progress("1/1", case, shown.append))
    assert shown[1].startswith("1/1: 1 states, ")
    assert " left, " not in shown[len(shown) // 3]
    assert " states of up to about " in shown[-1]
    assert " left, " in shown[-1]
    assert shown[-1].endswith(" MiB: only")

"""Every race that a search meets is listed, whatever it leaves out and whichever engine it has."""

from itertools import combinations

import pytest

from locking import Cell, Model, Mutex, System, Thread, atomic, data_race_free
from locking.catalogue.models import model
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.model import Case
from locking.properties import races
from locking.properties.overlap import SideBySide
from locking.properties.races import Race, races_of_pair
from locking.report.matrix import rows_of
from locking.report.sentences import row_sentence
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.explore.compare import explored

X, Y, GO = Cell("x", 0), Cell("y", 0), Mutex("go")


async def first() -> None:
    await X.write(1)
    async with GO.hold():
        await Y.write(2)


async def copy() -> None:
    await X.read()
    await Y.read()


async def block() -> None:
    async with GO.hold(), atomic():
        await X.WRITE_ONCE(3)
        await Y.write(3)


def system() -> System:
    programs = [("A", first), ("B", copy), ("C", copy), ("D", block)]
    return System(
        [X, Y, GO], [Thread(name, program) for name, program in programs], [data_race_free()]
    )


def line(race: Race) -> tuple[str, list[tuple[str, int]]]:
    """A race with its lines as they are counted from the line above `first`."""
    begins = first.__code__.co_firstlineno
    return race.cell, [(access, site.line - begins) for site, access in race.accesses]


LISTED = [
    ("x", [("write", 1), ("read", 7)]),
    ("x", [("read", 7), ("write (marked)", 13)]),
    ("x", [("write", 1), ("write (marked)", 13)]),
    ("y", [("write", 3), ("read", 8)]),
    ("y", [("read", 8), ("write", 13)]),
]
"""Those of `system`: the run shows the first, and `go` keeps the writes of y apart."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_all_races_are_listed_in_every_search(reduction: str, engine: str) -> None:
    case = Model("toy", "", lambda _: system()).case("only", None)
    [result] = check(case, options=Options(reduction=reduction, engine=engine)).results
    assert line(result.races[0]) == LISTED[0]
    assert sorted(map(line, result.races)) == sorted(LISTED)


def test_the_sentence_of_a_row_lists_the_races_of_other_runs() -> None:
    case = Model("toy", "", lambda _: system()).case("only", None)
    [row] = rows_of([check(case)])
    text, _ = row_sentence(row)
    own, others = text.split(" In other runs these race: ")
    assert "A is about to write x" in own
    assert others.count(";") == len(LISTED) - 2
    assert all(word in others for word in ("x (read at", "write (marked) at", "y (write at"))


def test_a_check_that_ends_with_the_first_failure_lists_none() -> None:
    case = Model("toy", "", lambda _: system()).case("only", None)
    assert [each.races for each in check(case, enough=lambda _: True).results] == [()]


def small_cases() -> list[Case]:
    """Cases of models that come with the harness, in which a data race fails."""
    names = ("textbook.torn_read", "textbook.lost_update", "textbook.seqlock_reader")
    return [model(name).case("only", None) for name in names]


@pytest.mark.parametrize("case", small_cases(), ids=str)
def test_the_races_are_those_of_all_states_one_by_one(case: Case) -> None:
    product, graph = explored(case.build(), minimise=False)
    beside = SideBySide(product)
    pairs = list(combinations(product.everybody, 2))
    wanted = {
        race
        for state in graph.states
        if not any(product.position(thread, state).failure for thread in product.everybody)
        for pair in pairs
        for race in races_of_pair(product, pair, state, beside)
    }
    found = [each.races for each in check(case).results if each.claim.name == "data-race"]
    assert [set(each) for each in found] == [wanted]


def test_a_listing_that_forgets_lines_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(races, "next_touch_and_line", races.next_touch)
    case = Model("toy", "", lambda _: two_lines()).case("only", None)
    [result] = check(case).results
    monkeypatch.undo()
    [right] = check(case).results
    assert (len(result.races), len(right.races)) == (1, 2)


def two_lines() -> System:
    """A thread reads a cell in two lines while another writes it."""

    async def reads() -> None:
        await X.read()
        await X.read()

    async def writes() -> None:
        await X.write(1)

    return System([X], [Thread("R", reads), Thread("W", writes)], [data_race_free()])

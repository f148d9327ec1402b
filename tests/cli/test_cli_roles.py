"""Models whose threads call `perform`, and whose roles and properties differ between scenarios."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

STORE = """
from locking import *

table, rows_lock = RwSem("table"), Mutex("rows")
rows, index = Cell("rows.data", ()), Cell("index.data", ())

@step("ADD_ROW")
async def ADD_ROW(me):
    await rows.write(await rows.read() + (me,))

@step("ADD_KEY")
async def ADD_KEY(me):
    await index.write(await index.read() + (me,))

@step("SCAN")
async def SCAN(me):
    keys, have = await index.read(), await rows.read()
    require(set(keys) <= set(have), "no-dangling", keys=keys)

BIG = Placement("big", adder=[table.write(ADD_ROW, ADD_KEY)], scanner=[table.read(SCAN)])
SCANNER = [table.read(rows_lock.hold(SCAN))]
TWO = Placement("two", adder=[table.write(ADD_ROW, ADD_KEY)], scanner=SCANNER)

def build(case):
    threads = []
    for at, role in enumerate(case.scenario.roles):
        name = f"{role}{at}"
        async def run(name=name, trees=case.placement.roles[role]):
            await perform(trees, name)
        threads.append(Thread(name, run))
    scans = "scanner" in case.scenario.roles
    properties = [data_race_free(), no_misuse(), deadlock_free()]
    return System([table, rows_lock, rows, index], threads,
        properties + ([required("no-dangling")] if scans else []))

MODEL = Model(
    "store", "Where?", build,
    scenarios=[
        Scenario("adds", roles=["adder", "adder"]), Scenario("scan", roles=["adder", "scanner"]),
    ],
    placements=[BIG, TWO],
    steps={"adder": [ADD_ROW, ADD_KEY], "scanner": [SCAN]},
    cast={"adder": 2, "scanner": 1},
)
"""


@pytest.fixture(autouse=True)
def store(here: Path) -> None:
    """The model, in the folder where we stand."""
    (here / "store.py").write_text(STORE)


def test_placements_of_a_model_that_wraps_perform_are_found(
    locking: Callable[..., Outcome],
) -> None:
    status, out, err = locking("synthesize", "store.py")
    assert (status, err) == (0, "")
    assert re.search(r"^ +┌ table: write ┐\n +\d  adder  ADD_ROW  ADD_KEY$", out, re.MULTILINE)


def test_a_requirement_of_one_scenario_can_be_required(locking: Callable[..., Outcome]) -> None:
    status, out, err = locking("synthesize", "store.py", "--require", "no-dangling", "data-race")
    assert (status, err) == (0, "")
    assert "placements decided" in out


def test_a_region_that_no_run_takes_is_not_called_redundant(
    locking: Callable[..., Outcome],
) -> None:
    status, out, err = locking("explain", "two", "--model", "store.py", "--scenario", "adds")
    assert (status, err) == (0, "")
    text = " ".join(out.split())
    assert "scanner, region 1 is not taken by any run of the checked scenarios" in text
    assert "scanner, region 2 is not taken by any run of the checked scenarios" in text
    assert "adder, region 1 protects ADD_ROW, ADD_KEY." in text


def test_a_region_that_runs_take_is_called_redundant_where_it_is(
    locking: Callable[..., Outcome],
) -> None:
    _, out, _ = locking("explain", "two", "--model", "store.py")
    text = " ".join(out.split())
    assert "scanner, region 2 is redundant in this scope" in text
    assert "not taken by any run" not in text


def test_what_is_not_decided_is_named_with_its_scenarios(locking: Callable[..., Outcome]) -> None:
    status, out, _ = locking("explain", "two", "--model", "store.py", "--max-states", "40")
    assert status == 3
    text = " ".join(out.split())
    says = "breaks data-race ab; not decided: no-misuse a, deadlock-free a (more than 40 states)"
    assert says in text

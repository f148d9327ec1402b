"""Verdicts that no property of the model asks for, and those of what no run evaluates."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Outcome

UNNAMED = """
from locking import Cell, Model, Scenario, System, Thread, deadlock_free, require

x = Cell("x", 0)

async def work(case):
    seen = await x.read()
    if case.scenario.name == "one":
        require(seen == 1, "is-one", seen=seen)
    assert seen == 0

MODEL = Model(
    "unnamed", "?",
    lambda case: System([x], [Thread("a", work, (case,))], [deadlock_free()]),
    scenarios=(Scenario("one"), Scenario("other")),
)
"""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("is-one", {"one": "fails"}),
        ("no-misuse", {"one": "holds", "other": "holds"}),
        ("assertions", {"one": "holds", "other": "holds"}),
        ("locks-released", {"one": "holds", "other": "holds"}),
    ],
)
def test_a_failure_of_no_property_is_asked_for_by_the_name_of_its_column(
    here: Path, locking: Callable[..., Outcome], name: str, shown: dict[str, str]
) -> None:
    (here / "unnamed.py").write_text(UNNAMED)
    status, out, err = locking("check", "unnamed.py", "--json", "--property", name)
    rows = [json.loads(line) for line in out.splitlines()]
    asked = [(row["scenario"], row["verdict"]) for row in rows if row["property"] == name]
    assert (asked, err) == (list(shown.items()), "")
    assert status == any(row["verdict"] == "fails" for row in rows)


def test_a_requirement_that_no_run_evaluates_is_no_property(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    (here / "unnamed.py").write_text(UNNAMED)
    status, out, err = locking("check", "unnamed.py", "--property", "is-two")
    assert (status, out) == (2, "")
    assert "unknown property of unnamed 'is-two': did you mean is-one?" in err


VACUOUS = """
from locking import Cell, Model, Scenario, System, Thread, deadlock_free, require, required

x = Cell("x", False)

async def work(evaluates):
    if await x.read() or evaluates:
        require(True, "there")

MODEL = Model(
    "vacuous", "?",
    lambda case: System(
        [x],
        [Thread("a", work, (case.scenario.name == "before",))],
        [required("there", "it is there"), deadlock_free()],
    ),
    scenarios=(Scenario("before"), Scenario("after"), Scenario("later")),
)
"""

WHY = "never evaluated: no run evaluates the requirement 'there'"


def test_what_no_scenario_evaluates_is_an_error_after_the_matrix(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    (here / "vacuous.py").write_text(VACUOUS)
    status, out, err = locking("check", "vacuous.py", "--scenario", "after", "later")
    assert status == 2
    rows = [line.split()[:3] for line in out.splitlines() if line.startswith(("after", "later"))]
    assert rows[:2] == [["after", "∅", "ok"], ["later", "∅", "ok"]]
    assert "4 verdicts of 2 searches" in out
    assert err.startswith("locking: vacuous.py, after: property 'there': no run evaluates")
    assert err.count("\n") == 1


def test_what_one_scenario_evaluates_is_no_error(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    (here / "vacuous.py").write_text(VACUOUS)
    status, out, err = locking("check", "vacuous.py", "--junit", "it.xml")
    assert (status, err) == (0, "")
    assert "2 never evaluated" in out
    root = ElementTree.parse(here / "it.xml").getroot()
    assert [each.get("message") for each in root.iter("skipped")] == [f"there is {WHY}"] * 2
    assert not list(root.iter("error"))


def test_what_is_never_evaluated_is_so_in_every_file_that_is_written(
    here: Path, locking: Callable[..., Outcome]
) -> None:
    (here / "vacuous.py").write_text(VACUOUS)
    files = ("--junit", "it.xml", "--sarif", "it.sarif", "--html", "it.html")
    assert locking("check", "vacuous.py", "--scenario", "after", *files)[0] == 2

    [found] = ElementTree.parse(here / "it.xml").getroot().iter("error")
    assert found.get("type") == "never evaluated" and WHY in str(found.get("message"))

    [run] = json.loads((here / "it.sarif").read_text())["runs"]
    [result] = run["results"]
    assert (result["kind"], result["level"]) == ("notApplicable", "none")
    assert WHY in result["message"]["text"]
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert WHY in invocation["toolExecutionNotifications"][0]["message"]["text"]

    page = (here / "it.html").read_text()
    assert "never evaluated" in page and "∅" in page

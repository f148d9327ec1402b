"""A check as JUnit XML: valid, and a pass only where a verdict is known and as declared."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest
import xmlschema

import locking.catalogue as catalogue
from locking import Cell, Model, Scenario, System, Thread, at_end
from locking.explore.graph import INTERRUPTED
from locking.report import to_junit
from locking.verdicts import Report
from tests.report import valid
from tests.test_report import UNTIL, model, report, small


def suites(*reports: Report) -> list[Element]:
    """The suites in the file of a check."""
    return list(valid.junit(to_junit.render(reports)))


def counts(element: Element) -> tuple[int, ...]:
    """How many tests it says that it has, and how many of them failed or are errors."""
    return tuple(int(element.attrib[name]) for name in ("tests", "failures", "errors"))


def one(verdicts: str, names: list[str], cause: str | None = None) -> Element:
    """The suite of a case with these verdicts, written as in `tests.test_report`."""
    [suite] = suites(report(model().case("only", None), verdicts, names, cause))
    return suite


def outcome(test: Element) -> list[str]:
    """What a test has below it."""
    return [child.tag for child in test]


def test_a_suite_is_a_case_and_a_test_is_a_property() -> None:
    root = valid.junit(to_junit.render(small()))
    assert counts(root) == (22, 2, 0)
    assert root.attrib["time"] == "1.500"
    assert [suite.attrib["name"] for suite in root][:2] == ["toy, add, first", "toy, remove, first"]
    names = [test.attrib["name"] for test in root[0].iter("testcase")]
    assert names == ["zone-span", "init-inside-span", "parallel-init", "data-race"]
    assert {test.attrib["classname"] for test in root[0].iter("testcase")} == {"toy.add.first"}
    assert [counts(suite) for suite in root] == [
        (4, 0, 0),
        (4, 0, 0),
        (3, 0, 0),
        (4, 1, 0),
        (4, 0, 0),
        (3, 1, 0),
    ]


def test_only_what_is_known_and_as_declared_passes() -> None:
    suite = one("hf2FH?", ["holds", "fails", "counts", "new", "gone", "open"], UNTIL)
    assert counts(suite) == (6, 2, 1)
    found = {test.attrib["name"]: outcome(test) for test in suite.iter("testcase")}
    assert found == {
        "holds": ["system-out"],
        "fails": ["system-out"],
        "counts": ["system-out"],
        "new": ["failure"],
        "gone": ["failure"],
        "open": ["error"],
    }


def test_a_failure_says_what_was_expected_and_why() -> None:
    [failure] = one("F", ["p"]).iter("failure")
    assert failure.attrib == {"type": "fails", "message": "p fails, expected holds (so it is said)"}
    assert failure.text == "p fails, expected holds (so it is said)\nlocking replay toy:p"
    [failure] = one("H", ["p"]).iter("failure")
    assert failure.attrib["message"] == "p holds, expected fails (so it is said)"


def test_a_failure_has_its_diagnosis() -> None:
    abba = replace(catalogue.model("textbook.abba"), expected=())
    [failure] = suites(*valid.reports(abba))[0].iter("failure")
    assert failure.text == (
        "deadlock-free fails, expected holds\n"
        "ABBA deadlock: ab holds a (since step 1) and waits for b; ba holds b (since step 2) and "
        "waits for a: each waits for the other.\n"
        "locking replay textbook.abba:only::deadlock-free::a1.b1"
    )


def test_a_declared_failure_passes_and_says_why() -> None:
    [suite] = suites(*valid.reports(catalogue.model("textbook.abba")))
    said = [out.text for out in suite.iter("system-out")]
    assert said[0] == (
        "deadlock-free fails, as expected: each holds what the other waits for\n"
        "locking replay textbook.abba:only::deadlock-free::a1.b1"
    )
    assert counts(suite) == (2, 0, 0)


def test_a_witness_is_there_to_replay() -> None:
    [out] = one("3", ["crowd"]).iter("system-out")
    assert out.text == "crowd holds: 3 in parallel\nlocking replay toy:crowd"


def test_what_a_limit_left_open_is_an_error_and_not_a_pass() -> None:
    [error] = one("?", ["p"], UNTIL).iter("error")
    assert error.attrib == {"type": "unknown", "message": "p is unknown: more than 5 states"}


def test_the_scope_and_what_the_search_counted_are_properties() -> None:
    suite = one("h", ["p"])
    found = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
    assert found == {
        "scope.workers": "2",
        "states": "1234",
        "transitions": "5678",
        "depth": "9",
        "interleavings": "42",
        "engine": "reference",
        "reduction": "merge",
        "seconds": "0.25",
        "disk": "0",
    }
    assert suite.attrib["time"] == "0.250"
    *_, cause = one("?", ["p"], UNTIL).iter("property")
    assert cause.attrib == {"name": "cause", "value": UNTIL}


def test_an_interrupted_search_is_an_error_even_if_all_that_was_asked_is_known() -> None:
    suite = one("hh", ["p", "q"], INTERRUPTED)
    assert counts(suite) == (3, 0, 1)
    [error] = suite.iter("error")
    assert error.attrib == {"type": "unfinished", "message": "interrupted"}


def test_a_case_that_was_not_searched_is_an_error() -> None:
    case = model(("first",)).case("only", None)
    root = valid.junit(to_junit.render([], [(case, "it was too late")]))
    assert counts(root) == (1, 0, 1)
    [test] = root.iter("testcase")
    assert test.attrib == {"name": "search", "classname": "toy.only"}
    assert test[0].attrib == {"type": "unfinished", "message": "it was too late"}


STRANGE = {
    "<script>": "<script>",
    "\x00\x1b[31m": r"\x00\x1b[31m",
    "\ufffe": r"\ufffe",
    'a "b" & {0} c\td\n': 'a "b" & {0} c\td\n',
    "naïve → ünï 🔒": "naïve → ünï 🔒",
    "]]>": "]]>",
}


@pytest.mark.parametrize("text", STRANGE)
def test_any_text_makes_a_valid_file(text: str) -> None:
    """Text that does not show is no name."""
    name = text if text.isprintable() else "name"
    cell = Cell(name, 0)

    async def write() -> None:
        await cell.write(1)

    toy = Model(
        name,
        text,
        lambda _: System(
            [cell], [Thread(name, write)], [at_end(name, lambda s: s[cell] == 0, text)]
        ),
        scenarios=(Scenario(name),),
    )
    [suite] = suites(*valid.reports(toy))
    assert suite.attrib["name"] == f"{name}, {name}"
    [test] = suite.iter("testcase")
    assert test.attrib["name"] == name
    assert outcome(test) == ["failure"]


def test_any_reason_makes_a_valid_file() -> None:
    case = model().case("only", None)
    for why, shown in [*STRANGE.items(), ("\ud800", r"\ud800")]:
        root = valid.junit(to_junit.render([], [(case, why)]))
        assert [error.attrib["message"] for error in root.iter("error")] == [shown]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(each, marks=[] if each.startswith("textbook.") else [pytest.mark.slow])
        for each in catalogue.model_names()
        if each.startswith(("textbook.", "classics."))
    ],
)
@pytest.mark.parametrize("states", [None, 3])
def test_the_file_of_every_small_model_is_valid(
    name: str, states: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = valid.reports(catalogue.model(name), states)
    text = to_junit.render(reports)
    root = valid.junit(text)
    judged = [result for report in reports for result in report.results]
    unknown = sum(result.verdict.value == "unknown" for result in judged)
    assert counts(root) == (len(judged), 0, unknown)
    assert all(each.attrib["file"].startswith("locking/models/") for each in root)
    assert str(Path(catalogue.__file__).parents[1]) not in text


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root[0].attrib.pop("tests"),
        lambda root: root[0].attrib.update(time="a while"),
        lambda root: next(root.iter("testcase")).attrib.pop("name"),
        lambda root: root[0].append(Element("failure")),
        lambda root: next(root.iter("testcase")).append(Element("passed")),
    ],
)
def test_the_schema_refuses_what_is_no_junit(change: Callable[[Element], object]) -> None:
    root = valid.junit(to_junit.render(small()))
    change(root)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        valid.junit(tostring(root, encoding="unicode"))

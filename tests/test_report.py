"""What a check prints, and what it gives to programs."""

import io
import json
import re
from dataclasses import dataclass
from itertools import groupby

import pytest
from rich.console import Console

from locking import Expect, Model, Placement, Scenario, Step, System, Thread, Verdict
from locking.model import Case
from locking.report import matrix, sentences, to_json, to_terminal
from locking.scope import Parameter
from locking.verdicts import Report, Result

STEP = Step("STEP", lambda _: None)

UNTIL = "more than 5 states"


@dataclass(frozen=True)
class Claim:
    """A property that is never judged."""

    name: str
    about: str = ""
    wanted: bool = False


def system(_: Case) -> System:
    """A system that is never explored."""
    return System([], [Thread("t", lambda: None)], [])


def model(placements: tuple[str, ...] = (), scenarios: tuple[str, ...] = ("only",)) -> Model:
    """A model with nothing in it but names."""
    return Model(
        "toy",
        "What holds?",
        system,
        scenarios=tuple(map(Scenario, scenarios)),
        placements=tuple(Placement(name, role=[STEP]) for name in placements),
        parameters=(Parameter("workers", 2, "workers"),),
        steps={"role": (STEP,)},
    )


def report(
    case: Case, verdicts: str, names: list[str], cause: str | None = None, number: int | None = 42
) -> Report:
    """A report of these verdicts, a character each.

    `h` holds, `f` fails, `?` is unknown, `-` is not judged; capitals are not as declared; a digit
    is a number at once.
    """
    results = []
    for mark, name in zip(verdicts, names, strict=True):
        if mark == "-":
            continue
        at_once = int(mark) if mark.isdigit() else None
        fails = mark in "fF1"
        verdict = Verdict.UNKNOWN if mark == "?" else Verdict.FAILS if fails else Verdict.HOLDS
        wanted = Verdict.HOLDS if fails == mark.isupper() else Verdict.FAILS
        expect = Expect(name, "so it is said" if mark.isupper() else "", wanted)
        claim = Claim(name, wanted=at_once is not None)
        path = f"toy:{name}" * (mark != "h")
        results.append(Result(claim, verdict, expect, at_once, path=path, cause=cause))
    return Report(
        case, tuple(results), 1234, 1234, 5678, 9, number, "reference", 0.25, cause, frozenset()
    )


def rendered(reports: list[Report], width: int, **options: str) -> str:
    """The text, as on a pipe."""
    return all_of(reports, Console(file=io.StringIO(), width=width), **options)


def all_of(reports: list[Report], console: Console, stopped: str = "") -> str:
    """The matrix of each model, and the summary of all."""
    models = groupby(reports, lambda each: each.case.model.reference)
    parts = [to_terminal.matrix_of_model(list(own), console) for _, own in models]
    return "\n".join(parts) + to_terminal.summary(reports, console, stopped)


def small() -> list[Report]:
    """Two placements, three scenarios, five properties."""
    toy = model(("first", "second-placement"), ("add", "remove", "walk"))
    names = ["zone-span", "init-inside-span", "parallel-init", "present-pages", "data-race"]
    verdicts = {
        ("first", "add"): "hh2-h",
        ("first", "remove"): "hh1-f",
        ("first", "walk"): "h--hh",
        ("second-placement", "add"): "fF1-f",
        ("second-placement", "remove"): "hh1-f",
        ("second-placement", "walk"): "f--Hf",
    }
    return [report(toy.case(s, toy.placement(p)), text, names) for (p, s), text in verdicts.items()]


AT_80 = """\
toy: What holds?
every interleaving, sequentially consistent; workers=2; engine reference

scenarios  a add   b remove   c walk
marks      ok holds   fails in every scenario   a letter: fails in that scenario
           - holds there   2 threads in parallel   · not judged
           ! not as expected

properties that
fail              a   b  c
───────────────────────────
first             ok  1  ok
second-placement  !3  1  !2

                         init-
                  zone-  inside-  parallel-  present-
                  span   span     init       pages
─────────────────────────────────────────────────────
first             ok     ok       2          ok
second-placement  a-c    !a-·     1          !ok

                  data-            inter-
                  race   states  leavings  time
───────────────────────────────────────────────
first             -b-     3,702        42  0.8s
second-placement  fails   3,702        42  0.8s

first: 2 in parallel (parallel-init); fails data-race in remove
second-placement: never two in parallel (parallel-init); fails init-inside-span
    in add

22 verdicts of 6 searches, 1.5s: 2 NOT AS EXPECTED:
  ! toy add second-placement: init-inside-span fails, expected holds (so it is
        said)
        locking replay toy:init-inside-span
  ! toy walk second-placement: present-pages holds, expected fails (so it is
        said)
        locking replay toy:present-pages
"""

AT_120 = """\
toy: What holds?
every interleaving, sequentially consistent; workers=2; engine reference

scenarios  a add   b remove   c walk
marks      ok holds   fails in every scenario   a letter: fails in that scenario   - holds there   2 threads in parallel
           · not judged   ! not as expected

properties that
fail              a   b  c
───────────────────────────
first             ok  1  ok
second-placement  !3  1  !2

                         init-
                  zone-  inside-  parallel-  present-  data-            inter-
                  span   span     init       pages     race   states  leavings  time
────────────────────────────────────────────────────────────────────────────────────
first             ok     ok       2          ok        -b-     3,702        42  0.8s
second-placement  a-c    !a-·     1          !ok       fails   3,702        42  0.8s

first: 2 in parallel (parallel-init); fails data-race in remove
second-placement: never two in parallel (parallel-init); fails init-inside-span in add

22 verdicts of 6 searches, 1.5s: 2 NOT AS EXPECTED:
  ! toy add second-placement: init-inside-span fails, expected holds (so it is said)
        locking replay toy:init-inside-span
  ! toy walk second-placement: present-pages holds, expected fails (so it is said)
        locking replay toy:present-pages
"""  # noqa: E501


def test_a_matrix_at_80_columns() -> None:
    assert rendered(small(), 80) == AT_80


def test_a_matrix_at_120_columns() -> None:
    assert rendered(small(), 120) == AT_120


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_nothing_but_paths_is_wider_than_the_terminal(width: int) -> None:
    lines = rendered(small(), width).splitlines()
    assert max(len(line) for line in lines if "locking replay" not in line) <= width


def test_a_pipe_gets_no_colours_and_a_terminal_does() -> None:
    assert "\x1b" not in rendered(small(), 80)
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard")
    assert "\x1b[32mok" in all_of(small(), console)


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        ("hh", "ok"),
        ("fh", "1"),
        ("ff", "2"),
        ("f?", "1?"),
        ("h?", "?"),
        ("1h", "ok"),
        ("Hf", "!1"),
        ("--", "·"),
    ],
)
def test_a_cell_of_the_scenario_matrix_counts_what_fails(verdicts: str, text: str) -> None:
    toy = model(("first",), ("add", "remove"))
    names = ["one", "another"]
    reports = [
        report(toy.case(scenario, toy.placement("first")), each, names)
        for scenario, each in (("add", "hh"), ("remove", verdicts))
    ]
    found = matrix.scenario_matrix(matrix.matrix(reports))
    assert [column.cells[0].text for column in found.columns] == ["ok", text]


def test_many_properties_have_a_row_each() -> None:
    names = [f"property-{number}" for number in range(60)]
    toy = model(("first", "second"))
    reports = [report(toy.case("only", each), "f" + "h" * 59, names) for each in toy.placements]
    lines = rendered(reports, 80).splitlines()
    rows = [line.split() for line in lines if re.match(r"property-\d+ ", line)]
    assert rows == [[name, *["ok" if at else "fails"] * 2] for at, name in enumerate(names)]
    assert [line.split()[:2] for line in lines if line.startswith("first ")] == [["first", "1,234"]]


def test_one_scenario_has_no_scenario_matrix() -> None:
    toy = model(("first", "second"))
    reports = [report(toy.case("only", each), "h", ["p"]) for each in toy.placements]
    assert not matrix.scenario_matrix(matrix.matrix(reports)).columns


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        ("hhh", "ok"),
        ("f1h", "fails a; no run shows b"),
        ("F1f", "NOT AS EXPECTED: fails a; fails c; no run shows b"),
        ("?hf", f"fails c; unknown: a ({UNTIL})"),
    ],
)
def test_the_line_of_a_case_says_what_was_found(verdicts: str, text: str) -> None:
    toy = model(("first",), ("add", "remove"))
    cause = UNTIL if "?" in verdicts else None
    found = report(toy.case("add", toy.placement("first")), verdicts, ["a", "b", "c"], cause)
    assert to_terminal.case_line(found, 1, 12, 200) == [f" 1/12  first, add: {text}"]


def test_a_model_without_placements_has_a_row_for_each_scenario() -> None:
    toy = model(scenarios=("one", "another"))
    reports = [
        report(toy.case(name, None), text, ["p"]) for name, text in (("one", "f"), ("another", "H"))
    ]
    found = matrix.matrix(reports)
    assert [row.name for row in found.rows] == ["one", "another"]
    assert [cell.text for cell in found.columns[0].cells] == ["fails", "!ok"]
    assert found.scenarios == {}


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        ("hhh", "ok"),
        ("fff", "fails"),
        ("h-h", "ok"),
        ("-f-", "fails"),
        ("---", "·"),
        ("fhf", "a-c"),
        ("f?h", "a?-"),
        ("h??", "-??"),
        ("???", "?"),
        ("Fhh", "!a--"),
        ("hhH", "!ok"),
        ("?Ff", "!?bc"),
        ("f-h", "a·-"),
        ("122", "2"),
        ("1-1", "1"),
        ("h3-", "3"),
    ],
)
def test_a_cell_sums_up_the_scenarios(verdicts: str, text: str) -> None:
    toy = model(("a-placement",), ("one", "two", "three"))
    placement = toy.placements[0]
    reports = [
        report(toy.case(scenario.name, placement), verdict, ["p"])
        for scenario, verdict in zip(toy.scenarios, verdicts, strict=True)
    ]
    names = {"one": "a", "two": "b", "three": "c"}
    found = matrix.cell(
        matrix.Row("a", tuple(reports)), "p", lambda each: names[each.case.scenario.name], "abc"
    )
    assert found.text == text


def test_the_only_scenario_of_a_model_goes_by_the_models_name() -> None:
    [row] = matrix.rows_of([report(model().case("only", None), "h", ["p"])])
    assert row.name == "toy"


def test_a_number_at_once_of_an_unfinished_search_may_be_greater() -> None:
    toy = model()
    unfinished = report(toy.case("only", None), "2", ["p"], cause=UNTIL)
    assert matrix.matrix([unfinished]).columns[0].cells[0].text == "2+"


def test_properties_come_in_the_order_of_all_the_models_scenarios() -> None:
    toy = model(scenarios=("one", "two", "three"))
    first = report(toy.case("one", None), "hhh", ["span", "sync", "race"])
    second = report(toy.case("two", None), "hhh", ["sync", "poison", "race"])
    third = report(toy.case("three", None), "hh", ["present", "race"])
    names = ["span", "sync", "poison", "present", "race"]
    assert matrix.property_names([first, second, third]) == names


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "1.0e4"),
        (4_599_999, "4.5e6"),
        (99_999, "9.9e4"),
        (10**400, "1.0e400"),
    ],
)
def test_numbers_of_any_size_are_short(number: int, text: str) -> None:
    assert matrix.short_number(number) == text


@pytest.mark.parametrize(
    ("number", "cause", "text"),
    [(42, None, "42"), (None, None, "endless"), (None, UNTIL, "?"), (15_000, None, "1.5e4")],
)
def test_interleavings_are_infinite_or_unknown(
    number: int | None, cause: str | None, text: str
) -> None:
    one = report(model().case("only", None), "h", ["p"], cause, number)
    assert matrix.most_interleavings([one]) == text
    assert matrix.total_states([one]) == ("1,234+" if cause else "1,234")


def test_a_search_that_ended_early_is_never_called_complete() -> None:
    toy = model()
    text = rendered([report(toy.case("only", None), "h?", ["p", "q"], cause=UNTIL)], 80)
    assert "NOT every interleaving (more than 5 states), sequentially consistent" in text
    assert "toy: nothing fails so far; unknown: q (more than 5 states)." in text
    assert text.endswith("2 verdicts of 1 search, 0.2s: 1 unknown, all others as expected\n")


def test_an_interrupted_check_says_how_far_it_came() -> None:
    text = rendered(small(), 80, stopped="interrupted: 6 of 9 searches done")
    assert "\ninterrupted: 6 of 9 searches done\n22 verdicts of 6 searches" in text


def test_a_row_that_fails_nothing_says_how_many_at_once() -> None:
    toy = model()
    names = ["p", "q", "r", "s", "at-once"]

    def said(verdicts: str) -> tuple[str, str]:
        [row] = matrix.rows_of([report(toy.case("only", None), verdicts, names)])
        return sentences.row_sentence(row)

    assert said("hhhh3") == ("holds every safety property; 3 in parallel (at-once).", "toy:at-once")
    assert said("hh--1")[0] == "holds p, q; never two in parallel (at-once)."


def test_placements_of_one_name_are_told_apart_by_their_files() -> None:
    toy = model(("mine",))
    other = Placement("mine", role=[STEP]).called("FILE.py")
    reports = [
        report(toy.case("only", placement), "h", ["p"]) for placement in (*toy.placements, other)
    ]
    assert [row.name for row in matrix.rows_of(reports)] == ["mine", "FILE.py"]


def test_json_has_every_field() -> None:
    toy = model(("first",))
    case = toy.case("only", toy.placements[0], {"workers": "3"})
    [line] = to_json.lines(report(case, "f", ["p"]))
    assert json.loads(line) == {
        "model": "toy",
        "scenario": "only",
        "placement": "first",
        "property": "p",
        "verdict": "fails",
        "expected": "fails",
        "at_once": None,
        "asked": True,
        "path": "toy:p",
        "races": [],
        "states": 1234,
        "transitions": 5678,
        "depth": 9,
        "interleavings": "42",
        "engine": "reference",
        "reduction": "merge",
        "seconds": 0.25,
        "disk": 0,
        "cause": None,
        "scope": {"workers": 3},
    }


@pytest.mark.parametrize(
    ("number", "cause", "text"),
    [(10**30, None, "1" + 30 * "0"), (None, None, "infinite"), (None, UNTIL, None)],
)
def test_json_writes_interleavings_in_digits(
    number: int | None, cause: str | None, text: str | None
) -> None:
    one = report(model().case("only", None), "h", ["p"], cause, number)
    assert [json.loads(line)["interleavings"] for line in to_json.lines(one)] == [text]

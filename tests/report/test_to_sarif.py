"""A check as SARIF: valid, and every failing property with its line and its run."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import locking.catalogue as catalogue
from locking import (
    Atomic,
    Case,
    Cell,
    Expect,
    Model,
    Mutex,
    Placement,
    Scenario,
    System,
    Thread,
    always,
    assertions,
    at_end,
    data_race_free,
    deadlock_free,
    never_together,
    no_misuse,
    perform,
    require,
    required,
    section,
    sometimes,
    step,
)
from locking.explore.graph import INTERRUPTED
from locking.properties.explored import Property
from locking.report import to_sarif
from locking.text.file_names import uri
from tests.report import valid

HERE = Path(__file__)

lock, other, cell, count = (
    Mutex("lock"),
    Mutex("other"),
    Cell("cell", 0),
    Atomic("count"),
)


async def requires() -> None:
    seen = await cell.READ_ONCE()
    require(seen == 0, "zero", seen=seen)  # LINE requirement


async def asserts() -> None:
    seen = await cell.READ_ONCE()
    assert seen == 0  # LINE assertion


async def sets() -> None:
    await cell.WRITE_ONCE(1)  # LINE write


async def misuses() -> None:
    await lock.mutex_lock()
    await lock.mutex_lock()  # LINE misuse


async def one_way() -> None:
    await lock.mutex_lock()
    await other.mutex_lock()  # LINE deadlock
    await other.mutex_unlock()
    await lock.mutex_unlock()


async def other_way() -> None:
    await other.mutex_lock()
    await lock.mutex_lock()
    await lock.mutex_unlock()
    await other.mutex_unlock()


async def races() -> None:
    await count.atomic_inc()
    await cell.write(2)  # LINE race


async def visits() -> None:
    async with section("room"):
        await cell.READ_ONCE()
    await count.atomic_read()


async def goes_in() -> None:
    await count.atomic_inc()  # LINE goes in
    async with section("room"):
        await count.atomic_read()


def line(mark: str) -> int:
    """The number of the line of this file that ends with `# LINE mark`."""
    lines = HERE.read_text().splitlines()
    [number] = [n for n, each in enumerate(lines, 1) if each.endswith(f"# LINE {mark}")]
    return number


def model(programs: list[Any], property_: Property, *expected: Expect) -> Model:
    """A model of one case: these threads, and one property."""
    objects = [lock, other, cell, count]
    threads = [Thread(f"t{n}", program) for n, program in enumerate(programs)]
    return Model("toy", "", lambda _: System(objects, threads, [property_]), expected=expected)


FAILING: dict[str, tuple[list[Any], Property]] = {
    "requirement": ([requires, sets], required("zero", "it stays 0")),
    "assertion": ([asserts, sets], assertions()),
    "misuse": ([misuses], no_misuse()),
    "deadlock": ([one_way, other_way], deadlock_free()),
    "race": ([races, races], data_race_free()),
    "write": ([sets, visits], at_end("unset", lambda s: s[cell] == 0, "nobody sets it")),
    "goes in": ([visits, goes_in], never_together("alone", "room", "room", "one at a time")),
}


def results(model: Model) -> list[dict[str, Any]]:
    """The results in the file of a check of `model`."""
    found: list[dict[str, Any]] = valid.sarif(to_sarif.render(valid.reports(model)))["results"]
    return found


def place(located: dict[str, Any]) -> tuple[str, int]:
    """The file and the line of a location."""
    physical = located["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


@pytest.mark.parametrize("mark", FAILING)
def test_a_failing_property_is_an_error_at_the_line_that_breaks_it(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE.parent)
    programs, property_ = FAILING[mark]
    [found] = results(model(programs, property_))
    assert (found["ruleId"], found["kind"], found["level"]) == (property_.name, "fail", "error")
    assert "suppressions" not in found
    assert [place(each) for each in found["locations"]] == [(HERE.name, line(mark))]


@pytest.mark.parametrize("mark", FAILING)
def test_the_whole_run_is_one_flow_in_the_order_of_its_steps(mark: str) -> None:
    [found] = results(model(*FAILING[mark]))
    [[flow]] = [each["threadFlows"] for each in found["codeFlows"]]
    choices = found["properties"]["path"].rpartition(":")[2]
    steps = sum(int(turn.lstrip("t0abcdefgh")) for turn in choices.split("."))
    orders = [each["executionOrder"] for each in flow["locations"]]
    assert orders == sorted(orders)
    assert set(orders) | {steps + 1} == set(range(1, steps + 2))
    assert all(each["location"]["message"]["text"].startswith("t") for each in flow["locations"])


def test_where_the_run_ends_says_who_waits_for_what() -> None:
    [found] = results(model(*FAILING["deadlock"]))
    [[flow]] = [each["threadFlows"] for each in found["codeFlows"]]
    texts = [each["location"]["message"]["text"] for each in flow["locations"]]
    assert texts[-2:] == ["t0: waits in mutex_lock(other)", "t1: waits in mutex_lock(lock)"]


def test_the_message_has_the_diagnosis_and_the_replay() -> None:
    [found] = results(model(*FAILING["requirement"]))
    text = found["message"]["text"]
    assert text.startswith("toy: zero fails, expected holds. t0 fails requirement zero (")
    assert "t1 had changed cell from 0 to 1 in step 1" in text
    assert text.endswith(". Replay: locking replay toy:only::zero::b1.a1")


def test_a_declared_failure_is_a_note_that_the_model_suppresses() -> None:
    expect = Expect("zero", "it is set behind its back")
    [found] = results(model(*FAILING["requirement"], expect))
    assert (found["kind"], found["level"]) == ("fail", "note")
    assert found["suppressions"] == [
        {"kind": "inSource", "justification": "it is set behind its back"}
    ]
    assert ": zero fails, as expected: it is set behind its back. " in found["message"]["text"]


def test_a_property_that_holds_is_a_rule_and_no_result() -> None:
    run = valid.sarif(to_sarif.render(valid.reports(model([sets], no_misuse()))))
    assert run["results"] == []
    [rule] = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"]) == (
        "no-misuse",
        "every lock is used as its contract says",
    )
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_a_property_that_holds_against_its_declaration_is_an_error() -> None:
    [found] = results(model([sets], no_misuse(), Expect("no-misuse", "it is bad")))
    assert (found["kind"], found["level"]) == ("fail", "error")
    assert "no-misuse holds, expected fails (it is bad)" in found["message"]["text"]


def test_what_no_run_shows_is_found_where_the_model_is_built() -> None:
    impossible = sometimes("five", lambda s: s[cell] == 5, "it can be 5")
    [found] = results(model([sets], impossible))
    assert found["level"] == "error"
    assert "codeFlows" not in found
    [(file, number)] = [place(each) for each in found["locations"]]
    assert file.endswith(HERE.name)
    assert 'return Model("toy"' in HERE.read_text().splitlines()[number - 1]


def test_what_no_run_of_a_placement_shows_is_found_at_the_placement() -> None:
    @step("SET")
    async def set_it(_: Any) -> None:
        await cell.WRITE_ONCE(1)

    placement = Placement("mine", worker=[lock.hold(set_it)])
    impossible = sometimes("five", lambda s: s[cell] == 5)
    found = Model(
        "toy",
        "",
        lambda case: System(
            [cell, lock],
            [Thread("t", perform, (case.placement.roles["worker"], None))],
            [impossible],
        ),
        placements=(placement,),
        steps={"worker": (set_it,)},
    )
    [[where]] = [each["locations"] for each in results(found)]
    assert place(where)[1] == placement.site.line


def test_what_is_so_from_the_start_has_no_run_but_a_line() -> None:
    [found] = results(model([sets], always("one", lambda s: s[cell] == 1)))
    assert "before any thread takes a step" in found["message"]["text"]
    assert len(found["locations"]) == 1
    assert "codeFlows" not in found


def test_a_model_that_is_built_by_no_function_has_no_line_and_is_valid() -> None:
    def build(_: str, __: Case) -> System:
        return System([cell], [Thread("t", sets)], [sometimes("five", lambda s: s[cell] == 5)])

    [found] = results(Model("toy", "", partial(build, "")))
    assert found["locations"] == []


def test_what_a_limit_left_open_is_neither_a_pass_nor_a_failure() -> None:
    reports = valid.reports(model(*FAILING["write"]), states=1)
    run = valid.sarif(to_sarif.render(reports))
    [found] = run["results"]
    assert (found["kind"], found["level"]) == ("open", "none")
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    [note] = invocation["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert note["message"]["text"] == "toy: unset is unknown: more than 1 states"


def test_an_interrupted_search_did_not_succeed_even_if_all_that_was_asked_is_known() -> None:
    [report] = valid.reports(model(*FAILING["write"]))
    run = valid.sarif(to_sarif.render([replace(report, cause=INTERRUPTED)]))
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    [note] = invocation["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("error", "toy: interrupted")


def test_a_case_that_was_not_searched_did_not_succeed() -> None:
    case = model([sets], no_misuse()).case("only", None)
    run = valid.sarif(to_sarif.render([], [(case, "it was too late")]))
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    [note] = invocation["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("error", "toy: it was too late")
    assert run["results"] == []


STRANGE = ["<script>", "\x00\x1b[31m", 'a "b" & {0} c', "naïve → ünï", "a:b, c\nd"]


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
        scenarios=(Scenario(f"scenario {name}"),),
    )
    [found] = results(toy)
    assert found["ruleId"] == name


def test_any_reason_makes_a_valid_file() -> None:
    case = model([sets], no_misuse()).case("only", None)
    for why in [*STRANGE, "\ud800"]:
        run = valid.sarif(to_sarif.render([], [(case, why)]))
        assert not run["invocations"][0]["executionSuccessful"]


def test_braces_are_doubled_because_single_ones_stand_for_arguments() -> None:
    assert to_sarif.sarif_message("{0} and frozenset({1})") == {
        "text": "{{0}} and frozenset({{1}})"
    }


def test_a_fingerprint_is_made_of_names_and_is_one_problems_own() -> None:
    reports = valid.reports(catalogue.model("textbook.downgrade"))
    one, again = (valid.sarif(to_sarif.render(reports))["results"] for _ in range(2))
    prints = [each["partialFingerprints"]["case/v1"] for each in one]
    assert prints == ["textbook.downgrade:gap::unchanged:"]
    assert one == again


def test_a_file_goes_by_where_it_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a b" / "ü"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert uri(str(folder / "c#d.py")) == "a%20b/%C3%BC/c%23d.py"
    assert uri(os.fsdecode(b"%s/\xff.py" % os.fsencode(tmp_path))) == "%FF.py"
    assert uri(str(tmp_path.parent / "else where.py")) == "else%20where.py"
    assert uri("<string>") == "%3Cstring%3E"


SMALL = ("textbook.", "classics.")
MODELS = [
    pytest.param(name, marks=[] if name.startswith("textbook.") else [pytest.mark.slow])
    for name in catalogue.model_names()
    if name.startswith(SMALL)
]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("states", [None, 3])
def test_the_file_of_every_small_model_is_valid(
    name: str, states: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = valid.reports(catalogue.model(name), states)
    text = to_sarif.render(reports)
    run = valid.sarif(text)
    kinds = [each["kind"] for each in run["results"]]
    judged = [result for report in reports for result in report.results]
    assert kinds.count("fail") == sum(each.verdict.value == "fails" for each in judged)
    assert kinds.count("open") == sum(each.verdict.value == "unknown" for each in judged)
    assert all(
        place(each["locations"][0])[0].startswith("locking/models/") for each in run["results"]
    )
    assert str(Path(catalogue.__file__).parents[1]) not in text


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    """A valid file, changed."""
    log = json.loads(to_sarif.render(valid.reports(model(*FAILING["write"]))))
    change(log["runs"][0])
    return json.dumps(log)


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run.pop("tool"),
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0].update(kind="unknown"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"].update(line=3),
        lambda run: run["invocations"][0].pop("executionSuccessful"),
    ],
)
def test_the_schema_refuses_what_is_no_sarif(change: Callable[[dict[str, Any]], object]) -> None:
    valid.sarif(broken(lambda run: run))
    with pytest.raises(jsonschema.ValidationError):
        valid.sarif(broken(change))

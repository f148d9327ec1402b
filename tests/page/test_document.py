"""The page's document says what the check said: verdicts, runs, values, and what is missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from locking import Cell, Mutex, System, Thread, never, require, required
from locking.page.document import PAGE_VERSION, page_document
from locking.page.facts import facts_of
from locking.properties.explored import Verdict
from locking.report.matrix import matrix
from locking.studies.comparison import carried_outcome
from locking.traces.path import decode
from locking.traces.replay import Trace, replay
from locking.verdicts import Report
from tests.page import checked

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shown() -> Any:
    return page_document(checked.toy())


def pairs(shown: Any, reports: tuple[Report, ...]) -> list[tuple[Any, Trace]]:
    """Every result of the document that has a run, with that run, replayed from its path string."""
    cases = {
        (
            report.case.scenario.reference,
            report.case.placement and report.case.placement.reference,
        ): report.case
        for report in reports
    }
    found = []
    for result in checked.runs(shown):
        path = decode(result["run"]["path"])
        case = cases[path.scenario, path.placement or None]
        found.append((result, replay(case.build().product(), path.choices)))
    return found


def calls(shown: Any, run: int) -> list[tuple[int, str, str | None]]:
    """The thread, the call and the result of every event of a run."""
    events = [shown["events"][at] for at in shown["runs"][run]["events"]]
    return [
        (each["thread"], shown["calls"][each["call"]][0], each.get("result")) for each in events
    ]


def test_it_is_plain_and_has_a_version(shown: Any) -> None:
    assert json.loads(json.dumps(shown)) == shown
    assert shown["version"] == PAGE_VERSION == 3


def test_the_matrix_is_the_one_that_the_terminal_shows(shown: Any) -> None:
    found = matrix(checked.toy())
    verdicts = [column for column in found.columns if not column.number]
    assert [row["name"] for row in shown["rows"]] == [row.name for row in found.rows]
    assert [each["name"] for each in shown["properties"]] == [each.heading for each in verdicts]
    assert [[text for text, _, _ in cells] for cells in shown["cells"]] == [
        [column.cells[at].text for column in verdicts] for at in range(len(found.rows))
    ]


def test_every_result_stands_in_the_cell_of_its_placement_and_property(shown: Any) -> None:
    told = [
        (
            row["name"],
            property_["name"],
            shown["results"][at]["scenario"],
            shown["results"][at]["verdict"],
        )
        for row, cells in zip(shown["rows"], shown["cells"], strict=True)
        for property_, (_, _, results) in zip(shown["properties"], cells, strict=True)
        for at in results
    ]
    assert sorted(told) == sorted(
        (
            report.case.placement.name,
            result.claim.name,
            report.case.scenario.name,
            result.verdict.value.removesuffix(" evaluated"),
        )
        for report in checked.toy()
        if report.case.placement
        for result in report.results
    )


@pytest.mark.parametrize("reports", [checked.toy, checked.abba, checked.block])
def test_every_run_is_the_one_that_its_path_string_replays(reports: Any) -> None:
    shown = page_document(reports())
    found = pairs(shown, reports())
    assert found
    for result, trace in found:
        assert calls(shown, result["run"]["run"]) == [
            (each.thread, each.call, repr(each.result) if each.gave else None)
            for each in trace.events
        ]


@pytest.mark.parametrize("reports", [checked.toy, checked.abba, checked.block])
def test_the_start_and_the_changes_lead_to_the_values_and_places_at_the_end(reports: Any) -> None:
    shown = page_document(reports())
    for result, trace in pairs(shown, reports()):
        run = shown["runs"][result["run"]["run"]]
        system = shown["systems"][run["system"]]
        values = dict(zip(shown["objects"][system["objects"]], system["start"], strict=True))
        places, inside = [*system["places"]], [*system["in"]]
        for event in (shown["events"][at] for at in run["events"]):
            if "change" in event:
                name = shown["calls"][event["call"]][1]
                assert values[name] == event["change"][0]
                values[name] = event["change"][1]
            if "then" in event:
                places[event["thread"]] = event["then"]
            inside[event["thread"]] = event.get("in", [])
        product = trace.product
        assert values == {
            each.name: each.show(product.value(each, trace.end)) for each in product.objects
        }
        for thread in range(len(trace.names)):
            at, place = product.position(thread, trace.end), shown["places"][places[thread]]
            assert inside[thread] == list(at.inside)
            assert place["next"] == (str(at.next) if at.next else "")
            assert at.next is None or place["at"][1] == at.site.line


def test_locks_have_their_holders_and_waiters_after_each_step() -> None:
    shown = page_document(checked.abba())
    [result] = checked.runs(shown)
    run = shown["runs"][result["run"]["run"]]
    changes = [(at, *shown["holdings"][which]) for at, which in run["locks"]]
    assert changes == [
        (0, "one", [["a", "held by"]], []),
        (1, "one", [["a", "held by"]], ["b"]),
        (1, "other", [["b", "held by"]], ["a"]),
    ]


@pytest.mark.parametrize("stop", [True, False])
def test_a_place_says_what_its_thread_failed_and_whether_that_stopped_it(stop: bool) -> None:
    x = Cell("x", 0)

    async def work() -> None:
        seen = await x.read()
        require(seen, "set", stop=stop)
        await x.write(1)

    shown = page_document(checked.small(System([x], [Thread("a", work)], [required("set")])))
    [result] = checked.runs(shown)
    [event] = shown["runs"][result["run"]["run"]]["events"]
    place = shown["places"][shown["events"][event]["then"]]
    assert place["failed"] == ["requirement set not met"]
    assert (place["stopped"], place["next"]) == (stop, "" if stop else "write(x, 1)")


def test_events_of_an_atomic_block_are_one_step() -> None:
    shown = page_document(checked.block())
    [result] = checked.runs(shown)
    events = [shown["events"][at] for at in shown["runs"][result["run"]["run"]]["events"]]
    assert ["joined" in each for each in events] == [False, True, False]


def test_a_property_that_is_wanted_has_its_witness(shown: Any) -> None:
    wanted = [at for at, each in enumerate(shown["properties"]) if each["wanted"]]
    results = [
        shown["results"][at]
        for cells in shown["cells"]
        for column in wanted
        for at in cells[column][2]
    ]
    assert {(each["verdict"], "run" in each, each["at_once"]) for each in results} == {
        ("holds", True, 2),
        ("fails", False, 1),
    }


def test_every_run_says_why_and_what_led_to_it(shown: Any) -> None:
    for result in checked.runs(shown):
        run = result["run"]
        events = shown["runs"][run["run"]]["events"]
        assert run["why"][-1].endswith(".")
        assert shown["clauses"][run["says"]]
        assert set(run["needed"]) <= set(range(len(events)))
        for to, earlier, reason in run.get("causes", []):
            assert 0 <= earlier < to < len(events)
            assert shown["reasons"][reason][0] in ("data", "lock")


def test_a_failing_run_is_tried_under_a_placement_where_the_property_holds(shown: Any) -> None:
    cases = {
        (report.case.scenario.reference, report.case.placement.reference): report
        for report in checked.toy()
        if report.case.placement
    }
    tried = 0
    for result in checked.runs(shown):
        path = decode(result["run"]["path"])
        for placement, outcome, run in result["run"].get("whatif", []):
            tried += 1
            other = cases[path.scenario, placement]
            verdicts = {each.claim.name: each.verdict for each in other.results}
            assert verdicts[path.property] is Verdict.HOLDS
            one = cases[path.scenario, path.placement]
            [own] = [each for each in one.results if each.claim.name == path.property]
            assert shown["clauses"][outcome] == carried_outcome(one.case, own, other.case)[0]
            assert calls(shown, run)
    assert tried == 9


def test_where_it_fails_under_every_placement_there_is_no_other_run() -> None:
    bare = tuple(
        each for each in checked.toy() if each.case.placement and each.case.placement.name == "bare"
    )
    found = checked.runs(page_document(bare))
    assert found
    assert not any("whatif" in each["run"] for each in found)


def test_a_placement_is_the_tree_that_it_is(shown: Any) -> None:
    trees = {row["name"]: dict(row["tree"]) for row in shown["rows"]}
    assert trees["good"]["worker"] == [
        {
            "lock": "lock",
            "mode": "write",
            "over": [{"step": "COUNT", "kernel": ""}],
            "lowered": [{"step": "LOOK", "kernel": ""}],
        }
    ]
    assert trees["bare"]["checker"][0]["over"][0]["lock"] == "lock"


def test_every_line_that_a_run_comes_to_is_there_once_with_its_text(shown: Any) -> None:
    assert len({each["name"] for each in shown["files"]}) == len(shown["files"])
    sites = [site for _, _, site in shown["calls"]] + [
        each["at"] for each in shown["places"] if "at" in each
    ]
    for file, line in sites:
        named = shown["files"][file]
        assert not Path(named["name"]).is_absolute()
        source = (ROOT / named["name"]).read_text().splitlines()
        [text] = [
            body.split("\n")[line - first]
            for first, body in named["parts"]
            if first <= line < first + len(body.split("\n"))
        ]
        assert text == source[line - 1]


def test_nothing_in_it_names_a_folder_of_this_machine(shown: Any) -> None:
    assert str(ROOT) not in json.dumps(shown)


def test_what_runs_share_is_there_once(shown: Any) -> None:
    for table in (
        "results",
        "runs",
        "systems",
        "events",
        "calls",
        "places",
        "holdings",
        "reasons",
        "clauses",
    ):
        texts = [json.dumps(each) for each in shown[table]]
        assert len(texts) == len(set(texts)), table


def test_a_limit_is_said_and_nothing_holds_by_it() -> None:
    shown = page_document(checked.toy(limit=3))
    assert shown["heading"]["causes"] == ["more than 3 states"]
    assert shown["heading"]["unknown"] > 0
    assert not any(
        result["verdict"] == "holds" and "run" not in result for result in shown["results"]
    )
    unknown = [each for each in shown["results"] if each["verdict"] == "unknown"]
    assert {each["cause"] for each in unknown} == {"more than 3 states"}


def test_what_was_not_searched_is_said() -> None:
    [report] = checked.abba()
    shown = page_document([], [(report.case, "it was interrupted")])
    assert shown["undone"] == [["abba", "it was interrupted"]]
    assert (shown["rows"], shown["results"], shown["heading"]["verdicts"]) == ([], [], 0)


def test_what_is_not_as_declared_is_said() -> None:
    shown = page_document(checked.abba())
    assert [said for said, _ in shown["heading"]["unexpected"]] == [
        "abba only: deadlock-free fails, expected holds"
    ]
    assert shown["cells"] == [[["!fails", "wrong", [0]]]]


def test_control_signs_and_those_that_turn_the_direction_are_spelt_out() -> None:
    text = json.dumps(page_document(checked.hostile()), ensure_ascii=False)
    assert text.isprintable()
    assert "\\\\x1b[31m" in text


def test_the_clauses_of_a_diagnosis_are_its_facts() -> None:
    text = "a holds x (since step 1; 'y'); it's b's; c waits for '; '."
    assert list(facts_of(text)) == [
        "a holds x (since step 1; 'y')",
        "it's b's",
        "c waits for '; '.",
    ]


def test_the_step_that_breaks_it_is_known_and_so_is_the_line_that_it_meets(shown: Any) -> None:
    found = [each["run"] for each in checked.runs(shown) if "sides" in each["run"]]
    assert found
    for run in found:
        (one, _, _), (other, _, at) = run["sides"]
        assert one != other
        assert at in (-1, run.get("breaks"))


def test_who_waits_for_whom_at_the_end_is_there() -> None:
    [result] = checked.runs(page_document(checked.abba()))
    assert result["run"]["waits"] == [
        ["a", "mutex_lock(other)", "other", ["b"]],
        ["b", "mutex_lock(one)", "one", ["a"]],
    ]


def test_a_thread_that_waits_where_another_property_fails_is_in_no_graph(shown: Any) -> None:
    failing = [each for each in checked.runs(shown) if each["verdict"] == "fails"]
    assert failing
    for result in failing:
        deadlock = "deadlock" in result["run"]["path"].split(":")[3]
        assert ("waits" in result["run"]) == deadlock


def test_a_run_that_ends_while_a_thread_waits_is_no_deadlock() -> None:
    lock, x = Mutex("lock"), Cell("x", 0)

    async def work() -> None:
        async with lock.hold():
            await x.write(1)

    claims = [never("set", lambda s: s[x] == 1, "x stays 0")]
    found = checked.small(System([lock, x], [Thread("a", work), Thread("b", work)], claims))
    [result] = checked.runs(page_document(found))
    assert "waits" not in result["run"]


def test_the_conclusion_is_in_the_heading(shown: Any) -> None:
    safe = [row["name"] for row in shown["rows"] if row["safety"] == "holds"]
    assert shown["heading"]["headline"].startswith(
        f"{len(safe)} of {len(shown['rows'])} placements"
    )

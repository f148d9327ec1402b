"""The page of costs: its document says what the tables say, and names in it are text."""

import json
from dataclasses import replace
from typing import Any

from locking.durations.costs import Cost
from locking.page.costs_document import costs_document
from locking.page.costs_to_html import render
from tests.page import checked
from tests.page.test_to_html import Page


def shown(costs: list[Cost]) -> Any:
    """The document as the page has it."""
    [(_, carried), _] = [each for each in Page(render(costs)).inside if each[0] == "script"]
    return json.loads(carried)


def test_the_document_comes_out_of_the_page_as_it_went_in() -> None:
    costs = checked.costs(checked.PRINTABLE)
    read = shown(costs)
    assert set(read.pop("made")) == {"command", "version", "date", "commit"}
    assert read == json.loads(json.dumps(costs_document(costs)))
    assert Page(render(costs)).tags == Page(render(checked.costs())).tags


def test_a_cell_of_a_table_leads_to_its_case_and_its_runs() -> None:
    found = shown(checked.costs())
    assert (found["columns"], found["counted"], found["numbers"]) == (["seconds"], False, [[0]])
    assert [each["rows"] for each in found["tables"]] == [[["only", ["6..6.5"]]]] * 2
    [cost] = found["costs"]
    assert [(each["title"], each["says"]) for each in cost["runs"]] == [
        ("whoever waits may be next: a shortest run", "6"),
        ("whoever waits may be next: a longest run", "6.5"),
        ("first come, first served: a longest run", "6.5"),
    ]
    assert cost["until"] == 6.5


def test_a_run_has_a_bar_for_all_that_a_thread_does_and_waits_for() -> None:
    run = shown(checked.costs())["costs"][0]["runs"][1]
    assert run["letters"] == [["a", "work"], ["b", "rest"]]
    threads = {
        name: [(*each["said"], each["step"], each["waits"], each["critical"]) for each in bars]
        for name, bars in run["threads"]
    }
    assert threads == {
        "a": [("0", "3", 0, "", True)],
        "b": [("0", "3", None, "lock", False), ("3", "6", 0, "", True), ("6", "6.5", 1, "", True)],
    }
    assert run["waits"] == [["lock", "b", "3"]]
    assert run["critical"][1] == ["3", "6", "b", "work", "lock"]


def test_runs_that_all_take_as_long_are_shown_as_one() -> None:
    [cost] = checked.costs()
    alike = replace(cost, shortest=cost.longest)
    titles = [each["title"] for each in shown([alike])["costs"][0]["runs"]]
    assert (
        titles[0] == "whoever waits may be next: a run; all that end take as long"
        and len(titles) == 2
    )


def test_what_is_not_known_is_said() -> None:
    [cost] = checked.costs()
    found = shown([Cost(cost.case, cost.name, 0, cost.unit, cause="more than 1 states")])
    assert found["tables"] == [] and found["notes"] == ["only: unknown (more than 1 states)"]
    assert found["costs"][0]["runs"] == []

"""A check by executions as a page: it says executions, and draws the one that shows a failure."""

import json
from typing import Any

import pytest

from locking.page.document import page_document
from locking.verdicts import Report
from tests.page import inputs
from tests.page.browsing import Open


@pytest.fixture(scope="module")
def reports() -> tuple[Report, ...]:
    return inputs.by_executions()


def test_the_execution_has_its_steps_arrows_ends_and_cycle(reports: tuple[Report, ...]) -> None:
    shown: Any = json.loads(json.dumps(page_document(reports)))
    assert shown["heading"]["covers"] == "execution"
    failing = [each for each in shown["results"] if each["verdict"] == "fails"]
    [execution] = [each["execution"] for each in failing]
    steps = [step for _, steps in execution["threads"] for step in steps]
    assert sorted(step["row"] for step in steps) == list(range(len(steps)))
    names = {step["name"] for step in steps}
    kinds = {edge["kind"] for edge in execution["edges"]}
    ends = {end for edge in execution["edges"] for end in (edge["source"], edge["target"])}
    assert kinds == {"po", "rf", "fr"}
    assert ends <= names
    assert execution["ends"] == ["waiter never gets past smp_load_acquire(woken)"]
    assert [each["why"] for each in execution["cycle"]["edges"]] == ["po", "fr", "po", "rf"]
    holding = [each for each in shown["results"] if each["verdict"] == "holds"]
    assert all("execution" not in each for each in holding)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_the_execution_is_drawn(
    opened: Open, reports: tuple[Report, ...], scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    page = opened(reports, viewport=size, color_scheme=scheme, bypass_csp=True)
    assert "every execution" in page.locator("header").inner_text()
    assert page.locator(".facts-of li").count() == 3
    drawn = page.locator(".execution .event").count()
    assert drawn == 7
    assert page.locator(".arrow").count() == page.locator(".tip").count() >= 4

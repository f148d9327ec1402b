"""The page of a litmus test: its document says what the terminal says, and all of it is text."""

import json
from typing import Any

import pytest

from locking.litmus.report import LitmusReport, LitmusSettings, litmus_report
from locking.memory_models.lkmm.model import LKMM
from locking.page.litmus_document import litmus_document
from locking.page.litmus_to_html import render
from tests.litmus.classics import CLASSICS
from tests.page.browsing import Open, violations
from tests.page.checked import PRINTABLE
from tests.page.test_to_html import Page

TEXTS = {each.name: each.text for each in CLASSICS}

HOSTILE = (
    TEXTS["SB"]
    .replace("C SB", f"C {PRINTABLE.split('{')[0]}")
    .replace("r1 = READ_ONCE(*y);", f"r1 = READ_ONCE(*y); // {PRINTABLE}")
)


def report(text: str) -> LitmusReport:
    """What is said of a test."""
    return litmus_report(text, LitmusSettings(LKMM, interleave=False))


def shown(text: str) -> Any:
    """The document as the page has it."""
    scripts = [each for each in Page(render(report(text), "a file")).inside if each[0] == "script"]
    return json.loads(scripts[0][1])


def test_the_document_comes_out_of_the_page_as_it_went_in() -> None:
    found = shown(HOSTILE)
    assert found.pop("made")["version"]
    assert found == json.loads(json.dumps(litmus_document(report(HOSTILE), "a file")))
    assert Page(render(report(HOSTILE), "a")).tags == Page(render(report(TEXTS["SB"]), "a")).tags


def test_an_execution_has_its_threads_arrows_and_cycle() -> None:
    found = shown(TEXTS["SB"])
    assert (found["verdict"], found["title"]) == (
        "SC: Never. LKMM: Sometimes.",
        "An execution as asked",
    )
    assert [[each["source"] for each in events] for events in found["threads"]] == [
        ["WRITE_ONCE(*x, 1)", "r1 = READ_ONCE(*y)"],
        ["WRITE_ONCE(*y, 1)", "r0 = READ_ONCE(*x)"],
    ]
    assert [each["kind"] for each in found["edges"]] == ["po", "po", "fr", "fr"]
    assert [each["why"] for each in found["cycle"]["edges"]] == ["po", "fr", "po", "fr"]
    assert found["states"][0]["said"] == "as asked, not under SC"


def test_what_is_forbidden_has_the_axiom() -> None:
    found = shown(TEXTS["MP+rel+acq"])
    assert found["title"] == "What would have to happen"
    assert found["cycle"]["said"] == "The axiom happens-before of LKMM forbids it:"


def test_values_that_no_read_can_give_have_no_execution() -> None:
    found = shown(TEXTS["SB"].replace("0:r1=0", "0:r1=7"))
    assert (found["threads"], found["cycle"]) == ([], None)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1024), ("light", 1440)])
@pytest.mark.parametrize("name", ["SB", "MP+rel+acq", "IRIW", "CoRR", "hostile"])
def test_everybody_can_use_the_page(opened: Open, scheme: str, width: int, name: str) -> None:
    text = render(report(text_of(name)), "file.litmus")
    page = opened(text, color_scheme=scheme, viewport={"width": width, "height": 900})
    found = shown(text_of(name))
    assert page.locator(".execution .event").count() == sum(map(len, found["threads"]))
    assert page.locator(".drawn line").count() == len(found["edges"])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.broken") is None
    assert violations(page) == []


def text_of(name: str) -> str:
    """The text of a test that is opened."""
    return TEXTS.get(name, HOSTILE)

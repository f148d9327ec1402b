"""The page in a real browser: it opens alone, steps by keyboard, and everybody can use it."""

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from locking.catalogue import model
from locking.check import check
from locking.page import costs_to_html, to_html
from locking.verdicts import Report
from tests.page import checked

CHROMIUM = shutil.which("chromium")
MISSING = [name for name in ("playwright", "axe_core_python") if find_spec(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed here: {', '.join(MISSING)}"),
]

LARGEST = 500_000
"""Bytes that the page of the default check may have."""

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # A container's root has no sandbox; no page but ours is opened.
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page, or that of reports; it may say nothing on the console and fetch nothing."""
    troubles: list[str] = []
    contexts = []

    def open_(
        reports: str | tuple[Report, ...], address: str = "", undone: Any = (), **how: Any
    ) -> Any:
        file = tmp_path / "report.html"
        text = reports if isinstance(reports, str) else to_html.render(reports, undone)
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("request", lambda asked: troubles.append(asked.url))
        page.goto(f"{file.as_uri()}{address}")
        troubles.remove(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def whole() -> str:
    """The page of the default check."""
    found = model("memory_hotplug")
    return to_html.render(
        [
            check(found.case(scenario, placement))
            for placement in found.placements
            for scenario in found.scenarios
        ]
    )


def step(page: Any) -> str:
    """The step that the page says it shows, and that its timeline marks."""
    marked = page.locator(".timeline [aria-current=step]")
    assert marked.count() == 1
    said = page.locator("#count").inner_text()
    number = marked.locator("th").inner_text().split("•")[0].strip()
    assert number in said or "┆" in number
    return str(said)


def test_the_default_check_opens_on_its_first_failure(opened: Open, whole: str) -> None:
    page = opened(whole)
    assert page.title() == "memory_hotplug: locking report"
    assert page.locator(".matrix tbody tr").count() == 12
    assert page.locator("#run-title").inner_text() == "init-once of baseline"
    assert "breaks it in step 17" in page.locator(".why strong").inner_text()
    assert step(page) == "step 17 of 17"
    # All of that is seen without scrolling.
    assert page.locator(".why").bounding_box()["y"] < 800


def test_the_page_of_the_default_check_is_no_larger_than_it_may_be(whole: str) -> None:
    assert len(whole.encode()) < LARGEST


def test_keys_step_through_the_run(opened: Open) -> None:
    page = opened(checked.abba())
    assert step(page) == "step 2 of 2"
    page.locator(".scroll").focus()
    for key, said in [
        ("Home", "start, of 2"),
        ("ArrowDown", "step 1 of 2"),
        ("j", "step 2 of 2"),
        ("ArrowRight", "step 2 of 2"),
        ("ArrowUp", "step 1 of 2"),
        ("k", "start, of 2"),
        ("ArrowLeft", "start, of 2"),
        ("End", "step 2 of 2"),
    ]:
        page.keyboard.press(key)
        assert step(page) == said, key


def test_the_state_beside_the_run_is_that_of_the_step(opened: Open) -> None:
    page = opened(checked.abba())
    threads = page.locator("#aside table").nth(0)
    assert "waits for other, held by b" in threads.inner_text()
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    assert "waits" not in threads.inner_text()
    assert "next mutex_lock(one)" in threads.inner_text()
    page.keyboard.press("j")
    assert "waits for" not in threads.locator("tr").nth(1).inner_text()
    assert "held by a" in page.locator("#aside .values").inner_text()
    assert "mutex_lock(one)" in page.locator("#said").inner_text()
    assert page.locator("#aside .line.here").count() == 1


def test_every_step_leads_to_the_values_that_the_document_has(opened: Open) -> None:
    page = opened(checked.block())
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    seen = []
    for _ in range(4):
        seen.append(page.locator("#aside .values code").all_inner_texts())
        page.keyboard.press("j")
    assert seen == [["0", "0"], ["1", "0"], ["1", "2"], ["3", "2"]]


def test_a_scenario_and_a_cell_are_switched_and_the_address_follows(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    title = page.locator("#run-title").inner_text()
    before = page.locator(".why").inner_text()
    page.locator(".scenarios button").nth(1).click()
    assert page.locator("#run-title").inner_text() == title
    assert page.locator(".why").inner_text() != before
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    address = page.evaluate("location.hash")
    assert address.startswith("#bare/")
    again = opened(checked.toy(), address)
    assert again.locator(".why").inner_text() == page.locator(".why").inner_text()


def test_arrow_keys_walk_over_the_matrix_and_enter_opens_a_cell(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.2"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    row, column = 1, 3
    chosen = page.locator('.matrix button[aria-pressed="true"]')
    assert chosen.get_attribute("data-at") == f"{row}.{column}"
    assert page.locator("#run-title").inner_text().endswith("of whole")


@pytest.mark.parametrize("allowed", [True, False])
def test_the_path_and_its_command_are_copied(opened: Open, allowed: bool) -> None:
    how = {"permissions": ["clipboard-read", "clipboard-write"]} if allowed else {}
    page = opened(checked.abba(), **how)
    if not allowed:
        page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
    page.evaluate("window.copied = []")
    page.evaluate("""document.addEventListener('copy', () => window.copied.push(
        document.activeElement.value ?? ''))""")
    for label, text in [
        ("Copy path", "abba:only::deadlock-free::a1.b1"),
        ("Copy command", "locking replay abba:only::deadlock-free::a1.b1"),
    ]:
        page.get_by_role("button", name=label).click()
        page.get_by_text("Copied", exact=True).wait_for()
        if allowed:
            assert page.evaluate("navigator.clipboard.readText()") == text
        else:
            assert page.evaluate("window.copied.pop()") == text
        page.get_by_role("button", name=label).wait_for()


def test_only_what_the_end_depends_on_is_shown_when_asked(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    page.locator("#only").check()
    shown = page.locator(".timeline tbody tr:visible")
    needed = page.locator(".timeline tr.needed")
    assert shown.count() == needed.count() + 1  # the start
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(needed.count()):
        page.keyboard.press("j")
        assert page.locator("[aria-current=step]").is_visible()


def test_arrows_lead_from_the_steps_that_others_depend_on(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    arrows = page.locator(".arrows path:not(.own)")
    assert arrows.count() > 0
    assert page.locator(".cause").count() >= arrows.count()
    page.locator(".cause").last.click()
    assert page.locator("#count").inner_text() != page.locator(".step").last.inner_text()


def test_the_same_schedule_stands_beside_the_run(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    assert page.locator(".whatif").get_by_text("the same schedule is stopped there").count() > 0
    assert page.locator(".trees .tree").count() == 2
    here = page.locator(".pair tbody td:nth-child(1):not(.gap)").count()
    assert here == page.locator(".timeline tbody tr").count() - 1


def test_a_witness_is_shown_as_one(opened: Open) -> None:
    page = opened(checked.block())
    assert page.locator(".chip").inner_text() == "✓ holds"
    assert page.locator(".timeline tfoot").inner_text().startswith("✓ shown")


def test_what_is_not_known_is_said(opened: Open) -> None:
    page = opened(checked.toy(limit=3))
    assert "not all is known" in page.locator(".outcome").inner_text() or (
        "not as declared" in page.locator(".outcome").inner_text()
    )
    assert "more than 3 states" in page.locator(".notice").first.inner_text()


def test_a_check_of_which_nothing_is_known_says_so(opened: Open) -> None:
    [report] = checked.abba()
    page = opened((), undone=[(report.case, "it was refused")], bypass_csp=True)
    assert page.locator(".outcome").inner_text() == "? not all is known"
    assert "abba: it was refused" in page.locator(".notice").inner_text()
    assert page.locator(".matrix, .timeline").count() == 0
    page.keyboard.press("j")
    assert violations(page) == []


def test_the_theme_is_the_systems_until_it_is_chosen(opened: Open) -> None:
    page = opened(checked.abba(), color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    button = page.get_by_role("button", name="Theme")
    button.click()
    light = page.evaluate(paper)
    assert (button.inner_text(), light != dark) == ("Theme: light", True)
    button.click()
    assert (button.inner_text(), page.evaluate(paper)) == ("Theme: dark", dark)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["toy", "abba", "block", "hostile", "limited"])
def test_everybody_can_use_it(opened: Open, scheme: str, width: int, name: str) -> None:
    reports = checked.toy(limit=3) if name == "limited" else getattr(checked, name)()
    size = {"width": width, "height": 900}
    page = opened(reports, color_scheme=scheme, viewport=size, bypass_csp=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_check_for_everybody_finds_what_is_wrong(opened: Open) -> None:
    page = opened(checked.abba(), bypass_csp=True)
    page.evaluate("document.getElementById('slider').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.why strong').style.color = '#ddd'")
    assert violations(page) == ["color-contrast", "label"]


def violations(page: Any) -> list[str]:
    """The rules of axe-core that the page breaks."""
    from axe_core_python.sync_playwright import Axe

    return sorted(each["id"] for each in Axe().run(page)["violations"])


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_costs_shows_a_case_by_its_cell(opened: Open, width: int, scheme: str) -> None:
    viewport = {"width": width, "height": 900}
    page = opened(costs_to_html.render(checked.costs()), viewport=viewport, color_scheme=scheme)
    page.locator(".makespans button").last.click()
    assert page.locator(".makespans button[aria-pressed=true]").count() == 2
    assert page.locator(".times").count() == 3
    waiting = page.locator(".span.waiting").first
    assert waiting.get_attribute("aria-label") == "0 to 3 s: waits for lock"
    bars, whole = waiting.bounding_box(), page.locator(".spans").first.bounding_box()
    assert bars["width"] == pytest.approx(whole["width"] * 3 / 6.5, abs=1)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


def test_hostile_names_on_the_page_of_costs_are_text(opened: Open) -> None:
    page = opened(costs_to_html.render(checked.costs(checked.PRINTABLE)))
    page.locator(".makespans button").first.click()
    assert page.evaluate("window.broken") is None
    assert page.locator("img, iframe, object, link").count() == 0
    assert page.locator(".track .span").count() == 12


def test_hostile_names_are_text(opened: Open) -> None:
    page = opened(checked.hostile())
    assert page.evaluate("window.broken") is None
    assert page.locator("script").count() == 2
    assert page.locator("h1").inner_text().startswith("</script><script>")
    assert "\\u202e" in page.locator("body").inner_text()
    for cell in page.locator(".matrix button").all():
        cell.click()
    page.locator(".matrix button.fails, .matrix button.wrong").first.click()
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(6):
        page.keyboard.press("j")
    assert page.evaluate("window.broken") is None
    assert page.locator("img, iframe, object, link").count() == 0


def test_five_hundred_steps_open_with_few_and_no_step_draws_them_anew(opened: Open) -> None:
    page = opened(checked.long(500))
    rows = page.locator(".timeline tbody tr")
    assert rows.count() <= 200
    page.locator(".scroll").focus()
    page.keyboard.press("End")
    assert page.locator("[aria-current=step]").is_visible()
    assert step(page).startswith("step 49")
    rows.evaluate_all("all => all.forEach(row => row.drawn = 'before')")
    for _ in range(20):
        page.keyboard.press("k")
    assert step(page).startswith("step 47")
    assert rows.count() > 490
    assert rows.evaluate_all("all => all.every(row => row.drawn === 'before')")


def test_what_is_printed_is_all_of_it(opened: Open) -> None:
    page = opened(checked.long(500))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".timeline tbody tr").count() > 490
    assert not page.locator(".bar").is_visible()
    assert page.locator(".scroll").evaluate("each => each.scrollHeight <= each.clientHeight + 1")

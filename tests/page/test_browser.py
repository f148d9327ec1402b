"""The page in a real browser: it opens alone, and everybody can use it."""

import pytest

from locking.page import costs_to_html
from tests.page import checked
from tests.page.browsing import Open, violations

pytestmark = pytest.mark.slow


def test_the_keys_are_listed(opened: Open) -> None:
    page = opened(checked.abba(), bypass_csp=True)
    page.keyboard.press("?")
    assert page.locator("dialog[open] kbd").count() > 8
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


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


def test_the_check_for_everybody_finds_what_is_wrong(opened: Open) -> None:
    page = opened(checked.abba(), bypass_csp=True)
    page.evaluate("document.getElementById('slider').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.facts-of li').style.color = '#ddd'")
    assert violations(page) == ["color-contrast", "label"]


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
    page.locator(".matrix button.fails").first.click()
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(6):
        page.keyboard.press("j")
    assert page.evaluate("window.broken") is None
    assert page.locator("img, iframe, object, link").count() == 0


def test_a_link_to_a_step_opens_it_on_a_telephone_too(opened: Open) -> None:
    page = opened(checked.block(), viewport={"width": 390, "height": 800})
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    page.keyboard.press("j")
    page.keyboard.press("j")
    address = page.evaluate("location.hash")
    assert address.endswith("/1.2")
    again = opened(checked.block(), address, viewport={"width": 390, "height": 800})
    assert again.evaluate("location.hash") == address
    assert again.locator("#run").bounding_box()["y"] < 400


def test_a_tap_on_a_telephone_shows_the_run(opened: Open, whole: str) -> None:
    page = opened(whole, viewport={"width": 390, "height": 800}, has_touch=True)
    page.locator(".matrix button.fails").first.tap()
    assert page.locator("#run-title").bounding_box()["y"] < 700

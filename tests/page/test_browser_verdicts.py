"""The verdicts of the page in a real browser: what is concluded, and three ways to look at it."""

from dataclasses import replace

import pytest

from locking.properties.explored import Verdict
from tests.page import checked
from tests.page.browsing import Open, violations

pytestmark = pytest.mark.slow

LARGEST = 600_000
"""Bytes that the page of the default check may have."""


def test_the_default_check_opens_with_its_conclusion_and_a_run_that_tells(
    opened: Open, whole: str
) -> None:
    page = opened(whole)
    assert page.title() == "memory_hotplug: locking report"
    assert page.locator(".matrix tbody tr").count() == 12
    assert page.locator(".headline").inner_text() == (
        "1 of 12 placements is safe in all 9 scenarios: shared-repaired, 2 in parallel; "
        "11 fail, each as expected."
    )
    assert page.locator(".matrix tr.safe th").all_inner_texts() == ["shared-repaired"]
    assert page.locator(".timeline tr.switch").count() >= 2
    assert 2 <= page.locator(".facts-of li").count() <= 4
    # All of that is seen without scrolling.
    assert page.locator(".facts-of").bounding_box()["y"] < 800


def test_the_page_of_the_default_check_is_no_larger_than_it_may_be(whole: str) -> None:
    assert len(whole.encode()) < LARGEST


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


def test_verdicts_are_seen_by_property_and_by_scenario(opened: Open) -> None:
    page = opened(checked.toy())
    names = page.locator(".matrix tbody th").all_inner_texts()
    page.get_by_role("button", name="scenario", exact=True).click()
    assert page.locator(".matrix tbody th").count() == 2
    squares = page.locator(".matrix tbody .cell .strip").first.locator("i")
    assert squares.count() == len(names)
    page.locator(".matrix .strip i.fails").first.click()
    assert page.locator("#run-title").inner_text().endswith("of bare")
    page.get_by_role("button", name="property", exact=True).click()
    assert page.locator(".matrix thead th").all_inner_texts() == names


def test_the_name_of_a_row_opens_the_run_that_its_sentence_tells(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator(".matrix .rowname", has_text="split").click()
    assert page.locator("#run-title").inner_text() == "together of split"


def test_a_square_opens_its_own_scenario(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.0"] i').nth(1).click()
    assert page.locator(".scenarios button").nth(1).get_attribute("aria-pressed") == "true"


def test_two_hundred_properties_stay_usable(opened: Open) -> None:
    page = opened(checked.many(200), bypass_csp=True)
    rows = page.locator(".matrix tbody tr")
    assert rows.count() == 60
    assert page.locator(".notice > ul li").count() == 10
    page.locator("#filter").fill("way-19")
    assert rows.count() == 10
    page.get_by_role("button", name="unexpected", exact=True).click()
    assert rows.count() == 5
    page.locator("#filter").fill("")
    assert rows.count() == 60
    page.get_by_role("button", name="more row").click()
    assert rows.count() == 100
    assert violations(page) == []


def test_what_is_not_known_is_said(opened: Open) -> None:
    page = opened(checked.toy(limit=3))
    assert "unexpected" in page.locator(".outcome").inner_text()
    assert "more than 3 states" in page.locator(".notice").first.inner_text()
    for cell in page.locator(".cell.unknown").all():
        cell.click()
        assert "expected" not in page.locator(".chosen").inner_text()


def test_a_check_of_which_nothing_is_known_says_so(opened: Open) -> None:
    [report] = checked.abba()
    page = opened((), undone=[(report.case, "it was refused")], bypass_csp=True)
    assert page.locator(".outcome").inner_text() == "? not all is known"
    assert "abba: it was refused" in page.locator(".notice").inner_text()
    assert page.locator(".matrix, .timeline").count() == 0
    page.keyboard.press("j")
    assert violations(page) == []


def test_the_foot_says_where_the_page_is_from(opened: Open) -> None:
    page = opened(checked.abba())
    assert "locking 0" in page.locator("footer").inner_text()
    assert page.locator("footer time").count() == 1


def test_the_page_says_why_it_opens_its_run_until_another_is_chosen(
    opened: Open, whole: str
) -> None:
    page = opened(whole)
    assert "one thread comes between two steps of another" in page.locator(".first").inner_text()
    page.locator(".rowname").first.click()
    assert page.locator(".first").count() == 0
    assert "unexpected" in opened(checked.toy()).locator(".first").inner_text()


def test_a_table_shows_that_it_goes_on_to_the_right(opened: Open, whole: str) -> None:
    page = opened(whole, viewport={"width": 390, "height": 844})
    page.wait_for_selector("#verdicts .wide.goes-on")
    page.locator("#verdicts .wide").evaluate("each => each.scrollTo(each.scrollWidth, 0)")
    page.wait_for_selector("#verdicts .wide:not(.goes-on)")


def test_a_page_on_which_nothing_was_searched_claims_nothing(opened: Open) -> None:
    [report] = checked.abba()
    page = opened((), undone=[(report.case, "it is wrong")])
    says = page.locator("header").inner_text()
    assert "interleaving" not in says and "0 " not in says
    assert page.locator(".notice.open").count() == 1
    assert page.locator(".notice:not(.open)").count() == 0


def test_what_is_unknown_of_a_whole_search_is_said(opened: Open) -> None:
    [report] = checked.abba()
    [result] = report.results
    late = replace(result, verdict=Verdict.UNKNOWN, cause="more than 5 seconds", choices=None)
    page = opened((replace(report, results=(late,)),))
    assert "every interleaving, but not every property" in page.locator("header").inner_text()
    notice = page.locator(".notice.open").inner_text()
    assert notice == "Not every property was judged: more than 5 seconds."


def test_paper_is_light_whatever_the_theme(opened: Open) -> None:
    page = opened(checked.abba(), color_scheme="dark")
    page.locator(".theme", has_text="Theme").click(click_count=2)
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) != "rgb(255, 255, 255)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    looks = "getComputedStyle(document.documentElement).getPropertyValue('--hue0')"
    assert page.evaluate(looks) == "#0d7285"

"""The run on the page in a real browser: keys, columns, search, many threads, many steps."""

import pytest

from tests.page import checked
from tests.page.browsing import Open, step

pytestmark = pytest.mark.slow


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


def test_only_what_the_end_depends_on_is_shown_when_asked(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    page.locator("#mode").select_option("needed")
    single = page.locator(".timeline tbody tr:not(.folded, .gap, .begin)")
    assert single.count() == page.locator(".timeline tr.needed").count() > 0
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(single.count()):
        page.keyboard.press("j")
        assert "needed" in page.locator("[aria-current=step]").get_attribute("class")


def test_arrows_lead_only_to_the_step_that_is_looked_at(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    assert page.locator(".arrows path").count() == 0
    seen = []
    for _ in range(page.locator(".timeline tbody tr").count()):
        page.keyboard.press("j")
        links = page.locator(".because .link").count()
        assert page.locator(".arrows path").count() == links
        seen.append(links)
    assert any(seen)
    before = page.locator("#count").inner_text()
    page.locator(".because .link").last.click()
    assert page.locator("#count").inner_text() != before


@pytest.mark.parametrize("threads", [12, 32])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_acting_cell_of_many_threads_is_always_in_view(
    opened: Open, threads: int, width: int
) -> None:
    page = opened(checked.ring(threads), viewport={"width": width, "height": 900})
    assert page.locator(".timeline.list").count() == 1
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(threads):
        page.keyboard.press("j")
        acting = page.locator("[aria-current=step] .acting").bounding_box()
        around = page.locator(".scroll").bounding_box()
        assert acting["x"] >= around["x"] - 1
        assert acting["x"] + acting["width"] <= around["x"] + around["width"] + 1
        assert around["y"] <= acting["y"] <= around["y"] + around["height"]
        assert page.locator("[aria-current=step]").bounding_box()["height"] < 120


def test_many_readers_are_counted(opened: Open) -> None:
    page = opened(checked.readers(9))
    assert "9 readers" in page.locator(".timeline").inner_text()


def test_threads_are_hidden_and_values_are_columns_when_asked(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    lanes = page.locator(".timeline thead th.lane")
    names = lanes.all_inner_texts()
    page.locator(".chooser summary").click()
    page.locator(".chooser label", has_text=names[0]).locator("input").uncheck()
    assert lanes.all_inner_texts() == names[1:]
    assert page.locator(".timeline .folded", has_text=names[0]).count() > 0
    page.locator(".chooser label", has_text="count").locator("input").check()
    assert page.locator(".timeline thead th.value").all_inner_texts() == ["count"]
    assert page.locator(".timeline td.value.changed").count() > 0


def test_a_search_goes_to_the_steps_that_it_finds(opened: Open) -> None:
    page = opened(checked.long(60))
    page.keyboard.press("/")
    page.keyboard.type("write(count, 7)")
    assert page.locator("#hits").inner_text().strip() == "1 step"
    assert "write(count, 7)" in page.locator("[aria-current=step]").inner_text()
    assert page.locator(".timeline tr.hit").count() == 1


def test_context_switches_are_counted_and_keys_go_to_the_next(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    count = int(page.locator(".turns").inner_text().split()[1])
    assert page.locator(".timeline tr.switch").count() == count > 0
    page.locator(".scroll").focus()
    page.keyboard.press("Home")
    for _ in range(count):
        page.keyboard.press("]")
        assert "switch" in page.locator("[aria-current=step]").get_attribute("class")
    last = step(page)
    page.keyboard.press("]")
    assert step(page) == last
    page.keyboard.press("[")
    assert (step(page) == last) == (count == 1)
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert "needed" in page.locator("[aria-current=step]").get_attribute("class")


def test_rounds_that_are_repeated_are_one_row(opened: Open) -> None:
    page = opened(checked.long(360))
    row = page.locator(".timeline tr.rounds")
    assert row.locator("th").inner_text() == "×118"
    assert "count 0 → 118" in row.inner_text().replace("\n", "")
    row.locator("button").click()
    assert page.locator(".timeline tr.rounds").count() == 0
    assert step(page) == "step 5 of 361"


def test_ten_thousand_steps_are_drawn_as_they_come_into_view(opened: Open) -> None:
    page = opened(checked.crowded(20, 500))
    page.locator("#mode").select_option("all")
    rows = page.locator(".timeline tbody tr")
    for key in ("Home", "End", "k", "k"):
        page.locator(".scroll").focus()
        page.keyboard.press(key)
        assert rows.count() < 150
        assert page.locator("[aria-current=step]").is_visible()
    page.locator(".scroll").evaluate("each => { each.scrollTop = each.scrollHeight / 2; }")
    page.wait_for_function("""() => {
        const all = [...document.querySelectorAll('.timeline tbody tr[data-at]')];
        return all.some((each) => Math.abs(Number(each.dataset.at) - 5000) < 60);
    }""")
    assert rows.count() < 150
    page.locator(".overview").click(position={"x": 10, "y": 20})
    assert int(step(page).split()[1]) < 1000


def test_rows_are_as_high_as_they_are_said_to_be(opened: Open, whole: str) -> None:
    page = opened(whole)
    page.locator("#mode").select_option("all")
    wrong = page.locator(".timeline tbody tr[data-at]").evaluate_all(
        "all => all.filter((row) => Math.abs(row.offsetHeight - parseFloat(row.style.height)) > 1)"
        ".map((row) => row.innerText)"
    )
    assert wrong == []


def test_what_is_printed_is_all_of_it(opened: Open) -> None:
    page = opened(checked.long(500))
    page.locator("#mode").select_option("all")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".timeline tbody tr").count() > 490
    assert not page.locator(".bar").is_visible()
    assert page.locator(".scroll").evaluate("each => each.scrollHeight <= each.clientHeight + 1")

"""The columns of a run in a real browser: heads, names, locks, and many threads told apart."""

from typing import Any

import pytest

from tests.page import checked
from tests.page.browsing import Open, step

pytestmark = pytest.mark.slow

DRAWN = """all => all.map((each) => {
    const { fill, stroke, strokeDasharray } = getComputedStyle(each);
    return [fill, stroke, strokeDasharray].join();
})"""
EDGES = """all => all.map((each) => {
    const { borderLeftColor, borderLeftStyle } = getComputedStyle(each);
    return [borderLeftColor, borderLeftStyle].join();
})"""
CLIPPED = """all => all.filter((each) => each.scrollWidth > each.clientWidth)
    .map((each) => each.innerText)"""
SEEN_HEADS = """kind => [...document.querySelectorAll(`${kind} thead th`)].every((each) => {
    const { left, top, height } = each.getBoundingClientRect();
    const { right } = each.closest('.wide, .scroll').getBoundingClientRect();
    return left + 4 > right || each.contains(document.elementFromPoint(left + 4, top + height / 2));
})"""


@pytest.fixture
def deadlock(opened: Open) -> Any:
    """The page of twelve threads, each of which waits for the next."""
    return opened(checked.ring(12))


def box(page: Any, name: str) -> Any:
    """A box of the panel of columns."""
    return page.locator(".chooser label").get_by_text(name, exact=True).locator("input")


def test_no_two_threads_of_a_ring_look_the_same(deadlock: Any) -> None:
    assert len(set(deadlock.locator(".ring .node").evaluate_all(DRAWN))) == 12


def test_no_two_of_32_threads_look_the_same_in_their_steps(opened: Open) -> None:
    page = opened(checked.ring(32))
    page.locator("#mode").select_option("all")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # which makes all rows
    assert len(set(page.locator(".timeline td.what.acting").evaluate_all(EDGES))) == 32
    assert "threads that share a colour" in page.locator(".left .legend").inner_text()


def test_steps_are_marked_only_where_the_end_depends_on_some_of_them(
    opened: Open, deadlock: Any
) -> None:
    assert deadlock.locator(".timeline .dot, #mode").count() == 0
    assert "the end depends on every step" in deadlock.locator(".left .legend").inner_text()
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    dots = page.locator(".timeline .dot").count()
    assert 0 < dots == page.locator(".timeline tr.needed").count()
    assert dots < page.locator(".timeline tbody tr[data-at]").count() - 1


def test_the_legend_explains_what_is_drawn(opened: Open, deadlock: Any) -> None:
    legend = ".left .legend"
    assert "held" not in deadlock.locator(legend).inner_text()  # no lock has a column
    deadlock.locator(".chooser summary").click()
    box(deadlock, "fork[3]").check()
    assert "held, in the colour" in deadlock.locator(legend).inner_text()
    said = opened(checked.long(60)).locator(legend).inner_text()
    assert "held, in the colour" in said
    assert "held for reading" not in said
    assert "waited for" not in said
    said = opened(checked.readers(4)).locator(legend).inner_text()
    assert "held for reading" in said
    assert "waited for" in said


def test_locks_are_columns_when_asked(opened: Open, deadlock: Any) -> None:
    heads = ".timeline thead th.lock"
    news = deadlock.locator(".timeline .news", has_text="fork[3]")
    assert (deadlock.locator(heads).count(), news.count()) == (0, 1)
    deadlock.locator(".chooser summary").click()
    box(deadlock, "fork[3]").check()
    assert deadlock.locator(heads).all_inner_texts() == ["fork[3]"]
    assert news.count() == 0  # the column says it
    page = opened(checked.readers(2))
    assert page.locator(heads).all_inner_texts() == ["lock", "mutex"]
    page.locator(".chooser summary").click()
    assert box(page, "lock").is_checked()
    box(page, "lock").uncheck()
    assert page.locator(heads).all_inner_texts() == ["mutex"]


@pytest.mark.parametrize("width", [390, 1024, 1440, 1920])
def test_no_name_in_a_column_of_locks_is_clipped(opened: Open, width: int) -> None:
    page = opened(checked.named_long(), viewport={"width": width, "height": 900})
    lines = page.locator(".timeline td.lock .l")
    assert lines.evaluate_all(CLIPPED) == []
    if width > 1000:
        assert "checkpoint" in " ".join(lines.all_inner_texts())
        assert page.locator(".timeline td.lock").first.is_visible()


def test_a_row_is_low_whoever_waits(opened: Open) -> None:
    page = opened(checked.named_long())
    rows = page.locator(".timeline tbody tr[data-at]")
    assert max(each.bounding_box()["height"] for each in rows.all()) < 80


@pytest.mark.parametrize("width", [1024, 1440])
def test_heads_stay_in_view(opened: Open, whole: str, width: int) -> None:
    page = opened(whole, viewport={"width": width, "height": 500})
    for kind in (".matrix", ".timeline", ".pair"):
        table = page.locator(kind)
        for part in (0.2, 0.5, 0.8):
            table.evaluate(
                "(each, part) => { const { top, height } = each.closest('.wide, .scroll')"
                ".getBoundingClientRect(); window.scrollBy(0, top + height * part - 150); }",
                part,
            )
            page.wait_for_function(SEEN_HEADS, arg=kind, timeout=5000)


def test_a_wheel_scrolls_what_is_under_it(opened: Open) -> None:
    page = opened(checked.crowded(20, 500))
    where = "[window.scrollY, document.querySelector('.scroll').scrollTop]"
    page.locator(".scroll").scroll_into_view_if_needed()
    for over in (".scroll", ".overview"):
        page.locator(over).hover()
        still, place = page.evaluate(where)
        page.mouse.wheel(0, -200)
        page.wait_for_function(f"at => String({where}) === String(at)", arg=[still, place - 200])
    page = opened(checked.abba())  # all of the run is in view, so the page scrolls
    page.locator(".scroll").hover()
    page.mouse.wheel(0, 100)
    page.wait_for_function("window.scrollY > 0")
    assert page.evaluate(where)[1] == 0


def test_a_run_is_laid_out_for_the_room_that_it_has(opened: Open, whole: str) -> None:
    page = opened(whole)
    page.locator(".rowname", has_text="williams-rwsem-gap").click()
    widths = page.locator(".timeline col").evaluate_all(
        "all => all.reduce((sum, each) => sum + parseFloat(each.style.width), 0)"
    )
    room = page.locator(".scroll").evaluate("each => each.clientWidth")
    assert widths == pytest.approx(room, abs=6)


def test_a_key_brings_its_step_into_the_window(opened: Open, whole: str) -> None:
    page = opened(whole, viewport={"width": 1440, "height": 500})
    page.evaluate("window.scrollTo(0, 0)")
    for key in ("Home", "j", "n", "End"):
        page.keyboard.press(key)
        row = page.locator("[aria-current=step]").bounding_box()
        assert 0 <= row["y"] <= 500 - row["height"] + 1, (key, step(page))

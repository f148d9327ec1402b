"""Why a run ends so, in a real browser: facts, lines, graphs, and other placements."""

import pytest

from tests.page import checked
from tests.page.browsing import Open, step

pytestmark = pytest.mark.slow


def test_facts_lead_to_their_steps_which_have_their_number(opened: Open) -> None:
    page = opened(checked.abba())
    page.locator(".facts-of .link").first.click()
    assert step(page) == "step 1 of 2"
    assert page.locator("[aria-current=step] .badge").first.inner_text().startswith("1")


def test_the_step_that_breaks_it_is_marked_and_the_values_stand_under_it(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    assert page.locator(".timeline tr.breaks").count() == 1
    assert page.locator(".failing .operands dt").count() > 0
    assert page.locator(".sides .line.here").count() == 2


def test_a_reason_comes_first_and_the_values_are_a_fact_too(opened: Open, whole: str) -> None:
    page = opened(whole)
    page.locator(".rowname", has_text="williams-rwsem-gap").click()
    facts = page.locator(".facts-of li").all_inner_texts()
    assert "the page is not initialised yet" in facts[0]
    [values] = [each for each in facts if "The values after step 14" in each]
    assert "page10.flags = poison" in values
    assert step(page) == "step 14 of 14"


def test_a_deadlock_has_its_graph(opened: Open) -> None:
    page = opened(checked.ring(12))
    assert page.locator(".ring .node").count() == 12
    assert page.locator(".ring").get_attribute("aria-label").count("waits for") == 12
    assert page.locator(".facts-of li").count() == 13
    page = opened(checked.ring(32))
    page.locator(".facts-of button", has_text="20 more facts").click()
    assert page.locator(".facts-of li").count() == 33
    page = opened(checked.readers(9))
    assert "8 more threads behind them" in page.locator(".waits figcaption").inner_text()
    assert page.locator(".ring .node").count() == 2


def test_a_ring_that_has_no_room_is_a_list(opened: Open) -> None:
    for width, drawn in ((390, False), (1440, True)):
        page = opened(checked.ring(12), viewport={"width": width, "height": 900})
        assert page.locator(".ring").is_visible() == drawn
        assert page.locator(".chain").is_visible() != drawn


def test_a_run_that_never_ends_is_drawn_as_a_lasso(opened: Open) -> None:
    page = opened(checked.livelock())
    assert page.locator(".lasso .node").count() == 6
    assert step(page) == "step 1 of 6"  # with which the round begins
    page.locator(".lasso .node").nth(2).click()
    assert step(page) == "step 3 of 6"
    page.locator(".lasso .node").nth(4).press("Enter")
    assert step(page) == "step 5 of 6"


def test_the_same_schedule_stands_beside_the_run_under_a_placement_that_is_chosen(
    opened: Open,
) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    assert page.locator(".whatif").get_by_text("the same schedule is stopped there").count() > 0
    assert page.locator(".trees .tree").count() == 2
    names = page.locator("#whatif option").all_inner_texts()
    assert len(names) == 3
    page.locator("#whatif").select_option(label=names[1])
    assert page.locator(".pair thead th").all_inner_texts() == ["bare", names[1]]
    assert page.locator(".whatif").get_by_text("no safety property").count() == 1
    # A step of one thread on one object stands beside that of the other placement.
    both = page.locator(".pair tbody tr:not(.fold):not(:has(.gap))")
    assert both.count() > 0


def test_a_witness_is_shown_as_one(opened: Open) -> None:
    page = opened(checked.block())
    assert page.locator(".chip").inner_text() == "✓ holds"
    assert page.locator(".timeline tfoot").inner_text().startswith("✓ shown")


def test_a_thread_has_one_colour_everywhere(opened: Open) -> None:
    page = opened(checked.toy())
    page.locator('[data-at="0.3"]').click()
    colour = "each => getComputedStyle(each).color"
    names = page.locator(".timeline thead th.lane").all_inner_texts()
    assert len(names) > 1
    seen = []
    for name in names:
        head = page.locator(".timeline thead th.lane", has_text=name).evaluate(colour)
        beside = page.locator("#aside .who").get_by_text(name, exact=True).first.evaluate(colour)
        other = page.locator(".pair .who").get_by_text(name, exact=True).first.evaluate(colour)
        assert head == beside == other
        seen.append(head)
    assert len(set(seen)) == len(seen)


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

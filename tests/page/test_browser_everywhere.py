"""Every kind of page in a real browser, light and dark, on a telephone and on large screens."""

from typing import Any

import pytest

from tests.page.browsing import Open, violations
from tests.page.inputs import NAMES, made

pytestmark = pytest.mark.slow

WIDTHS = (390, 1024, 1440, 1920)
"""Pixels: a telephone, a tablet, a laptop and a large screen."""

COVERED = """() => [...document.querySelectorAll('h1, h2, h3, .headline, li')].filter((each) => {
    const { left, top, width, height } = each.getBoundingClientRect();
    if (!each.innerText || width < 2 || top < 0 || top + height > window.innerHeight) return false;
    const seen = document.elementFromPoint(left + 4, top + height / 2);
    return seen && !each.contains(seen) && !seen.contains(each);
}).map((each) => each.innerText)"""
"""Titles and lines over which something else is drawn."""


@pytest.fixture
def text(name: str, request: pytest.FixtureRequest) -> Any:
    """The page of a name."""
    return request.getfixturevalue("whole") if name == "the default check" else made(name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_everybody_can_use_it(opened: Open, text: str, scheme: str) -> None:
    for width in WIDTHS:
        size = {"width": width, "height": 900}
        page = opened(text, viewport=size, color_scheme=scheme, bypass_csp=True)
        assert (width, violations(page)) == (width, [])


@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_wide_as_the_window_and_nothing_covers_its_titles(opened: Open, text: str) -> None:
    for width in WIDTHS:
        page = opened(text, viewport={"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (width, page.evaluate(COVERED)) == (width, [])


def test_what_covers_a_title_and_what_is_too_wide_is_found(opened: Open) -> None:
    page = opened(made("explain"), bypass_csp=True)
    page.add_style_tag(content=".placements { position: absolute; inset: 0; }")
    assert "What the locks of baseline are for" in page.evaluate(COVERED)
    page.add_style_tag(content=".about { width: 2000px; }")
    assert page.evaluate("document.documentElement.scrollWidth") > 1440

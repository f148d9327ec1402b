"""The page is one file that asks for nothing else, and names in it are text."""

import json
import re
import tomllib
from collections import Counter
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path

import pytest

from locking.page import to_html
from locking.page.costs_to_html import COST_SCRIPTS
from locking.page.document import page_document
from locking.page.litmus_to_html import LITMUS_SCRIPTS
from locking.page.studies import STUDY_SCRIPTS
from locking.verdicts import Report
from tests.page import checked

PARTS = Path(to_html.__file__).parent
DATA = [path.name for path in sorted(PARTS.iterdir()) if path.suffix in (".html", ".css", ".js")]


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.within = False
        self.attributes: list[tuple[str, str, str | None]] = []
        self.inside: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.within = tag in ("script", "style")
        if self.within:
            self.inside.append((tag, ""))

    def handle_data(self, data: str) -> None:
        if self.within:
            tag, text = self.inside[-1]
            self.inside[-1] = (tag, text + data)

    def handle_endtag(self, tag: str) -> None:
        self.within = False


@pytest.fixture(scope="module")
def reports() -> tuple[Report, ...]:
    """One check for the page and for what it is compared with: another takes another time."""
    return checked.hostile()


@pytest.fixture(scope="module")
def page(reports: tuple[Report, ...]) -> str:
    return to_html.render(reports)


def test_hostile_names_add_no_element(page: str) -> None:
    plain = Page(to_html.render(checked.abba()))
    assert Page(page).tags == plain.tags
    assert plain.tags["script"] == 2


def test_the_document_comes_out_of_the_page_as_it_went_in(
    page: str, reports: tuple[Report, ...]
) -> None:
    [(_, carried), _] = [each for each in Page(page).inside if each[0] == "script"]
    read = json.loads(carried)
    assert set(read.pop("made")) == {"command", "version", "date", "commit"}
    assert read == page_document(reports)
    assert carried.isascii()
    assert not re.search("[<>&\x00-\x1f]", carried)


def test_a_name_that_looks_like_a_place_of_the_page_is_not_filled(page: str) -> None:
    assert "{{style}}" in page
    assert page.count("--paper:") == sum(
        to_html.page_file(f"{name}.css").count("--paper:") for name in to_html.STYLES
    )


def test_the_policy_lets_through_the_style_and_the_script_of_the_page_and_nothing_else(
    page: str,
) -> None:
    read = Page(page)
    [policy] = [
        value
        for tag, name, value in read.attributes
        if (tag, name) == ("meta", "content") and value and "default-src" in value
    ]
    (_, style), _, (_, script) = read.inside
    assert policy == (
        f"default-src 'none'; style-src '{to_html.policy_digest(style)}'; "
        f"script-src '{to_html.policy_digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def test_the_page_names_no_address() -> None:
    parts = "".join(to_html.page_file(name) for name in DATA)
    assert set(re.findall(r"\w+://[^'\"\s]*", parts)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(|\bsrc=|innerHTML|outerHTML|insertAdjacent|eval\(", parts)


def test_every_part_is_shipped_and_every_script_is_used() -> None:
    project = tomllib.loads((PARTS.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = project["tool"]["setuptools"]["package-data"]["locking.page"]
    assert [name for name in DATA if not any(fnmatch(name, each) for each in shipped)] == []
    used = {*to_html.SCRIPTS, *COST_SCRIPTS, *LITMUS_SCRIPTS, *STUDY_SCRIPTS}
    assert sorted(f"{name}.js" for name in used) == [name for name in DATA if name.endswith(".js")]
    styles = sorted(f"{name}.css" for name in to_html.STYLES)
    assert styles == [name for name in DATA if name.endswith(".css")]


@pytest.mark.parametrize("name", DATA)
def test_a_part_is_read_in_one_sitting(name: str) -> None:
    assert len(to_html.page_file(name).splitlines()) <= 400

"""The pictures of the docs are what the harness draws today, and each is also told in words."""

import re
import xml.etree.ElementTree as ET

import pytest

from tests.pictures import DRAWINGS, FOLDER
from tests.reading import PAGES

IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
SVG = "{http://www.w3.org/2000/svg}"
SEARCHED = ["placements.svg"]
"""Drawings for which many cases are searched."""

EVERY_DRAWING = [
    pytest.param(name, marks=pytest.mark.slow if name in SEARCHED else ()) for name in DRAWINGS
]


@pytest.mark.parametrize("name", EVERY_DRAWING)
def test_a_drawing_is_up_to_date(name: str) -> None:
    """`python -m tests.pictures` writes it anew."""
    assert (FOLDER / name).read_text(encoding="utf-8") == DRAWINGS[name]()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_says_what_it_shows_and_loads_nothing(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = ET.fromstring(text)
    assert found.findtext(f"{SVG}title")
    assert found.findtext(f"{SVG}desc")
    assert "url(http" not in text
    assert "href" not in text


def test_every_picture_is_shown_and_every_image_has_a_text() -> None:
    shown = [
        (text, (page.parent / target).resolve())
        for page in PAGES
        for text, target in IMAGE.findall(page.read_text(encoding="utf-8"))
    ]
    assert [file for text, file in shown if not text or not file.exists()] == []
    assert set(FOLDER.iterdir()) <= {file for _, file in shown}

"""The pages are easy to read: their sentences are short."""

from pathlib import Path

import pytest

from tests.reading import PAGES, ease, sentences, syllables

MOST_WORDS = 12
"""The words that a sentence of a page has in the mean."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_sentences_of_a_page_are_short(page: Path) -> None:
    assert ease(page.read_text(encoding="utf-8")).words_a_sentence <= MOST_WORDS


def test_headings_tables_and_code_are_left_out() -> None:
    page = "# One\n\nTwo. `a b`, three!\n\n* Four\n  five\n\n| six |\n|---|\n\n```\nseven\n```\n"
    assert list(sentences(page)) == ["Two.", "code, three!", "Four five"]


def test_a_page_is_counted() -> None:
    assert ease("The lock is held. Nobody waits for it.") == (8, 2, 10)


@pytest.mark.parametrize(
    ("word", "count"),
    [("lock", 1), ("take", 1), ("table", 2), ("locked", 1), ("wanted", 2), ("states", 1)],
)
def test_syllables_are_those_that_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count

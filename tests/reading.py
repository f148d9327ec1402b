"""How easy the pages are to read: `python -m tests.reading` prints the figures of each.

A sentence ends at a full stop, a question mark, an exclamation mark, or with its paragraph. A
piece of code within a sentence counts as one word of one syllable.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

CODE = "code"
"""The word in place of a piece of code."""

WORD = re.compile(r"\w+(?:['’.,/+-]\w+)*")
SENTENCE_END = re.compile(r"(?<=[.?!])[\"')*_]*\s+")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[^aeiouytd]ed|[^aeiouysxzcgh]es)$")
"""An ending whose vowel is silent: `take`, `rule`, `locked`; not `table`, `wanted`."""


class Ease(NamedTuple):
    """What a page has, counted."""

    words: int
    sentences: int
    syllables: int

    @property
    def words_a_sentence(self) -> float:
        """The mean length of a sentence."""
        return self.words / self.sentences

    @property
    def flesch(self) -> float:
        """Reading ease, 60 or more in plain English (Flesch, A new readability yardstick, 1948)."""
        return 206.835 - 1.015 * self.words_a_sentence - 84.6 * self.syllables / self.words


def ease(text: str) -> Ease:
    """The figures of a page in Markdown."""
    found = [words for each in sentences(text) if (words := WORD.findall(each))]
    every = [word for words in found for word in words]
    return Ease(len(every), len(found), sum(map(syllables, every)))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a page; its headings, tables and blocks of code are left out."""
    for paragraph in paragraphs(text):
        yield from SENTENCE_END.split(paragraph)


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a page, and those of its items and quotations, each as one line."""
    tokens = iter(MarkdownIt("commonmark").enable("table").parse(text))
    for token in tokens:
        match token.type:
            case "table_open" | "heading_open":
                end = token.type.replace("open", "close")
                list(takewhile(lambda each, end=end: each.type != end, tokens))  # type: ignore[misc]
            case "inline":
                yield " ".join(spoken(token.children or ()).split())


def spoken(pieces: Iterable[Token]) -> str:
    """The text of a paragraph as it is read out."""
    return "".join(
        CODE if piece.type == "code_inline" else " " if piece.type == "softbreak" else piece.content
        for piece in pieces
        if piece.type != "image"
    )


def syllables(word: str) -> int:
    """The syllables of a word of English, by its vowels."""
    letters = word.lower().split("'")[0]
    return max(1, len(VOWELS.findall(letters)) - bool(SILENT.search(letters)))


def table(pages: Iterable[Path]) -> Iterator[str]:
    """One line a page: words, words a sentence, reading ease."""
    yield f"{'page':20} {'words':>6} {'a sentence':>10} {'Flesch':>6}"
    for page in pages:
        found = ease(page.read_text(encoding="utf-8"))
        yield f"{page.stem:20} {found.words:6} {found.words_a_sentence:10.1f} {found.flesch:6.1f}"


if __name__ == "__main__":
    print(*table(map(Path, sys.argv[1:]) if sys.argv[1:] else PAGES), sep="\n")

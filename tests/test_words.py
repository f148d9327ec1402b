"""One word, one idea: what is public is defined once, and few names mean two things."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import locking

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "locking"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

MOST_SHARED = 0.08
"""The share of top-level definitions whose name another module defines as well."""


def defined(source: Path) -> Iterator[str]:
    """The names that a module defines at its top level, by `def`, `class` or an assignment."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                yield from (each.id for each in node.targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


@cache
def definitions() -> list[str]:
    """The names at the top level of every module, one of each module."""
    return [
        name
        for source in sorted(LIBRARY.rglob("*.py"))
        for name in dict.fromkeys(defined(source))
        if not name.startswith("__")
    ]


@pytest.mark.parametrize("name", locking.__all__)
def test_a_public_name_is_defined_once(name: str) -> None:
    assert definitions().count(name) <= 1, name


def test_few_names_are_defined_in_two_modules() -> None:
    found = definitions()
    count = Counter(found)
    shared = [name for name in found if count[name] > 1]
    assert len(shared) <= MOST_SHARED * len(found), Counter(shared)


def sentences(page: Path) -> Iterator[str]:
    """The sentences, rows and items of a page, its code left out."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", "`...`", text)
    for block in re.split(r"\n\s*\n|\n\s*[*|] ", text):
        yield from re.split(r"(?<=[.:?!])\s+", " ".join(block.split()))


OF_PLACEMENTS = re.compile(r"\b(placement|region|role)s?\b", re.I)
"""Words of a sentence that speaks of placements."""

BARE_STEP = re.compile(r"(?<!named )(?<!-)\bsteps?\b", re.I)
"""A step that is not called a named one; `one-step` is a word of its own."""


def test_the_glossary_tells_steps_from_named_steps() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([^|`]+) \|", text.split("\n## Words\n")[1].split("\n## ")[0], re.M)
    assert {"step", "named step"} <= set(words)
    assert len(words) == len(set(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_piece_of_a_placement_is_called_a_named_step(page: Path) -> None:
    found = [
        each for each in sentences(page) if OF_PLACEMENTS.search(each) and BARE_STEP.search(each)
    ]
    assert found == []


HARD = {
    r"^(?:\*\*)?(?:What(?! if\b)|Who|Whoever)\b.*[^?]$": "name the thing in place of the clause",
    r"^Of (?!course)": "begin with the subject",
    r"\bif not said\b": "by default",
    r"\bat once\b": "at the same time; immediately",
    r"\bfor (?:ever|good)\b": "forever",
    r"\blet(?:s|ting)? (?:it )?go\b": "release",
    r"\bgo(?:es|ne)? round\b": "is repeated; has a cycle",
    r"\bmail thread\b": "mail discussion: a thread is a task",
    r"\bas declared\b": "expected, unexpected",
}
"""What a reader whose first language is not English reads twice, and what to write in its place."""


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.stem)
def test_no_sentence_is_read_twice(page: Path) -> None:
    found = [
        (instead, each)
        for each in sentences(page)
        for hard, instead in HARD.items()
        if re.search(hard, each)
    ]
    assert found == []


def messages(source: Path) -> Iterator[str]:
    """The texts of a module: its strings, and its docstrings, which help prints."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("hard", ["if not said", "not said otherwise", "mail thread"])
def test_no_message_has_a_hard_phrase(hard: str) -> None:
    found = [
        (source.name, text)
        for source in sorted(LIBRARY.rglob("*.py"))
        for text in messages(source)
        if hard in text
    ]
    assert found == []


HARD_TO_PRINT = re.compile(
    r"\bat once\b|\bfor (ever|good)\b|\bas declared\b|\bdeclared: |\blet(s|ting)? go\b"
    r"|\bgo(es|ne)? round\b"
)
"""Phrases of no text that is printed: HARD says what to write in their place."""


def printed(source: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings and no names in code."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    alone = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def test_what_is_printed_has_one_word_for_one_idea() -> None:
    sources = [*LIBRARY.rglob("*.py"), *(ROOT / "models").rglob("*.py")]
    found = [
        (source.name, text)
        for source in sorted(sources)
        for text in printed(source)
        if HARD_TO_PRINT.search(text)
    ]
    assert found == []

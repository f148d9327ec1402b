"""Colours change nothing but colours."""

import re

import pytest

from locking import Cell, Mutex, System, Thread, require, required, section
from locking.text.styled import Line, Part, joined, padded, plain
from locking.traces.forms.page import Detail, Page, unpainted
from locking.traces.forms.terminal.colours import SECTIONS, THREADS, look, painted
from locking.traces.forms.to_text import render
from tests.traces.runs import of_system

x = Cell("x", 0)
lock = Mutex("lock")
CODE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


async def work() -> None:
    async with section("one"), lock.hold():
        seen = await x.read()
    async with section("other"), section("[red]inner"), lock.hold():
        await x.write(seen + 1)
    for _ in range(9):
        await x.read()
    require(seen, "seen", seen=seen)


def shown(detail: Detail, width: int, paint: bool) -> str:
    """A run, with colours or without."""
    threads = [Thread("[bold]a", work), Thread("b[31m", work)]
    system = System([x, lock], threads, [required("seen")])
    way = painted if paint else unpainted
    return render(of_system(system, "a3.b3.a12"), Page(width, detail, way))


@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_is_the_same_with_colours_and_without(detail: Detail, width: int) -> None:
    coloured = shown(detail, width, True)
    assert CODE.search(coloured)
    assert CODE.sub("", coloured) == shown(detail, width, False)


def test_a_line_is_never_wrapped() -> None:
    line: Line = (Part("x " * 9_000 + "y", "why"),)
    assert CODE.sub("", painted([line])) == plain(line) + "\n"


def test_threads_and_sections_have_colours_of_their_own() -> None:
    assert len({look(f"thread:{number}") for number in range(len(THREADS))}) == len(THREADS)
    assert len({look(f"section:{number}") for number in range(len(SECTIONS))}) == len(SECTIONS)
    assert look("thread:0") == look(f"thread:{len(THREADS)}")


def test_every_style_of_a_trace_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A style that is misspelt would only look plain."""
    met: set[str] = set()
    monkeypatch.setattr(
        "locking.traces.forms.terminal.colours.look", lambda style: met.add(style) or ""
    )
    for detail in Detail:
        shown(detail, 80, True)
    monkeypatch.undo()
    assert {"title", "why", "failure", "needed", "old", "new", "value", "lock", "fold"} <= met
    assert not [style for style in met if style and not look(style)]


def test_a_line_is_padded_and_joined_by_its_text() -> None:
    line: Line = (Part("a", "old"), Part("bc"))
    assert plain(padded(line, 5)) == "abc  "
    assert padded(line, 2) == line
    assert plain(joined([line, (), line], "--")) == "abc----abc"

"""Colours change nothing but colours."""

import re

import pytest

from locking import Cell, Mutex, System, Thread, require, required, section
from locking.check import follow
from locking.traces.folding import View
from locking.traces.path import decode_choices
from locking.traces.styled import Line, Part, joined, padded, plain
from locking.traces.to_ansi import SECTIONS, THREADS, look, painted
from locking.traces.to_terminal import render, unpainted

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


def shown(view: View, width: int, paint: bool) -> str:
    """A run, with colours or without."""
    threads = [Thread("[bold]a", work), Thread("b[31m", work)]
    system = System([x, lock], threads, [required("seen")])
    trace = follow(system, decode_choices("", "a3.b3.a12"))
    finding = system.properties[0].find(trace.product, trace.end)
    assert finding is not None
    way = painted if paint else unpainted
    return render(trace, system.properties[0], finding, "a1", width, view=view, paint=way)


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_is_the_same_with_colours_and_without(view: View, width: int) -> None:
    coloured = shown(view, width, True)
    assert CODE.search(coloured)
    assert CODE.sub("", coloured) == shown(view, width, False)


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
    monkeypatch.setattr("locking.traces.to_ansi.look", lambda style: met.add(style) or "")
    for view in View:
        shown(view, 80, True)
    monkeypatch.undo()
    assert {"title", "why", "failure", "needed", "old", "new", "value", "lock", "fold"} <= met
    assert not [style for style in met if style and not look(style)]


def test_a_line_is_padded_and_joined_by_its_text() -> None:
    line: Line = (Part("a", "old"), Part("bc"))
    assert plain(padded(line, 5)) == "abc  "
    assert padded(line, 2) == line
    assert plain(joined([line, (), line], "--")) == "abc----abc"

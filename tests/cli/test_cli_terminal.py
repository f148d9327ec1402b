"""Every command at a terminal of several widths: what it shows there, and on a pipe beside it."""

import re
import shlex
from pathlib import Path

import pytest

from locking.cli.commands import COMMANDS
from locking.cli.parsing import NOT_ALL_KNOWN, STATUS
from tests.cli.examples import EXAMPLES, PROVES, prepare
from tests.cli.pseudo_terminal import Seen, at_terminal, lines_on, screen

WIDTHS = (60, 80, 120, 200)

CALLS = [
    pytest.param(name, words, id=f"{name}-{number}")
    for name, calls in EXAMPLES.items()
    for number, words in enumerate(calls)
]

FOR_TOOLS = ("graph", "export")
"""Commands whose output is a file for another program, with lines of its own."""

KEPT_WHOLE = re.compile(r" *(Replay: )?locking (replay|check) \S.*| *\S+")
"""Lines that no terminal breaks: a command to paste, and a single word such as a path."""


def test_every_command_is_tried() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()


def too_wide(lines: list[str], width: int) -> list[str]:
    """The lines that are wider than the terminal, and need not be."""
    return [each for each in lines if len(each) > width and not KEPT_WHOLE.fullmatch(each)]


def plain(lines: list[str]) -> str:
    """What is said in lines, without what differs from run to run: times, and where lines break."""
    return " ".join(re.sub(r"\d+\.\d+s", "0s", " ".join(lines)).split())


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "words"), CALLS)
def test_a_command_fits_its_terminal_and_shows_what_it_writes_to_a_pipe(
    name: str, words: str, width: int, here: Path, locking
) -> None:
    prepare(here)
    if name == "certify":
        assert locking(*PROVES.split())[0] == 0
    at_terminal_alone = run(name, words, width, here)
    piped = run(name, words, width, here, piped=True)
    assert piped.status == at_terminal_alone.status in range(NOT_ALL_KNOWN + 1)
    assert piped.out.strip()
    shown, beside = lines_on(at_terminal_alone), lines_on(piped)
    if name not in FOR_TOOLS:
        assert too_wide([*shown, *beside, *piped.out.splitlines()], width) == []
    assert plain(shown) == plain([*beside, *piped.out.splitlines()])
    for seen in (at_terminal_alone, piped):
        assert not screen(seen, width).cursor.hidden
        assert "Traceback" not in seen.terminal
        assert seen.left_behind == []


def run(name: str, words: str, width: int, here: Path, *, piped: bool = False) -> Seen:
    """What a call leaves, in a folder without what it wrote before."""
    for new in ("mine2.py", "mine3.py", "again.json"):
        (here / new).unlink(missing_ok=True)
    return at_terminal([name, *shlex.split(words)], width, piped=piped)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_help_text_fits_its_terminal(width: int, locking, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for name in ["", *COMMANDS]:
        status, out, err = locking(*name.split(), "--help")
        assert (status, err) == (0, "")
        assert [each for each in out.splitlines() if len(each) > width] == []
        assert name or " ".join(STATUS.split()) in plain(out.splitlines())


def test_a_message_is_folded_at_a_terminal_only() -> None:
    words = ["check", "toy.py", "--placement", "a" * 50, "--scenario", "none"]
    seen = at_terminal(words, 60, piped=True)
    assert seen.status == 2
    assert too_wide(lines_on(seen), 60) == []
    assert len(lines_on(seen)) > 1

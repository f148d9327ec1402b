"""The line that says how far a check is leaves a terminal as it was, whenever a signal comes."""

import io
import re
import sys

import pytest
from rich.live import Live

from locking.report.progress import ROOM_FOR_CTRL_C, progress_line

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


class Terminal(io.StringIO):
    """A terminal of 40 columns."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The terminal that stderr is from now on."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    for name, value in {"COLUMNS": "40", "LINES": "20", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    return made


def test_behind_the_line_is_room_for_what_ctrl_c_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    made = terminal(monkeypatch)
    with progress_line() as show:
        assert show
        show("x" * 100)
    longest = max(map(len, re.findall("x+…?", made.getvalue())))
    assert longest == 40 - ROOM_FOR_CTRL_C


def test_a_signal_while_the_line_is_begun_leaves_the_cursor_to_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = terminal(monkeypatch)
    begin = Live.start

    def interrupted(live: Live, *, refresh: bool) -> None:
        begin(live, refresh=refresh)
        raise KeyboardInterrupt

    monkeypatch.setattr(Live, "start", interrupted)
    with pytest.raises(KeyboardInterrupt), progress_line():
        pass
    written = made.getvalue()
    assert HIDE in written
    assert written.rindex(SHOW) > written.rindex(HIDE)

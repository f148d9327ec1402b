"""How much of a run is shown, and when it is coloured."""

import os
import pty
import re
import subprocess
import sys

import pytest

from locking.cli.main import main

DUYCK = "memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4"
LOST = "textbook.lost_update:only::sum::a1.b2.a1"
CODE = re.compile(r"\x1b\[[0-9;]*m")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that ends well."""
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal."""
    outer, inner = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    running = subprocess.Popen(
        [sys.executable, "-m", "locking", *arguments],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env={**plain, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
    )
    os.close(inner)
    written = b""
    try:
        while piece := os.read(outer, 4096):
            written += piece
    except OSError:  # the other end is closed
        pass
    os.close(outer)
    assert running.wait() == 0
    return written.decode().replace("\r\n", "\n")


def test_why_shows_four_of_23_steps_of_the_duyck_race(capsys) -> None:
    shown = printed(capsys, "replay", "--why", DUYCK)
    steps = re.findall(r"^ ?(\d+)  ", shown, re.MULTILINE)
    assert steps == ["9", "19", "22", "23"]
    assert "it depends on 4 steps" in shown
    assert "Left out: 19 steps." in shown
    assert "write(zone.zone_start_pfn" in shown


def test_a_long_run_is_folded_unless_all_of_it_is_asked_for(capsys) -> None:
    folded, full = printed(capsys, "replay", DUYCK), printed(capsys, "replay", "--full", DUYCK)
    assert "⋮ steps 1-8 of adder-12" in folded
    assert "⋮" not in full
    assert len(folded.splitlines()) * 4 < len(full.splitlines()) * 3


def test_a_short_run_is_never_folded(capsys) -> None:
    assert printed(capsys, "replay", LOST) == printed(capsys, "replay", "--full", LOST)


def test_trace_takes_the_same_options(capsys) -> None:
    arguments = ("trace", "textbook.lost_update", "--property", "sum")
    assert "it depends on 3 steps" in printed(capsys, *arguments, "--why")
    assert printed(capsys, *arguments, "--full") == printed(capsys, "replay", LOST)


def test_all_and_only_what_matters_exclude_each_other(capsys) -> None:
    assert main(["replay", "--why", "--full", LOST]) == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("form", "option", "says"),
    [
        ("json", "--why", "--why is for --to text and mermaid; --to json says everything"),
        ("json", "--full", "--full is of the text; --to json says all there is to say"),
        ("mermaid", "--full", "--full is of the text; --to mermaid says all there is to say"),
    ],
)
def test_a_form_that_says_everything_is_not_shortened(capsys, form, option, says) -> None:
    assert main(["replay", "--to", form, option, LOST]) == 2
    assert says in capsys.readouterr().err


def test_a_terminal_gets_colours_and_the_same_text(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    coloured = on_a_terminal("replay", "--why", DUYCK)
    assert CODE.search(coloured)
    assert CODE.sub("", coloured) == printed(capsys, "replay", "--why", DUYCK)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(environment: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal("replay", LOST, **environment)


def test_rich_is_not_imported_where_nothing_is_coloured() -> None:
    code = (
        "import sys; from locking.cli.main import main; main(sys.argv[1:]); "
        "print('rich' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "replay", LOST]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "False"

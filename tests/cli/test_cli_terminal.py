"""Every command at a terminal: at several widths, and ended at any moment by a signal."""

import fcntl
import os
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from locking.cli.commands import COMMANDS
from tests.cli.test_cli_process import SLOW
from tests.litmus.classics import CLASSICS

pytestmark = pytest.mark.slow

PATH = "toy.py:many:bare:sum::a1.b2.a1"
TRACE = str(
    next((Path(__file__).parents[1] / "data" / "traces").glob("*ftrace.txt.gz"), "none.txt")
)

EXAMPLES: dict[str, tuple[str, ...]] = {
    "check": ("toy.py",),
    "sample": ("toy.py", "--scenario", "many", "--placement", "bare", "--runs", "500"),
    "trace": ("memory_hotplug", "--scenario", "add-vs-remove", "--placement", "duyck"),
    "replay": (PATH,),
    "compare": ("locked", "bare", "--model", "toy.py"),
    "explain": ("locked", "--model", "toy.py"),
    "barriers": ("weak_memory.rcuwait_wake_up",),
    "measure": ("toy.py",),
    "cost": ("--placement", "duyck", "--nodes", "1..2"),
    "lockorder": ("toy.py",),
    "synthesize": (str(Path(__file__).parents[1] / "studies" / "toy.py"),),
    "graph": ("textbook.abba",),
    "export": ("textbook.abba", "--to", "promela"),
    "read": ("tree",),
    "drift": ("tree",),
    "conform": (TRACE,),
    "monitor": ("--placement", "duyck"),
    "litmus": ("SB.litmus",),
    "certify": ("none.json",),
    "list": ("memory_hotplug",),
    "new": ("placement", "mine2"),
}
"""A call of every command, with what is there in the folder."""


@pytest.fixture(autouse=True)
def folder(here: Path) -> None:
    """A folder in which every example says something; we stand in it."""
    (here / "tree").mkdir()
    (here / "slow.py").write_text(SLOW)
    (here / "SB.litmus").write_text(next(each.text for each in CLASSICS if each.name == "SB"))


BEGINS = """
import os, sys
from locking.cli.main import process
sys.argv[1:] = {words}
os.write({pipe}, b"!")
sys.exit(process())
"""
"""What runs a command, and says when it begins: before, Python itself prints a traceback."""


def at_terminal(words: list[str], width: int, ending: tuple[int, float] | None) -> tuple[int, str]:
    """The exit status of a command, and all that its terminal of `width` showed.

    `ending` is a signal that is sent after so many seconds.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    begun, tells = os.pipe()
    running = subprocess.Popen(
        [sys.executable, "-c", BEGINS.format(pipe=tells, words=words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm"},
        pass_fds=[tells],
    )
    os.close(theirs)
    os.close(tells)
    os.read(begun, 1)
    os.close(begun)
    if ending:
        time.sleep(ending[1])
        running.send_signal(ending[0])
    seen = b""
    try:
        while data := os.read(ours, 65536):
            seen += data
    except OSError:  # how Linux says that nobody has it open any more
        pass
    os.close(ours)
    return running.wait(timeout=600), seen.decode()


def shown_lines(text: str) -> list[str]:
    """The lines that a reader is left with, without colours and what was drawn over."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", lambda found: "\r" * (found[0][-1] == "K"), text)
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return [line.rstrip() for line in lines]


def test_every_command_is_tried() -> None:
    assert EXAMPLES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_fits_its_terminal(name: str, width: int) -> None:
    status, text = at_terminal([name, *EXAMPLES[name]], width, None)
    lines = shown_lines(text)
    assert "Traceback" not in text
    assert status in (0, 1, 2, 3) and lines
    if name in ("graph", "export", "monitor"):  # files for other tools have lines of their own
        return
    kept_whole = re.compile(r"locking replay|^ *\S+$|^locking: ")
    assert [each for each in lines if len(each) > width and not kept_whole.search(each)] == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_ended_leaves_no_traceback(name: str, ending: signal.Signals) -> None:
    after = random.Random(f"{name} {ending}").uniform(0.1, 2.0)
    status, text = at_terminal([name, *EXAMPLES[name]], 80, (ending, after))
    assert "Traceback" not in text, text
    assert status in (0, 1, 2, 3), text

"""Every command, ended at some moment by Ctrl-C at its terminal, or by SIGTERM.

The moment is drawn from a seed. What a command has come to by then depends on the machine; what is
asked here is so at every moment.
"""

import random
import re
import shlex
import signal
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from locking.cli.commands import COMMANDS
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED
from tests.cli.examples import LONG, PROVES, prepare
from tests.cli.pseudo_terminal import AtTerminal, Seen, at_terminal, lines_on, screen

pytestmark = pytest.mark.slow

MOMENTS = 2
"""How often each command is ended by each signal."""

COUNTED = re.compile(r"^interrupted: (\d+) of \d+ searches done$", re.MULTILINE)
"""How many searches were done, as it is said after them."""

OF_PROGRESS = re.compile(r"\d/s, frontier|in parallel, of which|, at this rate ")
"""What only the line says that tells how far a command is."""


def test_every_command_is_ended() -> None:
    assert LONG.keys() == COMMANDS.keys()


@pytest.mark.parametrize("piped", [False, True], ids=["terminal", "pipe"])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_ended_prints_what_it_knows(
    name: str, ending: signal.Signals, piped: bool, here: Path, locking
) -> None:
    prepare(here)
    if name == "certify":
        assert locking(*PROVES.split())[0] == 0
    words, latest = LONG[name]
    moments = random.Random(f"{name} {ending} {piped}")
    for _ in range(MOMENTS):
        for new in ("mine3.py", "report.xml"):
            (here / new).unlink(missing_ok=True)
        moment = moments.uniform(0, latest)

        def end(running: AtTerminal, moment: float = moment) -> None:
            time.sleep(moment)
            running.interrupt(ending)

        seen = at_terminal([name, *shlex.split(words)], 100, piped=piped, meanwhile=end)
        check_ended(seen, said_in(seen), f"{name} {words}: {ending.name} after {moment:.2f} s")
        if name == "check":
            check_known(said_in(seen), here / "report.xml")


def test_a_trace_that_is_ended_before_anything_is_known_says_so(locking, monkeypatch) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("locking.cli.searches.found_by", nothing)
    status, out, err = locking("trace", "textbook.abba")
    assert (status, out) == (3, "")
    assert err == "locking: interrupted: 0 of 1 searches done\n"


def said_in(seen: Seen) -> str:
    """All that a command said."""
    return "\n".join([seen.out, *lines_on(seen)])


def check_ended(seen: Seen, said: str, how: str) -> None:
    """Check that a command has ended as the reference says, and left nothing behind."""
    assert seen.status in (AS_DECLARED, NOT_AS_DECLARED, NOT_ALL_KNOWN), (how, said)
    assert seen.status != NOT_ALL_KNOWN or "interrupted" in said, (how, said)
    assert not re.search("Traceback|Exception ignored|KeyboardInterrupt", said), (how, said)
    assert not OF_PROGRESS.search(said), (how, said)
    assert "\x1b" not in seen.out, how
    assert not screen(seen, 100).cursor.hidden, how
    assert seen.left_behind == [], how


def check_known(said: str, report: Path) -> None:
    """Check that each search that was done is there: its line, a matrix, and the file."""
    found = COUNTED.search(said)
    if not found:
        return
    done = int(found[1])
    # The line of the last one may be missing: the signal can come when it is about to be printed.
    assert len(re.findall(r"^ *\d+/\d+  ", said, re.MULTILINE)) >= done - 1
    assert "states" in said or not done
    assert len(list(ElementTree.parse(report).iter("testcase"))) >= done

"""Every command that is printed for the reader works as it is pasted."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Command = Callable[..., Outcome]

PRINTED = re.compile(r"^(?: *|Replay: )(locking [a-z]+ .*)$", re.MULTILINE)
"""A line that is a command, alone or behind `Replay`."""

ODD = """
from locking import Cell, Model, Scenario, System, Thread, at_end

x = Cell("x", 0)

async def up():
    await x.write(await x.read() + 1)

MODEL = Model("odd", "?", lambda _: System(
    [x],
    [Thread("a b", up), Thread("c$d", up)],
    [at_end("it's $sum (1)", lambda s: s[x] == 2)],
), scenarios=[Scenario("one & two"), Scenario("x;y > z")])
"""
"""A model whose names mean something to a shell."""

SAYING = [
    ("check", "toy.py"),
    ("check", "an odd model.py"),
    ("trace", "toy.py"),
    ("trace", "an odd model.py"),
    ("explain", "locked", "--model", "toy.py"),
    ("compare", "locked", "bare", "--model", "toy.py"),
    ("sample", "toy.py", "--scenario", "many", "--placement", "bare", "--runs", "50"),
    ("sample", "an odd model.py", "--scenario", "x;y > z", "--runs", "50"),
    ("lockorder", "textbook.abba"),
]
"""Commands that print others."""


def printed_commands(text: str) -> list[str]:
    """The commands that stand in an output, each once."""
    return list(dict.fromkeys(PRINTED.findall(text)))


@pytest.mark.slow
@pytest.mark.parametrize("words", SAYING, ids=" ".join)
def test_a_printed_command_works_as_it_is_pasted(
    here: Path, locking: Command, words: tuple[str, ...]
) -> None:
    (here / "an odd model.py").write_text(ODD)
    found = printed_commands(locking(*words)[1])
    assert found
    for each in found[:2]:
        pasted = each.replace("locking ", f"{sys.executable} -m locking ", 1)
        done = subprocess.run(pasted, shell=True, capture_output=True, text=True, cwd=here)
        assert (done.returncode, done.stderr) == (0, ""), each
        assert done.stdout

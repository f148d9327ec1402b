"""What is hostile: texts that a terminal would obey, and strings that nobody would write."""

import io
import os
import pty
import re
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from locking.cli.main import main
from locking.traces.path import decode

EVIL = "\x1b[31m\x07\u202e[red]\r\n<script>\x9b2J"
"""Colour, a bell, right to left, markup of rich, a new line, HTML, and an escape in one byte."""

ODD = "[red]<script>%:'#"
"""What may be part of a name: markup, HTML, and what paths and shells write in another way."""

MODEL = f'''
"""Everything that has a name has an odd one; texts and values are hostile."""

from locking import (
    Cell, Expect, Model, Mutex, Parameter, Placement, RwSem, Scenario, System, Thread, at_end,
    data_race_free, deadlock_free, no_misuse, perform, require, required, section, sometimes,
    sometimes_together, step,
)

E = {EVIL!r}
N = {ODD!r}
lock = RwSem("lock" + N)
count = Cell("count" + N, "zero" + E)

@step("COUNT" + N, kernel="kernel" + E)
async def COUNT(_):
    seen = await count.read()
    await count.write(seen + E)

@step("WORK" + N)
async def WORK(_):
    async with section("work" + N):
        word = await count.read()
    require(len(word) < 60, "short" + N, word=word)

LOCKED = Placement("locked" + N, about="about" + E, worker=[lock.write(COUNT), lock.read(WORK)])
BARE = Placement("bare" + N, worker=[COUNT, WORK])

def build(case):
    trees = case.placement.roles["worker"]
    threads = [Thread(f"w{{n}}" + N, perform, (trees, None)) for n in range(2)]
    return System([lock, count], threads, [
        at_end("end" + N, lambda s: len(s[count]) == 2, "about" + E),
        required("short" + N, "about" + E),
        sometimes("some" + N, lambda s: s[count] == "one", "about" + E),
        sometimes_together("par" + N, "work" + N, "work" + N, "about" + E),
        deadlock_free(), no_misuse(), data_race_free(),
    ])

MODEL = Model(
    "evil" + N, "title" + E, build,
    scenarios=(Scenario("many" + N, "all" + E),),
    placements=(LOCKED, BARE),
    parameters=(Parameter("word", "a" + E, "x" + E, words=("a" + E, "b" + E)),),
    expected=(Expect("end" + N, "why" + E, placements=("bare" + N,)),),
    steps={{"worker": (COUNT, WORK)}},
    notes={{"work" + N: "note" + E}},
)
'''

BARE = ("evil.py", "--placement", f"bare{ODD}")

COMMANDS = [
    ("check", "evil.py"),
    ("check", "evil.py", "--json"),
    ("check", "evil.py", "--verbose"),
    ("list", "evil.py"),
    ("trace", *BARE),
    ("trace", *BARE, "--property", f"short{ODD}"),
    ("trace", *BARE, "--property", "data-race"),
    ("trace", *BARE, "--property", "deadlock-free"),
    ("measure", "evil.py"),
    ("compare", "--model", "evil.py", f"locked{ODD}", f"bare{ODD}"),
    ("explain", "--model", "evil.py", f"locked{ODD}"),
    ("sample", *BARE, "--runs", "20"),
    ("sample", *BARE, "--method", "bounded"),
    ("synthesize", "evil.py"),
    ("synthesize", "evil.py", "--require", f"short{ODD}", "--locks", f"lock{ODD}"),
    ("graph", *BARE),
    ("graph", *BARE, "--thread", f"w0{ODD}"),
    ("graph", *BARE, "--object", f"lock{ODD}"),
    ("export", *BARE, "--to", "promela"),
]
"""Commands that do what they say of the hostile model."""

REFUSED = [
    ("check", "evil.py", "--property", f"nope{EVIL}"),
    ("check", "evil.py", "--scenario", f"x{EVIL}"),
    ("check", "evil.py", "--word", f"q{EVIL}"),
    ("check", "evil.py", f"--wo{EVIL}", "q"),
    ("check", f"evil{EVIL}"),
    ("check", f"no/{EVIL}.py"),
    ("check", "evil.py", "--junit", f"none/x{EVIL}"),
    ("check", "evil.py", "--engine", EVIL),
    ("graph", *BARE, "--thread", "x"),
    ("new", "model", EVIL),
    ("replay", f"evil.py:x{EVIL}"),
    ("replay", "evil.py:many%1b::::a1"),
    (EVIL,),
]
"""Commands that say what is wrong."""


def obeyed(text: str) -> list[str]:
    """The signs that a terminal would not just show."""
    return [sign for sign in text if not sign.isprintable() and sign != "\n"]


@pytest.fixture(autouse=True)
def evil(here):
    """The hostile model, in the folder where we stand."""
    (here / "evil.py").write_text(MODEL)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words)[:24].split("\x1b")[0])
def test_no_command_hands_a_control_character_of_a_model_to_the_terminal(locking, words):
    """The replay of a printed path hands none over either, and no name is taken for markup."""
    status, out, err = locking(*words)
    assert status in (0, 1, 3), err
    assert not obeyed(out + err)
    assert words[0] in ("synthesize", "export", "graph") or "[red]" in out
    paths = [line.split()[-1] for line in out.splitlines() if "locking replay " in line]
    for path in dict.fromkeys(paths):
        status, out, err = locking("replay", path)
        assert status == 0, err
        assert not obeyed(out)


@pytest.mark.parametrize("words", REFUSED, ids=lambda words: " ".join(words)[:24].split("\x1b")[0])
def test_no_error_does(locking, words):
    status, out, err = locking(*words)
    assert (status, out) == (2, "")
    assert err.startswith("locking: ") and not obeyed(err)


HUGE = 10_000_000
FRONT = "memory_hotplug:add-vs-remove:duyck:init-inside-span:"

MONSTERS = {
    "model": "y" * HUGE + ":x:y:z::a1",
    "scenario": "memory_hotplug:" + "y" * HUGE + ":duyck:x::a1",
    "roles": "memory_hotplug:" + "adder+" * 100_000 + "adder:duyck:x::a1",
    "placement": "memory_hotplug:add-vs-remove:" + "y" * HUGE + ":x::a1",
    "changes": "memory_hotplug:add-vs-remove:duyck" + "~adder.1.drop" * 20_000 + ":x::a1",
    "property": "memory_hotplug:add-vs-remove:duyck:" + "%25" * 1_000_000 + "::a1",
    "scope": FRONT + ",".join(f"x{n}=1" for n in range(200_000)) + ":a1",
    "number": FRONT + "adders=" + "9" * 5_000 + ":a1",
    "turns": FRONT + ":" + "a1." * 1_100_000,
    "turn": FRONT + ":" + "q" * HUGE,
    "steps": FRONT + ":a1000000",
    "thread": FRONT + ":zzzzzz1",
    "outcome": FRONT + ":a~" + "9" * 999,
    "fields": ":" * HUGE,
    "file": "x" * 5_000 + ".py:a:b:c::a1",
    "null": "memory_hotplug%00.py:a:b:c::a1",
    "encoding": "%ff:a:b:c::a1",
}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name, marks=[pytest.mark.slow] if name == "turns" else [])
        for name, path in MONSTERS.items()
    ],
)
def test_a_monstrous_path_is_refused_at_once_and_in_few_words(locking, path):
    started = time.process_time()
    status, out, err = locking("replay", path)
    assert (status, out) == (2, "")
    assert err.startswith("locking: ") and len(err) < 5_000
    assert time.process_time() - started < 20


def is_in(module, folder) -> bool:
    """Whether a module was read from a folder."""
    return str(getattr(module, "__file__", "")).startswith(str(folder))


def test_a_path_of_another_text_of_the_model_is_refused(locking, here):
    """It would show something else than what was found."""
    _, out, _ = locking("trace", "toy.py", "--scenario", "many", "--placement", "bare")
    path = out.split()[-1]
    assert locking("replay", path)[0] == 0
    text = (here / "toy.py").read_text()
    for old, new, says in (
        ("seen = await count.read()\n    ", "seen = 0\n    ", "can't take it; it has ended"),
        ("await count.write(seen + 1)", "await count.write(2)", "its end does not show sum"),
        ('at_end("sum"', 'at_end("total"', "unknown property 'sum'"),
    ):
        for name in [n for n, each in sys.modules.items() if is_in(each, here)]:
            del sys.modules[name]
        (here / "toy.py").write_text(text.replace(old, new))
        status, out, err = locking("replay", path)
        assert (status, out) == (2, "")
        assert says in err, err


def test_a_path_that_is_too_long_for_a_command_is_read_from_the_input(locking, monkeypatch):
    path = "textbook.lost_update:only::sum::a1.b2.a1"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\n{path}\n  {path}  \n"))
    status, out, _ = locking("replay", "-")
    assert (status, out.count(f"Replay: locking replay {path}")) == (0, 2)


@pytest.mark.parametrize(
    ("stdin", "words", "says"),
    [
        ("\n \n", (), "- reads path strings, one a line, and there are none"),
        ("a:b\n", (), "has 2 fields, not 6"),
        ("", ("--step",), "no path can be read from there"),
        (None, (), "- reads path strings, one a line, and there are none"),
        (b"\xff\xfe\n", (), "what is read is no text"),
    ],
)
def test_an_input_without_paths_is_refused(locking, monkeypatch, stdin, words, says):
    raw = io.BytesIO(stdin) if isinstance(stdin, bytes) else None
    text = None if stdin is None else io.StringIO(stdin) if isinstance(stdin, str) else None
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw, "utf-8") if raw else text)
    status, out, err = locking("replay", "-", *words)
    assert (status, out) == (2, "")
    assert says in err


@pytest.mark.parametrize("name", ["größe", "a:b%1b", "-", "a/b c"])
def test_a_name_of_any_signs_that_show_survives_in_a_path(locking, here, name):
    (here / "odd.py").write_text(
        "from locking import *\n"
        "cell = Cell('c', 0)\n"
        "async def work(): await cell.write(1)\n"
        f"name = {name!r}\n"
        "MODEL = Model('odd', '', lambda _: System([cell], [Thread(name, work)],\n"
        "    [always(name, lambda s: s[cell] == 0)]))\n"
    )
    status, out, err = locking("trace", "odd.py")
    assert (status, err) == (0, "")
    path = out.split()[-1]
    assert decode(path).property == name
    assert main(["replay", path]) == 0


@pytest.mark.parametrize("words", [COMMANDS[0], COMMANDS[5]], ids=["check", "trace"])
def test_on_a_terminal_only_our_own_colours_are_obeyed(here, words):
    """A progress line, colours and bold are ours; nothing else is there but text."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "locking", *words]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=here, env=env)
    os.close(theirs)
    said = b""
    with suppress(OSError):  # the end, on Linux
        while piece := os.read(ours, 1 << 16):
            said += piece
    os.close(ours)
    assert process.wait() in (0, 1)
    text = re.sub(r"\x1b\[[0-9;?]*[mAKhl]", "", said.decode())
    assert "\\x1b[31m" in text and "\x1b[" in said.decode()
    assert not {sign for sign in text if not sign.isprintable()} - {"\r", "\n"}

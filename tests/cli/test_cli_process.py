"""The command as a process: pipes, terminals, signals, folders."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from locking.cli.main import main


def process(*words: str, **options: object) -> tuple[int, str, str]:
    """The command, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "locking", *words], capture_output=True, text=True, **options
    )
    return done.returncode, done.stdout, done.stderr


def test_a_process_prints_what_the_command_prints(locking) -> None:
    path = "toy.py:many:bare:sum::a1.b2.a1"
    for words in (("list", "toy.py"), ("replay", path), ("check", "toy.py", "--property", "x")):
        assert process(*words) == locking(*words)


def test_a_pipe_gets_plain_text_80_columns_wide() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    status, out, err = process("check", "toy.py", env=environment)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_an_error_of_a_process_is_no_traceback() -> None:
    status, out, err = process("check", "toy.py", "--placement", "none.py")
    assert (status, out, err) == (2, "", "locking: none.py: No such file or directory\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["models.py", "models/__init__.py"])
def test_a_users_own_models_break_nothing(here: Path, name: str) -> None:
    (here / name).parent.mkdir(exist_ok=True)
    (here / name).write_text("raise RuntimeError('not this one')\n")
    assert process("check", "textbook.abba")[0] == 0
    script = Path(sys.executable).with_name("locking")
    assert subprocess.run([script, "check", "textbook.abba"], capture_output=True).returncode == 0


@pytest.mark.slow
def test_text_that_the_encoding_lacks_is_replaced() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    status, out, err = process("check", "toy.py", env=environment)
    assert (status, err) == (0, "")
    assert out.isascii()
    assert ". not judged" in out
    status, out, _ = process("replay", "toy.py:many:bare:sum::a1.b2.a1", env=environment)
    assert status == 0
    assert out.isascii()
    assert "?" not in out


@pytest.mark.parametrize(
    "closed",
    [">&-", *(pytest.param(each, marks=pytest.mark.slow) for each in ("2>&-", ">&- 2>&-"))],
)
def test_a_closed_stream_is_no_error(closed: str) -> None:
    command = f"{sys.executable} -m locking check toy.py {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("toy: ") == (closed == "2>&-")


@pytest.mark.slow
def test_a_reader_that_leaves_is_not_complained_of() -> None:
    command = [sys.executable, "-m", "locking", "check", "toy.py", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


@pytest.mark.slow
def test_output_that_can_not_be_written_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "locking", "check", "toy.py"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("locking: can't write what was found: ")
    assert "Traceback" not in done.stderr


SLOW = """
from locking import Cell, Model, System, Thread, at_end, forever, sometimes

cells = [Cell(f"cell{n}", 0) for n in range(6)]

async def up(cell):
    for value in range(1, 40):
        await cell.write(value)

MODEL = Model("slow", "Does it end?", lambda _: System(
    cells,
    [Thread(f"t{n}", up, (cell,)) for n, cell in enumerate(cells)],
    [at_end("end", lambda s: s[cells[0]] == 39), sometimes("one", lambda s: s[cells[0]] == 1)],
))
"""


class Terminal:
    """A process whose stderr is a terminal."""

    def __init__(self, *words: str) -> None:
        ours, theirs = pty.openpty()
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "locking", *words], stdout=subprocess.PIPE, stderr=theirs
        )
        os.close(theirs)
        self.reader = threading.Thread(target=self.read, args=(ours,))
        self.reader.start()

    def read(self, ours: int) -> None:
        """Collect what is written to the terminal, until nobody has it open."""
        try:
            while data := os.read(ours, 4096):
                self.seen += data
        except OSError:  # how Linux says that it was closed
            pass
        os.close(ours)

    def wait_for(self, pattern: bytes) -> None:
        """Wait until the terminal has shown what fits a pattern."""
        until = time.monotonic() + 300
        while not re.search(pattern, self.seen):
            if time.monotonic() > until:
                self.process.kill()
                raise AssertionError(self.seen)
            time.sleep(0.05)

    def end(self) -> tuple[int, str]:
        """The exit status and what was written to stdout."""
        try:
            out, _ = self.process.communicate(timeout=600)
        finally:
            self.process.kill()  # one that went on would take memory until there is none
        self.reader.join()
        return self.process.returncode, out.decode()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_a_check_early_prints_what_is_known(here: Path, ending: signal.Signals) -> None:
    (here / "slow.py").write_text(SLOW)
    terminal = Terminal("check", "slow.py", "--junit", "report.xml", "--engine", "reference")
    terminal.wait_for(rb"\d,\d{3} states")  # some states are known then
    terminal.process.send_signal(ending)
    status, out = terminal.end()
    assert status == 3
    assert "NOT every interleaving (interrupted)" in out
    assert "\ninterrupted: 0 of 1 searches done\n" in out
    assert "one is possible" in out
    assert 'name="one"' in (here / "report.xml").read_text()
    assert re.search(rb"1/1: [\d,]+ states, [\d,]+/s, frontier [\d,]+, \d+ MiB", terminal.seen)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_end_of_python_changes_no_exit_status(ending: signal.Signals) -> None:
    code = f"""
import atexit, os, sys
from locking.cli.main import process
atexit.register(os.kill, os.getpid(), {ending:d})
sys.argv[1:] = ["list", "toy.py"]
sys.exit(process())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_signal_where_python_drops_what_is_raised_ends_a_check_too(here: Path) -> None:
    step = "        await cell.write(value)"
    (here / "slow.py").write_text(
        SLOW.replace("import Cell", "import atomic, Cell").replace(
            step, f"        async with atomic():\n    {step}"
        )
    )
    code = """
import os, signal, sys
from locking.cli.main import process
from locking.programs.constructs import Block

def cut(block):
    del Block.__del__
    os.kill(os.getpid(), signal.SIGINT)

Block.__del__ = cut
sys.argv[1:] = ["check", "slow.py", "--engine", "reference", "--max-seconds", "60"]
sys.exit(process())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "")
    assert "NOT every interleaving (interrupted)" in done.stdout


@pytest.mark.slow
def test_progress_on_a_terminal_leaves_stdout_alone() -> None:
    terminal = Terminal("check", "toy.py", "--json")
    status, out = terminal.end()
    assert status == 0
    assert [json.loads(line)["model"] for line in out.splitlines()] == ["toy.py"] * 14
    assert b"1/6: many, locked" in terminal.seen
    assert b'"model"' not in terminal.seen


@pytest.mark.parametrize(
    ("words", "file", "printed"),
    [
        (("monitor", "--placement", "duyck", "--into", "watch"), "watch/watch.bt", 0),
        (("synthesize", "toy.py", "--save", "front.py"), "front.py", 1),
    ],
)
def test_files_are_written_before_what_a_reader_may_leave(
    words: tuple[str, ...],
    file: str,
    printed: int,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = iter(range(printed))

    def print_until_the_reader_leaves(*_: object, **__: object) -> None:
        if next(left, None) is None:
            raise BrokenPipeError

    monkeypatch.setattr("builtins.print", print_until_the_reader_leaves)
    monkeypatch.setattr("locking.cli.main.drop_output", lambda: None)
    assert main(words) == 141
    assert (here / file).exists()


def test_what_a_model_prints_is_no_result(here: Path) -> None:
    text = (here / "toy.py").read_text()
    for what, line in (("def build(case):\n", "builds"), ("async def COUNT(_):\n", "runs")):
        text = text.replace(what, f"{what}    print({line!r})\n")
    (here / "toy.py").write_text(text + "print('reads')\n")
    for jobs in ("1", "2"):
        status, out, err = process("check", "toy.py", "--json", "--jobs", jobs)
        assert status == 0
        assert all(json.loads(line) for line in out.splitlines())
        assert {"reads", "builds", "runs"} <= set(err.split())


def test_a_matrix_is_printed_when_its_model_ends(here: Path) -> None:
    (here / "slow.py").write_text(SLOW)
    with subprocess.Popen(
        [sys.executable, "-m", "locking", "check", "toy.py", "slow.py"],
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout
        lines = [running.stdout.readline()]
        while not lines[-1].startswith("whole: "):
            lines.append(running.stdout.readline())
        running.send_signal(signal.SIGTERM)
        rest = running.stdout.read()
    assert lines[0] == "toy: Who counts?\n"
    assert "interrupted: 6 of 7 searches done" in rest
    assert running.returncode == 3


def test_what_was_found_before_an_error_is_printed(here: Path) -> None:
    text = (here / "toy.py").read_text()
    broken = "    if case.scenario.name == 'alone': 1 / 0\n"
    (here / "toy.py").write_text(text.replace("def build(case):\n", "def build(case):\n" + broken))
    status, out, err = process("check", "toy.py", "--placement", "bare")
    assert status == 2
    assert "\nbare: fails sum" in out
    assert err.startswith("locking: toy.py, alone, bare: build() raised ZeroDivisionError")

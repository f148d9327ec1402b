"""Stepping: the debugger stands in the thread's own coroutine, before each step of a path."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from locking.cli.main import main

LOST = "textbook.lost_update:only::sum::a1.b2.a1"
PLACED = "memory_hotplug:add-vs-remove:duyck:init-inside-span::a10.b6.a4"
PROMPT = "(Pdb) "

NESTED = '''
"""Coroutines in coroutines, a procedure, a choice, and a name that a terminal would obey."""

from locking import Cell, Model, Mutex, System, Thread, atomic, choose, procedure, require, required

cell, lock = Cell("cell[31m", 0), Mutex("lock")

async def inner(factor):
    seen = await cell.read()
    return seen + factor

@procedure
async def middle(factor):
    more = await inner(factor)
    return more

async def work(factor):
    found = await middle(factor)
    found = found * 2
    breakpoint()
    async with lock.hold():
        picked = await choose("\\x1b[7m", 10)
        async with atomic():
            await cell.write(picked)
            await cell.write(found)
    require(False, "never", found=found)

MODEL = Model("nested", "", lambda _: System(
    [cell, lock], [Thread("w[1m", work, (3,))], [required("never")]))
'''
NESTED_PATH = "nested.py:only::never::a2.a~0.a2"


class Terminal:
    """`locking replay --step` on a pseudo-terminal."""

    def __init__(self, path: str, folder: Path, **env: str) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "locking", "replay", path, "--step"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "80", "HOME": str(folder), **env},
        )
        os.close(theirs)

    def until(self, sign: str) -> str:
        """What is printed up to `sign`, or up to the end where there is none."""
        text, last = b"", time.monotonic() + 300
        while not (sign and text.endswith(sign.encode())):
            ready, _, _ = select.select([self.ours], [], [], max(0, last - time.monotonic()))
            assert ready, f"it hangs after {text!r}"
            try:
                text += os.read(self.ours, 1000)
            except OSError:  # the end, on Linux
                break
        return text.decode().replace("\r\n", "\n")

    def does(self, command: str) -> str:
        """What is printed once `command` was typed, up to the next prompt or the end."""
        os.write(self.ours, f"{command}\n".encode())
        return self.until(PROMPT).removeprefix(f"{command}\n")

    def close(self) -> None:
        """End it, and both ends of the terminal."""
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """What opens a terminal in a folder with the nested model."""
    (tmp_path / "nested.py").write_text(NESTED)
    opened: list[Terminal] = []

    def open_(path: str, **env: str) -> Terminal:
        opened.append(Terminal(path, tmp_path, **env))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def test_p_n_w_and_c_work_in_the_coroutine(terminal: Open) -> None:
    """Locals are there, `n` leads to the thread's next line, `c` to the next step of any."""
    on = terminal(LOST)
    start = on.until(PROMPT)
    assert start.startswith("Step 1 of 4, first: read(counter), lost_update.py:")
    assert "add_one()\n-> seen = await counter.read()\n" in start
    assert "name 'seen' is not defined" in on.does("p seen")
    assert on.does("n").endswith("-> await counter.write(seen + 1)\n(Pdb) ")
    assert on.does("p seen + 41") == "41\n(Pdb) "
    second = on.does("c")
    assert second.startswith("Step 2 of 4, second: read(counter), ")
    assert "name 'seen' is not defined" in on.does("p seen")
    on.does("c")
    where = on.does("w")
    assert where.count("add_one()") == 1 and "replay" not in where
    assert on.does("c").startswith("Step 4 of 4, first: write(counter, 1), ")
    assert on.does("p seen") == "0\n(Pdb) "
    end = on.does("c")
    assert "\nWhy: " in end and "write(counter, 1) by first in step 4" in end
    assert end.rstrip().endswith(f"Replay: locking replay {LOST}")
    assert on.process.wait(10) == 0


def test_n_comes_from_the_last_line_of_a_run_to_the_step_of_another(terminal: Open) -> None:
    on = terminal(LOST)
    on.until(PROMPT)
    on.does("n")
    assert on.does("n").startswith("Step 2 of 4, second: ")


def test_a_placement_is_stepped_through(terminal: Open) -> None:
    """In front of its locks the placement's frame is shown, in a step the step's own."""
    on = terminal(PLACED)
    start = on.until(PROMPT)
    assert start.startswith("Step 1 of 20, adder-12: down_write(mem_hotplug_lock), placements.py:")
    assert on.does("p tree.lock") == "RwSem('mem_hotplug_lock')\n(Pdb) "
    inside = on.does("n")
    assert "sections.py" in inside and "Step 2" not in inside
    second = on.does("c")
    assert second.startswith("Step 2 of 20, adder-12: read(mem_section), sections.py:")
    assert "; mem_hotplug_lock: write adder-12; waiting: remover-10\n" in second
    assert on.does("p own.pfns") == "(12,)\n(Pdb) "
    assert on.does("c").startswith("Step 3 of 20, adder-12: atomic, spin_lock(pgdat_resize_lock)")
    assert "left at step 3 of 20; how the run ends is not shown" in on.does("q")


def test_procedures_choices_and_nested_coroutines_are_stepped_through(terminal: Open) -> None:
    """The innermost frame of the model is shown, with those outside of it."""
    on = terminal(NESTED_PATH)
    start = on.until(PROMPT)
    assert "inner()\n-> seen = await cell.read()\n" in start
    assert [on.does("w").count(name) for name in ("work()", "middle()", "inner()")] == [1, 1, 1]
    on.does("u")
    assert on.does("p factor, 'more' in locals()") == "(3, False)\n(Pdb) "
    on.does("d")
    assert "-> return seen + factor" in on.does("n")
    assert "-> return more" in on.does("n")
    assert "-> found = found * 2" in on.does("n")
    assert "-> breakpoint()" in on.does("n")
    assert on.does("p found") == "6\n(Pdb) "
    assert "breakpoint()\n" in on.does("c"), "the call itself stops"
    assert on.does("c").startswith("Step 2 of 5, w[1m: mutex_lock(lock), nested.py:")
    assert on.does("c").startswith("Step 3 of 5, w[1m: choose -> '\\x1b[7m', nested.py:")
    assert "atomic, write(cell[31m, '\\x1b[7m')" in on.does("c")
    assert "-> await cell.write(found)" in on.does("n"), "inside the atomic block"
    assert on.does("c").startswith("Step 5 of 5, w[1m: mutex_unlock(lock), nested.py:")
    assert "-> require(False" in on.does("n")
    assert "RequirementFailed" in on.does("n"), "what ends the run is shown where it is raised"
    end = on.does("c")
    assert "never fails after 5 steps" in end and "\x1b" not in end


def test_a_breakpoint_in_the_model_stops_in_the_run_alone(terminal: Open) -> None:
    """Learning before the run does not stop there; `b` and `s` work."""
    on = terminal(NESTED_PATH)
    on.until(PROMPT)
    assert "Breakpoint 1 at" in on.does("b inner")
    assert "-> return seen + factor" in on.does("s")
    stopped = on.does("c")
    assert "work()\n-> breakpoint()\n" in stopped or "-> async with lock.hold():" in stopped
    assert on.does("p found") == "6\n(Pdb) "
    assert "-> async with lock.hold():" in on.does("n")
    assert "Step 2 of 5" in on.does("n")


def test_where_breakpoints_are_switched_off_nothing_stops(terminal: Open) -> None:
    on = terminal(LOST, PYTHONBREAKPOINT="0")
    assert on.until("").startswith("sum fails after 4 steps")
    assert on.process.wait(10) == 0


@pytest.mark.parametrize(
    ("typed", "said"), [("q\n", "left at step 1 of 4"), ("\x04", "the input ended at step 1 of 4")]
)
def test_leaving_it_is_said_in_a_line(terminal: Open, typed: str, said: str) -> None:
    on = terminal(LOST)
    on.until(PROMPT)
    os.write(on.ours, typed.encode())
    rest = on.until("")
    assert f"locking: {said}; how the run ends is not shown\n" in rest
    assert "Traceback" not in rest and "BdbQuit" not in rest
    assert on.process.wait(10) == 3


def test_leaving_it_in_the_middle_of_a_step_is_no_failure_of_the_thread(terminal: Open) -> None:
    on = terminal(LOST)
    on.until(PROMPT)
    on.does("n")
    rest = on.does("q")
    assert rest.startswith("locking: left at step 1 of 4") and "Traceback" not in rest


def test_ctrl_c_gives_the_prompt_back(terminal: Open) -> None:
    """As pdb does; `q` leaves it."""
    on = terminal(LOST)
    on.until(PROMPT)
    while not select.select([on.ours], [], [], 0.5)[0]:  # one that comes too early waits for a key
        on.process.send_signal(signal.SIGINT)
    assert "--KeyboardInterrupt--" in on.until(PROMPT)
    assert "left at step 1 of 4" in on.does("q")


def test_without_a_terminal_it_ends_with_its_input(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It doesn't wait for anybody."""
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert main(["replay", LOST, "--step"]) == 3
    assert "the input ended at step 1 of 4" in capfd.readouterr().err


def test_without_any_input_it_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["replay", LOST, "--step"]) == 2
    assert "--step reads what to do from its input, and has none" in capsys.readouterr().err


def test_a_path_that_does_not_replay_is_refused_before_the_first_stop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["replay", "textbook.lost_update:only::sum::a9", "--step"]) == 2
    assert capsys.readouterr().out == ""

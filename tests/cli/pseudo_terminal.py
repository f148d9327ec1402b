"""A command at a real terminal of a chosen width, and what a person sees there.

Rule of this file: nothing here judges; the tests do.
"""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import psutil
import pytest

pyte = pytest.importorskip("pyte", reason="the extra `test` is not installed")

ROWS = 40
"""Lines of the terminal."""

WIDEST = 1_000
"""Columns of a screen on which no line is broken."""

ENDS_WITHIN = 300
"""Seconds in which a command ends after a signal, however busy the machine is."""

CTRL_C = b"\x03"

BEGINS = """
import os, sys
from locking.cli.main import process
from locking.cli.signals import stop_at_signals
sys.argv[1:] = {words}
stop_at_signals()
try:
    os.write({pipe}, b"!")
    status = process()
except KeyboardInterrupt:
    status = 3
    print("interrupted before it began")
sys.exit(status)
"""
"""What runs a command, and says when it begins: before, Python itself prints a traceback."""


class Seen(NamedTuple):
    """What a command left: stdout, if that is a pipe; what the terminal was sent; its processes."""

    status: int
    out: str
    terminal: str
    left_behind: list[str]
    seconds: float


class AtTerminal:
    """A command whose terminal has `width` columns; its stdout is a pipe, if it is `piped`."""

    def __init__(self, words: list[str], width: int, *, piped: bool = False) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, width, 0, 0))
        environment = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
        if piped:  # nothing else says how wide a pipe is
            environment["COLUMNS"] = str(width)
        begun, tells = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", BEGINS.format(pipe=tells, words=words)],
            stdin=theirs,
            stdout=subprocess.PIPE if piped else theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm"},
            pass_fds=[tells],
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # Ctrl-C comes from it
        )
        os.close(theirs)
        os.close(tells)
        self.seen = self.out = b""
        self.readers = [threading.Thread(target=self.read_terminal)]
        if piped:
            self.readers.append(threading.Thread(target=self.read_pipe))
        for reader in self.readers:
            reader.start()
        os.read(begun, 1)
        os.close(begun)
        self.began = time.monotonic()

    def read_terminal(self) -> None:
        """Collect what the terminal is sent, until nobody has it open."""
        try:
            while data := os.read(self.ours, 65536):
                self.seen += data
        except OSError:  # how Linux says that nobody has it open any more
            pass

    def read_pipe(self) -> None:
        """Collect what stdout gets."""
        assert self.process.stdout
        with self.process.stdout as pipe:
            self.out = pipe.read()

    def interrupt(self, ending: signal.Signals) -> None:
        """End it early: by the key Ctrl-C, which all its processes get, or by a signal to it."""
        if ending == signal.SIGINT:
            os.write(self.ours, CTRL_C)
        else:
            self.process.send_signal(ending)

    def end(self) -> Seen:
        """What it left, once it has ended."""
        try:
            status = self.process.wait(timeout=ENDS_WITHIN)
        finally:
            self.process.kill()
        seconds = time.monotonic() - self.began
        left = processes_of_session(self.process.pid)
        for reader in self.readers:
            reader.join()
        os.close(self.ours)
        return Seen(status, self.out.decode(), self.seen.decode(), left, seconds)


def processes_of_session(session: int) -> list[str]:
    """The processes of a session that still run; one that was killed just now is given a moment."""
    for _ in range(50):
        left = [each for each in psutil.process_iter() if session_of(each.pid) == session]
        if not left:
            return []
        time.sleep(0.1)
    return [str(each) for each in left]


def session_of(process: int) -> int | None:
    """The session of a process, if it still is there."""
    try:
        return os.getsid(process)
    except OSError:
        return None


def at_terminal(
    words: list[str],
    width: int,
    *,
    piped: bool = False,
    meanwhile: Callable[[AtTerminal], None] = lambda _: None,
) -> Seen:
    """What a command leaves at a terminal; `meanwhile` is done while it runs."""
    running = AtTerminal(words, width, piped=piped)
    meanwhile(running)
    return running.end()


def screen(seen: Seen, width: int) -> "pyte.Screen":
    """What a terminal of `width` columns shows in the end; it is as high as it need be."""
    rows = sum(1 + len(line) // width for line in seen.terminal.split("\n"))
    shown = pyte.Screen(width, rows)
    pyte.Stream(shown).feed(seen.terminal)
    return shown


def lines_on(seen: Seen, width: int = WIDEST) -> list[str]:
    """The lines that a terminal shows in the end; none is broken, if it is wide enough."""
    return "\n".join(line.rstrip() for line in screen(seen, width).display).rstrip().split("\n")

"""A line that says how far a check is, while it runs; only on a terminal.

Rule of this file: stdout is not touched, so that what goes there can be piped on.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from locking.check import Progress
from locking.explore.level_sizes import LevelSizes
from locking.model import Case
from locking.report.remaining import Remaining
from locking.text.fit import escape

REDRAW_SECONDS = 0.1
"""Seconds between two changes of the line."""

ROOM_FOR_CTRL_C = len("^C ")
"""Columns that the line leaves: a terminal puts `^C` behind it, and what wraps would stay."""

Show = Callable[[str], None]
"""What shows a text in the line."""


@contextmanager
def progress_line(*, wanted: bool = True) -> Iterator[Show | None]:
    """What shows a text in the line; None where nobody would see it."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # most runs need no terminal
    from rich.constrain import Constrain
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    live = Live(
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        auto_refresh=False,  # that would be a thread, and a process that has some is not copied
    )

    def show(text: str) -> None:
        line = Text(escape(text), "dim", no_wrap=True, overflow="ellipsis")
        live.update(Constrain(line, console.width - ROOM_FOR_CTRL_C), refresh=True)

    try:
        with live:
            yield show
    finally:
        console.show_cursor()  # a signal may have come while the line was begun or ended


@contextmanager
def counting_bar(whole: int) -> Iterator[Callable[[int, str], None]]:
    """What shows how many of `whole` are done, with a remark, and how long the rest may take.

    The estimate is what the rest takes at the rate so far; nothing is said of the first second.
    """
    with progress_line() as show:
        started = shown = time.monotonic()

        def progress(done: int, remark: str) -> None:
            nonlocal shown
            now = time.monotonic()
            if show and now - shown >= REDRAW_SECONDS:
                shown = now
                show(f"{done:,}/{whole:,}, {remark}{left(done, whole, now - started)}")

        yield progress


def left(done: int, whole: int, elapsed: float) -> str:
    """How long the rest takes at the rate so far."""
    if elapsed < 1 or not done:
        return ""
    minutes, seconds = divmod(round(elapsed * (whole - done) / done), 60)
    return f", at this rate {minutes}:{seconds:02} left"


def title(case: Case) -> str:
    """The case in few words."""
    return ", ".join([case.scenario.reference, *([case.placement.name] if case.placement else [])])


def case_progress(number: str, case: Case, show: Show) -> Progress:
    """What shows the states met and gone through of one case; its name may be cut off."""
    name = title(case)
    process = psutil.Process()
    remaining = Remaining()
    started = shown = time.monotonic()
    show(f"{number}: {name}")

    def progress(met: int, through: int, levels: LevelSizes | None) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < REDRAW_SECONDS:
            return
        shown = now
        memory = process.memory_info().rss // 2**20
        rest = remaining.told(levels, met, through, now) if levels else ""
        said = counts(met, through, now - started, rest)
        show(f"{number}: {said}, {memory:,} MiB: {name}")

    return progress


def counts(met: int, through: int, elapsed: float, rest: str) -> str:
    """The states, what is said of the `rest`, the rate and the frontier."""
    return f"{met:,} states{rest}, {met / elapsed:,.0f}/s, frontier {met - through:,}"

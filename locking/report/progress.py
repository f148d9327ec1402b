"""A line that says how far a check is, while it runs; only on a terminal.

Rule of this file: stdout is not touched, so that what goes there can be piped on.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from locking.check import Progress
from locking.model import Case

PERIOD = 0.1
"""Seconds between two changes of the line."""


@contextmanager
def shown(cases: int, *, wanted: bool = True) -> Iterator[Callable[[Case], Progress | None]]:
    """What gives each case its own `Progress`; None where nobody would see it."""
    if not wanted or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # most runs need no terminal
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(
        console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as live:
        numbers = iter(range(1, cases + 1))
        yield lambda case: watching(
            f"{next(numbers)}/{cases}",
            title(case),
            lambda line: live.update(Text(line, "dim", no_wrap=True, overflow="ellipsis")),
        )


def title(case: Case) -> str:
    """The case in few words."""
    return ", ".join([case.scenario.name, *([case.placement.name] if case.placement else [])])


def watching(number: str, name: str, show: Callable[[str], None]) -> Progress:
    """What shows the states met and gone through of one case; the name may be cut off."""
    process = psutil.Process()
    started = shown = time.monotonic()
    show(f"{number}: {name}")

    def progress(met: int, through: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < PERIOD:
            return
        shown = now
        memory = process.memory_info().rss // 2**20
        show(f"{number}: {counts(met, through, now - started)}, {memory:,} MiB: {name}")

    return progress


def counts(met: int, through: int, elapsed: float) -> str:
    """The states, the rate and the frontier."""
    return f"{met:,} states, {met / elapsed:,.0f}/s, frontier {met - through:,}"

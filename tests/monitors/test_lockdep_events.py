"""Automata over real traces that lockdep's events tell: right kernels are accepted, edits are not.

The lock shows by `lock_acquire`, `lock_acquired` and `lock_release`, the steps by their probes.
"""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from locking.cli.main import main
from tests.conformance.held import INSIDE_READ, INSIDE_WRITE, ROOT, UNMODIFIED
from tests.conformance.test_lockdep_events import Writer, by_perf, by_trace_cmd, told

KERNELS = {
    UNMODIFIED[0]: {"duyck", "duyck-noshrink"},
    UNMODIFIED[2]: {"duyck-noshrink"},
    UNMODIFIED[4]: {"duyck", "duyck-noshrink"},
    INSIDE_WRITE: {"baseline"},
    INSIDE_READ: {"williams-rwsem-gap"},
}
"""The traces, each with the placements of its kernel."""

PLACEMENTS = ("baseline", "duyck", "duyck-noshrink", "williams-rwsem-gap")

SLOW = [pytest.mark.slow]

SAMPLE = {(INSIDE_READ, "williams-rwsem-gap", by_perf), (INSIDE_READ, "duyck-noshrink", by_perf)}
"""What is judged in the default run."""

Lines = list[str]

TIME = re.compile(r"\d+\.\d{6}(?=: )")


def monitored(file: Path, placement: str, *words: str) -> int:
    """The exit status of the command over a trace: 0 accepted, 1 violated, 3 unknown."""
    asked = ["monitor", "memory_hotplug", "--placement", placement, "--over", str(file)]
    return main([*asked, *words])


def probes_without(name: str, folder: Path) -> tuple[str, str]:
    """The option for the probes of the model, without the row of one event."""
    lines = (ROOT / "models/memory_hotplug/probes.toml").read_text().splitlines()
    file = folder / "rebuilt.toml"
    file.write_text("\n".join(line for line in lines if not line.startswith(f"{name} = ")))
    return "--probes", str(file)


@pytest.mark.parametrize(
    ("trace", "placement", "form"),
    [
        pytest.param(*each, marks=[] if each in SAMPLE else SLOW)
        for each in product(KERNELS, PLACEMENTS, (by_trace_cmd, by_perf))
    ],
)
def test_a_trace_is_accepted_by_the_placements_of_its_kernel_alone(
    trace: str, placement: str, form: Writer, tmp_path: Path
) -> None:
    file = tmp_path / "trace.txt"
    told(trace, form, file)
    # Kernels that were rebuilt have tracepoints inside of the resize, and no probe at its entry.
    words = probes_without("rz_pre", tmp_path) if trace.startswith("variants") else ()
    assert monitored(file, placement, *words) == (placement not in KERNELS[trace])


def first(lines: Lines, event: str, number: int = 0) -> int:
    """Where an event stands."""
    return [at for at, line in enumerate(lines) if f" {event}:" in line][number]


def without(lines: Lines, at: int) -> Lines:
    return lines[:at] + lines[at + 1 :]


def moved(lines: Lines, at: int, to: int) -> Lines:
    """The line put before the one that stood at `to`."""
    left = without(lines, at)
    to -= to > at
    return [*left[:to], lines[at], *left[to:]]


def changed(lines: Lines, at: int, old: str, new: str) -> Lines:
    assert old in lines[at]
    return [*lines[:at], lines[at].replace(old, new), *lines[at + 1 :]]


def in_order(lines: Lines) -> Lines:
    """The lines, with their times in the order of time."""
    times = sorted(TIME.findall("".join(lines)))
    return [TIME.sub(time, line) for time, line in zip(times, lines, strict=True)]


def for_reading(lines: Lines) -> Lines:
    """The first lock is asked for in the other mode."""
    return changed(lines, first(lines, "lock_acquire"), " mem_", " read mem_")


EDITS: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "a release dropped": (lambda e: without(e, first(e, "lock_release")), "w_acq"),
    "an acquisition dropped": (lambda e: without(e, first(e, "lock_acquired")), "rm_enter"),
    "another lock": (
        lambda e: changed(e, first(e, "lock_acquired"), "mem_hotplug", "other"),
        "rm_enter",
    ),
    "two writers overlapped": (
        lambda e: moved(e, first(e, "lock_release"), first(e, "lock_acquired", 1) + 1),
        "w_acq",
    ),
    "a release before the resize": (
        lambda e: moved(e, first(e, "lock_release"), first(e, "rm_enter")),
        "rm_enter",
    ),
    "asked for reading": (for_reading, "rm_enter"),
    "a resize after the release": (
        lambda e: moved(e, first(e, "rz_pre"), first(e, "zd_enter")),
        "rz_pre",
    ),
    "an initialisation inside": (
        lambda e: moved(e, first(e, "zd_enter"), first(e, "rz_pre")),
        "zd_enter",
    ),
}
"""An edit of a trace of an unmodified kernel, and the event that shows it."""


@pytest.mark.parametrize(
    "edit",
    [pytest.param(each, marks=[] if each == "a release dropped" else SLOW) for each in EDITS],
)
def test_an_edited_trace_is_refused_where_it_was_edited(
    edit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trace.txt"
    told(UNMODIFIED[0], by_trace_cmd, file)
    change, event = EDITS[edit]
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(in_order(change(lines))))
    assert monitored(file, "duyck-noshrink") == 1
    assert f": {event} in state" in capsys.readouterr().out


@pytest.mark.slow
def test_what_nobody_asked_for_makes_the_rest_unknown(tmp_path: Path) -> None:
    file = tmp_path / "trace.txt"
    told(UNMODIFIED[0], by_perf, file, ("lock_acquire",))
    assert monitored(file, "duyck-noshrink") == 3
    told(UNMODIFIED[0], by_trace_cmd, file)
    lines = file.read_text().splitlines(keepends=True)
    at = first(lines, "lock_release")
    file.write_text("".join(in_order([*lines[: at + 1], lines[at], *lines[at + 1 :]])))
    assert monitored(file, "duyck-noshrink") == 3

"""The events of lockdep in place of probes: the real traces, told by them, say what they said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from locking.conformance.discipline import discipline_of
from locking.conformance.judged import Conformance, judge_placement
from locking.conformance.reading import read_trace
from locking.conformance.recording import Recording, recording_of
from locking.models.memory_hotplug import MODEL
from tests.conformance.edits import row
from tests.conformance.held import (
    INSIDE_READ,
    INSIDE_WRITE,
    PLACEMENTS,
    UNMODIFIED,
    events,
    lines_of,
)

LOCK = "0xffffffff82b5d260"
TOLD = {
    "w_enter": ("lock_acquire", f"{LOCK} mem_hotplug_lock"),
    "r_enter": ("lock_acquire", f"{LOCK} read mem_hotplug_lock"),
    "w_wait": ("lock_contended", f"{LOCK} mem_hotplug_lock"),
    "w_acq": ("lock_acquired", f"{LOCK} mem_hotplug_lock"),
    "r_acq": ("lock_acquired", f"{LOCK} mem_hotplug_lock"),
    "w_rel": ("lock_release", f"{LOCK} mem_hotplug_lock"),
    "r_rel": ("lock_release", f"{LOCK} mem_hotplug_lock"),
    "w_reld": None,
    "r_slow": None,
}
"""What lockdep says in place of an event; nothing of some."""

Writer = Callable[[str, str, str, str, str, str], str]


def by_trace_cmd(seconds: str, cpu: str, task: str, pid: str, name: str, text: str) -> str:
    return f"{task:>16}-{pid:<6} [{int(cpu):03}] {seconds}: {name + ':':<21} {text}"


def by_perf(seconds: str, cpu: str, task: str, pid: str, name: str, text: str) -> str:
    group = "lock" if name.startswith("lock_") else "probe"
    return f"{task:>16} {pid:>6} [{int(cpu):03}] {seconds}: {group:>20}:{name}: {text}"


def told(trace: str, form: Writer, file: Path, without: tuple[str, ...] = ()) -> Recording:
    """A real trace, told by events of lockdep in another format, `without` some of them."""
    lines = []
    for line in lines_of(trace)[1:]:
        _, seconds, cpu, task, pid, name, text = row(line)
        text = text.strip('"').replace('""', '"')
        instead = TOLD.get(name, (name, f"(ffffffff811) {text}"))
        if instead and instead[0] not in without and name != "mark":
            lines.append(form(seconds, cpu, task, pid, *instead) + "\n")
    file.write_text("".join(lines))
    return recording_of(events(), read_trace(str(file)))


def conforming(recording: Recording) -> set[str]:
    found = [judge_placement(MODEL, each, events(), recording) for each in PLACEMENTS.values()]
    return {each.placement.name for each in found if each.conformance is Conformance.CONFORMS}


@pytest.mark.parametrize("form", [by_trace_cmd, by_perf])
@pytest.mark.parametrize(
    ("trace", "placements"),
    [
        (UNMODIFIED[0], {"duyck", "duyck-noshrink"}),
        (UNMODIFIED[2], {"duyck-noshrink"}),
        # lockdep has no event for a downgrade, and none that says which mode is let go.
        (INSIDE_WRITE, {"baseline", "williams-rwsem-downgrade"}),
        (INSIDE_READ, {"williams-rwsem-gap"}),
    ],
)
def test_lockdep_tells_the_placements_apart(
    trace: str, placements: set[str], form: Writer, tmp_path: Path
) -> None:
    recording = told(trace, form, tmp_path / "trace.txt")
    assert conforming(recording) == placements
    counts = discipline_of(events(), recording)
    assert [each.what for each in counts.values() if each.wrong and each.lines] == []


def test_without_lock_stat_only_asking_and_letting_go_are_seen(tmp_path: Path) -> None:
    without = ("lock_contended", "lock_acquired")
    recording = told(UNMODIFIED[0], by_perf, tmp_path / "trace.txt", without)
    assert conforming(recording) == {"duyck", "duyck-noshrink"}
    recording = told(INSIDE_READ, by_perf, tmp_path / "trace.txt", without)
    assert conforming(recording) == {"williams-rwsem-gap"}

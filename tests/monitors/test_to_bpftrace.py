"""The bpftrace script: run by a small interpreter over calls, and read by bpftrace itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.rules import automata_for_kernel
from locking.monitors.to_bpftrace import script_of_automata
from locking.monitors.watching import watch_trace
from tests.conformance.held import INSIDE_READ, UNMODIFIED
from tests.monitors.planted import (
    SPLIT,
    hotplug_events,
    hotplug_placement,
    planted_table,
    table_of_memory_hotplug,
)
from tests.monitors.run_bpftrace import Script

BPFTRACE = shutil.which("bpftrace")
BIG, OTHER = 100, 200


def violations_of_script(script: Script) -> list[str]:
    return [line.removeprefix("VIOLATION of ") for line in script.printed if "VIOLATION" in line]


def played(script: Script, events: list[RecordedEvent]) -> list[str]:
    """What the script prints of a trace, whose events are played as calls and returns."""
    table = table_of_memory_hotplug()
    for event in events:
        probe = table.probes.get(event.name)
        if probe:
            kind = "kretprobe" if probe.at == "return" else "kprobe"
            script.fire(kind, probe.function, "", event.pid, event.task, BIG)
    return violations_of_script(script)


@pytest.mark.parametrize("trace", [UNMODIFIED[0], INSIDE_READ])
@pytest.mark.parametrize("name", ["duyck-noshrink", "williams-rwsem-gap", "baseline"])
def test_the_script_sees_what_the_automata_see(trace: str, name: str) -> None:
    table, placement = table_of_memory_hotplug(), hotplug_placement(name)
    automata = automata_for_kernel(placement, table)
    events = hotplug_events(trace)
    script = Script(script_of_automata(automata, table), {"mem_hotplug_lock": BIG})
    watched = watch_trace(automata, events)
    assert played(script, events) == [
        f"{each.automaton.name}: {each.event.who}, in state {each.state}: {each.event.name}"
        for each in watched.violations
    ]


def planted_script() -> Script:
    table = planted_table()
    return Script(script_of_automata(automata_for_kernel(SPLIT, table), table), {"big": BIG})


def test_another_lock_of_the_same_function_is_let_be() -> None:
    script = planted_script()
    for lock in (OTHER, BIG):
        script.fire("kprobe", "down_write", "", 1, "t", lock)
        script.fire("kretprobe", "down_write", "", 1, "t")
    script.fire("kprobe", "up_write", "", 1, "t", OTHER)
    assert violations_of_script(script) == []
    script.fire("kprobe", "up_write", "", 1, "t", BIG)
    assert violations_of_script(script) == ["split_order: t-1, in state after_w_acq: w_rel"]


def test_a_task_is_watched_no_more_after_a_violation_until_it_ends() -> None:
    script = planted_script()
    script.fire("kprobe", "build", "", 1, "t")
    script.fire("kprobe", "build", "", 1, "t")
    assert len(violations_of_script(script)) == 1
    script.fire("kprobe", "do_exit", "", 1, "t")
    script.fire("kprobe", "build", "", 1, "u")
    assert len(violations_of_script(script)) == 2


def test_an_offset_is_probed_inside_of_its_function() -> None:
    assert "\nkprobe:caller+0x1c\n" in planted_script().text


@pytest.mark.slow
@pytest.mark.skipif(BPFTRACE is None, reason="no bpftrace; Debian's package has that name")
def test_bpftrace_compiles_every_script(tmp_path: Path) -> None:
    assert BPFTRACE is not None
    table = table_of_memory_hotplug()
    for name in ("baseline", "duyck-noshrink", "williams-rwsem-gap", "shared-repaired"):
        text = script_of_automata(automata_for_kernel(hotplug_placement(name), table), table)
        # Not every kernel has the symbols of data that kaddr() needs.
        file = tmp_path / "watch.bt"
        file.write_text(re.sub(r'kaddr\("\w+"\)', "(uint64)1", text))
        done = subprocess.run(
            [BPFTRACE, "-d", str(file)], capture_output=True, text=True, check=False
        )
        if "must be run as root" in done.stdout + done.stderr:
            pytest.skip("bpftrace wants to be run as root")
        assert done.returncode == 0, done.stderr[-2_000:]

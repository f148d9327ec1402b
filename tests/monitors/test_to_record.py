"""The script that records: read by shells, and run against a folder that stands for tracefs."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from locking.conformance.reading import read_trace
from locking.conformance.recorded_event import RecordedEvent
from locking.monitors.to_record import recording_script
from tests.monitors.planted import planted_table, table_of_memory_hotplug

FUNCTIONS = """
ffffffff81000010 T down_write
ffffffff81000020 T up_write
ffffffff81000030 t downgrade_write
ffffffff81000040 T get_big.isra.0
ffffffff81000050 T put_big
ffffffff81000060 T lock_small
ffffffff81000070 T unlock_small
ffffffff81000080 T add
ffffffff81000090 T add.cold
ffffffff810000a0 T build
ffffffff820000b0 d big
"""
"""A list of symbols; `caller` is not in it."""

TRACE = """# tracer: nop
#
         bind A-12      [000] ...1.    35.536401: w_in: (down_write+0x0/0x170) sem=big+0x0/0x60
         bind A-12      [000] .....    35.536402: w_acq: (work+0xa2/0x170 <- down_write)
         bind A-12      [000] .....    35.536403: a_in: (add+0x0/0x10) pfn=7
          other-13      [001] d..2.    35.536404: w_acq: (other+0xa2/0x170 <- down_write)
         bind A-12      [000] .....    35.536405: a_out: (work+0xa2/0x170 <- add)
         bind A-12      [000] .....    35.536406: w_rel: (up_write+0x0/0x20) sem=big+0x0/0x60
"""
"""What ftrace would have; the second w_acq is of another lock."""

MKDIR = """#!/bin/sh
set -e
/bin/mkdir "$1"
for each in $(cat "$1/../../names"); do /bin/mkdir -p "$1/events/locking/$each"; done
/bin/mkdir -p "$1/per_cpu/cpu0"
cp "$1/../../lost" "$1/per_cpu/cpu0/stats"
"""
"""What the kernel does where an instance is made: its files appear."""


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A folder with a script, and a tracefs beside it."""
    script = recording_script(planted_table())
    (tmp_path / "record.sh").write_text(script)
    (tmp_path / "kallsyms").write_text(FUNCTIONS)
    tracefs = tmp_path / "tracefs"
    (tracefs / "instances").mkdir(parents=True)
    (tracefs / "kprobe_events").touch()
    (tracefs / "names").write_text(" ".join(planted_table().probes))
    (tracefs / "lost").write_text("entries: 6\noverrun: 0\ncommit overrun: 0\ndropped events: 0\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"mkdir": MKDIR, "rmdir": '#!/bin/sh\nrm -r "$1"\n'}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return tmp_path


def record(fake: Path, *words: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, str(fake / "record.sh"), *words],
        env={
            "PATH": f"{fake / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "TRACEFS": str(fake / "tracefs"),
            "KALLSYMS": str(fake / "kallsyms"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def instance(fake: Path) -> Path:
    return fake / "tracefs/instances/locking"


def written(fake: Path, name: str) -> str:
    return (instance(fake) / name).read_text()


def test_the_probes_are_set_up_and_the_recording_begins(fake: Path) -> None:
    done = record(fake, "start")
    assert done.returncode == 0, done.stderr
    assert (fake / "tracefs/kprobe_events").read_text().splitlines() == [
        "p:locking/w_in down_write sem=$arg1:symbol",
        "r256:locking/w_acq down_write",
        "p:locking/w_rel up_write sem=$arg1:symbol",
        "p:locking/w_down downgrade_write sem=$arg1:symbol",
        "r256:locking/r_acq get_big.isra.0",
        "p:locking/r_rel put_big",
        "r256:locking/m_acq lock_small",
        "p:locking/m_rel unlock_small",
        "p:locking/a_in add pfn=$arg1:u64",
        "r256:locking/a_out add",
        "p:locking/b_in build",
    ]
    assert written(fake, "events/locking/w_rel/filter") == "sem == 0xffffffff820000b0\n"
    assert written(fake, "trace_clock") == "mono\n"
    assert written(fake, "buffer_size_kb") == "16384\n"
    assert (written(fake, "events/locking/enable"), written(fake, "tracing_on")) == ("1\n", "1\n")
    assert "not here: caller, for the event c_at" in done.stderr
    assert "available_filter_functions" in done.stderr
    assert "leave its row in [probes] out of the table: then it is not judged" in done.stderr


def test_a_function_is_looked_for_where_it_can_be_traced(fake: Path) -> None:
    names = [line.split()[2] for line in FUNCTIONS.splitlines() if line]
    (fake / "tracefs/available_filter_functions").write_text(
        "".join(f"{each}\n" for each in names if each != "build") + "caller [module]\n"
    )
    done = record(fake, "check")
    assert "ok: c_at at +0x1c of caller" in done.stdout
    assert "not here: build, for the event b_in" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        ("T up_write\n", "not here: up_write, for the event w_rel"),
        ("T put_big\n", "Without it the lock can't be watched, so there is no verdict."),
        ("d big\n", "not here: the address of big, for the event w_in"),
    ],
)
def test_a_lock_that_can_not_be_watched_stops_the_recording(
    fake: Path, gone: str, says: str
) -> None:
    (fake / "kallsyms").write_text(FUNCTIONS.replace(gone, "T nothing\n"))
    done = record(fake, "start")
    assert done.returncode == 2
    assert says in done.stderr and "nothing is recorded" in done.stderr
    assert not instance(fake).exists()


def test_a_list_of_functions_that_can_not_be_read_is_no_list(fake: Path) -> None:
    (fake / "tracefs/available_filter_functions").mkdir()  # reading it fails, for root as well
    assert "ok: a_in at entry of add" in record(fake, "check").stdout


@pytest.mark.parametrize("clone", ["up_write.isra.0", "up_write.part.0", "up_write.cold"])
def test_a_clone_whose_arguments_are_unknown_is_not_the_function(fake: Path, clone: str) -> None:
    (fake / "kallsyms").write_text(FUNCTIONS.replace("T up_write", f"t {clone}"))
    assert "not here: up_write, for the event w_rel" in record(fake, "check").stdout


def test_what_a_clone_is_given_is_not_noted(fake: Path) -> None:
    (fake / "kallsyms").write_text(FUNCTIONS.replace("T add\n", "t add.constprop.0\n"))
    record(fake, "start")
    probes = (fake / "tracefs/kprobe_events").read_text().splitlines()
    assert "p:locking/a_in add.constprop.0" in probes


def test_addresses_that_are_hidden_from_the_user_are_no_addresses(fake: Path) -> None:
    (fake / "kallsyms").write_text(FUNCTIONS.replace("ffffffff820000b0", "0" * 16))
    assert "CONFIG_KALLSYMS_ALL" in record(fake, "start").stderr


def test_the_trace_is_written_and_everything_is_cleaned_up(fake: Path) -> None:
    record(fake, "start")
    (instance(fake) / "trace").write_text(TRACE)
    done = record(fake, "stop", str(fake / "run"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "run.csv has 5 events" in done.stdout
    assert not instance(fake).exists()
    probes = (fake / "tracefs/kprobe_events").read_text().splitlines()
    assert {line for line in probes if line.startswith("-:")} == {
        f"-:locking/{line.split()[0].partition('/')[2]}"
        for line in probes
        if not line.startswith("-:")
    }
    assert (fake / "run.txt").read_text() == TRACE


def test_a_return_of_another_lock_is_left_out_of_the_table(fake: Path) -> None:
    record(fake, "start")
    (instance(fake) / "trace").write_text(TRACE)
    record(fake, "stop", str(fake / "run"))
    events = [each for each in read_trace(str(fake / "run.csv")) if isinstance(each, RecordedEvent)]
    assert [(each.who, each.name) for each in events] == [
        ("bind A-12", name) for name in ("w_in", "w_acq", "a_in", "a_out", "w_rel")
    ]
    rows = list(csv.DictReader((fake / "run.csv").read_text().splitlines()))
    assert rows[1]["args"] == "sem=big" and rows[2]["args"] == "pfn=7"
    assert (rows[0]["src_line"], rows[0]["ts_s"], rows[0]["cpu"]) == ("3", "35.536401", "0")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("lost", "entries: 6\noverrun: 3\ncommit overrun: 0\ndropped events: 0\n"),
        ("kprobe_profile", "  a_out          3          3\n  another      1     9\n"),
    ],
)
def test_lost_events_are_an_error(fake: Path, file: str, text: str) -> None:
    (fake / "tracefs" / file).write_text(text)
    record(fake, "start")
    (instance(fake) / "trace").write_text(TRACE)
    done = record(fake, "stop", str(fake / "run"))
    assert done.returncode == 2
    assert "3 events were lost" in done.stderr
    assert not instance(fake).exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say check, start or stop"),
        (("stop",), "say where to"),
        (("stop", "run"), "nothing is recorded; begin by"),
    ],
)
def test_what_makes_no_sense_is_refused(fake: Path, words: tuple[str, ...], says: str) -> None:
    done = record(fake, *words)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_folder_that_is_no_tracefs_is_refused(fake: Path) -> None:
    (fake / "tracefs/kprobe_events").unlink()
    done = record(fake, "start")
    assert done.returncode == 2
    assert "mount -t tracefs" in done.stderr and "CONFIG_KPROBE_EVENTS" in done.stderr


def test_two_recordings_at_once_are_refused(fake: Path) -> None:
    record(fake, "start")
    assert "a recording is under way" in record(fake, "start").stderr


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_shells_read_the_script(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    file = tmp_path / "record.sh"
    file.write_text(recording_script(table_of_memory_hotplug()))
    subprocess.run([shell, "-n", str(file)], check=True)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck")
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "record.sh"
    file.write_text(recording_script(table_of_memory_hotplug()))
    done = subprocess.run(["shellcheck", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

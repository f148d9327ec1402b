"""A trace that was taken as docs/monitor.md says: by record.sh, on Debian's 6.1, in QEMU.

The kernel is that of linux-image-6.1.0-56-amd64, version 6.1.192-2. Two tasks unbind and bind a
device of persistent memory each, three times; meanwhile a third offlines and onlines a block of
memory twice.
"""

import gzip
import subprocess
from pathlib import Path

import pytest

from locking.cli.main import main
from locking.conformance.judged import Conformance, judge_placement
from locking.conformance.reading import read_trace
from locking.conformance.recording import recording_of
from locking.models.memory_hotplug import MODEL
from locking.monitors.to_record import recording_script
from tests.conformance.held import DATA, PLACEMENTS, events
from tests.monitors.planted import table_of_memory_hotplug

ROWS, TEXT = (str(DATA / f"recorded_pmem_and_block.{end}.gz") for end in ("csv", "txt"))
"""What record.sh wrote: the events, and ftrace's text."""

SLOW = [pytest.mark.slow]


@pytest.mark.parametrize(
    ("placement", "status"),
    [
        ("duyck-noshrink", 0),
        pytest.param("duyck", 0, marks=SLOW),
        pytest.param("williams-rwsem-gap", 1, marks=SLOW),
        pytest.param("baseline", 1, marks=SLOW),
        pytest.param("hocko", 1, marks=SLOW),
        pytest.param("williams-deeper", 1, marks=SLOW),
        pytest.param("shared-repaired", 1, marks=SLOW),
    ],
)
def test_the_rules_of_its_kernel_are_kept_and_others_are_not(placement: str, status: int) -> None:
    words = ["monitor", "memory_hotplug", "--placement", placement, "--over", ROWS]
    assert main(words) == status


@pytest.mark.slow
def test_it_is_a_run_of_the_placements_of_its_kernel_alone() -> None:
    recording = recording_of(events(), read_trace(ROWS), ["r_acq"])  # it has a probe
    found = [judge_placement(MODEL, each, events(), recording) for each in PLACEMENTS.values()]
    assert [each.placement.name for each in found if each.conformance is Conformance.CONFORMS] == [
        "duyck",
        "duyck-noshrink",
    ]


def test_the_text_of_ftrace_does_not_say_of_which_lock_a_return_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["monitor", "memory_hotplug", "--placement", "duyck", "--over", TEXT]
    assert main(words) == 2
    assert "w_acq does not say of which lock it is; of what record.sh wrote, give the .csv" in (
        capsys.readouterr().err
    )


def test_its_rows_are_those_that_the_script_makes_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "run.txt"
    file.write_bytes(gzip.decompress(Path(TEXT).read_bytes()))
    functions = recording_script(table_of_memory_hotplug()).rpartition("\ncase ")[0]
    ran = subprocess.run(
        ["sh", "-c", f'{functions}\nrows "$1"', "sh", str(file)], capture_output=True, check=True
    )
    assert ran.stdout == gzip.decompress(Path(ROWS).read_bytes())

"""What the tests of traces share: the traces of real kernels, and how they are judged."""

import gzip
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from locking.conformance.event_map import EventMap, read_event_map
from locking.conformance.judged import Judged, judge_placement
from locking.conformance.reading import read_trace
from locking.conformance.recording import Recording, recording_of
from locking.models.memory_hotplug import MODEL

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "traces"

UNMODIFIED = (
    "deb61_s1b_parallel_bind",
    "deb61_s1d_big_small",
    "deb61_s2b_blocks_vs_pmem",
    "deb61_s3a_dimm_add_vs_pmem",
    "variants_v0_nodelay_sv_variant",
)
INSIDE_WRITE = "variants_v1_nodelay_sv_variant"
INSIDE_READ = "variants_v3_nodelay_sv_variant"
EVERY_TRACE = (*UNMODIFIED, INSIDE_WRITE, INSIDE_READ)
FORMS = (".ftrace.txt.gz", ".events.csv.gz")

PLACEMENTS = {each.name: each for each in MODEL.placements}


@cache
def events() -> EventMap:
    """The event map of memory_hotplug."""
    return read_event_map([str(ROOT / "models" / "memory_hotplug" / "events.toml")])


@cache
def recording(name: str, form: str = FORMS[1], traced: tuple[str, ...] = ()) -> Recording:
    """What a trace of a real kernel shows."""
    return recording_of(events(), read_trace(str(DATA / f"{name}{form}")), traced)


@cache
def judged(name: str, placement: str, form: str = FORMS[1], traced: tuple[str, ...] = ()) -> Judged:
    """The answer for one of them."""
    return judge_placement(MODEL, PLACEMENTS[placement], events(), recording(name, form, traced))


def lines_of(name: str, form: str = FORMS[1]) -> list[str]:
    """The lines of a trace."""
    with gzip.open(DATA / f"{name}{form}", "rt", encoding="utf-8") as file:
        return file.readlines()


def judge_lines(lines: Sequence[str], placement: str, folder: Path) -> Judged:
    """The answer for a trace of these lines."""
    file = folder / "edited.csv"
    file.write_text("".join(lines), encoding="utf-8")
    found = recording_of(events(), read_trace(str(file)))
    return judge_placement(MODEL, PLACEMENTS[placement], events(), found)

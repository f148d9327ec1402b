"""What `monitor` prints and writes, and its status."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.conformance.held import DATA, FORMS, lines_of
from tests.conformance.held import UNMODIFIED as TRACES

Locking = Callable[..., Outcome]

UNMODIFIED = str(DATA / f"{TRACES[0]}{FORMS[1]}")


def test_the_automata_of_a_placement_are_listed(locking: Locking) -> None:
    status, out, err = locking("monitor", "memory_hotplug", "--placement", "duyck-noshrink")
    assert (status, err) == (0, "")
    assert "duyck_noshrink_order  per_task" in out
    assert "mem_hotplug_lock_overlap  global, 3 states, 4 events" in out


def test_a_trace_of_the_placement_is_status_0(locking: Locking) -> None:
    status, out, _ = locking("monitor", "--placement", "duyck-noshrink", "--over", UNMODIFIED)
    assert status == 0
    assert "duyck_noshrink_order  no violation in 96 events" in out
    assert "named steps never seen:\n  ONLINE_PAGES" in out


def test_a_violation_is_status_1_and_says_where_it_is(locking: Locking) -> None:
    status, out, _ = locking("monitor", "--placement", "baseline", "--over", UNMODIFIED)
    assert status == 1
    assert "line 32: bindB-257: w_rel in state after_mi_exit_2; allowed: zd_enter" in out


def test_a_trace_is_read_in_every_format_that_conform_reads(locking: Locking) -> None:
    for form in FORMS:
        trace = str(DATA / f"{TRACES[0]}{form}")
        assert locking("monitor", "--placement", "duyck", "--over", trace)[0] == 0


def lost_at(line: int, folder: Path) -> str:
    """The file of a trace as ftrace prints it, where events are lost before a line."""
    lines = lines_of(TRACES[0], FORMS[0])
    lines.insert(line - 1, "CPU:1 [LOST 12 EVENTS]\n")
    (folder / "lost.txt").write_text("".join(lines))
    return "lost.txt"


def test_lost_events_make_the_rest_unknown(here: Path, locking: Locking) -> None:
    status, out, _ = locking("monitor", "--placement", "duyck", "--over", lost_at(60, here))
    assert status == 3
    assert "unknown from line 60 on: events were lost: CPU:1 [LOST 12 EVENTS]" in out
    assert "at the end" not in out


def test_a_violation_before_the_loss_is_one(here: Path, locking: Locking) -> None:
    status, out, _ = locking("monitor", "--placement", "baseline", "--over", lost_at(1000, here))
    assert status == 1
    assert "in state after_mi_exit_2; allowed: zd_enter" in out and "unknown from line 1000" in out


def test_events_extends_the_event_map(here: Path, locking: Locking) -> None:
    (here / "more.toml").write_text('[steps]\nSET_CONTIGUOUS = ["other?"]\n')
    words = ("monitor", "--placement", "duyck", "--over", UNMODIFIED)
    status, out, _ = locking(*words, "--events", "more.toml")
    assert status == 0 and "not recorded, so not judged" in out and "other" in out


def test_files_are_written_once_and_again(here: Path, locking: Locking) -> None:
    for _ in range(2):
        status, out, _ = locking("monitor", "--placement", "duyck", "--into", "watch")
        assert status == 0
        assert "written into watch: duyck_order.dot" in out
    assert sorted(each.name for each in (here / "watch").iterdir()) == [
        "duyck_order.dot",
        "mem_hotplug_lock_inside.dot",
        "mem_hotplug_lock_overlap.dot",
        "record.sh",
        "watch.bt",
    ]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say which placement: --placement baseline"),
        (("textbook.abba",), "textbook.abba has no placements"),
        (("--placement", "duick"), "did you mean duyck"),
        (("--placement", "duyck", "--adders", "2"), "unknown option '--adders'"),
        (("--placement", "duyck", "--probes", "no.toml"), "probes no.toml: it can't be read"),
        (("--placement", "duyck", "--over", "no.csv"), "trace no.csv: it can't be read"),
        (("--placement", "duyck", "--into", "/dev/null"), "--into /dev/null: can't be written"),
        (("--placement", "williams-rwsem-downgrade"), "has no event for it"),
        (("--placement", "duyck", "--over", "x", "--into", "y"), "give one of them"),
        (("nowhere", "--placement", "duyck"), "unknown model"),
    ],
)
def test_what_makes_no_sense_is_status_2(
    words: tuple[str, ...], says: str, locking: Locking
) -> None:
    status, out, err = locking("monitor", *words)
    assert (status, out if "--into" not in words else "") == (2, "")
    assert says in err and "Traceback" not in err


def test_a_trace_of_other_events_is_status_2(here: Path, locking: Locking) -> None:
    (here / "other.csv").write_text("src_line,ts_s,cpu,task,pid,event,args\n1,0.5,0,t,1,mark,\n")
    status, _, err = locking("monitor", "--placement", "duyck", "--over", "other.csv")
    assert status == 2
    assert "it has no event of duyck; the events of event map" in err


def test_a_model_without_a_table_wants_one(here: Path, locking: Locking) -> None:
    (here / "mine.py").write_text(MINE)
    status, _, err = locking("monitor", "mine.py")
    assert status == 2
    assert "mine has no event map; write mine.events.toml" in err
    (here / "mine.events.toml").write_text(MY_EVENTS)
    status, _, err = locking("monitor", "mine.py")
    assert status == 2
    assert "write mine.probes.toml, or give --probes FILE" in err
    (here / "mine.probes.toml").write_text(MY_PROBES)
    status, out, _ = locking("monitor", "mine.py")
    assert status == 0
    assert "only inside of door.hold: go_in" in out


MINE = """
from locking import Model, Mutex, Placement, System, Thread, perform, step

door = Mutex("door")


@step("GO")
async def GO(subject):
    pass


PLACED = Placement("locked", walker=[door.hold(GO)])


def build(case):
    return System([door], [Thread("walker", perform, (case.placement.roles["walker"], None))], [])


MODEL = Model("mine", "A model", build, placements=[PLACED], steps={"walker": [GO]})
"""

MY_PROBES = """
[probes]
d_acq = { function = "lock_door", at = "return" }
d_rel = { function = "unlock_door", at = "entry" }
go_in = { function = "go", at = "entry" }
"""

MY_EVENTS = """
[locks.door.hold]
take = ["d_acq"]
release = ["d_rel"]
[steps]
GO = ["go_in"]
"""

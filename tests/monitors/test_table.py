"""Tables of probes and recorded traces: what they say, and what is refused."""

import gzip
from pathlib import Path

import pytest

from locking.errors import UsageError
from locking.models.memory_hotplug import STEPS
from locking.monitors.recorded import TRACE_HEAD, read_events
from locking.monitors.table import PossibleEvent, Probe, read_probe_table
from tests.monitors.planted import TABLE, planted_table, table_of_memory_hotplug


def test_a_table_says_where_events_are_seen_and_what_they_mean() -> None:
    table = planted_table()
    assert table.probes["a_in"] == Probe("add", "entry", "", "pfn=$arg1:u64")
    assert table.locks["big", "write"].take == ("w_in", "w_acq")
    assert table.downgrades == {"big": "w_down"}
    assert table.steps["B"] == (PossibleEvent("b_in", False), PossibleEvent("b_out", True))


def test_the_table_of_the_model_names_its_locks_and_steps() -> None:
    table = table_of_memory_hotplug()
    names = {step.name for steps in STEPS.values() for step in steps}
    assert set(table.steps) <= names
    assert {lock for lock, _ in table.locks} == {"mem_hotplug_lock"}


@pytest.mark.parametrize(
    ("row", "wrong", "says"),
    [
        ('function = "add", at = "entry"', 'at = "entry"', "probes.a_in: it has no 'function'"),
        ('"add", at = "entry"', '"add", at = "exit"', "none of entry, return and +OFFSET"),
        ('"add", at = "entry"', '"a b", at = "entry"', "no name of a function"),
        ('"add", at = "entry"', '"add", at = 3', "has a value that is no text"),
        ("fetch =", "fetches =", "unknown key of probes.a_in 'fetches'"),
        ('"pfn=$arg1:u64"', '"; rm -r /"', "signs that no kprobe event takes"),
        ('w_in = { function = "down_write", at', 'w_in = { function = "another", at', "its entry"),
        ('"down_write", at = "return", symbol', '"down_write", at = "+8", symbol', "leave out"),
        ('"put_big"', '"put_big", symbol = "a b"', "no name of a symbol"),
        ("a_in = {", '"a-in" = {', "'a-in' is no name of an event"),
        ('take = ["w_in", "w_acq"]', 'take = "w_acq"', "is no list of events"),
        ('release = ["w_rel"]', "", "locks.big.write.release: None is no list of events"),
        ('A = ["a_in", "a_out"]', 'A = "a_in"', "steps.A: 'a_in' is no list of events"),
        ('A = ["a_in", "a_out"]', "A = []", "steps.A: [] is no list of events"),
        ('A = ["a_in", "a_out"]', "A = [3]", "steps.A: 3 is no name of an event"),
        ("[steps]", "[stepz]", "unknown key of the table 'stepz'"),
        ("[locks.small.hold]", "[locks.small]\nhold = 3\n[locks.another]", "locks.small.hold: 3"),
        ("[events]", "[events]\nr_acq = 3", "events.r_acq: 3 is no table"),
        ("where = {", "wher = {", "unknown key of events.w_acq 'wher'"),
        ("[steps]", "[steps", "it is no TOML"),
    ],
)
def test_a_wrong_row_is_refused_by_its_name(
    row: str, wrong: str, says: str, tmp_path: Path
) -> None:
    assert row in TABLE
    file = tmp_path / "mine.toml"
    file.write_text(TABLE.replace(row, wrong))
    with pytest.raises(UsageError) as refused:
        read_probe_table(str(file))
    assert says in str(refused.value) and str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("trees", "says"),
    [
        ("3", "roles.other: 3 is no list"),
        ("[3]", "roles.other: 3 is neither a step nor a region"),
        ('["Z"]', "unknown step of the table 'Z'"),
        ('[{ region = "big.hold", over = [] }]', "unknown lock of the table 'big.hold'"),
        ('[{ region = "big.read" }]', "is neither a step nor a region"),
    ],
)
def test_a_wrong_role_of_the_table_is_refused(trees: str, says: str) -> None:
    from locking import Placement
    from locking.monitors.showing import roles_shown
    from tests.monitors.planted import A, big

    table = planted_table(TABLE.partition("[roles]")[0] + f"[roles]\nother = {trees}\n")
    with pytest.raises(UsageError) as refused:
        roles_shown(Placement("p", worker=[big.write(A)]), table)
    assert says in str(refused.value)


def test_a_table_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.toml"
    file.write_text(f"about = {'[' * 5_000}{']' * 5_000}\n")
    with pytest.raises(UsageError, match="nested too deep"):
        read_probe_table(str(file))


def test_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"table nowhere\.toml: it can't be read: No such file"):
        read_probe_table("nowhere.toml")


ROW = '1,0.5,0,"a b",12,w_acq,sem=big+0x0'


def test_only_events_with_the_right_arguments_are_read(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(f"{TRACE_HEAD}\n{ROW}\n{ROW.replace('big', 'small')}\n2,0.6,1,t,3,a_in,\n")
    events = read_events(str(file), planted_table().where)
    assert [(each.line, each.who, each.name) for each in events] == [
        (2, "a b-12", "w_acq"),
        (4, "t-3", "a_in"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it has no event"),
        (f"{TRACE_HEAD}\n".encode(), "it has no event"),
        (b"hello\n", "line 1: 'hello' is not the head of the table"),
        (f"{TRACE_HEAD}\n{ROW}".encode(), "w_acq,sem=big+0x0' does not end; the file was cut off"),
        (f"{TRACE_HEAD}\n{ROW}\n1,2\n".encode(), "line 3: '1,2' is not a row of"),
        (f"{TRACE_HEAD}\n1,x,0,t,1,a,\n".encode(), "line 2"),
        (f"{TRACE_HEAD}\n1,2,0,t,x,a,\n".encode(), "line 2"),
        (f"{TRACE_HEAD}\n1,2,0,t,1,,\n".encode(), "line 2"),
        (f'{TRACE_HEAD}\n1,2,0,"t,1,a,\n'.encode(), "line 2"),
        (f"{TRACE_HEAD}\n{ROW}\n{ROW.replace('0.5', '0.4')}\n".encode(), "line 3: time goes back"),
        (f"{TRACE_HEAD}\n{ROW.replace('0.5', 'nan')}\n".encode(), "line 2"),
        (b"\xff\xfe\n", "it is no text"),
        (b"a\0b\n", "line 1"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(
    content: bytes, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "trace.csv"
    file.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        read_events(str(file), {})
    assert says in str(refused.value) and f"trace {file}" in str(refused.value)


def test_a_packed_trace_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv.gz"
    packed = gzip.compress(f"{TRACE_HEAD}\n{ROW}\n".encode())
    for content in (packed[:-9], b"no gzip\n"):
        file.write_bytes(content)
        with pytest.raises(UsageError, match="gzip data are damaged or cut off"):
            read_events(str(file), {})


def test_a_trace_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    for name in ("nowhere.csv", "."):
        with pytest.raises(UsageError, match="it can't be read"):
            read_events(str(tmp_path / name), {})

"""Tables of probes: what they say, and what is refused."""

from pathlib import Path

import pytest

from locking.errors import UsageError
from locking.monitors.table import Probe, read_probe_table
from tests.monitors.planted import TABLE, planted_table, table_of_memory_hotplug

PROBES = TABLE.partition("[events]")[0]


def test_a_table_says_where_events_are_seen() -> None:
    table = planted_table()
    assert table.probes["a_in"] == Probe("add", "entry", "", "pfn=$arg1:u64")


def test_every_probe_of_the_model_is_of_an_event_of_its_map() -> None:
    table = table_of_memory_hotplug()
    known = {*table.events.patterns}
    assert set(table.probes) <= known


@pytest.mark.parametrize(
    ("row", "wrong", "says"),
    [
        ('function = "add", at = "entry"', 'at = "entry"', "probes.a_in: it has no 'function'"),
        ('"add", at = "entry"', '"add", at = "exit"', "none of entry, return and +OFFSET"),
        ('"add", at = "entry"', '"a b", at = "entry"', "no name of a function"),
        (
            '"add", at = "entry"',
            '"add", at = 3',
            "probes.a_in.at: 3 is no text; write it in quotes",
        ),
        ("fetch =", "fetches =", "unknown key of probes.a_in 'fetches'"),
        ('"pfn=$arg1:u64"', '"; rm -r /"', "signs that no kprobe event takes"),
        ('w_in = { function = "down_write", at', 'w_in = { function = "another", at', "its entry"),
        ('"down_write", at = "return", symbol', '"down_write", at = "+8", symbol', "leave out"),
        ('"put_big"', '"put_big", symbol = "a b"', "no name of a symbol"),
        ("a_in = {", '"a-in" = {', "'a-in' is no name of an event"),
        ("[probes]", "[probez]", "unknown key of the table 'probez'"),
        ("[probes]", "[probes", "it is no TOML"),
    ],
)
def test_a_wrong_row_is_refused_by_its_name(
    row: str, wrong: str, says: str, tmp_path: Path
) -> None:
    assert row in PROBES
    file = tmp_path / "mine.toml"
    file.write_text(PROBES.replace(row, wrong))
    with pytest.raises(UsageError) as refused:
        read_probe_table(str(file), planted_table().events)
    assert says in str(refused.value) and str(file) in str(refused.value)


def test_a_table_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "deep.toml"
    file.write_text(f"about = {'[' * 5_000}{']' * 5_000}\n")
    with pytest.raises(UsageError, match="nested too deep"):
        read_probe_table(str(file), planted_table().events)


def test_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"probes nowhere\.toml: it can't be read: No such file"):
        read_probe_table("nowhere.toml", planted_table().events)

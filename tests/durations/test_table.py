"""The table of durations: what it says, and what is refused."""

from fractions import Fraction
from pathlib import Path

import pytest

from locking.durations.measured import Interval, measured_durations
from locking.durations.table import Duration, Durations, durations_of, read_durations
from locking.errors import UsageError
from locking.models.memory_hotplug import MODEL
from locking.models.textbook.abba import MODEL as ABBA


def written(folder: Path, text: str | bytes) -> str:
    """A file with this text."""
    path = folder / "d.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_seconds_are_exact(tmp_path: Path) -> None:
    found = read_durations(written(tmp_path, "[steps]\nINIT_PAGES = 0.1\nSECOND_LOOP = 3"), MODEL)
    assert found.steps["INIT_PAGES"].seconds == Fraction(1, 10)
    assert found.unit(Fraction(1, 4)) == Fraction(1, 20)


def test_a_variant_takes_as_long_as_the_step_that_it_repairs() -> None:
    found = durations_of(MODEL, [])
    for name in ("RESIZE_ZONE", "RESIZE_ZONE_LOCKED", "RESIZE_ZONE_MARKED"):
        assert found.steps[name] == Duration(name, Fraction(1, 10), "pgdat_resize_lock")


def test_a_file_of_the_user_goes_before_the_table_of_the_model(tmp_path: Path) -> None:
    file = written(tmp_path, "[steps]\nRESIZE_ZONE = 2\nRESIZE_ZONE_MARKED = 3")
    found = durations_of(MODEL, [file])
    assert found.role == "adder" and found.steps["INIT_PAGES"].seconds == 20
    assert found.steps["RESIZE_ZONE_LOCKED"] == Duration(
        "RESIZE_ZONE_LOCKED", Fraction(2), "pgdat_resize_lock"
    )
    assert found.steps["RESIZE_ZONE_MARKED"].seconds == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[steps", "no TOML"),
        (b"\xff\x00", "no TOML"),
        ("[stepz]\nA = 1", "unknown key of the table 'stepz': did you mean steps"),
        ("steps = 3", r"steps: 3 is no table; write \[steps\]"),
        ('role = "addr"', "unknown role of memory_hotplug 'addr': did you mean"),
        ("role = 3", "role: 3 is no text"),
        ("[steps]\nA = true", "steps.A: True is no number of seconds"),
        ('[steps]\nA = "1"', "steps.A: '1' is no number of seconds"),
        ("[steps]\nA = -1", "steps.A: -1 seconds; write 0 to 1,000,000,000"),
        ("[steps]\nA = nan", "steps.A: NaN seconds"),
        ("[steps]\nA = inf", "steps.A: Infinity seconds"),
        ("[steps]\nA = 1e999999999", "steps.A: 1E[+]999999999 seconds"),
        ("[steps]\nA = 1e99999999999999999999", "steps.A: Infinity seconds"),
        ("[steps]\nA = 1e-10", "steps.A: 1E-10 seconds; write .* by 0.000000001 at the finest"),
        ("[steps]\nA = {}", "steps.A: None is no number of seconds"),
        ("[steps]\nA = { second = 1 }", "unknown key of steps.A 'second': did you mean seconds"),
        ("[steps]\nA = { seconds = 1, holding = 2 }", "steps.A.holding: 2 is no text"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        read_durations(written(tmp_path, text), MODEL)
    assert "d.toml" in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"durations .*none\.toml: it can.t be read: No such"):
        read_durations(str(tmp_path / "none.toml"), MODEL)


def test_a_model_without_a_table_wants_one() -> None:
    with pytest.raises(UsageError, match=r"textbook\.abba has no table of durations; give one"):
        durations_of(ABBA, [])


def test_what_is_measured_is_the_median_of_all_tasks() -> None:
    taken = [("a", 0, 3), ("b", 1, 2), ("a", 5, 105)]
    found = measured_durations(
        Interval(task, "INIT", Fraction(begin), Fraction(end)) for task, begin, end in taken
    )
    assert found == Durations({"INIT": Duration("INIT", Fraction(3))})


def test_a_step_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match=r"t1 ends INIT at 1\.0 s, before it begins, at 2\.0 s"):
        measured_durations([Interval("t1", "INIT", Fraction(2), Fraction(1))])

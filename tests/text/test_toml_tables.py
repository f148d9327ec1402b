"""Tables that users write: what is refused, and in which words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from locking.errors import UsageError
from locking.text.toml_tables import entries, flag_in, keys, name_list_in, read_table, text_in

DEEP = f"a = {'[' * 5_000}{']' * 5_000}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = 1\n\nb = = 3", "it is no TOML: Invalid value (at line 3, column 5)"),
        (b"a = 1\n# \xff", "it is no TOML: line 2 is no UTF-8"),
        (b"a = " + b"9" * 5_000, "it has a number of too many digits"),
        (DEEP.encode(), "it is nested too deep"),
        (b"b = 1", "unknown key of the table 'b': known: a"),
    ],
)
def test_a_file_is_refused_by_what_it_is_for_its_name_and_its_line(
    content: bytes, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "t.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        read_table("sizes", file, lambda table: keys(table, "the table", ("a",)))
    assert str(refused.value) == f"sizes {file}: {says}"


@pytest.mark.parametrize(("name", "why"), [("none", "No such file"), ("", "Is a directory")])
def test_what_can_not_be_read_is_refused(name: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"it can't be read: {why}"):
        read_table("sizes", tmp_path / name, dict)


@pytest.mark.parametrize(
    ("look", "value", "says"),
    [
        (entries, [], "a.b: [] is no table; write [a.b]"),
        (text_in, 1.5, "a.b: 1.5 is no text; write it in quotes"),
        (flag_in, 1, "a.b: 1 is neither true nor false"),
        (name_list_in, "x", "a.b: 'x' is no list of names; write [\"NAME\", ...]"),
        (name_list_in, ["x", 1], "a.b: ['x', 1] is no list of names; write [\"NAME\", ...]"),
    ],
)
def test_a_value_of_another_type_is_refused(
    look: Callable[[str, Any], Any], value: Any, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        look("a.b", value)
    assert str(refused.value) == says


def test_a_very_long_value_is_cut_short() -> None:
    with pytest.raises(UsageError) as refused:
        text_in("a", list(range(1_000)))
    assert len(str(refused.value)) < 300


def test_what_is_right_is_given_back(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text("a = 0.10")
    assert read_table("sizes", file, dict, str) == {"a": "0.10"}
    assert (text_in("a", "x"), flag_in("a", True), name_list_in("a", [])) == ("x", True, [])

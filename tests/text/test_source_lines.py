"""What stands on lines of models."""

from pathlib import Path

from locking.objects.operation import Site
from locking.text.source_lines import line_at, statement


def test_a_line_has_nothing_around_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("if True:\n    assert (\n        1 < 2\n    )\n")
    assert line_at(Site(str(file), 3)) == "1 < 2"
    assert statement(Site(str(file), 3)) == "assert 1 < 2"
    assert statement(Site(str(file), 1)) == "if True:"


def test_what_cant_be_read_is_empty_and_what_is_no_python_has_no_statement(tmp_path: Path) -> None:
    assert line_at(Site(str(tmp_path / "none.py"), 1)) == ""
    file = tmp_path / "other.py"
    file.write_text("not python at all(\n")
    assert statement(Site(str(file), 1)) == ""

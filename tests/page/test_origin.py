"""The foot of a page says where it comes from, and names no folder of this machine."""

import sys
from pathlib import Path

import pytest

from locking.page.origin import command, commit_of, git, origin


def test_the_command_is_ours_and_its_files_have_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/locking", "check", "--html", "/tmp/a b.html", "x/y.py"])
    assert command() == "locking check --html 'a b.html' x/y.py"


def test_another_program_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/pytest", "tests"])
    assert command() == ""


def test_the_commit_is_that_of_the_repository_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("x = 1\n")
    assert commit_of(str(file)) == ""
    git(tmp_path, "init", "-q")
    assert commit_of(str(file)) == ""
    git(tmp_path, "add", "model.py")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "a")
    assert commit_of(str(file)) == git(tmp_path, "rev-parse", "--short", "HEAD") != ""
    file.write_text("x = 2\n")
    assert commit_of(str(file)).endswith("-dirty")


def test_a_check_of_nothing_has_a_version_and_a_day() -> None:
    found = origin(None)
    assert found["commit"] == ""
    assert found["version"] and found["date"]

"""What files are called: from where we stand, by the package, and without a folder of here."""

from pathlib import Path

import pytest

import locking.models
from locking.objects.operation import Site
from locking.text.file_names import file_name, from_here, line_of, local, portable, uri

FOLDER = Path(next(iter(locking.models.__path__)))
"""The folder of the models that come with the harness."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_file_below_is_called_by_its_path_from_here(here: Path) -> None:
    file = str(here / "locks" / "mine.py")
    for name in (from_here, file_name, portable):
        assert name(file) == "locks/mine.py"


def test_a_file_elsewhere_keeps_its_folder_only_where_it_is_read(here: Path) -> None:
    file = str(here.parent / "next" / "mine.py")
    assert from_here(file) == file_name(file) == "../next/mine.py"
    assert portable(file) == uri(file) == "mine.py"


@pytest.mark.usefixtures("here")
def test_a_path_from_here_that_is_longer_than_in_full_is_not_taken() -> None:
    assert file_name("/mine.py") == "/mine.py"
    assert portable("/mine.py") == "mine.py"


@pytest.mark.usefixtures("here")
def test_a_model_of_the_package_is_called_by_the_package() -> None:
    file = str(FOLDER / "textbook" / "abba.py")
    assert file_name(file) == portable(file) == "locking/models/textbook/abba.py"
    assert local(f"{file}: wrong") == "locking/models/textbook/abba.py: wrong"


def test_a_uri_spells_out_what_is_no_sign_of_one(here: Path) -> None:
    assert uri(str(here / "a b#c.py")) == "a%20b%23c.py"


def test_text_loses_the_folder_where_we_stand(here: Path) -> None:
    assert local(f"{here}/mine.py, line 3") == "mine.py, line 3"


def test_a_line_is_called_by_its_files_last_name(here: Path) -> None:
    assert line_of(Site(str(here / "mine.py"), 7)) == "mine.py:7"

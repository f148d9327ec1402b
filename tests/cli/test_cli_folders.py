"""A folder of models on the command line: a matrix each, one status for all."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from locking import catalogue
from locking.models.textbook import abba
from tests.cli.conftest import Outcome

Locking = Callable[..., Outcome]

NAMES = [each.name for each in catalogue.models("textbook")]


def test_every_model_of_a_folder_has_a_matrix_and_the_last_line_counts_all(
    locking: Locking,
) -> None:
    status, out, _ = locking("check", "textbook")
    heads = [line.split(":")[0] for line in out.splitlines() if line.startswith("textbook.")]
    assert status == 0
    assert list(dict.fromkeys(each.split(",")[0].split()[0] for each in heads)) == NAMES
    assert out.count(" states ") == out.count("every interleaving, ") == len(NAMES)
    assert out.count(" verdicts of ") == 1
    assert out.splitlines()[-1].startswith("36 verdicts of 15 searches, ")


def test_one_unexpected_verdict_is_the_status_of_the_whole_folder(
    locking: Locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abba, "MODEL", replace(abba.MODEL, expected=()))
    status, out, _ = locking("check", "textbook")
    assert status == 1
    assert "1 NOT AS EXPECTED" in out and "textbook.abba" in out.partition("NOT AS")[2]


def test_files_for_programs_have_every_model(here: Path, locking: Locking) -> None:
    out = locking("check", "textbook", "--json", "--junit", "a.xml", "--sarif", "a.sarif")[1]
    assert {json.loads(line)["model"] for line in out.splitlines()} == set(NAMES)
    text = (here / "a.xml").read_text() + (here / "a.sarif").read_text()
    assert [name for name in NAMES if name not in text] == []


def test_a_page_of_a_folder_is_refused_before_the_search(here: Path, locking: Locking) -> None:
    status, out, err = locking("check", "textbook", "--html", "a.html")
    assert (status, out) == (2, "")
    assert "--html shows one model, and these are 11; name one of them" in err
    assert not (here / "a.html").exists()

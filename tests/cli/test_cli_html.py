"""`--html`: the page of a check or of one case, as a file."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_cli import without_times

Command = Callable[..., tuple[int, str, str]]


def verdicts(page: str) -> list[str]:
    """Every property that the page has a path string of."""
    return sorted(set(re.findall(r'"path":"toy\.py:[^:]+:[^:]*:([^:]+):', page)))


def test_a_check_writes_its_page_beside_the_matrix(locking: Command) -> None:
    _, alone, _ = locking("check", "toy.py")
    status, out, err = locking("check", "toy.py", "--html", "found.html")
    assert (status, err) == (0, "")
    assert without_times(out) == without_times(alone)
    assert verdicts(Path("found.html").read_text()) == ["data-race", "parallel", "sum"]
    assert list(Path().glob(".*")) == []


def test_a_trace_writes_the_page_of_its_case_beside_the_run(locking: Command) -> None:
    words = ("trace", "toy.py", "--scenario", "many", "--placement", "bare")
    _, alone, _ = locking(*words)
    status, out, err = locking(*words, "--html", "found.html")
    assert (status, out, err) == (0, alone, "")
    assert verdicts(Path("found.html").read_text()) == ["data-race", "sum"]


def test_the_page_of_a_model_that_is_refused_says_so(locking: Command) -> None:
    Path("wrong.py").write_text(
        "from locking import *\ndef build(case): raise ValueError('no')\n"
        "MODEL = Model('wrong', 'Is it?', build)\n"
    )
    status, _, err = locking("check", "wrong.py", "--html", "found.html")
    assert status == 2
    page = Path("found.html").read_text()
    assert "build() raised ValueError: no" in err
    assert '"undone":[["wrong.py","build() raised ValueError: no' in page
    assert str(Path.cwd()) not in page


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("--html none/a", "--html none/a: can't be written: No such file or directory"),
        ("--html a --sarif ./a", "--sarif and --html are both a; give each its own file"),
        ("--html a --junit ./a", "--junit and --html are both a; give each its own file"),
    ],
)
def test_a_page_that_can_not_be_written_is_refused(
    words: str, error: str, locking: Command
) -> None:
    assert locking("check", "toy.py", *words.split()) == (2, "", f"locking: {error}\n")

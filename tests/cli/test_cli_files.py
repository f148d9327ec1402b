"""Files that a check writes beside what it prints."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from locking.cli import case_search
from locking.cli.output_files import UNDONE
from tests.cli.test_cli import without_times
from tests.cli.test_cli_process import SLOW, Terminal, process
from tests.report import valid

BOTH = ("--junit", "found.xml", "--sarif", "found.sarif")

Command = Callable[..., tuple[int, str, str]]


def written() -> tuple[Element, Any]:
    """The two files, if they are valid; there is nothing else that a check left behind."""
    assert list(Path().glob(".*")) == []
    return valid.junit(Path("found.xml").read_text()), valid.sarif(Path("found.sarif").read_text())


def errors(root: Element) -> dict[str, str]:
    """What is an error, by the suite."""
    return {
        suite.attrib["name"]: error.attrib["message"]
        for suite in root
        for error in suite.iter("error")
    }


def test_both_files_are_written_beside_the_matrix(locking: Command) -> None:
    _, alone, _ = locking("check", "toy.py")
    status, out, err = locking("check", "toy.py", *BOTH)
    assert (status, err) == (0, "")
    assert without_times(out) == without_times(alone)
    root, run = written()
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == (
        "14",
        "0",
        "0",
    )
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("sum", "note"),
        ("data-race", "note"),
        ("parallel", "note"),
    ]


def test_both_files_are_written_beside_json(locking: Command) -> None:
    status, out, _ = locking("check", "toy.py", "--json", *BOTH)
    assert status == 0
    assert len([json.loads(line) for line in out.splitlines()]) == 14
    written()


@pytest.mark.slow
def test_the_files_of_the_default_check_are_valid(locking: Command) -> None:
    assert locking("check", *BOTH)[0] == 0
    root, run = written()
    assert int(root.attrib["tests"]) > 900
    assert (root.attrib["failures"], root.attrib["errors"]) == ("0", "0")
    assert {each["level"] for each in run["results"]} == {"note"}
    assert all(each["locations"] for each in run["results"])


def test_a_failing_design_is_in_the_files_with_its_line(here: Path, locking: Command) -> None:
    (here / "bare.py").write_text(
        "from locking import Placement\nfrom toy import COUNT\n\n"
        'BARE = Placement("bare-again", worker=[COUNT])\n'
    )
    status, _, _ = locking("check", "toy.py", "--placement", "bare.py", *BOTH)
    assert status == 1
    root, run = written()
    assert root.attrib["failures"] == "2"
    lines = (here / "toy.py").read_text().splitlines()
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"] == {"uri": "toy.py"}
        assert "await count." in lines[physical["region"]["startLine"] - 1]


def test_a_limit_is_an_error_in_the_files(locking: Command) -> None:
    status, _, _ = locking("check", "toy.py", "--scenario", "many", "--max-states", "1", *BOTH)
    assert status == 3
    root, run = written()
    assert int(root.attrib["errors"]) > 0
    assert not run["invocations"][0]["executionSuccessful"]


def test_the_lines_of_a_model_move_and_the_fingerprints_stay(here: Path) -> None:
    found = []
    for head in ("", "# one line more\n"):
        (here / "other.py").write_text(head + (here / "toy.py").read_text())
        assert process("check", "other.py", *BOTH)[0] == 0
        found.append(written()[1]["results"])
    prints, lines = (
        [[each[name] for each in results] for results in found]
        for name in ("partialFingerprints", "locations")
    )
    assert prints[0] == prints[1]
    assert lines[0] != lines[1]


REFUSED = """
from locking import Cell, Model, Scenario, System, Thread, at_end

cell = Cell("cell", 0)

async def write():
    await cell.write(1)

def build(case):
    if case.scenario.name == "second":
        raise RuntimeError("no such <system>")
    return System([cell], [Thread("t", write)], [at_end("one", lambda s: s[cell] == 1)])

MODEL = Model("refused", "", build, scenarios=tuple(map(Scenario, ("first", "second", "third"))))
"""


def test_a_check_that_is_refused_half_way_says_so_in_the_files(
    here: Path, locking: Command
) -> None:
    (here / "refused.py").write_text(REFUSED)
    status, out, err = locking("check", "refused.py", *BOTH)
    assert status == 2
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("first ")] == [
        ["first", "ok"]
    ]
    assert "RuntimeError: no such <system>" in err
    root, run = written()
    assert errors(root) == {
        "refused.py, second": "build() raised RuntimeError: no such <system> (refused.py, line 11)",
        "refused.py, third": UNDONE,
    }
    invocation = run["invocations"][0]
    assert not invocation["executionSuccessful"]
    assert len(invocation["toolExecutionNotifications"]) == 2
    assert str(here) not in Path("found.xml").read_text() + Path("found.sarif").read_text()


def test_ctrl_c_between_two_searches_leaves_the_others_as_errors(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def check(case: Any, *rest: Any) -> Any:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(case)
        return real(case, *rest)

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    status, out, _ = locking("check", "toy.py", *BOTH)
    assert status == 3
    assert "interrupted: 4 of 6 searches done" in out
    root, run = written()
    assert len(root) == 6
    assert list(errors(root).values()) == [UNDONE, UNDONE]
    assert not run["invocations"][0]["executionSuccessful"]


def test_ctrl_c_in_a_search_is_an_error_in_the_files(here: Path) -> None:
    (here / "slow.py").write_text(SLOW)
    terminal = Terminal("check", "slow.py", *BOTH, "--engine", "reference")
    terminal.wait_for(rb"\d,\d{3} states")  # some states are known then
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end()[0] == 3
    root, run = written()
    assert [error.attrib["message"] for error in root.iter("error")] == [
        "end is unknown: interrupted",
        "interrupted",
    ]
    assert not run["invocations"][0]["executionSuccessful"]
    assert [each["kind"] for each in run["results"]] == ["open"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("--junit none/found.xml", "--junit none/found.xml: can't be written: No such file or "),
        ("--sarif toy.py/found", "--sarif toy.py/found: can't be written: Not a directory"),
        ("--junit .", "--junit .: can't be written: it is there, and no plain file"),
        ("--junit=", "--junit : can't be written: it is there, and no plain file"),
        ("--sarif /dev/null", "--sarif /dev/null: can't be written: it is there, and no plain"),
        ("--sarif a --junit ./a", "--junit and --sarif are both a; give each its own file"),
        ("--junit", "argument --junit: expected one argument"),
    ],
)
def test_what_can_not_be_written_is_said_before_a_search(
    words: str, error: str, locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_search, "check", lambda *_: pytest.fail("it searches"))
    status, out, err = locking("check", "toy.py", *words.split())
    assert (status, out) == (2, "")
    assert err.startswith(f"locking: {error}")
    assert err.count("\n") == 1
    assert Path("/dev/null").is_char_device()


def test_a_file_that_can_not_be_finished_is_not_there_at_all(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("found.xml").write_text("of an earlier check")

    def replace(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    status, _, err = locking("check", "toy.py", "--junit", "found.xml")
    assert status == 2
    assert err == "locking: --junit found.xml: can't be written: No space left on device\n"
    assert sorted(path.name for path in Path().iterdir()) == ["mine.py", "toy.py"]


def test_what_an_earlier_check_wrote_is_gone_when_a_check_begins(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("found.xml").write_text("of an earlier check")
    seen = []

    def check(*words: Any) -> Any:
        seen.append(Path("found.xml").exists())
        return real(*words)

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    assert locking("check", "toy.py", *BOTH)[0] == 0
    assert seen == [False] * 6
    written()


def test_a_link_stays_a_link(locking: Command) -> None:
    Path("real").mkdir()
    Path("found.xml").symlink_to("real/found.xml")
    assert locking("check", "toy.py", *BOTH)[0] == 0
    written()
    assert Path("found.xml").is_symlink()
    assert [path.name for path in Path("real").iterdir()] == ["found.xml"]

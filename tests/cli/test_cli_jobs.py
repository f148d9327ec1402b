"""Cases searched side by side: the same output, files and exit status, whatever the number."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from psutil import Process

import locking.side_by_side
from locking.cli import arguments, case_search, searches
from locking.cli.arguments import cores
from locking.explore.deadline import OutOfTime
from locking.explore.graph import INTERRUPTED
from locking.verdicts import Options, unknown_report
from tests.cli.conftest import Outcome
from tests.cli.test_cli_process import SLOW, Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork(2)")

Command = Callable[..., Outcome]

FILES = ("--junit", "found.xml", "--sarif", "found.sarif", "--html", "found.html")

SPACE = str(Path(__file__).parents[1] / "studies" / "toy.py")

COMMANDS = {
    "json": ("check", "toy.py", "--json"),
    "measure": ("measure", "toy.py", "--scenario", "many"),
}
MORE_COMMANDS = {
    "check": ("check", "toy.py", *FILES),
    "synthesize": ("synthesize", SPACE),
    "refused": ("check", "toy.py", "--property", "none"),
    "limited": ("check", "toy.py", "--max-states", "3"),
    "explain": ("explain", "locked", "--model", "toy.py"),
    "compare": ("compare", "locked", "whole", "--model", "toy.py"),
}

WRONG = """
from locking import Cell, Model, Scenario, System, Thread, at_end

x = Cell("x", 0)

async def reads():
    await x.read()
    print("reads")

def build(case):
    print("builds", case.scenario.name)
    if case.scenario.name == "b":
        raise ValueError("nothing to build")
    return System([x], [Thread("t", reads)], [at_end("end", lambda s: s[x] == 0)])

MODEL = Model("wrong", "", build, scenarios=[Scenario(each) for each in "abc"])
"""


@pytest.fixture(autouse=True)
def copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process can be copied, whatever runs the tests."""
    monkeypatch.setattr(locking.side_by_side, "can_copy", lambda: True)


def outcome(locking: Command, *words: str) -> tuple[object, ...]:
    """All that a command says and writes, but for times."""
    status, *texts = locking(*words)
    texts += [each.read_text() for each in sorted(Path().glob("found.*"))]
    return status, *(without_seconds(each) for each in texts)


def without_seconds(text: str) -> str:
    """A text without the times in it, in any form."""
    text = re.sub(r'(time="|name="seconds" value="|"seconds": ?)[^",}]*', r"\1", text)
    return re.sub(r"\d+\.\d+ ?s\b", "0.0s", text)


def changes_nothing(words: tuple[str, ...], locking: Command, patch: pytest.MonkeyPatch) -> None:
    """The number of jobs changes nothing, nor does when they begin."""
    alone = outcome(locking, *words, "--jobs", "1")
    assert outcome(locking, *words, "--jobs", "3") == alone
    patch.setattr(arguments, "cores", lambda: 3)
    for seconds in (-1.0, 1e-9, 60.0):  # no case is begun alone; the first is given up; none is
        patch.setattr(searches, "ALONE", seconds)
        assert outcome(locking, *words) == alone


@pytest.mark.parametrize("command", COMMANDS)
def test_the_number_of_jobs_changes_nothing(
    command: str, locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes_nothing(COMMANDS[command], locking, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("command", MORE_COMMANDS)
def test_the_number_of_jobs_changes_nothing_else(
    command: str, locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes_nothing(MORE_COMMANDS[command], locking, monkeypatch)


def test_a_case_that_takes_long_is_given_up_and_searched_again(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float | None] = []

    def check(case: object, names: object, options: Options, *rest: object) -> object:
        begun.append(options.limits.seconds)
        if options.limits.seconds is not None:
            raise OutOfTime("more than it may")
        return real(case, names, options, *rest)  # type: ignore[arg-type]

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    monkeypatch.setattr(arguments, "cores", lambda: 2)
    alone = outcome(locking, "check", "toy.py", "--json", "--jobs", "1")
    del begun[:]
    assert outcome(locking, "check", "toy.py", "--json") == alone
    assert begun == [searches.ALONE]  # all else was searched by others


def test_a_case_that_is_interrupted_is_not_searched_again(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(*given: object) -> object:
        time.sleep(2 * searches.ALONE)
        return replace(real(*given), cause=INTERRUPTED)  # type: ignore[arg-type]

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    monkeypatch.setattr(arguments, "cores", lambda: 2)
    monkeypatch.setattr(searches, "ALONE", 0.05)
    monkeypatch.setattr("locking.cli.jobs.side_by_side", None)  # nobody is asked again
    status, out, _ = locking("check", "toy.py")
    assert status == 3
    assert "interrupted: 0 of" in out


def test_a_case_with_a_limit_of_time_is_begun_once(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "cores", lambda: 2)
    monkeypatch.setattr(searches, "found_alone", None)  # nobody begins alone
    status, out, _ = locking("check", "toy.py", "--max-seconds", "60")
    assert (status, "unknown" in out) == (0, False)


@pytest.mark.parametrize("interrupted", ["before", "within"])
def test_what_was_known_of_a_case_that_was_given_up_is_told_at_ctrl_c(
    interrupted: str, locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(case: object, names: object, options: Options, *rest: object) -> object:
        if options.limits.seconds is None:
            return unknown_report(case, names, "", INTERRUPTED)  # type: ignore[arg-type]
        time.sleep(2 * searches.ALONE)  # longer than it may, so others begin again
        return real(case, names, Options(), *rest)  # type: ignore[arg-type]

    def side_by_side(search: case_search.CaseSearch, *given: Any) -> Iterator[object]:
        if interrupted == "within":
            yield search.found(given[-1], None)
        raise KeyboardInterrupt

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    monkeypatch.setattr(arguments, "cores", lambda: 2)
    monkeypatch.setattr(searches, "ALONE", 0.05)
    monkeypatch.setattr("locking.cli.jobs.side_by_side", side_by_side)
    status, out, _ = locking(
        "check", "toy.py", "--scenario", "many", "--placement", "bare", "whole"
    )
    assert status == 3
    assert "interrupted: 0 of 2 searches done" in out
    assert "bare: fails sum" in out


def test_a_wrong_model_is_refused_as_by_one_process(here: Path, locking: Command) -> None:
    (here / "wrong.py").write_text(WRONG)
    alone = locking("check", "wrong.py", "--json", "--jobs", "1")
    assert alone[0] == 2
    assert alone[2].startswith("builds a\n")
    assert "wrong.py, b: build() raised ValueError: nothing to build" in alone[2]
    found = locking("check", "wrong.py", "--json", "--jobs", "2")
    assert [without_seconds(str(each)) for each in found] == [
        without_seconds(str(each)) for each in alone
    ]


def test_a_case_whose_process_is_killed_is_unknown(
    locking: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(case: object, *rest: object) -> object:
        if "alone, bare" in str(case):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(case, *rest)  # type: ignore[arg-type]

    real = case_search.check
    monkeypatch.setattr(case_search, "check", check)
    status, out, _ = locking("check", "toy.py", "--scenario", "alone", "--jobs", "2")
    assert status == 3
    assert "(its process was ended by SIGKILL; perhaps memory was short)" in " ".join(out.split())
    assert "2 unknown" in out


def test_all_cores_are_used_where_nothing_else_is_said() -> None:
    assert cores() >= 1


def test_no_number_of_jobs_below_one(locking: Command) -> None:
    status, _, err = locking("check", "toy.py", "--jobs", "0")
    assert status == 2
    assert "argument --jobs: '0' is not a whole number above 0" in err


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("everywhere", [False, True])
def test_what_ends_a_check_early_keeps_what_was_found_side_by_side(
    here: Path, ending: signal.Signals, everywhere: bool
) -> None:
    model = SLOW.replace("MODEL = Model(", "from locking import Scenario\nMODEL = Model(")
    model = model.rstrip().removesuffix(")") + ", scenarios=[Scenario('a'), Scenario('b')])\n"
    (here / "slow.py").write_text(model)
    terminal = Terminal("check", "slow.py", "--jobs", "2")
    terminal.wait_for(b"2 in parallel, of which 1/2")
    copies = Process(terminal.process.pid).children() if everywhere else []
    for each in [terminal.process, *copies]:
        each.send_signal(ending)
    status, out = terminal.end()
    assert status == 3
    assert "interrupted: 0 of 2 searches done" in out
    assert "Traceback" not in terminal.seen.decode()

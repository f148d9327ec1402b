"""What is found without being named: by the configuration, and by entry points of packages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = '[tool.locking]\npaths = ["designs"]\n'

CAST = ("steps={", 'cast={"worker": 3},\n    steps={')
"""What lets scenarios of the toy be made of roles."""

MIX = 'from locking import Scenario\nMIX = Scenario("mix", "three", ("worker", "worker"))\n'


@pytest.fixture
def project(here: Path) -> Path:
    """A project with the toy and a placement in a folder of its configuration; we stand in it."""
    (here / "designs").mkdir()
    text = (here / "toy.py").read_text().replace(*CAST)
    text = text.replace("else 1\n", "else len(case.scenario.roles) or 1\n")
    (here / "designs" / "toy.py").write_text(text)
    (here / "toy.py").unlink()
    (here / "mine.py").rename(here / "designs" / "mine.py")
    (here / "pyproject.toml").write_text(PROJECT)
    return here


def test_what_a_folder_has_is_listed_with_its_file(locking, project: Path) -> None:
    (project / "designs" / "mix.py").write_text(MIX)
    status, out, _ = locking("list", "toy")
    assert status == 0
    assert out.startswith("toy (designs/toy.py): Who counts?\n")
    assert "\n    whole\n" in out
    assert re.search(
        r"^    mine \(designs/mine\.py\)\n.*\n        worker  COUNT  +WORK$", out, re.M
    )
    assert re.search(r"^    alone +one worker\n    mix \(designs/mix\.py\) +three$", out, re.M)
    assert "\ntoy (designs/toy.py): Who counts?\n" in locking("list")[1]


def test_what_a_folder_has_is_checked_after_what_the_model_has(locking, project: Path) -> None:
    (project / "designs" / "mix.py").write_text(MIX)
    status, out, _ = locking("check", "toy", "--property", "sum")
    assert status == 1  # `bare` is declared to lose an addition in `many`, and not in the mix
    marks = re.findall(r"^(locked|bare|whole|mine) +(\S+) .*s$", out, re.M)
    assert marks == [("locked", "ok"), ("bare", "!a-c"), ("whole", "ok"), ("mine", "ok")]
    assert "1 NOT AS EXPECTED:\n  ! toy mix bare: sum fails, expected holds\n" in out


def test_a_path_string_has_plain_names_and_replays_from_anywhere(
    locking, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "designs" / "mix.py").write_text(MIX)
    own = (project / "designs" / "mine.py").read_text()
    (project / "designs" / "mine.py").write_text(own.replace("lock.write(COUNT)", "COUNT"))
    for words in (
        ("toy", "--placement", "mine", "--scenario", "mix"),
        ("designs/toy.py", "--placement", "designs/mine.py", "--scenario", "designs/mix.py"),
    ):
        status, traced, _ = locking("trace", *words)
        assert status == 0
        assert traced.endswith("locking replay toy:mix:mine:sum::a1.b5.a4\n")
    (project / "deeper" / "down").mkdir(parents=True)
    monkeypatch.chdir(project / "deeper" / "down")
    status, replayed, _ = locking("replay", "toy:mix:mine:sum::a1.b5.a4")
    assert status == 0
    assert "Replay: locking replay toy:mix:mine:sum::a1.b5.a4" in replayed


def test_the_nearest_table_counts_and_its_paths_may_be_files(locking, project: Path) -> None:
    inner = project / "inner"
    (inner / "deep").mkdir(parents=True)
    (inner / "pyproject.toml").write_text('[tool.locking]\npaths = ["../designs/toy.py"]\n')
    (inner / "deep" / "pyproject.toml").write_text("[project]\nname = 'locking-of-mine'\n")
    os.chdir(inner / "deep")
    status, out, _ = locking("list", "toy")
    assert status == 0
    assert out.startswith("toy (../../designs/toy.py): ")
    assert "mine" not in out


def test_files_of_one_folder_import_those_of_a_later_one(locking, project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.locking]\npaths = ["first", "designs"]\n')
    (project / "first").mkdir()
    (project / "designs" / "mine.py").rename(project / "first" / "mine.py")
    assert "\n    mine (first/mine.py)\n" in locking("list", "toy")[1]


def test_a_model_may_have_no_placements_but_those_that_are_found(locking, project: Path) -> None:
    text = (project / "designs" / "toy.py").read_text()
    text = re.sub(r"placements=\(LOCKED.*|expected=\((?s:.*?)\n    \),", "", text)
    (project / "designs" / "toy.py").write_text(re.sub(r"(LOCKED|BARE|WHOLE) = .*", "", text))
    status, out, _ = locking("list", "toy")
    assert status == 0
    assert "  placements\n    mine (designs/mine.py)\n" in out
    assert "\n    parallel   they work at once\n" in out
    status, out, _ = locking("check", "toy")
    assert status == 0
    assert "\nmine: holds sum, data-race; 2 in parallel (parallel).\n" in out


def test_without_a_table_nothing_is_run(locking, project: Path) -> None:
    (project / "designs" / "broken.py").write_text("1 / 0")
    (project / "pyproject.toml").write_text("[tool.other]\npaths = ['locking']\n")
    status, _, err = locking("check", "toy")
    assert status == 2
    assert err.startswith("locking: unknown model 'toy': ")
    assert locking("check", "textbook.abba")[0] == 0


def test_a_broken_file_is_an_error_that_names_file_and_line(locking, project: Path) -> None:
    (project / "designs" / "broken.py").write_text("\n1 / 0\n")
    message = "locking: designs/broken.py, line 2: ZeroDivisionError: division by zero\n"
    for words in (("check", "textbook.abba"), ("list",), ("replay", "toy:many:bare:sum::a1")):
        assert locking(*words) == (2, "", message)
    assert locking("--help")[0] == locking("check", "--help")[0] == 0


WRONG = {
    "[tool.locking]\npath = ['designs']": "unknown key 'path': did you mean paths?",
    "[tool.locking]\npaths = 'designs'": "paths = 'designs' is no list of files and folders",
    "[tool.locking]\npaths = [1]": "paths = [1] is no list of files and folders",
    "[tool.locking]\npaths = ['none']": "paths: 'none' is neither a folder nor a .py file",
    "[tool.locking]\npaths = ['pyproject.toml']": "paths: 'pyproject.toml' is neither a folder nor",
    "[tool]\nlocking = 3": "tool.locking is 3; write a table [tool.locking]",
    "[tool.locking": "it is no TOML: Expected ']' at the end of a table declaration",
    "# \udcff locking": "it is no TOML: line 1 is no UTF-8",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_configuration_is_refused_by_file_and_key(
    locking, project: Path, text: str
) -> None:
    (project / "pyproject.toml").write_text(text, errors="surrogateescape")
    status, out, err = locking("check", "textbook.abba")
    assert (status, out) == (2, "")
    assert err.startswith("locking: pyproject.toml")
    assert WRONG[text] in err
    assert err.count("\n") == 1


ADDED = {
    "from locking import Placement\nfrom toy import COUNT\nP = Placement('bare', worker=[COUNT])": (
        "two placements of toy are called 'bare', in designs/toy.py and in designs/added.py; "
        "give each its own name"
    ),
    "from locking import Placement\nfrom toy import COUNT\nP = Placement('mine', worker=[COUNT])": (
        "two placements of toy are called 'mine', in designs/added.py and in designs/mine.py; "
        "give each its own name"
    ),
    "from locking import Scenario\nS = Scenario('many', roles=('worker',))": (
        "two scenarios of toy are called 'many', in designs/toy.py and in designs/added.py; "
        "give each its own name"
    ),
    "from dataclasses import replace\nimport toy\nMODEL = replace(toy.MODEL)": (
        "two models are called 'toy', in designs/added.py and in designs/toy.py; "
        "give each its own name"
    ),
    "from locking import Placement\nfrom toy import COUNT\nP = Placement('p', wrker=[COUNT])": (
        "designs/added.py, line 3: placement 'p': unknown role 'wrker': did you mean worker?"
    ),
    "from locking import Scenario\nS = Scenario('s', roles=('worker', 'wrker'))": (
        "designs/added.py: scenario 's': unknown role of toy 'wrker': did you mean worker?"
    ),
}


@pytest.mark.parametrize("text", ADDED)
def test_twins_and_what_no_model_can_use_are_refused(locking, project: Path, text: str) -> None:
    (project / "designs" / "added.py").write_text(text)
    assert locking("list", "toy") == (2, "", f"locking: {ADDED[text]}\n")


def test_a_model_of_the_package_counts_with_its_file(locking, project: Path) -> None:
    text = (project / "designs" / "toy.py").read_text()
    (project / "designs" / "toy.py").write_text(text.replace('"toy"', '"textbook.abba"'))
    status, _, err = locking("check", "textbook.lost_update")
    assert status == 2
    assert re.fullmatch(
        r"locking: two models are called 'textbook\.abba', in \S*models/textbook/abba\.py and in "
        r"designs/toy\.py; give each its own name\n",
        err,
    )


def test_the_same_thing_seen_twice_is_one(locking, project: Path) -> None:
    (project / "designs" / "again.py").write_text(
        "from toy import BARE, MODEL\nfrom mine import MINE\n"
        "from locking.models.textbook.abba import MODEL as ABBA\n"
    )
    status, out, _ = locking("list", "toy")
    assert status == 0
    assert out.count("mine (designs/mine.py)") == out.count("    bare") == 1
    assert locking("check", "textbook.abba")[0] == 0


def test_a_scenario_of_a_file(locking, project: Path) -> None:
    (project / "pyproject.toml").unlink()
    two = f"{MIX}ONE = Scenario('one', roles=('worker',))\n"
    (project / "designs" / "mixes.py").write_text(two)
    words = ("check", "designs/toy.py", "--property", "sum", "--placement", "bare", "--scenario")
    status, out, _ = locking(*words, "designs/mixes.py")
    assert status == 1
    [path] = set(re.findall(r"locking replay (\S+)", out))
    assert path == "designs/toy.py:designs/mixes.py#mix:bare:sum::a1.b2.a1"
    assert locking("replay", path)[0] == 0
    assert locking(*words, "designs/mixes.py#one")[0] == 0
    trace = ("trace", *words[1:])
    assert locking(*trace, "designs/mixes.py#mix")[1].endswith(f"locking replay {path}\n")
    for name, message in (
        ("designs/mixes.py#on", "unknown scenario of designs/mixes.py 'on': did you mean one?"),
        ("designs/mine.py", "has no scenario; write `NAME = Scenario(...)` at its top level"),
        ("none.py", "none.py: No such file or directory"),
    ):
        status, _, err = locking(*trace, name)
        assert status == 2
        assert message in err
    (project / "designs" / "wrong.py").write_text(two.replace('"worker", "worker"', '"wrker",'))
    status, _, err = locking(*words, "designs/wrong.py")
    assert status == 2
    assert err.startswith("locking: designs/wrong.py#mix: scenario 'mix': unknown role of toy")


def packaged(folder: Path, value: str) -> dict[str, str]:
    """An environment in which a package is installed that has an entry point."""
    info = folder / "site" / "counting-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[locking]\ndesigns = {value}\n")
    return {**os.environ, "PYTHONPATH": str(folder / "site")}


def process(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """The command, as a process of its own."""
    command = [sys.executable, "-m", "locking", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_a_package_is_found_by_its_entry_point(project: Path) -> None:
    environment = packaged(project, "counting.designs")
    (project / "designs").rename(project / "site" / "counting")
    (project / "site" / "counting" / "__init__.py").touch()
    own = (project / "site" / "counting" / "mine.py").read_text()
    (project / "site" / "counting" / "designs.py").write_text(
        f"from counting.toy import MODEL\n{own.replace('from toy', 'from counting.toy')}"
    )
    (project / "pyproject.toml").write_text('[tool.locking]\npaths = ["site/counting/toy.py"]\n')
    status, out, err = process(environment, "list", "toy")
    assert (status, err) == (0, "")
    assert out.startswith("toy (site/counting/designs.py): Who counts?\n")
    assert "\n    mine (site/counting/designs.py)\n" in out
    status, out, _ = process(environment, "check", "toy", "--placement", "mine")
    assert status == 0
    [path] = re.findall(r"locking replay (\S+)", out)
    assert path.startswith("toy:many:mine:parallel::")
    assert process(environment, "replay", path)[0] == 0
    (project / "twin.py").write_text(own.replace("from toy", "from counting.toy"))
    (project / "pyproject.toml").write_text('[tool.locking]\npaths = ["twin.py"]\n')
    assert process(environment, "check", "toy") == (
        2,
        "",
        "locking: two placements of toy are called 'mine', in site/counting/designs.py and in "
        "twin.py; give each its own name\n",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no_such can't be imported: ModuleNotFoundError: No module named 'no_such'"),
        ("1 / 0", "no_such can't be imported: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit()", "no_such can't be imported: SystemExit: "),
    ],
)
def test_a_package_that_can_not_be_imported_is_named(
    here: Path, text: str | None, why: str
) -> None:
    environment = packaged(here, "no_such")
    if text:
        (here / "site" / "no_such.py").write_text(text)
    message = f"locking: entry point 'designs' of counting, group 'locking': {why}\n"
    assert process(environment, "check", "textbook.abba") == (2, "", message)
    assert process(environment, "--help")[0] == 0


@pytest.mark.usefixtures("project")
def test_a_check_of_no_model_checks_those_of_the_project(locking) -> None:
    one, other, third = (
        re.sub(r"\d+\.\ds", "", locking("check", *words)[1]) for words in (("toy",), (), ("--all",))
    )
    assert one == other == third
    assert one.startswith("toy: Who counts?\n")


@pytest.mark.usefixtures("project")
def test_several_models_are_checked_one_after_the_other(locking) -> None:
    status, out, err = locking("check", "textbook.abba", "toy", "textbook.abba")
    assert (status, err) == (0, "")
    assert re.findall(r"^(\S+): .*\n(?=every|1/8)", out, re.M) == ["textbook.abba", "toy"]
    assert out.endswith("all as expected\n") and " of 9 searches" in out


@pytest.mark.usefixtures("project")
def test_all_models_are_not_named_too(locking) -> None:
    status, _, err = locking("check", "--all", "toy")
    assert (status, err) == (2, "locking: --all is every model; leave out toy\n")

"""What `locking new` writes: it works at once, and what is wrong with it after an edit is found."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from locking.new.drafts import DRAFT_KINDS
from locking.new.naming import LONGEST_DRAFT_NAME
from tests.cli.conftest import OWN, TOY

ROOT = Path(__file__).parent.parent.parent
RUFF, MYPY = (Path(sys.executable).with_name(name) for name in ("ruff", "mypy"))

NAMES = ("mine", "my-own", "x2", "x" * LONGEST_DRAFT_NAME)


@pytest.fixture
def empty(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which we stand."""
    folder = here / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def process(*words: str) -> tuple[int, str, str]:
    """The command, as a process of its own."""
    command = [sys.executable, "-m", "locking", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def printed(out: str) -> list[str]:
    """The words of the command that is printed as the next one to run."""
    *_, line = out.splitlines()
    program, *words = shlex.split(line)
    assert program == "locking"
    return words


EDIT = {
    "placement": ("RAISE_HIGHEST_ATOMIC", "RAISE_HIGHEST"),
    "scenario": ("", ""),
    "model": ("async with lock.hold():", "if True:"),
    "lock": ("return (me, None) if owner is None else WAIT", "return me, None"),
    "property": ("<= 2", "<= 1"),
}
"""For each kind, an edit that breaks it; a scenario is broken by another placement."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_what_is_written_passes_at_once_and_fails_when_it_is_broken(empty: Path, kind: str) -> None:
    status, out, err = process("new", kind, "my-own")
    assert (status, err) == (0, "")
    assert [path.name for path in empty.iterdir()] == ["my_own.py"]
    check = printed(out)
    status, shown, err = process(*check)
    assert (status, err) == (0, "")
    assert shown.endswith(": all as expected\n")
    assert "my-own" in shown or kind == "scenario"
    text = (empty / "my_own.py").read_text()
    assert EDIT[kind][0] in text
    (empty / "my_own.py").write_text(text.replace(*EDIT[kind]))
    check = [word.replace("shared-repaired", "duyck") for word in check]
    assert process(*check)[0] == 1


@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_the_lines_to_edit_are_said(locking, empty: Path, kind: str) -> None:
    _, out, _ = locking("new", kind, "mine")
    lines = (empty / "mine.py").read_text().splitlines()
    [said] = re.findall(r"`# edit`\s+\(lines?\s+(.*)\)", out)
    assert all("# edit: " in lines[int(number) - 1] for number in re.findall(r"\d+", said))
    assert len(re.findall(r"\d+", said)) == sum("# edit" in line for line in lines) > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_readers_own_name_is_what_things_are_called(locking, empty: Path, name: str) -> None:
    stem = name.replace("-", "_")
    for kind, own in {
        "placement": f'\n{stem.upper()} = Placement(\n    "{name}",\n',
        "scenario": f'\n{stem.upper()} = Scenario(\n    "{name}",\n',
        "model": f'\nMODEL = Model(\n    "{name}",\n',
        "lock": f'\n{stem} = {stem.title().replace("_", "")}("{name}")\n',
        "property": f"\ndef {stem}(state: View) -> bool:\n",
    }.items():
        assert locking("new", kind, name)[0] == 0
        assert own in (empty / f"{stem}.py").read_text()
        (empty / f"{stem}.py").unlink()


def test_nothing_is_overwritten(locking, empty: Path) -> None:
    (empty / "mine.py").write_text("my work")
    for kind in DRAFT_KINDS:
        assert locking("new", kind, "mine") == (
            2,
            "",
            "locking: mine.py is there already; choose another name, or move it away\n",
        )
    assert (empty / "mine.py").read_text() == "my work"


def test_a_folder_that_takes_no_file_is_an_error(locking, empty: Path) -> None:
    (empty / "mine.py").symlink_to("none/none.py")
    status, _, err = locking("new", "model", "mine")
    assert (status, err) == (2, "locking: mine.py can't be written: File exists\n")


NO_NAME = (
    f"is no name for it: write up to {LONGEST_DRAFT_NAME} small letters and digits, with - or _"
    f" between"
)
HOSTILE = {
    "../x": NO_NAME,
    "/x": NO_NAME,
    "a b": NO_NAME,
    "": NO_NAME,
    "-x": "the following arguments are required: NAME",
    "x" * 300: NO_NAME,
    "Mine": NO_NAME,
    "my__own": NO_NAME,
    "1st": NO_NAME,
    "$name": NO_NAME,
    "mine.py": NO_NAME,
    "a\nb": NO_NAME,
    "é": NO_NAME,
    "class": "'class' is a word of Python; choose another name",
    "json": "a file json.py would hide the module 'json' from what is run beside it",
    "pytest": "a file pytest.py would hide the module 'pytest'",
    "locking": "a file locking.py would hide the module 'locking'",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", DRAFT_KINDS)
def test_a_name_that_makes_no_file_is_refused(locking, empty: Path, kind: str, name: str) -> None:
    status, out, err = locking("new", kind, name)
    assert (status, out) == (2, "")
    assert HOSTILE[name] in err
    assert err.count("\n") == 1
    assert list(empty.iterdir()) == []


TAKEN = {
    "placement shared-repaired": "memory_hotplug has a placement 'shared-repaired'; choose another",
    "placement mine --model ../toy.py": None,
    "placement bare --model ../toy.py": "toy has a placement 'bare'; choose another name",
    "placement x --model ../toy.py --like none": "placement of toy 'none': did you mean whole",
    "placement x --model textbook.abba": "textbook.abba has no steps to arrange, so it takes no",
    "placement x --model ../wrong.py": "toy declares of no placement that it holds everything; say "
    "which to begin with: --like locked | bare | whole",
    "placement x --model none": "unknown model 'none'",
    "scenario add-vs-add": "memory_hotplug has a scenario 'add-vs-add'; choose another name",
    "scenario remover": "memory_hotplug has a scenario 'remover'; choose another name",
    "scenario x --model ../toy.py": "toy has no `cast` of roles, so it takes no scenario of others",
    "scenario x --like duyck": "--like is for a new placement, not for a scenario",
    "model memory_hotplug": "there is a model 'memory_hotplug' already; choose another name",
    "model total": "the file needs the name 'total' itself; choose another name",
    "lock misuse": "the file needs the name 'Misuse' itself; choose another name",
    "property bool": "the file needs the name 'bool' itself; choose another name",
    "lock x --model textbook.abba": "--model is for a new placement or scenario, not for a lock",
    "lock x --lik duyck": "unknown option '--lik': did you mean --like",
    "lok x": "argument KIND: invalid choice: 'lok'",
}


@pytest.mark.parametrize("words", TAKEN)
def test_what_is_taken_or_makes_no_sense_is_refused(locking, empty: Path, words: str) -> None:
    wrong = TOY.replace('Expect("sum", ', 'Expect("sum", "all"), Expect("sum", ')
    (empty.parent / "wrong.py").write_text(wrong)
    status, out, err = locking("new", *words.split())
    if TAKEN[words] is None:
        assert status == 0
        return
    assert (status, out) == (2, "")
    assert TAKEN[words] in err
    assert list(empty.iterdir()) == []


def test_a_placement_for_a_model_of_a_file(locking, here: Path) -> None:
    (here / "mine.py").unlink()
    status, out, _ = locking("new", "placement", "mine", "--model", "toy.py", "--like", "whole")
    assert status == 0
    assert out.startswith("mine.py is written: a placement, so far the same as whole.\n")
    text = (here / "mine.py").read_text()
    assert "from locking import Placement\n\nfrom toy import COUNT, WORK, lock\n" in text
    assert "\n    worker=[lock.write(COUNT, WORK)],\n" in text
    assert printed(out) == ["check", "toy.py", "--placement", "mine.py"]
    assert locking(*printed(out))[0] == 1  # two never work at once under the write lock


def test_whatever_a_model_is_called_the_file_is_python(locking, here: Path) -> None:
    folder = here / 'a """ b'
    folder.mkdir()
    cast = {'two words and a "': 2}
    text = TOY.replace("steps={", f"cast={cast}, steps={{**dict.fromkeys({cast}, ()), ")
    (folder / "odd.py").write_text(text)
    for kind in ("placement", "scenario"):
        status, out, _ = locking("new", kind, f"my-{kind}", "--model", f"{folder.name}/odd.py")
        assert status == 0
        assert printed(out)[:2] == ["check", 'a """ b/odd.py']
        assert locking(*printed(out))[0] == 0


def test_a_placement_begins_with_one_of_which_all_is_declared_to_hold(locking) -> None:
    _, out, _ = locking("new", "placement", "other", "--model", "toy.py")
    assert "so far the same as locked." in out
    assert locking(*printed(out))[0] == 0


def test_a_placement_for_a_model_that_is_found(locking, here: Path) -> None:
    (here / "designs").mkdir()
    (here / "designs" / "toy.py").write_text(TOY)
    (here / "toy.py").unlink()
    (here / "pyproject.toml").write_text('[tool.locking]\npaths = ["designs"]\n')
    _, out, _ = locking("new", "placement", "other", "--model", "toy")
    assert printed(out) == ["check", "toy", "--placement", "other.py"]
    assert locking(*printed(out))[0] == 0
    (here / "designs" / "own.py").write_text(OWN)
    status, _, err = locking("new", "placement", "mine", "--model", "toy")
    assert (status, err) == (
        2,
        "locking: mine.py is there already; choose another name, or move it away\n",
    )


def test_a_model_that_can_not_be_imported_by_its_name_is_refused(locking, here: Path) -> None:
    (here / "toy.py").rename(here / "my-toy.py")
    status, _, err = locking("new", "placement", "other", "--model", "my-toy.py")
    assert (status, err) == (
        2,
        "locking: my-toy.py: can't be imported as 'my-toy'; give the file another name\n",
    )


def written(locking, folder: Path) -> list[str]:
    """A file of each kind."""
    for kind in DRAFT_KINDS:
        assert locking("new", kind, f"my-{kind}")[0] == 0
    return sorted(path.name for path in folder.glob("*.py"))


@pytest.mark.slow
@pytest.mark.skipif(not RUFF.exists(), reason="no ruff: the written files were not linted")
def test_a_linter_accepts_what_is_written(locking, empty: Path) -> None:
    files = written(locking, empty)
    for name in NAMES:
        for kind in ("model", "lock", "property"):
            assert locking("new", kind, name)[0] == 0
            file = Path(f"{name.replace('-', '_')}.py")
            files.append(str(file.rename(f"{kind}_{file}")))
    alone = ("--isolated", "--line-length", "100")
    rules = "E,F,W,I,B,UP,N,C4,SIM,RET,PTH,PIE,RUF,D2,D3,D4"
    ignored = "D203,D213,D401,D407,D413"
    for command in (
        [RUFF, "check", *alone, "--select", rules, "--ignore", ignored, *files],
        [RUFF, "format", *alone, "--diff", *files],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not MYPY.exists(), reason="no mypy: the types of what is written were not seen")
def test_a_type_checker_accepts_what_is_written(locking, empty: Path) -> None:
    files = written(locking, empty)
    shutil.copytree(ROOT / "locking", empty / "site" / "locking")
    shutil.copytree(ROOT / "models", empty / "site" / "locking" / "models")
    done = subprocess.run(
        [MYPY, "--strict", "--follow-imports=silent", *files],
        env={**os.environ, "MYPYPATH": "site"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr

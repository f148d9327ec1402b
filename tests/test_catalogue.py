"""Models and placements by name and by file."""

from pathlib import Path

import pytest

from locking import catalogue
from locking.errors import ModelError, PlacementError, UsageError

MODEL = """
from locking import Cell, Model, Placement, RwSem, System, Thread, at_end, perform, step

lock = RwSem("lock")
count = Cell("count", 0)

@step("COUNT")
async def COUNT(_):
    await count.write(1)

@step("WORK")
async def WORK(_):
    await count.read()

LOCKED = Placement("locked", worker=[lock.write(COUNT)])
MODEL = Model(
    "counting", "Who counts?",
    lambda case: System(
        [lock, count],
        [Thread("w", perform, (case.placement.roles["worker"], None))],
        [at_end("sum", lambda s: s[count] == 1, "counted")],
    ),
    placements=(LOCKED,),
    steps={"worker": (COUNT, WORK)},
)
"""

OWN = "from locking import Placement\nfrom counting_model import COUNT, WORK, lock, LOCKED\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model, where we stand."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "counting_model.py").write_text(MODEL)
    return tmp_path


def test_every_model_is_found_by_the_name_that_it_has() -> None:
    names = catalogue.model_names()
    assert "textbook.abba" in names
    for name in names:
        assert catalogue.model(name).reference == name


@pytest.mark.parametrize(
    "name", ["textbook", "textbook.abbaa", "memory_hotplug.zone", "no.such", "", "a b"]
)
def test_an_unknown_model_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(UsageError, match=f"unknown model '{name}': "):
        catalogue.model(name)


def test_a_folder_that_comes_with_the_harness_stands_for_all_models_in_it() -> None:
    inside = [name for name in catalogue.model_names() if name.startswith("textbook.")]
    assert [each.name for each in catalogue.models("textbook")] == inside
    assert [each.name for each in catalogue.models("textbook.abba")] == ["textbook.abba"]
    assert [each.name for each in catalogue.models("memory_hotplug")] == ["memory_hotplug"]
    for name in ("textbok", "textbook.abba.x", "memory_hotplug.zone", "", "."):
        with pytest.raises(UsageError, match="unknown model"):
            catalogue.models(name)


def test_a_model_file_is_known_by_its_path(here: Path) -> None:
    assert catalogue.model("counting_model.py").reference == "counting_model.py"
    assert catalogue.model(str(here / "counting_model.py")).reference.startswith("/")


def test_a_file_is_run_once_whatever_it_is_called(here: Path) -> None:
    """A placement file that imports the model's must get the same locks and steps."""
    model = catalogue.model("./counting_model.py")
    (here / "mine.py").write_text(OWN + "MINE = Placement('mine', worker=[lock.write(WORK)])")
    [mine] = catalogue.placements(model, "mine.py")
    assert mine.reference == "mine.py"
    assert mine.roles["worker"][0].lock is model.placements[0].roles["worker"][0].lock


def test_a_model_file_leaves_nothing_behind(here: Path) -> None:
    catalogue.model("counting_model.py")
    assert [path.name for path in here.iterdir()] == ["counting_model.py"]


def test_a_file_hides_no_module_of_its_name(here: Path) -> None:
    (here / "json.py").write_text(MODEL)
    catalogue.model("json.py")
    import json

    assert json.dumps([]) == "[]"


def test_the_placements_of_a_file_are_those_that_it_makes(here: Path) -> None:
    model = catalogue.model("counting_model.py")
    (here / "two.py").write_text(
        OWN + "A = Placement('a', worker=[COUNT])\nB = C = Placement('b', worker=[WORK])\n"
    )
    found = catalogue.placements(model, "two.py")
    assert [each.reference for each in found] == ["two.py#a", "two.py#b"]
    assert catalogue.placement(model, "two.py#b") == found[1]
    with pytest.raises(UsageError, match=r"say which: two\.py#a, two\.py#b"):
        catalogue.placement(model, "two.py")
    with pytest.raises(UsageError, match=r"unknown placement of two\.py 'd': known: a, b"):
        catalogue.placements(model, "two.py#d")


def test_a_file_that_only_imports_placements_stands_for_those(here: Path) -> None:
    model = catalogue.model("counting_model.py")
    (here / "mine.py").write_text(OWN)
    assert catalogue.placement(model, "mine.py") is model.placements[0]
    assert model.placements[0].reference == "locked"


BROKEN = {
    "": "mine.py: has no placement; write `NAME = Placement(...)` at its top level",
    "x = (": "mine.py, line 1: SyntaxError: '(' was never closed: x = (",
    "\n\n1 / 0": "mine.py, line 3: ZeroDivisionError: division by zero",
    "import no_such": "mine.py, line 1: ModuleNotFoundError: No module named 'no_such'",
    "raise SystemExit(0)": "mine.py, line 1: SystemExit: 0",
    "raise BaseException('x')": "mine.py, line 1: BaseException: x",
    OWN + "P = Placement('p', worker=[lock.read(lock.write(COUNT))])": (
        "mine.py, line 3: placement 'p', worker: lock.write(COUNT) takes lock inside a read "
        "region of lock; a task that locks twice waits for itself"
    ),
    OWN + "P = Placement('p', worker=[lock.read(COUNT).downgrade(WORK)])": (
        "mine.py, line 3: lock: a read region can't be downgraded; "
        "only an rwsem held for writing has downgrade_write"
    ),
    OWN + "from locking import step\nX = step('CONT')(lambda _: None)\n"
    "P = Placement('p', worker=[X])": (
        "mine.py, line 5: placement 'p', worker: unknown step 'CONT': did you mean COUNT?"
    ),
    OWN + "P = Placement('p', wrker=[COUNT])": (
        "mine.py, line 3: placement 'p': unknown role 'wrker': did you mean worker?"
    ),
    OWN + "P = Placement('p', worker=lock.read(COUNT))": (
        "mine.py, line 3: placement 'p', worker: lock.read(COUNT) is no list; write [...]"
    ),
    OWN + "P = Placement('p', worker=[COUNT])\nQ = Placement('p', worker=[WORK])": (
        "mine.py: two placements are called 'p'"
    ),
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_placement_file_that_is_wrong_is_refused_by_name_and_line(here: Path, text: str) -> None:
    model = catalogue.model("counting_model.py")
    (here / "mine.py").write_text(text)
    with pytest.raises(PlacementError) as raised:
        catalogue.placements(model, "mine.py")
    assert str(raised.value) == BROKEN[text]


def test_files_that_are_not_there_are_refused(here: Path) -> None:
    (here / "folder.py").mkdir()
    model = catalogue.model("counting_model.py")
    for name, why in (("none.py", "No such file or directory"), ("folder.py", "Is a directory")):
        with pytest.raises(PlacementError, match=rf"^{name}: {why}$"):
            catalogue.placements(model, name)
        with pytest.raises(ModelError, match=rf"^{name}: {why}$"):
            catalogue.model(name)


def test_a_model_file_needs_a_model(here: Path) -> None:
    (here / "none.py").write_text("x = 1")
    (here / "other.py").write_text("MODEL = 1")
    with pytest.raises(ModelError, match=r"^none\.py: has no MODEL; write `MODEL = Model"):
        catalogue.model("none.py")
    with pytest.raises(ModelError, match=r"^other\.py: its MODEL is of type int"):
        catalogue.model("other.py")


def test_a_model_without_steps_takes_no_placement() -> None:
    with pytest.raises(UsageError, match="has no steps to arrange"):
        catalogue.placements(catalogue.model("textbook.abba"), "any")

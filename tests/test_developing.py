"""The page for developers is true: every file, registry and test that it names is there."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

import locking
from locking import Lock, Object
from locking.cli.commands import COMMANDS
from locking.cli.output_files import REPORT_FORMATS
from locking.conformance.formats import TRACE_FORMATS
from locking.export import FORMATS
from locking.models import memory_hotplug
from locking.objects.operation import calls_of
from locking.traces.forms import FORMS
from tests.test_house import FLOORS

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "locking"
PAGE = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")

REGISTRIES = (
    "__all__",
    "cli.commands.COMMANDS",
    "cli.output_files.REPORT_FORMATS",
    "conformance.formats.TRACE_FORMATS",
    "explore.reduction.levels.REDUCTIONS",
    "explore.search.ENGINES",
    "export.FORMATS",
    "models.memory_hotplug.STEPS",
    "properties.kinds.PROPERTY_KINDS",
    "studies.sampling.METHODS",
    "traces.forms.FORMS",
)
"""Everything that is registered by name, as the page names it: below `locking`."""

QUOTED = re.compile(r"`([^`\s]+)`")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
OTHER_FOLDERS = ("locking/", "models/", "tests/", "docs/")


def under(heading: str) -> str:
    """The part of the page below a heading."""
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table below a heading, without its head."""
    lines = [line for line in under(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def path_of(name: str) -> Path:
    """The file or folder that the page calls `name`; below `locking/` by default."""
    return (ROOT if name.startswith(OTHER_FOLDERS) else LIBRARY) / name


def named_files() -> Iterator[str]:
    """The files and folders that the page names."""
    for name in QUOTED.findall(PAGE):
        if re.fullmatch(r"[\w/]+(\.py|\.md|/)|tests/[\w/]+", name):
            yield name


@pytest.mark.parametrize("name", sorted(set(named_files())))
def test_every_file_that_is_named_is_there(name: str) -> None:
    path = path_of(name)
    found = path.parent.glob(path.name.replace("NAME", "*")) if "NAME" in path.name else [path]
    assert any(each.exists() for each in found), name


@pytest.mark.parametrize(("file", "test"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_every_registry_has_a_row() -> None:
    named = {
        name
        for *_, registry in rows("Extending it")
        for name in QUOTED.findall(registry)
        if not name.endswith("/")
    }
    assert named == set(REGISTRIES)


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_registry_is_where_the_page_says(name: str) -> None:
    module, _, attribute = f"locking.{name}".rpartition(".")
    assert getattr(import_module(module), attribute)


def test_every_row_of_the_table_says_which_test_notices() -> None:
    kinds = re.findall(r"^\* \*\*(.+?)\*\*(.+?)(?=^\* |\n\n)", under("Extending it"), re.M | re.S)
    silent = [kind for kind, text in kinds if not TEST.search(text)]
    assert silent == []
    assert len(kinds) == len(rows("Extending it"))


def test_the_floors_are_those_that_are_tested() -> None:
    assert re.findall(r"\w+", under("Floors").split("```")[1].removeprefix("text")) == FLOORS


def test_every_word_is_there_once_and_in_the_file_that_it_is_said_to_be_of() -> None:
    words = rows("Words of the code")
    assert len({word for word, *_ in words}) == len(words)
    for word, _, file in words:
        text = path_of(file.strip("`")).read_text(encoding="utf-8").lower()
        assert re.search(rf"{word.replace(' ', '[ _]?')}", text), (word, file)


def test_every_public_name_that_is_imported_is_in_all() -> None:
    tree = ast.parse((LIBRARY / "public.py").read_text(encoding="utf-8"))
    imported = {
        each.asname or each.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("locking")
        for each in node.names
    }
    assert imported == set(locking.__all__)


BASES = {"Word"}
"""Classes of objects of which no model makes any: what they have is said of those derived."""


MADE_BY_THE_HARNESS = {"Fences", "StoreBuffer"}
"""Classes of objects that no model writes: an option of a check adds them."""


def test_every_object_that_has_operations_is_public() -> None:
    found = {
        name
        for source in (LIBRARY / "objects").glob("*.py")
        for name, each in vars(import_module(f"locking.objects.{source.stem}")).items()
        if isinstance(each, type) and issubclass(each, Object) and calls_of(each)
    }
    assert found - BASES - MADE_BY_THE_HARNESS <= set(locking.__all__)


REGISTERED: dict[str, tuple[str, Mapping[str, object]]] = {
    "cli/commands": ("(?!__init__)(.+)", COMMANDS),
    "conformance/formats": ("from_(.+)", {name.replace("-", "_"): 0 for name in TRACE_FORMATS}),
    "export": ("to_(.+)", FORMATS),
    "traces/forms": ("to_(.+)", FORMS),
    "report": ("to_(?!json|terminal)(.+)", {**REPORT_FORMATS}),
}
"""By folder: which of its files are registered, and where. The other two reports go to stdout."""


@pytest.mark.parametrize("folder", REGISTERED)
def test_every_file_of_a_registry_is_registered(folder: str) -> None:
    pattern, registry = REGISTERED[folder]
    stems = [source.stem for source in (LIBRARY / folder).glob("*.py")]
    found = {match[1] for stem in stems if (match := re.fullmatch(pattern, stem))}
    assert found == set(registry) - {"html"}  # the page is a folder of its own


def test_every_named_step_is_exported() -> None:
    steps = {step.name for each in memory_hotplug.STEPS.values() for step in each}
    assert steps <= set(memory_hotplug.__all__)


def test_every_lock_has_a_broken_twin() -> None:
    kinds = {
        name
        for name in locking.__all__
        if isinstance(kind := getattr(locking, name), type)
        and issubclass(kind, Object)
        and kind not in (Object, Lock)  # what all of them, and all locks, begin with
    }
    broken = {
        base.id
        for source in (ROOT / "tests" / "objects").glob("test_broken_twins*.py")
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    assert kinds <= broken


TWINS = sorted((ROOT / "tests" / "objects").glob("test_broken_twins*.py"))


@pytest.mark.parametrize("source", TWINS, ids=lambda source: source.stem)
def test_every_broken_twin_is_tried(source: Path) -> None:
    """A twin that is defined and never named again has no row."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    twins = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert twins - named == set()

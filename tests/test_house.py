"""The house: imports point one way, files stay small, models use public names only."""

import ast
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import locking

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "locking"
MODELS = ROOT / "models"

FLOORS = [
    "errors",
    "names",
    "sequences",
    "scope",
    "objects",
    "text",
    "programs",
    "placements",
    "explore",
    "properties",
    "system",
    "model",
    "verdicts",
    "blaming",
    "strategies",
    "traces",
    "resuming",
    "judging",
    "check",
    "export",
    "studies",
    "catalogue",
    "testing",
    "pytest_plugin",
    "new",
    "report",
    "page",
    "cli",
]
"""From the ground up: a file imports from its own floor and from those before it."""

PURE = ["objects", "programs", "placements", "properties"]
"""Folders whose answers depend on their arguments alone."""

IMPURE = {
    "time",
    "datetime",
    "random",
    "secrets",
    "uuid",
    "logging",
    "loguru",
    "threading",
    "os",
}
"""Modules by which code depends on a clock, chance, threads or the machine, or writes a log."""

IMPURE_ALLOWED = {"programs/guard.py": {"os", "threading", "time"}}
"""`guard` is the watchdog: its thread stops code of a model that uses up its processor time."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.Module | ast.ClassDef | Function

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
"""What `def` and `async def` make."""

HEAVY = ["rich", "numba", "numpy", "hypothesis"]
"""Packages that start-up must not wait for."""


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported(source: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def floor(module: str) -> str:
    """The part of the house that `locking.floor.room` is in."""
    return module.split(".")[1]


def module_name(source: Path) -> str:
    """`locking.a.b` for locking/a/b.py, and `locking.a` for locking/a/__init__.py."""
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_imported(source: Path, modules: set[str]) -> set[str]:
    """Those of `modules` that a file imports, anywhere in it, also inside functions.

    `from locking.a import b` imports the module `locking.a.b` if there is one, else `locking.a`.
    """
    own = module_name(source).split(".")
    package = own if source.name == "__init__.py" else own[:-1]
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = {f"{base}.{name.name}" for name in node.names}
            found |= {name if name in modules else base for name in names}
    return found & modules


def definitions(source: Path) -> list[Definition]:
    """The module itself, its classes and its functions, nested ones included."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, *FUNCTIONS)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def outer_functions(node: ast.AST) -> list[Function]:
    """The functions and methods below `node` that are not inside another function."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            found.append(child)
        else:
            found += outer_functions(child)
    return found


def has_raise(node: ast.AST) -> bool:
    """Whether a `raise` statement is below `node`, outside of functions nested in it."""
    return any(
        isinstance(child, ast.Raise)
        or (not isinstance(child, (*FUNCTIONS, ast.ClassDef)) and has_raise(child))
        for child in ast.iter_child_nodes(node)
    )


@pytest.mark.parametrize("source", sources(LIBRARY), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(source: Path) -> None:
    inside = source.relative_to(LIBRARY).with_suffix("").parts
    if inside[0] in ("__init__", "__main__"):
        return
    own = FLOORS.index(inside[0])
    for module in imported(source):
        if module.startswith("locking."):
            assert FLOORS.index(floor(module)) <= own, f"{source.name} imports {module}"
        assert module != "locking", f"{source.name} imports the front door"


def test_no_imports_form_a_circle() -> None:
    names = {source: module_name(source) for source in sources(LIBRARY)}
    modules = set(names.values())
    graph = {name: modules_imported(source, modules) for source, name in names.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("imports form a circle: " + " <- ".join(error.args[1]))


@pytest.mark.parametrize(
    "source",
    [source for folder in PURE for source in sources(LIBRARY / folder)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_pure_parts_have_no_clock_log_chance_or_threads(source: Path) -> None:
    found = {module.split(".")[0] for module in imported(source)} & IMPURE
    assert found == IMPURE_ALLOWED.get(source.relative_to(LIBRARY).as_posix(), set())


def test_objects_import_nothing_of_the_house_but_errors_names_and_each_other() -> None:
    for source in sources(LIBRARY / "objects"):
        for module in imported(source):
            assert not module.startswith("locking") or floor(module) in (
                "errors",
                "names",
                "objects",
            )


def test_the_rooms_of_the_house_are_those_that_the_floors_name() -> None:
    rooms = {path.stem for path in LIBRARY.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert rooms - {"__init__", "__main__", "__pycache__"} == set(FLOORS)


def test_numba_is_imported_in_one_place() -> None:
    found = [source for source in sources(LIBRARY) if "numba" in imported(source)]
    assert [source.relative_to(LIBRARY) for source in found] == [Path("explore/compiled/kernel.py")]


def test_models_use_only_the_front_door() -> None:
    for source in sources(MODELS):
        for module in imported(source):
            own = module.startswith("locking.models.")
            assert own or not module.startswith("locking."), f"{source} imports {module}"


def test_every_public_name_is_there() -> None:
    assert sorted(locking.__all__) == sorted(set(locking.__all__))
    for name in locking.__all__:
        assert getattr(locking, name) is not None


@pytest.mark.parametrize(
    "source", [*sources(LIBRARY), *sources(MODELS)], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_is_read_in_one_sitting(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize(
    "source",
    [*sources(LIBRARY), *sources(MODELS), *sources(ROOT / "tests")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_docstring_stands_alone(source: Path) -> None:
    for definition in definitions(source):
        text = ast.get_docstring(definition) or ""
        name = getattr(definition, "name", source.stem)
        assert not text.startswith("The same"), f"{name}: the same as what?"


@pytest.mark.parametrize(
    "source", [*sources(LIBRARY), *sources(MODELS)], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_function_that_raises_says_so(source: Path) -> None:
    for function in outer_functions(ast.parse(source.read_text(encoding="utf-8"))):
        if has_raise(function) and not function.name.startswith("__"):
            text = ast.get_docstring(function) or ""
            said = any(word in text for word in ("Refuse", "Raise", "Error"))
            assert said, f"{function.name}, line {function.lineno}: which error, and when?"


def test_every_package_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = set(project["tool"]["setuptools"]["packages"])
    packages = {
        "locking" + "".join(f".{part}" for part in init.parent.relative_to(LIBRARY).parts)
        for init in LIBRARY.rglob("__init__.py")
    } | {
        "locking.models" + "".join(f".{part}" for part in init.parent.relative_to(MODELS).parts)
        for init in MODELS.rglob("__init__.py")
    }
    assert shipped == packages


def test_help_does_not_wait_for_what_it_does_not_use() -> None:
    code = f"""
import sys
import tomllib
from locking.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"

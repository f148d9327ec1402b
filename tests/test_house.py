"""The house: imports point one way, files stay small, models use public names only."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import locking

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "locking"
MODELS = ROOT / "models"

FLOORS = [
    "errors",
    "mending",
    "side_by_side",
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
    "memory_models",
    "executions",
    "verdicts",
    "blaming",
    "sending",
    "strategies",
    "traces",
    "resuming",
    "judging",
    "folding",
    "leaning",
    "choosing",
    "executing",
    "check",
    "export",
    "studies",
    "litmus",
    "parameterized",
    "durations",
    "catalogue",
    "kernel_source",
    "conformance",
    "monitors",
    "testing",
    "public",
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

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
"""What `def` and `async def` make."""

HEAVY = ["rich", "numba", "numpy", "hypothesis", "matplotlib", "loguru", "asyncio", "psutil", "ray"]
"""Packages that start-up must not wait for."""

QUICK = ["--help", "--version", "list textbook.abba"]
"""What somebody asks for between two thoughts."""


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


FRONT_DOOR = [LIBRARY / "__init__.py", LIBRARY / "__main__.py"]
INSIDE = [source for source in sources(LIBRARY) if source not in FRONT_DOOR]

SHIPPED = [*sources(LIBRARY), *sources(MODELS)]
"""Every file of the house and of its models."""


def text(source: Path) -> str:
    return source.read_text(encoding="utf-8")


@cache
def tree(source: Path) -> ast.Module:
    return ast.parse(text(source))


@cache
def imported(source: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def house_modules(source: Path) -> set[str]:
    """The modules of the house that a file imports by name."""
    return {module for module in imported(source) if module.startswith("locking.")}


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
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = {f"{base}.{name.name}" for name in node.names}
            found |= {name if name in modules else base for name in names}
    return found & modules


def outer_functions(node: ast.AST) -> list[Function]:
    """The functions and methods below `node` that are not inside another function."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            found.append(child)
        else:
            found += outer_functions(child)
    return found


def definitions(node: ast.AST) -> Iterator[Function | ast.ClassDef]:
    """The classes below `node`, and the functions and methods that are not in another function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield child
            if "Protocol" not in {getattr(base, "id", "") for base in child.bases}:
                yield from definitions(child)
        elif isinstance(child, FUNCTIONS) and not child.name.startswith("__"):
            yield child


def says_error(function: Function) -> bool:
    """Whether the docstring of a function speaks of an error."""
    said = ast.get_docstring(function) or ""
    return any(word in said for word in ("Refuse", "Raise", "Error"))


def has_raise(node: ast.AST) -> bool:
    """Whether a `raise` statement is below `node`, outside of functions nested in it."""
    return any(
        isinstance(child, ast.Raise)
        or (not isinstance(child, (*FUNCTIONS, ast.ClassDef)) and has_raise(child))
        for child in ast.iter_child_nodes(node)
    )


def test_imports_point_one_way() -> None:
    found = [
        f"{source} imports {module}"
        for source in INSIDE
        for module in house_modules(source)
        if FLOORS.index(floor(module)) > FLOORS.index(floor(module_name(source)))
    ]
    assert found == []


def test_nothing_in_the_house_comes_in_by_the_front_door() -> None:
    assert [source for source in INSIDE if "locking" in imported(source)] == []


def test_no_imports_form_a_circle() -> None:
    names = {source: module_name(source) for source in sources(LIBRARY)}
    modules = set(names.values())
    graph = {name: modules_imported(source, modules) for source, name in names.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("imports form a circle: " + " <- ".join(error.args[1]))


def test_pure_parts_have_no_clock_log_chance_or_threads() -> None:
    found = {}
    for source in (source for folder in PURE for source in sources(LIBRARY / folder)):
        if impure := {module.split(".")[0] for module in imported(source)} & IMPURE:
            found[source.relative_to(LIBRARY).as_posix()] = impure
    assert found == IMPURE_ALLOWED


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


def test_a_file_is_read_in_one_sitting() -> None:
    lines = {source: len(text(source).splitlines()) for source in SHIPPED}
    assert {source: count for source, count in lines.items() if count > 400} == {}


def test_a_docstring_stands_alone() -> None:
    # One that begins with "The same" leaves open: the same as what?
    found = [
        f"{source}: {line}"
        for source in [*SHIPPED, *sources(ROOT / "tests")]
        for line in text(source).splitlines()
        if line.lstrip().startswith('"""The same')
    ]
    assert found == []


def test_everything_says_what_it_is_for() -> None:
    """But for files without code, methods of protocols and those that Python names."""
    bare = [
        f"{source}: {getattr(node, 'name', 'the file')}"
        for source in sources(LIBRARY)
        for node in (tree(source), *definitions(tree(source)))
        if node.body and ast.get_docstring(node) is None
    ]
    assert bare == []


def test_a_function_that_raises_says_so() -> None:
    found = [
        f"{source}: {function.name}, line {function.lineno}: which error, and when?"
        for source in SHIPPED
        for function in outer_functions(tree(source))
        if has_raise(function) and not function.name.startswith("__") and not says_error(function)
    ]
    assert found == []


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


def imported_by(command: str, modules: list[str]) -> list[str]:
    """Those of `modules` that a command imports."""
    code = f"""
import sys
from locking.cli.main import main
main({command.split()!r})
print([name for name in {modules!r} if name in sys.modules], file=sys.stderr)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return list(ast.literal_eval(ran.stderr))


@pytest.mark.parametrize("command", QUICK)
def test_a_quick_command_does_not_wait_for_what_it_does_not_use(command: str) -> None:
    assert imported_by(command, [*HEAVY, "locking.check"]) == []


def test_help_imports_nothing_that_a_model_is_made_of() -> None:
    assert imported_by("--help", ["locking.public", "locking.model", "locking.catalogue"]) == []
    assert imported_by("--help", ["locking.cli.main"]) == ["locking.cli.main"]

"""`locking read`: which placement a kernel source tree has."""

import inspect
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import locking.catalogue as catalogue
from locking.cli.arguments import fill_narrowing
from locking.cli.case_arguments import refuse_foreign_options
from locking.cli.output_files import free, naming, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_AS_DECLARED, Parser
from locking.cli.source_roles import RoleReader, print_lines, print_role
from locking.cli.source_verdicts import FOUND_IN_SOURCE, print_changes, print_verdicts
from locking.errors import UsageError, unknown
from locking.kernel_source.citations import reading_remarks
from locking.kernel_source.pins import Pin, pins_file, read_pins
from locking.kernel_source.roles import read_entry
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import FunctionTable, read_tables
from locking.model import Model
from locking.objects.operation import Object
from locking.placements.placement import Placement
from locking.placements.source import placement_source

FUNCTIONS = "functions.toml"
"""The table beside a model."""

EPILOG = """
TREE is a folder of kernel sources, or one C file. By default the command reads each role of the
model that has an entry function. With --entry and --functions it reads any function, in the words
of the source.

--check runs what was read as threads of the model's scenarios. If a role has one placement, it does
what the placement says. If it has none, it chooses one of its paths. With --property, the command
prints the run that shows each of these properties, with lines of the source.

Exit status: 0 every role has one placement, and it is that of --against, if that is given; 1 a role
has none, or another one, or lacks a step of the placements; 2 bad usage, or a source that can't be
read. With --check, it is also 1 if a property fails, and 3 if a verdict is unknown.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("tree", metavar="TREE", help="a kernel source tree, or a C file")
    parser.add_argument("--model", default=catalogue.DEFAULT, metavar="MODEL")
    parser.add_argument(
        "--entry", metavar="FUNCTION", help="read this function, and no role of a model"
    )
    parser.add_argument(
        "--functions",
        nargs="+",
        default=[],
        metavar="F",
        help="the functions that it calls as its steps",
    )
    parser.add_argument("--role", nargs="+", default=[], metavar="R", help="only these roles")
    parser.add_argument(
        "--table", nargs="+", default=[], metavar="FILE", help="TOML files with more tables"
    )
    parser.add_argument("--against", metavar="P", help="compare with this placement")
    parser.add_argument("--patch", metavar="FILE", help="say what a unified diff changes")
    parser.add_argument(
        "--check", action="store_true", help="run what is read as threads, and judge it"
    )
    fill_narrowing(parser, "--scenario", "--property")
    parser.add_argument("-o", "--output", metavar="FILE", help="write what is read as a placement")


def run(arguments: Namespace) -> int:
    """Read, and print what was found. Errors: `UsageError`."""
    if not arguments.check and (arguments.scenario or arguments.property):
        raise UsageError("--scenario and --property say what --check judges; add --check")
    files = [Path(each) for each in arguments.table]
    if arguments.entry:
        if not arguments.functions:
            raise UsageError("--entry needs --functions: the functions that count as steps")
        if arguments.check:
            raise UsageError("--check judges the roles of a model, and --entry is for no model")
        table = read_tables(files)
        sources = SourceTree(Path(arguments.tree), table.folders)
        for each in arguments.functions:
            if not any(each.encode() in text for text in sources.texts.values()):
                raise UsageError(f"{arguments.tree}: nothing there is called {each}")
        steps = {name: [name] for name in arguments.functions}
        locks = list(table.locks) or None
        read = read_entry(sources, table, arguments.entry, steps, locks=locks)
        print_role(read)
        functions = {each: [each] for each in arguments.functions}
        print_lines(each.text for each in reading_remarks(sources, functions, read, functions))
        complete = read.found.trees is not None and not read.refused
        return AS_DECLARED if complete else NOT_AS_DECLARED
    return run_roles(arguments, files)


def run_roles(arguments: Namespace, files: list[Path]) -> int:
    """Read the roles of a model. Errors: `UsageError`."""
    model = catalogue.model(arguments.model)
    refuse_foreign_options(model, arguments)
    module = catalogue.module_of_model(arguments.model)
    own = Path(inspect.getfile(module)).with_name(FUNCTIONS)
    table = read_tables([*([own] if own.exists() else []), *files])
    if not table.entries:
        raise UsageError(f"{model.name} has no {FUNCTIONS} that gives its roles entry functions")
    sources = SourceTree(Path(arguments.tree), table.folders)
    against = catalogue.placement(model, arguments.against) if arguments.against else None
    file = free(f"-o {arguments.output}", arguments.output) if arguments.output else None
    reader = RoleReader(
        table,
        model,
        arguments.role or list(table.entries),
        locks_of_table(table, vars(module), model),
        against,
        pins_beside(Path(inspect.getfile(module))),
        runs=arguments.check or bool(arguments.patch),
    )
    found = reader.read(sources)
    if arguments.patch:
        before = found
        print_lines([f"with {arguments.patch}:"], "")
        found = reader.read(sources.with_patch(arguments.patch, text_of_patch(arguments.patch)))
        print_changes(model, before, found)
    if found.trees:
        print_alike(model, found.trees)
        if file:
            placement = Placement(
                FOUND_IN_SOURCE, f"read from {Path(arguments.tree).name}", **found.trees
            )
            with naming(f"-o {arguments.output}"):
                name = catalogue.import_name(module)
                replace_file(file, placement_source(name, vars(module), [placement]))
            print_lines([f"written to {arguments.output}"], "")
    if not arguments.check:
        return found.status
    status = print_verdicts(model, found, arguments)
    return NOT_AS_DECLARED if NOT_AS_DECLARED in (status, found.status) else status


def locks_of_table(table: FunctionTable, own: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """For each lock of the source that of the model. Errors: `UsageError` for one it lacks."""
    locks = {name: each for name, each in own.items() if isinstance(each, Object)}
    for name in table.locks.values():
        if name not in locks:
            raise unknown(f"lock of {model.name}", name, locks)
    return {name: locks[each] for name, each in table.locks.items()}


def pins_beside(module: Path) -> Sequence[Pin]:
    """The pins beside a model; none where it has no such file. Errors: `UsageError`."""
    beside = pins_file(module)
    return read_pins(beside).pins if beside.exists() else ()


def text_of_patch(patch: str) -> str:
    """The text of a patch. Errors: `UsageError`."""
    with naming_read(patch):
        return Path(patch).read_text(encoding="utf-8", errors="surrogateescape")


@contextmanager
def naming_read(file: str) -> Iterator[None]:
    """A context that turns an `OSError` into a `UsageError`. Errors: `UsageError`."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


def print_alike(model: Model, made: Mapping[str, tuple[object, ...]]) -> None:
    """Print the placements that are like what was read, of those that speak of most roles."""
    spoken = {
        each.name: sum(role in made for role in each.roles)
        for each in model.placements
        if all(made[role] == trees for role, trees in each.roles.items() if role in made)
    }
    most = max(spoken.values(), default=0)
    alike = [name for name, roles in spoken.items() if roles and roles == most]
    text = f"placements of {model.name} that are like it: {', '.join(alike) or 'none'}"
    print_lines([text], "")

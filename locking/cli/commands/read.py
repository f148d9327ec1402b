"""`locking read`: which placement a kernel source tree has."""

import inspect
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import locking.catalogue as catalogue
from locking.check import check
from locking.cli.arguments import Parser
from locking.cli.output_files import free, naming, replace_file
from locking.cli.searches import AS_DECLARED, NOT_AS_DECLARED
from locking.cli.terminal import drawable
from locking.errors import UsageError
from locking.kernel_source.citations import citation_remarks, reading_remarks
from locking.kernel_source.pins import Pin, pins_file, read_pins
from locking.kernel_source.regions import in_a_line, lines_of, steps_within
from locking.kernel_source.roles import ReadRole, entry_of, in_model_words, read_entry
from locking.kernel_source.sources import SourceTree
from locking.kernel_source.tables import FunctionTable, read_tables
from locking.model import Model
from locking.placements.placement import Placement
from locking.placements.source import placement_source
from locking.placements.trees import Step, Trees
from locking.text.fit import escape

FUNCTIONS = "functions.toml"
"""The table beside a model."""

EPILOG = """
TREE is a folder of kernel sources, or one C file. With --entry and --functions any function is
read, in the words of the source; else each role of the model that has an entry function.

Exit status: 0 every role has one placement, that of --against if it is given; 1 a role has none, or
another, or lacks a step of the placements; 2 bad usage, or a source that can't be read.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("tree", metavar="TREE", help="a kernel source tree, or a C file")
    parser.add_argument("--model", default=catalogue.DEFAULT, metavar="MODEL")
    parser.add_argument("--entry", metavar="FUNCTION", help="read this function, for no model")
    parser.add_argument(
        "--functions", nargs="+", default=[], metavar="F", help="the functions that are its steps"
    )
    parser.add_argument("--role", nargs="+", default=[], metavar="R", help="only these roles")
    parser.add_argument("--table", nargs="+", default=[], metavar="FILE", help="more tables, TOML")
    parser.add_argument("--against", metavar="P", help="compare with this placement")
    parser.add_argument("--patch", metavar="FILE", help="say what a unified diff changes")
    parser.add_argument("-o", "--output", metavar="FILE", help="write what is read as a placement")


def run(arguments: Namespace) -> int:
    """Read, and print what was found. Errors: `UsageError`."""
    files = [Path(each) for each in arguments.table]
    if arguments.entry:
        if not arguments.functions:
            raise UsageError("--entry needs --functions: the functions that count as steps")
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
    module = catalogue.module_of_model(arguments.model)
    own = Path(inspect.getfile(module)).with_name(FUNCTIONS)
    table = read_tables([*([own] if own.exists() else []), *files])
    if not table.entries:
        raise UsageError(f"{model.name} has no {FUNCTIONS} that gives its roles entry functions")
    sources = SourceTree(Path(arguments.tree), table.folders)
    against = catalogue.placement(model, arguments.against) if arguments.against else None
    file = free(f"-o {arguments.output}", arguments.output) if arguments.output else None
    locks = {name: vars(module)[own] for name, own in table.locks.items()}
    wanted = arguments.role or list(table.entries)
    beside = pins_file(Path(inspect.getfile(module)))
    pins = read_pins(beside).pins if beside.exists() else ()
    made, status = read_roles(sources, table, model, wanted, locks, against, pins)
    if arguments.patch:
        with naming_read(arguments.patch):
            patch = Path(arguments.patch).read_text(encoding="utf-8", errors="surrogateescape")
        print(f"with {arguments.patch}:")
        after = sources.with_patch(arguments.patch, patch)
        before = made
        made, status = read_roles(after, table, model, wanted, locks, against, pins)
        print_changes(model, before, made)
    if made:
        print_alike(model, made)
        if file:
            placement = Placement("read", f"read from {Path(arguments.tree).name}", **made)
            with naming(f"-o {arguments.output}"):
                name = catalogue.import_name(module)
                replace_file(file, placement_source(name, vars(module), [placement]))
            print(f"written to {arguments.output}")
    return status


@contextmanager
def naming_read(file: str) -> Iterator[None]:
    """A context that turns an `OSError` into a `UsageError`. Errors: `UsageError`."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


def read_roles(
    sources: SourceTree,
    table: FunctionTable,
    model: Model,
    roles: Sequence[str],
    locks: Mapping[str, Any],
    against: Placement | None,
    pins: Sequence[Pin],
) -> tuple[dict[str, Trees], int]:
    """The trees of those roles that are known, printed, and the status. Errors: `UsageError`."""
    made, status = {}, AS_DECLARED
    for role in roles:
        read = read_role(sources, table, model, role)
        print_role(read)
        if lacks_steps(sources, table, model, read, against, pins):
            status = NOT_AS_DECLARED
        if read.refused or read.found.trees is None:
            status = NOT_AS_DECLARED
            if read.found.trees is not None:
                print("  which placement it is, is unknown: a function could not be followed")
            continue
        made[role] = in_model_words(read.found.trees, {s.name: s for s in model.steps[role]}, locks)
        if against and not same_as(against, role, made[role]):
            status = NOT_AS_DECLARED
    return made, status


def lacks_steps(
    sources: SourceTree,
    table: FunctionTable,
    model: Model,
    read: ReadRole,
    against: Placement | None,
    pins: Sequence[Pin],
) -> bool:
    """Whether a role lacks a step that is expected of it, and that a table gives a function.

    What the tree lacks of the functions that these steps stand for, or cite, is printed.
    """
    steps = expected_steps(model, read, against)
    named = [name for name in steps if any(name in of for of in table.steps.values())]
    remarks = [*reading_remarks(sources, table.steps, read, named, pins)]
    cited = citation_remarks(sources, map(steps.__getitem__, named))
    print_lines([*(each.text for each in remarks), *(f"cited: {each}" for each in cited)])
    return any(each.grave for each in remarks)


def expected_steps(model: Model, read: ReadRole, against: Placement | None) -> dict[str, Step]:
    """The steps of a role, by name, in `against`, or else in all placements that speak of it.

    Where none does, any one step that the model offers to the role is enough.
    """
    known = [against] if against and read.role in against.roles else model.placements
    placed = [step for each in known if read.role in each.roles for step in each.steps(read.role)]
    if placed:
        return {step.name: step for step in placed}
    offered = {step.name: step for step in model.steps.get(read.role, ())}
    reached = {each.name for each in steps_within(read.found.trees or ())}
    return {name: step for name, step in offered.items() if name in reached} or offered


def print_changes(model: Model, before: Mapping[str, Trees], after: Mapping[str, Trees]) -> None:
    """Print which roles a patch changes, and which verdicts in scenarios with such a role."""
    changed = [role for role in {**before, **after} if before.get(role) != after.get(role)]
    print(f"the patch changes: {', '.join(changed) or 'no role'}")
    if not changed or before.keys() != after.keys():
        return
    one, two = Placement("before", "", **before), Placement("after", "", **after)
    for scenario in model.scenarios:
        if not set(changed) & set(scenario.roles):
            continue
        verdicts = [
            {each.claim.name: each.verdict.value for each in check(case).results}
            for case in (model.case(scenario, placement, {}) for placement in (one, two))
        ]
        for name in dict.fromkeys([*verdicts[0], *verdicts[1]]):
            was, now = (each.get(name, "not judged") for each in verdicts)
            if was != now:
                print(f"  {scenario.name}: {name} {was} before, {now} after")


def read_role(sources: SourceTree, table: FunctionTable, model: Model, role: str) -> ReadRole:
    """A role of a model, read. Errors: `UsageError`."""
    entry = entry_of(sources, table, role)
    own = {step.name for step in model.steps.get(role, ())}
    steps = {
        function: kept
        for function, names in table.steps.items()
        if (kept := [name for name in names if name in own])
    }
    return read_entry(sources, table, entry, steps, role, list(table.locks))


def print_role(read: ReadRole) -> None:
    """Print what was read."""
    lines = [f"{read.role + ': ' if read.role else ''}{read.entry}()"]
    if read.found.trees is not None:
        lines += [*lines_of(read.found.trees)] or ["  no step"]
        lines.append(f"  = {in_a_line(read.found.trees)}")
    else:
        lines.append("  its paths are no one placement:")
        lines += [f"  {each}" for each in read.found.findings]
    lines += [f"  not of the model: {each}" for each in read.unmodelled]
    lines += [f"  not followed: {each}" for each in read.unfollowed]
    lines += [f"  refused: {each}" for each in read.refused]
    print_lines(lines, "")


def print_lines(lines: Iterable[str], before: str = "  ") -> None:
    """Print lines, each after `before`."""
    parts = [before + escape(part) for line in lines for part in line.split("\n")]
    print(drawable("".join(f"{part}\n" for part in parts)), end="")


def same_as(against: Placement, role: str, trees: tuple[object, ...]) -> bool:
    """Whether a placement has a role so; says what differs where it does not."""
    if role not in against.roles:
        print(f"  {against.name} says nothing of {role}")
        return True
    if against.roles[role] == trees:
        print(f"  as {against.name} has it")
        return True
    print(f"  differs from {against.name}: {against.show(role)}")
    return False


def print_alike(model: Model, made: Mapping[str, tuple[object, ...]]) -> None:
    """Print the placements that are like what was read, of those that speak of most roles."""
    spoken = {
        each.name: sum(role in made for role in each.roles)
        for each in model.placements
        if all(made[role] == trees for role, trees in each.roles.items() if role in made)
    }
    most = max(spoken.values(), default=0)
    alike = [name for name, roles in spoken.items() if roles and roles == most]
    print(f"placements of {model.name} that are like it: {', '.join(alike) or 'none'}")

"""`locking drift`: which kernel functions have changed since a model was pinned to them."""

import inspect
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

import locking.catalogue as catalogue
from locking.cli.commands.read import FUNCTIONS
from locking.cli.output_files import free, naming, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_AS_DECLARED, Parser
from locking.cli.terminal import drawable, width
from locking.errors import UsageError, unknown
from locking.kernel_source.citations import citations_in
from locking.kernel_source.pins import (
    Pin,
    PinnedTree,
    Pins,
    drift_of,
    pinned_in,
    pins_file,
    pins_text,
    read_pins,
    version_of,
)
from locking.kernel_source.tables import FunctionTable, read_tables
from locking.model import Model
from locking.text.fit import escape, wrapped
from locking.text.words import counted

EPILOG = """
TREE is a folder of kernel sources, or one C file. The pins of a model are beside it: pins.toml for
a model that is a folder, NAME.pins.toml for NAME.py.

Exit status: 0 no pinned function has changed; 1 a function has changed, has moved or is gone; 2
bad usage.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("tree", metavar="TREE", help="a kernel source tree, or a C file")
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    parser.add_argument("--pins", metavar="FILE", help="use these pins, and not those of the model")
    parser.add_argument(
        "--table", nargs="+", default=[], metavar="FILE", help="TOML files with more tables"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write pins to this tree")


def run(arguments: Namespace) -> int:
    """Compare, or write pins. Errors: `UsageError`."""
    model = catalogue.model(arguments.model)
    module = catalogue.module_of_model(arguments.model)
    own = Path(inspect.getfile(module))
    file = Path(arguments.pins) if arguments.pins else pins_file(own)
    pins = read_pins(file) if arguments.pins or file.exists() else None
    if pins:
        refuse_strange(model, file, pins)
    functions = own.with_name(FUNCTIONS)
    tables = [functions] if functions.exists() else []
    table = read_tables([*tables, *map(Path, arguments.table)])
    tree = Path(arguments.tree)
    if arguments.output:
        wanted = pins.pins if pins else stood_for(model, table)
        return write(arguments.output, place_of(tree, table, wanted), wanted)
    if not pins:
        raise UsageError(
            f"{model.name} has no {file.name}; "
            f"`locking drift TREE {model.reference} -o {file.name}` writes one"
        )
    if bare := [each for each in pins.pins if not (each.file and each.digest)]:
        raise UsageError(
            f"{file}: {bare[0].function} of {bare[0].step} has no file and digest yet; "
            f"`locking drift TREE {model.reference} --pins {file} -o FILE` writes them"
        )
    return compare(model, pins, place_of(tree, table, pins.pins))


def place_of(tree: Path, table: FunctionTable, pins: Iterable[Pin]) -> PinnedTree:
    """The tree, with the files of the pins at hand. Errors: `UsageError` where it is not there."""
    if not tree.exists():
        raise UsageError(f"{tree}: no such file or folder")
    return PinnedTree(tree, table.folders, [each.file for each in pins])


def refuse_strange(model: Model, file: Path, pins: Pins) -> None:
    """Refuse pins of nothing, or of a step that the model lacks. Errors: `UsageError`."""
    if not pins.pins:
        raise UsageError(f"{file}: no function is pinned there")
    known = {step.name for steps in model.steps.values() for step in steps}
    for each in pins.pins:
        if known and each.step not in known:
            raise unknown(f"named step in {file}", each.step, sorted(known))


def stood_for(model: Model, table: FunctionTable) -> list[Pin]:
    """The functions that the table gives for each step, or that the step cites.

    A model without named steps has those of the table. Errors: `UsageError` for none.
    """
    steps = {step.name: step.kernel for each in model.steps.values() for step in each}
    names = steps or dict.fromkeys(name for each in table.steps.values() for name in each)
    made = [
        Pin(name, function)
        for name in names
        for function in dict.fromkeys(
            [
                *(function for function, of in table.steps.items() if name in of),
                *(each.function for each in citations_in(steps.get(name, ""))),
            ]
        )
    ]
    if not made:
        raise UsageError(
            f"{model.name} names no kernel function: list them in a file for --pins, or in a table"
        )
    return made


def write(output: str, place: PinnedTree, wanted: Iterable[Pin]) -> int:
    """Write pins of the functions that the tree defines. Errors: `UsageError` for none."""
    file = free(f"-o {output}", output)
    made = []
    for each in wanted:
        pin = pinned_in(place, each)
        if pin:
            made.append(pin)
        else:
            show(f"not pinned: {each.step}: {each.function}() is not defined there")
    if not made:
        raise UsageError(f"{place.tree}: none of the functions is defined there")
    with naming(f"-o {output}"):
        replace_file(file, pins_text(Pins(version_of(place.tree), tuple(made))))
    show(f"{counted(len(made), 'pin')} written to {output}")
    return AS_DECLARED


def compare(model: Model, pins: Pins, place: PinnedTree) -> int:
    """Print which pinned functions are no more what they were."""
    drifted = [(each, what) for each in pins.pins if (what := drift_of(place, each))]
    for pin, what in drifted:
        show(f"{pin.step}: {pin.function}() {what}")
    unknown = "an unknown version"
    versions = f"from {pins.version or unknown} to {version_of(place.tree) or unknown}"
    same = len(pins.pins) - len(drifted)
    show(f"{model.name}, {versions}: {same} of {len(pins.pins)} pinned functions are the same")
    return NOT_AS_DECLARED if drifted else AS_DECLARED


def show(text: str) -> None:
    """Print a sentence."""
    print(drawable("\n".join(wrapped(escape(text), width(), later="    "))))

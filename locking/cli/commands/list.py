"""`locking list`: print the models that there are, or what one has."""

from argparse import Namespace
from collections.abc import Iterator

import locking.catalogue as catalogue
from locking.cli.parsing import AS_DECLARED, Parser
from locking.cli.terminal import drawable, width
from locking.report.listing import listing
from locking.text.file_names import file_name
from locking.text.fit import escape

EPILOG = ""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", metavar="MODEL")


def run(arguments: Namespace) -> int:
    """Print what there is, a line each. Errors: `LockingError`."""
    names = [arguments.model] if arguments.model else catalogue.model_names()
    text = "\n\n".join("\n".join(map(escape, model_lines(name))) for name in names)
    print(drawable(text))
    return AS_DECLARED


def model_lines(name: str) -> Iterator[str]:
    """What is known of the model of that name or file."""
    model = catalogue.model(name)
    scenarios, placements = catalogue.every_scenario(model), catalogue.every_placement(model)
    files = {each.thing.name: each.file for each in catalogue.found_models()}
    title = f"{name} ({file_name(files[name])})" if name in files else name
    algorithms = catalogue.harness_algorithms()
    return listing(title, model, scenarios, placements, algorithms, width())

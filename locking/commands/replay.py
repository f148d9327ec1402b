"""`locking replay`: print the traces of path strings."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.arguments import Parser
from locking.commands.screen import drawable
from locking.commands.searching import AS_DECLARED
from locking.commands.showing import shown
from locking.errors import PathError, UsageError
from locking.traces.path import decode

EPILOG = ""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH")


def run(arguments: Namespace) -> int:
    """Print all of them or none. Errors: `LockingError`."""
    print(drawable("\n\n".join([replayed(text) for text in arguments.paths])))
    return AS_DECLARED


def replayed(text: str) -> str:
    """The trace of a path string. Errors: `PathError`."""
    path = decode(text)
    try:
        model = catalogue.model(path.model)
        placement = catalogue.placement(model, path.placement) if path.placement else None
        if placement is None and model.placements:
            raise UsageError(f"it names no placement, and {model.name} has some")
        scenario = catalogue.scenario(model, path.scenario)
        case = model.case(scenario, placement, path.scope)
        return shown(case, path.property, path.choices)
    except (UsageError, PathError) as error:
        raise PathError(f"path {text!r} does not replay: {error}") from error

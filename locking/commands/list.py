"""`locking list`: print the models that there are, or what one has."""

from argparse import Namespace

import locking.catalogue as catalogue
from locking.arguments import Parser
from locking.commands.screen import width
from locking.commands.searching import AS_DECLARED
from locking.report.listing import listing

EPILOG = ""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", metavar="MODEL")


def run(arguments: Namespace) -> int:
    """Print what there is, a line each. Errors: `LockingError`."""
    names = [arguments.model] if arguments.model else catalogue.names()
    print("\n\n".join("\n".join(listing(name, catalogue.model(name), width())) for name in names))
    return AS_DECLARED

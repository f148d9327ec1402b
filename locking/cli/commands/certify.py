"""`locking certify`: whether a certificate proves that something never is, for any number."""

from argparse import Namespace
from pathlib import Path

from locking.cli.parsing import AS_DECLARED, Parser
from locking.cli.terminal import width
from locking.errors import UsageError, unknown
from locking.text.fit import GAP, folded

EPILOG = """
MODEL is a name that `locking list` shows, or a FILE.py with a MODEL in it.

Exit status: 0 the certificate proves what it says; 2 it does not, or it is of another model.
"""

OF_NO_MODEL = "the file alone does not show which model it is of: write certify FILE MODEL"


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("file", metavar="FILE", help="what `locking check --certificate` wrote")
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="derive the steps from this model again, too"
    )


def run(arguments: Namespace) -> int:
    """Check a certificate, and print what it proves. Errors: `UsageError`, `ModelError`."""
    from locking.parameterized.certifier import certify  # not needed by other commands

    if arguments.scope:
        raise unknown("option", f"--{next(iter(arguments.scope))}", arguments.known)
    try:
        text = Path(arguments.file).read_text(encoding="utf-8")
        found = certify(text)
    except OSError as error:
        raise UsageError(f"{arguments.file}: can't be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{arguments.file} proves nothing: {error}") from None
    whose, whence = "the system that is written in it, any number of threads", "as it is written"
    if arguments.model is not None:
        from locking.cli.any_number import derived_anew

        made, whose = derived_anew(arguments.model, found.get("about"))
        made.pop("sha256")
        for part in made:
            if made[part] != found.get(part):
                raise UsageError(
                    f"{arguments.file} is not what {arguments.model} comes to: its {part} differs"
                )
        whence = f"derived anew from {arguments.model}"
    count = len(found["configurations"])
    lines = [
        *folded(f"{whose}, never:", width(), 2),
        *(f"{GAP}{line}" for name in found["never"] for line in folded(name, width() - len(GAP))),
        *folded(
            f"{count:,} views and configurations, closed; the table of steps is {whence}", width()
        ),
    ]
    if arguments.model is None:
        lines += folded(OF_NO_MODEL, width())
    print("\n".join(lines))
    return AS_DECLARED

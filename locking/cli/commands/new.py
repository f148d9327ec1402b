"""`locking new`: write a small working file of some kind, with the reader's own names in it."""

import shlex
from argparse import Namespace
from pathlib import Path

from locking.catalogue import DEFAULT
from locking.cli.parsing import AS_DECLARED, Parser
from locking.cli.terminal import width
from locking.errors import UsageError, unknown
from locking.new.drafts import DRAFT_KINDS, draft
from locking.new.naming import Name, draft_name
from locking.text.fit import wrapped
from locking.text.words import listed

EPILOG = """
The file is NAME.py in the current folder. No file is ever overwritten. It passes `locking check` as
it is. Its lines `# edit` say where to begin.
"""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("kind", choices=DRAFT_KINDS, metavar="KIND", help=" | ".join(DRAFT_KINDS))
    parser.add_argument("name", metavar="NAME", help="such as mine or my-lock")
    about = f"whose placement or scenario it is; default: {DEFAULT}"
    parser.add_argument("--model", metavar="MODEL", help=about)
    about = "the placement to begin with; default: one that holds everything"
    parser.add_argument("--like", metavar="P", help=about)


def run(arguments: Namespace) -> int:
    """Write the file, and print what to do with it. Errors: `LockingError`."""
    for option in arguments.scope:
        raise unknown("option", f"--{option}", arguments.known)
    name = draft_name(arguments.name)
    made = draft(arguments.kind, name, arguments.model, arguments.like)
    write(name, made.text)
    edits = [str(at) for at, line in enumerate(made.text.splitlines(), 1) if "# edit" in line]
    lines = "lines" if len(edits) > 1 else "line"
    for line in (
        f"{name.file} is written: {made.about}.",
        f"Edit it at `# edit` ({lines} {listed(edits)}), then run",
    ):
        print("\n".join(wrapped(line, width())))
    print(f"    locking {shlex.join(made.check)}")  # never broken, so that it can be copied
    return AS_DECLARED


def write(name: Name, text: str) -> None:
    """Write a new file. Errors: `UsageError`, where the system refuses it."""
    try:
        with Path(name.file).open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{name.file} can't be written: {error.strerror}") from error

"""The reader's name for something new, and what a file may be called."""

import keyword
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from locking.errors import UsageError

DRAFT_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")

LONGEST_DRAFT_NAME = 30
"""Letters that a name may have, so that the lines with it stay within 100 columns."""


class Name(NamedTuple):
    """A name as the reader wrote it, and the same as Python and files spell it."""

    text: str

    @property
    def stem(self) -> str:
        """The name of a file without `.py`, of a function, of an object."""
        return self.text.replace("-", "_")

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.stem}.py"

    @property
    def kind(self) -> str:
        """The name of a class."""
        return "".join(word.capitalize() for word in self.stem.split("_"))

    @property
    def constant(self) -> str:
        """The name of a constant."""
        return self.stem.upper()


def draft_name(text: str) -> Name:
    """The name that `text` is. Errors: `UsageError`, where it makes no new file of Python."""
    if not DRAFT_NAME.fullmatch(text) or len(text) > LONGEST_DRAFT_NAME:
        shown = text if len(text) <= LONGEST_DRAFT_NAME else f"{text[:LONGEST_DRAFT_NAME]}..."
        raise UsageError(
            f"{shown!r} is no name for it: write up to {LONGEST_DRAFT_NAME} small letters and "
            f"digits, with - or _ between words, such as my-lock"
        )
    name = Name(text)
    if keyword.iskeyword(name.stem):
        raise UsageError(f"{name.stem!r} is a word of Python; choose another name")
    if Path(name.file).exists():
        raise UsageError(f"{name.file} is there already; choose another name, or move it away")
    if name.stem in {*sys.stdlib_module_names, *sys.modules} or find_spec(name.stem):
        raise UsageError(
            f"a file {name.file} would hide the module {name.stem!r} from what is run beside it; "
            f"choose another name"
        )
    return name

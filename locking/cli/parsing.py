"""How a command line is read, and with which exit status a command ends.

A model's own parameters are options too: `--adders 3`. An option that the parser does not know is
taken for a parameter. It is refused later, when the model is known, if the model has no such
parameter.

Rule of this file: it imports nothing that takes time, because `locking --help` waits for it.
"""

import argparse
import shutil
from collections.abc import Sequence
from typing import Any, NoReturn

from locking.errors import UsageError
from locking.text.fit import wrapped

AS_DECLARED, NOT_AS_DECLARED, REFUSED, NOT_ALL_KNOWN = range(4)
"""Exit statuses, as `STATUS` has them."""

STATUS = """
Exit status: 0 all verdicts are as expected; 1 a verdict is unexpected; 2 bad usage, a wrong model,
or a property that no case evaluates (the tables are printed first); 3 something is unknown, because
a limit was reached or the check was interrupted. Ctrl-C and SIGTERM print what is known.
"""


WIDEST_HELP = 100
"""Columns of a help text on a wider terminal."""


class HelpFormatter(argparse.HelpFormatter):
    """Help in lines of the terminal; an empty line separates the paragraphs of a text."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(shutil.get_terminal_size().columns - 1, WIDEST_HELP))

    def add_argument(self, action: argparse.Action) -> None:
        """Add an action; the names of commands are further in, which is not counted for them."""
        super().add_argument(action)
        for command in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(command)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """The lines of a paragraph; no word is broken at a hyphen."""
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """The lines of a text before or after the options."""
        paragraphs = (self._split_lines(each, width) for each in text.strip().split("\n\n"))
        return "\n\n".join("\n".join(each) for each in paragraphs)


class Parser(argparse.ArgumentParser):
    """A parser that raises what the command line prints for every error."""

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=HelpFormatter, allow_abbrev=False, **given)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        raise UsageError(f"{message}; `{self.prog} --help` shows what there is")


def split(argv: Sequence[str], parser: Parser) -> tuple[list[str], dict[str, str]]:
    """The words that `parser` knows, and the options that it does not, with their values."""
    known = known_options(parser)
    ours: list[str] = []
    scope: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if not name.startswith("--") or name == "--" or name in known:
            ours.append(word)
            continue
        scope[name.removeprefix("--")] = value if equals else next(words, "")
    return ours, scope


def known_options(parser: Parser) -> list[str]:
    """The long options of a command."""
    return [
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
    ]

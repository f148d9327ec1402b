"""The command line: reads it, and does what it says.

Rule of this file: every message that is not a result goes to stderr, and every error that a user
can cause is a message there, with no traceback, and exit status 2.
"""

import gc
import io
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from locking.cli.commands import COMMANDS, command
from locking.cli.parsing import (
    AS_DECLARED,
    NOT_ALL_KNOWN,
    REFUSED,
    STATUS,
    Parser,
    known_options,
    split,
)
from locking.cli.signals import comes_of_signal, ignore_signals, stop_at_signals
from locking.cli.terminal import error_text, print_message
from locking.errors import LockingError, NotAllKnown, UsageError
from locking.scope import MEMORY, SC, lock_key, rule_key
from locking.text.fit import printable

READER_LEFT = 141
"""The exit status of a shell for a program whose reader went away."""


def process() -> int:
    """The exit status of the process that the command `locking` is.

    Once it is known, no signal changes it: Python's own end would let one kill the process.
    """
    stop_at_signals()
    gc.set_threshold(200_000)  # tables and states are in no cycles: to look seldom is enough
    try:
        status = main()
        ignore_signals()
    except KeyboardInterrupt:
        ignore_signals()
        return tell_interrupted()
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status of a command."""
    prepare_streams()
    try:
        status = run(read_arguments(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return tell_interrupted()
    except BrokenPipeError:
        drop_output()
        return READER_LEFT
    except SystemExit as stop:  # argparse, after it printed the help
        return int(stop.code or 0)
    except Exception as error:
        if comes_of_signal(error):
            return tell_interrupted()
        return refused(error)
    return status


def refused(error: Exception) -> int:
    """The exit status for an error, with its message. Errors: one that no user can cause."""
    if isinstance(error, LockingError):
        print_message(error_text(error))
        return NOT_ALL_KNOWN if isinstance(error, NotAllKnown) else REFUSED
    if isinstance(error, OSError):
        drop_output()
        print_message(f"can't write what was found: {error_text(error)}")
        return REFUSED
    raise error


def tell_interrupted() -> int:
    """The exit status of a command that was ended early; a message says that it was."""
    print_message("interrupted; what was known until then is printed")
    return NOT_ALL_KNOWN


def prepare_streams() -> None:
    """Let no stream fail for a character outside its encoding, or when it is closed (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), "utf-8"))
        with suppress(AttributeError):  # not every stream that stands in for a file has it
            getattr(sys, name).reconfigure(errors="replace")


def drop_output() -> None:
    """Let Python flush stdout at its end without complaint, where nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_arguments(argv: Sequence[str]) -> Namespace:
    """The arguments; `scope` has the options that belong to the model, by name.

    Errors: `UsageError`.
    """
    name = next((word for word in argv if not word.startswith("-")), "")
    top, own = parser(name)
    scope: dict[str, str] = {}
    if own:
        argv, scope = split(argv, own)
    arguments = top.parse_args(argv)
    arguments.scope = {**scope, **rules_given(getattr(arguments, "rule", ()))}
    arguments.scope.update(locks_given(getattr(arguments, "lock", ())))
    if getattr(arguments, "memory", SC) != SC:
        arguments.scope[MEMORY] = arguments.memory
    arguments.known = known_options(own) if own else []
    return arguments


def rules_given(rules: Sequence[str]) -> dict[str, str]:
    """The rules of `--rule`, as a scope has them: the words of one object joined by `+`.

    Errors: `UsageError` for what is no rule.
    """
    words: dict[str, dict[str, None]] = {}
    for given in rules:
        *name, word = given.split("=", 1)
        if not word or (name and not name[0]):
            raise UsageError(f"--rule {given}: write OBJECT=WORD, or WORD for all that have it")
        words.setdefault(rule_key(*name), {})[word] = None
    return {key: "+".join(each) for key, each in words.items()}


def locks_given(locks: Sequence[str]) -> dict[str, str]:
    """The algorithms of `--lock`, as a scope has them. Errors: `UsageError` for two of one lock."""
    scope: dict[str, str] = {}
    for given in locks:
        lock, _, algorithm = given.partition("=")
        if not lock or not algorithm:
            raise UsageError(f"--lock {given}: write LOCK=ALGORITHM")
        if scope.setdefault(lock_key(lock), algorithm) != algorithm:
            raise UsageError(f"--lock gives {lock} two algorithms; give one")
    return scope


def parser(chosen: str) -> tuple[Parser, Parser | None]:
    """The parser, and that of the command which is chosen; the others know only their names."""
    top = Parser(
        prog="locking",
        description="Checks lock designs by exploring every interleaving.",
        epilog=STATUS,
    )
    top.add_argument("--version", action="store_true", help="print the version and stop")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    own = None
    for name, about in COMMANDS.items():
        found: Parser = commands.add_parser(
            name, help=about, description=f"{about[0].upper()}{about[1:]}."
        )
        if name == chosen:
            own = found
            own.epilog = command(name).epilog
            command(name).fill(own)
    return top, own


def run(arguments: Namespace) -> int:
    """Do what the arguments say. Errors: `LockingError`."""
    if arguments.version:
        from importlib.metadata import version  # slow to import, and for this alone

        print(f"locking {version('locking')}")
        return AS_DECLARED
    if not arguments.command:
        raise UsageError(f"say what to do: {', '.join(COMMANDS)}; `locking --help` says more")
    with logging(verbose=getattr(arguments, "verbose", False)):
        return command(arguments.command).run(arguments)


def log(text: str) -> None:
    """Print what is logged."""
    print(printable(text), end="", file=sys.stderr)


@contextmanager
def logging(*, verbose: bool) -> Iterator[None]:
    """A context in which the harness logs to stderr, if it is asked to."""
    if not verbose:
        yield
        return
    from loguru import logger  # slow to import

    logger.remove()
    handler = logger.add(log, level="DEBUG", format="{time:HH:mm:ss.SSS} {message}")
    logger.enable("locking")
    try:
        yield
    finally:
        logger.disable("locking")
        logger.remove(handler)

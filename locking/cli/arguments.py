"""The options of commands, and what is read from them."""

import argparse
import os
from pathlib import Path

from locking.catalogue import DEFAULT
from locking.cli.memory import most_memory
from locking.cli.parsing import Parser
from locking.explore.reduction.levels import AUTOMATIC, REDUCTIONS
from locking.explore.search import ENGINES, RAY
from locking.scope import LKMM, SC, TSO
from locking.verdicts import Limits, Options

SCOPE = """
A model's parameters are options too, such as --adders 3; `locking list MODEL` has them.
MODEL is a name that `locking list` shows, or a FILE.py with a MODEL in it.
"""

NARROWING = {
    "--scenario": ("S", "only these scenarios: names, FILE.py or FILE.py#NAME"),
    "--placement": ("P", "only these placements: names, FILE.py or FILE.py#NAME"),
    "--property": ("Q", "only these properties"),
}
"""The options that narrow the question, each with what it takes and what it says."""


def fill_narrowing(parser: Parser, *options: str) -> None:
    """Add these options of `NARROWING`."""
    for option in options:
        metavar, about = NARROWING[option]
        parser.add_argument(
            option, nargs="+", action="extend", default=[], metavar=metavar, help=about
        )


def fill_case(parser: Parser) -> None:
    """Add what says which one case is meant."""
    parser.add_argument("--scenario", metavar="S", help="the scenario, if the model has several")
    parser.add_argument("--placement", metavar="P", help="the placement, if it has several")


def fill_of_placements(parser: Parser) -> None:
    """Add what commands take whose subject is a placement."""
    parser.add_argument("--model", default=DEFAULT, metavar="MODEL", help=f"default: {DEFAULT}")
    fill_narrowing(parser, "--scenario", "--property")


def fill_search(parser: Parser) -> None:
    """Add the options of a search; its verdicts are for people, where nothing else is asked for."""
    parser.set_defaults(json=False)
    parser.add_argument(
        "--engine",
        default="automatic",
        metavar="NAME",
        help=f"{', '.join(ENGINES)}; default: automatic",
    )
    parser.add_argument(
        "--reduction",
        default=AUTOMATIC,
        choices=[AUTOMATIC, *REDUCTIONS],
        metavar="NAME",
        help=f"what a search leaves out: {', '.join(REDUCTIONS)}; default: {AUTOMATIC}",
    )
    parser.add_argument(
        "--no-reduction",
        dest="reduction",
        action="store_const",
        const="none",
        help="the full space: don't merge local states",
    )
    fill_rules(parser)
    fill_limits(parser)
    parser.add_argument(
        "--disk",
        metavar="DIR",
        type=folder,
        help="the folder of states that memory has no room for; default: $TMPDIR, or /var/tmp",
    )
    parser.add_argument(
        "--address", metavar="A", help="the Ray cluster of --engine ray; default: this machine"
    )
    parser.add_argument(
        "--shards",
        metavar="N",
        type=whole,
        help="shards of --engine ray; default: one for each core",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log what is done on stderr")


def fill_jobs(parser: Parser) -> None:
    """Add how many searches there are at once."""
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=whole,
        help="search so many cases in parallel, each in a process; default: one for each core",
    )


def jobs_of(arguments: argparse.Namespace, searches: int) -> int:
    """How many of so many searches there are at once: one, if a cluster does it."""
    several = getattr(arguments, "jobs", 1) if arguments.engine != RAY else 1
    return min(cores() if several is None else several, searches)


def from_the_start(arguments: argparse.Namespace) -> bool:
    """Whether cases are searched in parallel from the first on, as a number of jobs asks for."""
    return getattr(arguments, "jobs", None) is not None


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fill_rules(parser: Parser) -> None:
    """Add the options that let objects work otherwise than the model says."""
    parser.add_argument(
        "--rule",
        nargs="+",
        action="extend",
        default=[],
        metavar="R",
        help="OBJECT=WORD: give an object another rule; WORD: give it to all objects that have it",
    )
    parser.add_argument(
        "--lock",
        nargs="+",
        action="extend",
        default=[],
        metavar="L",
        help="LOCK=ALGORITHM: run an algorithm in place of a lock; a name, FILE.py or FILE.py#NAME",
    )
    parser.add_argument(
        "--memory",
        choices=[SC, TSO, LKMM],
        default=SC,
        help=f"the memory model: {SC}, sequential consistency; {TSO}, store buffers as on x86; "
        f"{LKMM}, that of the kernel",
    )


def fill_limits(parser: Parser) -> None:
    """Add the options that end a search early."""
    for option, metavar, about, kind in (
        ("--max-states", "N", "stop a search at about so many states", whole),
        (
            "--max-memory",
            "MIB",
            "stop a search, or let it go to disk, at so much memory; default: 80 %% of all",
            whole,
        ),
        ("--max-seconds", "S", "stop a search after this time", positive),
    ):
        parser.add_argument(option, metavar=metavar, help=about, type=kind)


def folder(text: str) -> str:
    """A folder that can be written to. Errors: `ArgumentTypeError`."""
    if not Path(text).is_dir() or not os.access(text, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is no folder that can be written to")
    return text


def whole(text: str) -> int:
    """A whole number above 0. Errors: `ArgumentTypeError` for any other text."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def positive(text: str) -> float:
    """A number above 0. Errors: `ArgumentTypeError` for any other text."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def search_options(arguments: argparse.Namespace) -> Options:
    """How to search."""
    return Options(
        engine=arguments.engine,
        reduction=arguments.reduction,
        limits=limits(arguments),
        checkpoint=getattr(arguments, "checkpoint", None),
        disk=arguments.disk,
        address=arguments.address,
        shards=arguments.shards,
    )


def limits(arguments: argparse.Namespace) -> Limits:
    """When to end a search early."""
    memory = arguments.max_memory
    return Limits(
        states=arguments.max_states,
        memory=most_memory() if memory is None else memory * 2**20,
        seconds=arguments.max_seconds,
    )

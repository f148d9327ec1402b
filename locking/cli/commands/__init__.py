"""The commands, one file each: `fill` adds its arguments, `run` does what they say.

A command is imported when it is asked for, so that none waits for what another needs.
"""

from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from locking.cli.parsing import Parser

COMMANDS = {
    "check": "judge every property of every case of a model",
    "sample": "look for failures in random runs, if all runs are too many",
    "trace": "show the shortest run that breaks a property, or a witness",
    "replay": "run a path string again, which another command has printed",
    "compare": "judge two placements, variants, scenarios or models, and show what flips",
    "explain": "say what each lock and region of a placement is for",
    "barriers": "say which orderings a model needs under the kernel's memory model",
    "measure": "count over all runs how often a failure shows, and what locks cost",
    "cost": "say how long runs take, and how that grows with nodes",
    "lockorder": "say which lock is taken while another is held, and where that order has a cycle",
    "synthesize": "search all placements of a space for the best safe ones",
    "graph": "draw a thread, an object or all states, with a failing path marked",
    "export": "write one case as a file for SPIN, TLC, rumur or Graphviz",
    "read": "say which placement a kernel source tree has",
    "drift": "say which kernel functions have changed since a model was pinned to them",
    "conform": "say whether a trace of a running kernel is a run of a model",
    "monitor": "write a placement's rules as monitors of a running kernel, or check its trace",
    "litmus": "say what a litmus test may show under the kernel's memory model, and under SC",
    "certify": "check the certificate of a verdict for any number of threads",
    "list": "list models, or what one model has",
    "new": "write a small working file to begin with",
}
"""What every command does, by name, in the order of the help."""


class Command(NamedTuple):
    """What the file of a command has; `epilog` is what its help ends with."""

    epilog: str
    fill: Callable[[Parser], None]
    run: Callable[[Namespace], int]


def command(name: str) -> Command:
    """The command called `name`, one of `COMMANDS`."""
    module = import_module(f"{__name__}.{name}")
    return Command(module.EPILOG, module.fill, module.run)

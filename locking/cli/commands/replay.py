"""`locking replay`: print the traces of path strings."""

import sys
from argparse import Namespace

import locking.catalogue as catalogue
from locking.blaming import blaming
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.terminal import drawable, print_message
from locking.cli.trace_output import fill_form, fill_view, run_in_form
from locking.errors import PathError, UsageError, brief
from locking.model import Case
from locking.traces.forms import TEXT
from locking.traces.forms.page import Detail
from locking.traces.path import Path, decode
from locking.traces.rerun import rerun

EPILOG = ""


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a path string; - reads path strings, one on each line",
    )
    fill_form(parser)
    fill_view(parser)
    parser.add_argument(
        "--step", action="store_true", help="stop before each step, in Python's debugger"
    )


def run(arguments: Namespace) -> int:
    """Print all of them or none. Errors: `LockingError`."""
    paths = [path for given in arguments.paths for path in paths_given(given, arguments.step)]
    if arguments.to != TEXT and (arguments.step or len(paths) > 1):
        raise UsageError(f"--to {arguments.to} prints one document: give one PATH, and no --step")
    if arguments.step:
        return stepped_through(paths, arguments.detail)
    texts = [replayed(text, arguments.to, arguments.detail) for text in paths]
    print(drawable("\n\n".join(texts)))
    return AS_DECLARED


def paths_given(given: str, step: bool) -> list[str]:
    """A path string, or those of the input: one may be too long for a command.

    Errors: `UsageError`.
    """
    if given != "-":
        return [given]
    if step:
        raise UsageError("--step reads what to do from its input: no path can be read from there")
    try:
        found = sys.stdin.read().split("\n") if sys.stdin else []
    except UnicodeDecodeError as error:
        raise UsageError(f"what is read is no text: {error}") from error
    if not (paths := [line for line in found if line.strip()]):
        raise UsageError("- reads path strings, one a line, and there are none")
    return paths


def replayed(text: str, form: str, detail: Detail) -> str:
    """The trace of a path string, in a form. Errors: `PathError`."""
    path = decode(text)
    try:
        run = rerun(case_of_path(path), path.property, path.choices)
    except (UsageError, PathError) as error:
        raise PathError(f"path {brief(text)} does not replay: {error}") from error
    return run_in_form(run, form, detail)


def case_of_path(path: Path) -> Case:
    """The case that a path belongs to. Errors: `UsageError`, `ModelError`."""
    model = catalogue.model(path.model, path.scope)
    placement = catalogue.placement(model, path.placement) if path.placement else None
    if placement is None and model.placements:
        raise UsageError(f"it names no placement, and {model.name} has some")
    scenario = catalogue.scenario(model, path.scenario)
    return model.case(scenario, placement, path.scope)


def stepped_through(texts: list[str], detail: Detail) -> int:
    """Print each trace once the debugger has gone through its run. Errors: `LockingError`."""
    from locking.traces.stepping import stepped, undisturbed  # few runs are stepped through

    with undisturbed():
        found = [(decode(text), replayed(text, TEXT, detail)) for text in texts]
        for path, trace in found:
            case = case_of_path(path)
            with blaming(case):
                left = stepped(case.build().product(), path.choices)
            if left:
                print_message(f"{left}; how the run ends is not shown")
                return NOT_ALL_KNOWN
            print(drawable(trace))
    return AS_DECLARED

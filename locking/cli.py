"""The command line: `locking check`, `trace`, `replay`, `list`.

Rule of this file: every message that is not a result goes to stderr, and every error that a user
can cause is a message there, with no traceback, and exit status 2.
"""

import io
import os
import shutil
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from traceback import extract_tb

from loguru import logger

import locking.arguments as command_line
import locking.catalogue as catalogue
from locking.check import Options, Progress, Report, Result, check, chosen, follow, path_of
from locking.errors import LockingError, ModelError, PathError, UsageError, unknown
from locking.explore.graph import INTERRUPTED, Choice
from locking.model import Case, Model
from locking.placements.placement import Placement
from locking.properties.explored import Verdict
from locking.traces.path import decode, encode

AS_DECLARED, NOT_AS_DECLARED, REFUSED, NOT_ALL_KNOWN, READER_LEFT = 0, 1, 2, 3, 141
"""Exit statuses; the last is a shell's for a program whose reader went away."""

ASCII = str.maketrans("─│┌└·", "-|++.")
"""What is drawn instead, where an encoding has no lines."""

NARROWEST = 60
"""Columns below which output does not get narrower."""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status of a command."""
    prepare_streams()
    try:
        status = run(command_line.read(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except LockingError as error:
        print(f"locking: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return NOT_ALL_KNOWN
    except BrokenPipeError:
        drop_output()
        return READER_LEFT
    except OSError as error:
        drop_output()
        print(f"locking: can't write what was found: {error}", file=sys.stderr)
        return REFUSED
    except SystemExit as stop:  # argparse, after it printed the help
        return int(stop.code or 0)
    return status


def prepare_streams() -> None:
    """Let no stream fail for a sign that its encoding lacks, or because it was closed (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), "utf-8"))
        with suppress(AttributeError):  # not every stream that stands in for a file has it
            getattr(sys, name).reconfigure(errors="replace")


def drop_output() -> None:
    """Let Python flush stdout at its end without complaint, where nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(arguments: Namespace) -> int:
    """Do what the arguments say. Errors: `LockingError`."""
    if arguments.version:
        from importlib.metadata import version  # slow to import, and for this alone

        print(f"locking {version('locking')}")
        return AS_DECLARED
    if not arguments.command:
        raise UsageError(f"say what to do: {', '.join(COMMANDS)}; `locking --help` says more")
    with logging(verbose=getattr(arguments, "verbose", False)):
        return COMMANDS[arguments.command](arguments)


@contextmanager
def logging(*, verbose: bool) -> Iterator[None]:
    """Within it the harness logs to stderr, if it is asked to."""
    if not verbose:
        yield
        return
    logger.remove()
    handler = logger.add(sys.stderr, level="DEBUG", format="{time:HH:mm:ss.SSS} {message}")
    logger.enable("locking")
    try:
        yield
    finally:
        logger.disable("locking")
        logger.remove(handler)


@dataclass
class Checked:
    """The reports of a check so far, and how many cases it was to have."""

    cases: int
    reports: list[Report] = field(default_factory=list)
    interrupted: bool = False

    @property
    def results(self) -> list[Result]:
        """Every result there is."""
        return [result for report in self.reports for result in report.results]

    @property
    def stopped(self) -> str:
        """How far an interrupted check came."""
        complete = sum(report.cause is None for report in self.reports)
        return f"interrupted: {complete} of {self.cases} searches done" if self.interrupted else ""

    @property
    def unknown(self) -> bool:
        """Whether something that was asked is not known."""
        return self.interrupted or any(r.verdict is Verdict.UNKNOWN for r in self.results)

    @property
    def status(self) -> int:
        """The exit status: a verdict that is wrong outweighs one that is unknown."""
        if any(result.wrong for result in self.results):
            return NOT_AS_DECLARED
        return NOT_ALL_KNOWN if self.unknown else AS_DECLARED


def check_command(arguments: Namespace) -> int:
    """Check every case that was asked for, and print the matrix or JSON."""
    model = catalogue.model(arguments.model)
    cases = cases_of(model, arguments)
    checked = Checked(len(cases))
    for report in reports_of(cases, arguments, checked):
        if arguments.json:
            from locking.report import to_json

            print("\n".join(to_json.lines(report)), flush=True)
    if not arguments.json:
        print_table(checked)
    return checked.status


def print_table(checked: Checked) -> None:
    """Print what is known."""
    if not checked.reports:
        print(checked.stopped)
        return
    from rich.console import Console  # slow to import, and not needed by other commands

    from locking.report import to_terminal

    console = Console(width=width(), highlight=False, markup=False, emoji=False)
    print(drawable(to_terminal.render(checked.reports, console, checked.stopped)), end="")


def drawable(text: str) -> str:
    """The text, its lines and dots drawn in ASCII where stdout has no others."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return text if encoding.startswith("utf") else text.translate(ASCII)


def reports_of(
    cases: Sequence[tuple[Case, list[str]]], arguments: Namespace, checked: Checked
) -> Iterator[Report]:
    """The report of every case, as it comes, until Ctrl-C; all of them end up in `checked`."""
    from locking.report import progress

    # What is printed or logged on the same terminal in between would break the line.
    alone = not arguments.verbose and not (arguments.json and sys.stdout.isatty())
    try:
        with progress.shown(len(cases), wanted=alone) as progress_of:
            for case, names in cases:
                report = logged(case, names, command_line.options(arguments), progress_of(case))
                checked.reports.append(report)
                checked.interrupted = report.cause == INTERRUPTED
                yield report
                if checked.interrupted:
                    return
    except KeyboardInterrupt:
        checked.interrupted = True


def logged(case: Case, names: Sequence[str], options: Options, progress: Progress | None) -> Report:
    """The report of a case; its begin and its end are logged."""
    logger.info("search begins: {} engine={}", described(case), options.engine)
    with blaming(case):
        report = check(case, names, options, progress)
        if not report.results:
            raise ModelError("the system has no properties, so there is nothing to judge")
    logger.info(
        "search ends: {} states={} transitions={} depth={} sec={:.3f} cause={}",
        described(case),
        report.states,
        report.transitions,
        report.depth,
        report.seconds,
        report.cause,
    )
    return report


@contextmanager
def blaming(case: Case) -> Iterator[None]:
    """Within it, what the model's own code raises is a `ModelError`, and names case and line."""
    try:
        yield
    except ModelError as error:
        raise type(error)(f"{described(case)}: {error}") from error
    except LockingError:
        raise
    except (Exception, SystemExit) as error:  # locks and predicates may raise anything
        logger.opt(exception=error).debug("what was raised, and where")
        frame = extract_tb(error.__traceback__)[-1]
        raise ModelError(
            f"{described(case)}: {type(error).__name__}: {error} "
            f"({frame.filename}, line {frame.lineno})"
        ) from error


def cases_of(model: Model, arguments: Namespace) -> list[tuple[Case, list[str]]]:
    """The cases that were asked for, in the model's order, each with its properties to judge.

    A case that has none of the properties asked for is left out.
    """
    refuse_foreign_options(model, arguments)
    for name in arguments.scenario:
        model.scenario(name)
    scenarios = [
        scenario.name
        for scenario in model.scenarios
        if scenario.name in (arguments.scenario or (scenario.name,))
    ]
    cases = [
        model.case(scenario, placement, arguments.scope)
        for placement in placements_of(model, arguments.placement)
        for scenario in scenarios
    ]
    if not cases:
        raise ModelError(f"{model.reference}: the model has no scenarios, so there is no case")
    return with_properties(cases, arguments.property)


def placements_of(model: Model, references: Sequence[str]) -> list[Placement | None]:
    """The placements that were asked for: the model's in its order, then those of files."""
    asked = [each for name in references for each in catalogue.placements(model, name)]
    if not asked:
        return [*model.placements] or [None]
    own = [each for each in model.placements if each in asked]
    return list(dict.fromkeys([*own, *asked]))


def with_properties(cases: Sequence[Case], names: Sequence[str]) -> list[tuple[Case, list[str]]]:
    """The cases with those of `names` that they have. Errors: `UsageError`."""
    if not names:
        return [(case, []) for case in cases]
    has = {at: [each.name for each in case.build().properties] for at, case in enumerate(cases)}
    known = dict.fromkeys(name for found in has.values() for name in found)
    model, scenarios = cases[0].model, dict.fromkeys(case.scenario.name for case in cases)
    where = f" in {', '.join(scenarios)}" if len(scenarios) < len(model.scenarios) else ""
    for name in names:
        if name not in known:
            raise unknown(f"property of {model.name}{where}", name, known)
    found = [(case, [name for name in has[at] if name in names]) for at, case in enumerate(cases)]
    return [each for each in found if each[1]]


def refuse_foreign_options(model: Model, arguments: Namespace) -> None:
    """Refuse an option that is neither ours nor a parameter of the model. Errors: `UsageError`."""
    parameters = [f"--{parameter.name}" for parameter in model.parameters]
    for name, value in arguments.scope.items():
        if f"--{name}" not in parameters:
            raise unknown(f"option for {model.name}", f"--{name}", [*parameters, *arguments.known])
        if not value:
            raise UsageError(f"--{name} needs a value")


def trace_command(arguments: Namespace) -> int:
    """Print the shortest run that breaks a property, or a witness."""
    from locking.report.sentences import nothing_to_show  # not needed by other commands

    case = case_of(catalogue.model(arguments.model), arguments)
    names = [arguments.property] if arguments.property else []
    checked = Checked(1)
    for report in list(reports_of(with_properties([case], names), arguments, checked)):
        found = worth_showing(report.results)
        if found and found.choices is not None:
            print(drawable(shown(case, found.claim.name, found.choices)))
            return AS_DECLARED
        text = f"{described(case)}: nothing to show; {nothing_to_show(report)}"
        print(textwrap.fill(text, width(), break_on_hyphens=False, break_long_words=False))
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED


def case_of(model: Model, arguments: Namespace) -> Case:
    """The one case that was asked for; what there is only one of needn't be named."""
    refuse_foreign_options(model, arguments)
    scenario, placement = arguments.scenario, arguments.placement
    if scenario is None:
        scenario = only("scenario", [each.name for each in model.scenarios])
    if placement is None and model.placements:
        placement = only("placement", [each.name for each in model.placements])
    found = catalogue.placement(model, placement) if placement is not None else None
    return model.case(scenario, found, arguments.scope)


def only(kind: str, names: Sequence[str]) -> str:
    """The name, if there is one. Errors: `UsageError`."""
    if len(names) > 1:
        raise UsageError(f"say which {kind}: --{kind} {' | '.join(names)}")
    return names[0]


def worth_showing(results: Sequence[Result]) -> Result | None:
    """The first result that fails with a path, else the first with a path."""
    found = [result for result in results if result.choices is not None]
    failing = [result for result in found if result.verdict is Verdict.FAILS]
    return next(iter([*failing, *found]), None)


def described(case: Case) -> str:
    """The names of a case."""
    placement = [case.placement.reference] if case.placement else []
    return ", ".join([case.model.reference, case.scenario.name, *placement])


def shown(case: Case, name: str, choices: tuple[Choice, ...]) -> str:
    """The trace of a path, as text. Errors: `PathError`, where its end shows nothing."""
    from locking.traces.to_terminal import render  # not needed by other commands

    system = case.build()
    [property_] = chosen(system, [name])
    with blaming(case):
        trace = follow(system, choices)
        finding = property_.find(trace.product, trace.end)
    path = encode(path_of(case, name, choices))
    if finding is None:
        raise PathError(
            f"it can be run, but its end does not show {name}: the model is not what it was, "
            f"or the path was changed"
        )
    return render(trace, property_, finding, path, width(), case.model.notes).rstrip("\n")


def width() -> int:
    """The columns of the terminal, or COLUMNS; 80 on a pipe."""
    return max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)


def replay_command(arguments: Namespace) -> int:
    """Print the traces of path strings, all of them or none."""
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
        case = model.case(path.scenario, placement, path.scope)
        return shown(case, path.property, path.choices)
    except (UsageError, PathError) as error:
        raise PathError(f"path {text!r} does not replay: {error}") from error


def list_command(arguments: Namespace) -> int:
    """Print what there is, a line each."""
    from locking.report.listing import listing

    names = [arguments.model] if arguments.model else catalogue.names()
    print("\n\n".join("\n".join(listing(name, catalogue.model(name), width())) for name in names))
    return AS_DECLARED


COMMANDS = {
    "check": check_command,
    "trace": trace_command,
    "replay": replay_command,
    "list": list_command,
}
"""The commands by name; the options of each are in `locking.arguments`."""

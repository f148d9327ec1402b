"""`locking synthesize`: the placements of a model's space that are safe and that none beats."""

import shlex
import time
from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType

import locking.catalogue as catalogue
import locking.cli.arguments as command_line
from locking.cli.arguments import SCOPE, fill_jobs, fill_narrowing, fill_search, whole
from locking.cli.case_arguments import (
    refuse_algorithms,
    refuse_foreign_options,
    refuse_memory_models,
)
from locking.cli.output_files import fill_files, free, naming, page_writer, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED, Parser
from locking.cli.terminal import console, drawable, width
from locking.placements.source import placement_source
from locking.scope import is_chosen
from locking.studies.synthesis import Decision, Synthesis
from locking.text.fit import escape

EPILOG = (
    SCOPE
    + """
The front is the safe placements that no other safe placement beats.

Exit status: 0 the front is complete; 1 it is complete, and empty; 2 bad usage or a wrong model; 3
it may be incomplete, because a limit was reached or the command was interrupted.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("model", nargs="?", default=catalogue.DEFAULT, metavar="MODEL")
    fill_narrowing(parser, "--scenario")
    for option, metavar, about in (
        ("--require", "Q", "what must hold; default: every property that wants no witness"),
        ("--locks", "LOCK", "the locks that are offered; default: those of the model's space"),
    ):
        parser.add_argument(
            option, nargs="+", action="extend", default=[], metavar=metavar, help=about
        )
    parser.add_argument(
        "--maximize",
        metavar="Q",
        help="the property that counts threads in parallel; default: the first of the model",
    )
    parser.add_argument(
        "--regions",
        metavar="N",
        type=whole,
        default=2,
        help="the most regions of a placement; default: 2",
    )
    parser.add_argument("--save", metavar="FILE", help="write the front to a file of placements")
    fill_files(parser, "html")
    fill_search(parser)
    fill_jobs(parser)


def run(arguments: Namespace) -> int:
    """Search, and print the front, also when it is interrupted. Errors: `LockingError`."""
    from locking.report.synthesis import announced, render  # not needed by other commands
    from locking.studies.asking import question

    refuse_algorithms(arguments, "what is found is carried over by what locks say; check it so")
    refuse_memory_models(arguments, "what is found is carried over by what locks say; check it so")
    model = catalogue.model(arguments.model)
    refuse_foreign_options(model, arguments)
    synthesis = Synthesis(
        question(
            model,
            scenarios=[
                each for name in arguments.scenario for each in catalogue.scenarios(model, name)
            ],
            required=arguments.require,
            offered=arguments.locks,
            wanted=arguments.maximize,
            regions=arguments.regions,
            scope=arguments.scope,
            options=command_line.search_options(arguments),
        )
    )
    write_page = page_writer(arguments)
    file = free(f"--save {arguments.save}", arguments.save) if arguments.save is not None else None
    print(drawable("\n".join(map(escape, announced(synthesis, width())))), flush=True)
    started = time.perf_counter()
    jobs = command_line.jobs_of(arguments, len(synthesis.question.scenarios))
    finished = search_finished(synthesis, jobs)
    stopped = "" if finished else "interrupted: this is the front so far"
    seconds = time.perf_counter() - started
    saved = file if synthesis.front else None
    if saved:  # first: whoever reads what is printed may go away
        with naming(f"--save {arguments.save}"):
            replace_file(saved, front_source(synthesis, catalogue.module_of_model(arguments.model)))
    write_page(lambda: front_page(synthesis, stopped))
    print(drawable(render(synthesis, seconds, console(), stopped)), end="")
    if saved:
        print(f"\nwritten to {arguments.save}; check them again:")
        print(f"    {check_command(synthesis, arguments)}")
    if stopped or synthesis.tally[Decision.UNKNOWN]:
        return NOT_ALL_KNOWN
    return AS_DECLARED if synthesis.front else NOT_AS_DECLARED


def front_page(synthesis: Synthesis, stopped: str) -> str:
    """The page of the front."""
    from locking.page.synthesis_to_html import render  # not needed without a page

    return render(synthesis, stopped)


def search_finished(synthesis: Synthesis, jobs: int) -> bool:
    """Whether the search came to its end; a line on the terminal says how far it is."""
    from locking.report import progress

    try:
        with progress.counting_bar(synthesis.size) as shown, with_jobs(synthesis, jobs):
            for _ in synthesis.run():
                shown(synthesis.decided, f"{len(synthesis.placed):,} safe")
    except KeyboardInterrupt:
        return False
    return True


def with_jobs(synthesis: Synthesis, jobs: int) -> AbstractContextManager[None]:
    """A context in which a placement is searched in `jobs` scenarios at once, if that can be."""
    if jobs > 1:
        from locking.cli.jobs import searching_side_by_side  # slow to import
        from locking.side_by_side import can_copy

        if can_copy():
            return searching_side_by_side(synthesis, jobs)
    return nullcontext()


def front_source(synthesis: Synthesis, module: ModuleType) -> str:
    """The file of placements that makes the front."""
    role = synthesis.question.space.role
    front = [
        synthesis.question.placement(each.trees, f"{role}-{number}")
        for number, each in enumerate(synthesis.front, 1)
    ]
    return placement_source(catalogue.import_name(module), vars(module), front)


def check_command(synthesis: Synthesis, arguments: Namespace) -> str:
    """The command that checks the file."""
    words = ["locking", "check", arguments.model, "--placement", arguments.save]
    own = {name: value for name, value in arguments.scope.items() if not is_chosen(name)}
    words += [each for name, value in own.items() for each in (f"--{name}", value)]
    words += [each for rule in arguments.rule for each in ("--rule", rule)]
    scenarios = [each.reference for each in synthesis.question.scenarios]
    return shlex.join([*words, "--scenario", *scenarios])

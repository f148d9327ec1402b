"""`locking compare`: two placements side by side, and what becomes of a run under the other."""

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence

import locking.catalogue as catalogue
from locking.cli.arguments import SCOPE, Parser, fill_of_placements, fill_search
from locking.cli.case_arguments import cases_of
from locking.cli.searches import AS_DECLARED, NOT_ALL_KNOWN, Checked, reports_of
from locking.cli.terminal import console, drawable
from locking.errors import UsageError
from locking.explore.critical_path import fewest_rounds
from locking.model import Case
from locking.properties.explored import Explored

EPILOG = (
    SCOPE
    + """
Exit status: 0 all is known, whether or not it differs, 2 bad usage or a wrong model, 3 something is
unknown because a limit was reached or it was interrupted.
"""
)


def fill(parser: Parser) -> None:
    """Add the arguments."""
    for name in ("one", "two"):
        parser.add_argument(name, metavar="P", help="a name, FILE.py or FILE.py#NAME")
    fill_of_placements(parser)
    fill_search(parser)


def run(arguments: Namespace) -> int:
    """Check both, and print them beside each other. Errors: `LockingError`."""
    from locking.report.comparison import render  # not needed by other commands
    from locking.studies.comparison import Measured, verdict_differences

    model = catalogue.model(arguments.model)
    pair = [catalogue.placement(model, name) for name in (arguments.one, arguments.two)]
    if pair[0] is pair[1]:
        raise UsageError(f"{pair[0].reference} is the same placement twice; name two")
    cases = in_both(cases_of(model, arguments, pair))
    checked = Checked(len(cases))
    rounds: list[int | None] = []

    def measure(explored: Explored) -> None:
        goals = set(explored.finished) if explored.complete else set()
        rounds.append(fewest_rounds(explored.graph, goals))

    reports = list(reports_of(cases, arguments, checked, measure))
    if len(reports) < len(cases):
        print(checked.stopped)
        return NOT_ALL_KNOWN
    measured = [Measured(*each) for each in zip(reports, rounds, strict=True)]
    one, two = measured[: len(measured) // 2], measured[len(measured) // 2 :]
    text = render(one, two, verdict_differences(one, two), console())
    print(drawable(text), end="")
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED


def in_both(cases: Sequence[tuple[Case, list[str]]]) -> list[tuple[Case, list[str]]]:
    """The cases of scenarios in which there is something to judge of both placements.

    Errors: `UsageError`, where there is none.
    """
    times = Counter(case.scenario.reference for case, _ in cases)
    found = [each for each in cases if times[each[0].scenario.reference] == 2]
    if not found:
        raise UsageError("in no scenario is what was asked for judged of both placements")
    return found

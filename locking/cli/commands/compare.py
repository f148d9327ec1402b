"""`locking compare`: two sides beside each other, and what becomes of a run on the other one."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import locking.catalogue as catalogue
from locking.catalogue.selection import placements_of, scenarios_of, scopes_of, with_properties
from locking.catalogue.sides import Side, two_sides
from locking.cli.arguments import NARROWING, SCOPE, fill_jobs, fill_narrowing, fill_search
from locking.cli.case_arguments import refuse_foreign_options
from locking.cli.output_files import fill_files, page_writer
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, Parser
from locking.cli.searches import Checked, looked_at
from locking.cli.terminal import console, drawable, print_message
from locking.errors import UsageError
from locking.model import Case, Scenario
from locking.placements.placement import Placement
from locking.properties.explored import Explored
from locking.scope import LKMM, MEMORY, VARIANT
from locking.verdicts import Report

if TYPE_CHECKING:
    from locking.studies.comparison import FlippedVerdict, Pair

EPILOG = (
    """
A SIDE is a placement, a variant or a scenario of the model, or a model; both are of one kind.
Where a name could be several of these, write KIND=NAME, such as variant=before.
"""
    + SCOPE
    + """
Exit status: 0 all is known, whether or not it differs; 2 bad usage or a wrong model; 3 something is
unknown, because a limit was reached or the command was interrupted.
"""
)


class SideCase(NamedTuple):
    """What is judged of one side: a case, its properties, and the `rest` of its name.

    That is what the other side must have too, in a case that is compared with this one.
    """

    case: Case
    properties: list[str]
    rest: tuple[str, str, str]

    @property
    def label(self) -> str:
        """The rest in words."""
        return " / ".join(filter(None, self.rest))


def fill(parser: Parser) -> None:
    """Add the arguments."""
    for name in ("one", "two"):
        parser.add_argument(name, metavar="SIDE", help="[KIND=] a name, FILE.py or FILE.py#NAME")
    parser.add_argument("--model", metavar="MODEL", help=f"default: {catalogue.DEFAULT}")
    fill_narrowing(parser, *NARROWING)
    fill_search(parser)
    fill_jobs(parser)
    fill_files(parser, "html")
    parser.add_argument(
        "--json", action="store_true", help="print a line of JSON for each property"
    )


def run(arguments: Namespace) -> int:
    """Check both sides, and print them beside each other. Errors: `LockingError`."""
    from locking.studies.comparison import verdict_differences  # not needed to print the help

    write_page = page_writer(arguments)
    model = catalogue.model(arguments.model or catalogue.DEFAULT)
    sides = two_sides(model, arguments.one, arguments.two)
    refuse_narrowed_side(sides[0].kind, arguments)
    tasks = tasks_of(sides, arguments)
    twins = twins_among(*tasks, sides[0].kind)
    checked = Checked(2 * len(twins))
    pairs = measured_pairs(twins, arguments, checked)
    if checked.interrupted:
        print_message(checked.stopped)
    if not pairs:
        return NOT_ALL_KNOWN
    differences = verdict_differences(pairs)
    names = [each.name for each in sides]
    alone = [*cases_of_one(names, tasks), *properties_of_one(names, pairs)]
    write_page(lambda: comparison_page(names, pairs, differences, alone))
    if arguments.json:
        from locking.report import comparison_to_json

        print("\n".join(comparison_to_json.comparison_lines(sides[0].kind, pairs, differences)))
    else:
        from locking.report import comparison

        print(drawable(comparison.render(names, pairs, differences, alone, console())), end="")
    checked.refuse_vacuous()
    return NOT_ALL_KNOWN if checked.unknown else AS_DECLARED


def comparison_page(
    names: Sequence[str],
    pairs: "Sequence[Pair]",
    differences: "Sequence[FlippedVerdict]",
    alone: Sequence[str],
) -> str:
    """The page of both sides."""
    from locking.page.comparison_to_html import render  # not needed without a page

    return render(names, pairs, differences, alone)


def measured_pairs(
    twins: Sequence[tuple[SideCase, SideCase]], arguments: Namespace, checked: Checked
) -> "list[Pair]":
    """The twins, each checked: those of the first side, then the others; fewer at Ctrl-C."""
    from locking.studies.comparison import Measured, Pair, rounds_of

    def look(_: Report, explored: Explored) -> int | None:
        return rounds_of(explored)

    cases = [(each.case, each.properties) for side in zip(*twins, strict=True) for each in side]
    look_at = None if arguments.scope.get(MEMORY) == LKMM else look  # executions have no states
    measured = [Measured(*found) for found in looked_at(cases, arguments, checked, look_at)]
    ones, twos = measured[: len(twins)], measured[len(twins) :]
    labels = [one.label for one, _ in twins]
    return list(map(Pair, ones, twos, labels))  # as many as there are on both sides


def refuse_narrowed_side(kind: str, arguments: Namespace) -> None:
    """Refuse an option that names what the sides already say. Errors: `UsageError`."""
    given = {
        "placement": arguments.placement,
        "scenario": arguments.scenario,
        "variant": VARIANT in arguments.scope,
        "model": arguments.model,
    }
    if given[kind]:
        raise UsageError(f"two {kind}s are compared, which are named without --{kind}")


def tasks_of(
    sides: tuple[Side, Side], arguments: Namespace
) -> tuple[list[SideCase], list[SideCase]]:
    """The cases of both sides that have what was asked for. Errors: `UsageError`, `ModelError`."""
    cases = [cases_of_side(side, for_one_model(arguments, sides, side)) for side in sides]
    known = with_properties([case for side in cases for case in side], arguments.property)
    properties = {id(case): names for case, names in known}
    one, two = (
        [
            SideCase(case, properties[id(case)], side.rest(case, other))
            for case in own
            if id(case) in properties
        ]
        for side, other, own in zip(sides, sides[::-1], cases, strict=True)
    )
    return one, two


def for_one_model(arguments: Namespace, sides: tuple[Side, Side], side: Side) -> Namespace:
    """The arguments for a side: an option of the other's model alone is not for this one."""
    parameters = [{each.name for each in every.model.parameters} for every in sides]
    own = {each.name for each in side.model.parameters}
    foreign = set().union(*parameters) - own
    given = copy(arguments)
    given.scope = {name: text for name, text in arguments.scope.items() if name not in foreign}
    return given


def cases_of_side(side: Side, arguments: Namespace) -> list[Case]:
    """Every case of a side that was asked for. Errors: `UsageError`, and those of the catalogue."""
    model, what = catalogue.with_algorithms(side.model, arguments.scope), side.what
    refuse_foreign_options(model, arguments)
    placements = placements_of(model, arguments.placement)
    scenarios = scenarios_of(model, arguments.scenario)
    scopes = scopes_of(model, arguments.scope)
    if isinstance(what, Placement):
        placements = [what]
    elif isinstance(what, Scenario):
        scenarios = [what]
    elif isinstance(what, str):
        scopes = [{**arguments.scope, VARIANT: what}]
    return [
        model.case(scenario, placement, scope)
        for placement in placements
        for scenario in scenarios
        for scope in scopes
    ]


def twins_among(
    one: Sequence[SideCase], two: Sequence[SideCase], kind: str
) -> list[tuple[SideCase, SideCase]]:
    """The cases of both sides that differ in nothing else. Errors: `UsageError` for none."""
    others = {each.rest: each for each in two}
    found = [(each, others[each.rest]) for each in one if each.rest in others]
    if not found:
        raise UsageError(f"in no case is what was asked for judged of both {kind}s")
    return found


def cases_of_one(
    names: Sequence[str], tasks: tuple[Sequence[SideCase], Sequence[SideCase]]
) -> Iterator[str]:
    """The cases that only one side has."""
    for name, own, other in zip(names, tasks, tasks[::-1], strict=True):
        rests = {each.rest for each in other}
        alone = [each.label for each in own if each.rest not in rests]
        if alone:
            yield f"only {name} has {', '.join(alone)}"


def properties_of_one(names: Sequence[str], pairs: "Sequence[Pair]") -> Iterator[str]:
    """The properties that only one side is judged by."""
    reports = zip(*((each.one.report, each.two.report) for each in pairs), strict=True)
    sides = [
        {result.claim.name for report in side for result in report.results if result.asked}
        for side in reports
    ]
    for name, own, other in zip(names, sides, sides[::-1], strict=True):
        if own - other:
            yield f"only {name} is judged by {', '.join(sorted(own - other))}"

"""What was read of kernel sources, run as the threads of a model, and judged at once."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

from locking.check import check
from locking.cli.case_arguments import cases_of
from locking.cli.memory import most_memory
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED
from locking.cli.source_roles import SourceRoles, print_lines
from locking.cli.terminal import drawable, width
from locking.cli.trace_output import paint
from locking.errors import UsageError
from locking.model import Case, Model, Scenario
from locking.placements.placement import Placement
from locking.placements.trees import Step
from locking.properties.explored import Verdict
from locking.text.fit import escape, wrapped
from locking.traces.forms import TEXT, render
from locking.traces.forms.page import Detail, Page
from locking.traces.rerun import rerun
from locking.verdicts import Limits, Options, Report, Result

FOUND_IN_SOURCE = "read"
"""What the placement is called that was read."""


def model_of_source(model: Model, found: SourceRoles) -> Model:
    """The model, in which what was read of each role may be placed; its steps have their lines."""
    steps = dict(model.steps)
    for role, trees in found.threads.items():
        own = [each for each in trees if isinstance(each, Step) and each not in steps[role]]
        steps[role] = (*steps[role], *own)
    notes = {name: ", ".join(where) for name, where in found.lines.items()}
    return replace(model, steps=steps, notes={**model.notes, **notes})


def cases_of_source(
    model: Model, found: SourceRoles, arguments: Namespace
) -> list[tuple[Case, list[str]]]:
    """The cases with a role that was read, each with the properties to judge.

    Errors: `UsageError` where there is none, or none that is known; others as for `cases_of`.
    """
    read = {*found.threads, *found.unknown}
    if not found.threads:
        roles = "; ".join(f"{role}: {why}" for role, why in found.unknown.items())
        raise UsageError(f"--check: no role is known ({roles})")
    placement = Placement(FOUND_IN_SOURCE, "", **found.threads)
    cases = [
        each
        for each in cases_of(model_of_source(model, found), arguments, [placement])
        if not each[0].scenario.roles or not read.isdisjoint(each[0].scenario.roles)
    ]
    if not cases:
        raise UsageError(f"--check: no scenario has the roles that were read: {', '.join(read)}")
    return cases


def print_verdicts(model: Model, found: SourceRoles, arguments: Namespace) -> int:
    """Judge what was read, and print the verdicts; the exit status.

    A case with a role that is unknown is not judged, and unknown. Where properties are named, the
    shortest run of the first case that shows each is printed too.
    """
    print("checked:")
    results: list[Result] = []
    to_show = set(arguments.property)
    unknown = False
    for case, names in cases_of_source(model, found, arguments):
        print_lines([scenario_line(case, found)])
        if why := [f"{role}: {found.unknown[role]}" for role in roles_unknown(case, found)]:
            print_lines([f"  unknown, for {each}" for each in why])
            unknown = True
            continue
        report = check(case, names, Options(limits=Limits(memory=most_memory())))
        results += report.results
        print(drawable("\n".join(lines_of_verdicts(report))))
        for each in report.results:
            if each.choices is not None and each.claim.name in to_show:
                to_show.remove(each.claim.name)
                print(drawable(shown_run(case, each)))
    if any(each.wrong for each in results):
        return NOT_AS_DECLARED
    unknown |= any(each.verdict is Verdict.UNKNOWN for each in results)
    return NOT_ALL_KNOWN if unknown else AS_DECLARED


def scenario_line(case: Case, found: SourceRoles) -> str:
    """The scenario, and which of its roles are not of the source."""
    others = [
        role
        for role in dict.fromkeys(case.scenario.roles)
        if case.model.acts(role) and role not in found.threads and role not in found.unknown
    ]
    of_model = f" ({', '.join(others)}: not read, but of the model)" if others else ""
    return f"{case.scenario.reference}{of_model}"


def roles_unknown(case: Case, found: SourceRoles) -> list[str]:
    """The roles of a case that are unknown; all that are, where a scenario has no roles."""
    return [
        role for role in found.unknown if not case.scenario.roles or role in case.scenario.roles
    ]


def lines_of_verdicts(report: Report) -> Iterator[str]:
    """Behind each verdict the properties that have it."""
    for verdict in Verdict:
        names = [each.claim.name for each in report.results if each.verdict is verdict]
        if names:
            text = escape(f"{verdict.value}: {', '.join(names)}")
            yield from wrapped(text, width(), "    ", "      ")


def shown_run(case: Case, result: Result) -> str:
    """A run as text. No path is printed, for what was read has no name to replay it by."""
    run = rerun(case, result.claim.name, result.choices or ())
    page = Page(width(), Detail.FOLDED, paint())
    return "\n" + render(replace(run, path=""), TEXT, page) + "\n"


def print_changes(model: Model, before: SourceRoles, after: SourceRoles) -> None:
    """Print which roles a patch changes, and which verdicts in scenarios with such a role."""
    roles = {**before.threads, **after.threads, **before.unknown, **after.unknown}
    changed = [role for role in roles if before.of_role(role) != after.of_role(role)]
    print_lines([f"the patch changes: {', '.join(changed) or 'no role'}"], "")
    unknown = {**before.unknown, **after.unknown}
    print_lines(f"verdicts with {role} are unknown: {why}" for role, why in unknown.items())
    for scenario in model.scenarios:
        if set(changed).isdisjoint(scenario.roles) or not set(unknown).isdisjoint(scenario.roles):
            continue
        was, now = (verdicts_of(model, found, scenario) for found in (before, after))
        for name in dict.fromkeys([*was, *now]):
            one, other = (each.get(name, "not judged") for each in (was, now))
            if one != other:
                print_lines([f"{scenario.name}: {name} {one} before, {other} after"])


def verdicts_of(model: Model, found: SourceRoles, scenario: Scenario) -> dict[str, str]:
    """The verdicts of a scenario with the roles that were read."""
    placement = Placement(FOUND_IN_SOURCE, "", **found.threads)
    report = check(model_of_source(model, found).case(scenario, placement))
    return {each.claim.name: each.verdict.value for each in report.results}

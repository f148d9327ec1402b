"""What a check found, in sentences: for each row the one that matters, and what nobody expected."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from locking.explore.coverage import lines_missed
from locking.explore.graph import Choice
from locking.model import Case
from locking.objects.operation import Site
from locking.properties.explored import Verdict
from locking.properties.races import races_in_state
from locking.report.execution_to_terminal import reason_in_words
from locking.report.matrix import Row
from locking.text.file_names import file_name, line_of
from locking.traces.replay import Trace
from locking.traces.rerun import rerun
from locking.traces.why.explain import diagnose, summarise
from locking.verdicts import Report, Result

FEW_SENTENCES = 3
"""Properties that a sentence names one by one."""

ReportedResult = tuple[Report, Result]

Undone = tuple[Case, str]
"""A case of which there is no report, and why there is none."""


def case_outcome(report: Report) -> str:
    """What was found of one case, in a few words: what fails, what is unknown, what is expected."""
    expected_ones = [each for each in report.results if not each.wrong]
    failing = names_with(expected_ones, Verdict.FAILS, wanted=False)
    unseen = names_with(expected_ones, Verdict.FAILS, wanted=True)
    unknown = names_with(expected_ones, Verdict.UNKNOWN)
    never = names_with(expected_ones, Verdict.NEVER_EVALUATED)
    wrong = [each for each in report.results if each.wrong]
    not_expected = [
        f"{verdict.value} {', '.join(names)}"
        for verdict in Verdict
        if (names := names_with(wrong, verdict))
    ]
    causes = dict.fromkeys(each.cause for each in report.results if each.cause)
    said = [
        f"NOT AS EXPECTED: {', '.join(not_expected)}" if wrong else "",
        f"fails {', '.join(failing)}" if failing else "",
        f"no run shows {' or '.join(unseen)}" if unseen else "",
        f"unknown: {', '.join(unknown)} ({', '.join(map(str, causes))})" if unknown else "",
        f"never evaluated: {', '.join(never)}" if never else "",
    ]
    return "; ".join(text for text in said if text) or "ok"


def names_with(
    results: Sequence[Result], verdict: Verdict, *, wanted: bool | None = None
) -> list[str]:
    """The properties that have a verdict; only those that want a witness, or only the others."""
    return [
        each.claim.name
        for each in results
        if each.verdict is verdict and wanted in (None, each.claim.wanted)
    ]


def stopped_by(reports: Sequence[Report]) -> list[str]:
    """Why searches ended early, each cause once; none where all was searched."""
    return list(dict.fromkeys(report.cause for report in reports if report.cause))


def left_unjudged_by(reports: Sequence[Report]) -> list[str]:
    """Why properties are unknown whose search went to its end, each cause once."""
    unknown = (
        result.cause
        for report in reports
        if not report.cause
        for result in report.results
        if result.verdict is Verdict.UNKNOWN and result.cause
    )
    return list(dict.fromkeys(unknown))


def row_sentence(row: Row) -> tuple[str, str]:
    """What matters most about a row, and the path that shows it, or an empty string."""
    found = [(report, result) for report in row.reports for result in report.results]
    failing = [
        each for each in found if each[1].verdict is Verdict.FAILS and not each[1].claim.wanted
    ]
    if failing:
        # Unexpected failures come first; else the order of scenarios and properties decides.
        text, path = failure_sentence(min(failing, key=lambda each: not each[1].wrong), row)
        return "; ".join([*possible(found), text]), path
    said = [*safety(found), *possible(found)]
    witness = max(
        (result for _, result in found if result.at_once and result.path),
        key=lambda result: result.at_once or 0,
        default=None,
    )
    text = f"{'; '.join(said)}." if said else ""
    return text, witness.path or "" if witness else ""


def failure_sentence(found: ReportedResult, row: Row) -> tuple[str, str]:
    """What fails and where, what its run shows, and beside that the reason that is declared."""
    report, result = found
    where = f" in {report.case.scenario.reference}" if len(row.reports) > 1 else ""
    text = f"fails {result.claim.name}{where}"
    declared = result.declared.because if result.declared and not result.wrong else ""
    if result.execution:
        why = f"{text}: {reason_in_words(result.claim, result.finding, result.execution)}"
        return f"{why}; expected: {declared}." if declared else f"{why}.", ""
    if result.choices is None:
        return f"{text}; expected: {declared}." if declared else text, ""
    run = rerun(report.case, result.claim.name, result.choices)
    says = f"{summarise(run)}; expected: {declared}." if declared else diagnose(run)
    return f"{text}: {says}{races_elsewhere(result, run.trace)}", result.path or ""


def races_elsewhere(result: Result, trace: Trace) -> str:
    """The races that the search met and the run of `trace` does not show; nothing if none."""
    shown = races_in_state(trace.product, trace.end) if result.races else []
    others = [str(race) for race in result.races if race not in shown]
    return f" In other runs these race: {'; '.join(others)}." if others else ""


def diagnosis(case: Case, name: str, choices: Sequence[Choice]) -> str:
    """Why the run of `choices` breaks the property called `name`."""
    return diagnose(rerun(case, name, choices))


def safety(found: Sequence[ReportedResult]) -> Iterator[str]:
    """The sentence that nothing fails, or that something is not known."""
    judged = [each for each in found if not each[1].claim.wanted]
    names = dict.fromkeys(result.claim.name for _, result in judged)
    unknown = dict.fromkeys(
        result.claim.name for _, result in found if result.verdict is Verdict.UNKNOWN
    )
    if unknown:
        why = unknown_causes(found, unknown)
        yield f"nothing fails so far; unknown: {', '.join(unknown)} ({why})"
        return
    holding = dict.fromkeys(
        result.claim.name for _, result in judged if result.verdict is Verdict.HOLDS
    )
    never = [name for name in names if name not in holding]
    if len(holding) > FEW_SENTENCES:
        yield "holds every safety property" + (" that is evaluated" if never else "")
    elif holding:
        yield f"holds {', '.join(holding)}"
    if never:
        yield f"never evaluated: {', '.join(never)} ({unknown_causes(found, never)})"


def unknown_causes(found: Sequence[ReportedResult], names: Collection[str]) -> str:
    """Why the properties of these `names` are not known, each cause once."""
    own = (result.cause for _, result in found if result.claim.name in names and result.cause)
    return ", ".join(dict.fromkeys(own))


def nothing_to_show(report: Report) -> str:
    """Why a report has no run to show."""
    unknown = names_with(report.results, Verdict.UNKNOWN)
    causes = dict.fromkeys(each.cause for each in report.results if each.cause)
    known = [each.claim for each in report.results if each.verdict.known]
    never = names_with(report.results, Verdict.NEVER_EVALUATED)
    unseen = [claim.name for claim in known if claim.wanted]
    safe = [claim.name for claim in known if not claim.wanted]
    said = [
        f"no run shows {' or '.join(unseen)}" if unseen else "",
        f"{', '.join(safe)} {'holds' if len(safe) == 1 else 'hold'} in every run" if safe else "",
        f"never evaluated: {', '.join(never)}" if never else "",
        f"unknown: {', '.join(unknown)} ({', '.join(map(str, causes))})" if unknown else "",
    ]
    return "; ".join(text for text in said if text)


def possible(found: Sequence[ReportedResult]) -> Iterator[str]:
    """What the properties that want a witness say."""
    for name in dict.fromkeys(result.claim.name for _, result in found if result.claim.wanted):
        results = [result for _, result in found if result.claim.name == name]
        at_once = max((result.at_once or 0 for result in results), default=0)
        if at_once > 1:
            yield f"{at_once} in parallel ({name})"
        elif at_once:
            because = next((each.declared.because for each in results if each.declared), "")
            yield f"never two in parallel ({name})" + (f", expected: {because}" if because else "")
        elif any(result.verdict is Verdict.HOLDS for result in results):
            yield f"{name} is possible"
        elif any(result.verdict is Verdict.FAILS for result in results):
            yield f"{name} is not possible"
        elif any(result.verdict is Verdict.NEVER_EVALUATED for result in results):
            yield f"{name} is never evaluated"


def unexpected(reports: Sequence[Report]) -> Iterator[tuple[str, str]]:
    """Every verdict that is not the declared one, with the path that shows it, if there is one."""
    for report in reports:
        for result in report.results:
            if result.wrong:
                yield (
                    f"{' '.join(report.case.names)}: {result.claim.name} {result.verdict.value}, "
                    f"expected {expected(result)}",
                    result.path or "",
                )


def verdict_in_words(result: Result) -> str:
    """A verdict by itself, and how it compares with the one that is declared."""
    name, verdict = result.claim.name, result.verdict
    if verdict is Verdict.UNKNOWN:
        return f"{name} is unknown: {result.cause}"
    if verdict is Verdict.NEVER_EVALUATED:
        wanted = f", expected {expected(result)}" if result.wrong else ""
        return f"{name} is never evaluated{wanted}: {result.cause}"
    if result.wrong:
        return f"{name} {verdict.value}, expected {expected(result)}"
    if verdict is Verdict.FAILS and result.declared:
        because = result.declared.because
        return f"{name} fails, as expected" + (f": {because}" if because else "")
    return f"{name} holds" + (f": {result.at_once} in parallel" if result.at_once else "")


def expected(result: Result) -> str:
    """The verdict that was expected and why; of a placement not the model's own, that all holds."""
    if not result.asked:
        return f"{Verdict.HOLDS.value} (judged always: no property of the model speaks of it)"
    if result.declared is None:
        return Verdict.HOLDS.value
    because = f" ({result.declared.because})" if result.declared.because else ""
    return f"{result.declared.verdict.value}{because}"


def growing(reports: Sequence[Report]) -> Iterator[str]:
    """What still came to new states when its search was ended, and what to do."""
    for each in dict.fromkeys(growth for report in reports for growth in report.growing):
        who, mend = each.name, "give it a bound"
        if each.site:
            who = f"thread {each.name} ({line_of(each.site)})"
            mend = "loop over results with retry, retry_with or forever"
        elif each.counts:
            mend = "make it with unbounded=True"
        yield (
            f"{who} came to {each.states:,} states, and still to new ones when the search was "
            f"ended. If it has no bound, neither has the search: {mend}."
        )


def on_disk(reports: Sequence[Report]) -> Iterator[str]:
    """How many states searches had on disk, how much they took there, and how fast it went."""
    for report in reports:
        if report.on_disk:
            yield (
                f"{report.case}: too much for memory, so {report.states:,} states took "
                f"{report.on_disk >> 20:,} MiB of disk, at "
                f"{report.states / report.seconds:,.0f} states a second."
            )


def never_reached(reports: Sequence[Report]) -> list[str]:
    """The lines of the model that no run came to, each file with its lines.

    None where a search ended early: it says nothing of what it did not come to.
    """
    if any(report.cause for report in reports):
        return []
    lines = {line for report in reports for line in report.lines}
    sites = [site for site in lines_missed(lines) if not is_ours(site)]
    return [
        f"{file_name(file)}: {', '.join(str(site.line) for site in group)}"
        for file, group in groupby(sites, key=lambda site: site.filename)
    ]


def is_ours(site: Site) -> bool:
    """Whether a line is of the harness and not of a model."""
    file, harness = Path(site.filename), Path(__file__).parents[1]
    return file.is_relative_to(harness) and not file.is_relative_to(harness / "models")

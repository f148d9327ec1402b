"""A check as SARIF 2.1.0: a result for each property that fails, with the line and the run.

A run is one thread flow, not one for each thread, because viewers show one flow at a time, and
what matters is how the threads interleave.
"""

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from locking.explore.graph import INTERRUPTED
from locking.model import Case
from locking.objects.operation import Site
from locking.properties.explored import Verdict
from locking.properties.kinds import Subject, kind_of
from locking.report.places import home
from locking.report.sentences import Undone, verdict_in_words
from locking.text.file_names import uri
from locking.traces.path import encode, path_of
from locking.traces.replay import Trace
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import diagnose, failure_of
from locking.traces.why.location import concerned, location
from locking.traces.why.wording import does
from locking.verdicts import Report, Result, never_evaluated

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

SarifObject = dict[str, Any]


def render(reports: Sequence[Report], undone: Sequence[Undone] = ()) -> str:
    """The whole file; where something is `undone` or unknown, it says that the check failed."""
    notes = list(notifications(reports, undone))
    driver = {
        "name": "locking",
        "version": version("locking"),
        "rules": list(property_rules(reports)),
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not notes, "toolExecutionNotifications": notes}],
        "results": [
            sarif_result(report.case, result)
            for report in reports
            for result in report.results
            if result.wrong or result.verdict is not Verdict.HOLDS
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def property_rules(reports: Sequence[Report]) -> Iterator[SarifObject]:
    """Every property that was judged."""
    about: dict[str, str] = {}
    for result in (result for report in reports for result in report.results):
        about[result.claim.name] = about.get(result.claim.name) or result.claim.about
    for name, says in about.items():
        yield {
            "id": name,
            "shortDescription": sarif_message(says or name),
            "defaultConfiguration": {"level": "error"},
        }


def notifications(reports: Sequence[Report], undone: Sequence[Undone]) -> Iterator[SarifObject]:
    """What was not decided, and why."""
    for report in reports:
        unknown = [each for each in report.results if each.verdict is Verdict.UNKNOWN]
        for result in unknown:
            yield {
                "level": "warning",
                "message": sarif_message(f"{report.case}: {verdict_in_words(result)}"),
            }
        if report.cause == INTERRUPTED:
            yield {"level": "error", "message": sarif_message(f"{report.case}: {report.cause}")}
    for report, result in never_evaluated(reports):
        yield {
            "level": "error",
            "message": sarif_message(f"{report.case}: {verdict_in_words(result)}"),
        }
    for case, why in undone:
        yield {"level": "error", "message": sarif_message(f"{case}: {why}")}


def sarif_result(case: Case, result: Result) -> SarifObject:
    """The result of a property that does not hold, or holds where it should fail."""
    why, site, steps = evidence(case, result)
    replay = f"Replay: locking replay {result.path}" if result.path else ""
    lines = filter(None, [f"{case}: {verdict_in_words(result)}.", why, replay])
    flow = {"codeFlows": [{"threadFlows": [{"id": "run", "locations": steps}]}]} if steps else {}
    return {
        "ruleId": result.claim.name,
        **severity(result),
        "message": sarif_message(" ".join(lines)),
        "locations": [sarif_location(site)] if site else [],
        "partialFingerprints": {"case/v1": fingerprint(case, result.claim.name)},
        **flow,
        "properties": {
            "scenario": case.scenario.reference,
            "placement": case.placement.reference if case.placement else None,
            "scope": dict(case.scope),
            "verdict": result.verdict.value,
            "path": result.path,
        },
    }


def severity(result: Result) -> SarifObject:
    """An error, or a note that the model speaks for itself; what is unknown is an open question.

    What no run comes near does not apply.
    """
    if result.verdict is Verdict.UNKNOWN:
        return {"kind": "open", "level": "none"}
    if result.verdict is Verdict.NEVER_EVALUATED and not result.wrong:
        return {"kind": "notApplicable", "level": "none"}
    if result.wrong or result.declared is None:
        return {"kind": "fail", "level": "error"}
    declared = {"kind": "inSource", "justification": result.declared.because}
    return {"kind": "fail", "level": "note", "suppressions": [declared]}


def fingerprint(case: Case, name: str) -> str:
    """What stays the same while it is the same problem: a path string without its choices."""
    return encode(path_of(case, name, ())).rpartition(":")[0]


def evidence(case: Case, result: Result) -> tuple[str, Site | None, list[SarifObject]]:
    """The diagnosis, the line and the steps of the run, or what stands for them without a run."""
    if result.choices is None:
        return "", home(case), []
    run = rerun(case, result.claim.name, result.choices)
    return (
        diagnose(run),
        location(run) or home(case),
        [*code_flow_steps(run.trace), *end_locations(run)],
    )


def code_flow_steps(trace: Trace) -> Iterator[SarifObject]:
    """The steps of a run."""
    for event in trace.events:
        yield {
            "location": sarif_location(event.site, f"{trace.names[event.thread]}: {does(event)}"),
            "executionOrder": event.number,
            "nestingLevel": len(event.inside),
        }


def end_locations(run: ShownRun) -> Iterator[SarifObject]:
    """Where the threads that the property speaks of stand at the end of a run."""
    trace, claim = run.trace, run.claim
    number = trace.events[-1].number + 1 if trace.events else 1
    for thread in concerned(run):
        position = trace.product.position(thread, trace.end)
        match kind_of(claim).speaks_of:
            case Subject.WAITS | Subject.ROUNDS:
                text = f"waits in {position.next}"
            case Subject.ACCESSES:
                text = f"is about to do {position.next}"
            case _:
                text = failure_of(position, claim)
        yield {
            "location": sarif_location(position.site, f"{trace.names[thread]}: {text}"),
            "executionOrder": number,
            "nestingLevel": len(position.inside),
        }


def sarif_location(site: Site, says: str = "") -> SarifObject:
    """A line of a model, with what happens there."""
    line = {"artifactLocation": {"uri": uri(site.filename)}, "region": {"startLine": site.line}}
    return {"physicalLocation": line, **({"message": sarif_message(says)} if says else {})}


def sarif_message(says: str) -> SarifObject:
    """A text in which nothing stands for an argument."""
    return {"text": says.replace("{", "{{").replace("}", "}}")}

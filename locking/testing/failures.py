"""The text of a test that fails: every verdict that is not as declared, with its run."""

from collections.abc import Sequence
from dataclasses import replace

import locking.catalogue as catalogue
from locking.errors import LockingError
from locking.model import Case
from locking.placements.placement import Placement
from locking.properties.explored import Verdict
from locking.testing.scene import Scene, run
from locking.traces.forms.page import Page
from locking.traces.forms.to_text import render
from locking.traces.path import decode_choices, encode_choices
from locking.traces.rerun import rerun
from locking.verdicts import Report, Result, never_evaluated


def of_body(report: Report, command: str, width: int) -> str:
    """What fails of a body, each with its run; empty if nothing does. `command` replays a run."""
    page = Page(width, command=command)
    runs = [
        trace_of(report.case, result, encode_choices(result.choices), page)
        for result in report.results
        if result.wrong and result.choices is not None
    ]
    return "\n".join([*runs, *undecided_text(report), *unevaluated([report])])


def of_cases(reports: list[Report], width: int) -> str:
    """What is not as declared in any of the cases; empty if nothing is."""
    texts = [text for report in reports for text in of_case(report, width)]
    return "\n".join([*texts, *unevaluated(reports)])


def of_case(report: Report, width: int) -> list[str]:
    """What is not as declared in a case."""
    texts = []
    for result in report.results:
        if result.wrong:
            expected = result.declared.verdict if result.declared else Verdict.HOLDS
            says = f"{result.claim.name} {result.verdict.value}, expected {expected.value}"
            texts.append(f"{report.case}: {says}\n")
        if result.wrong and result.choices is not None:
            path = result.path if result.path and replays(report.case) else ""
            texts.append(trace_of(report.case, result, path, Page(width)))
    return texts + [f"{report.case}: {text}" for text in undecided_text(report)]


def undecided_text(report: Report) -> list[str]:
    """What is not known, by its cause."""
    causes: dict[str, list[str]] = {}
    for result in report.results:
        if result.verdict is Verdict.UNKNOWN:
            causes.setdefault(result.cause or "the search ended early", []).append(
                result.claim.name
            )
    return [f"not decided: {cause} ({', '.join(names)})\n" for cause, names in causes.items()]


def unevaluated(reports: Sequence[Report]) -> list[str]:
    """What no run of any case evaluates, and why."""
    return [
        f"{report.case}: never evaluated: {result.claim.name} ({result.cause})\n"
        for report, result in never_evaluated(reports)
    ]


def trace_of(case: Case, result: Result, path: str, page: Page) -> str:
    """The run that shows a result; `path` is what the page's command replays it by."""
    assert result.choices is not None
    return render(replace(rerun(case, result.claim.name, result.choices), path=path), page)


def of_run(scene: Scene, choices: str, command: str, width: int) -> str:
    """Everything that one run of a body shows. Errors: `PathError`, `ModelError`."""
    page = Page(width, command=command)
    shown = run(scene, decode_choices(choices, choices))
    return "\n".join(render(replace(each, path=choices), page) for each in shown)


def replays(case: Case) -> bool:
    """Whether a path string finds the case: a model or placement may be in no file of its own."""
    return found_model(case) and (case.placement is None or found_placement(case, case.placement))


def found_model(case: Case) -> bool:
    """Whether the model is found by its name or file."""
    try:
        return catalogue.model(case.model.reference).build is case.model.build
    except LockingError:
        return False


def found_placement(case: Case, placement: Placement) -> bool:
    """Whether the placement is found by its name or file."""
    try:
        return repr(catalogue.placement(case.model, placement.reference)) == repr(placement)
    except LockingError:
        return False

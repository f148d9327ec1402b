"""`Why` against the cause that was written down before, run by run."""

from typing import Any

import pytest

import locking.catalogue as catalogue
from locking.check import check
from locking.cli.commands.replay import case_of_path
from locking.model import Case, Model
from locking.properties.explored import Verdict
from locking.traces.path import decode
from locking.traces.rerun import rerun
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import diagnose
from tests.cases import test_cases
from tests.traces.why.declared_causes import (
    ABBA,
    CHECK,
    CLASSICS,
    FREED,
    LOST,
    MISSED,
    SELF,
    TEXTBOOK,
    TORN,
    Row,
)
from tests.traces.why.declared_causes_kernel import KERNEL
from tests.traces.why.declared_causes_more import HOTPLUG, INPUTS

ROWS = [*TEXTBOOK, *CLASSICS, *HOTPLUG, *KERNEL, *INPUTS]

PATTERNS = (CHECK, LOST, TORN, MISSED, FREED, ABBA, SELF, "writer starvation")

LARGE = ("readers_writers:fair", "readers_writers:writers-first", "hang_diagnosis")
"""Parts of path strings of runs that take long to tell."""

INCOMPLETE = 6
"""Rows that lack a fact; it may only become less."""


def shown(row: Row) -> ShownRun:
    """The run of a row."""
    where = f"{test_cases.INPUTS}/{row.path}" if row in INPUTS else row.path
    path = decode(where)
    return rerun(case_of_path(path), path.property, path.choices)


def quick_or_slow(row: Row) -> Any:
    """A row for a test; those of large models, of which others are alike, are slow."""
    marks = [pytest.mark.slow] if any(name in row.path for name in LARGE) else []
    return pytest.param(row, id=row.path, marks=marks)


@pytest.mark.parametrize("row", [quick_or_slow(row) for row in ROWS])
def test_why_names_the_cause_and_no_wrong_one(row: Row) -> None:
    says = diagnose(shown(row))
    named = [each for each in PATTERNS if says.lower().startswith(f"{each}: ".lower())]
    assert named == [each for each in [row.pattern] if each], says
    assert [fact for fact in row.names if fact not in says] == [], says
    assert [fact for fact in row.lacks if fact in says] == [], "the row is complete by now"


def test_nine_rows_of_ten_are_complete() -> None:
    lacking = [row.path for row in ROWS if row.lacks]
    assert len(lacking) == INCOMPLETE <= len(ROWS) // 10


def cases_of(model: Model) -> list[Case]:
    """Every case of a model, at its default scope."""
    return [
        model.case(scenario, placement, {"variant": variant} if variant else {})
        for variant in model.variants or (None,)
        for placement in model.placements or (None,)
        for scenario in model.scenarios
    ]


@pytest.mark.slow
def test_every_failing_run_of_the_small_models_has_a_row() -> None:
    models = [*catalogue.models("textbook"), *catalogue.models("classics")]
    found = {
        result.path
        for model in models
        for case in cases_of(model)
        for result in check(case).results
        if result.verdict is Verdict.FAILS and result.path
    }
    assert found == {row.path for row in [*TEXTBOOK, *CLASSICS]}


@pytest.mark.slow
def test_every_declared_reason_of_the_large_model_has_a_row() -> None:
    paths = {row.path for row in HOTPLUG}
    reasons: dict[tuple[str, str], set[str]] = {}
    for case in cases_of(catalogue.model("memory_hotplug")):
        for result in check(case).results:
            if result.verdict is Verdict.FAILS and result.path and result.declared:
                key = result.claim.name, result.declared.because
                reasons.setdefault(key, set()).add(result.path)
    assert [key for key, found in reasons.items() if not found & paths] == []


def test_every_failing_run_of_the_small_inputs_has_a_row() -> None:
    found = {
        (row.split(":")[0].split()[0], name)
        for row, verdicts in test_cases.JUDGED.items()
        for name, verdict in verdicts.items()
        if verdict == test_cases.FAILS
    }
    rows = {(row.path.split(".py")[0], row.path.split(":")[3]) for row in INPUTS}
    assert found - rows == {("requeue_for_ever", "end")}, "that one has no run to show"

"""Real designs and bugs, in the words of their field: each is judged, and none rebuilds a word.

Each was first written before the harness had the words: with semaphores, condition variables, tasks
and futexes made by hand.
"""

import ast
import io
import tokenize
from pathlib import Path
from statistics import median

import pytest

import locking.catalogue as catalogue
from locking.catalogue.selection import scopes_of
from locking.check import check
from locking.verdicts import Verdict

DESIGNS = sorted((Path(__file__).parent / "designs").glob("[a-z]*.py"))

LINES_BEFORE = {
    "assert_op": 17,
    "barrier_of_two_rounds": 38,
    "flag_or_lock": 32,
    "genmc_spin_liveness": 41,
    "glibc_condvar": 164,
    "missed": 25,
    "parking_lot_upgradable": 64,
    "pypy_lock_release": 64,
    "race_semaphore": 20,
    "thread_pool_shutdown": 37,
    "waits_for_another_value": 16,
    "waits_for_too_many": 22,
    "zephyr_rwlock": 65,
}
"""Lines of code of each as it was, in the format of this house, and with no verdict declared."""

LEAST = {"glibc_condvar": {"consumers": "1"}}
"""Scopes to judge by default, where that of the design takes long."""

every_design = pytest.mark.parametrize("design", DESIGNS, ids=lambda path: path.stem)


def differing(design: Path, given: dict[str, str]) -> list[str]:
    """The verdicts of all cases of a design that are not as it declares."""
    model = catalogue.model(str(design))
    return [
        f"{case}: {result.claim.name} {result.verdict.value}"
        for scenario in model.scenarios
        for scope in scopes_of(model, given)
        for case in [model.case(scenario, None, scope)]
        for result in check(case).results
        if result.verdict is not (result.declared.verdict if result.declared else Verdict.HOLDS)
    ]


@every_design
def test_a_design_has_the_verdicts_that_it_declares(design: Path) -> None:
    assert differing(design, LEAST.get(design.stem, {})) == []


@pytest.mark.slow
@pytest.mark.parametrize("design", [path for path in DESIGNS if path.stem in LEAST])
def test_a_large_design_has_them_in_its_own_scope(design: Path) -> None:
    assert differing(design, {}) == []


@every_design
def test_a_design_makes_no_kind_of_object_of_its_own(design: Path) -> None:
    tree = ast.parse(design.read_text(encoding="utf-8"))
    assert not [each.name for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]


NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def lines_of_code(design: Path) -> int:
    """Lines without comments, docstrings, imports, blank ones and declared verdicts."""
    text = design.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for each in ast.walk(ast.parse(text)):
        documents = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        declares = isinstance(each, ast.keyword) and each.arg == "expected"
        if documents or declares or isinstance(each, ast.Import | ast.ImportFrom):
            left_out.update(range(each.lineno, (each.end_lineno or each.lineno) + 1))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line for t in tokens if t.type not in NOT_CODE for line in range(t.start[0], t.end[0] + 1)
    }
    return len(lines - left_out)


def test_a_design_is_a_third_shorter_in_the_median() -> None:
    assert {path.stem for path in DESIGNS} == set(LINES_BEFORE)
    assert median(lines_of_code(path) / LINES_BEFORE[path.stem] for path in DESIGNS) <= 2 / 3

"""What is asked of the small models of a folder, each of which is read at one look."""

import ast
from pathlib import Path

import pytest

from locking import Model
from locking.catalogue import module_of_model
from locking.catalogue.selection import scopes_of
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options, Report

EVERY_REDUCTION = pytest.mark.parametrize(
    "reduction",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name != "merge" else [])
        for name in REDUCTIONS
        if name != "none"
    ],
)
"""The reductions, of which the default run has the default."""


def reports(model: Model, reduction: str = "merge") -> list[Report]:
    """The report of every case."""
    return [
        check(model.case(scenario, None, scope), options=Options(reduction=reduction))
        for scenario in model.scenarios
        for scope in scopes_of(model, {})
    ]


def lines_of(model: Model) -> int:
    """The lines of a model, without its docstring, blank lines and imports."""
    source = Path(str(module_of_model(model.name).__file__)).read_text()
    imports = (ast.Import, ast.ImportFrom)
    code = [each for each in ast.parse(source).body[1:] if not isinstance(each, imports)]
    return len([line for line in source.splitlines()[code[0].lineno - 1 :] if line.strip()])

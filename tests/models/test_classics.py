"""The classics say what they declare, in every way to judge, and are short."""

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import locking.models.classics as classics
from locking import Model
from locking.catalogue.selection import scopes_of
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties.explored import Verdict
from locking.verdicts import Options

MODELS: list[Model] = [
    import_module(f"{classics.__name__}.{found.name}").MODEL
    for found in pkgutil.iter_modules(classics.__path__)
]

LONGEST = 40
"""Lines of a model, without its docstring, blank lines and imports."""


@pytest.mark.parametrize(
    "reduction",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name != "merge" else [])
        for name in REDUCTIONS
        if name != "none"
    ],
)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_variant_is_judged_as_it_declares(model: Model, reduction: str) -> None:
    for scenario in model.scenarios:
        for scope in scopes_of(model, {}):
            report = check(model.case(scenario, None, scope), options=Options(reduction=reduction))
            assert [str(each) for each in report.results if each.wrong] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_known_mistake_fails(model: Model) -> None:
    assert any(each.verdict is Verdict.FAILS for each in model.expected)
    assert model.variants


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_classic_is_read_at_one_look(model: Model) -> None:
    source = Path(str(import_module(f"locking.models.{model.name}").__file__)).read_text()
    code = [each for each in ast.parse(source).body[1:] if not isinstance(each, ast.ImportFrom)]
    lines = [line for line in source.splitlines()[code[0].lineno - 1 :] if line.strip()]
    assert len(lines) <= LONGEST, len(lines)

"""The locks of papers refine their specifications; each mistake is found."""

import pkgutil
from importlib import import_module

import pytest

import locking.models.locks as locks
from locking import Model, Verdict
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.verdicts import Options

MODELS: list[Model] = [
    module.MODEL
    for found in pkgutil.iter_modules(locks.__path__)
    if hasattr(module := import_module(f"{locks.__name__}.{found.name}"), "MODEL")
]
NAMES = [model.name for model in MODELS]
QUICK = ("locks.clh", "locks.hemlock", "locks.spsc_queue")
"""The models that the default run judges."""

OF_SV_COMP = {
    "locks.cas": "old-value",
    "locks.clh": "not-initialized",
    "locks.hemlock": "any-lock",
    "locks.mpmc_queue": "moves-at-once",
    "locks.spsc_queue": "moves-first",
    "locks.twa": "enters",
}
"""The errors that the libvsync set of SV-COMP plants, by the algorithm."""


def wrong_verdicts(model: Model, variant: str, options: Options) -> list[str]:
    """The verdicts, in every scenario, that are not as the model declares."""
    return [
        f"{scenario.name}: {each}"
        for scenario in model.scenarios
        for each in check(model.case(scenario, None, {"variant": variant}), options=options).results
        if each.wrong
    ]


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(each, id=each.name, marks=[] if each.name in QUICK else [pytest.mark.slow])
        for each in MODELS
    ],
)
def test_every_variant_is_judged_as_it_declares(model: Model) -> None:
    for variant in model.variants:
        assert wrong_verdicts(model, variant, Options()) == []


@pytest.mark.slow
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_every_reduction_judges_as_is_declared(reduction: str) -> None:
    for model in MODELS:
        if model.name in QUICK:
            for variant in model.variants:
                assert wrong_verdicts(model, variant, Options(reduction=reduction)) == []


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_the_first_variant_is_right_and_some_other_is_not(model: Model) -> None:
    wrong = {variant for each in model.expected for variant in each.variants}
    assert wrong
    assert model.variants[0] not in wrong


@pytest.mark.parametrize(("name", "variant"), OF_SV_COMP.items(), ids=OF_SV_COMP)
def test_every_error_that_sv_comp_plants_is_declared_to_fail(name: str, variant: str) -> None:
    (model,) = (each for each in MODELS if each.name == name)
    assert variant in model.variants
    assert any(
        each.verdict is Verdict.FAILS and variant in each.variants for each in model.expected
    )


@pytest.mark.parametrize("name", ["clh", "cna", "hclh", "hmcs", "mcs", "ticket"])
def test_a_fair_lock_is_asked_whether_it_serves_everybody(name: str) -> None:
    (model,) = (each for each in MODELS if each.name == f"locks.{name}")
    system = model.case("for-ever", None).build()
    assert "served" in [each.name for each in system.properties]
    assert not any(each.property == "served" and not each.variants for each in model.expected)

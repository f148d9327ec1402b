"""The classics say what they declare, in every way to judge, and are short."""

import pytest

from locking import Model, catalogue
from locking.properties.explored import Verdict
from tests.models.small import EVERY_REDUCTION, lines_of, reports

EVERY_MODEL = pytest.mark.parametrize(
    "model", catalogue.models("classics"), ids=lambda model: model.name
)

LONGEST = 40
"""Lines of a model."""

LARGE = "classics.readers_writers"
"""What takes seconds."""


@EVERY_REDUCTION
@pytest.mark.parametrize(
    "model",
    [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] if each.name == LARGE else [])
        for each in catalogue.models("classics")
    ],
)
def test_every_variant_is_judged_as_it_declares(model: Model, reduction: str) -> None:
    for report in reports(model, reduction):
        assert [str(each) for each in report.results if each.wrong] == []


@EVERY_MODEL
def test_the_known_mistake_fails(model: Model) -> None:
    assert any(each.verdict is Verdict.FAILS for each in model.expected)
    assert model.variants


@EVERY_MODEL
def test_a_classic_is_read_at_one_look(model: Model) -> None:
    assert lines_of(model) <= LONGEST

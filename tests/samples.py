"""Of many alike cases, those that the default run tries; the others are slow."""

from collections.abc import Iterable
from typing import Any

import pytest


def some_by_default(cases: Iterable[Any], every: int) -> list[Any]:
    """All cases of a test, of which only the first of each `every` in a row is not slow."""
    return [
        case if at % every == 0 else pytest.param(case, marks=pytest.mark.slow)
        for at, case in enumerate(cases)
    ]


def seeds(count: int) -> list[Any]:
    """So many seeds: the first is slow, and for the others a CI has no time."""
    slow, campaign = pytest.mark.slow, pytest.mark.campaign
    return [pytest.param(each, marks=campaign if each else slow) for each in range(count)]

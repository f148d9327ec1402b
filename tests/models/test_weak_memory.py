"""Bugs that no interleaving shows: they fail under total store order alone; their fixes hold."""

import pytest

from locking import Verdict
from locking.catalogue import models
from locking.check import check
from locking.model import Model
from locking.scope import MEMORY, SC, TSO

MODELS = models("weak_memory", {})


def verdicts(model: Model, variant: str, memory: str) -> set[Verdict]:
    """All verdicts of a variant."""
    scope = {"variant": variant, **({} if memory == SC else {MEMORY: memory})}
    report = check(model.case(model.scenarios[0], None, scope))
    assert not any(each.wrong for each in report.results)
    return {each.verdict for each in report.results}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_only_what_is_unfixed_fails_and_only_where_stores_come_late(model: Model) -> None:
    assert verdicts(model, "before", SC) == {Verdict.HOLDS}
    assert Verdict.FAILS in verdicts(model, "before", TSO)
    assert verdicts(model, "after", TSO) == {Verdict.HOLDS}

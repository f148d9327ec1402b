"""Every model under total store order: more can happen, and so less holds, but never more."""

import pytest

from locking import Verdict
from locking.catalogue import models
from locking.catalogue.selection import scopes_of
from locking.check import check
from locking.model import Case, Model
from locking.scope import MEMORY, TSO
from locking.verdicts import Limits, Options

MODELS = [
    model for folder in ("textbook", "kernel_bugs", "classics") for model in models(folder, {})
]

LOCKS_OF_LOADS_AND_STORES = {
    ("classics.bakery", "right", "exclusion"),
    ("classics.peterson", "right", "exclusion"),
    ("classics.peterson", "no-turn", "exclusion"),
    ("classics.peterson", "no-turn", "sum"),
    ("classics.szymanski", "right", "exclusion"),
}
"""What holds under sequential consistency alone: these locks need full barriers."""


def verdicts(case: Case) -> dict[str, Verdict]:
    """The verdicts of a case, as far as few states show them."""
    report = check(case, options=Options(limits=Limits(states=12_000)))
    return {each.claim.name: each.verdict for each in report.results}


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_fails_under_sc_fails_and_what_holds_needs_no_order_that_x86_lacks(
    model: Model,
) -> None:
    for scenario in model.scenarios:
        for scope in scopes_of(model, {}):
            case = model.case(scenario, None, scope)
            before = verdicts(case)
            for name, verdict in verdicts(
                model.case(scenario, None, {**scope, MEMORY: TSO})
            ).items():
                weaker = (model.name, case.variant, name) in LOCKS_OF_LOADS_AND_STORES
                wanted = Verdict.FAILS if weaker else before[name]
                assert verdict in (wanted, Verdict.UNKNOWN), (case, name)

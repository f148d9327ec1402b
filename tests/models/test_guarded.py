"""Under the kernel's memory model its locks keep in order what they guard, by their own barriers.

Each barrier that is weakened is found: what breaks without it is known of every one.
"""

import pytest

from locking import Verdict
from locking.check import check
from locking.executions.orderings import Weaker
from locking.models.kernel_locks.guarded import LOCKS, MODEL
from locking.scope import LKMM, MEMORY
from locking.studies.barriers import barrier_study

QUICK = ("mcs", "rwsem", "rwsem-writers")
"""The locks whose executions are found in less than a second."""

FENCE, FULL, ACQUIRE, RELEASE = Weaker.FENCE, Weaker.FULL, Weaker.ACQUIRE, Weaker.RELEASE

RACE, EXCLUSION, DEADLOCK = "data-race", "exclusion", "deadlock-free"


def scenarios(*quick: str) -> list[object]:
    """All locks, those that take long marked slow."""
    return [
        pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in LOCKS
    ]


@pytest.mark.parametrize("scenario", scenarios(*(each for each in LOCKS if "queue" not in each)))
def test_every_lock_excludes_under_sequential_consistency(scenario: str) -> None:
    report = check(MODEL.case(scenario, None))
    assert {each.verdict for each in report.results} == {Verdict.HOLDS}


@pytest.mark.parametrize("scenario", scenarios(*QUICK))
def test_every_lock_keeps_its_data_in_order_by_the_kernels_barriers(scenario: str) -> None:
    report = check(MODEL.case(scenario, None, {MEMORY: LKMM}))
    assert {each.verdict for each in report.results} == {Verdict.HOLDS}

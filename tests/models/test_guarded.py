"""Under the kernel's memory model its locks keep in order what they guard, by their own barriers.

Each barrier that is weakened is found: what breaks without it is known of every one.
"""

from pathlib import Path

import pytest

from locking import Verdict
from locking.check import check
from locking.executions.orderings import Weaker
from locking.models.kernel_locks.guarded import LOCKS, MODEL
from locking.scope import LKMM, MEMORY
from locking.studies.barriers import BarrierStudy, barrier_study

QUICK = ("mcs", "rwsem", "rwsem-writers")
"""The locks whose executions are found in less than a second."""

FENCE, FULL, ACQUIRE, RELEASE = Weaker.FENCE, Weaker.FULL, Weaker.ACQUIRE, Weaker.RELEASE

RACE, EXCLUSION, DEADLOCK = "data-race", "exclusion", "deadlock-free"


def scenarios(*quick: str) -> list[object]:
    """All locks, those that take long marked slow."""
    return [pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in LOCKS]


@pytest.mark.parametrize("scenario", scenarios(*LOCKS))
def test_every_lock_excludes_under_sequential_consistency(scenario: str) -> None:
    report = check(MODEL.case(scenario, None))
    assert {each.verdict for each in report.results} == {Verdict.HOLDS}


@pytest.mark.parametrize("scenario", scenarios(*QUICK))
def test_every_lock_keeps_its_data_in_order_by_the_kernels_barriers(scenario: str) -> None:
    report = check(MODEL.case(scenario, None, {MEMORY: LKMM}))
    assert {each.verdict for each in report.results} == {Verdict.HOLDS}


NEEDED: dict[str, dict[tuple[str, str, Weaker], set[str]]] = {
    "mcs": {
        ("xchg", "mcs_lock", FULL): {RACE, EXCLUSION, DEADLOCK},
        ("smp_load_acquire", "mcs_lock", ACQUIRE): {RACE, EXCLUSION},
        ("try_cmpxchg_release", "mcs_lock", RELEASE): {RACE, EXCLUSION},
        ("smp_store_release", "mcs_lock", RELEASE): {RACE, EXCLUSION, DEADLOCK},
    },
    "ticket": {
        ("atomic_fetch_add", "in_order", FULL): {RACE, EXCLUSION},
        ("serve", "in_order", RELEASE): {RACE, EXCLUSION},
    },
    "qspinlock": {
        ("cmpxchg_acquire", "qspinlock", ACQUIRE): {RACE, EXCLUSION},
        ("fetch_set_pending", "qspinlock", ACQUIRE): {RACE, EXCLUSION},
        ("smp_load_acquire", "qspinlock", ACQUIRE): {RACE, EXCLUSION},
        ("unlock", "qspinlock", RELEASE): {RACE, EXCLUSION},
    },
    "rwsem": {
        ("atomic_add_return_release", "rwsem_5_3_paths", RELEASE): {RACE, EXCLUSION},
        ("atomic_try_cmpxchg_acquire", "rwsem_5_3_paths", ACQUIRE): {RACE, EXCLUSION},
        ("atomic_fetch_sub_release", "rwsem_5_3_paths", RELEASE): {RACE, EXCLUSION},
    },
    "rwsem-writers": {
        ("atomic_try_cmpxchg_acquire", "rwsem_5_3_paths", ACQUIRE): {RACE, EXCLUSION},
        ("atomic_fetch_sub_release", "rwsem_5_3_paths", RELEASE): {RACE, EXCLUSION},
    },
    "rwsem-handover": {
        ("atomic_inc_return_acquire", "rwsem_handover", ACQUIRE): {RACE, EXCLUSION},
        ("smp_load_acquire", "rwsem_handover", ACQUIRE): {RACE, EXCLUSION, "no-misuse"},
        ("atomic_sub_return_release", "rwsem_handover", RELEASE): {RACE, EXCLUSION},
    },
    "percpu_rwsem-v4.19": {
        ("smp_mb", "in_order", FENCE): {RACE, EXCLUSION, DEADLOCK},
        ("smp_load_acquire", "in_order", ACQUIRE): {RACE, EXCLUSION},
        ("smp_store_release", "in_order", RELEASE): {RACE, EXCLUSION},
    },
    "percpu_rwsem": {
        ("smp_mb", "in_order", FENCE): {DEADLOCK},
        ("smp_mb", "percpu_rwsem_5_7", FENCE): {RACE, EXCLUSION},
        ("atomic_read_acquire", "percpu_rwsem_5_7", ACQUIRE): {RACE, EXCLUSION},
        ("atomic_set_release", "percpu_rwsem_5_7", RELEASE): {RACE, EXCLUSION},
    },
    "percpu_rwsem-rcu": {
        ("smp_mb", "in_order", FENCE): {"can-end"},
        ("smp_mb", "percpu_rwsem_5_7", FENCE): {RACE, EXCLUSION},
        ("atomic_read_acquire", "percpu_rwsem_5_7", ACQUIRE): {RACE, EXCLUSION},
        ("atomic_set_release", "percpu_rwsem_5_7", RELEASE): {RACE, EXCLUSION},
    },
}
"""What breaks without each barrier, by operation and file: of several lines, on all of them."""

REDUNDANT = {
    "ticket": {("atomic_read_acquire", "smp_mb"), ("smp_mb", "atomic_read_acquire")},
    "rwsem-handover": {
        ("atomic_add_return",),
        ("atomic_fetch_add", "smp_store_release"),
        ("smp_store_release", "atomic_fetch_add"),
        ("atomic_dec_return_release",),
    },
    "percpu_rwsem-v4.19": {("rcu_assign_pointer",), ("smp_mb",)},
    "percpu_rwsem": {("rcu_assign_pointer",), ("atomic_xchg",)},
    "percpu_rwsem-rcu": {("rcu_assign_pointer",), ("atomic_xchg",)},
}
"""Barriers without which all holds, each with those that stand in for it."""


def study_of(scenario: str) -> BarrierStudy:
    """What is known of the barriers of a lock."""
    system = MODEL.case(scenario, None, {MEMORY: LKMM}).build()
    return barrier_study(system, system.properties, lambda: None)


@pytest.mark.parametrize(
    "scenario",
    [
        "rwsem-writers",
        *(pytest.param(each, marks=pytest.mark.slow) for each in NEEDED if each != "rwsem-writers"),
    ],
)
def test_what_breaks_without_each_barrier_is_found(scenario: str) -> None:
    broken: dict[tuple[str, str, Weaker], set[str]] = {}
    redundant = set()
    for each in study_of(scenario).uses:
        ordering = each.ordering
        if ordering.change is Weaker.MARKED or not (each.needed or each.passed):
            continue
        if each.needed:
            key = ordering.name, Path(ordering.site.filename).stem, ordering.change
            broken.setdefault(key, set()).update(found.property.name for found in each.breaks)
            assert each.breaks[0].execution is not None
        else:
            assert not each.unknown
            redundant.add((ordering.name, *(other.name for other in each.instead)))
    assert broken == NEEDED[scenario]
    assert redundant == REDUNDANT.get(scenario, set())


def test_at_least_ten_barriers_are_needed() -> None:
    assert sum(map(len, NEEDED.values())) >= 20

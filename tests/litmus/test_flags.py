"""Mistakes of a test are flagged."""

import pytest

from locking.litmus.judged import judge_test
from locking.litmus.reading import read_test
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import litmus_text

FLAGS = [
    ("spin_lock(s); spin_unlock(s)", "exists (s=0)", "lock-final"),
    ("spin_lock(s); spin_unlock(s)", "exists (x=0)", ""),
    ("spin_unlock(s)", "exists (x=0)", "unmatched-unlock"),
    ("spin_lock(s); spin_unlock(s); WRITE_ONCE(*s, 1)", "exists (x=0)", "mixed-lock-accesses"),
    ("rcu_read_lock()", "exists (x=0)", "unmatched-rcu-lock"),
    ("rcu_read_unlock()", "exists (x=0)", "unmatched-rcu-unlock"),
    ("r0 = srcu_read_lock(d)", "exists (x=0)", "unmatched-srcu-lock"),
    ("srcu_read_unlock(d, 0)", "exists (x=0)", "unmatched-srcu-unlock"),
    ("rcu_read_lock(); synchronize_srcu(d); rcu_read_unlock()", "exists (x=0)", "invalid-sleep"),
    (
        "r0 = srcu_read_lock(d); srcu_read_unlock(d, r0 + 1)",
        "exists (x=0)",
        "srcu-bad-value-match",
    ),
    (
        "r0 = srcu_read_lock(d); *z = r0; r1 = *z; srcu_read_unlock(d, r1)",
        "exists (x=0)",
        "",
    ),
    ("r0 = srcu_read_lock(d); srcu_read_unlock(d, r0 + 0)", "exists (x=0)", ""),
    ("*x = 1", "exists (x=0)", "data-race"),
]


@pytest.mark.parametrize(("thread", "condition", "flag"), FLAGS)
def test_a_mistake_is_flagged(thread: str, condition: str, flag: str) -> None:
    answer = judge_test(read_test(litmus_text((thread, "r0 = *x"), condition)), LKMM)
    assert answer.flags == ({flag} if flag else set())

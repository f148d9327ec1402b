"""Random litmus tests: axioms of sequential consistency against all interleavings."""

import random

import pytest

from locking.litmus.interleaved import Interleavings
from locking.litmus.judged import judge_paths
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.memory_models.lkmm.model import LKMM
from tests.litmus.classics import litmus_text

ROUNDS = 2

STATEMENTS = (
    "WRITE_ONCE(*{a}, {n})",
    "WRITE_ONCE(*{a}, r{m})",
    "r{m} = READ_ONCE(*{a})",
    "r{m} = smp_load_acquire({a})",
    "smp_store_release({a}, {n})",
    "*{a} = r{m} + 1",
    "smp_mb()",
    "atomic_inc({a})",
    "r{m} = xchg({a}, {n})",
    "r{m} = cmpxchg({a}, {n}, {k})",
    "r{m} = atomic_add_unless({a}, 1, {n})",
    "if (r{m}) {{; WRITE_ONCE(*{a}, {n}); }}",
    "spin_lock(s); r{m} = READ_ONCE(*{a}); spin_unlock(s)",
    "r{m} = spin_trylock(s); if (r{m}) {{; WRITE_ONCE(*{a}, {n}); spin_unlock(s); }}",
    "r{m} = spin_is_locked(s)",
    "read_lock(l); r{m} = READ_ONCE(*{a}); read_unlock(l)",
    "write_lock(l); WRITE_ONCE(*{a}, {n}); write_unlock(l)",
    "rcu_read_lock(); r{m} = READ_ONCE(*{a}); WRITE_ONCE(*{b}, {n}); rcu_read_unlock()",
    "synchronize_rcu()",
    "r9 = srcu_read_lock(d); WRITE_ONCE(*{a}, {n}); r{m} = READ_ONCE(*{b}); "
    "srcu_read_unlock(d, r9)",
    "synchronize_srcu(d)",
    "while (READ_ONCE(*{a}) == {n}) cpu_relax()",
)


def random_test(seed: int) -> str:
    """A litmus test of two or three threads of a few statements."""
    chosen = random.Random(seed)
    threads = tuple(
        "; ".join(
            chosen.choice(STATEMENTS).format(
                a=chosen.choice("xy"),
                b=chosen.choice("xy"),
                n=chosen.randint(0, 2),
                k=chosen.randint(1, 2),
                m=chosen.randint(0, 1),
            )
            for _ in range(chosen.randint(1, 3 if count == 2 else 2))
        )
        for count in [chosen.choice((2, 2, 3))]
        for _ in range(count)
    )
    shown = "; ".join(f"{each}:r0; {each}:r1" for each in range(len(threads)))
    return litmus_text(threads, f"locations [x; y; {shown}] exists (true)")


def assert_agree(seed: int) -> None:
    test = read_test(random_test(seed))
    paths = all_paths(test, ROUNDS)
    answer = judge_paths(test, paths, LKMM)
    found = Interleavings(test, paths, ROUNDS)
    assert not found.complete or found.states == answer.sequential, seed
    assert answer.sequential <= answer.states.keys(), seed


def test_axioms_and_interleavings_agree_on_a_random_test() -> None:
    for seed in range(1):
        assert_agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_axioms_and_interleavings_agree_on_random_tests(block: int) -> None:
    for seed in range(10 * block, 10 * block + 10):
        assert_agree(seed)


@pytest.mark.campaign
def test_axioms_and_interleavings_agree_on_5000_random_tests() -> None:
    for seed in range(5_000):
        assert_agree(seed)

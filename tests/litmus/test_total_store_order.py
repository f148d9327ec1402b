"""Total store order as axioms, tso.cat, and as store buffers, `--memory tso`: the same states."""

import random

import pytest

from locking.litmus.interleaved import Interleavings
from locking.litmus.judged import judge_paths
from locking.litmus.paths import all_paths
from locking.litmus.reading import read_test
from locking.memory_models.cat.files import library_model
from locking.programs.thread import Thread
from locking.system import System
from tests.litmus.classics import litmus_text

TSO = library_model("tso")

STATEMENTS = (
    "WRITE_ONCE(*{a}, {n})",
    "WRITE_ONCE(*{a}, {n})",
    "WRITE_ONCE(*{a}, r{m})",
    "r{m} = READ_ONCE(*{a})",
    "r{m} = READ_ONCE(*{a})",
    "r{m} = smp_load_acquire({a})",
    "smp_store_release({a}, {n})",
    "*{a} = r{m} + 1",
    "smp_mb()",
    "smp_wmb()",
    "smp_rmb()",
    "r{m} = xchg({a}, {n})",
    "if (r{m}) {{; WRITE_ONCE(*{a}, {n}); }}",
)


def random_test(seed: int) -> str:
    """A litmus test of threads that store, and load what others store."""
    chosen = random.Random(seed)
    threads = []
    for number in range(chosen.choice((2, 2, 2, 3))):
        begins = f"WRITE_ONCE(*{'xyx'[number]}, {chosen.randint(1, 2)})"
        rest = [
            chosen.choice(STATEMENTS).format(
                a=chosen.choice("xy"), n=chosen.randint(1, 2), m=chosen.randint(0, 1)
            )
            for _ in range(chosen.randint(1, 3))
        ]
        threads.append("; ".join((begins, *rest)))
    shown = "; ".join(f"{each}:r0; {each}:r1" for each in range(len(threads)))
    return litmus_text(tuple(threads), f"locations [x; y; {shown}] exists (true)")


class WithBuffers(Interleavings):
    """The final states of a test by the main engine, under total store order."""

    def system(self, threads: list[Thread]) -> System:
        """The test as a system whose threads have store buffers."""
        return super().system(threads).with_store_buffers()


def weaker(seed: int) -> bool:
    """Whether stores that come late show in a random test, of which both must say the same."""
    test = read_test(random_test(seed))
    paths = all_paths(test, 1)
    answer = judge_paths(test, paths, TSO)
    found = WithBuffers(test, paths, 1)
    assert found.states <= answer.states.keys(), seed
    assert found.states == answer.states.keys() or not found.complete, seed
    return found.states != answer.sequential


def test_axioms_and_store_buffers_agree_on_random_tests() -> None:
    assert sum(weaker(seed) for seed in range(6)) > 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_axioms_and_store_buffers_agree_on_many_random_tests(block: int) -> None:
    assert sum(weaker(seed) for seed in range(10 + 60 * block, 70 + 60 * block)) > 0


@pytest.mark.campaign
def test_axioms_and_store_buffers_agree_on_5000_random_tests() -> None:
    assert sum(weaker(seed) for seed in range(1_000, 6_000)) > 0

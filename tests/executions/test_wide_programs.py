"""What locks guard and order changes no end of random threads with a wide vocabulary."""

from collections import Counter

import pytest

from tests.executions.wide_programs import both_ways


def different(seeds: range) -> tuple[list[int], Counter[str]]:
    """The seeds whose programs end otherwise by what locks say, and how many of each kind."""
    wrong, kinds = list[int](), Counter[str]()
    for seed in seeds:
        found = both_ways(seed)
        if found is None:
            kinds["too much, or refused"] += 1
            continue
        if not found.alike:
            wrong.append(seed)
        kinds["compared"] += 1
        kinds["interleaved"] += bool(found.use and found.use.interleaved)
        kinds["locks in order"] += bool(found.use and found.use.locks_in_order)
    return wrong, kinds


def test_threads_end_alike_by_what_locks_say() -> None:
    assert different(range(6))[0] == []


@pytest.mark.slow
def test_many_threads_end_alike_by_what_locks_say() -> None:
    wrong, kinds = different(range(1_000, 1_100))
    assert wrong == []
    assert min(kinds["interleaved"], kinds["locks in order"]) > 10


@pytest.mark.campaign
def test_5000_programs_end_alike_by_what_locks_say() -> None:
    assert different(range(10_000, 15_000))[0] == []

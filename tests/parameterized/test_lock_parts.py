"""What a lock's rule answers depends on which things others have, never on how many or who."""

from itertools import combinations_with_replacement
from typing import Any

import pytest

from locking import Fairness, Mutex, PercpuRwSem, RwSem, Seqcount, Seqlock, Spinlock
from locking.objects.operation import ASK, LEAVE, Misuse, Object, Queue, calls_of
from locking.parameterized.lock_parts import LOCK_PARTS, had_by, state_of, things_of

LOCKS: list[Object] = [
    Spinlock("lock"),
    Mutex("lock"),
    RwSem("lock"),
    RwSem("lock", Fairness.WRITER_BLOCKS_READERS),
    PercpuRwSem("lock"),
    Seqlock("lock", unbounded=True),
    Seqcount("lock", unbounded=True),
]


def answer(lock: Object, name: str, mine: tuple[str, ...], others: tuple[str, ...]) -> Any:
    """What a rule answers: its kind, its result, what I have then, and what each other has then.

    None where no run leads to such a state.
    """
    had = {"me": mine, **{f"t{at}": (thing,) for at, thing in enumerate(others)}}
    state = state_of(lock, had)
    if state is None:
        return None
    assert had_by(lock, state[0], "me") == mine
    given = (None,) if "retry" in name else ()
    outcome = lock.step(name, state[0], "me", given)
    if isinstance(outcome, Misuse):
        return "misuse"
    if not isinstance(outcome, tuple):
        return "waits"
    after = outcome[0]
    result = "queues" if isinstance(outcome, Queue) else repr(outcome[1])
    theirs = {(thing, had_by(lock, after, f"t{at}")) for at, thing in enumerate(others)}
    return result, had_by(lock, after, "me"), frozenset(theirs)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: repr(lock)[:8])
def test_a_rule_does_not_count_the_others(lock: Object) -> None:
    own = [name for owner in type(lock).__mro__ for name in calls_of(owner)]
    names = [*own, *(ASK + name for name in own), LEAVE]
    things = things_of(lock)
    mine = [(), *((each,) for each in things), *((each, each) for each in things if each == "read")]
    compared = 0
    for name in names:
        for had in mine:
            for count in range(1, 4):
                for others in combinations_with_replacement(things, count):
                    found = answer(lock, name, had, others)
                    if found is not None:
                        assert found == answer(lock, name, had, tuple(sorted(set(others))))
                        compared += 1
    assert compared


def test_every_kind_of_lock_is_compared() -> None:
    assert {type(lock) for lock in LOCKS} == set(LOCK_PARTS)

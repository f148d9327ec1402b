"""Predicates that compare a state with what it can't be, or whose answer is decided before."""

from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    RwSem,
    Semaphore,
    System,
    Thread,
    Verdict,
    always,
    at_end,
    never,
    sometimes,
)
from locking.errors import ModelError
from tests.explore.compare import checked

x, flag, lock = Cell("x", 0), Cell("flag", False), Mutex("lock")
rw, semaphore = RwSem("rw"), Semaphore("semaphore", 1)


async def work() -> None:
    async with lock.hold():
        await x.write(1)
        await flag.write(True)


def verdict(kind: Any, predicate: Any) -> Verdict:
    threads = [Thread("a", work)]
    made = System([x, flag, lock, rw, semaphore], threads, [kind("p", predicate)])
    return checked(made).results[0].verdict


DECIDED = {
    "another number": (lambda s: s[x] == 1 or 2, "is always true, because of its `2`"),
    "a pair": (lambda s: (s[x] == 1, "x"), "is always true, for it is not empty"),
    "an object": (lambda s: s[x] == 1 and flag is False, "`flag is False` is never so"),
    "an operation": (lambda s: s[x] == 5 and flag.read(), "write `s[...]` of its object"),
    "a mutex and a truth": (lambda s: s[lock] == True, "is never so of a Mutex"),  # noqa: E712
    "a mutex and a number": (lambda s: s[lock] != 1, "is always so of a Mutex"),
    "an rwsem and a name": (lambda s: s[rw] == "a", "write `s.held_by(rw)`"),
}


@pytest.mark.parametrize("mistake", DECIDED)
@pytest.mark.parametrize("kind", [always, never, at_end, sometimes])
def test_a_predicate_that_is_decided_before_it_is_asked_is_refused(kind: Any, mistake: str) -> None:
    predicate, says = DECIDED[mistake]
    with pytest.raises(ModelError, match="its predicate: ") as raised:
        verdict(kind, predicate)
    assert says in str(raised.value)
    assert f"{__file__}:{predicate.__code__.co_firstlineno}" in str(raised.value)


def returned(s: Any) -> Any:
    if s[flag]:
        return s[x] == 0
    return s[x] == 1 or 2


def test_every_return_of_a_predicate_is_looked_at() -> None:
    with pytest.raises(ModelError, match="because of its `2`"):
        verdict(always, returned)


RIGHT = {
    "truth of a flag": lambda s: s[flag] is True,
    "who holds a mutex": lambda s: s[lock] == "a",
    "nobody": lambda s: s[lock] is None or s[lock] == None,  # noqa: E711
    "a count": lambda s: s[semaphore] == 1,
    "a state": lambda s: s[rw] == rw.start,
    "a word that a cell may have elsewhere": lambda s: s[x] == "poison" or s[x] == 1,
    "a default": lambda s: (s[x] or 2) == 1,
}


@pytest.mark.parametrize("predicate", RIGHT.values(), ids=RIGHT)
def test_a_comparison_that_may_be_so_is_judged(predicate: Any) -> None:
    assert verdict(sometimes, predicate) is Verdict.HOLDS

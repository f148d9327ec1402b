"""Counting semaphores: so many come in, and a wait may be ended by a signal or by time."""

from typing import NamedTuple

import pytest

from locking import (
    WAIT,
    Cell,
    PosixSemaphore,
    Semaphore,
    Verdict,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    sometimes,
)
from locking.errors import ModelError
from tests.systems import ask, threads, verdict


class Kind(NamedTuple):
    """A semaphore and the names of its operations."""

    semaphore: Semaphore | PosixSemaphore
    enter: str
    attempt: str
    leave: str


KINDS = [
    Kind(Semaphore("places", 2), "down", "down_trylock", "up"),
    Kind(PosixSemaphore("places", 2), "sem_wait", "sem_trywait", "sem_post"),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=["kernel", "posix"])


@every_kind
def test_so_many_come_in_and_the_next_waits(kind: Kind) -> None:
    assert kind.semaphore.start == 2
    assert ask(kind.semaphore, 2, kind.enter) == (1, None)
    assert ask(kind.semaphore, 0, kind.enter) is WAIT


@every_kind
def test_an_attempt_says_whether_it_came_in(kind: Kind) -> None:
    assert ask(kind.semaphore, 1, kind.attempt) == (0, True)
    assert ask(kind.semaphore, 0, kind.attempt) == (0, False)


@every_kind
def test_anybody_lets_one_more_in(kind: Kind) -> None:
    assert ask(kind.semaphore, 0, kind.leave) == (1, None)
    assert kind.semaphore.holders(0) == ()
    assert kind.semaphore.show(2) == "2 may pass"


def test_at_its_limit_a_semaphore_lets_no_more_in() -> None:
    bounded = PosixSemaphore("places", 1, limit=2)
    assert ask(bounded, 1, "sem_post") == (2, None)
    assert ask(bounded, 2, "sem_post") == (2, None)
    assert ask(PosixSemaphore("places", 2), 2, "sem_post") == (3, None)


def test_the_value_is_how_many_may_come_in() -> None:
    assert ask(PosixSemaphore("places", 2), 1, "sem_getvalue") == (1, 1)


def test_a_semaphore_that_starts_above_its_limit_is_refused() -> None:
    with pytest.raises(ModelError, match="it starts at 3, above its limit 2"):
        PosixSemaphore("places", 3, limit=2)


@every_kind
def test_a_semaphore_that_starts_below_0_is_refused(kind: Kind) -> None:
    with pytest.raises(ModelError, match="it starts at -1; write 0 or more"):
        type(kind.semaphore)("places", -1)


@every_kind
def test_who_comes_in_is_ordered_after_who_let_it_in(kind: Kind) -> None:
    data, gate = Cell("data", 0), type(kind.semaphore)("gate")

    async def send() -> None:
        await data.write(1)
        await getattr(gate, kind.leave)()

    async def receive() -> None:
        await getattr(gate, kind.enter)()
        await data.read()

    for property_ in (data_race_free(), happens_before_race_free()):
        assert verdict([data, gate], threads(send, receive), property_) is Verdict.HOLDS


WAITS = ["down_interruptible", "down_killable", "down_timeout", "sem_timedwait"]


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_that_may_be_ended_comes_in_or_does_not(name: str) -> None:
    gate = PosixSemaphore("gate") if name.startswith("sem") else Semaphore("gate")
    came = Cell("came", "not yet")

    async def let_in() -> None:
        await (gate.sem_post() if isinstance(gate, PosixSemaphore) else gate.up())

    async def wait() -> None:
        await came.write(await getattr(gate, name)())

    for result in (True, False):
        seen = sometimes("seen", lambda s, result=result: s[came] is result)
        assert verdict([gate, came], threads(let_in, wait), seen) is Verdict.HOLDS


@pytest.mark.parametrize(
    ("name", "found"),
    [("down_interruptible", Verdict.FAILS), ("down_timeout", Verdict.HOLDS)],
)
def test_a_signal_need_not_come_but_time_passes(name: str, found: Verdict) -> None:
    gate = Semaphore("gate")

    async def wait() -> None:
        await getattr(gate, name)()

    assert verdict([gate], threads(wait), deadlock_free()) is found

"""The mutex and the spinlock: one owner, who alone may let go."""

from typing import NamedTuple

import pytest

from locking import WAIT, Holding, Misuse, Mutex, Spinlock
from tests.systems import ask


class Kind(NamedTuple):
    """A lock and the names of its operations."""

    lock: Mutex | Spinlock
    acquire: str
    attempt: str
    release: str


KINDS = [
    Kind(Mutex("lock"), "mutex_lock", "mutex_trylock", "mutex_unlock"),
    Kind(Spinlock("lock"), "spin_lock", "spin_trylock", "spin_unlock"),
]
every_lock = pytest.mark.parametrize("kind", KINDS, ids=["mutex", "spinlock"])


@every_lock
def test_a_lock_starts_free(kind):
    assert kind.lock.start is None
    assert kind.lock.holders(kind.lock.start) == ()
    assert kind.lock.show(kind.lock.start) == "free"


@every_lock
def test_a_free_lock_is_taken(kind):
    assert ask(kind.lock, None, kind.acquire) == ("me", None)


@every_lock
def test_a_held_lock_is_waited_for(kind):
    assert ask(kind.lock, "you", kind.acquire) is WAIT


@every_lock
def test_taking_a_lock_twice_is_a_misuse(kind):
    assert ask(kind.lock, "me", kind.acquire) == Misuse("me waits for lock, which it holds itself")


@every_lock
def test_an_attempt_takes_a_free_lock(kind):
    assert ask(kind.lock, None, kind.attempt) == ("me", True)


@every_lock
@pytest.mark.parametrize("owner", ["me", "you"])
def test_an_attempt_on_a_held_lock_returns_false(kind, owner):
    """Also for the owner: it would wait for itself, but an attempt never waits."""
    assert ask(kind.lock, owner, kind.attempt) == (owner, False)


@every_lock
def test_the_owner_lets_go(kind):
    assert ask(kind.lock, "me", kind.release) == (None, None)


@every_lock
@pytest.mark.parametrize(("owner", "who"), [(None, "nobody"), ("you", "you")])
def test_letting_go_of_what_one_does_not_hold_is_a_misuse(kind, owner, who):
    assert ask(kind.lock, owner, kind.release) == Misuse(f"me unlocks lock, which {who} holds")


@every_lock
def test_the_owner_is_the_holder(kind):
    assert kind.lock.holders("me") == (Holding("me", "held by"),)
    assert kind.lock.show("me") == "held by me"


@every_lock
def test_a_region_takes_the_lock_and_lets_go(kind):
    region = kind.lock.hold()
    assert (region.acquire().name, region.release().name) == (kind.acquire, kind.release)

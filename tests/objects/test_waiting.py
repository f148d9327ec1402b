"""Every object that may make a thread wait says how: asleep, or spinning on its processor."""

import inspect
import sys

import pytest

import locking
from locking import Mutex, Object, Seqlock, Spinlock, Waiting, sleeps, spins

KINDS = [
    kind
    for name in locking.__all__
    if isinstance(kind := getattr(locking, name), type) and issubclass(kind, Object)
]


def test_the_tables_of_classes() -> None:
    assert sleeps("a", "b") == {"a": Waiting.SLEEPS, "b": Waiting.SLEEPS}
    assert spins("a", unpreempted=("b",)) == {"a": Waiting.SPINS, "b": Waiting.SPINS_UNPREEMPTED}
    assert Mutex("lock").waiting_in == {"mutex_lock": Waiting.SLEEPS}
    assert Spinlock("lock").waiting_in == {"spin_lock": Waiting.SPINS_UNPREEMPTED}
    assert Seqlock("lock").waiting_in["read_seqbegin"] is Waiting.SPINS


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_is_said_of_operations(kind: type[Object]) -> None:
    for name in kind.waiting_in:
        assert kind.call(name).name == name


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_may_wait_says_how(kind: type[Object]) -> None:
    source = inspect.getsource(sys.modules[kind.__module__])
    # Bases only say what others are, and a specification never waits: it asks another object.
    bases = {Object, locking.Lock, locking.Specification}
    if kind not in bases and " WAIT" in source:
        assert kind.waiting_in

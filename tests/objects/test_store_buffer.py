"""The rule of a store buffer."""

from locking.objects.operation import WAIT
from locking.objects.store_buffer import PendingStore, StoreBuffer

BUFFER = StoreBuffer("t.stores")
ONE, TWO = PendingStore("x", "t", "WRITE_ONCE", (1,)), PendingStore("y", "t", "write", (2,))


def test_what_is_put_comes_out_in_that_order() -> None:
    state, _ = BUFFER.step("put", (), "t", tuple(ONE))
    state, _ = BUFFER.step("put", state, "t", tuple(TWO))
    assert state == (ONE, TWO)
    assert BUFFER.step("take", state, "t.stores", ()) == ((TWO,), ONE)
    assert BUFFER.step("take", (), "t.stores", ()) is WAIT


def test_to_drain_waits_until_nothing_is_pending() -> None:
    assert BUFFER.step("drained", (ONE,), "t", ()) is WAIT
    assert BUFFER.step("drained", (), "t", ()) == ((), None)


def test_to_drain_of_one_object_waits_for_that_alone() -> None:
    assert BUFFER.step("drained_of", (ONE,), "t", ("x",)) is WAIT
    assert BUFFER.step("drained_of", (ONE,), "t", ("y",)) == ((ONE,), None)


def test_what_is_pending_on_an_object_is_told_in_order() -> None:
    assert BUFFER.step("pending", (ONE, TWO, ONE), "t", ("x",)) == ((ONE, TWO, ONE), (ONE, ONE))


def test_it_shows_calls() -> None:
    unlock = PendingStore("lock", "t", "mutex_unlock", ())
    assert BUFFER.show(()) == "empty"
    assert BUFFER.show((ONE, unlock)) == "WRITE_ONCE(x, 1); mutex_unlock(lock)"

"""The rwsem and the percpu_rwsem: many readers or one writer, and who may pass whom."""

import pytest

from locking import WAIT, Fairness, Holding, Misuse, PercpuRwSem, Queue, RwSem, RwState
from tests.systems import ask

FREE = RwState()
I_WRITE, YOU_WRITE = RwState(writer="me"), RwState(writer="you")
I_READ, YOU_READ = RwState(readers=("me",)), RwState(readers=("you",))
READS, WRITES = Holding("other", "read"), Holding("other", "write")
I_WAIT_TO_READ, I_WAIT_TO_WRITE = Holding("me", "read"), Holding("me", "write")

every_fairness = pytest.mark.parametrize(
    "lock", [RwSem("lock", fairness) for fairness in Fairness], ids=[f.name for f in Fairness]
)
passing = RwSem("lock", Fairness.READER_PREFERRING)
blocking = RwSem("lock", Fairness.WRITER_BLOCKS_READERS)
fifo = RwSem("lock", Fairness.FIFO)


def waiting(*queue, state=FREE):
    """`state` with threads in front of the lock."""
    return state._replace(queue=queue)


def must_wait(outcome):
    """Whether an outcome is to wait, with a mark on the lock or without."""
    return outcome is WAIT or isinstance(outcome, Queue)


@every_fairness
def test_a_free_lock_is_taken_for_reading_or_writing(lock):
    assert lock.start == FREE
    assert ask(lock, FREE, "down_read") == (I_READ, None)
    assert ask(lock, FREE, "down_write") == (I_WRITE, None)
    assert ask(lock, FREE, "down_read_trylock") == (I_READ, True)
    assert ask(lock, FREE, "down_write_trylock") == (I_WRITE, True)


@every_fairness
def test_readers_read_together(lock):
    both = RwState(readers=("me", "you"))
    assert ask(lock, YOU_READ, "down_read") == (both, None)
    assert ask(lock, YOU_READ, "down_read_trylock") == (both, True)


@every_fairness
def test_readers_are_kept_sorted_so_that_their_order_makes_no_new_state(lock):
    state, _ = ask(lock, RwState(readers=("b",)), "down_read", "a")
    assert state.readers == ("a", "b")


@every_fairness
def test_a_reader_waits_for_a_writer(lock):
    assert must_wait(ask(lock, YOU_WRITE, "down_read"))
    assert ask(lock, YOU_WRITE, "down_read_trylock") == (YOU_WRITE, False)


@every_fairness
@pytest.mark.parametrize("state", [YOU_READ, YOU_WRITE], ids=["reader", "writer"])
def test_a_writer_waits_for_everybody(lock, state):
    assert must_wait(ask(lock, state, "down_write"))
    assert ask(lock, state, "down_write_trylock") == (state, False)


@every_fairness
def test_a_thread_may_read_twice_and_must_end_both(lock):
    twice, _ = ask(lock, I_READ, "down_read")
    assert twice == RwState(readers=("me", "me"))
    once, _ = ask(lock, twice, "up_read")
    assert once == I_READ
    assert ask(lock, once, "up_read") == (FREE, None)


@every_fairness
def test_ending_a_read_leaves_the_other_readers(lock):
    both = RwState(readers=("me", "you"))
    assert ask(lock, both, "up_read") == (YOU_READ, None)


@every_fairness
def test_a_writer_lets_go(lock):
    assert ask(lock, I_WRITE, "up_write") == (FREE, None)


@every_fairness
@pytest.mark.parametrize(
    ("state", "call", "reason"),
    [
        (I_WRITE, "down_read", "me waits to read lock, which it holds for writing"),
        (I_WRITE, "down_write", "me waits to write lock, which it holds for writing itself"),
        (I_READ, "down_write", "me waits to write lock, which it holds for reading itself"),
        (FREE, "up_read", "me ends a read of lock that it doesn't hold"),
        (YOU_READ, "up_read", "me ends a read of lock that it doesn't hold"),
        (I_WRITE, "up_read", "me ends a read of lock that it doesn't hold"),
        (FREE, "up_write", "me ends a write of lock that it doesn't hold"),
        (YOU_WRITE, "up_write", "me ends a write of lock that it doesn't hold"),
        (I_READ, "up_write", "me ends a write of lock that it doesn't hold"),
        (FREE, "downgrade_write", "me downgrades lock without holding it for writing"),
        (YOU_WRITE, "downgrade_write", "me downgrades lock without holding it for writing"),
        (I_READ, "downgrade_write", "me downgrades lock without holding it for writing"),
    ],
)
def test_a_misuse_says_who_did_what(lock, state, call, reason):
    assert ask(lock, state, call) == Misuse(reason)


@every_fairness
def test_an_attempt_is_never_a_misuse(lock):
    for state in (I_READ, I_WRITE):
        assert ask(lock, state, "down_write_trylock") == (state, False)
    assert ask(lock, I_WRITE, "down_read_trylock") == (I_WRITE, False)


@every_fairness
def test_a_downgraded_writer_reads_at_once(lock):
    assert ask(lock, I_WRITE, "downgrade_write") == (I_READ, None)


@every_fairness
def test_a_downgrade_passes_waiting_writers(lock):
    """It holds the lock, so it has nobody to wait for."""
    state = waiting(WRITES, state=I_WRITE)
    assert ask(lock, state, "downgrade_write") == (waiting(WRITES, state=I_READ), None)


@every_fairness
def test_holders_are_the_writer_or_the_readers(lock):
    assert lock.holders(FREE) == ()
    assert lock.holders(I_WRITE) == (Holding("me", "write"),)
    both = RwState(readers=("me", "you"))
    assert lock.holders(both) == (Holding("me", "read"), Holding("you", "read"))
    assert lock.show(both) == "read me, read you"


def test_who_waits_leaves_no_mark_where_readers_pass():
    assert ask(passing, YOU_WRITE, "down_read") is WAIT
    assert ask(passing, YOU_READ, "down_write") is WAIT


def test_only_writers_leave_a_mark_where_they_block_readers():
    assert ask(blocking, YOU_WRITE, "down_read") is WAIT
    marked = Queue(waiting(I_WAIT_TO_WRITE, state=YOU_READ))
    assert ask(blocking, YOU_READ, "down_write") == marked


def test_everybody_leaves_a_mark_where_the_first_is_served_first():
    assert ask(fifo, YOU_WRITE, "down_read") == Queue(waiting(I_WAIT_TO_READ, state=YOU_WRITE))
    assert ask(fifo, YOU_READ, "down_write") == Queue(waiting(I_WAIT_TO_WRITE, state=YOU_READ))


@pytest.mark.parametrize("lock", [blocking, fifo], ids=["blocking", "fifo"])
def test_who_has_left_a_mark_waits_without_another(lock):
    assert ask(lock, waiting(I_WAIT_TO_WRITE, state=YOU_READ), "down_write") is WAIT


@pytest.mark.parametrize("lock", [blocking, fifo], ids=["blocking", "fifo"])
def test_who_gets_the_lock_leaves_the_queue(lock):
    queue = (I_WAIT_TO_WRITE, WRITES)
    assert ask(lock, waiting(*queue), "down_write") == (waiting(WRITES, state=I_WRITE), None)


def test_a_reader_gets_the_lock_and_leaves_the_queue():
    assert ask(fifo, waiting(I_WAIT_TO_READ, WRITES), "down_read") == (
        waiting(WRITES, state=I_READ),
        None,
    )


@pytest.mark.parametrize("lock", [blocking, fifo], ids=["blocking", "fifo"])
def test_a_waiting_writer_stops_new_readers(lock):
    state = waiting(WRITES, state=YOU_READ)
    assert must_wait(ask(lock, state, "down_read"))
    assert ask(lock, state, "down_read_trylock") == (state, False)


@pytest.mark.parametrize("lock", [blocking, fifo], ids=["blocking", "fifo"])
def test_a_waiting_writer_stops_a_second_read_of_the_same_thread(lock):
    """The known self-deadlock: the writer waits for the first read."""
    assert must_wait(ask(lock, waiting(WRITES, state=I_READ), "down_read"))


def test_readers_pass_where_they_may():
    assert ask(passing, YOU_READ, "down_read") == (RwState(readers=("me", "you")), None)


def test_writers_pass_each_other_where_they_only_block_readers():
    state, _ = ask(blocking, waiting(WRITES), "down_write")
    assert state.writer == "me"
    assert ask(blocking, waiting(WRITES), "down_write_trylock")[1] is True


def test_the_marks_of_writers_that_pass_each_other_are_a_set():
    """Sorted, so that who came first makes no new state."""
    state = waiting(Holding("z", "write"), state=YOU_READ)
    queued = ask(blocking, state, "down_write").state
    assert queued.queue == (I_WAIT_TO_WRITE, Holding("z", "write"))
    assert ask(fifo, state, "down_write").state.queue == (Holding("z", "write"), I_WAIT_TO_WRITE)


def test_the_first_is_served_first():
    assert must_wait(ask(fifo, waiting(WRITES), "down_write"))
    assert must_wait(ask(fifo, waiting(READS), "down_write"))
    assert must_wait(ask(fifo, waiting(WRITES), "down_read"))
    assert ask(fifo, waiting(I_WAIT_TO_WRITE, READS), "down_write")[1] is None
    assert ask(fifo, waiting(READS, I_WAIT_TO_WRITE), "down_write") is WAIT
    assert ask(fifo, waiting(READS), "down_write_trylock") == (waiting(READS), False)


def test_readers_at_the_head_of_the_queue_go_in_together():
    state, _ = ask(fifo, waiting(READS, I_WAIT_TO_READ), "down_read")
    assert state == waiting(READS, state=I_READ)


def test_a_percpu_rwsem_is_an_rwsem_whose_waiting_writer_stops_readers():
    lock = PercpuRwSem("lock")
    assert lock.fairness is Fairness.WRITER_BLOCKS_READERS
    for state in (FREE, I_READ, YOU_READ, I_WRITE, YOU_WRITE, waiting(WRITES, state=YOU_READ)):
        for call in ("down_read", "down_read_trylock", "up_read", "down_write", "up_write"):
            assert ask(lock, state, f"percpu_{call}") == ask(blocking, state, call)


def test_a_percpu_rwsem_has_no_downgrade_and_no_attempt_to_write():
    assert not hasattr(PercpuRwSem, "downgrade_write")
    assert not hasattr(PercpuRwSem, "percpu_down_write_trylock")


def test_regions_take_the_lock_in_their_mode_and_let_go():
    def calls(region):
        return region.mode, region.acquire().name, region.release().name

    percpu = PercpuRwSem("lock")
    assert calls(passing.read()) == ("read", "down_read", "up_read")
    assert calls(passing.write()) == ("write", "down_write", "up_write")
    assert calls(percpu.read()) == ("read", "percpu_down_read", "percpu_up_read")
    assert calls(percpu.write()) == ("write", "percpu_down_write", "percpu_up_write")


def test_who_holds_the_lock_is_shown_and_who_waits_is_not():
    assert fifo.show(waiting(READS, WRITES)) == passing.show(FREE) == "free"
    assert fifo.show(waiting(WRITES, state=YOU_READ)) == "read you"

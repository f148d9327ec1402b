"""What is true of every lock, whatever threads do with it: random walks over the rules."""

from collections import Counter
from inspect import isfunction
from typing import NamedTuple, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import locking
from locking import (
    WAIT,
    Cell,
    Fairness,
    Holding,
    Lock,
    Misuse,
    Monitor,
    Mutex,
    Object,
    PercpuRwSem,
    Processor,
    Queue,
    RangeLock,
    Rcu,
    RecursiveMutex,
    Region,
    RwSem,
    Seqcount,
    Seqlock,
    Spinlock,
    Srcu,
    UpgradableRwLock,
    Verdict,
    WwClass,
    always,
    section,
)
from locking.objects.operation import calls_of
from tests.systems import ask, report, threads

NAMES = ("a", "b", "c")

RWSEM = {
    "down_read": (None, "read"),
    "down_read_trylock": (None, "read"),
    "up_read": ("read", None),
    "down_write": (None, "write"),
    "down_write_trylock": (None, "write"),
    "up_write": ("write", None),
    "downgrade_write": ("write", "read"),
}
UPGRADABLE = {
    "lock_shared": (None, "read"),
    "try_lock_shared": (None, "read"),
    "unlock_shared": ("read", None),
    "lock_upgradable": (None, "upgradable"),
    "try_lock_upgradable": (None, "upgradable"),
    "unlock_upgradable": ("upgradable", None),
    "lock_exclusive": (None, "write"),
    "try_lock_exclusive": (None, "write"),
    "unlock_exclusive": ("write", None),
    "upgrade": ("upgradable", "write"),
    "try_upgrade": ("upgradable", "write"),
    "downgrade": ("write", "read"),
    "downgrade_to_upgradable": ("write", "upgradable"),
    "downgrade_upgradable": ("upgradable", "read"),
}
KINDS = {
    Mutex("mutex"): {
        "mutex_lock": (None, "held by"),
        "mutex_trylock": (None, "held by"),
        "mutex_unlock": ("held by", None),
    },
    Spinlock("spinlock"): {
        "spin_lock": (None, "held by"),
        "spin_trylock": (None, "held by"),
        "spin_unlock": ("held by", None),
    },
    Monitor("monitor"): {
        "enter": (None, "held by"),
        "leave": ("held by", None),
    },
    **{RwSem(fairness.name, fairness): RWSEM for fairness in Fairness},
    PercpuRwSem("percpu"): {
        f"percpu_{name}": modes
        for name, modes in RWSEM.items()
        if name not in ("downgrade_write", "down_write_trylock")
    },
    RecursiveMutex("recursive"): {
        "lock": (None, "held by"),
        "trylock": (None, "held by"),
        "unlock": ("held by", None),
    },
    **{UpgradableRwLock(f"upgradable {each.name}", each): UPGRADABLE for each in Fairness},
    Seqlock("seqlock"): {
        "write_seqlock": (None, "write"),
        "write_sequnlock": ("write", None),
        "read_seqbegin": (None, None),
    },
    Seqcount("seqcount"): {
        "write_seqcount_begin": (None, "write"),
        "write_seqcount_end": ("write", None),
        "read_seqcount_begin": (None, None),
    },
    Rcu("rcu"): {
        "rcu_read_lock": (None, "read"),
        "rcu_read_unlock": ("read", None),
        "synchronize_rcu": (None, None),
    },
    Srcu("srcu"): {
        "srcu_read_lock": (None, "read"),
        "srcu_read_unlock": ("read", None),
        "synchronize_srcu": (None, None),
    },
}
"""Every lock, and of each operation the mode that it needs and the one that it leaves."""

NOT_WALKED = {
    Monitor: {"fall_asleep", "notify", "notify_all", "time_out", "wake_up"},
    Seqlock: {"read_seqretry"},
    Seqcount: {"read_seqcount_retry"},
    Rcu: {
        "begin_callback",
        "begin_free",
        "call_rcu",
        "defer_free",
        "end_callback",
        "rcu_barrier",
    },
    Srcu: {"begin_callback", "call_srcu", "end_callback", "srcu_barrier"},
}
"""Operations that neither take a lock nor let go of it, or have arguments."""

OF_PARTS = {RangeLock, WwClass}
"""Locks of which parts are held, so that operations say of which; they have files of their own.

A `Processor` is held by those who keep others off it, and is no lock."""


class Call(NamedTuple):
    """A thread asks for an operation in a state, and this comes of it."""

    state: object
    thread: str
    name: str
    outcome: object
    after: object


def after(state, outcome):
    """The lock's state once an outcome is had."""
    if outcome is WAIT or isinstance(outcome, Misuse):
        return state
    return outcome.state if isinstance(outcome, Queue) else outcome[0]


def walk(lock, asked):
    """The calls of threads of which each, while it waits, asks for nothing else."""
    state, waiting, calls = lock.start, {}, []
    names = list(KINDS[lock])
    for thread, number in asked:
        name = waiting.get(thread) or names[number % len(names)]
        outcome = ask(lock, state, name, thread)
        waits = outcome is WAIT or isinstance(outcome, Queue)
        waiting[thread] = name if waits else None
        calls.append(Call(state, thread, name, outcome, after(state, outcome)))
        state = calls[-1].after
    return calls


every_lock = pytest.mark.parametrize("lock", KINDS, ids=lambda lock: lock.name)
walks = given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 13)), max_size=40))
quick = settings(max_examples=30, deadline=None)


def held(lock, state):
    """How often every thread holds the lock, in every mode."""
    return Counter(lock.holders(state))


NOT_HELD = {
    locking.AllocatedCell,
    locking.Atomic,
    locking.AutoResetEvent,
    locking.Barrier,
    locking.Cancellation,
    locking.Cell,
    locking.Completion,
    locking.Condition,
    locking.Futex,
    locking.Latch,
    locking.Lifetime,
    locking.ManualResetEvent,
    locking.Parker,
    locking.PercpuRef,
    locking.PosixSemaphore,
    locking.RcuWait,
    locking.Refcount,
    locking.Semaphore,
    locking.Specification,
    locking.Task,
    locking.Tickets,
    locking.WaitQueue,
}
"""Every kind of object that no thread holds; what is in neither list was forgotten."""


def kinds_of_objects() -> set[type[Object]]:
    """All public kinds of object, but for those that others are made of."""
    classes = [each for name in locking.__all__ if isinstance(each := getattr(locking, name), type)]
    return {each for each in classes if issubclass(each, Object)} - {Object, Lock}


def regions(kind: type[Object]) -> list[str]:
    """The names of the regions of a kind of object."""
    made = {name: each for owner in kind.__mro__ for name, each in vars(owner).items()}
    return [
        name
        for name, each in made.items()
        if isfunction(each) and get_type_hints(each).get("return") is Region
    ]


def test_every_lock_is_here():
    """A lock that forgot its `holders` is in neither list, whatever else it has."""
    locks = {type(lock) for lock in KINDS} | OF_PARTS | {Processor}
    assert kinds_of_objects() == locks | NOT_HELD
    assert not locks & NOT_HELD


@pytest.mark.parametrize("lock", KINDS, ids=lambda lock: lock.name)
def test_every_operation_of_a_lock_is_here(lock):
    """An operation in neither list is tried by no test of this file."""
    assert {*KINDS[lock], *NOT_WALKED.get(type(lock), ())} == set(calls_of(type(lock)))


@pytest.mark.parametrize("lock", KINDS, ids=lambda lock: lock.name)
def test_a_lock_that_nobody_holds_can_be_had(lock):
    """An attempt that never succeeds would be safe, and of no use."""
    for name, (needs, leaves) in KINDS[lock].items():
        if leaves and not needs:
            state, result = ask(lock, lock.start, name, "a")
            assert Holding("a", leaves) in lock.holders(state) and result is not False, name


@pytest.mark.parametrize("lock", KINDS, ids=lambda lock: lock.name)
def test_a_region_holds_its_lock_and_lets_go_of_it(lock):
    cell = Cell("cell", 0)

    async def enters():
        for name in regions(type(lock)):
            async with getattr(lock, name)(), section("inside"):
                await cell.read()

    held = always("held", lambda s: not s.inside("inside") or s.held_by(lock))
    found = report([lock, cell], threads(enters), [held] if regions(type(lock)) else [])
    assert {each.verdict for each in found.results} <= {Verdict.HOLDS}


@pytest.mark.parametrize(
    "kind", sorted(kinds_of_objects(), key=str), ids=lambda kind: kind.__name__
)
def test_what_a_thread_can_be_inside_says_who_holds_it(kind):
    is_held = kind.holders is not Object.holders
    assert is_held == (kind not in NOT_HELD)
    if issubclass(kind, Lock) or regions(kind):
        assert is_held


@every_lock
@quick
@walks
def test_a_writer_is_alone(lock, asked):
    for call in walk(lock, asked):
        holders = lock.holders(call.after)
        writers = [each for each in holders if each.mode not in ("read", "upgradable")]
        assert not writers or len(set(holders)) == 1  # one may hold a recursive lock twice


@every_lock
@quick
@walks
def test_a_lock_says_of_what_waits_how_it_does(lock, asked):
    waiting = {call.name for call in walk(lock, asked) if call.outcome is WAIT}
    waiting |= {call.name for call in walk(lock, asked) if isinstance(call.outcome, Queue)}
    assert waiting <= set(lock.waiting_in)


@every_lock
@quick
@walks
def test_one_reader_at_most_is_upgradable(lock, asked):
    for call in walk(lock, asked):
        assert [each.mode for each in lock.holders(call.after)].count("upgradable") <= 1


@every_lock
@quick
@walks
def test_what_is_given_up_was_held_and_what_is_taken_is_held(lock, asked):
    for call in walk(lock, asked):
        needs, leaves = KINDS[lock][call.name]
        before = held(lock, call.state)
        expected = Counter(before)
        if isinstance(call.outcome, tuple) and not isinstance(call.outcome, (Queue, Misuse)):
            taken = call.outcome[1] is not False  # an attempt that returns False changes nothing
            if needs and not (taken or leaves is None):
                assert held(lock, call.after) == before
                continue
            if needs:
                assert before[Holding(call.thread, needs)]
                expected[Holding(call.thread, needs)] -= 1
            if leaves and taken:
                expected[Holding(call.thread, leaves)] += 1
        assert held(lock, call.after) == expected


@every_lock
@quick
@walks
def test_giving_up_what_is_not_held_is_a_misuse(lock, asked):
    for call in walk(lock, asked):
        needs, _ = KINDS[lock][call.name]
        if needs and not held(lock, call.state)[Holding(call.thread, needs)]:
            assert isinstance(call.outcome, Misuse)


@every_lock
@quick
@walks
def test_a_call_changes_nothing_that_it_was_given_and_always_does_the_same(lock, asked):
    for call in walk(lock, asked):
        assert ask(lock, call.state, call.name, call.thread) == call.outcome


def let_go(lock, state, but=None):
    """The state once every holder, `but` one, has ended every hold."""
    release = {needs: name for name, (needs, leaves) in KINDS[lock].items() if not leaves}
    for holding in lock.holders(state):
        if holding.thread == but:
            continue
        state, _ = ask(lock, state, release[holding.mode], holding.thread)
    return state


def drain(lock, state, me):
    """The state once those who queued up before `me` have come and gone."""
    for waiter in getattr(state, "queue", ()):
        if waiter.thread == me:
            break
        name = next(name for name, modes in KINDS[lock].items() if modes == (None, waiter.mode))
        state, _ = ask(lock, state, name, waiter.thread)
        state = let_go(lock, state)
    return state


@every_lock
@quick
@walks
def test_who_waits_goes_on_once_the_holders_let_go(lock, asked):
    for call in walk(lock, asked):
        if call.outcome is WAIT or isinstance(call.outcome, Queue):
            if KINDS[lock][call.name][0]:  # who upgrades goes on holding, and passes everybody
                state = let_go(lock, call.after, call.thread)
            else:
                state = drain(lock, let_go(lock, call.after), call.thread)
            assert isinstance(ask(lock, state, call.name, call.thread), tuple)
            assert ask(lock, state, call.name, call.thread)[1] is not False


@every_lock
@quick
@walks
def test_a_queue_holds_only_threads_that_wait(lock, asked):
    waiting = set()
    for call in walk(lock, asked):
        waits = call.outcome is WAIT or isinstance(call.outcome, Queue)
        waiting = waiting | {call.thread} if waits else waiting - {call.thread}
        queue = getattr(call.after, "queue", ())
        assert {waiter.thread for waiter in queue} <= waiting
        assert len({waiter.thread for waiter in queue}) == len(queue)


def granted(lock, asked, mode):
    """The calls that had the lock in `mode`."""
    return [
        call
        for call in walk(lock, asked)
        if held(lock, call.after)[Holding(call.thread, mode)]
        > held(lock, call.state)[Holding(call.thread, mode)]
        and KINDS[lock][call.name][0] is None
    ]


@pytest.mark.parametrize(
    "lock",
    [lock for lock in KINDS if lock.name in ("WRITER_BLOCKS_READERS", "FIFO", "percpu")],
    ids=lambda lock: lock.name,
)
@quick
@walks
def test_no_reader_passes_a_writer_that_waits(lock, asked):
    for call in granted(lock, asked, "read"):
        ahead = [waiter.thread for waiter in call.state.queue if waiter.mode == "write"]
        if lock.fairness is Fairness.FIFO and Holding(call.thread, "read") in call.state.queue:
            mine = call.state.queue.index(Holding(call.thread, "read"))
            ahead = [w.thread for w in call.state.queue[:mine] if w.mode == "write"]
        assert not ahead


@quick
@walks
def test_no_writer_passes_anybody_where_the_first_is_served_first(asked):
    (lock,) = (lock for lock in KINDS if lock.name == "FIFO")
    for call in granted(lock, asked, "write"):
        assert not call.state.queue or call.state.queue[0].thread == call.thread

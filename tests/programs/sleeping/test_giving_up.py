"""Waits that a signal, time or a cancellation ends, of every object that may be waited for."""

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from locking import (
    WAIT,
    Cancellation,
    Cell,
    Completion,
    Fairness,
    Holding,
    Latch,
    ManualResetEvent,
    Monitor,
    Mutex,
    Object,
    Outcome,
    PercpuRwSem,
    Queue,
    RangeLock,
    Rcu,
    RecursiveMutex,
    RwSem,
    RwState,
    Semaphore,
    Spinlock,
    System,
    Thread,
    UpgradableRwLock,
    Verdict,
    deadlock_free,
    happens_before_race_free,
    interruptible,
    never,
    no_misuse,
    operation,
    sometimes,
    timed,
)
from locking.errors import ModelError
from locking.programs.sleeping.giving_up import keeps_queue
from tests.objects.every_way import answer
from tests.systems import ask, report, threads, verdict

HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS
cancellation, said = Cancellation("cancellation"), Cell("said", "not yet")

Wait = Callable[..., Coroutine[Any, Any, bool]]
ENDED: list[Wait] = [interruptible, timed, cancellation.wait]
every_end = pytest.mark.parametrize("ended", ENDED, ids=["signal", "time", "cancellation"])


class Kind(NamedTuple):
    """An object, the operation that waits for it, and the one that lets a thread go on.

    `held` are the operations of who holds it meanwhile, where they are others.
    """

    waited: Object
    wait: str
    let: str
    args: tuple[int, ...] = ()
    held: tuple[str, str] | None = None


WRITING = "down_write", "up_write"

KINDS = [
    Kind(Mutex("mutex"), "mutex_lock", "mutex_unlock"),
    Kind(Spinlock("spinlock"), "spin_lock", "spin_unlock"),
    Kind(RecursiveMutex("recursive"), "lock", "unlock"),
    Kind(Monitor("monitor"), "enter", "leave"),
    *(Kind(RwSem(f"write {each.name}", each), "down_write", "up_write") for each in Fairness),
    *(
        Kind(RwSem(f"read {each.name}", each), "down_read", "up_read", held=WRITING)
        for each in Fairness
    ),
    Kind(PercpuRwSem("percpu"), "percpu_down_write", "percpu_up_write"),
    *(
        Kind(
            UpgradableRwLock(f"upgradable {each.name}", each), "lock_exclusive", "unlock_exclusive"
        )
        for each in Fairness
    ),
    Kind(RangeLock("range", 2, Fairness.FIFO), "range_write_lock", "range_write_unlock", (0, 2)),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.waited.name)

GATES = [
    Kind(Completion("completion"), "wait_for_completion", "complete"),
    Kind(Semaphore("semaphore"), "down", "up"),
    Kind(ManualResetEvent("event"), "wait", "set"),
    Kind(Latch("latch", 1), "wait", "count_down"),
]


def holder_and_waiter(kind: Kind, ended: Wait) -> list[Thread]:
    """One that holds a lock for a while, one whose wait may end, and one that cancels it."""
    lock, wait, let, args, held = kind
    take, let_go = held or (wait, let)

    async def hold() -> None:
        await getattr(lock, take)(*args)
        await getattr(lock, let_go)(*args)

    async def give_up() -> None:
        got = await ended(getattr(lock, wait), *args)
        await said.WRITE_ONCE("got it" if got else "gave up")
        if got:
            await getattr(lock, let)(*args)

    async def cancel() -> None:
        await cancellation.cancel()

    return threads(hold, give_up, cancel)


@every_kind
@every_end
def test_a_wait_ends_either_way_and_leaves_nothing_behind(kind: Kind, ended: Wait) -> None:
    properties = [
        sometimes("got", lambda s: s[said] == "got it"),
        sometimes("gave-up", lambda s: s[said] == "gave up"),
        never("queued", lambda s: s[said] == "gave up" and in_queue(s[kind.waited])),
        deadlock_free(),
    ]
    objects = [kind.waited, cancellation, said]
    found = report(objects, holder_and_waiter(kind, ended), properties)
    assert {each.claim.name: each.verdict for each in found.results} == {
        "got": HOLDS,
        "gave-up": HOLDS,
        "queued": HOLDS,
        "deadlock-free": HOLDS,
    }


def in_queue(state: Any) -> bool:
    """Whether b waits in the queue of a lock."""
    return "b" in {each.thread for each in getattr(state, "queue", ())}


@pytest.mark.slow
@every_kind
@every_end
def test_every_engine_and_every_reduction_says_so(kind: Kind, ended: Wait) -> None:
    gave_up = never("gave-up", lambda s: s[said] == "gave up")
    found = answer(
        lambda: System(
            [kind.waited, cancellation, said],
            holder_and_waiter(kind, ended),
            [gave_up, deadlock_free()],
        )
    )
    assert [each for each, _ in found] == [FAILS, HOLDS]


def test_every_engine_and_every_reduction_says_so_of_an_rwsem() -> None:
    gave_up = never("gave-up", lambda s: s[said] == "gave up")
    kind = Kind(RwSem("lock", Fairness.FIFO), "down_write", "up_write")
    found = answer(
        lambda: System(
            [kind.waited, cancellation, said],
            holder_and_waiter(kind, cancellation.wait),
            [gave_up, deadlock_free()],
        )
    )
    assert [each for each, _ in found] == [FAILS, HOLDS]


@pytest.mark.parametrize("kind", GATES, ids=lambda kind: kind.waited.name)
@every_end
def test_who_is_let_in_sees_what_was_done_before(kind: Kind, ended: Wait) -> None:
    gate, wait, let, args, _ = kind
    data = Cell("data", 0)

    async def send() -> None:
        await data.write(1)
        await getattr(gate, let)()

    async def receive() -> None:
        if await ended(getattr(gate, wait), *args):
            await data.read()

    objects = [gate, data, cancellation]
    assert verdict(objects, threads(send, receive), happens_before_race_free()) is HOLDS


@pytest.mark.parametrize("kind", GATES, ids=lambda kind: kind.waited.name)
def test_who_gives_up_sees_nothing(kind: Kind) -> None:
    gate, wait, let, args, _ = kind
    data = Cell("data", 0)

    async def send() -> None:
        await data.write(1)
        await getattr(gate, let)()

    async def receive() -> None:
        await timed(getattr(gate, wait), *args)
        await data.read()

    assert verdict([gate, data], threads(send, receive), happens_before_race_free()) is FAILS


@pytest.mark.parametrize(
    ("ended", "found"), [(interruptible, FAILS), (timed, HOLDS), (cancellation.wait, FAILS)]
)
@pytest.mark.parametrize("fairness", Fairness)
def test_no_signal_need_come_and_nobody_need_cancel_but_time_passes(
    ended: Wait, found: Verdict, fairness: Fairness
) -> None:
    lock = RwSem("lock", fairness)

    async def hold() -> None:
        await lock.down_read()

    async def wait() -> None:
        if await ended(lock.down_write):
            await lock.up_write()

    objects = [lock, cancellation]
    assert verdict(objects, threads(hold, wait), deadlock_free()) is found


@every_end
def test_what_can_be_had_at_once_is_had(ended: Wait) -> None:
    lock = RwSem("lock", Fairness.FIFO)

    async def alone() -> None:
        got = await ended(lock.down_write)
        await said.WRITE_ONCE(got)

    refused = sometimes("refused", lambda s: s[said] is False)
    assert verdict([lock, said, cancellation], threads(alone), refused) is FAILS


def test_a_reader_that_tries_is_refused_for_a_writer_that_then_gives_up() -> None:
    """The mark in the queue is seen by others, even where the writer never has the lock."""
    lock = RwSem("lock", Fairness.WRITER_BLOCKS_READERS)

    async def read() -> None:
        await lock.down_read()

    async def write() -> None:
        if await lock.down_write_killable():
            await lock.up_write()

    async def look() -> None:
        await said.WRITE_ONCE(await lock.down_read_trylock())

    refused = sometimes("refused", lambda s: s[said] is False and s[lock].readers == ("a",))
    assert verdict([lock, said], threads(read, write, look), refused) is HOLDS


@every_end
@pytest.mark.parametrize("fairness", Fairness)
def test_who_gives_up_to_upgrade_goes_on_as_it_was_and_keeps_no_reader_out(
    ended: Wait, fairness: Fairness
) -> None:
    lock = UpgradableRwLock("lock", fairness)

    async def upgrade() -> None:
        await lock.lock_upgradable()
        if await ended(lock.upgrade):
            await lock.unlock_exclusive()
        else:
            await lock.unlock_upgradable()

    async def read() -> None:
        async with lock.read():
            await said.READ_ONCE()

    async def cancel() -> None:
        await cancellation.cancel()

    running = threads(upgrade, read, read, cancel)
    for property_ in (deadlock_free(), no_misuse()):
        assert verdict([lock, said, cancellation], running, property_) is HOLDS


def test_asking_takes_the_step_or_queues_up() -> None:
    lock = RwSem("lock", Fairness.FIFO)
    reading = RwState(readers=("you",))
    queued = reading._replace(queue=(Holding("me", "write"),))
    assert ask(lock, RwState(), "ask down_write") == (RwState(writer="me"), None)
    assert ask(lock, reading, "ask down_write") == (queued, WAIT)
    assert ask(lock, queued, "ask down_write") == (queued, WAIT)
    assert ask(lock, queued, "leave_queue") == (reading, None)
    assert repr(WAIT) == "WAIT"


def test_locks_without_a_queue_are_left_without_a_step() -> None:
    assert not keeps_queue(Mutex("lock"))
    assert keeps_queue(RwSem("lock"))


def test_who_no_longer_waits_for_readers_is_forgotten() -> None:
    rcu = Rcu("rcu")
    reading: Any = ask(rcu, rcu.start, "rcu_read_lock", "you")[0]  # type: ignore[index]
    asked: Any = ask(rcu, reading, "ask synchronize_rcu")
    assert asked[1] is WAIT
    assert asked[0] != reading
    assert ask(rcu, asked[0], "leave_queue") == (reading, None)


class Fair(Object):
    """A lock of one's own that keeps a queue, and does not say how it is left."""

    @operation
    def lock(self, queue: tuple[str, ...] | None, me: str) -> Outcome:
        return Queue((*(queue or ()), me)) if me not in (queue or ()) else WAIT


fair, lock, latch = Fair("fair"), Mutex("lock"), Latch("latch", 0)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (lambda: timed(fair.lock), "keeps who waits, .* define `without_waiter"),
        (lambda: timed(lock.mutex_lock()), "is no wait that can be given up"),
        (lambda: interruptible(lock.mutex_lock_killable), "write an operation that is"),
        (lambda: timed(latch.try_wait), "returned True, which would be lost"),
        (lambda: cancellation.wait(3), "3 is no wait that can be given up"),
    ],
)
def test_what_can_not_be_given_up_is_refused(program: Callable[[], Any], says: str) -> None:
    async def wait() -> None:
        await program()

    with pytest.raises(ModelError, match=says):
        report([fair, lock, latch, cancellation], threads(wait))

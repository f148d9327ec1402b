"""Deadlock: for everybody, for some, and in words."""

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    Object,
    Outcome,
    PercpuRwSem,
    Queue,
    RwSem,
    System,
    Thread,
    Verdict,
    assertions,
    atomic,
    choose,
    deadlock_free,
    forever,
    operation,
    retry,
)
from locking.check import check
from locking.explore.product import Move, Product, State
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties.deadlock import anybody_stuck
from locking.report.sentences import diagnosis
from locking.verdicts import Options, Result
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked

A, B, C = Mutex("a"), Mutex("b"), Mutex("c")
X = Cell("x", 0)
R = RwSem("r")
DONE = Completion("done")
OBJECTS: tuple[Object, ...] = (A, B, C, X, R, DONE)


@pytest.fixture(params=[True, False], ids=["merged", "unmerged"])
def way(request: pytest.FixtureRequest) -> bool:
    """Whether threads are merged."""
    return bool(request.param)


def judged(way: bool, *threads: Thread) -> Result:
    """The verdict."""
    return checked(System(OBJECTS, threads, [deadlock_free()]), minimise=way).results[0]


async def nested(first: Mutex, second: Mutex) -> None:
    """Two locks, one inside the other."""
    async with first.hold(), second.hold():
        await X.WRITE_ONCE(1)


async def polling() -> None:
    """A loop without end."""
    await forever(X.READ_ONCE)


async def waiting() -> None:
    """Wait for what nobody says."""
    await DONE.wait_for_completion()


def test_locks_in_one_order_never_deadlock(way: bool) -> None:
    """The thread that has the first lock gets the second."""
    threads = [Thread(name, nested, (A, B)) for name in "tu"]
    assert judged(way, *threads).verdict is Verdict.HOLDS


def test_a_cycle_of_two_is_told(way: bool) -> None:
    """Who waits for what, and who holds it."""
    result = judged(way, Thread("t", nested, (A, B)), Thread("u", nested, (B, A)))
    assert (result.verdict, len(result.choices or ())) == (Verdict.FAILS, 2)
    assert result.finding
    assert result.finding.says == ("deadlock: t waits for b, held by u; u waits for a, held by t")


def test_a_cycle_of_three_is_told(way: bool) -> None:
    """Round the whole circle."""
    result = judged(
        way,
        Thread("t", nested, (A, B)),
        Thread("u", nested, (B, C)),
        Thread("v", nested, (C, A)),
    )
    assert len(result.choices or ()) == 3
    assert result.finding
    assert result.finding.says == (
        "deadlock: t waits for b, held by u; u waits for c, held by v; v waits for a, held by t"
    )


@pytest.mark.parametrize("daemon", [True, False])
def test_a_partial_deadlock_is_found_while_another_goes_on(way: bool, daemon: bool) -> None:
    """A loop that never ends hides nothing."""
    result = judged(
        way,
        Thread("t", nested, (A, B)),
        Thread("u", nested, (B, A)),
        Thread("poll", polling, daemon=daemon),
    )
    assert (result.verdict, len(result.choices or ())) == (Verdict.FAILS, 2)


def test_a_lock_that_is_never_given_back_is_found(way: bool) -> None:
    """The other waits for good, though nobody waits for it."""

    async def keep() -> None:
        await A.mutex_lock()

    result = judged(way, Thread("keep", keep), Thread("t", nested, (A, B)))
    assert (result.verdict, len(result.choices or ())) == (Verdict.FAILS, 1)
    assert result.finding
    assert "t waits for a, held by keep" in result.finding.says


def test_a_daemon_may_wait_for_good(way: bool) -> None:
    """It need not end; others must."""
    assert judged(way, Thread("d", waiting, daemon=True)).verdict is Verdict.HOLDS
    assert judged(way, Thread("d", waiting)).verdict is Verdict.FAILS


def test_a_thread_that_polls_is_not_deadlocked(way: bool) -> None:
    """It takes steps for ever: that is a question of liveness."""

    async def poll() -> None:
        async def attempt() -> int | None:
            return await X.READ_ONCE() or None

        await retry(attempt)

    assert judged(way, Thread("p", poll)).verdict is Verdict.HOLDS


def test_a_run_that_breaks_off_is_no_deadlock(way: bool) -> None:
    """What its threads would have done is not known."""

    async def breaks() -> None:
        async with A.hold():
            assert await X.read()

    threads = [Thread("t", breaks), Thread("u", breaks)]
    system = System(OBJECTS, threads, [deadlock_free(), assertions()])
    verdicts = [each.verdict for each in checked(system, minimise=way).results]
    assert verdicts == [Verdict.HOLDS, Verdict.FAILS]


def test_an_atomic_block_that_can_never_be_taken_whole_waits(way: bool) -> None:
    """It begins only where none of its steps waits."""

    async def block() -> None:
        async with atomic():
            await X.WRITE_ONCE(await choose(1, 2))
            await DONE.wait_for_completion()

    result = judged(way, Thread("t", block))
    assert (result.verdict, result.path) == (Verdict.FAILS, "toy:only::deadlock-free::-")
    assert result.finding
    assert "t waits for done" in result.finding.says


def test_an_atomic_block_takes_the_way_that_is_free(way: bool) -> None:
    """Where a choice decides, the one that does not wait is taken."""

    async def block() -> None:
        async with atomic():
            if await choose(True, False):
                await DONE.wait_for_completion()

    assert judged(way, Thread("t", block)).verdict is Verdict.HOLDS


class Queueing(Object):
    """A lock whose rule says `Queue` also to who stands in the queue already."""

    @operation
    def lock(self, state: tuple[str, ...], me: str) -> Outcome:
        """The first in the queue is the owner."""
        queue = state if me in state else (*state, me)
        return Queue(queue) if queue[0] != me else (queue, None)


def test_who_queues_again_takes_no_step_and_waits(way: bool) -> None:
    """Else it would go round for ever, and not be stuck."""
    queueing = Queueing("q", ())

    async def work() -> None:
        await queueing.lock()

    threads = [Thread("t", work), Thread("u", work)]
    found = checked(System([queueing], threads, [deadlock_free()]), minimise=way)
    (result,) = found.results
    assert (result.verdict, result.path) == (Verdict.FAILS, "toy:only::deadlock-free::a1")
    assert found.interleavings == 2
    assert result.finding
    assert "waits for q" in result.finding.says


class Rotating(Object):
    """A lock that was never let go of; whoever asks again goes to the back of the queue."""

    @operation
    def take(self, queue: tuple[str, ...], me: str) -> Outcome:
        """Queue up anew at every look."""
        return Queue((*(each for each in queue if each != me), me))


def rotating() -> System:
    """Two threads that queue up for ever."""
    lock = Rotating("lock", ())

    async def wait() -> None:
        await lock.take()

    return System([lock], [Thread("t", wait), Thread("u", wait)], [deadlock_free()])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_who_goes_to_the_back_of_the_queue_for_ever_waits(engine: str, reduction: str) -> None:
    """The queue is another one after each look, and yet nobody goes on."""
    report = check(case_of(rotating()), options=Options(engine, reduction=reduction))
    (result,) = report.results
    assert (result.verdict, result.path) == (Verdict.FAILS, "toy:only::deadlock-free::-")
    assert result.finding
    assert dict(result.finding.waits) == {
        "t": "waits in take(lock)",
        "u": "waits in take(lock)",
    }


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_threads_that_queue_for_each_other_are_all_told(engine: str, reduction: str) -> None:
    """A thread that could only queue up waits already."""
    locks = PercpuRwSem("a"), PercpuRwSem("b")

    async def take(first: PercpuRwSem, second: PercpuRwSem) -> None:
        async with first.write(), second.write():
            pass

    threads = [Thread("t", take, locks), Thread("u", take, locks[::-1])]
    system = System(locks, threads, [deadlock_free()])
    (result,) = check(case_of(system), options=Options(engine, reduction=reduction)).results
    assert result.finding
    assert result.finding.says == "deadlock: t waits for b, held by u; u waits for a, held by t"


def test_confirming_a_deadlock_ends_however_large_what_follows_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Others go on behind it: of what they do, only so many states are gone through."""
    asked = []
    moves = Product.moves

    def counted(product: Product, state: State) -> list[Move]:
        asked.append(state)
        return moves(product, state)

    async def other() -> None:
        for _ in range(6):
            await choose(0, 1)

    threads = [Thread("t", nested, (A, B)), Thread("u", nested, (B, A))]
    threads += [Thread(name, other) for name in "vw"]
    system = System(OBJECTS, threads, [deadlock_free()])
    product = system.product()
    state = product.initial
    for thread in (0, 1):
        state = next(target for who, _, target in product.moves(state) if who == thread)
    monkeypatch.setattr(Product, "moves", counted)
    monkeypatch.setattr("locking.properties.deadlock.MOST_CONFIRMING", 100)
    assert anybody_stuck(product, state)
    assert len(asked) <= 101
    assert not anybody_stuck(product, product.initial)
    assert len(asked) <= 202


def test_a_lock_held_by_no_thread_of_the_system_is_told(way: bool) -> None:
    """No thread releases a lock that firmware holds at the start."""
    system = System([A], [Thread("t", nested, (A, A))], [deadlock_free()], {A: "firmware"})
    (result,) = checked(system, minimise=way).results
    assert diagnosis(case_of(system), "deadlock-free", result.choices or ()) == (
        "t waits for a, held from the start by firmware, which is no thread of this system, "
        "and no thread can take a step."
    )

"""Races by happens-before: every form of order, against runs written out, and errors planted."""

from collections.abc import Callable, Coroutine, Iterator
from random import Random
from typing import Any

import pytest

from locking import (
    WAIT,
    Atomic,
    Cell,
    Completion,
    Holding,
    Mutex,
    Object,
    Order,
    Outcome,
    PercpuRwSem,
    Refcount,
    RwSem,
    Seqcount,
    Seqlock,
    Spinlock,
    System,
    Thread,
    Verdict,
    access,
    atomic,
    choose,
    data_race_free,
    happens_before_race_free,
    operation,
    ordered,
    retry,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties import ordering
from locking.properties.ordering import RunMonitor, Taken
from locking.verdicts import Limits, Options
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked, cost
from tests.properties.unordered import drawn, shortest_race, system_of

Program = Callable[[], Coroutine[Any, Any, Any]]

DATA, FLAG, OTHER = Cell("data", 0), Cell("flag", 0), Cell("other", 0)
M, N, R, P = Mutex("m"), Spinlock("n"), RwSem("r"), PercpuRwSem("p")
C, A, F = Completion("c"), Atomic("a"), Refcount("f", 2)
SEQ, COUNT = Seqlock("seq"), Seqcount("count")


class Semaphore(Object):
    """A lock of one's own that has holders. State: who is inside; `room` may be."""

    def __init__(self, name: str, room: int, mode: str) -> None:
        super().__init__(name, ())
        self.room = room
        self.mode = mode

    @operation
    def down(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Come in, or wait."""
        return ((*inside, me), None) if len(inside) < self.room else WAIT

    @operation
    def up(self, inside: tuple[str, ...], me: str) -> Outcome:
        """Leave."""
        return tuple(each for each in inside if each != me), None

    def holders(self, inside: tuple[str, ...]) -> tuple[Holding, ...]:
        """Who is inside."""
        return tuple(Holding(each, self.mode) for each in inside)


class Latch(Object):
    """A lock of one's own without holders, which says itself what it orders. State: whether set."""

    @ordered(Order(releases=True))
    @operation
    def set(self, up: int, me: str) -> Outcome:
        """Let everybody pass."""
        return 1, None

    @ordered(lambda passed, _: Order(acquires=bool(passed)))
    @operation
    def test(self, up: int, me: str) -> Outcome:
        """Whether it is set."""
        return up, bool(up)

    @operation
    def test_relaxed(self, up: int, me: str) -> Outcome:
        """Whether it is set; nothing is declared about its order."""
        return up, bool(up)


class Word(Object):
    """Memory of one's own: an access of which nothing more is said orders nothing."""

    @access(writes=True, marked=True)
    def swap(self, value: int, me: str) -> Outcome:
        """The value before; it is 1 now."""
        return 1, value


PLACE, ROOM, LATCH, WORD = (
    Semaphore("place", 1, "it"),
    Semaphore("room", 1, "read"),
    *(
        Latch("latch", 0),
        Word("word", 0),
    ),
)
ALL = [DATA, FLAG, OTHER, M, N, R, P, C, A, F, SEQ, COUNT, PLACE, ROOM, LATCH, WORD]


def told(says: Callable[[], Any], asks: Callable[[], Any]) -> tuple[Program, Program]:
    """Message passing: a plain store, then `says`; who is answered by `asks` reads."""

    async def sender() -> None:
        await DATA.write(1)
        await says()

    async def receiver() -> None:
        if await asks():
            await DATA.read()

    return sender, receiver


def within(begin: Callable[[], Any], end: Callable[[], Any], program: Program) -> Program:
    """The program between two operations."""

    async def work() -> None:
        await begin()
        await program()
        await end()

    return work


def both(
    says: Callable[[], Any], asks: Callable[[], Any], *ends: Callable[[], Any]
) -> tuple[Program, Program]:
    """Message passing by a flag that is relaxed, with regions around the plain accesses alone.

    `says` and `asks` begin the region of the sender and that of the receiver, `ends` end them.
    """

    async def sender() -> None:
        await within(says, ends[0], write)()
        await FLAG.WRITE_ONCE(1)

    async def receiver() -> None:
        if await FLAG.READ_ONCE():
            await within(asks, ends[-1], read)()

    return sender, receiver


async def read() -> None:
    await DATA.read()


async def write() -> None:
    await DATA.write(1)


async def read_once() -> None:
    await DATA.READ_ONCE()


async def write_once() -> None:
    await DATA.WRITE_ONCE(1)


async def swapped() -> bool:
    """A `cmpxchg` that says whether it has swapped."""
    return await A.atomic_cmpxchg(1, 2) == 1


async def failed_swap() -> bool:
    """A `cmpxchg` that fails, and sees so that the value is 1."""
    return await A.atomic_cmpxchg(5, 6) == 1


async def set_up() -> None:
    await A.atomic_set(1)


async def add_return() -> bool:
    return await A.atomic_add_return(1) == 2


async def fetch_add() -> bool:
    return await A.atomic_fetch_add(1) == 1


async def counted() -> bool:
    """Whether the sender was there, by an operation that returns nothing and one that does."""
    await A.atomic_inc()
    return await A.atomic_read() == 2


async def overwritten() -> None:
    """A release, whose value the same thread writes over."""
    await FLAG.smp_store_release(1)
    await FLAG.WRITE_ONCE(2)


async def released_and_counted() -> None:
    """A release, then an atomic operation that orders nothing and keeps what was published."""
    await A.atomic_inc_return()
    await A.atomic_inc()


async def after_two() -> bool:
    return await A.atomic_xchg(0) == 2


async def completed_twice() -> None:
    await C.complete()
    await C.complete()


async def restarted() -> None:
    await C.complete_all()
    await C.reinit_completion()


async def passed() -> bool:
    await C.wait_for_completion()
    return True


async def reader_section() -> None:
    await SEQ.read_seqbegin()
    await DATA.read()


ORDERED: dict[str, tuple[Program, Program, bool]] = {
    "nothing": (write, read, True),
    "two reads": (read, read, False),
    "marked accesses": (write_once, read_once, False),
    "a marked and a plain one": (write_once, read, True),
    "a plain and a marked one": (write, read_once, True),
    "READ_ONCE": (*told(lambda: FLAG.WRITE_ONCE(1), FLAG.READ_ONCE), True),
    "plain flag": (*told(lambda: FLAG.write(1), FLAG.read), True),
    "release and acquire": (*told(lambda: FLAG.smp_store_release(1), FLAG.smp_load_acquire), False),
    "release alone": (*told(lambda: FLAG.smp_store_release(1), FLAG.READ_ONCE), True),
    "acquire alone": (*told(lambda: FLAG.WRITE_ONCE(1), FLAG.smp_load_acquire), True),
    "a release written over": (*told(overwritten, FLAG.smp_load_acquire), True),
    "completion": (*told(C.complete, passed), False),
    "completion of all": (*told(C.complete_all, passed), False),
    "completed twice": (*told(completed_twice, passed), False),
    "completion tried": (*told(C.complete, C.try_wait_for_completion), False),
    "add_return": (*told(lambda: A.atomic_add_return(1), add_return), False),
    "fetch_add": (*told(lambda: A.atomic_fetch_add(1), fetch_add), False),
    "xchg": (*told(lambda: A.atomic_xchg(1), lambda: A.atomic_xchg(0)), False),
    "inc": (*told(A.atomic_inc, counted), True),
    "set and xchg": (*told(set_up, lambda: A.atomic_xchg(0)), True),
    "cmpxchg that swaps": (*told(A.atomic_inc_return, swapped), False),
    "cmpxchg that fails": (*told(A.atomic_inc_return, failed_swap), True),
    "release kept by inc": (*told(released_and_counted, after_two), False),
    "last reference": (*told(F.refcount_dec_and_test, F.refcount_dec_and_test), False),
    "reference taken": (*told(F.refcount_inc, F.refcount_inc_not_zero), True),
    "mutex": (*both(M.mutex_lock, M.mutex_lock, M.mutex_unlock), False),
    "mutex tried": (*both(M.mutex_trylock, M.mutex_lock, M.mutex_unlock), False),
    "spinlock": (*both(N.spin_lock, N.spin_lock, N.spin_unlock), False),
    "two locks": (*both(M.mutex_lock, N.spin_lock, M.mutex_unlock, N.spin_unlock), True),
    "writer, reader": (*both(R.down_write, R.down_read, R.up_write, R.up_read), False),
    "writer, writer": (*both(R.down_write, R.down_write, R.up_write), False),
    "reader, writer": (*both(R.down_read, R.down_write, R.up_read, R.up_write), False),
    "reader, reader": (*both(R.down_read, R.down_read, R.up_read), True),
    "percpu reader, reader": (
        *both(P.percpu_down_read, P.percpu_down_read, P.percpu_up_read),
        True,
    ),
    "percpu writer, reader": (
        *both(P.percpu_down_write, P.percpu_down_read, P.percpu_up_write, P.percpu_up_read),
        False,
    ),
    "seqlock writers": (*both(SEQ.write_seqlock, SEQ.write_seqlock, SEQ.write_sequnlock), False),
    "seqcount writers": (
        *both(COUNT.write_seqcount_begin, COUNT.write_seqcount_begin, COUNT.write_seqcount_end),
        True,
    ),
    "seqlock reader": (
        within(SEQ.write_seqlock, SEQ.write_sequnlock, write),
        reader_section,
        True,
    ),
    "lock of one's own": (*both(PLACE.down, PLACE.down, PLACE.up), False),
    "readers of one's own": (*both(ROOM.down, ROOM.down, ROOM.up), True),
    "order of one's own": (*told(LATCH.set, LATCH.test), False),
    "no order of one's own": (*told(LATCH.set, LATCH.test_relaxed), True),
    "access of one's own": (*told(WORD.swap, WORD.swap), True),
}


@pytest.mark.parametrize("reduction", ["none", "all"])
@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("name", ORDERED)
def test_two_accesses_are_ordered_or_not(name: str, turn: int, reduction: str) -> None:
    """Whichever thread comes first, whatever is left out."""
    *programs, race = ORDERED[name]
    threads = [Thread(f"t{at}", each) for at, each in enumerate(programs[::turn])]
    system = System(ALL, threads, [happens_before_race_free()])
    (result,) = check(case_of(system), options=Options(reduction=reduction)).results
    assert result.verdict is (Verdict.FAILS if race else Verdict.HOLDS)


def test_a_flag_that_publishes_nothing_keeps_accesses_apart_only_in_next_steps() -> None:
    """The two notions of a race differ there."""
    sender, receiver = told(lambda: FLAG.WRITE_ONCE(1), FLAG.READ_ONCE)
    apart, unordered = checked(
        System(
            [DATA, FLAG],
            [Thread("s", sender), Thread("r", receiver)],
            [data_race_free(), happens_before_race_free()],
        )
    ).results
    assert apart.verdict is Verdict.HOLDS
    assert unordered.verdict is Verdict.FAILS


def test_both_accesses_are_told_with_thread_line_and_step() -> None:
    """The path ends with the second."""
    sender, receiver = told(lambda: FLAG.WRITE_ONCE(1), FLAG.READ_ONCE)
    threads = [Thread("s", sender), Thread("r", receiver)]
    (result,) = checked(System([DATA, FLAG], threads, [happens_before_race_free()])).results
    assert result.path == "toy:only::happens-before-race::a2.b2"
    assert result.finding
    first, second = (program.__code__.co_firstlineno for program in (sender, receiver))
    says = result.finding.says
    assert says.startswith("data race on data: the write by s in step 1 (")
    assert f":{first + 1}) and the read by r in step 4 (" in says
    assert f":{second + 2}) are ordered by no lock" in says


def three(middle: Program) -> System:
    """A message that goes through a thread in the middle."""

    async def sender() -> None:
        await DATA.write(1)
        await FLAG.smp_store_release(1)

    async def receiver() -> None:
        if await OTHER.smp_load_acquire():
            await DATA.read()

    threads = [Thread("s", sender), Thread("m", middle), Thread("r", receiver)]
    return System([DATA, FLAG, OTHER], threads, [happens_before_race_free()])


def test_order_goes_through_a_third_thread() -> None:
    """Though that thread never touches the data."""

    async def passes_on() -> None:
        if await FLAG.smp_load_acquire():
            await OTHER.smp_store_release(1)

    async def heard_nothing() -> None:
        if await FLAG.READ_ONCE():
            await OTHER.smp_store_release(1)

    for middle, expected in ((passes_on, Verdict.HOLDS), (heard_nothing, Verdict.FAILS)):
        (result,) = checked(three(middle)).results
        assert result.verdict is expected


def test_store_buffering_with_marked_accesses_is_no_race() -> None:
    """There is no plain access."""

    def side(mine: Cell, theirs: Cell) -> Program:
        async def work() -> None:
            await mine.WRITE_ONCE(1)
            await theirs.READ_ONCE()

        return work

    threads = [Thread("t", side(DATA, FLAG)), Thread("u", side(FLAG, DATA))]
    assert verdicts(System([DATA, FLAG], threads, [happens_before_race_free()])) == {Verdict.HOLDS}


def test_a_loop_that_polls_is_gone_through_to_its_end() -> None:
    """A graph with a cycle has finitely many states of what is known, too."""

    async def seen() -> int | None:
        return await FLAG.smp_load_acquire() or None

    async def receiver() -> None:
        await retry(seen)
        await DATA.read()

    sender, _ = told(lambda: FLAG.smp_store_release(1), FLAG.READ_ONCE)
    threads = [Thread("s", sender), Thread("r", receiver)]
    assert verdicts(System([DATA, FLAG], threads, [happens_before_race_free()])) == {Verdict.HOLDS}


def test_a_race_that_only_a_longer_run_shows_is_found() -> None:
    """On the short way the lock orders the accesses; on the long one it was let go before."""

    async def writer() -> None:
        await DATA.write(1)
        await M.mutex_lock()
        await M.mutex_unlock()
        await FLAG.WRITE_ONCE(1)
        if await choose(False, True):
            await OTHER.write(1)
            await FLAG.WRITE_ONCE(2)

    async def reader() -> None:
        got = await FLAG.READ_ONCE()
        await M.mutex_lock()
        await M.mutex_unlock()
        if got == 1:
            await DATA.read()
        elif got == 2:
            await OTHER.read()

    threads = [Thread("w", writer), Thread("r", reader)]
    system = System([DATA, FLAG, OTHER, M], threads, [happens_before_race_free()])
    (result,) = checked(system).results
    assert result.choices is not None
    assert len(result.choices) == 11


def test_an_atomic_block_counts_by_its_operations_in_their_order() -> None:
    """What it does after the release is not published by it."""

    def block(*calls: Callable[[], Any]) -> Program:
        async def whole() -> None:
            async with atomic():
                for call in calls:
                    await call()

        return whole

    publish = lambda: FLAG.smp_store_release(1)  # noqa: E731
    _, receiver = told(publish, FLAG.smp_load_acquire)
    for sender, expected in (
        (block(lambda: DATA.write(1), publish), Verdict.HOLDS),
        (block(publish, lambda: DATA.write(1)), Verdict.FAILS),
    ):
        threads = [Thread("s", sender), Thread("r", receiver)]
        system = System([DATA, FLAG], threads, [happens_before_race_free()])
        assert verdicts(system) == {expected}


def test_what_a_completion_lets_pass_is_forgotten_when_it_is_started_again() -> None:
    """A later `complete`, of another thread, lets the next waiter pass."""

    async def sender() -> None:
        await DATA.write(1)
        await restarted()
        await FLAG.WRITE_ONCE(1)

    async def other() -> None:
        if await FLAG.READ_ONCE():
            await C.complete()

    async def receiver() -> None:
        if await FLAG.READ_ONCE():
            await C.wait_for_completion()
            await DATA.read()

    threads = [Thread("s", sender), Thread("o", other), Thread("r", receiver)]
    assert verdicts(System([DATA, FLAG, C], threads, [happens_before_race_free()])) == {
        Verdict.FAILS
    }


def verdicts(system: System) -> set[Verdict]:
    """The verdicts by every engine and every reduction, and whether their paths are one."""
    results = [
        check(case_of(system), options=Options(engine=engine, reduction=reduction)).results[0]
        for engine in ENGINES
        for reduction in REDUCTIONS
    ]
    assert len({result.path for result in results}) == 1
    return {result.verdict for result in results}


def test_a_limit_on_states_counts_those_with_what_is_known_too() -> None:
    """A search that ended may leave the order unknown."""

    async def work() -> None:
        for _ in range(3):
            async with M.hold():
                await DATA.write(1)

    system = System([DATA, M], [Thread("t", work), Thread("u", work)], [happens_before_race_free()])
    whole = check(case_of(system))
    assert whole.results[0].verdict is Verdict.HOLDS
    cut = check(case_of(system), options=Options(limits=Limits(states=whole.states)))
    (result,) = cut.results
    assert (cut.cause, result.verdict) == (None, Verdict.UNKNOWN)
    assert result.cause == f"more than {whole.states:,} states"


def test_a_race_in_what_was_searched_is_one_though_the_search_was_cut_short() -> None:
    """What threads do later is not known then, and every access may still race."""

    async def work() -> None:
        for _ in range(9):
            await DATA.write(1)

    system = System([DATA], [Thread("t", work), Thread("u", work)], [happens_before_race_free()])
    cut = check(case_of(system), options=Options(limits=Limits(states=30)))
    (result,) = cut.results
    assert cut.cause == "more than 30 states"
    assert (result.verdict, len(result.choices or ())) == (Verdict.FAILS, 2)


def test_what_is_no_order_is_refused() -> None:
    """Where it is declared, or, of a function, where it is asked."""
    with pytest.raises(ModelError, match=r"ordered\(5\): it takes an Order"):
        ordered(5)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="write @ordered above @operation"):
        ordered(Order())(write)  # type: ignore[arg-type]

    class Odd(Object):
        @ordered(lambda *_: "acquires")  # type: ignore[arg-type,return-value]
        @operation
        def go(self, state: None, me: str) -> Outcome:
            """Nothing."""
            return None, None

    odd = Odd("odd")

    async def goes() -> None:
        await odd.go()

    system = System([odd], [Thread("t", goes)], [happens_before_race_free()])
    with pytest.raises(ModelError, match=r"what go\(odd\) orders .* returned 'acquires', no Order"):
        checked(system)


SEEDS = range(150)


def differing(seeds: range) -> Iterator[int]:
    """The random systems of which the library says something else than their runs do."""
    for seed in seeds:
        programs = drawn(Random(seed))
        result = checked(system_of(programs)).results[0]  # the next is a misuse, if there is any
        found = cost(result.choices)
        if (found and found[0]) != shortest_race(programs):
            yield seed


def test_random_systems_race_as_their_runs_written_out_do() -> None:
    """The verdict, and the length of the shortest run."""
    assert list(differing(SEEDS[:40])) == []


@pytest.mark.slow
def test_more_random_systems_race_as_their_runs_written_out_do() -> None:
    assert list(differing(SEEDS[40:])) == []


def publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """`WRITE_ONCE` publishes, and `READ_ONCE` acquires."""
    monkeypatch.setattr(Cell.call("WRITE_ONCE"), "ordering", Order(releases=True, forgets=True))
    monkeypatch.setattr(Cell.call("READ_ONCE"), "ordering", Order(acquires=True))


def readers_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """What readers release is acquired by readers."""
    right = ordering.order_of_holder
    monkeypatch.setattr(
        ordering, "order_of_holder", lambda *modes: right(*modes)._replace(shared=False)
    )


def not_transitive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread publishes only its own accesses, not what it has heard of."""
    right = RunMonitor.operate

    def operate(self: RunMonitor, ignorance: list[int], taken: Taken) -> Any:
        before = list(ignorance)
        races = right(self, ignorance, taken)
        if taken.order.releases:
            threads = len(self.product.threads)
            at = threads + 2 * (taken.slot - threads) + taken.order.shared
            heard = sum(1 << n for n, made in enumerate(self.made) if made.thread != taken.thread)
            ignorance[at] |= before[at] & heard
        return races

    monkeypatch.setattr(RunMonitor, "operate", operate)


def never_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store leaves what was published before."""
    for name in ("write", "WRITE_ONCE"):
        monkeypatch.setattr(Cell.call(name), "ordering", Order())


PLANTED = [(publishes, 9), (readers_release, 102), (not_transitive, 399), (never_forgets, 602)]


@pytest.mark.parametrize(("wrong", "seed"), PLANTED)
def test_random_systems_show_an_error_in_what_orders(
    wrong: Callable[[pytest.MonkeyPatch], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison that could not fail would say nothing; `seed` is the first that shows it."""
    assert list(differing(range(seed, seed + 1))) == []
    wrong(monkeypatch)
    assert list(differing(range(seed, seed + 1))) == [seed]

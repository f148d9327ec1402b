"""The reference engine: pinned counts, every lock order, limits and Ctrl-C."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import permutations
from math import factorial
from pathlib import Path
from typing import Any

import pytest

from locking import (
    Cell,
    Mutex,
    Refcount,
    RwSem,
    Spinlock,
    System,
    Thread,
    always,
    assertions,
    at_end,
    atomic,
    choose,
    data_race_free,
    deadlock_free,
    never,
    no_misuse,
    required,
    retry,
    sometimes,
)
from locking.explore.graph import shortest
from locking.explore.product import Product
from locking.explore.reference import explore
from locking.properties.explored import Property, Verdict
from locking.verdicts import Limits
from tests.explore.compare import case_of, checked, explored

SEEDS = ("0", "1", "4242")


def growing_zone(threads: int, pages: int, properties: Sequence[Property] = ()) -> System:
    """Threads that grow a zone under a write lock, then initialise own pages under a read lock.

    TLC, rumur and SPIN count it the same.
    """
    lock, start, end = RwSem("lock"), Cell("start", 99), Cell("end", 0)
    private = [[Cell(f"p{i}.{j}", 0) for j in range(pages)] for i in range(threads)]

    async def add(me: int) -> None:
        await lock.down_write()
        await start.write(min(await start.read(), me))
        await end.write(max(await end.read(), me + 1))
        await lock.up_write()
        await lock.down_read()
        for page in private[me]:
            await page.write(1)
        await lock.up_read()

    cells = [page for pages_of_one in private for page in pages_of_one]
    return System(
        [lock, start, end, *cells],
        [Thread(f"t{i}", add, (i,)) for i in range(threads)],
        [at_end("whole", lambda s: s[start] == 0 and s[end] == threads), *properties],
    )


@pytest.mark.parametrize(
    ("threads", "pages", "states", "transitions"),
    [(3, 3, 1_726, 3_849), (4, 4, 63_251, 205_200)],
)
def test_the_count_is_that_of_other_model_checkers(
    threads: int, pages: int, states: int, transitions: int
) -> None:
    """Without merging, states and transitions are exactly those of the pinned program."""
    report = checked(growing_zone(threads, pages), minimise=False)
    assert (report.states, report.transitions) == (states, transitions)
    assert [each.verdict for each in report.results] == [Verdict.HOLDS]


def test_merging_leaves_few_states_and_the_same_interleavings() -> None:
    """A thread that no longer needs what it read is merged with one that read something else."""
    merged, plain = (checked(growing_zone(3, 3), minimise=way) for way in (True, False))
    assert (merged.interleavings, merged.depth) == (plain.interleavings, plain.depth)
    assert merged.states < plain.states
    report = checked(growing_zone(4, 4))
    assert report.states <= 4_636


def test_the_smallest_pinned_program_is_at_most_478_states() -> None:
    """With merging, N=3 and P=3."""
    assert checked(growing_zone(3, 3)).states <= 478


def logging(order: Sequence[str], times: int, lock: Any, take: str, drop: str) -> System:
    """Threads that each append their names to one log, `times` times, under one lock."""
    log = Cell("log", ())

    async def append(me: str) -> None:
        for _ in range(times):
            await getattr(lock, take)()
            await log.write((*await log.read(), me))
            await getattr(lock, drop)()

    threads = [Thread(name, append, (name,)) for name in order]
    return System(
        [lock, log], threads, [at_end("all", lambda s: len(s[log]) == times * len(order))]
    )


@pytest.mark.parametrize(
    ("names", "times", "orders"),
    [("ab", 3, 20), pytest.param("abc", 2, 90, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("minimise", [True, False])
def test_every_lock_order_is_seen(names: str, times: int, orders: int, minimise: bool) -> None:
    """As many as the multinomial, whatever the order of the threads."""
    for order in permutations(names):
        system = logging(order, times, Mutex("lock"), "mutex_lock", "mutex_unlock")
        product, graph = explored(system, minimise=minimise)
        logs = {product.value(system.objects[1], graph.states[at]) for at in graph.ends()}
        assert (
            len(logs) == orders == factorial(len(names) * times) // factorial(times) ** len(names)
        )


@pytest.mark.parametrize("order", list(permutations("ab")), ids="".join)
@pytest.mark.parametrize("last", "ab")
@pytest.mark.parametrize("minimise", [True, False])
def test_either_thread_may_win_a_lock(order: Sequence[str], last: str, minimise: bool) -> None:
    """The smallest program with a lock: whichever thread is to come last can."""
    lock, winner = Spinlock("l"), Cell("winner", "")

    async def work(me: str) -> None:
        async with lock.hold():
            await winner.write(me)

    system = System(
        [lock, winner],
        [Thread(name, work, (name,)) for name in order],
        [at_end("last", lambda s: s[winner] == last)],
    )
    (result,) = checked(system, minimise=minimise).results
    assert result.verdict is Verdict.FAILS
    assert len(result.choices or ()) == 6


@pytest.mark.parametrize("order", list(permutations(["use", "free", "idle"])), ids="-".join)
@pytest.mark.parametrize("minimise", [True, False])
def test_a_use_after_free_is_found_in_every_order(order: Sequence[str], minimise: bool) -> None:
    """A check-then-act over two lock sections, with the list of threads permuted."""
    lock, alive, used = Mutex("l"), Cell("alive", True), Refcount("used")

    async def use() -> None:
        async with lock.hold():
            seen = await alive.read()
        if seen:
            async with lock.hold():
                assert await alive.read()

    async def free() -> None:
        async with lock.hold():
            await alive.write(False)

    async def idle() -> None:
        await used.refcount_inc()

    programs = {"use": use, "free": free, "idle": idle}
    system = System(
        [lock, alive, used], [Thread(name, programs[name]) for name in order], [assertions()]
    )
    (result,) = checked(system, minimise=minimise).results
    assert result.verdict is Verdict.FAILS
    assert len(result.choices or ()) == 3 + 3 + 2


def various() -> list[System]:
    """Systems whose properties fail in all kinds of ways."""
    x, y, m, n = Cell("x", 0), Cell("y", frozenset()), Mutex("m"), Mutex("n")

    async def names(me: str) -> None:
        async with atomic():
            await y.write(await y.read() | {me})
        await x.write(await x.read() + await choose(1, 2))

    async def crossed(first: Mutex, second: Mutex) -> None:
        await first.mutex_lock()
        await second.mutex_lock()
        await second.mutex_unlock()
        await first.mutex_unlock()

    return [
        System(
            [x, y],
            [Thread(name, names, (name,)) for name in ("one", "two", "three")],
            [
                data_race_free(),
                at_end("sum", lambda s: s[x] > 3),
                never("pair", lambda s: s[y] == {"two", "three"}),
                sometimes("six", lambda s: s[x] == 6),
            ],
        ),
        System(
            [m, n],
            [Thread("ab", crossed, (m, n)), Thread("ba", crossed, (n, m))],
            [deadlock_free(), no_misuse()],
        ),
        growing_zone(3, 1),
    ]


def numbers() -> list[Any]:
    """Everything that a report of them says."""
    return [
        [
            report.states,
            report.transitions,
            report.depth,
            report.interleavings,
            [[each.claim.name, each.verdict.value, each.path] for each in report.results],
        ]
        for system in various()
        for minimise in (True, False)
        for report in [checked(system, minimise=minimise)]
    ]


@pytest.mark.slow
def test_numbers_do_not_depend_on_the_seed_of_hashing() -> None:
    """States, depth, interleavings and paths are the same in processes with other hash seeds."""
    here = json.loads(json.dumps(numbers()))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"import json, {__name__} as t; print(json.dumps(t.numbers()))"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in SEEDS
    ]
    for process in started:
        out, _ = process.communicate()
        assert json.loads(out) == here


def counting(threads: int, steps: int, properties: Callable[[Cell], Sequence[Property]]) -> System:
    """Threads that write `steps` numbers each into one cell."""
    cell = Cell("x", -1)

    async def count() -> None:
        for number in range(steps):
            await cell.write(number)

    return System([cell], [Thread(f"t{i}", count) for i in range(threads)], properties(cell))


def every_kind(x: Cell) -> list[Property]:
    """Properties that hold, or are not found within the first states."""
    return [
        never("beyond", lambda s: s[x] == 40),
        always("below", lambda s: s[x] < 40),
        at_end("end", lambda s: s[x] < 40),
        sometimes("far", lambda s: s[x] == 38),
        deadlock_free(),
        no_misuse(),
        assertions(),
        required("never evaluated"),
    ]


@pytest.mark.parametrize(
    ("limits", "cause"),
    [
        (Limits(states=100), "states"),
        (Limits(seconds=0), "seconds"),
        (Limits(memory=1), "memory"),
    ],
    ids=["states", "seconds", "memory"],
)
@pytest.mark.parametrize("minimise", [True, False])
def test_a_limit_is_never_a_pass(limits: Limits, cause: str, minimise: bool) -> None:
    """Where a limit ends the search, what was not shown is *unknown*, and the cause is named."""
    report = checked(counting(3, 39, every_kind), limits=limits, minimise=minimise)
    assert {each.verdict for each in report.results} == {Verdict.UNKNOWN}
    assert cause in (report.cause or "")
    assert report.interleavings is None
    assert report.explored < report.states or report.explored == 0


@pytest.mark.parametrize("minimise", [True, False])
def test_what_fails_within_a_limit_fails(minimise: bool) -> None:
    """A counterexample, or a witness, that was met before the limit counts."""

    def properties(x: Cell) -> list[Property]:
        return [
            never("five", lambda s: s[x] == 5),
            sometimes("six", lambda s: s[x] == 6),
            data_race_free(),
        ]

    report = checked(counting(3, 39, properties), limits=Limits(states=1000), minimise=minimise)
    assert report.cause
    assert [(each.verdict, each.path) for each in report.results] == [
        (Verdict.FAILS, "toy:only::five::a6"),
        (Verdict.HOLDS, "toy:only::six::a7"),
        (Verdict.FAILS, "toy:only::data-race::-"),
    ]


@pytest.mark.parametrize("minimise", [True, False])
def test_a_deadlock_at_the_edge_of_a_limit_is_not_invented(minimise: bool) -> None:
    """States that were met but not gone through may lead anywhere."""
    lock, x = Mutex("m"), Cell("x", 0)

    async def work() -> None:
        for _ in range(20):
            async with lock.hold():
                await x.write(1)

    system = System([lock, x], [Thread(n, work) for n in "abc"], [deadlock_free()])
    report = checked(system, limits=Limits(states=600), minimise=minimise)
    assert report.cause
    assert [each.verdict for each in report.results] == [Verdict.UNKNOWN]


@pytest.mark.parametrize("minimise", [True, False])
@pytest.mark.parametrize("when", [1, 40, 700])
def test_ctrl_c_leaves_a_consistent_graph(minimise: bool, when: int) -> None:
    """The part that was gone through is judged; the rest is unknown."""

    def properties(x: Cell) -> list[Property]:
        return [never("zero", lambda s: s[x] == 0), never("beyond", lambda s: s[x] == 99)]

    system = counting(3, 30, properties)
    asked = 0
    original = Product.moves

    def moves(self: Product, state: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == when:
            raise KeyboardInterrupt
        return original(self, state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Product, "moves", moves)
        report = checked(system, minimise=minimise)
    assert report.cause == "interrupted"
    assert report.explored == when - 1
    expected = Verdict.UNKNOWN if when == 1 else Verdict.FAILS
    assert [each.verdict for each in report.results] == [expected, Verdict.UNKNOWN]


@pytest.mark.parametrize("when", [0, 5, 6, 7, 300])
def test_an_interrupted_graph_has_whole_states_only(when: int) -> None:
    """Edges of the state that was being gone through are dropped, and every array fits."""
    system = counting(2, 30, lambda _: [])
    product = Product(system.objects, system.threads)
    yielded = 0

    class Interrupting(list[Any]):
        def __iter__(self) -> Any:
            nonlocal yielded
            for move in super().__iter__():
                if yielded == when:
                    raise KeyboardInterrupt
                yielded += 1
                yield move

    original = product.moves
    product.moves = lambda state: Interrupting(original(state))
    graph = explore(product, lambda *_: None)
    assert graph.cause == "interrupted"
    assert len(graph.states) == len(graph.depths)
    assert len(graph.threads) == len(graph.outcomes) == len(graph.targets) == graph.offsets[-1]
    assert all(target < len(graph.states) for target in graph.targets)
    assert graph.runs() is None
    last = len(graph.states) - 1
    assert len(shortest(graph, {last})) == graph.depths[last]


def test_a_retry_loop_has_infinitely_many_interleavings() -> None:
    """None stands for infinitely many."""
    flag = Cell("flag", 0)

    async def wait() -> None:
        async def attempt() -> int | None:
            return await flag.READ_ONCE() or None

        await retry(attempt)

    async def set_flag() -> None:
        await flag.WRITE_ONCE(1)

    system = System([flag], [Thread("a", wait), Thread("b", set_flag)], [deadlock_free()])
    report = checked(system)
    assert report.interleavings is None
    assert report.cause is None
    assert [each.verdict for each in report.results] == [Verdict.HOLDS]


@pytest.mark.parametrize("minimise", [True, False])
def test_interleavings_are_big_and_exact(minimise: bool) -> None:
    """Independent threads can be interleaved in as many ways as the multinomial says."""
    cells = [Cell(f"c{i}", 0) for i in range(3)]

    async def count(cell: Cell) -> None:
        for number in range(15):
            await cell.write(number)

    system = System(cells, [Thread(cell.name, count, (cell,)) for cell in cells], [])
    report = checked(system, minimise=minimise)
    assert report.interleavings == factorial(45) // factorial(15) ** 3
    assert report.states == 16**3


def test_copies_count_as_different_threads() -> None:
    """Two equal threads with one step each have two interleavings."""
    assert checked(counting(2, 1, lambda _: [])).interleavings == 2


def test_the_toy_case_is_a_case() -> None:
    """The helper of these tests builds what a model builds."""
    assert case_of(counting(1, 1, lambda _: [])).build().threads[0].name == "t0"

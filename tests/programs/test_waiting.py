"""`wait_until`: what it waits for, what it looks at, and what is said of who waits for good."""

from collections.abc import Callable
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locking import (
    Atomic,
    Cell,
    Completion,
    Mutex,
    Object,
    Refcount,
    System,
    Thread,
    Verdict,
    always,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    require,
    required,
    retry,
    smp_cond_load_relaxed,
    sometimes,
    wait_until,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.export import FORMATS, exported
from locking.report.sentences import diagnosis
from locking.verdicts import Options, Report
from tests.engines import ENGINES
from tests.explore.compare import case_of, checked

X, Y, DATA = Cell("x", 0), Cell("y", 0), Cell("data", 0)
EVERY_WAY = list(product(ENGINES, REDUCTIONS))


def system(*threads: Callable[[], Any], objects: tuple[Object, ...] = (X, Y, DATA)) -> System:
    """Threads a, b and so on, with every property that they can fail."""
    properties = [deadlock_free(), data_race_free(), happens_before_race_free(), required("seen")]
    named = [Thread(name, each) for name, each in zip("abc", threads, strict=False)]
    return System(objects, named, properties)


def failing(report: Report) -> set[str]:
    """The names of the properties that fail."""
    return {each.claim.name for each in report.results if each.verdict is Verdict.FAILS}


def why(report: Report, number: int) -> str:
    """The diagnosis of the run of a result."""
    result = report.results[number]
    return diagnosis(report.case, result.claim.name, result.choices or ())


async def publish() -> None:
    """Write the data, then say so, in two cells."""
    await DATA.write(1)
    await X.smp_store_release(1)
    await Y.WRITE_ONCE(1)


async def take() -> None:
    """Wait until both are said, and look at the data."""
    await wait_until(lambda x, y: x == 1 and y, X, Y)
    require(await DATA.read() == 1, "seen")


async def never_said() -> None:
    """Wait for what nobody says."""
    await wait_until(lambda x, y: x == 2 and y, X, Y)


@pytest.mark.parametrize(("engine", "reduction"), EVERY_WAY)
def test_who_waits_goes_on_once_it_is_true(engine: str, reduction: str) -> None:
    report = check(case_of(system(publish, take)), (), Options(engine, reduction=reduction))
    assert failing(report) == set()


@pytest.mark.parametrize(("engine", "reduction"), EVERY_WAY)
def test_who_waits_for_what_never_comes_waits_for_good(engine: str, reduction: str) -> None:
    report = check(case_of(system(publish, never_said)), (), Options(engine, reduction=reduction))
    assert failing(report) == {"deadlock-free"}


def test_what_the_condition_returned_comes_back_and_nothing_else_is_remembered() -> None:
    async def count() -> None:
        for value in (1, 2, 3):
            await X.WRITE_ONCE(value)

    async def wait() -> None:
        seen = await wait_until(lambda x: x > 1, X)
        require(seen is True, "seen")
        await Y.WRITE_ONCE(1)

    graph = checked(system(count, wait))
    assert failing(graph) == set()
    assert graph.states == checked(system(count, wait), minimise=False).states == 8


def test_waiting_in_an_atomic_block_makes_the_whole_block_wait() -> None:
    async def swap() -> None:
        async with atomic():
            await DATA.WRITE_ONCE(1)
            await wait_until(lambda x: x, X)

    async def other() -> None:
        require(await DATA.READ_ONCE() == 0, "seen")
        await X.WRITE_ONCE(1)

    assert failing(checked(system(swap, other))) == set()


def test_a_plain_write_races_with_who_waits_for_it_by_both_notions() -> None:
    """It looks at what was written in vain; the store that lets it pass publishes that write."""

    async def write() -> None:
        await X.write(2)
        await X.smp_store_release(1)

    async def wait() -> None:
        await wait_until(lambda x: x == 1, X)

    found = checked(system(write, wait))
    assert failing(found) == {"data-race", "happens-before-race"}
    text = why(found, 2)
    assert "the read (marked) by b while it waits" in text


def test_in_front_of_a_block_that_waits_only_its_condition_is_looked_at() -> None:
    async def block() -> None:
        async with atomic():
            await DATA.write(1)
            await wait_until(lambda x: x, X)

    async def other() -> None:
        await DATA.write(2)
        await X.smp_store_release(1)

    assert "data-race" not in failing(checked(system(block, other)))


@pytest.mark.parametrize(
    ("kind", "change", "ordered"),
    [
        (lambda: Cell("o", 0), lambda o: o.smp_store_release(1), True),
        (lambda: Cell("o", 0), lambda o: o.WRITE_ONCE(1), False),
        (lambda: Atomic("o", 0), lambda o: o.atomic_inc_return(), True),
        (lambda: Refcount("o", 0 + 1), lambda o: o.refcount_dec_and_test(), False),
        (lambda: Completion("o"), lambda o: o.complete(), False),
        (lambda: Mutex("o"), lambda o: o.mutex_lock(), False),
    ],
)
def test_a_look_at_memory_acquires_and_no_other_does(
    kind: Callable[[], Any], change: Callable[[Any], Any], ordered: bool
) -> None:
    seen = kind()

    async def write() -> None:
        await DATA.write(1)
        await change(seen)

    async def wait() -> None:
        await wait_until(lambda state: state != seen.start, seen)
        await DATA.read()

    found = failing(checked(system(write, wait, objects=(seen, DATA))))
    assert ("happens-before-race" not in found) is ordered
    assert "data-race" not in found


@pytest.mark.parametrize("kind", [Cell, Atomic])
def test_a_relaxed_look_waits_and_orders_nothing(kind: Callable[..., Any]) -> None:
    seen = kind("o", 0)

    async def write() -> None:
        await DATA.write(1)
        await (seen.smp_store_release(1) if kind is Cell else seen.atomic_inc_return())

    async def wait() -> None:
        require(await smp_cond_load_relaxed(seen, lambda state: state) == 1, "seen")
        await DATA.read()

    found = failing(checked(system(write, wait, objects=(seen, DATA))))
    assert "happens-before-race" in found
    assert "data-race" not in found


@pytest.mark.parametrize("arguments", [("x", lambda x: x), (X, 1)])
def test_a_relaxed_look_at_nonsense_is_refused(arguments: tuple[Any, ...]) -> None:
    async def wait() -> None:
        await smp_cond_load_relaxed(*arguments)

    with pytest.raises(ModelError, match="write an object first"):
        checked(system(wait))


def test_what_is_waited_for_is_told_with_its_line_and_values() -> None:
    report = checked(system(publish, never_said))
    text = why(report, 0)
    assert "b waits for its condition (test_waiting.py:" in text
    assert "which is false while x is" in text
    assert "nobody" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_exported(name: str) -> None:
    tables, _ = exported(case_of(system(publish, take)))
    assert import_module(f"locking.export.to_{name}").render(tables)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((X,), "write a function of states first"),
        ((lambda: 1,), "got no object"),
        ((lambda x: x, "x"), "got 'x'"),
        ((lambda: 1, X), "raised TypeError"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[Any, ...], says: str) -> None:
    async def wait() -> None:
        await wait_until(*arguments)

    with pytest.raises(ModelError, match=says):
        checked(system(wait))


def test_a_condition_that_is_an_async_def_is_refused() -> None:
    async def condition(x: int) -> bool:
        return x == 0

    async def wait() -> None:
        await wait_until(condition, X)

    with pytest.raises(ModelError, match="write `def`"):
        checked(system(wait))


# --- beside a loop that spins --------------------------------------------------------------------

VALUES = st.sampled_from([0, 1, 2])
CELLS = st.sampled_from("xy")
INSTRUCTIONS = st.one_of(
    st.tuples(st.just("until"), CELLS, VALUES),
    st.tuples(st.just("both"), VALUES),
    st.tuples(st.just("store"), CELLS, VALUES),
    st.tuples(st.just("store"), CELLS, VALUES),
    st.tuples(st.just("release"), CELLS, VALUES),
    st.tuples(st.just("write"), st.sampled_from(["x", "data"]), VALUES),
    st.tuples(st.just("read"), st.just("data")),
    st.tuples(st.just("require"), CELLS, VALUES),
)
PROGRAMS = st.lists(
    st.lists(INSTRUCTIONS, min_size=1, max_size=3).map(tuple), min_size=2, max_size=3
)


async def spin(condition: Callable[..., Any], *cells: Cell) -> None:
    """What `wait_until` stands for, as a loop that looks again and again."""

    async def attempt() -> Any:
        async with atomic():
            return condition(*[await each.smp_load_acquire() for each in cells]) or None

    await retry(attempt)


async def run(program: tuple[Any, ...], wait: Callable[..., Any]) -> None:
    """Perform instructions."""
    cells = {"x": X, "y": Y, "data": DATA}
    for item in program:
        match item:
            case ("until", name, value):
                await wait(lambda v, value=value: v == value, cells[name])
            case ("both", value):
                await wait(lambda x, y, value=value: x == value and x != y, X, Y)
            case ("store", name, value):
                await cells[name].WRITE_ONCE(value)
            case ("release", name, value):
                await cells[name].smp_store_release(value)
            case ("write", name, value):
                await cells[name].write(value)
            case ("read", name):
                await cells[name].read()
            case ("require", name, value):
                require(await cells[name].READ_ONCE() <= value, "seen")


def both(programs: list[tuple[Any, ...]], wait: Callable[..., Any]) -> System:
    """A system of programs that wait in a way."""
    named = [Thread(name, run, (each, wait)) for name, each in zip("abc", programs, strict=False)]
    properties = [
        data_race_free(),
        happens_before_race_free(),
        required("seen"),
        always("not-both-2", lambda s: s[X] + s[Y] < 4),
        sometimes("x-and-y", lambda s: s[X] and s[Y]),
        at_end("y", lambda s: s[Y] < 2),
        deadlock_free(),
    ]
    return System([X, Y, DATA], named, properties)


def verdicts(report: Report) -> dict[str, Verdict | None]:
    """The verdicts by name; None where what the property speaks of is not come to."""
    decided = (Verdict.HOLDS, Verdict.FAILS)
    return {
        each.claim.name: each.verdict if each.verdict in decided else None
        for each in report.results
    }


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(PROGRAMS)
def test_it_says_what_a_loop_that_spins_says(programs: list[tuple[Any, ...]]) -> None:
    found = verdicts(checked(both(programs, wait_until)))
    deadlock = found.pop("deadlock-free")
    for reduction in REDUCTIONS:
        case = case_of(both(programs, wait_until))
        other = verdicts(check(case, (), Options("reference", reduction=reduction)))
        assert other == {**found, "deadlock-free": deadlock}
    spinning = verdicts(checked(both(programs, spin)))
    spinning.pop("deadlock-free")
    endless = spinning.pop("can-end", Verdict.HOLDS)
    assert (endless is Verdict.FAILS) == (deadlock is Verdict.FAILS)
    assert found == spinning

"""Verdicts of `--memory lkmm` on small models, each with a twin in which an ordering is missing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from locking import (
    Cell,
    Model,
    System,
    Thread,
    Verdict,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    never,
    require,
    retry,
    sometimes,
    wait_until,
)
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.executions import judged
from locking.memory_models.axiomatic import AxiomaticModel
from locking.memory_models.lkmm import model as lkmm
from locking.programs.barriers import smp_mb, smp_rmb, smp_wmb
from locking.properties.failing import assertions, required
from locking.scope import LKMM, MEMORY, SC
from locking.verdicts import Limits, Options, Report

x, y, flag = Cell("x", 0), Cell("y", 0), Cell("flag", 0)

Code = Callable[[], Awaitable[Any]]


def report(codes: list[Code], properties: list[Any], memory: str = LKMM, **options: Any) -> Report:
    """The report of threads that run these codes."""
    threads = [Thread(f"t{at}", code) for at, code in enumerate(codes)]
    words = [x, y, flag]
    model = Model("small", "small", lambda _: System(words, threads, properties))
    scope = {} if memory == SC else {MEMORY: memory}
    return check(model.case("only", None, scope), options=Options(**options))


def verdict(codes: list[Code], property_: Any, memory: str = LKMM) -> Verdict:
    """The verdict of one property."""
    found = report(codes, [property_], memory).results
    return next(each.verdict for each in found if each.claim.name == property_.name)


async def publishes() -> None:
    await x.WRITE_ONCE(1)
    await flag.smp_store_release(1)


async def publishes_with_a_fence() -> None:
    await x.WRITE_ONCE(1)
    await smp_wmb()
    await flag.WRITE_ONCE(1)


async def publishes_loosely() -> None:
    await x.WRITE_ONCE(1)
    await flag.WRITE_ONCE(1)


async def looks() -> None:
    if await flag.smp_load_acquire():
        require(await x.READ_ONCE() == 1, "seen")


async def looks_with_a_fence() -> None:
    if await flag.READ_ONCE():
        await smp_rmb()
        require(await x.READ_ONCE() == 1, "seen")


async def looks_loosely() -> None:
    if await flag.READ_ONCE():
        require(await x.READ_ONCE() == 1, "seen")


@pytest.mark.parametrize("writer", [publishes, publishes_with_a_fence])
@pytest.mark.parametrize("reader", [looks, looks_with_a_fence])
def test_a_message_that_is_passed_with_order_is_seen(writer: Code, reader: Code) -> None:
    assert verdict([writer, reader], required("seen")) is Verdict.HOLDS


@pytest.mark.parametrize(
    ("writer", "reader"), [(publishes_loosely, looks), (publishes, looks_loosely)]
)
def test_without_order_on_one_side_it_may_not_be_seen(writer: Code, reader: Code) -> None:
    assert verdict([writer, reader], required("seen"), SC) is Verdict.HOLDS
    assert verdict([writer, reader], required("seen")) is Verdict.FAILS


def test_an_axiom_that_is_left_out_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    left = tuple(each for each in lkmm.AXIOMS if each.name != "happens-before") + lkmm.FLAGS
    monkeypatch.setattr(judged, "LKMM", AxiomaticModel("LKMM", left))
    assert verdict([publishes, looks], required("seen")) is Verdict.FAILS


async def stores_and_looks(mine: Cell, other: Cell, fence: Code | None) -> None:
    await mine.WRITE_ONCE(1)
    if fence:
        await fence()
    if not await other.READ_ONCE():
        await flag.xchg_relaxed(await flag.READ_ONCE() + 1)


@pytest.mark.parametrize(
    ("fence", "expected"),
    [(smp_mb, Verdict.HOLDS), (smp_wmb, Verdict.FAILS), (smp_rmb, Verdict.FAILS)],
)
def test_only_a_full_barrier_keeps_a_load_behind_a_store(fence: Code, expected: Verdict) -> None:
    async def one() -> None:
        await stores_and_looks(x, y, fence)

    async def other() -> None:
        await stores_and_looks(y, x, fence)

    assert verdict([one, other], at_end("one-sees", lambda s: s[flag] < 2)) is expected


@pytest.mark.parametrize(
    ("exchange", "expected"), [("xchg", Verdict.HOLDS), ("xchg_acquire", Verdict.FAILS)]
)
def test_a_full_exchange_keeps_a_load_behind_it(exchange: str, expected: Verdict) -> None:
    async def exchanges_and_looks(mine: Cell, other: Cell, found: str) -> None:
        await getattr(mine, exchange)(1)
        if not await other.READ_ONCE():
            await flag.xchg(found)

    async def one() -> None:
        await exchanges_and_looks(x, y, "one")

    async def other() -> None:
        if not await y.xchg(1) and not await x.READ_ONCE():
            require(await flag.smp_load_acquire() != "one", "one-sees")

    assert verdict([one, other], required("one-sees")) is expected


async def waits() -> None:
    await wait_until(lambda value: value == 1, flag)
    require(await x.READ_ONCE() == 1, "seen")


async def spins_once() -> int | None:
    return await flag.READ_ONCE() or None


async def spins() -> None:
    await retry(spins_once)
    require(await x.READ_ONCE() == 1, "seen")


def test_a_wait_acquires_and_a_loop_of_marked_loads_does_not() -> None:
    assert verdict([publishes, waits], required("seen")) is Verdict.HOLDS
    assert verdict([publishes, spins], required("seen")) is Verdict.FAILS
    assert verdict([publishes, spins], required("seen"), SC) is Verdict.HOLDS


def test_what_comes_behind_a_wait_is_judged() -> None:
    async def waits_and_fails() -> None:
        await wait_until(lambda value: value == 1, flag)
        require(False, "behind")

    async def only_publishes() -> None:
        await flag.WRITE_ONCE(1)

    assert verdict([only_publishes, waits_and_fails], required("behind")) is Verdict.FAILS


async def nothing() -> None:
    await y.READ_ONCE()


def test_who_waits_for_what_never_comes_is_deadlocked() -> None:
    assert verdict([publishes, waits], deadlock_free()) is Verdict.HOLDS
    assert verdict([nothing, waits], deadlock_free()) is Verdict.FAILS


def test_a_loop_that_never_ends_fails_can_end() -> None:
    found = {each.claim.name: each for each in report([nothing, spins], [deadlock_free()]).results}
    assert found["deadlock-free"].verdict is Verdict.HOLDS
    assert found["can-end"].verdict is Verdict.FAILS
    assert len(report([publishes, spins], [deadlock_free()]).results) == 2  # seen fails


async def takes() -> int | None:
    return 1 if await flag.xchg(1) == 0 else None


async def locks() -> None:
    await retry(takes)
    await x.WRITE_ONCE(await x.READ_ONCE() + 1)
    await flag.smp_store_release(0)


def test_a_loop_whose_rounds_write_is_unknown() -> None:
    [found] = report([locks, locks], [at_end("both", lambda s: s[x] == 2)]).results
    assert found.verdict is Verdict.UNKNOWN
    assert found.cause == "a loop whose rounds write is not followed to its end"


async def increments() -> None:
    await x.write(await x.read() + 1)


def test_a_data_race_is_found_and_nothing_holds_beside_it() -> None:
    found = report([increments, increments], [data_race_free(), at_end("few", lambda s: s[x] < 3)])
    race, few = found.results
    assert race.verdict is Verdict.FAILS
    assert race.finding and "race" in race.finding.says
    assert few.verdict is Verdict.UNKNOWN
    assert few.cause and few.cause.startswith("a data race: ")


async def writes_and_publishes() -> None:
    await x.write(1)
    await flag.smp_store_release(1)


async def waits_and_reads() -> None:
    await wait_until(lambda value: value == 1, flag)
    require(await x.read() == 1, "seen")


def test_plain_accesses_that_a_release_and_an_acquire_order_do_not_race() -> None:
    codes = [writes_and_publishes, waits_and_reads]
    assert verdict(codes, data_race_free()) is Verdict.HOLDS
    assert verdict(codes, required("seen")) is Verdict.HOLDS


async def spins_on_plain() -> int | None:
    return await x.read() or None


async def waits_by_plain_reads() -> None:
    await retry(spins_on_plain)


def test_a_race_in_a_round_that_changes_nothing_is_found() -> None:
    async def writes_marked() -> None:
        await x.WRITE_ONCE(1)

    assert verdict([writes_marked, waits_by_plain_reads], data_race_free()) is Verdict.FAILS


@pytest.mark.parametrize(
    "property_",
    [never("high", lambda s: s[x] > 5), sometimes("one", lambda s: s[x] == 1)],
    ids=lambda each: str(each.name),
)
def test_what_speaks_of_moments_is_unknown(property_: Any) -> None:
    assert verdict([publishes, looks], property_) is Verdict.UNKNOWN


async def copies(source: Cell, target: Cell) -> None:
    await target.WRITE_ONCE(await source.READ_ONCE())


def test_no_value_comes_out_of_thin_air() -> None:
    async def one() -> None:
        await copies(x, y)

    async def other() -> None:
        await copies(y, x)

    assert verdict([one, other], at_end("zero", lambda s: s[x] == s[y] == 0)) is Verdict.HOLDS


def test_loads_may_see_stores_of_the_future_only_if_nothing_depends_on_them() -> None:
    async def always_stores() -> None:
        seen = await x.READ_ONCE()
        await y.WRITE_ONCE(1)
        await flag.WRITE_ONCE(seen)

    async def stores_what_it_saw() -> None:
        if await y.READ_ONCE():
            await x.WRITE_ONCE(1)

    async def stores_if_it_saw() -> None:
        seen = await x.READ_ONCE()
        if seen:
            await y.WRITE_ONCE(1)
        await flag.WRITE_ONCE(seen)

    async def stores_either_way() -> None:
        seen = await x.READ_ONCE()
        if seen:
            await y.WRITE_ONCE(1)
        else:
            await y.WRITE_ONCE(1)
        await flag.WRITE_ONCE(seen)

    unseen = at_end("unseen", lambda s: s[flag] == 0)
    assert verdict([always_stores, stores_what_it_saw], unseen, SC) is Verdict.HOLDS
    assert verdict([always_stores, stores_what_it_saw], unseen) is Verdict.FAILS
    assert verdict([stores_if_it_saw, stores_what_it_saw], unseen) is Verdict.HOLDS
    assert verdict([stores_either_way, stores_what_it_saw], unseen) is Verdict.FAILS


def test_behind_a_loop_nothing_depends_on_what_it_waited_for() -> None:
    async def waits_then_stores() -> None:
        seen = await retry(spins_once)
        await y.WRITE_ONCE(1)
        await x.WRITE_ONCE(seen)

    async def signals() -> None:
        await flag.WRITE_ONCE(1)

    async def answers() -> None:
        if await y.READ_ONCE():
            await flag.WRITE_ONCE(2)

    codes = [waits_then_stores, signals, answers]
    assert verdict(codes, at_end("first", lambda s: s[x] == 1), SC) is Verdict.HOLDS
    assert verdict(codes, at_end("first", lambda s: s[x] == 1)) is Verdict.FAILS


def test_a_failed_assertion_is_found_only_where_it_may_fail() -> None:
    async def asserts() -> None:
        seen = await flag.smp_load_acquire()
        assert not seen or await x.READ_ONCE()

    assert verdict([publishes, asserts], assertions()) is Verdict.HOLDS
    assert verdict([publishes_loosely, asserts], assertions()) is Verdict.FAILS


def test_what_is_not_modelled_is_refused() -> None:
    async def in_a_block() -> None:
        async with atomic():
            await x.WRITE_ONCE(1)
            await y.WRITE_ONCE(1)

    with pytest.raises(ModelError, match="one step with others, in atomic"):
        report([in_a_block], [deadlock_free()])


async def publishes_in_a_block() -> None:
    async with atomic(reduced=True):
        await x.WRITE_ONCE(1)
        await flag.WRITE_ONCE(1)


def test_a_block_that_is_reduced_is_its_steps() -> None:
    assert verdict([publishes_in_a_block, looks], required("seen"), SC) is Verdict.HOLDS
    assert verdict([publishes_in_a_block, looks], required("seen")) is Verdict.FAILS


def test_a_block_around_one_that_is_reduced_is_refused() -> None:
    async def in_two_blocks() -> None:
        async with atomic(), atomic(reduced=True):
            await x.WRITE_ONCE(1)
            await y.WRITE_ONCE(1)

    with pytest.raises(ModelError, match="one step with others, in atomic"):
        report([in_two_blocks], [deadlock_free()])


def test_limits_make_what_is_left_unknown() -> None:
    found = report([publishes, looks], [required("seen")], limits=Limits(states=1))
    assert [each.verdict for each in found.results] == [Verdict.UNKNOWN]
    assert found.cause == "more than 1 states"


def test_states_are_not_to_be_had() -> None:
    model = Model("small", "small", lambda _: System([x], [Thread("t", nothing)], []))
    with pytest.raises(UsageError, match="there are only executions"):
        _ = model.case("only", None, {MEMORY: LKMM}).build().parts

"""Total store order: what the buffers let happen, beside a machine of its own, and by name."""

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import pytest

from locking import (
    Atomic,
    Cancellation,
    Case,
    Cell,
    Child,
    Completion,
    Expect,
    Model,
    Mutex,
    Parameter,
    Processor,
    Rcu,
    Spinlock,
    System,
    Thread,
    Verdict,
    array,
    at_end,
    atomic,
    data_race_free,
    join,
    never,
    never_together,
    no_misuse,
    section,
    smp_mb,
    smp_rmb,
    smp_wmb,
    start,
    wait_until,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore import reference
from locking.explore.reduction.levels import REDUCTIONS
from locking.explore.search import search
from locking.scope import MEMORY, TSO
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.programs.tso_machine import Outcome, Program, outcomes, random_programs

WORDS = 2
x, y = Cell("x", 0), Cell("y", 0)
got: Any = array(Cell, "got", 4, -1)

Code = Callable[[], Awaitable[Any]]


async def run(program: Program, words: Sequence[Cell], out: Cell) -> None:
    loaded: tuple[int, ...] = ()
    for kind, *given in program:
        match kind, given:
            case "store", (int(word), value):
                await words[word].WRITE_ONCE(value)
            case "load", (int(word),):
                loaded = (*loaded, await words[word].READ_ONCE())
            case "xchg", (int(word), value):
                loaded = (*loaded, await words[word].xchg(value))
            case _:
                await smp_mb()
    await out.WRITE_ONCE(loaded)


def ours(programs: tuple[Program, ...], *, buffered: bool = True) -> set[Outcome]:
    """All outcomes, by the search."""
    words: Any = array(Cell, "word", WORDS, 0)
    out: Any = array(Cell, "out", len(programs), ())
    threads = [
        Thread(f"t{at}", run, (program, words, out[at])) for at, program in enumerate(programs)
    ]
    system = System([words, out], threads, [])
    if buffered:
        system = system.with_store_buffers()
    product = system.product()
    graph = search(product, reference.explore, lambda *_: None)
    ends = [
        state
        for state in map(tuple, graph.states)
        if all(product.position(at, state).next is None for at in range(len(programs)))
    ]
    return {
        (
            tuple(product.value(each, state) for each in out),
            tuple(product.value(each, state) for each in words),
        )
        for state in ends
    }


def differing(seeds: range) -> list[int]:
    """The seeds of random programs of which the machine says otherwise."""
    programs = {seed: random_programs(Random(seed)) for seed in seeds}
    return [seed for seed, each in programs.items() if ours(each) != outcomes(each, WORDS)]


def test_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(8)) == []


def test_without_buffers_the_machine_sees_the_difference() -> None:
    programs = [random_programs(Random(seed)) for seed in range(8)]
    assert any(ours(each, buffered=False) != outcomes(each, WORDS) for each in programs)


@pytest.mark.slow
def test_many_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(8, 400)) == []


@pytest.mark.campaign
def test_5000_random_programs_have_the_outcomes_of_a_machine_with_store_buffers() -> None:
    assert differing(range(400, 5_400)) == []


def verdict(
    threads: Sequence[Code],
    property_: Any,
    *objects: Any,
    options: Options | None = None,
) -> Verdict:
    """The verdict under total store order."""

    async def program(number: int) -> None:
        await threads[number]()

    def build(_: Case) -> System:
        made = [Thread(f"t{at}", program, (at,)) for at in range(len(threads))]
        return System([x, y, got, *objects], made, [property_])

    model = Model("litmus", "a test", build)
    case = model.case(model.scenarios[0], None, {MEMORY: TSO})
    return check(case, [property_.name], options).results[0].verdict


def both(one: int, other: int) -> Any:
    """The property that the first two words of `got` never are these."""
    return never("not-both", lambda s: s[got[0]] == one and s[got[1]] == other)


def store_then_load(mine: Cell, theirs: Cell, at: int, between: Code | None = None) -> Code:
    """A side of store buffering."""

    async def thread() -> None:
        await mine.WRITE_ONCE(1)
        if between:
            await between()
        await got[at].WRITE_ONCE(await theirs.READ_ONCE())

    return thread


def sides(between: Code | None) -> list[Code]:
    """Both sides of store buffering, with the same in between."""
    return [store_then_load(x, y, 0, between), store_then_load(y, x, 1, between)]


def test_a_load_passes_a_store() -> None:
    assert verdict(sides(None), both(0, 0)) is Verdict.FAILS


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_load_passes_a_store_in_every_engine_and_reduction(engine: str, reduction: str) -> None:
    options = Options(engine=engine, reduction=reduction)
    assert verdict(sides(None), both(0, 0), options=options) is Verdict.FAILS
    assert verdict(sides(smp_mb), both(0, 0), options=options) is Verdict.HOLDS


lock, rcu, done = Mutex("lock"), Rcu("rcu"), Completion("done")
own_locks: Any = array(Spinlock, "own_lock", 2)
count = Atomic("count", 0)


async def critical() -> None:
    async with own_locks[0].hold():
        pass


async def critical_elsewhere() -> None:
    async with own_locks[1].hold():
        pass


async def reading() -> None:
    async with rcu.read():
        pass


async def counting() -> None:
    await count.atomic_inc()


async def in_one_step() -> None:
    async with atomic():
        await got[2].WRITE_ONCE(1)
        await got[3].WRITE_ONCE(1)


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        (smp_mb, Verdict.HOLDS),
        (smp_wmb, Verdict.FAILS),
        (smp_rmb, Verdict.FAILS),
        (counting, Verdict.HOLDS),
        (critical, Verdict.HOLDS),
        (reading, Verdict.FAILS),
        (in_one_step, Verdict.HOLDS),
    ],
)
def test_what_stands_between_a_store_and_a_load_orders_what_it_promises(
    between: Code, expected: Verdict
) -> None:
    assert verdict(sides(between), both(0, 0), own_locks, rcu, count) is expected


def test_locks_of_which_nobody_else_takes_either_keep_no_load_back() -> None:
    threads = [store_then_load(x, y, 0, critical), store_then_load(y, x, 1, critical_elsewhere)]
    assert verdict(threads, both(0, 0), own_locks) is Verdict.FAILS


async def write_data_then_flag() -> None:
    await x.write(1)
    await y.WRITE_ONCE(1)


async def read_flag_then_data() -> None:
    await got[0].WRITE_ONCE(await y.READ_ONCE())
    await got[1].WRITE_ONCE(await x.read())


def test_stores_stay_in_order_and_so_do_loads() -> None:
    threads = [write_data_then_flag, read_flag_then_data]
    assert verdict(threads, both(1, 0)) is Verdict.HOLDS


async def load_own_store() -> None:
    await x.WRITE_ONCE(1)
    await got[0].WRITE_ONCE(await x.READ_ONCE())


def test_a_thread_sees_its_own_stores() -> None:
    seen = never("unseen", lambda s: s[got[0]] == 0)
    assert verdict([load_own_store], seen) is Verdict.HOLDS


async def add_one() -> None:
    async with lock.hold():
        await x.write(await x.read() + 1)


def test_a_lock_brings_what_was_stored_under_it_to_the_next_holder() -> None:
    property_ = at_end("sum", lambda s: s[x] == 3)
    assert verdict([add_one] * 3, property_, lock) is Verdict.HOLDS


def test_what_was_stored_is_visible_at_the_end() -> None:
    property_ = at_end("stored", lambda s: s[x] == 1)
    assert verdict([write_data_then_flag], property_) is Verdict.HOLDS


async def complete() -> None:
    await x.write(1)
    await done.complete()


async def await_completion() -> None:
    await done.wait_for_completion()
    await got[0].WRITE_ONCE(await x.read())


def test_who_is_woken_sees_what_was_stored_before() -> None:
    unseen = never("unseen", lambda s: s[got[0]] == 0)
    assert verdict([complete, await_completion], unseen, done) is Verdict.HOLDS


async def unlock_only() -> None:
    await own_locks[0].spin_unlock()


def test_a_release_that_is_a_misuse_is_found() -> None:
    assert verdict([unlock_only], no_misuse(), own_locks) is Verdict.FAILS


def enter(me: int, barrier: Code | None) -> Code:
    """A side of Peterson's lock."""
    flags = (x, y)

    async def thread() -> None:
        await flags[me].WRITE_ONCE(1)
        await got[0].WRITE_ONCE(1 - me)
        if barrier:
            await barrier()
        await wait_until(lambda wants, turn: not wants or turn == me, flags[1 - me], got[0])
        async with section("critical"):
            await got[1 + me].WRITE_ONCE(1)
        await flags[me].smp_store_release(0)

    return thread


@pytest.mark.parametrize(("barrier", "expected"), [(None, "fails"), (smp_mb, "holds")])
def test_petersons_lock_needs_a_full_barrier(barrier: Code | None, expected: str) -> None:
    threads = [enter(0, barrier), enter(1, barrier)]
    exclusion = never_together("exclusion", "critical", "critical")
    assert verdict(threads, exclusion).value == expected


def test_races_of_data_are_not_judged() -> None:
    system = System([x], [Thread("t", load_own_store)], [data_race_free(), both(0, 0)])
    system = system.with_store_buffers()
    assert [each.name for each in system.properties] == ["not-both"]


def test_a_system_with_processors_has_no_buffers() -> None:
    cpu = Processor("cpu")
    system = System([x], [Thread("t", load_own_store, processor=cpu)], [both(0, 0)])
    with pytest.raises(ModelError, match="know no --memory but sc"):
        system = system.with_store_buffers()


def test_no_parameter_is_called_as_the_option_is() -> None:
    with pytest.raises(ModelError, match="can't be called 'memory'"):
        Parameter(MEMORY, 1, "how much")


async def write_twice() -> None:
    await x.write(1)
    await x.write(2)


def test_a_step_of_a_buffer_counts_as_what_the_thread_means_by_it() -> None:
    again = never("again", lambda s: s[x] == 1 and bool(s.about_to(x, "write")))
    assert verdict([write_twice], again) is Verdict.FAILS


async def try_a_held_lock() -> None:
    await own_locks[0].spin_trylock()


async def add_in_vain() -> None:
    await count.atomic_add_unless(1, 0)


@pytest.mark.parametrize("between", [try_a_held_lock, add_in_vain])
def test_what_changes_nothing_is_a_load(between: Code) -> None:
    def build(_: Case) -> System:
        threads = [Thread("t0", sides(between)[0]), Thread("t1", sides(between)[1])]
        held = {own_locks[0]: "t2"}
        others = [Thread("t2", wait_until, (lambda value: value == 9, x))]
        objects = [x, y, got, own_locks, count]
        return System(objects, [*threads, *others], [both(0, 0)], held)

    model = Model("litmus", "a test", build)
    case = model.case(model.scenarios[0], None, {MEMORY: TSO})
    assert check(case, ["not-both"]).results[0].verdict is Verdict.FAILS


cancelled: Any = Cancellation("cancelled", raises=True)


async def store_and_be_cancelled() -> None:
    await x.WRITE_ONCE(1)
    await cancelled.wait(lock.mutex_lock)


async def cancel() -> None:
    await cancelled.cancel()


def test_who_is_cancelled_ends_once_its_stores_are_visible() -> None:
    stored = at_end("stored", lambda s: s[x] == 1)
    assert verdict([store_and_be_cancelled, cancel], stored, cancelled, lock) is Verdict.HOLDS


def test_a_system_may_be_checked_under_both_memory_models() -> None:
    system = System([x], [Thread("t", load_own_store)], [data_race_free(), both(0, 0)])
    system.with_store_buffers()
    assert [each.name for each in system.properties] == ["data-race", "not-both"]
    assert [each.name for each in system.threads] == ["t"]


def test_where_only_data_races_are_asked_for_nothing_is_left_to_judge() -> None:
    system = System([x], [Thread("t", load_own_store)], [data_race_free()])
    with pytest.raises(ModelError, match="data-race: data races are judged under --memory sc"):
        system.with_store_buffers()


child = Child("child", load_own_store)


async def start_and_join() -> None:
    await start(child)
    await join(child)
    await got[1].WRITE_ONCE(await x.READ_ONCE())


def test_who_joins_a_thread_sees_what_it_stored() -> None:
    unseen = never("unseen", lambda s: s[got[1]] == 0)
    system = System([x, got], [Thread("t", start_and_join), child], [unseen])
    model = Model("joins", "a test", lambda _: system)
    case = model.case(model.scenarios[0], None, {MEMORY: TSO})
    assert check(case).results[0].verdict is Verdict.HOLDS


def test_no_verdict_is_declared_under_a_memory_model_that_there_is_not() -> None:
    with pytest.raises(ModelError, match="unknown memory model 'tos'"):
        Expect("x", "y", scope={"memory": ("tos",)})

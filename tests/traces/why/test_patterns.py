"""Patterns are named where the trace shows them, and not where it only looks alike."""

from typing import Any

import pytest

from locking import (
    WAIT,
    Allocation,
    Atomic,
    Cell,
    Completion,
    Fairness,
    Mutex,
    Outcome,
    Record,
    Refcount,
    RwSem,
    System,
    Thread,
    at_end,
    atomic,
    deadlock_free,
    forever,
    never_together,
    no_misuse,
    operation,
    require,
    required,
    section,
)
from locking.traces.why.explain import diagnose
from locking.traces.why.patterns import Pattern, pattern
from tests.traces.runs import of_system

x, y = Cell("x", 0), Cell("y", 0)
a, b = Mutex("a"), Mutex("b")
page = Cell("page", "used")
span = Record("span", start=0, end=0)
done = Completion("done")
refs = Refcount("refs", 1)
rw = RwSem("rw")
number = Atomic("number", 0)


def found(objects: list[Any], programs: list[Any], property_: Any, choices: str) -> Pattern | None:
    """The pattern of a run of threads p, q, r; the diagnosis begins with its name."""
    threads = [
        each if isinstance(each, Thread) else Thread("pqr"[at], each)
        for at, each in enumerate(programs)
    ]
    run = of_system(System(objects, threads, [property_]), choices)
    seen, says = pattern(run), diagnose(run)
    assert says.lower().startswith(f"{seen.name}: ".lower()) if seen else ": " not in says[:20]
    return seen


def name(*run: Any) -> str:
    """The name of the pattern of a run, or nothing."""
    seen = found(*run)
    return seen.name if seen else ""


async def add_one() -> None:
    seen = await x.read()
    await x.write(seen + 1)


async def set_five() -> None:
    await x.write(5)


async def take(*locks: Mutex) -> None:
    for lock in locks:
        await lock.mutex_lock()
    for lock in reversed(locks):
        await lock.mutex_unlock()


TWO = at_end("two", lambda s: s[x] == 2)


def test_a_lost_update() -> None:
    assert found([x], [add_one, add_one], TWO, "a1.b2.a1") == Pattern("lost update", (0, 2, 3), 2)


def test_a_write_that_never_looked_loses_no_update() -> None:
    """The last of two blind writes is the last, and that is all."""
    assert name([x], [set_five, set_five], TWO, "a1.b1") == ""


def test_a_read_after_the_other_write_loses_no_update() -> None:
    assert name([x], [add_one, set_five], TWO, "b1.a2") == ""


def test_a_thread_that_looked_again_loses_no_update() -> None:
    async def looks_twice() -> None:
        await x.read()
        seen = await x.read()
        await x.write(seen + 1)

    assert name([x], [looks_twice, set_five], TWO, "a1.b1.a2") == ""


def test_an_update_that_the_condition_does_not_speak_of_is_not_named() -> None:
    bad = at_end("y", lambda s: s[y] == 1)
    assert name([x, y], [add_one, add_one], bad, "a1.b2.a1") == ""


def test_an_atomic_addition_loses_nothing() -> None:
    async def add() -> None:
        await number.atomic_read()
        await number.atomic_add_return(1)

    bad = at_end("three", lambda s: s[number] == 3)
    assert name([number], [add, add], bad, "a1.b2.a1") == ""


async def move() -> None:
    async with section("move"):
        await span.start.write(8)
        await span.end.write(8)


async def look() -> None:
    start = await span.start.read()
    end = await span.end.read()
    require(start == end, "whole", start=start, end=end)


WHOLE = required("whole")


def test_a_read_between_the_two_writes_is_torn() -> None:
    for run in ("a1.b2", "b1.a2.b1"):
        seen = found([*span.cells.values()], [move, look], WHOLE, run)
        assert seen and seen.name == "torn read"


def test_two_writers_tear_nothing() -> None:
    async def start() -> None:
        await span.start.write(8)

    async def end() -> None:
        await span.end.write(8)

    assert name([*span.cells.values()], [start, look, end], WHOLE, "a1.b2") == ""


def test_writes_in_different_sections_are_not_one_that_is_torn() -> None:
    async def apart() -> None:
        async with section("one"):
            await span.start.write(8)
        async with section("other"):
            await span.end.write(8)

    assert name([*span.cells.values()], [apart, look], WHOLE, "a1.b2") == ""


def test_a_reader_that_sees_all_of_a_change_reads_nothing_torn() -> None:
    async def wants_zero() -> None:
        start = await span.start.read()
        end = await span.end.read()
        require(start == end == 0, "whole", start=start, end=end)

    assert name([*span.cells.values()], [move, wants_zero], WHOLE, "a2.b2") == ""


def test_a_read_that_would_have_failed_after_the_change_too_is_not_torn() -> None:
    """It is the change that the reader can't bear, not that it saw half of it."""

    async def wants_zero() -> None:
        start = await span.start.read()
        end = await span.end.read()
        require(start == end == 0, "whole", start=start, end=end)

    assert name([*span.cells.values()], [move, wants_zero], WHOLE, "a1.b2") == ""


async def use() -> None:
    there = await page.read()
    if there == "used":
        await a.mutex_lock()
        still = await page.read()
        require(still == there, "still", still=still)
        await a.mutex_unlock()


async def put(value: str) -> None:
    await page.write(value)


STILL = required("still")


def test_a_check_then_act() -> None:
    seen = found([page, a], [use, Thread("q", put, ("other",))], STILL, "a1.b1.a2")
    assert seen == Pattern("check-then-act", (0, 1, 2), 1)


def test_a_read_that_decides_nothing_is_no_check() -> None:
    async def looks_only() -> None:
        first = await page.read()
        still = await page.read()
        require(still == first, "still", still=still)

    assert name([page], [looks_only, Thread("q", put, ("other",))], STILL, "a1.b1.a1") == ""


def test_a_stale_check_without_which_it_would_fail_as_well_is_not_named() -> None:
    async def checks() -> None:
        if await page.read() == "used":
            await y.write(1)
        seen = await x.read()
        require(seen == 0, "zero", seen=seen)

    async def spoils() -> None:
        await page.write("other")
        await x.write(5)

    assert name([page, x, y], [checks, spoils], required("zero"), "a1.b2.a2") == ""


def test_a_stale_check_of_another_thread_than_the_one_that_fails_is_named() -> None:
    async def checks() -> None:
        if await page.read() == "used":
            await x.write(5)

    async def fails() -> None:
        await page.write("other")
        seen = await x.read()
        require(seen == 0, "zero", seen=seen)

    run = ([page, x], [checks, fails], required("zero"), "a1.b1.a1.b1")
    assert found(*run) == Pattern("check-then-act", (0, 1, 2), 1)


def test_a_change_before_the_check_is_none_of_it() -> None:
    async def refuses() -> None:
        seen = await page.read()
        if seen == "other":
            again = await page.read()
            require(again == "used", "still", still=again)

    assert name([page], [refuses, Thread("q", put, ("other",))], STILL, "b1.a2") == ""


def test_a_check_in_an_atomic_block_is_followed_from_within() -> None:
    async def checks() -> None:
        async with atomic():
            await y.read()
            there = await page.read()
        if there == "used":
            still = await page.read()
            require(still == there, "still", still=still)

    writer = Thread("q", put, ("other",))
    assert name([page, y], [checks, writer], STILL, "a1.b1.a1") == "check-then-act"


def test_what_says_that_it_was_freed_is_used_after_free() -> None:
    writer = Thread("q", put, ("freed",))
    assert name([page, a], [use, writer], STILL, "a1.b1.a2") == "use after free"


def test_a_count_that_came_to_nothing_is_used_after_free() -> None:
    async def gives_back() -> None:
        await refs.refcount_dec_and_test()

    async def takes() -> None:
        await refs.refcount_inc()

    assert name([refs], [takes, gives_back], no_misuse(), "b1.a1") == "use after free"


def test_memory_that_was_freed_is_used_after_free_and_not_by_who_frees_it_again() -> None:
    node = Allocation("node", value=0)

    async def looks() -> None:
        await node.value.read()

    for program, says in ((looks, "use after free"), (node.kfree, "")):
        assert name([node], [program, node.kfree], no_misuse(), "b1.a1") == says


def test_what_a_thread_has_freed_itself_is_not_another_threads() -> None:
    async def twice() -> None:
        await refs.refcount_dec_and_test()
        await refs.refcount_dec_and_test()

    assert name([refs], [twice], no_misuse(), "a2") == ""


def test_a_count_that_leaves_its_range_is_no_use_after_free() -> None:
    low = Atomic("low", 0, minimum=0)

    async def down() -> None:
        await low.atomic_dec()

    async def up_and_down() -> None:
        await low.atomic_inc()
        await low.atomic_dec()

    assert name([low], [down, up_and_down], no_misuse(), "b2.a1") == ""


def test_abba() -> None:
    threads = [Thread("p", take, (a, b)), Thread("q", take, (b, a))]
    assert found([a, b], threads, deadlock_free(), "a1.b1") == Pattern("ABBA deadlock", (0, 1))


def test_three_locks_in_a_ring_are_no_abba() -> None:
    c = Mutex("c")
    threads = [Thread("p", take, (a, b)), Thread("q", take, (b, c)), Thread("r", take, (c, a))]
    assert name([a, b, c], threads, deadlock_free(), "a1.b1.c1") == ""


def test_two_readers_that_both_want_to_write_deadlock_on_one_lock() -> None:
    """Each waits for the other, but there is no second lock, and neither is alone in it."""

    class Upgrading(RwSem):
        """A reader may wait to become the writer."""

        @operation
        def upgrade(self, state: Any, me: str) -> Outcome:
            """Go from reading to writing."""
            alone = state.readers == (me,)
            return (state._replace(writer=me, readers=()), None) if alone else WAIT

    lock = Upgrading("up")

    async def upgrades() -> None:
        await lock.down_read()
        await lock.upgrade()

    assert name([lock], [upgrades, upgrades], deadlock_free(), "a1.b1") == ""


def test_a_reader_behind_a_writer_that_waits_for_it_deadlocks_itself() -> None:
    lock = RwSem("lock", Fairness.WRITER_BLOCKS_READERS)

    async def twice() -> None:
        await lock.down_read()
        await lock.down_read()

    async def writes() -> None:
        await lock.down_write()

    seen = found([lock], [twice, writes], deadlock_free(), "a1.b1")
    assert seen == Pattern("self-deadlock", (0,))


def test_a_lock_that_is_asked_for_again_is_a_self_deadlock() -> None:
    again = Thread("p", take, (a, a))
    assert found([a], [again], no_misuse(), "a2") == Pattern("self-deadlock", (0, 1))


def test_a_lock_that_is_let_go_twice_is_no_deadlock() -> None:
    async def twice() -> None:
        await a.mutex_lock()
        await a.mutex_unlock()
        await a.mutex_unlock()

    assert name([a], [twice], no_misuse(), "a3") == ""


def test_a_lock_that_another_left_locked_is_no_self_deadlock() -> None:
    async def leaves() -> None:
        await a.mutex_lock()

    assert name([a], [leaves, Thread("q", take, (a,))], deadlock_free(), "a1") == ""


async def waits() -> None:
    await y.read()
    await done.wait_for_completion()


def test_a_signal_that_is_taken_back_before_the_wait_is_missed() -> None:
    async def signals() -> None:
        await done.complete_all()
        await done.reinit_completion()

    seen = found([y, done], [waits, signals], deadlock_free(), "b2.a1")
    assert seen == Pattern("missed wake-up", (0,))


def test_a_signal_that_nobody_gave_is_not_missed() -> None:
    assert name([y, done], [waits], deadlock_free(), "a1") == ""


def test_a_signal_that_another_waiter_used_up_is_not_missed() -> None:
    async def signals() -> None:
        await done.complete()

    assert name([y, done], [waits, signals, waits], deadlock_free(), "b1.c2.a1") == ""


async def sleeps() -> None:
    ready = await x.read()
    if not ready:
        await y.write(1)
        await done.wait_for_completion()


async def wakes() -> None:
    await x.write(1)
    if await y.read():
        await done.complete()


def test_a_flag_that_is_set_after_it_was_looked_at_wakes_nobody() -> None:
    seen = found([x, y, done], [sleeps, wakes], deadlock_free(), "a1.b2.a1")
    assert seen == Pattern("missed wake-up", (0, 1), 1)


def test_a_wait_that_does_not_depend_on_the_flag_missed_nothing() -> None:
    async def waits_anyhow() -> None:
        await x.read()
        await done.wait_for_completion()

    assert name([x, done], [waits_anyhow, set_five], deadlock_free(), "a1.b1") == ""


async def spins() -> None:
    await rw.down_read()
    await forever(x.read)


async def writes() -> None:
    await rw.down_write()
    await rw.up_write()


def test_a_writer_that_waits_for_readers_who_go_on_starves() -> None:
    daemon = Thread("reader", spins, daemon=True)
    seen = found([rw, x], [daemon, Thread("writer", writes)], deadlock_free(), "a1")
    assert seen == Pattern("writer starvation", (0,))


def test_a_writer_that_waits_for_a_reader_who_has_ended_does_not_starve() -> None:
    async def leaves() -> None:
        await rw.down_read()

    assert name([rw], [leaves, writes], deadlock_free(), "a1") == ""


def test_a_reader_who_waits_for_readers_to_go_is_no_writer() -> None:
    async def reads() -> None:
        await rw.down_read()
        await rw.up_read()

    async def keeps() -> None:
        await rw.down_write()
        await forever(x.read)

    daemon = Thread("writer", keeps, daemon=True)
    assert name([rw, x], [daemon, Thread("reader", reads)], deadlock_free(), "a1") == ""


def test_a_reader_who_can_only_queue_up_behind_the_writer_does_not_starve_it() -> None:
    fair = RwSem("fair", Fairness.FIFO)

    async def reads_in_read() -> None:
        async with fair.read(), fair.read():
            pass

    async def writes_fairly() -> None:
        async with fair.write():
            pass

    threads = [reads_in_read, writes_fairly]
    assert name([fair], threads, deadlock_free(), "a1.b1") == "self-deadlock"


def test_a_property_of_sections_says_itself_what_it_is() -> None:
    async def inside() -> None:
        seen = await x.read()
        async with section("s"):
            await x.write(seen + 1)

    assert name([x], [inside, inside], never_together("n", "s", "s"), "a1.b1") == ""


@pytest.mark.parametrize("keyword", ["page", "there", "x", "lock", ""])
def test_use_after_free_rests_on_what_was_read_and_not_on_a_keyword(keyword: str) -> None:
    async def touch() -> None:
        await x.READ_ONCE()
        there = await page.READ_ONCE()
        require(there == "used", "there", **({keyword: there} if keyword else {}))

    run = ([page, x, a], [touch, Thread("q", put, ("freed",))], required("there"), "a1.b1.a1")
    assert name(*run) == "use after free"


@pytest.mark.parametrize("keyword", ["page", "there", ""])
def test_what_would_fail_before_it_was_freed_too_is_no_use_after_free(keyword: str) -> None:
    async def touch() -> None:
        seen = await x.READ_ONCE()
        there = await page.READ_ONCE()
        require(seen == 1, "one", **({keyword: there} if keyword else {}))

    run = ([page, x, a], [touch, Thread("q", put, ("freed",))], required("one"), "a1.b1.a1")
    assert name(*run) != "use after free"

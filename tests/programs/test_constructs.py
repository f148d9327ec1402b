"""Sections, atomic blocks, procedures, loops, choices and requirements."""

import asyncio

import pytest

from locking import (
    Atomic,
    Cell,
    Completion,
    Mutex,
    Thread,
    Verdict,
    always,
    assertions,
    at_end,
    atomic,
    choose,
    deadlock_free,
    forever,
    never,
    never_together,
    no_misuse,
    procedure,
    require,
    required,
    retry,
    section,
    sometimes,
    sometimes_together,
)
from locking.errors import ModelError
from locking.programs.position import Requirement
from locking.programs.run import Run
from tests.systems import report, threads, verdict

x, y, lock = Cell("x", 0), Cell("y", 0), Mutex("lock")
HOLDS, FAILS = Verdict.HOLDS, Verdict.FAILS


def positions(program, *results):
    """Where a thread stands at first, and after each of `results`."""
    run = Run(Thread("a", program))
    seen = [run.position, *map(run.give, results)]
    run.close()
    return seen


# --- sections -------------------------------------------------------------------------------------


def test_a_section_is_a_label_and_no_step():
    async def work():
        async with section("outer"):
            await x.read()
            async with section("inner"):
                await x.read()
            await x.read()

    seen = positions(work, 0, 0, 0)
    assert [at.inside for at in seen] == [("outer",), ("outer", "inner"), ("outer",), ()]
    assert report([x], threads(work)).states == 4


def test_a_section_inside_another_of_its_name_is_left_first():
    async def work():
        async with section("s"), section("t"), section("s"):
            await x.read()
        await x.read()

    async def leaving():
        async with section("s"), section("t"):
            async with section("s"):
                await x.read()
            await x.read()

    assert [at.inside for at in positions(work, 0)] == [("s", "t", "s"), ()]
    assert [at.inside for at in positions(leaving, 0)] == [("s", "t", "s"), ("s", "t")]


def test_sections_may_be_left_in_any_order():
    async def work():
        p, q = section("p"), section("q")
        await p.__aenter__()
        await q.__aenter__()
        await x.read()
        await p.__aexit__(None, None, None)
        await y.read()
        await q.__aexit__(None, None, None)

    left = never("left", lambda s: s.about_to(y, "read") and s.inside("p"))
    inside = sometimes("inside", lambda s: s.about_to(y, "read") and s.inside("q"))
    for each in (left, inside):
        assert verdict([x, y], threads(work), each) is HOLDS


def test_a_section_is_left_only_once():
    async def work():
        p = section("p")
        async with p:
            await x.read()
        await p.__aexit__(None, None, None)

    with pytest.raises(ModelError, match="leaves section 'p', which it is not inside"):
        report([x], threads(work))


def test_threads_meet_in_sections_of_one_name():
    async def work():
        async with section("s"):
            await x.READ_ONCE()

    found = report([x], threads(work, work, work), [sometimes_together("meet", "s", "s")])
    assert found.results[0].at_once == 3


# --- atomic blocks --------------------------------------------------------------------------------


async def set_both(value):
    await x.write(value)
    await y.write(value)


async def set_both_at_once():
    async with atomic():
        await set_both(1)


async def set_both_in_turn():
    await set_both(1)


EQUAL = always("equal", lambda s: s[x] == s[y])


def test_nobody_sees_the_middle_of_an_atomic_block():
    assert verdict([x, y], threads(set_both_at_once), EQUAL) is HOLDS
    assert verdict([x, y], threads(set_both_in_turn), EQUAL) is FAILS


def test_an_atomic_block_is_one_step():
    assert report([x, y], threads(set_both_at_once)).depth == 1


def test_a_block_that_follows_at_once_is_another_step():
    async def twice():
        async with atomic():
            await set_both(1)
        async with atomic():
            await set_both(2)

    found = report([x, y], threads(twice), [sometimes("between", lambda s: s[x] == s[y] == 1)])
    assert found.depth == 2
    assert found.results[0].verdict is HOLDS


def test_a_block_inside_a_block_ends_with_the_outer_one():
    async def nested():
        async with atomic():
            async with atomic():
                await x.write(1)
            await y.write(1)

    assert verdict([x, y], threads(nested), EQUAL) is HOLDS


def test_every_choice_inside_an_atomic_block_is_an_outcome():
    async def work():
        async with atomic():
            await x.write(await choose(1, 2))
            await y.write(await choose(3, 4))

    for one, other in ((1, 3), (1, 4), (2, 3), (2, 4)):
        goal = sometimes("goal", lambda s, one=one, other=other: (s[x], s[y]) == (one, other))
        assert verdict([x, y], threads(work), goal) is HOLDS
    assert report([x, y], threads(work)).interleavings == 4


def test_an_atomic_block_that_would_wait_is_not_begun():
    lock = Mutex("lock")

    async def hold():
        await lock.mutex_lock()
        await x.read()
        await lock.mutex_unlock()

    async def block():
        async with atomic():
            await y.write(1)
            await lock.mutex_lock()
            await y.write(2)
            await lock.mutex_unlock()

    objects, running = [lock, x, y], threads(hold, block)
    assert verdict(objects, running, never("half", lambda s: s[y] == 1)) is HOLDS
    assert verdict(objects, running, at_end("done", lambda s: s[y] == 2)) is HOLDS
    assert verdict(objects, running, deadlock_free()) is HOLDS


def test_an_atomic_block_that_waits_for_ever_is_a_deadlock():
    done = Completion("done")

    async def block():
        async with atomic():
            await x.write(1)
            await done.wait_for_completion()

    assert verdict([x, done], threads(block), deadlock_free()) is FAILS
    assert verdict([x, done], threads(block), never("begun", lambda s: s[x] == 1)) is HOLDS


def test_only_those_choices_of_a_block_are_taken_that_need_not_wait():
    done = Completion("done")

    async def block():
        async with atomic():
            if await choose(False, True):
                await done.wait_for_completion()
            await x.write(1)

    assert report([x, done], threads(block)).interleavings == 1


def test_an_atomic_block_without_an_end_is_an_error():
    async def block():
        async with atomic():
            await forever(x.READ_ONCE)

    with pytest.raises(ModelError, match=r"10000 steps in one atomic block, at .*:\d+; a block"):
        report([x], threads(block))


def test_a_retry_that_may_go_round_for_ever_inside_a_block_is_an_error():
    async def attempt():
        await x.write(0)
        await x.write(1)
        return await choose(None, "done")

    async def block():
        async with atomic():
            await retry(attempt)

    with pytest.raises(ModelError, match="a block must end"):
        report([x], threads(block))


def test_a_false_requirement_inside_a_block_fails_there():
    async def block():
        async with atomic():
            await x.write(1)
            require(await x.read() == 2, "two")
            await x.write(3)

    found = report([x], threads(block), [required("two")])
    assert (found.results[0].verdict, len(found.results[0].choices)) == (FAILS, 1)


def test_what_breaks_inside_a_block_that_ends_in_a_misuse_shows():
    async def block():
        async with atomic():
            require(await x.read() == 2, "two", stop=False)
            await lock.mutex_unlock()

    found = report([x, lock], threads(block), [required("two"), no_misuse()])
    assert [(each.verdict, len(each.choices)) for each in found.results] == [(FAILS, 1)] * 2


# --- choices --------------------------------------------------------------------------------------


def test_every_option_is_taken():
    async def work():
        await x.write(await choose(1, 2, 3))

    assert report([x], threads(work)).interleavings == 3


def test_a_choice_needs_an_option():
    async def work():
        await choose()

    with pytest.raises(ModelError, match=r"needs at least one option \(.*test_constructs.py:\d+\)"):
        report([x], threads(work))


# --- procedures -----------------------------------------------------------------------------------


def test_only_what_a_procedure_returns_is_remembered():
    async def plain():
        await choose(1, 2, 3, 4)
        await choose(5, 6)

    async def work():
        await plain()
        await x.read()

    async def collapsing():
        await procedure(plain)()
        await x.read()

    states = [report([x], threads(each), minimise=False).states for each in (work, collapsing)]
    assert states == [1 + 4 + 8 + 8, 1 + 4 + 1 + 1]


def test_procedures_nest():
    @procedure
    async def inner():
        await choose(1, 2)
        return "inner"

    @procedure
    async def outer():
        await inner()
        await choose(1, 2)
        return "outer"

    async def work():
        await outer()
        await x.read()

    assert report([x], threads(work), minimise=False).states == 4


def test_different_results_of_a_procedure_are_different_states():
    @procedure
    async def pick():
        await choose("ignored", "too")
        return await choose(1, 2)

    async def work():
        await x.write(await pick())

    assert verdict([x], threads(work), sometimes("one", lambda s: s[x] == 1)) is HOLDS
    assert verdict([x], threads(work), sometimes("two", lambda s: s[x] == 2)) is HOLDS


def test_a_procedure_keeps_its_name():
    assert procedure(set_both).__name__ == "set_both"


# --- loops ----------------------------------------------------------------------------------------


def test_retry_goes_round_until_there_is_a_result_without_new_states():
    async def attempt():
        return await x.READ_ONCE() or None

    async def reader():
        require(await retry(attempt) == 1, "one")

    async def writer():
        await x.WRITE_ONCE(1)

    found = report([x], threads(reader, writer), [required("one"), deadlock_free()])
    assert [result.verdict for result in found.results] == [HOLDS, HOLDS]
    assert found.interleavings is None
    assert found.states == 3


def test_retry_takes_false_and_zero_for_results():
    async def attempt():
        return await x.read()

    async def work():
        require(await retry(attempt) == 0, "zero")

    assert verdict([x], threads(work), required("zero")) is HOLDS


@pytest.mark.parametrize("loop", [retry, forever])
def test_a_round_that_takes_no_step_is_refused(loop):
    async def nothing():
        return None

    async def work():
        await x.read()
        await loop(nothing)

    with pytest.raises(ModelError, match="repeats a round that takes no step"):
        report([x], threads(work))


def test_every_round_of_forever_starts_from_the_same_state():
    number = Atomic("number")

    async def body(one, other):
        await number.atomic_add(one)
        await number.atomic_add(other)

    async def work():
        await forever(body, 1, -1)

    assert report([number], [Thread("a", work, daemon=True)], minimise=False).states == 2


def test_loops_pass_their_arguments_on():
    async def attempt(one, *, other):
        return (await x.read(), one, other)

    async def work():
        require(await retry(attempt, 1, other=2) == (0, 1, 2), "passed")

    assert verdict([x], threads(work), required("passed")) is HOLDS


# --- requirements and assertions ------------------------------------------------------------------


def test_a_requirement_shows_its_operands():
    async def work():
        pfn = await x.read()
        require(pfn > 4, "in-span", pfn=pfn, start=4)

    (result,) = report([x], threads(work), [required("in-span", "pfn is in the span")]).results
    assert result.finding.operands == (("pfn", "0"), ("start", "4"))
    assert result.finding.says == "pfn is in the span"


def test_a_requirement_that_does_not_stop_lets_the_run_go_on():
    async def work(stop):
        require(await x.read() == 1, "one", stop=stop)
        await x.write(7)

    for stop, then in ((True, FAILS), (False, HOLDS)):
        running = [Thread("a", work, (stop,))]
        assert verdict([x], running, required("one")) is FAILS
        assert verdict([x], running, sometimes("seven", lambda s: s[x] == 7)) is then


def test_an_assertion_shows_the_values_of_the_names_in_it():
    async def work():
        seen = await x.read()
        limit = 3
        assert seen > limit, "too small"

    (result,) = report([x], threads(work), [assertions()]).results
    assert result.verdict is FAILS
    assert result.finding.operands == (("seen", "0"), ("limit", "3"))


def test_an_assertion_does_not_show_the_objects_and_functions_in_it():
    async def work():
        seen = await x.read()
        assert await x.read() == 1 + max(seen, 0), asyncio

    (result,) = report([x], threads(work), [assertions()]).results
    assert result.finding.operands == (("seen", "0"),)


def test_a_failed_requirement_still_says_where_the_thread_was():
    async def work():
        async with section("init"):
            require(await x.read(), "set")

    end = positions(work, 0)[-1]
    assert end.inside == ("init",)
    assert end.next is None
    assert end.failure.kind == Requirement("set")


# --- daemons --------------------------------------------------------------------------------------


def test_a_daemon_need_not_end():
    done = Completion("done")

    async def wait():
        await done.wait_for_completion()

    async def work():
        await x.read()

    for daemon, expected in ((True, HOLDS), (False, FAILS)):
        running = [Thread("waiter", wait, daemon=daemon), Thread("worker", work)]
        assert verdict([x, done], running, deadlock_free()) is expected
        finished = sometimes("finished", lambda s: s.finished)
        assert verdict([x, done], running, finished) is expected


def test_what_a_daemon_does_counts():
    async def work():
        async with section("s"):
            await x.READ_ONCE()

    async def rounds():
        await forever(work)

    running = [Thread("daemon", rounds, daemon=True), Thread("worker", work)]
    assert verdict([x], running, never_together("apart", "s", "s")) is FAILS

"""Bodies of tests: what is found without being told, and what is judged."""

import time

import pytest

from locking import (
    Atomic,
    Cell,
    Completion,
    Mutex,
    Record,
    Thread,
    Verdict,
    choose,
    require,
    retry,
    section,
    together,
)
from locking.errors import ModelError, NotDeterministic, PathError
from locking.testing.scene import Scene, explore_scene, run
from locking.verdicts import Options
from tests.testing.bodies import fails, report, result


def counting(*, locked, goal=2, start=0):
    """A body in which two threads add one, by a load and a store."""

    async def body():
        lock, total = Mutex("lock"), Cell("total", start)

        async def bare():
            await total.write(await total.read() + 1)

        async def held():
            async with lock.hold():
                await bare()

        add = held if locked else bare
        await together(add, add)
        assert await total.read() == goal

    return body


def test_what_stands_after_together_holds_in_every_interleaving():
    assert fails(counting(locked=True)) == []


def test_one_interleaving_that_breaks_it_is_enough():
    found = result(counting(locked=False), "after-together")
    assert found.verdict is Verdict.FAILS
    assert found.choices == ((0, 0), (1, 0), (1, 0), (0, 0))
    assert found.finding.says.startswith("assert await total.read() == goal (test_scene.py:")
    assert dict(found.finding.operands)["total"] == "1"


def test_a_wrong_expectation_fails_though_the_lock_is_right():
    assert fails(counting(locked=True, goal=3)) == ["after-together"]


def test_a_race_is_found_where_nothing_is_asserted():
    async def body():
        total = Cell("total", 0)

        async def add():
            await total.write(1)

        await together(add, add)

    assert fails(body) == ["data-race"]
    assert [each.claim.name for each in report(body, data_races=False).results] == [
        "after-together",
        "deadlock-free",
    ]


def test_a_cell_that_is_not_there_at_the_start_is_found_as_the_others_are():
    async def body():
        first, second, third = Atomic("first"), Atomic("second"), Atomic("third")

        async def work():
            if await first.atomic_inc_return() == 2 and await second.atomic_inc_return() == 1:
                await third.atomic_inc()

        await together(work, work)
        assert await third.atomic_read() == 1

    scene = Scene("body", body)
    assert all(each.verdict is Verdict.HOLDS for each in explore_scene(scene, Options()).results)
    assert [each.name for each in scene.objects] == ["first", "second", "third"]


def test_threads_start_from_what_the_setup_left():
    async def body():
        pages = Record("pages", first=0, second=0)
        await pages.second.write(5)

        async def bump():
            await pages.first.write(await pages.second.read() + 1)

        await together(bump)
        assert (await pages.first.read(), await pages.second.read()) == (6, 5)

    assert fails(body) == []


def test_the_run_that_is_shown_starts_from_what_the_setup_left():
    async def body():
        total = Atomic("total", 3)
        await total.atomic_set(1)

        async def add():
            await total.atomic_inc()

        await together(add, add)
        assert await total.atomic_read() == 4

    scene = Scene("body", body)
    explore_scene(scene, Options())
    trace = run(scene, ((0, 0), (1, 0)))[0].trace
    assert [(each.change.old, each.change.new) for each in trace.events] == [("1", "2"), ("2", "3")]


def test_a_trace_shows_none_of_the_variables_that_pytest_makes_for_assertions():
    async def body():
        total = Atomic("total")

        async def add():
            assert await total.atomic_inc_return() <= 2
            seen = await total.atomic_read()
            await total.atomic_set(seen)

        await together(add)
        assert await total.atomic_read() == 2

    trace = run(Scene("body", body), ((0, 0),) * 3)[0].trace
    assert [each.locals for each in trace.events] == [(), (("seen", "1"),), ()]


def test_a_lock_that_the_setup_took_is_held_while_threads_run():
    async def body():
        lock = Mutex("lock")
        await lock.mutex_lock()

        async def work():
            await lock.mutex_lock()

        await together(work)

    found = result(body, "deadlock-free")
    assert found.verdict is Verdict.FAILS
    assert result(body, "after-together").verdict is Verdict.UNKNOWN


def test_the_setup_may_let_threads_go_on():
    async def body():
        gate, entered = Completion("gate"), Atomic("entered")
        await gate.complete_all()

        async def work():
            await gate.wait_for_completion()
            await entered.atomic_inc()

        await together(work, work)
        assert await entered.atomic_read() == 2

    assert fails(body) == []


def test_a_requirement_is_judged_under_its_own_name():
    async def body():
        count = Atomic("count")

        async def work():
            seen = await count.atomic_inc_return()
            require(seen < 2, "one-only", seen=seen)

        await together(work, work)

    assert fails(body) == ["one-only"]


def test_a_requirement_that_lets_the_run_go_on_is_judged_too():
    async def body():
        count = Atomic("count")

        async def work():
            require(await count.atomic_inc_return() < 2, "one-only", stop=False)
            await count.atomic_inc()

        await together(work, work)

    assert fails(body) == ["one-only"]


def test_an_assertion_within_a_thread_is_judged():
    async def body():
        count = Atomic("count")

        async def work():
            assert await count.atomic_inc_return() < 2

        await together(work, work)

    assert fails(body) == ["assertions"]


def test_a_misuse_is_judged():
    async def body():
        lock = Mutex("lock")

        async def work():
            await lock.mutex_unlock()

        await together(work)

    assert fails(body) == ["no-misuse"]


def test_a_lock_that_is_left_held_fails_what_takes_it_after_together():
    async def body():
        lock = Mutex("lock")

        async def work():
            await lock.mutex_lock()

        await together(work)
        await lock.mutex_lock()

    found = result(body, "after-together")
    assert found.verdict is Verdict.FAILS
    assert "would wait forever" in found.finding.says


def test_a_misuse_after_together_fails():
    async def body():
        lock = Mutex("lock")

        async def work():
            async with lock.hold():
                pass

        await together(work)
        await lock.mutex_unlock()

    found = result(body, "after-together")
    assert "is a misuse: the test unlocks lock" in found.finding.says


def test_a_requirement_after_together_fails_even_if_it_lets_the_run_go_on():
    async def body():
        count = Atomic("count")

        async def work():
            await count.atomic_inc()

        await together(work)
        seen = await count.atomic_read()
        require(seen == 2, "two", stop=False, seen=seen)

    found = result(body, "after-together")
    assert "requirement two: seen = 1" in found.finding.says


def test_a_limit_is_unknown_and_never_holds():
    found = report(counting(locked=True), states=3)
    assert found.cause == "more than 3 states"
    assert {each.verdict for each in found.results} == {Verdict.UNKNOWN}


def test_nothing_is_judged_after_together_if_no_run_comes_there():
    async def body():
        one, other = Mutex("one"), Mutex("other")

        async def work():
            await one.mutex_lock()
            await one.mutex_lock()

        await together(work)
        assert await other.mutex_trylock()

    found = result(body, "after-together")
    assert (found.verdict, found.cause) == (Verdict.UNKNOWN, "in no run do all threads end")


def test_daemons_need_not_end():
    async def body():
        work, served, done = Completion("work"), Completion("served"), Atomic("done")

        async def server():
            await work.wait_for_completion()
            await done.atomic_inc()
            await served.complete()
            await work.wait_for_completion()

        async def client():
            await work.complete()
            await served.wait_for_completion()

        await together(client, Thread("server", server, daemon=True))
        assert await done.atomic_read() == 1

    assert fails(body) == []


def test_all_threads_have_ended_also_where_a_daemon_has_not_done_its_work():
    async def body():
        work, done = Completion("work"), Atomic("done")

        async def server():
            await work.wait_for_completion()
            await done.atomic_inc()
            await work.wait_for_completion()

        async def client():
            await work.complete()

        await together(client, Thread("server", server, daemon=True))
        assert await done.atomic_read() == 1

    assert fails(body) == ["after-together"]


def test_marks_and_loops_may_stand_outside_of_threads():
    async def body():
        total = Atomic("total")

        async def work():
            await total.atomic_inc()

        async def two():
            return await total.atomic_inc_return() if await total.atomic_read() > 1 else None

        async with section("setup"):
            await total.atomic_set(1)
        await together(work)
        assert await retry(two) == 3

    assert fails(body) == []


def test_what_looks_only_at_objects_that_no_thread_uses_is_vacuous():
    async def body():
        total, other = Atomic("total"), Atomic("other")

        async def work():
            await total.atomic_inc()

        await together(work)
        assert await other.atomic_read() == 0

    found = result(body, "after-together")
    assert found.verdict is Verdict.NEVER_EVALUATED
    assert found.cause is not None and "no thread uses what is looked at" in found.cause


def test_what_looks_only_at_what_the_setup_used_is_vacuous():
    async def body():
        total, other = Atomic("total"), Atomic("other")
        await other.atomic_inc()

        async def work():
            await total.atomic_inc()

        await together(work)
        assert await other.atomic_read() == 1

    found = result(body, "after-together")
    assert found.verdict is Verdict.NEVER_EVALUATED
    assert found.cause is not None and "other" in found.cause


def test_two_objects_of_one_name_are_refused_wherever_they_are_used():
    async def in_threads():
        one, other = Atomic("twin"), Atomic("twin")

        async def work():
            await one.atomic_inc()
            await other.atomic_inc()

        await together(work)

    async def in_the_rest():
        twin = Atomic("twin")

        async def one():
            await twin.atomic_inc()

        await together(one)
        assert await Cell("twin", 1).read() == 1

    async def in_the_setup():
        await Atomic("twin").atomic_inc()
        await Atomic("twin").atomic_inc()

    for body in (in_threads, in_the_rest, in_the_setup):
        with pytest.raises(ModelError, match="two objects are called 'twin'"):
            report(body)


def test_an_object_that_a_thread_makes_for_itself_is_refused():
    async def body():
        async def work():
            await Atomic("own").atomic_inc()

        await together(work, work)

    with pytest.raises(ModelError, match="two objects are called 'own'"):
        report(body)


def test_a_thread_that_makes_ever_new_objects_is_refused():
    async def body():
        async def work():
            await Atomic(f"own{time.monotonic_ns()}").atomic_inc()

        await together(work)

    with pytest.raises(ModelError, match="make objects before together"):
        report(body)


def test_a_setup_that_differs_from_run_to_run_is_refused():
    values = iter(range(100))

    async def body():
        total = Atomic("total")
        await total.atomic_set(next(values))

        async def work():
            await total.atomic_inc()

        await together(work)
        assert await total.atomic_read()

    with pytest.raises(NotDeterministic, match=r"total = 0 first, and .*total = 1 then"):
        report(body)


def test_together_within_a_thread_is_refused():
    async def body():
        async def inner():
            pass

        async def outer():
            await together(inner)

        await together(outer)

    with pytest.raises(ModelError, match="within a thread \\(thread outer"):
        report(body)


def test_a_choice_outside_of_threads_is_refused():
    async def body():
        await choose(1, 2)

    with pytest.raises(ModelError, match=r"choose\(\) outside of all threads"):
        report(body)


def test_an_exception_of_a_thread_is_an_error():
    async def body():
        async def work():
            raise KeyError("page")

        await together(work)

    with pytest.raises(ModelError, match="thread work raised KeyError"):
        report(body)


def test_an_exception_after_together_is_an_error():
    async def body():
        async def work():
            pass

        await together(work)
        raise KeyError("page")

    with pytest.raises(ModelError, match="raised KeyError"):
        report(body)


def test_a_run_is_repeated_from_its_choices():
    scene = Scene("body", counting(locked=False))
    [shown] = run(scene, ((0, 0), (1, 0), (1, 0), (0, 0)))
    assert shown.claim.name == "after-together"
    assert len(shown.trace.events) == 4


def test_a_run_that_shows_nothing_is_refused():
    with pytest.raises(PathError, match="its end shows nothing wrong"):
        run(Scene("body", counting(locked=True)), ((0, 0),))


def test_a_run_that_fails_a_requirement_is_repeated_under_its_name():
    async def body():
        count = Atomic("count")

        async def work():
            require(await count.atomic_inc_return() < 2, "one-only", stop=False)

        await together(work, work)

    scene = Scene("body", body)
    for _ in ("not searched before", "searched"):
        shown = run(scene, ((0, 0), (1, 0)))
        assert [each.claim.name for each in shown] == ["one-only"]
        explore_scene(scene, Options())

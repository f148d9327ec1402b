"""What is judged of every system, whatever it asks: in every reduction and engine."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    Property,
    RwSem,
    System,
    Thread,
    Verdict,
    always,
    assertions,
    at_end,
    can_end,
    choose,
    deadlock_free,
    forever,
    locks_released,
    never,
    never_together,
    no_misuse,
    require,
    required,
    section,
)
from locking.check import check
from locking.errors import ModelError, UsageError
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties.always import judged_always, property_called
from locking.studies.sampling import METHODS, Plan, sample
from locking.verdicts import Limits, Options, Report
from tests.engines import ENGINES
from tests.explore.compare import case_of
from tests.systems import threads

Build = Callable[..., System]


def reports(system: System, names: Sequence[str] = ()) -> list[Report]:
    """What every reduction and engine says; `compiled` is of no use to those of its own walk."""
    return [
        check(case_of(system), names, Options(engine=engine, reduction=name))
        for name in REDUCTIONS
        for engine in ENGINES
    ]


def said(system: System, names: Sequence[str] = ()) -> dict[str, Verdict]:
    """The verdicts by name, of which all reductions and engines have the same."""
    every = [
        {each.claim.name: each.verdict for each in report.results}
        for report in reports(system, names)
    ]
    assert all(each == every[0] for each in every), every
    return every[0]


def requiring(
    *properties: Property, unjudged: Sequence[Property] = (), stop: bool = True
) -> System:
    """Two threads, each of which fails the requirement `span` after its first step."""
    x = Cell("x", 0)

    async def work() -> None:
        await x.WRITE_ONCE(1)
        require(False, "span", stop=stop)
        await x.WRITE_ONCE(3)

    return System([x], threads(work, work), properties, unjudged=unjudged)


@pytest.mark.parametrize("stop", [True, False])
def test_a_requirement_that_no_property_names_is_judged(stop: bool) -> None:
    found = said(requiring(deadlock_free(), stop=stop))
    assert found == {"deadlock-free": Verdict.HOLDS, "span": Verdict.FAILS}


def test_an_assertion_that_no_property_names_is_judged() -> None:
    x = Cell("x", 0)

    async def work() -> None:
        await x.WRITE_ONCE(1)
        assert await x.READ_ONCE() == 2, "never"

    found = said(System([x], threads(work), [deadlock_free()]))
    assert found == {"deadlock-free": Verdict.HOLDS, "assertions": Verdict.FAILS}


def test_a_misuse_is_shown_beside_what_it_keeps_from_being_evaluated() -> None:
    x, m = Cell("x", 0), Mutex("m")

    async def work() -> None:
        await m.mutex_unlock()
        await x.write(3)

    properties = [always("x", lambda s: s[x] == 0), deadlock_free()]
    assert said(System([x, m], threads(work, work), properties)) == {
        "x": Verdict.NEVER_EVALUATED,
        "deadlock-free": Verdict.HOLDS,
        "no-misuse": Verdict.FAILS,
    }


def test_nothing_is_added_where_nothing_fails() -> None:
    x = Cell("x", 0)

    async def work() -> None:
        require(await x.READ_ONCE() == 0, "zero")

    assert said(System([x], threads(work), [deadlock_free()])) == {"deadlock-free": Verdict.HOLDS}


def test_a_model_leaves_one_out_by_name() -> None:
    found = said(requiring(deadlock_free(), unjudged=[required("span", "told elsewhere")]))
    assert found == {"deadlock-free": Verdict.HOLDS}
    assert "span" in said(requiring(deadlock_free(), unjudged=[required("other"), assertions()]))


def test_what_a_property_names_but_was_not_asked_for_is_left_out() -> None:
    system = requiring(deadlock_free(), required("span"))
    assert said(system, ["deadlock-free"]) == {"deadlock-free": Verdict.HOLDS}
    unnamed = requiring(deadlock_free(), always("small", lambda s: s.finished or True))
    assert said(unnamed, ["small"])["span"] is Verdict.FAILS


def fitting() -> System:
    """A thread that evaluates the requirement `fits`, of which no property speaks."""
    x = Cell("x", 0)

    async def work() -> None:
        require(await x.READ_ONCE() == 0, "fits")

    return System([x], threads(work), [deadlock_free()])


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_name_that_no_property_has_is_refused_with_those_that_there_are(reduction: str) -> None:
    case, options = case_of(fitting()), Options(reduction=reduction)
    for name, says in (("fit", "did you mean fits"), ("zz", "known: deadlock-free, fits")):
        for names in ([name], ["deadlock-free", name]):
            with pytest.raises(UsageError, match=f"unknown property '{name}': {says}"):
                check(case, names, options)
    assert [each.verdict for each in check(case, ["fits"], options).results] == [Verdict.HOLDS]


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_refuses_a_name_that_no_property_has(method: str) -> None:
    with pytest.raises(UsageError, match="unknown property 'zz': known: deadlock-free, fits"):
        sample(case_of(fitting()), ["zz"], Plan(method, runs=20), Limits())


def test_a_search_that_a_limit_ends_can_not_tell_whether_there_is_such_a_requirement() -> None:
    options = Options(limits=Limits(states=1))
    (result,) = check(case_of(fitting()), ["zz"], options).results
    assert result.verdict is Verdict.UNKNOWN


def test_a_path_of_it_shows_it() -> None:
    [*_, result] = check(case_of(requiring(deadlock_free()))).results
    assert result.path == "toy:only::span::a1" and not result.asked
    assert result.finding is not None and result.wrong


def test_a_property_may_have_the_name_of_a_requirement() -> None:
    x = Cell("x", 0)

    async def work() -> None:
        await x.WRITE_ONCE(1)
        require(False, await choose("span", "assertions", "no-misuse"))
        await x.WRITE_ONCE(3)

    system = System([x], threads(work), [always("span", lambda s: s[x] < 9)])
    found = said(system)
    fails = {name for name, verdict in found.items() if verdict is Verdict.FAILS}
    assert fails == {"span-failure", "assertions-failure", "no-misuse-failure"}
    for result in check(case_of(system)).results[1:]:
        assert property_called(system.properties, result.claim.name) == result.claim


@pytest.mark.parametrize("unjudged", [["span"], [deadlock_free()], [at_end("e", bool)]])
def test_only_what_is_judged_always_can_be_left_out(unjudged: Any) -> None:
    with pytest.raises(ModelError, match="not judged always"):
        requiring(deadlock_free(), unjudged=unjudged)


def test_what_is_asked_for_can_not_be_left_out() -> None:
    with pytest.raises(ModelError, match="among the properties"):
        requiring(required("span"), unjudged=[required("span")])


def test_a_search_that_a_limit_ends_says_what_it_has_seen() -> None:
    for name in REDUCTIONS:
        limits = Options(limits=Limits(states=2), reduction=name)
        found = check(case_of(requiring(deadlock_free())), options=limits).results
        assert [each.verdict for each in found if each.claim.name == "span"] != [Verdict.HOLDS]


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_shows_it(method: str) -> None:
    found = sample(case_of(requiring(deadlock_free())), (), Plan(method, runs=100), Limits())
    verdicts = {each.claim.name: each.verdict for each in found.results}
    assert verdicts == {"deadlock-free": Verdict.UNKNOWN, "span": Verdict.FAILS}
    assert [each.asked for each in found.results] == [True, False]


def leaking(*properties: Property, unjudged: Sequence[Property] = ()) -> System:
    """The second thread forgets its lock if it comes after the first."""
    x, m = Cell("x", 0), Mutex("m")

    async def first() -> None:
        async with m.hold():
            await x.write(1)

    async def second() -> None:
        await m.mutex_lock()
        if await x.read() == 1:
            return
        await m.mutex_unlock()

    return System([x, m], threads(first, second), properties, unjudged=unjudged)


def test_a_thread_that_ends_with_a_lock_is_a_verdict() -> None:
    found = said(leaking(deadlock_free()))
    assert found == {"deadlock-free": Verdict.HOLDS, "locks-released": Verdict.FAILS}
    assert said(leaking(locks_released())) == {"locks-released": Verdict.FAILS}
    left = said(leaking(deadlock_free(), unjudged=[locks_released()]))
    assert left == {"deadlock-free": Verdict.HOLDS}


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_shows_a_thread_that_ends_with_a_lock(method: str) -> None:
    found = sample(case_of(leaking(deadlock_free())), (), Plan(method, runs=100), Limits())
    assert found.results[-1].claim.name == "locks-released"


def test_copies_that_end_with_a_lock_of_their_own_are_found() -> None:
    locks = [RwSem("of-a"), RwSem("of-b")]
    go = Completion("go")

    async def work(lock: RwSem) -> None:
        await lock.down_read()
        if await choose(True, False):
            await lock.up_read()
        await go.wait_for_completion()

    async def let() -> None:
        await go.complete_all()

    running = [Thread(name, work, (lock,)) for name, lock in zip("ab", locks, strict=True)]
    system = System([*locks, go], [*running, Thread("c", let)], [deadlock_free()])
    assert said(system)["locks-released"] is Verdict.FAILS


def test_a_lock_that_is_let_go_on_every_way_is_none() -> None:
    m = Mutex("m")

    async def work() -> None:
        await m.mutex_lock()
        if await choose(True, False):
            await m.mutex_unlock()
            return
        await m.mutex_unlock()

    async def daemon() -> None:
        await m.mutex_lock()
        await forever(held)

    async def held() -> None:
        await m.mutex_unlock()
        await m.mutex_lock()

    running = [*threads(work, work), Thread("d", daemon, daemon=True)]
    assert "locks-released" not in said(System([m], running, [deadlock_free()]))
    assert said(System([m], running, [locks_released()])) == {"locks-released": Verdict.HOLDS}


def test_a_thread_that_fails_with_a_lock_has_not_ended() -> None:
    m = Mutex("m")

    async def work() -> None:
        await m.mutex_lock()
        require(False, "span")

    found = said(System([m], threads(work), [deadlock_free()]))
    assert found == {"deadlock-free": Verdict.HOLDS, "span": Verdict.FAILS}


def test_what_fails_somewhere_fails_in_every_space_though_part_of_it_is_vacuous() -> None:
    x, y = Cell("x", 0), Cell("y", 0)

    async def one() -> None:
        await x.WRITE_ONCE(1)
        await x.WRITE_ONCE(2)
        await x.WRITE_ONCE(3)

    async def two() -> None:
        await y.WRITE_ONCE(1)

    async def three() -> None:
        if await choose(False, True):
            await x.read()
        await x.read()

    bad = never("bad", lambda s: s[x] == 1 or s[x] == 2 or s.inside("nowhere"))
    assert said(System([x, y], threads(one, two), [bad])) == {"bad": Verdict.FAILS}
    good = at_end("good", lambda s: not s.inside("nowhere") and s[x] == 1)
    assert said(System([x], threads(three), [good])) == {"good": Verdict.FAILS}


def test_what_no_run_comes_near_is_never_evaluated_in_every_space() -> None:
    x, y = Cell("x", 0), Cell("y", 0)

    async def one() -> None:
        await x.WRITE_ONCE(1)

    async def two() -> None:
        await y.WRITE_ONCE(1)

    properties = [never("bad", lambda s: s[x] == 2 or s.inside("nowhere")), required("nobody")]
    found = said(System([x, y], threads(one, two), properties))
    assert set(found.values()) == {Verdict.NEVER_EVALUATED}


def test_a_section_without_a_step_is_told_from_one_that_no_run_enters() -> None:
    x = Cell("x", 0)

    async def work() -> None:
        async with section("room"):
            pass
        await x.read()

    properties = [never_together("empty", "room", "room"), never_together("none", "roof", "roof")]
    for report in reports(System([x], threads(work, work), properties)):
        empty, none = report.results
        assert empty.cause == "section 'room' has no step in it"
        assert none.cause is not None and none.cause.startswith("no run enters section 'roof'")


def test_all_threads_have_ended_wherever_a_daemon_stands() -> None:
    x, gone = Cell("x", 1), Completion("gone")

    async def toggle() -> None:
        await x.WRITE_ONCE(0)
        await x.WRITE_ONCE(1)

    async def daemon() -> None:
        if await choose(True, False):
            await gone.wait_for_completion()
        await forever(toggle)

    async def worker() -> None:
        await x.READ_ONCE()

    properties = [
        at_end("end", lambda s: s[x] == 1),
        never("finished", lambda s: s.finished and s[x] == 0),
    ]
    running = [Thread("worker", worker), Thread("daemon", daemon, daemon=True)]
    system = System([x, gone], running, properties)
    assert set(said(system).values()) == {Verdict.FAILS}
    for method in METHODS:
        found = sample(case_of(system), (), Plan(method, runs=100, steps=20), Limits())
        assert {each.verdict for each in found.results} == {Verdict.FAILS}


def test_no_misuse_is_judged_once() -> None:
    assert judged_always([no_misuse("mine")], [], []) == [locks_released(), can_end()]

"""Makespans of random systems are those of a simulation that takes every run by itself."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from locking import Fairness, System
from locking.durations.clock import Clock, Timed
from locking.durations.makespan import Makespan, walk
from locking.durations.memoryless import Memoryless, Remembering
from locking.durations.table import Duration, Durations
from locking.durations.timeline import timeline
from locking.errors import ModelError
from tests.durations.brute import Things, TooLong, threads_of, times

LASTS = {"a": 1, "b": 2, "c": 5}
UNIT = Fraction(1)

modes = st.sampled_from(["m", "read", "write"])
work = st.tuples(st.just("work"), st.sampled_from("ab"))


def instructions(*, memory: bool) -> st.SearchStrategy[Any]:
    """A few instructions; without `memory`, what memory holds decides nothing."""
    plain = st.one_of(
        work,
        st.tuples(st.just("held"), modes, st.just("c")),
        st.tuples(st.just("block"), modes, st.sampled_from("ab")),
    )
    inner = st.lists(st.one_of(work, st.just(("set", 1))), max_size=2)
    nested = [
        st.tuples(st.just("locked"), modes, inner),
        st.tuples(st.just("try"), modes, inner, inner),
        st.just(("set", 1)),
    ]
    if memory:
        nested.append(st.tuples(st.just("if"), inner))
    return st.lists(st.one_of(plain, *nested), min_size=1, max_size=3)


def programs(*, memory: bool) -> st.SearchStrategy[Any]:
    return st.lists(instructions(memory=memory), min_size=1, max_size=3)


def durations_in(o: Things, mode: str) -> Durations:
    """Those of `LASTS`, and of c while the lock is held that `mode` takes."""
    held = o.locks[mode][0].name
    found = {name: Duration(name, Fraction(units)) for name, units in LASTS.items()}
    return Durations({**found, "c": Duration("c", Fraction(LASTS["c"]), held)})


def found_by_force(written: Any, o: Things, starts: list[int], most: int) -> Makespan:
    """Best and worst, by the simulation."""
    try:
        found = list(times(written, o, LASTS, starts, most))
    except TooLong:
        assume(False)
    ends = [each for each in found if each is not None]
    return Makespan(min(ends, default=None), max(ends, default=None), 0, None in found)


def same(one: Makespan, other: Makespan) -> bool:
    """Whether two makespans are, but for the states that it took to know."""
    return replace(one, states=0) == replace(other, states=0)


def compare(written: Any, mode: str, starts: list[int], fairness: Fairness, most: int) -> None:
    """The clock says what the simulation says; so does its run."""
    written = [
        [("held", mode, "c") if each[0] == "held" else each for each in own] for own in written
    ]
    o = Things(fairness)
    starts = (starts * len(written))[: len(written)]
    expected = found_by_force(written, o, starts, most)
    product = System(o.all, threads_of(written, o), []).product()
    found = walk(Clock(product, durations_in(o, mode), UNIT, starts))
    assert same(found.makespan(), expected)
    for times_ in (found.best(), found.worst()):
        if times_[0] is not None:
            run = timeline(found.clock, found.run(times_))
            assert run.end == times_[0]
            links = [link.bar for link in run.critical]
            assert all(one.end == other.begin for one, other in pairwise(links))
            assert not links or links[-1].end == run.end
            assert not any(each.waits for each in links)


ASKED = {
    "written": programs(memory=True),
    "mode": modes,
    "starts": st.lists(st.integers(0, 2), min_size=1, max_size=3),
    "fairness": st.sampled_from(Fairness),
}


@settings(max_examples=25, deadline=None)
@given(**ASKED)
def test_a_few_makespans_are_those_of_brute_force(written, mode, starts, fairness) -> None:
    compare(written, mode, starts, fairness, 300)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(**ASKED)
def test_many_makespans_are_those_of_brute_force(written, mode, starts, fairness) -> None:
    compare(written, mode, starts, fairness, 3_000)


def compare_without_memory(written: Any, copies: int, fairness: Fairness, start: int) -> None:
    """Leaving memory out changes no time; nor does an exchange of threads of one program."""
    o = Things(fairness)
    programs_ = [each for each in written for _ in range(copies)]
    alike = [at for at, _ in enumerate(written) for _ in range(copies)]
    starts = [start * at for at in range(len(programs_))]
    product = System(o.all, threads_of(programs_, o), []).product()
    table = Durations({name: Duration(name, Fraction(units)) for name, units in LASTS.items()})
    whole = walk(Remembering(product, table, UNIT, starts)).makespan()
    less = walk(Memoryless(product, table, UNIT, starts, alike)).makespan()
    assert same(whole, less)
    assert less.states <= whole.states


WITHOUT = {
    "written": st.lists(instructions(memory=False), min_size=1, max_size=2),
    "copies": st.integers(1, 2),
    "fairness": st.sampled_from(Fairness),
    "start": st.integers(0, 1),
}


@settings(max_examples=12, deadline=None)
@given(**WITHOUT)
def test_a_few_makespans_are_the_same_without_memory(written, copies, fairness, start) -> None:
    compare_without_memory(written, copies, fairness, start)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(**WITHOUT)
def test_many_makespans_are_the_same_without_memory(written, copies, fairness, start) -> None:
    compare_without_memory(written, copies, fairness, start)


def test_threads_of_different_programs_are_not_exchanged() -> None:
    o = Things(Fairness.FIFO)
    first = ("locked", "m", [("work", "a")])
    product = System(o.all, threads_of([[first, ("work", "c")], [first]], o), []).product()
    table = Durations({name: Duration(name, Fraction(units)) for name, units in LASTS.items()})
    found = walk(Memoryless(product, table, UNIT, [0, 0], [0, 1])).makespan()
    assert (found.best, found.worst) == (6, 7)


def test_whose_turn_it_is_in_a_queue_is_not_forgotten() -> None:
    o = Things(Fairness.FIFO)
    mine = [
        ("try", "m", [("locked", "write", [("work", "a")]), ("work", "c")], []),
        ("locked", "write", [("work", "b")]),
    ]
    product = System(o.all, threads_of([mine] * 3, o), []).product()
    table = Durations({name: Duration(name, Fraction(units)) for name, units in LASTS.items()})
    whole = walk(Remembering(product, table, UNIT, [0, 0, 0]))
    less = walk(Memoryless(product, table, UNIT, [0, 0, 0], [0, 0, 0]))
    assert same(whole.makespan(), less.makespan())
    keys = {key for key in map(less.clock.key, whole.states) if not isinstance(key, Timed)}
    assert keys == {key for key in less.numbers if not isinstance(key, Timed)}


def test_memory_that_decides_what_a_thread_does_is_refused() -> None:
    o = Things(Fairness.FIFO)
    written = [[("set", 1)], [("if", [("work", "a")]), ("locked", "m", [("work", "b")])]]
    product = System(o.all, threads_of(written, o), []).product()
    clock = Remembering(product, durations_in(o, "m"), UNIT, [0, 0])
    with pytest.raises(ModelError, match="what memory holds decides which lock t1 takes next"):
        walk(clock)

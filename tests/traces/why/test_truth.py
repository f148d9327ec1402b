"""No clause of a diagnosis says what its run does not show: each is read and looked up there."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from locking.check import check
from locking.model import Model
from locking.traces.replay import Event, Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import writes
from locking.traces.why.explain import diagnose
from tests.explore.systems import Recipe, programs
from tests.traces.runs import of_system
from tests.traces.why.test_declared_causes import ROWS, shown

CHANGED = re.compile(
    r"(?:^|[;,] (?:but )?)(\S+) had changed (\S+) from (.*?) to (.*?) in step (\d+)"
)
READ = re.compile(r"after (?!it )(\S+) had read (.*?) in step (\d+)")
LAST = re.compile(r" by (\S+) in step (\d+) \([^()]*\) is the last to write (.*?)(?:; |\.$)")
SOON = re.compile(
    r"; (\S+) had read (\S+) = ([^;]*?)(?: \(\S+, step \d+\))? in step (\d+), and (\S+) changed "
    r"that from ([^;]*?) to ([^;]*?) only in step (\d+)"
)
NEVER = re.compile(r"no step had written (.*?) before, and .*? by (\S+) is still to come")
ALONE = re.compile(r"; (\S+) had changed (\S+) from [^;]* and no other thread had written it")
VAIN = re.compile(r"; (\S+?)\(([^;]*) by (\S+) in step (\d+) changed nothing")
LET_ON = re.compile(r"; (\S+?)\(([^;]*) by (\S+) in step (\d+) let (\S+) go on in step (\d+)")
TOOK = re.compile(r"(\S+) (?:then took|took|had taken) step (\d+), (.*?)(?: changes | \(|, )")


def of_step(trace: Trace, number: str, who: str) -> list[Event]:
    """The events of a step, which must be of that thread."""
    events = [event for event in trace.events if event.number == int(number)]
    assert events and {trace.names[event.thread] for event in events} == {who}
    return events


def changed(trace: Trace, who: str, name: str, old: str, new: str, number: str) -> bool:
    """Whether a thread changed an object so, in that step."""
    found = [event.change for event in of_step(trace, number, who) if event.change]
    return (name, old, new) in [(each.object, each.old, each.new) for each in found]


def had_read(trace: Trace, who: str, value: str, number: str) -> bool:
    """Whether a thread had a value in that step."""
    return value in [repr(event.result) for event in of_step(trace, number, who)]


def last_to_write(trace: Trace, who: str, number: str, name: str) -> bool:
    """Whether that step wrote the object, and none after it did."""
    wrote = [each for each in trace.events if each.target == name and (each.change or writes(each))]
    return bool(of_step(trace, number, who)) and wrote[-1].number == int(number)


def took(trace: Trace, who: str, number: str, call: str) -> bool:
    """Whether a thread took that step, and what it did begins so."""
    return any(event.call.startswith(call.split(" = ")[0]) for event in of_step(trace, number, who))


def too_soon(
    trace: Trace, who: str, name: str, value: str, read: str, by: str, old: str, new: str, late: str
) -> bool:
    """Whether a thread had read that, which the other changed so, and nobody had before."""
    first = next(each for each in trace.events if each.target == name and each.change)
    return (
        had_read(trace, who, value, read)
        and changed(trace, by, name, old, new, late)
        and int(read) < int(late)
        and first.number > int(read)
    )


def never_written(trace: Trace, name: str, who: str) -> bool:
    """Whether no step wrote that, and the thread is not at its end."""
    goes_on = trace.product.position(trace.names.index(who), trace.end).next is not None
    return goes_on and not any(each.target == name and writes(each) for each in trace.events)


def alone(trace: Trace, who: str, name: str) -> bool:
    """Whether nobody but that thread wrote the object."""
    wrote = {
        trace.names[each.thread] for each in trace.events if each.target == name and writes(each)
    }
    return wrote == {who}


def in_vain(trace: Trace, call: str, _: str, who: str, number: str) -> bool:
    """Whether that step of a thread changed nothing."""
    return any(
        event.call.startswith(call) and event.change is None
        for event in of_step(trace, number, who)
    )


def let_on(trace: Trace, call: str, _: str, who: str, number: str, other: str, on: str) -> bool:
    """Whether a thread took a step, and the other took the later one."""
    return (
        any(event.call.startswith(call) for event in of_step(trace, number, who))
        and bool(of_step(trace, on, other))
        and int(number) < int(on)
    )


LOOKED_UP: tuple[tuple[re.Pattern[str], Callable[..., bool]], ...] = (
    (CHANGED, changed),
    (READ, had_read),
    (LAST, last_to_write),
    (TOOK, took),
    (SOON, too_soon),
    (NEVER, never_written),
    (ALONE, alone),
    (VAIN, in_vain),
    (LET_ON, let_on),
)
"""For every form of a clause, how it is looked up."""


def lies(run: ShownRun) -> list[str]:
    """The clauses of the diagnosis of a run that the run does not show."""
    says = diagnose(run)
    return [
        found.group()
        for pattern, look_up in LOOKED_UP
        for found in pattern.finditer(says)
        if "…" not in found.group() and not look_up(run.trace, *found.groups())
    ]


def test_no_clause_about_a_declared_run_is_false() -> None:
    assert [each for row in ROWS[::12] for each in lies(shown(row))] == []


@pytest.mark.slow
def test_no_clause_about_any_declared_run_is_false() -> None:
    assert [each for row in ROWS for each in lies(shown(row))] == []


def test_a_false_clause_is_found() -> None:
    trace = shown(ROWS[4]).trace
    assert changed(trace, "second", "counter", "0", "1", "3")
    assert not changed(trace, "second", "counter", "0", "2", "3")
    assert had_read(trace, "first", "0", "1") and not had_read(trace, "first", "1", "1")
    assert last_to_write(trace, "first", "4", "counter")
    assert not last_to_write(trace, "second", "3", "counter")


def all_is_true(recipe: Recipe) -> None:
    """No clause about a failing run of a random system is false."""
    model = Model("random", "", lambda _: recipe.build()[0])
    for result in check(model.case("only", None)).results:
        if result.choices is not None and not result.claim.wanted:
            system, _ = recipe.build()
            assert lies(of_system(system, result.choices, result.claim.name)) == []


def randomly(examples: int) -> settings:
    """So many random systems, the same ones each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@randomly(5)
@given(programs())
def test_no_clause_about_a_random_run_is_false(recipe: Recipe) -> None:
    all_is_true(recipe)


@pytest.mark.slow
@randomly(100)
@given(programs())
def test_no_clause_about_many_random_runs_is_false(recipe: Recipe) -> None:
    all_is_true(recipe)

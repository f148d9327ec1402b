"""A path run again: the run with what it shows, or why there is none."""

import pytest

from locking import Case, Cell, Model, Mutex, System, Thread, always, deadlock_free
from locking.errors import ModelError, PathError, UsageError
from locking.properties.explored import Verdict
from locking.traces.path import decode, decode_choices
from locking.traces.rerun import rerun, shown_by

x = Cell("x", 0)
lock = Mutex("lock")


async def set_one() -> None:
    async with lock.hold():
        await x.write(1)


def case(limit: int = 1) -> Case:
    """Two threads that set a cell under a lock; `small` is that it stays below a limit."""
    small = always("small", lambda s: s[x] < limit, "x is small")
    threads = [Thread("a", set_one), Thread("b", set_one)]
    model = Model("m", "", lambda _: System([x, lock], threads, [small, deadlock_free()]))
    return model.case("only", None)


def test_a_run_says_what_it_shows_and_by_which_path() -> None:
    run = rerun(case(), "small", decode_choices("", "a2"))
    assert (run.claim.name, run.verdict, run.condition) == ("small", Verdict.FAILS, "x is small")
    assert run.outcome == "small fails"
    assert run.finding == run.claim.find(run.trace.product, run.trace.end)
    assert [event.call for event in run.trace.events] == ["mutex_lock(lock)", "write(x, 1)"]
    path = decode(run.path)
    assert (path.property, path.choices) == ("small", ((0, 0), (0, 0)))


def test_a_run_that_does_not_show_the_property_is_refused() -> None:
    with pytest.raises(PathError, match="its end does not show small: the model is not what it"):
        rerun(case(), "small", decode_choices("", "a1"))


def test_a_step_that_cant_be_taken_is_refused() -> None:
    with pytest.raises(PathError, match="step 2: b can't take it; it waits in mutex_lock"):
        rerun(case(), "small", decode_choices("", "a1.b1"))


def test_a_property_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown property 'smal': did you mean small"):
        rerun(case(), "smal", ())


def test_what_the_models_own_code_raises_names_the_case() -> None:
    bad = always("bad", lambda s: 1 // s[x] > 0)
    model = Model("m", "", lambda _: System([x, lock], [Thread("a", set_one)], [bad]))
    with pytest.raises(ModelError, match=r"m.*: ZeroDivisionError"):
        rerun(model.case("only", None), "bad", ())


def test_a_trace_is_asked_of_one_property_after_the_other() -> None:
    run = rerun(case(), "small", decode_choices("", "a2"))
    choices, properties = ((0, 0), (0, 0)), case().build().properties
    shown = [shown_by(run.case, each, choices, run.trace) for each in properties]
    assert [each.claim.name for each in shown if each] == ["small"]

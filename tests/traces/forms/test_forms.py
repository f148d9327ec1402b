"""The same run tells the same story in every form: what happens is read back from each."""

from collections.abc import Callable

import pytest

from locking.errors import UsageError
from locking.traces.forms import to_json, to_lockdep, to_mermaid, to_perfetto, to_text
from locking.traces.forms.page import Detail, Page
from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun
from tests.traces import runs
from tests.traces.forms import read_back
from tests.traces.forms.read_back import Said
from tests.traces.forms.read_columns import agrees, from_text, said

Reader = Callable[[str], list[Said]]

FORMS = {
    "json": (to_json.render, read_back.from_json, read_back.whole),
    "perfetto": (to_perfetto.render, read_back.from_perfetto, read_back.whole),
    "mermaid": (to_mermaid.render, read_back.from_mermaid, read_back.drawn),
    "lockdep": (to_lockdep.render, read_back.from_lockdep, read_back.on_locks),
}

EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def tells_the_same(form: str, told: ShownRun) -> bool:
    """Whether what is read back from a form is the run; false where it does not take the run."""
    write, read, expected = FORMS[form]
    try:
        text = write(told, Page())
    except UsageError:
        assert form == "lockdep"
        return False
    assert read(text) == expected(told.trace), told.path
    return True


def test_every_failing_cell_of_the_default_check_is_the_same_run_in_every_form():
    """All in one test, so that the cells are searched once, by one process."""
    for form in FORMS:
        taken = [tells_the_same(form, told) for told in runs.failing_cells()]
        # No lock of memory hotplug is taken in two orders.
        assert len(taken) >= 200 and set(taken) == {form != "lockdep"}
    for told in runs.failing_cells():
        columns_tell_the_same(told, 80)
        columns_tell_the_same(told, 120)


def columns_tell_the_same(told: ShownRun, width: int) -> None:
    """Read the columns of a run, none of its steps folded, and compare."""
    text = to_text.render(told, Page(width, Detail.FULL))
    shown = from_text(text, width)
    assert len(shown) == len(told.trace.events), f"{told.path}\n{text}"
    for one, event in zip(shown, told.trace.events, strict=True):
        assert any(agrees(one, wanted) for wanted in said(told.trace, event)), (one, told.path)


@pytest.mark.parametrize("width", [80, 120])
def test_the_columns_of_every_other_run_are_the_same_run(width):
    for told in [*runs.textbook(), *runs.small().values()]:
        if told.trace.events:
            columns_tell_the_same(told, width)


@EVERY_FORM
def test_every_run_of_the_textbook_is_the_same_run_in_every_form(form):
    told = [tells_the_same(form, told) for told in runs.textbook()]
    assert any(told) and (form == "lockdep" or all(told))


@EVERY_FORM
@pytest.mark.parametrize("name", runs.small())
def test_every_kind_of_step_is_the_same_in_every_form(name, form):
    assert tells_the_same(form, runs.small()[name]) or form == "lockdep"


@EVERY_FORM
def test_a_step_that_is_left_out_would_be_seen(form):
    """The comparison can fail: a form of a run that lacks its last step differs."""
    told = runs.small()["deadlock"]
    write, read, expected = FORMS[form]
    shorter = Trace(told.trace.product, told.trace.events[:-1], told.trace.end)
    assert read(write(told, Page())) != expected(shorter)

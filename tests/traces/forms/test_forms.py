"""A run tells the same story in every form: what happens is read back from each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

import locking.traces.forms
from locking.errors import UsageError
from locking.traces.forms import FORMS, TEXT, render
from locking.traces.forms.page import Detail, Page
from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun
from tests.traces import runs
from tests.traces.forms import read_back
from tests.traces.forms.hostile import EXAMPLES, hostile
from tests.traces.forms.read_columns import agrees, from_text, said

PAGES = (Page(80, Detail.FULL), Page(120, Detail.FULL))
"""Pages that show every step; those who don't know of columns write the same on both."""


def columns(text: str, trace: Trace, page: Page) -> bool:
    """Whether the columns of a text are this run."""
    shown = from_text(text, page.width)
    return len(shown) == len(trace.events) and all(
        any(agrees(one, wanted) for wanted in said(trace, event))
        for one, event in zip(shown, trace.events, strict=True)
    )


TELLS: dict[str, Callable[[str, Trace, Page], bool]] = {
    "text": columns,
    "json": lambda text, trace, _: read_back.from_json(text) == read_back.whole(trace),
    "perfetto": lambda text, trace, _: read_back.from_perfetto(text) == read_back.whole(trace),
    "mermaid": lambda text, trace, _: read_back.from_mermaid(text) == read_back.drawn(trace),
    "lockdep": lambda text, trace, _: read_back.from_lockdep(text) == read_back.on_locks(trace),
}
"""For every form, whether what is read back from its text is a run."""

EVERY_FORM = pytest.mark.parametrize("form", FORMS)


def tells_the_same(form: str, run: ShownRun) -> bool:
    """Whether what is read back from a form is the run; false where it does not take the run."""
    for page in PAGES if form == TEXT else PAGES[:1]:
        try:
            text = render(run, form, page)
        except UsageError:
            assert form == "lockdep"
            return False
        assert text.strip(), run.path
        if run.trace.events or form != TEXT:  # without a step there are no columns
            assert TELLS[form](text, run.trace, page), f"{run.path}\n{text}"
    return True


def test_every_form_can_be_read_back() -> None:
    assert set(TELLS) == set(FORMS)


def test_every_file_of_a_form_is_registered() -> None:
    [folder] = map(Path, locking.traces.forms.__path__)
    assert {file.stem.removeprefix("to_") for file in folder.glob("to_*.py")} == set(FORMS)


@EVERY_FORM
def test_every_form_names_the_threads_of_a_run(form: str) -> None:
    run = runs.small()["deadlock"]
    text = render(run, form, Page())
    assert all(name in text for name in run.trace.names)


@EVERY_FORM
def test_every_form_names_the_property_that_is_shown(form: str) -> None:
    run = runs.small()["deadlock"]
    assert run.claim.name in render(run, form, Page())


@EVERY_FORM
def test_no_form_prints_a_sign_that_does_not_show(form: str) -> None:
    """Nor half a sign, which no file takes: names and values of a model are any text."""

    @EXAMPLES
    @given(hostile())
    def printed(run: ShownRun) -> None:
        try:
            text = render(run, form, Page())
        except UsageError:
            return
        assert all(line.isprintable() for line in text.split("\n")), form

    printed()


@pytest.mark.slow
def test_every_failing_cell_of_the_default_check_is_the_same_run_in_every_form() -> None:
    """All in one test, so that the cells are searched once, by one process."""
    for form in FORMS:
        taken = [tells_the_same(form, run) for run in runs.failing_cells()]
        # No lock of memory hotplug is taken in two orders.
        assert len(taken) >= 200 and set(taken) == {form != "lockdep"}


@EVERY_FORM
def test_every_run_of_the_textbook_is_the_same_run_in_every_form(form: str) -> None:
    told = [tells_the_same(form, run) for run in runs.textbook()]
    assert any(told) and (form == "lockdep" or all(told))


@EVERY_FORM
@pytest.mark.parametrize("name", runs.small())
def test_every_kind_of_step_is_the_same_in_every_form(name: str, form: str) -> None:
    assert tells_the_same(form, runs.small()[name]) or form == "lockdep"


@EVERY_FORM
def test_a_step_that_is_left_out_would_be_seen(form: str) -> None:
    """The comparison can fail: a form of a run that lacks its last step differs."""
    run = runs.small()["deadlock"]
    shorter = Trace(run.trace.product, run.trace.events[:-1], run.trace.end)
    for page in PAGES:
        assert not TELLS[form](render(run, form, page), shorter, page)


@EVERY_FORM
def test_a_form_that_prints_nothing_would_be_seen(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"locking.traces.forms.to_{form}.render", lambda *_: "")
    with pytest.raises(AssertionError):
        tells_the_same(form, runs.small()["deadlock"])

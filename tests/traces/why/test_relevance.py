"""What `Why` names is among the steps that `--why` shows."""

import pytest

from locking import Cell, System, Thread, require, required
from locking.traces.why.explain import diagnose
from locking.traces.why.relevance import explained, steps_named
from tests.traces.runs import of_system
from tests.traces.why.declared_causes import TEXTBOOK, Row
from tests.traces.why.test_declared_causes import ROWS, shown


def test_steps_are_found_in_every_form_in_which_a_sentence_names_them() -> None:
    says = "a did it in step 3 (b, step 12), between c's steps 4 and 17; from step 21 on"
    assert steps_named(says) == {3, 12, 4, 17, 21}


def all_named_are_shown(row: Row) -> bool:
    """Whether `--why` shows every step that the diagnosis of a run names."""
    run = shown(row)
    named = steps_named(diagnose(run))
    return named <= set(explained(run).steps)


@pytest.mark.parametrize("row", TEXTBOOK, ids=lambda row: row.path)
def test_what_a_diagnosis_names_is_shown(row: Row) -> None:
    assert all_named_are_shown(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_what_any_diagnosis_names_is_shown(row: Row) -> None:
    assert all_named_are_shown(row)


def test_a_write_that_changes_nothing_is_shown_with_the_one_that_made_the_value() -> None:
    x = Cell("x", 0)

    async def write() -> None:
        await x.write(1)

    async def look() -> None:
        require(await x.read() == 0, "zero")

    users = [Thread("a", write), Thread("again", write), Thread("reader", look)]
    run = of_system(System([x], users, [required("zero")]), "a1.b1.c1")
    assert explained(run).steps == (1, 2, 3)


def test_of_writes_that_all_change_a_value_only_the_last_is_shown() -> None:
    x = Cell("x", 0)

    async def write(value: int) -> None:
        await x.write(value)

    async def look() -> None:
        require(await x.read() == 0, "zero")

    users = [Thread("a", write, (1,)), Thread("b", write, (2,)), Thread("reader", look)]
    run = of_system(System([x], users, [required("zero")]), "a1.b1.c1")
    assert explained(run).steps == (2, 3)

"""Traces of three threads and more have few lines."""

from statistics import mean

import pytest

from locking.traces.forms.page import Page
from locking.traces.forms.to_text import render
from tests.traces.why.declared_causes import CLASSICS, Row
from tests.traces.why.test_declared_causes import ROWS, shown

MOST = 1.5
"""Lines that a step has at most, on average."""

SMALL = ("mcs_lock", "sleeping_barber", "rcu_list:only::no-use-after-free", "one-condition")


def lines_of_a_step(row: Row) -> float:
    """Lines of a run for each of its steps, at 80 columns, without the head; 0 for few threads."""
    run = shown(row)
    if len(run.trace.names) < 3:
        return 0
    _, steps, *_ = render(run, Page(80)).split("\n\n")
    return (len(steps.splitlines()) - 1) / (len(run.trace.states) - 1)


@pytest.mark.parametrize(
    "row",
    [row for row in CLASSICS if any(name in row.path for name in SMALL)],
    ids=lambda row: row.path,
)
def test_a_step_of_many_threads_has_few_lines(row: Row) -> None:
    assert 0 < lines_of_a_step(row) <= MOST


@pytest.mark.slow
def test_runs_of_many_threads_have_few_lines_on_average() -> None:
    """A run of a few steps may have more: the state of a lock is a line."""
    found = [lines for row in ROWS if (lines := lines_of_a_step(row))]
    assert 0 < mean(found) <= MOST

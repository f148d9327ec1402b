"""The splat: whole for one of each kind, and what is none."""

import re
import textwrap

import pytest
from hypothesis import given

from locking.errors import UsageError
from locking.text.fit import escape
from locking.traces.forms.page import Page
from locking.traces.forms.to_lockdep import render
from locking.traces.shown_run import ShownRun
from tests.traces import runs
from tests.traces.forms.hostile import EXAMPLES, hostile


def report(told: ShownRun) -> str:
    """The report, without the lines of the file, which change with every edit."""
    return re.sub(r"runs\.py:\d+", "runs.py:N", render(told, Page()))


def same(shown: str, expected: str) -> None:
    """Compare with a text that is indented here for the eye."""
    assert shown == textwrap.dedent(expected).strip("\n")


def test_two_locks_in_two_orders_are_a_circular_dependency():
    same(
        report(runs.small()["deadlock"]),
        """
        [ made by locking from a run of a model, small: no kernel printed this ]

        ======================================================
        WARNING: possible circular locking dependency detected
        small, a model
        ------------------------------------------------------
        two/2 is trying to acquire lock:
        (passing){down_write}, at: runs.py:N

        but task is already holding lock:
        (a){mutex_lock}, at: runs.py:N, step 2

        which lock already depends on the new lock.


        the existing dependency chain (in reverse order) is:

        -> #1 (a){mutex_lock}:
               one/1: (a){mutex_lock}, at: runs.py:N
                 holding (passing){down_read}, at: runs.py:N, step 1

        -> #0 (passing){down_write}:
               two/2: (passing){down_write}, at: runs.py:N
                 holding (a){mutex_lock}, at: runs.py:N, step 2

        other info that might help us debug this:

         Possible unsafe locking scenario:

               CPU0                    CPU1
               ----                    ----
          lock(a);
                                       lock(passing);
                                       lock(a);
          lock(passing);

         *** DEADLOCK ***

        1 lock held by two/2:
         #0: (a){mutex_lock}, at: runs.py:N, step 2

        the run, as far as it is on locks:
        [    1] one/1: down_read(passing), at: runs.py:N
        [    2] two/2: mutex_lock(a), at: runs.py:N
        [  end] one/1: waits in mutex_lock(a), at: runs.py:N
        [  end] two/2: waits in down_write(passing), at: runs.py:N

        Replay: locking replay small:only::deadlock-free::a1.b1
        """,
    )


def test_a_chain_of_three_names_the_one_between():
    text = report(runs.small()["three"])
    assert "Chain exists of:\n  c --> b --> a\n" not in text
    assert re.search(r"r/3 is trying to acquire lock:\n\(a\).*\n\nbut task .*\n\(c\)", text)
    assert "Chain exists of:\n  a --> b --> c\n" in text
    assert re.findall(r"-> #(\d) \((\w)\)", text) == [("2", "c"), ("1", "b"), ("0", "a")]
    assert re.findall(r"lock\((\w)\);", text) == ["c", "b", "c", "a"]


def test_a_run_that_ends_well_shows_its_order_too():
    text = report(runs.small()["ends well"])
    assert "two/2 is trying to acquire lock:\n(a){mutex_lock}, at: runs.py:N, step 7\n" in text
    assert "waits in" not in text


@pytest.mark.parametrize(
    ("name", "who", "call"), [("twice", "taker/1", "mutex_lock"), ("queue", "r/1", "down_read")]
)
def test_a_lock_that_its_holder_takes_again_is_recursive(name, who, call):
    text = report(runs.small()[name])
    assert "WARNING: possible recursive locking detected\n" in text
    assert f"{who} is trying to acquire lock:\n" in text
    assert text.count(f"){{{call}}}, at: runs.py:N, step 1") >= 2


def test_a_deadlock_without_a_cycle_of_locks_says_who_waits_and_who_holds():
    same(
        report(runs.small()["completion"]),
        """
        [ made by locking from a run of a model, small: no kernel printed this ]

        INFO: task w/1 blocked in wait_for_completion(done), at: runs.py:N
        INFO: task c/2 blocked in mutex_lock(a), at: runs.py:N

        Showing all locks held in the system:
        1 lock held by w/1:
         #0: (a){mutex_lock}, at: runs.py:N, step 1

        w waits for done (runs.py:N), whose state is: 0 may pass; c waits for a, which w holds \
(since step 1), and no thread can take a step.

        the run, as far as it is on locks:
        [    1] w/1: mutex_lock(a), at: runs.py:N
        [  end] w/1: waits in wait_for_completion(done), at: runs.py:N
        [  end] c/2: waits in mutex_lock(a), at: runs.py:N

        Replay: locking replay small:only::deadlock-free::a1
        """,
    )


@pytest.mark.parametrize("name", ["trylock", "readers", "misuse", "requirement", "no step"])
def test_a_run_without_a_cycle_is_refused(name):
    """A trylock waits for nobody, and readers that pass one another do neither."""
    with pytest.raises(UsageError, match=r"no order that has a cycle"):
        render(runs.small()[name], Page())


def test_a_reader_and_a_writer_are_a_cycle():
    assert "possible circular" in render(runs.small()["writer"], Page())


def test_every_deadlock_of_the_textbook_has_a_report():
    deadlocks = [told for told in runs.textbook() if told.claim.name == "deadlock-free"]
    assert deadlocks and all("no kernel printed this" in render(told, Page()) for told in deadlocks)


@EXAMPLES
@given(hostile())
def test_names_of_any_signs_can_be_printed(told):
    """Each is where it belongs, and none ends a line or moves a cursor."""
    again = ShownRun(told.case, runs.small()["deadlock"].claim, told.finding, told.trace, told.path)
    text = render(again, Page())
    assert text.replace("\n", "").isprintable()
    for name in told.trace.names:
        assert escape(name) in text

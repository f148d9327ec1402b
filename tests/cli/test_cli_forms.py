"""`--to`: one document on stdout, whatever is read next; all else is refused or on stderr."""

import json

import pytest

from locking.traces.forms import FORMS

ABBA = "textbook.abba:only::deadlock-free::a1.b1"
LOST = "textbook.lost_update:only::sum::a1.b2.a1"

BEGINS = {
    "text": "deadlock-free fails after 2 steps",
    "json": '{\n "version": 1,\n "model": "textbook.abba",',
    "perfetto": '{"displayTimeUnit": "ms",',
    "mermaid": "sequenceDiagram\n",
    "lockdep": "[ made by locking from a run of a model, textbook.abba: no kernel",
}


@pytest.mark.parametrize("form", FORMS)
def test_both_commands_print_a_run_in_every_form(locking, form):
    status, shown, err = locking("trace", "textbook.abba", "--to", form)
    assert (status, err) == (0, "")
    assert shown.startswith(BEGINS[form])
    assert locking("replay", ABBA, "--to", form) == (0, shown, "")


def test_what_is_printed_is_one_document(locking):
    for form in ("json", "perfetto"):
        json.loads(locking("replay", LOST, "--to", form)[1])


def test_a_file_is_named_as_seen_from_here(locking):
    out = locking("trace", "toy.py", "--placement", "bare", "--scenario", "many", "--to", "json")[1]
    document = json.loads(out)
    assert document["model"] == "toy.py" and document["scope"] == {"speed": "fast", "workers": 2}
    assert {event["source"]["file"] for event in document["events"]} == {"toy.py"}


def test_where_there_is_nothing_to_show_stdout_is_empty(locking):
    asked = ["trace", "toy.py", "--placement", "locked", "--scenario", "alone"]
    status, out, err = locking(*asked, "--to", "json")
    assert (status, out) == (0, "") and "nothing to show" in err
    assert "nothing to show" in locking(*asked)[1]


def test_lockdep_refuses_a_run_that_locks_have_nothing_to_do_with(locking):
    status, out, err = locking("replay", LOST, "--to", "lockdep")
    assert (status, out) == (2, "")
    assert err.startswith("locking: --to lockdep: this run, of sum, is no deadlock, and its")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([ABBA, ABBA, "--to", "json"], "give one PATH"),
        ([ABBA, "--step", "--to", "mermaid"], "no --step"),
        ([ABBA, "--why", "--to", "json"], "--why is for --to text and mermaid; --to json"),
        ([ABBA, "--to", "svg"], "invalid choice: 'svg'"),
        (["textbook.abba:only::deadlock-free::a1", "--to", "json"], "does not show deadlock-free"),
    ],
)
def test_what_makes_no_document_is_refused(locking, words, says):
    status, out, err = locking("replay", *words)
    assert (status, out) == (2, "") and says in err

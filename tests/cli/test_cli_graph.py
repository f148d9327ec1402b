"""`locking graph`: a picture on stdout, or what to do instead."""

import shutil

import pytest

from tests.export.dot import read

DUYCK = ("memory_hotplug", "--placement", "duyck", "--scenario", "add-vs-remove")


def test_all_states_are_drawn_if_nothing_else_is_asked_for(locking):
    status, out, err = locking("graph", "textbook.lost_update", "--property", "sum")
    assert (status, err) == (0, "")
    assert read(out) and "textbook.lost_update: sum fails" in out
    assert locking("graph", "textbook.lost_update", "--property", "sum", "--states")[1] == out
    assert locking("graph", "textbook.lost_update")[1] == out, "the property that `trace` takes"


def test_a_case_is_drawn_as_it_is_named(locking):
    words = ("graph", "toy.py", "--scenario", "many", "--placement", "bare")
    status, out, _ = locking(*words, "--property", "sum", "--workers", "3")
    assert status == 0 and "toy.py, many, bare: sum fails" in out
    assert "w2: write(count, 1)" in out


@pytest.mark.parametrize(("option", "name"), [("--thread", "adder-12"), ("--object", "zone.start")])
def test_a_thread_or_an_object_of_a_large_case_is_drawn(locking, option, name):
    name = "mem_hotplug_lock" if option == "--object" else name
    status, out, err = locking("graph", *DUYCK, option, name)
    assert (status, err) == (0, "")
    assert read(out).nodes


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
def test_graphviz_draws_it_where_it_is_there(locking):
    status, out, _ = locking("graph", "textbook.abba", "--to", "svg")
    assert status == 0 and out.startswith("<?xml") and "mutex_unlock(a)" in out


def test_without_graphviz_the_picture_is_refused_in_words(locking, monkeypatch):
    monkeypatch.setenv("PATH", "")
    status, out, err = locking("graph", "textbook.abba", "--to", "svg")
    assert (status, out) == (2, "")
    assert "--to svg needs Graphviz, whose `dot` was not found; --to dot needs nothing" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            (*DUYCK, "--limit", "20"),
            "it has 131 states, and a picture of more than 20 is not drawn",
        ),
        ((*DUYCK, "--thread", "adder"), "unknown thread of memory_hotplug"),
        ((*DUYCK, "--object", "lock"), "unknown object of memory_hotplug"),
        ((*DUYCK, "--object", "lock", "--thread", "a"), "not allowed with argument"),
        ((*DUYCK, "--object", "lock", "--limit", "3"), "--limit is for a picture of the states"),
        ((*DUYCK, "--thread", "a", "--property", "q"), "--property is for a picture of the states"),
        ((*DUYCK, "--property", "q"), "unknown property of memory_hotplug"),
        (("memory_hotplug",), "say which scenario"),
    ],
)
def test_what_can_not_be_drawn_is_refused(locking, words, says):
    status, out, err = locking("graph", *words)
    assert (status, out) == (2, "")
    assert says in err


@pytest.mark.parametrize("words", [("graph",), ("export", "--to", "tla")])
def test_what_a_limit_left_out_is_not_written(locking, words) -> None:
    status, out, err = locking(*words, *DUYCK, "--max-states", "20")
    assert (status, out) == (3, "")
    assert "because not all is known: more than 20 states" in err

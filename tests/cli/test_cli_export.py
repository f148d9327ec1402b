"""`locking export`: one case, as a file for another tool, on stdout."""

import pytest


@pytest.mark.parametrize(
    ("to", "begins"), [("promela", "/*"), ("tla", "----"), ("murphi", "--"), ("dot", "//")]
)
def test_the_file_goes_to_stdout(locking, to, begins):
    status, out, err = locking("export", "textbook.abba", "--to", to)
    assert (status, err) == (0, "")
    assert out.startswith(begins) and out.endswith("\n")


def test_the_file_of_a_case_names_it_and_counts_as_check_does(locking):
    words = ("toy.py", "--scenario", "many", "--placement", "locked")
    status, out, _ = locking("export", *words, "--to", "murphi")
    _, checked, _ = locking("check", *words, "--no-reduction", "--json")
    states = checked.split('"states": ')[1].split(",")[0]
    assert status == 0
    assert f"-- {states} states" in out
    assert "toy.py, many, locked" in out


def test_merged_threads_make_a_smaller_file(locking):
    words = ("export", "textbook.hotplug_shape", "--to", "murphi")
    assert len(locking(*words, "--merged")[1]) < len(locking(*words)[1])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("toy.py", "--to", "tla", "--placement", "locked"), "say which scenario"),
        (("textbook.abba",), "--to"),
        (("textbook.abba", "--to", "pdf"), "invalid choice: 'pdf'"),
        (
            ("textbook.abba", "--to", "tla", "--property", "x"),
            "unknown property of textbook.abba 'x'",
        ),
        (("textbook.abba", "--to", "tla", "--max-states", "5"), "more than 5 states"),
    ],
)
def test_what_can_not_be_exported_is_refused(locking, words, says):
    status, out, err = locking("export", *words)
    assert (status, out) == (2, "")
    assert says in err

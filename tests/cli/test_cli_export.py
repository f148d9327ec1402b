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
    ],
)
def test_what_can_not_be_exported_is_refused(locking, words, says):
    status, out, err = locking("export", *words)
    assert (status, out) == (2, "")
    assert says in err


def test_an_export_at_its_limit_writes_nothing_and_leaves_with_the_status_of_unknown(locking):
    status, out, err = locking("export", "textbook.abba", "--to", "tla", "--max-states", "5")
    assert (status, out) == (3, "")
    assert "more than 5 states" in err


IN_VAIN = (
    "from locking import *\n"
    "lock, cell = Mutex('lock'), Cell('cell', 0)\n"
    "async def work():\n    async with lock.hold():\n        await cell.write(1)\n"
    "THREADS = [Thread('a', work), Thread('b', work)]\n"
    "ASKED = [never('bad', lambda s: {condition})]\n"
    "MODEL = Model('vain', '', lambda case: System([lock, cell], THREADS, ASKED))\n"
)
"""A model whose predicate is decided before it is asked."""


@pytest.mark.parametrize("condition", ["s[lock] == 1", "s[cell] == 3 or 4", "s.held_by"])
@pytest.mark.parametrize("to", ["promela", "tla", "murphi"])
def test_a_predicate_that_is_decided_is_refused_as_check_does(locking, here, to, condition):
    (here / "vain.py").write_text(IN_VAIN.replace("{condition}", condition))
    status, out, err = locking("export", "vain.py", "--to", to)
    assert (status, out) == (2, "")
    assert "vain.py" in err and "Traceback" not in err
    assert locking("check", "vain.py")[0] == 2

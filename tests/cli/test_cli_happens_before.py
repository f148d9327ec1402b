"""A race that only a whole run shows: in every command, and in every form."""

import json

import pytest

MODEL = """
from locking import Cell, Expect, Model, System, Thread, data_race_free, happens_before_race_free

data, flag = Cell("data", 0), Cell("flag", 0)

async def sender():
    await data.write(1)
    await flag.WRITE_ONCE(1)

async def receiver():
    if await flag.READ_ONCE():
        await data.read()

MODEL = Model(
    "message", "Does it arrive?",
    lambda case: System(
        [data, flag],
        [Thread("sender", sender), Thread("receiver", receiver)],
        [data_race_free(), happens_before_race_free()],
    ),
    expected=(Expect("happens-before-race", "a marked flag publishes nothing", steps=4),),
)
"""

PATH = "message.py:only::happens-before-race::a2.b2"
SAYS = (
    "data race on data: the write by sender in step 1 (message.py:7) and the read by receiver in "
    "step 4 (message.py:12) are ordered by no lock, no completion, and no release and acquire"
)


@pytest.fixture
def message(locking, tmp_path):
    (tmp_path / "message.py").write_text(MODEL)
    return locking


def words(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def test_check_shows_the_run(message):
    status, out, err = message("check", "message.py", "--json")
    assert (status, err) == (0, "")
    apart, unordered = map(json.loads, out.splitlines())
    assert (apart["verdict"], unordered["verdict"]) == ("holds", "fails")
    assert unordered["path"] == PATH


def test_a_check_that_did_not_expect_it_says_both_accesses(message, tmp_path):
    (tmp_path / "message.py").write_text(MODEL.replace("expected=", "expected=() and "))
    status, out, err = message("check", "message.py")
    assert (status, err) == (1, "")
    assert SAYS in words(out)


def test_trace_and_replay_show_the_same_run(message):
    asked = ("trace", "message.py", "--property", "happens-before-race")
    status, out, err = message(*asked)
    assert (status, err) == (0, "")
    assert out.startswith("happens-before-race fails after 4 steps, 1 context switch")
    assert f"Why: {SAYS}." in words(out)
    assert message("replay", PATH) == (0, out, "")


def test_every_step_of_it_is_kept(message):
    out = message("replay", PATH, "--why")[1]
    assert all(f"{number}  " in out for number in range(1, 5))


@pytest.mark.parametrize("path", ["a2.b1", "a1.b1", "-"])
def test_a_path_that_does_not_end_with_the_second_access_is_refused(message, path):
    status, out, err = message("replay", f"message.py:only::happens-before-race::{path}")
    assert (status, out) == (2, "")
    assert "does not show happens-before-race" in err


@pytest.mark.parametrize("form", ["json", "perfetto", "mermaid"])
def test_the_forms_of_a_trace_say_what_it_shows(message, form):
    status, out, err = message("replay", PATH, "--to", form)
    assert (status, err) == (0, "")
    assert "the write by sender in step 1" in out


def test_the_page_and_the_findings_of_a_check_have_it(message, tmp_path):
    files = {"--html": "page.html", "--sarif": "found.sarif", "--junit": "found.xml"}
    for option, file in files.items():
        assert message("check", "message.py", option, file)[0] == 0
        assert "happens-before-race" in (tmp_path / file).read_text()


def test_sarif_speaks_of_the_line_of_the_second_access(message, tmp_path):
    message("check", "message.py", "--sarif", "found.sarif")
    (result,) = json.loads((tmp_path / "found.sarif").read_text())["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == 12


def test_what_looks_at_states_alone_says_that_it_leaves_it_out(message):
    out = message("sample", "message.py", "--runs", "50", "--property", "happens-before-race")[1]
    assert "happens-before-race is unknown: only a search of every interleaving" in words(out)
    out = message("export", "message.py", "--to", "tla")[1]
    assert "happens-before-race: it is of a kind that only a whole run shows" in out
    out = message("graph", "message.py", "--property", "happens-before-race")[1]
    assert "step 4" in out

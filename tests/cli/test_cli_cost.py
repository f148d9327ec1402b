"""What `cost` prints, draws and refuses."""

import json
import sys

import pytest

from tests.conformance.held import DATA, EVERY_TRACE, FORMS

TABLE = "[steps]\nCOUNT = 2\nWORK = 0.5\n"
BY_NODES = f'role = "worker"\n{TABLE}'


@pytest.fixture
def table(here) -> str:
    """A table of durations for the toy."""
    (here / "d.toml").write_text(TABLE)
    return "d.toml"


def test_cost_prints_tables_a_timeline_and_the_critical_path(locking, table) -> None:
    words = ("cost", "toy.py", "--scenario", "many", "--placement", "locked", "--durations", table)
    status, out, err = locking(*words)
    assert (status, err) == (0, "")
    text = " ".join(out.split())
    assert out.startswith("toy.py: seconds until all threads have ended\n")
    assert "whoever waits may be next: seconds" in text
    assert "many, locked 4.5" in text  # the second may count before the first works, or after
    assert "the longest run of first come, first served: 4.5 s" in text
    assert "2 to 4 w1 COUNT, after it waited for lock" in text
    assert "time waited, by lock and thread: lock w0 2 lock w1 2" in text
    assert max(map(len, out.splitlines())) <= 80
    assert locking(*words)[1] == out


def test_cost_counts_nodes_as_a_table(locking, here, table) -> None:
    (here / "cast.py").write_text(
        (here / "toy.py")
        .read_text()
        .replace(
            'Model(\n    "toy"',
            'Model(\n    cast={"worker": 8}, name="cast", about="", build=build,\n#',
        )
        .replace(
            'workers = int(case.scope["workers"]) if case.scenario.name == "many" else 1',
            "workers = len(case.scenario.roles)",
        )
    )
    (here / table).write_text(BY_NODES)
    status, out, err = locking("cost", "cast.py", "--durations", table, "--nodes", "1..3")
    assert (status, err) == (0, "")
    assert "whole 2.5 5 7.5" in " ".join(out.split())


def test_cost_as_json_is_an_object_a_case(locking, table) -> None:
    status, out, _ = locking("cost", "toy.py", "--durations", table, "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and len(found) == 6
    [whole] = [each for each in found if (each["scenario"], each["placement"]) == ("many", "whole")]
    assert whole["queued"]["worst"] == whole["run"]["seconds"] == 5
    assert whole["run"]["waits"] == [{"object": "lock", "thread": "w1", "seconds": 2.5}]
    assert whole["nodes"] is whole["cause"] is None


def test_cost_says_what_it_does_not_know(locking, table) -> None:
    words = ("--scenario", "many", "--placement", "bare", "--max-states", "1")
    status, out, _ = locking("cost", "toy.py", "--durations", table, *words)
    assert status == 3 and "many, bare: unknown (more than 1 states)" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--nodes", "1..9"), "'1..9' is no number of nodes; write N or N..M, up to 8"),
        (("--nodes", "3..2"), "'3..2' is no number of nodes"),
        (("--nodes", "2"), "unknown role of toy 'worker'"),
        (("--stagger", "-1"), "'-1' is no number of seconds; write one such as 0.5"),
        (("--stagger", "nan"), "'nan' is no number of seconds"),
        (
            ("--durations", "none.toml"),
            "durations none.toml: it can't be read: No such file or directory",
        ),
        (("--lock", "lock=ticket"), "an algorithm waits by steps, and steps take no time here"),
        (("--placement", "lockd"), "unknown placement"),
        (("--plot", "no/folder.svg"), "--plot no/folder.svg: can't be written"),
    ],
)
def test_cost_refuses_what_makes_no_sense(locking, here, words, message) -> None:
    (here / "d.toml").write_text(BY_NODES if words == ("--nodes", "2") else TABLE)
    status, out, err = locking("cost", "toy.py", "--durations", "d.toml", *words)
    assert (status, out) == (2, "") and message in err and "Traceback" not in err


def test_durations_come_from_a_trace_between_the_model_and_the_user(locking, here) -> None:
    trace = str(DATA / f"{EVERY_TRACE[0]}{FORMS[0]}")
    words = ("cost", "--placement", "duyck", "--nodes", "1", "--durations-from", trace)
    status, out, err = locking(*words)
    assert (status, err) == (0, "")
    assert "to 0.0429655 adder-10 INIT_DEVICE_PAGES" in " ".join(out.split())
    (here / "mine.toml").write_text("[steps]\nINIT_DEVICE_PAGES = 7\n")
    status, out, _ = locking(*words, "--durations", "mine.toml")
    assert status == 0 and "duyck 7.03" in " ".join(out.split())


def test_a_trace_without_steps_measures_nothing(locking, here) -> None:
    (here / "t.csv").write_text("src_line,ts_s,cpu,task,pid,event,args\n1,0.5,0,t,1,mark,\n")
    status, _, err = locking("cost", "--durations-from", "t.csv", "--placement", "duyck")
    assert status == 2 and "--durations-from t.csv: it shows no step" in err


def test_cost_draws_a_run_and_lines_over_nodes(locking, here, table) -> None:
    pytest.importorskip("matplotlib")
    words = ("cost", "toy.py", "--scenario", "many", "--durations", table)
    assert locking(*words, "--placement", "whole", "--plot", "run.svg")[0] == 0
    picture = (here / "run.svg").read_text()
    assert "waits for lock" in picture and "whole: 5 s" in picture
    assert locking("cost", "--placement", "duyck", "--nodes", "1..2", "--plot", "lines.svg")[0] == 0
    assert "duyck" in (here / "lines.svg").read_text()
    status, _, err = locking(*words, "--plot", "all.svg")
    assert status == 2 and "--plot draws one case" in err
    status, _, err = locking(*words, "--placement", "whole", "--plot", "run.txt")
    assert status == 2 and "--plot: can't write txt; it is" in err
    assert not (here / "run.txt").exists()


def test_cost_writes_its_page_beside_the_tables(locking, here, table) -> None:
    words = ("cost", "toy.py", "--scenario", "many", "--durations", table)
    assert locking(*words, "--html", "c.html") == locking(*words)
    assert '"title":"first come, first served: a longest run","says":"4.5"' in (
        (here / "c.html").read_text()
    )
    status, _, err = locking(*words, "--html", "a.svg", "--plot", "a.svg")
    assert status == 2 and "--plot and --html are both a.svg; give each its own file" in err


def test_a_picture_without_matplotlib_is_refused(locking, table, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    words = ("cost", "toy.py", "--scenario", "many", "--placement", "whole", "--durations", table)
    status, out, err = locking(*words, "--plot", "run.svg")
    assert (status, out) == (2, "")
    assert "--plot needs matplotlib; install it with `pip install 'locking[plot]'`" in err

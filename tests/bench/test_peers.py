"""The benchmark runs, and the page has what it measured."""

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.bench import peers, subjects
from tests.bench.results import (
    EVERYTHING,
    SEARCH,
    Run,
    cells,
    drawn,
    plot,
    put,
    read,
    styles_of,
    table,
)
from tests.bench.subjects import PROGRAMS, Counts, Subject, TooLong, launched
from tests.export.peers import Built

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = PROGRAMS[0]._replace(sizes=(2,))
TABLES = subjects.tables_for(PROGRAM.case(2))
ASKED = [each for each in subjects.subjects(PROGRAM, 2, TABLES) if each.timed == SEARCH]
FOREVER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


@pytest.mark.slow
@pytest.mark.parametrize("subject", ASKED, ids=lambda each: f"{each.tool}, {each.configuration}")
def test_every_search_counts_the_whole_space(subject):
    if subject.missing:
        pytest.skip(f"needs {' and '.join(subject.missing)}")
    counts = subject.run(60.0)
    assert counts.seconds > 0
    assert counts.mib > 5
    if subject.full and (subject.tool, subject.configuration) != ("SPIN", "no reduction, by hand"):
        assert counts[:2] == (TABLES.states, TABLES.transitions)


@pytest.mark.slow
def test_every_verdict_of_ours_is_measured():
    found = [
        each.run(60.0)
        for each in subjects.subjects(PROGRAM, 2, TABLES)
        if each.tool == "ours" and each.timed == EVERYTHING
    ]
    assert found[0].states == TABLES.states
    assert all(each.seconds > 0.05 for each in found)


def test_what_takes_too_long_is_killed_with_all_that_it_started():
    with pytest.raises(TooLong):
        launched([sys.executable, "-c", FOREVER], 0.3, 1)


def test_so_is_what_builds_a_peer():
    def build(folder: Path) -> Built:
        subprocess.run([sys.executable, "-c", FOREVER], check=True)
        raise AssertionError(folder)

    with pytest.raises(TooLong):
        subjects.peer(build, 1, SEARCH)(1.0)
    assert not psutil.Process().children(recursive=True)


def test_the_peak_of_memory_is_that_of_the_command():
    said = launched([sys.executable, "-c", "print(len(b'x' * 200_000_000))"], 60.0, 1)
    assert said.text == "200000000\n"
    assert 190 < said.mib < 300


def fake(seconds: float, *, states: int = 100) -> Subject:
    """A subject that takes so long."""

    def run(limit: float) -> Counts:
        if seconds > limit:
            raise TooLong
        return Counts(states, 2 * states, seconds, 10.0)

    return Subject("tool", "quick" if seconds < 1 else f"{seconds:g} s", SEARCH, run)


def measured(monkeypatch: pytest.MonkeyPatch, made: list[Subject], limit: float = 120) -> list[Run]:
    """What is measured of these at two sizes, of which the second has 18 times the states."""
    monkeypatch.setattr(peers, "subjects", lambda *_: made)
    return list(peers.measure(PROGRAM, (2, 3), 3, limit))


def test_every_round_goes_through_all_and_what_is_slow_is_run_once(monkeypatch):
    runs = measured(monkeypatch, [fake(0.1), fake(6.0)], 1_000)
    assert [(run.n, run.round, run.seconds) for run in runs[:4]] == [
        (2, 1, 0.1),
        (2, 1, 6.0),
        (2, 2, 0.1),
        (2, 3, 0.1),
    ]


def test_a_run_that_would_take_too_long_is_not_begun_and_the_row_says_so(monkeypatch):
    runs = measured(monkeypatch, [fake(0.1), fake(20.0), fake(130.0)])
    notes = {(run.n, run.configuration): run.note for run in runs}
    assert notes[2, "20 s"] == ""
    assert notes[3, "20 s"] == "would take over 120 s"
    assert notes[2, "130 s"] == "over 120 s"
    assert notes[3, "quick"] == ""


def test_what_did_not_come_to_its_end_is_not_tried_with_all_that_comes_before(monkeypatch):
    slow = fake(130.0)
    runs = measured(monkeypatch, [slow, replace(slow, timed=EVERYTHING)])
    assert [run.note for run in runs[:2]] == ["over 120 s", "would take over 120 s"]


def test_what_is_missing_or_breaks_has_a_row_too(monkeypatch):
    def breaks(_: float) -> Counts:
        raise ValueError

    missing = Subject("tool", "a", SEARCH, breaks, missing=("spin", "gcc"))
    runs = measured(monkeypatch, [missing, Subject("tool", "b", SEARCH, breaks)])
    assert [(run.n, run.round, run.note) for run in runs] == [
        (2, 1, "needs spin and gcc"),
        (2, 1, "broke"),
        (3, 1, "needs spin and gcc"),
        (3, 1, "broke"),
    ]


RUNS = [
    Run("p", 3, "SPIN", "a", SEARCH, 1, 1_000, 2_000, 0.5, 10.0),
    Run("p", 3, "ours", "b", SEARCH, 1, 1_000, 2_000, 0.3, 20.0),
    Run("p", 3, "ours", "b", EVERYTHING, 1, 1_000, 2_000, 1.0, 30.0),
    Run("p", 3, "TLC", "c", SEARCH, 1, note="over 9 s"),
    Run("p", 3, "ours", "b", SEARCH, 2, 1_000, 2_000, 0.1, 20.0),
    Run("p", 3, "ours", "b", SEARCH, 3, 1_000, 2_000, 0.25, 20.0),
]


def test_a_table_has_medians_and_says_why_there_are_none():
    assert table(RUNS, "p").splitlines()[2:] == [
        "| 3 | SPIN | a | 1,000 | 2,000 | 0.5 | 0.00 | 1.00 |  |  | 10 | 1 |",
        "| 3 | ours | b | 1,000 | 2,000 | 0.25 | 0.00 | 2.00 |  | 1 | 30 | 3 |",
        "| 3 | TLC | c |  |  | killed |  |  |  |  |  | 1 |",
    ]
    assert cells(RUNS)[RUNS[1].key][SEARCH].rounds == 3


def test_what_is_written_is_read_again(tmp_path):
    with (tmp_path / "peers.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(Run._fields)
        writer.writerows(["" if each is None else each for each in run] for run in RUNS)
    assert read(tmp_path / "peers.csv") == RUNS


def test_the_tables_of_the_page_are_those_of_the_csv():
    page = (DOCS / "peers.md").read_text(encoding="utf-8")
    assert put(page, read(DOCS / "peers.csv")) == page
    assert all(f"<!-- measured: {program.name} -->" in page for program in PROGRAMS)


def test_a_picture_is_drawn_of_the_csv(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `bench`")
    plot(read(DOCS / "peers.csv"), PROGRAMS[0].name, tmp_path / "p.svg")
    assert "</svg>" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_no_colour_is_that_of_two_and_the_key_covers_no_data():
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `bench`")
    from matplotlib import pyplot

    figure = drawn(read(DOCS / "peers.csv"), PROGRAMS[0].name)
    figure.canvas.draw()
    lines = [line for axis in figure.axes for line in axis.lines]
    colours = {line.get_label(): line.get_color() for line in lines}
    assert len(set(colours.values())) == len(colours) == 15
    assert all(line.get_color() == colours[line.get_label()] for line in lines)
    [key] = figure.legends
    assert {text.get_text() for text in key.get_texts()} == set(colours)
    assert not any(axis.get_legend() for axis in figure.axes)
    box = key.get_window_extent()
    assert figure.bbox.containsx(box.x0) and figure.bbox.containsx(box.x1) and box.y0 >= 0
    assert not any(box.overlaps(axis.get_tightbbox()) for axis in figure.axes)
    pyplot.close(figure)


def test_more_lines_than_colours_are_refused():
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `bench`")
    with pytest.raises(ValueError, match="21 lines, and 20 colours"):
        styles_of([("ours", str(at)) for at in range(21)])

"""`locking conform`: what it prints, its JSON, its exit statuses, and what it refuses."""

import gzip
import json
from pathlib import Path

import pytest

from locking.cli.main import main

DATA = Path(__file__).parents[1] / "data" / "traces"
UPSTREAM = str(DATA / "deb61_s1b_parallel_bind.ftrace.txt.gz")
TABLE = str(DATA / "deb61_s1b_parallel_bind.events.csv.gz")
INSIDE_WRITE = str(DATA / "variants_v1_nodelay_sv_variant.ftrace.txt.gz")


def conform(*words: str) -> int:
    return main(["conform", *words])


def lines_of(file: str) -> list[str]:
    with gzip.open(file, "rt", encoding="utf-8") as source:
        return source.readlines()


def test_some_placement_that_fits_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert conform(UPSTREAM) == 0
    printed = capsys.readouterr().out
    assert "2,892 events, of which 138 are of the event map" in " ".join(printed.split())
    assert "\n  duyck-noshrink            conforms\n" in printed
    assert "baseline                  ruled out by adder: line 925, bindB-257 w_rel" in printed
    assert "Not told apart by this trace: duyck and duyck-noshrink" in printed
    assert "Covered of duyck-noshrink:" in printed


def test_each_placement_that_is_named_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert conform(UPSTREAM, "--placement", "duyck-noshrink") == 0
    assert conform(UPSTREAM, "--placement", "duyck-noshrink", "baseline") == 1
    printed = capsys.readouterr().out
    assert "baseline: no run shows line 925, bindB-257 w_rel, after 28 events." in printed
    assert "!! w_rel" in printed
    assert "it may show zd_enter" in printed
    assert "mem_hotplug_lock  write bindB-257" in printed


def test_where_none_fits_the_one_is_drawn_that_came_farthest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = lines_of(TABLE)
    file = tmp_path / "trace.csv"
    file.write_text("".join(line for line in lines if ",aa_exit," not in line or "257" not in line))
    assert conform(str(file)) == 1
    assert "no run shows line" in capsys.readouterr().out


def test_json_has_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert conform(INSIDE_WRITE, "--json") == 0
    *placements, locks = map(json.loads, capsys.readouterr().out.splitlines())
    verdicts = {each["placement"]: each["verdict"] for each in placements}
    assert [name for name, verdict in verdicts.items() if verdict == "conforms"] == ["baseline"]
    gap = next(each for each in placements if each["placement"] == "williams-rwsem-gap")
    assert gap["ruled_out_by"]["line"] == 378
    assert gap["ruled_out_by"]["event"] == ["zd_enter"]
    assert gap["ruled_out_by"]["allowed"] == [{"event": "w_rel", "not_now": None}]
    assert gap["by_role"]["adder"]["line"] == 378
    assert [each["wrong"] for each in locks["discipline"] if each["lines"]] == [False]


def with_loss(lines: list[str], at: int, folder: Path) -> str:
    file = folder / "lost.txt"
    file.write_text("".join([*lines[:at], "CPU:1 [LOST 35 EVENTS]\n", *lines[at:]]))
    return str(file)


def test_after_a_loss_all_is_unknown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = with_loss(lines_of(UPSTREAM), 600, tmp_path)
    assert conform(file, "--placement", "duyck-noshrink") == 3
    printed = capsys.readouterr().out
    assert "Unknown from line 601 on: CPU:1 [LOST 35 EVENTS]" in printed
    assert "conforms up to line 601, unknown from there on" in printed
    assert conform(file, "--placement", "baseline") == 3  # what rules it out comes later


def test_what_comes_before_a_loss_is_known(tmp_path: Path) -> None:
    file = with_loss(lines_of(UPSTREAM), 926, tmp_path)
    assert conform(file, "--placement", "baseline") == 1
    assert conform(file) == 3


def test_a_trace_of_locks_alone_is_judged_by_their_discipline(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head, *lines = lines_of(TABLE)
    coarse = [line for line in lines if line.split(",")[5].startswith("w_")]
    file = tmp_path / "trace.csv"
    file.write_text("".join([head, *coarse]))
    assert conform(str(file)) == 0
    assert "Too coarse for placements" in capsys.readouterr().out
    at = next(n for n, line in enumerate(coarse) if ",w_rel," in line)
    file.write_text("".join([head, *coarse[:at], *coarse[at + 2 :]]))
    assert conform(str(file)) == 1
    assert (
        "two tasks hold mem_hotplug_lock.write at the same time, first in line"
        in capsys.readouterr().out
    )


REFUSED = [
    (["none.txt"], "trace none.txt: it can't be read: No such file or directory"),
    ([UPSTREAM, "--placement", "duyk"], "unknown placement of memory_hotplug 'duyk'"),
    ([UPSTREAM, "textbook.abba"], "textbook.abba has no named steps"),
    ([UPSTREAM, "--traced", "sh_prae"], "unknown event of the event map 'sh_prae'"),
    ([UPSTREAM, "--adders", "3"], "unknown option '--adders'"),
    ([UPSTREAM, "--events", "none.toml"], "events none.toml: it can't be read"),
    ([UPSTREAM, "--format", "csv"], "line 1: '# guest: Linux version"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=lambda each: str(each)[-24:])
def test_what_can_not_be_done_is_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conform(*words) == 2
    assert message in capsys.readouterr().err


def test_a_trace_that_shows_nothing_of_the_model_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "trace.txt"
    file.write_text("  a-1  [000] .....  1.000000: sched_switch: prev_pid=1\n")
    assert conform(str(file)) == 2
    assert "none of its 1 events is in the event map" in capsys.readouterr().err


@pytest.mark.slow
def test_a_hundred_thousand_events_are_judged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head, *lines = lines_of(str(DATA / "deb61_s2b_blocks_vs_pmem.events.csv.gz"))
    file = tmp_path / "trace.csv"
    with file.open("w") as out:
        out.write(head)
        for again in range(165):
            for line in lines:
                source, seconds, rest = line.split(",", 2)
                out.write(f"{source},{float(seconds) + 10 * again:.6f},{rest}")
    assert conform(str(file)) == 0
    printed = capsys.readouterr().out
    assert "101,475 events" in printed
    assert "adder 1,980" in printed

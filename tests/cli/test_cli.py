"""What the commands do; in this process."""

import json
import re
from importlib.metadata import version
from pathlib import Path

from locking.cli.commands import check

AT_80 = """\
toy: Who counts?
1/6  locked, many: ok
2/6  locked, alone: ok
3/6  bare, many: fails sum, data-race
4/6  bare, alone: ok
5/6  whole, many: no run shows parallel
6/6  whole, alone: ok

every interleaving, sequentially consistent; workers=2 speed=fast; engine
    reference

scenarios  a many   b alone
marks      ok holds   a letter: fails in that scenario   - holds there
           2 threads in parallel   · not judged

properties
that fail   a   b
──────────────────
locked      ok  ok
bare        2   ok
whole       ok  ok

             data-                      inter-
        sum  race   parallel  states  leavings  time
────────────────────────────────────────────────────
locked  ok   ok     2             51        42  T
bare    a-   a-     ·             15         6  T
whole   ok   ok     1             26         2  T

locked: holds sum, data-race; 2 in parallel (parallel).
    locking replay toy.py:many:locked:parallel::a4.b5.a1
bare: fails sum in many: WHY
    locking replay toy.py:many:bare:sum::a1.b2.a1
whole: holds sum, data-race; never two in parallel (parallel), expected: all
    under the write lock.

14 verdicts of 6 searches, T: all as expected
"""


def without_times(text: str) -> str:
    """The text, with no times, and without what `explain` says."""
    text = re.sub(r"\d+\.\ds", "T", text)
    text = re.sub(r" +T$", "  T", text, flags=re.MULTILINE)
    return re.sub(r"(fails sum in many: ).*?(?=\n    locking)", r"\1WHY", text, flags=re.DOTALL)


def test_check_prints_the_matrix_and_what_matters(locking) -> None:
    status, out, err = locking("check", "toy.py", "--no-reduction")
    assert (status, err) == (0, "")
    assert without_times(out) == AT_80


def test_every_path_that_check_prints_replays(locking) -> None:
    _, out, _ = locking("check", "toy.py", "--workers", "3")
    paths = re.findall(r"locking replay (\S+)", out)
    assert len(paths) == 2
    status, shown, _ = locking("replay", *paths)
    assert status == 0
    assert all(f"locking replay {path}\n" in shown for path in paths)


def test_trace_and_replay_print_the_same_bytes(locking) -> None:
    status, traced, _ = locking("trace", "toy.py", "--scenario", "many", "--placement", "bare")
    assert status == 0
    assert "Replay: locking replay toy.py:many:bare:sum::a1.b2.a1" in traced
    status, replayed, _ = locking("replay", "toy.py:many:bare:sum::a1.b2.a1")
    assert (status, replayed) == (0, traced)


def test_trace_shows_a_witness_where_nothing_fails(locking) -> None:
    status, out, _ = locking("trace", "toy.py", "--scenario", "many", "--placement", "locked")
    assert status == 0
    assert "toy.py:many:locked:parallel::" in out


def test_trace_says_that_there_is_nothing_to_show(locking) -> None:
    case = ("--scenario", "many", "--placement", "whole")
    status, out, _ = locking("trace", "toy.py", *case, "--property", "parallel")
    assert (status, out) == (0, "toy.py, many, whole: nothing to show; no run shows parallel\n")
    status, out, _ = locking("trace", "toy.py", *case, "--property", "sum")
    assert (status, out) == (0, "toy.py, many, whole: nothing to show; sum holds in every run\n")
    status, out, _ = locking("trace", "toy.py", *case, "--max-states", "1")
    assert status == 3
    assert out.startswith("toy.py, many, whole: nothing to show; unknown: sum, data-race, parallel")
    assert max(map(len, out.splitlines())) <= 80


def test_trace_takes_the_first_case_that_fails(locking) -> None:
    status, out, err = locking("trace", "toy.py")
    assert (status, err) == (0, "")
    assert "\nReplay: locking replay toy.py:many:bare:sum::" in out
    assert locking("trace", "toy.py", "--scenario", "many", "--placement", "bare")[1] == out
    status, out, _ = locking("trace", "toy.py", "--scenario", "alone", "--placement", "bare")
    assert (status, out) == (
        0,
        "toy.py, alone, bare: nothing to show; sum, data-race hold in every run\n",
    )


def test_trace_takes_the_first_witness_of_any_case_where_nothing_fails(locking) -> None:
    _, out, _ = locking("trace", "toy.py", "--property", "parallel")
    assert "\nReplay: locking replay toy.py:many:locked:parallel::" in out


def test_the_scope_is_written_as_options(locking) -> None:
    case = ("--scenario", "many", "--placement", "locked", "--json")
    for words in (("--workers", "3"), ("--workers=3",)):
        status, out, _ = locking("check", *words, "toy.py", *case)
        assert status == 0
        records = [json.loads(line) for line in out.splitlines()]
        assert {tuple(record["scope"].items()) for record in records} == {
            (("workers", 3), ("speed", "fast"))
        }
        assert records[-1]["at_once"] == 3
        assert ":workers=3:" in records[-1]["path"]


def test_json_is_a_line_for_each_verdict_and_nothing_else(locking) -> None:
    status, out, err = locking("check", "toy.py", "--json")
    assert (status, err) == (0, "")
    records = [json.loads(line) for line in out.splitlines()]
    assert len(records) == 14
    by_case = {(r["placement"], r["scenario"], r["property"]): r for r in records}
    failed = by_case["bare", "many", "sum"]
    assert failed["verdict"] == failed["expected"] == "fails"
    assert (failed["interleavings"], failed["cause"]) == ("6", None)


def test_json_of_a_model_without_placements(locking) -> None:
    _, out, _ = locking("check", "textbook.abba", "--json")
    assert {json.loads(line)["placement"] for line in out.splitlines()} == {None}


def test_options_that_repeat_take_one_value_or_several(locking) -> None:
    def chosen(*words: str) -> list[tuple[str, str]]:
        _, out, _ = locking("check", "toy.py", "--json", *words)
        records = map(json.loads, out.splitlines())
        return list(dict.fromkeys((r["placement"], r["scenario"]) for r in records))

    both = [("locked", "alone"), ("bare", "alone")]
    assert chosen("--placement", "bare", "locked", "--scenario", "alone") == both
    assert (
        chosen("--placement", "bare", "--scenario", "alone", "--placement", "locked", "bare")
        == both
    )


def test_a_property_is_judged_where_the_model_has_it(locking) -> None:
    _, out, _ = locking("check", "toy.py", "--json", "--property", "parallel")
    records = [json.loads(line) for line in out.splitlines()]
    assert [(r["placement"], r["scenario"]) for r in records] == [
        ("locked", "many"),
        ("whole", "many"),
    ]


def test_a_placement_of_a_users_own_file(locking) -> None:
    status, out, _ = locking("check", "toy.py", "--placement", "mine.py")
    assert status == 0
    assert "\nmine: holds sum, data-race; 2 in parallel (parallel).\n" in out
    [path] = re.findall(r"locking replay (\S+)", out)
    assert path.startswith("toy.py:many:mine.py:parallel::")
    assert locking("replay", path)[0] == 0


def test_a_placement_that_declares_nothing_is_to_hold_everything(locking, here: Path) -> None:
    own = (here / "mine.py").read_text()
    (here / "bad.py").write_text(own.replace("lock.write(COUNT)", "COUNT"))
    status, out, _ = locking("check", "toy.py", "--placement", "bad.py", "--property", "sum")
    assert status == 1
    assert "\nmine  !a-  " in out
    assert "1 NOT AS EXPECTED:\n  ! toy.py many bad.py: sum fails, expected holds\n" in out


def test_a_verdict_that_is_not_declared_is_said_last(locking, here: Path) -> None:
    changed = (
        (here / "toy.py")
        .read_text()
        .replace('placements=("whole",)', 'placements=("locked", "whole")')
    )
    (here / "toy.py").write_text(changed)
    status, out, _ = locking("check", "toy.py")
    assert status == 1
    assert out.endswith(
        "1 NOT AS EXPECTED:\n"
        "  ! toy.py many locked: parallel holds, expected fails (all under the write\n"
        "        lock)\n"
        "        locking replay toy.py:many:locked:parallel::a4.b5.a1\n"
    )


def test_a_limit_leaves_things_unknown(locking) -> None:
    words = ("check", "toy.py", "--scenario", "many", "--workers", "4", "--max-states", "1")
    status, out, _ = locking(*words)
    assert status == 3
    assert "NOT every interleaving (more than 1 states)" in out
    assert re.search(r"^locked +\? ", out, re.MULTILINE)
    status, out, _ = locking(*words, "--json")
    assert status == 3
    record = json.loads(out.splitlines()[0])
    assert (record["verdict"], record["interleavings"]) == ("unknown", None)
    assert record["cause"] == "more than 1 states"


def test_a_wrong_verdict_outweighs_an_unknown_one(locking, here: Path) -> None:
    (here / "toy.py").write_text(
        (here / "toy.py").read_text().replace('Expect("data-race"', 'Expect("race"')
    )
    words = ("check", "toy.py", "--scenario", "many", "--workers", "4", "--max-states", "1")
    status, out, _ = locking(*words, "--json")
    assert status == 1
    assert '"unknown"' in out


def test_no_reduction_counts_the_full_space(locking) -> None:
    _, reduced, _ = locking("check", "textbook.lost_update", "--json")
    _, full, _ = locking("check", "textbook.lost_update", "--json", "--no-reduction")
    one, other = (json.loads(text.splitlines()[0]) for text in (reduced, full))
    assert one["states"] < other["states"] == 13
    assert one["interleavings"] == other["interleavings"] == "6"


def test_a_reduction_keeps_what_is_said_and_says_what_it_does_not_count(locking) -> None:
    texts = {
        name: locking("check", "textbook.lost_update", "--json", "--reduction", name)[1]
        for name in ("merge", "symmetry", "partial-order", "all")
    }
    first = {name: json.loads(text.splitlines()[0]) for name, text in texts.items()}
    assert {each["path"] for each in first.values()} == {first["merge"]["path"]}
    assert first["symmetry"]["states"] < first["merge"]["states"]
    assert first["symmetry"]["interleavings"] == "6"
    assert first["all"]["interleavings"] is None
    status, _, err = locking("check", "textbook.lost_update", "--reduction", "most")
    assert status == 2
    assert "partial-order" in err


def test_list_names_everything(locking) -> None:
    status, out, _ = locking("list", "toy.py")
    assert status == 0
    assert out == LISTING
    status, out, _ = locking("list")
    assert status == 0
    assert "textbook.abba: Two locks, taken in two orders\n" in out
    assert max(len(line) for line in out.splitlines() if " " in line.strip()) <= 80


LISTING = """\
toy.py: Who counts?
  scenarios
    many   all at once
    alone  one worker
  placements
    locked
                ┌ lock: write ┐  ┌ lock: read ┐
        worker  COUNT            WORK
    bare: no lock
        worker  COUNT
    whole
                ┌ lock: write ┐
        worker  COUNT  WORK
  named steps of a placement, by role
    worker  COUNT, WORK
  properties
    sum        every worker counts
    data-race  no two threads touch a cell next to each other, one writing,
               unless both are marked
    parallel   they work at once
  parameters
    --workers 1..4     how many (else 2)
    --speed fast|slow  how fast (else fast)
  rules of objects, for --rule
    lock  reader-preferring | writer-blocks-readers | fifo (else
          reader-preferring)
  algorithms of locks, for --lock
    lock  hotplug_lock, percpu_rwsem, percpu_rwsem_5_7, rwsem, rwsem_5_3
"""


def test_version_and_help(locking) -> None:
    assert locking("--version") == (0, f"locking {version('locking')}\n", "")
    for words in (("--help",), ("check", "--help"), ("replay", "-h")):
        status, out, _ = locking(*words)
        assert status == 0
        assert out.startswith("usage: locking")


def test_verbose_logs_every_search_on_stderr(locking) -> None:
    status, out, err = locking("check", "toy.py", "-v", "--no-reduction")
    assert status == 0
    assert without_times(out) == AT_80
    assert "engine=reference" in err
    assert len(re.findall("search begins: toy.py, ", err)) == 6
    assert len(re.findall("search ends: toy.py, .* states=", err)) == 6
    assert locking("check", "toy.py")[2] == ""


def test_without_arguments_the_question_of_the_project_is_checked(locking) -> None:
    words = ("check", "--scenario", "add-vs-remove", "--placement", "duyck", "--json")
    _, out, _ = locking(*words)
    records = [json.loads(line) for line in out.splitlines()]
    assert {record["model"] for record in records} == {"memory_hotplug"}
    path = next(r["path"] for r in records if r["property"] == "init-inside-span")
    status, replayed, _ = locking("replay", path)
    assert status == 0
    case = ("--scenario", "add-vs-remove", "--placement", "duyck")
    asked = ("trace", "memory_hotplug", *case, "--property", "init-inside-span")
    assert locking(*asked)[:2] == (0, replayed)


def test_a_scope_of_the_projects_question(locking) -> None:
    words = ("check", "--scenario", "add-vs-add", "--placement", "shared-repaired", "--json")
    _, out, _ = locking(*words, "--adders", "3", "--resize", "one-step")
    records = [json.loads(line) for line in out.splitlines()]
    assert {tuple(record["scope"].values()) for record in records} == {
        (3, 1, "one-step", "left-out")
    }
    assert [r["at_once"] for r in records if r["property"] == "parallel-init"] == [3]


def test_the_line_of_a_case_is_printed_before_the_next_is_searched(
    locking, capsys, monkeypatch
) -> None:
    reports_of, seen = check.reports_of, []

    def watched(*given):
        for report in reports_of(*given):
            yield report
            seen.append(capsys.readouterr().out)

    monkeypatch.setattr(check, "reports_of", watched)
    assert locking("check", "toy.py", "--placement", "bare")[0] == 0
    assert seen == ["toy: Who counts?\n1/2  bare, many: fails sum, data-race\n"]

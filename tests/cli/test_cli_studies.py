"""What `explain`, `compare` and `synthesize` print; on the toy and on memory hotplug."""

import re
import signal
import subprocess
import sys

import pytest

from locking.catalogue import model, placements
from locking.check import check
from locking.model import Model


@pytest.mark.slow
def test_explain_names_what_a_lock_protects_with_a_run_for_each(locking) -> None:
    status, out, err = locking("explain", "baseline")
    assert (status, err) == (0, "")
    protects = "adder, region 1 protects ADD_SECTIONS, RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES,"
    assert protects in out
    for step, number, lost in (
        ("ADD_SECTIONS", 1, "no-lost-section af"),
        ("RESIZE_ZONE", 2, "zone-span af"),
        ("RAISE_HIGHEST", 3, "highest-pfn af"),
        ("INIT_PAGES", 4, "parallel-init af (2 in parallel)"),
        ("SET_CONTIGUOUS", 5, "data-race abcf"),
    ):
        _, _, part = out.partition(f"  without {step} (adder.1.out.{number}):\n")
        part = " ".join(part.partition("\n  without")[0].split())
        assert lost in part, step
        [path] = re.findall(r"locking replay (\S+)", part.partition(" taken for")[0])
        status, shown, _ = locking("replay", path)
        assert status == 0 and f"locking replay {path}\n" in shown


@pytest.mark.slow
def test_explain_calls_a_lock_too_many_redundant(locking, here) -> None:
    (here / "double.py").write_text(
        "from locking import Placement\n"
        "from locking.models.memory_hotplug import *\n"
        "from locking.models.memory_hotplug.placements import BASELINE\n"
        "DOUBLE = Placement('double', adder=[hotplug.write(\n"
        "    section_index_lock.hold(ADD_SECTIONS), RESIZE_ZONE, RAISE_HIGHEST, INIT_PAGES,\n"
        "    SET_CONTIGUOUS), SECOND_LOOP])\n"
    )
    status, out, _ = locking("explain", "double.py", "--scenario", "add-vs-add", "add-vs-remove")
    assert status == 0
    assert "adder, region 2 is redundant in this scope" in out
    assert "adder, region 1 is redundant" not in out


def test_explain_says_what_is_missing(locking) -> None:
    assert locking("explain", "bare", "--model", "toy.py")[2] == (
        "locking: bare takes no lock, so there is nothing to explain\n"
    )
    assert "unknown placement" in locking("explain", "ducky")[2]
    assert "has no steps to arrange" in locking("explain", "x", "--model", "textbook.abba")[2]
    status, out, _ = locking("explain", "locked", "--model", "toy.py", "--max-states", "1")
    assert status == 3
    assert "(more than 1 states)" in out
    assert "redundant" not in out and "taken by no run" not in out
    assert "needed" not in out and "worker, region 1: what it is for is not decided." in out


@pytest.mark.slow
@pytest.mark.parametrize("asked", [("baseline",), ("locked", "--model", "toy.py")])
def test_explain_ends_with_a_command_that_checks_a_change(locking, asked: tuple[str, ...]) -> None:
    *_, command = locking("explain", *asked)[1].strip().splitlines()
    status, _, err = locking(*command.split()[1:])
    assert (status in (0, 1), err) == (True, "")


def test_a_changed_placement_is_checked_traced_and_replayed_by_its_name(locking) -> None:
    case = ("--scenario", "add-vs-add", "--property", "no-lost-section")
    status, out, _ = locking("check", "--placement", "baseline~adder.1.out.1", *case)
    assert status == 1
    [path, *_] = re.findall(r"locking replay (\S+)", out)
    assert path.startswith("memory_hotplug:add-vs-add:baseline~adder.1.out.1:no-lost-section::")
    assert locking("replay", path)[0] == 0
    status, _, err = locking("check", "--placement", "baseline~adder.7.drop")
    assert status == 2 and "adder has no region 7" in err


@pytest.mark.slow
def test_compare_shows_the_race_and_the_parallelism(locking) -> None:
    status, out, err = locking("compare", "duyck", "baseline")
    assert (status, err) == (0, "")
    assert re.search(r"^init-inside-span +abc--f\S* +ok +<>$", out, re.MULTILINE)
    assert re.search(r"^parallel-init +2 +1 +<>$", out, re.MULTILINE)
    assert re.search(r"^highest-pfn +ok +ok$", out, re.MULTILINE)
    assert re.search(r"^add-vs-add +160 +126 +2 +1 +26 +32$", out, re.MULTILINE)
    assert "parallel-init: 2 in parallel -> 1 in parallel in add-vs-add, hmm-add-vs-add" in out
    text = " ".join(out.split())
    assert "duyck: adder-12 fails requirement init-inside-span" in text
    assert "baseline: the same schedule is stopped there after 9 steps: remover-10 waits" in text
    assert max(map(len, re.sub(r".*locking replay .*", "", out).splitlines())) <= 80


def test_compare_refuses_one_placement_twice_and_says_when_nothing_differs(locking) -> None:
    assert "is the same placement twice" in locking("compare", "duyck", "duyck")[2]
    status, out, _ = locking("compare", "locked", "mine.py", "--model", "toy.py")
    assert status == 0 and "no verdict differs" in out


def test_compare_leaves_out_what_only_one_of_the_two_is_judged_by(locking) -> None:
    words = ("compare", "locked", "bare", "--model", "toy.py", "--property", "parallel")
    assert locking(*words) == (
        2,
        "",
        "locking: in no case is what was asked for judged of both placements\n",
    )
    status, out, err = locking(*words, "data-race")
    assert (status, err) == (0, "") and "data-race: holds -> fails in many" in out


SMALL = ("synthesize", "memory_hotplug", "--regions", "1")


def at_once_when_checked_again(subject: Model, out: str) -> list[int]:
    """The most threads at once in each placement of front.py, which must all be safe.

    Errors: `AssertionError` where one is not, or where `out` has another number.
    """
    at_once = []
    for placement in placements(subject, "front.py"):
        reports = [check(subject.case(each.name, placement)) for each in subject.scenarios]
        results = [result for report in reports for result in report.results]
        assert not [each for each in results if each.wrong and not each.claim.wanted]
        at_once.append(max(each.at_once or 0 for each in results))
    scores = re.findall(r"^\d+ +(\d+) +\d+ +\d+ +\d+$", out, re.MULTILINE)
    assert list(map(int, scores)) == at_once
    return at_once


def test_what_is_synthesized_is_safe_when_it_is_checked_again(locking) -> None:
    status, out, err = locking("synthesize", "toy.py", "--save", "front.py")
    assert (status, err) == (0, "")
    assert at_once_when_checked_again(model("toy.py"), out)[0] == 2
    [again] = re.findall(r"check them again:\n    (.*)\n", out)
    assert again.startswith("locking check toy.py --placement front.py --scenario")


@pytest.mark.slow
def test_what_is_synthesized_for_memory_hotplug_is_safe_when_it_is_checked_again(locking) -> None:
    status, out, err = locking(*SMALL, "--save", "front.py")
    assert (status, err) == (0, "")
    assert "1,476 placements: 41 arrangements of locks, for each of 36 choices of steps" in out
    assert "1,476 of 1,476 placements decided" in out
    assert at_once_when_checked_again(model("memory_hotplug"), out)[0] == 2


def test_synthesize_keeps_a_file_that_is_there(locking, here) -> None:
    (here / "front.py").write_text("mine")
    status, out, err = locking(*SMALL, "--save", "front.py")
    assert (status, out) == (2, "")
    assert err == "locking: --save front.py: it is there already; choose another name\n"
    assert (here / "front.py").read_text() == "mine"


def test_synthesize_takes_a_model_from_a_file_and_names_what_is_not_there(locking) -> None:
    status, out, _ = locking("synthesize", "toy.py", "--locks", "lock", "--require", "sum")
    assert status == 0
    assert "required   sum" in out
    assert re.search(r"^ +┌ lock: write ┐\n 1  worker  COUNT  +WORK$", out, re.MULTILINE)
    for words, says in (
        (("--locks", "look"), "did you mean lock"),
        (("--require", "some"), "unknown property"),
        (("--maximize", "sum"), "sum counts no threads; what can be maximised: parallel"),
        (("--regions", "0"), "'0' is not a whole number above 0"),
        (("--wrkers", "2"), "unknown option for toy '--wrkers'"),
    ):
        status, _, err = locking("synthesize", "toy.py", *words)
        assert status == 2 and says in err


def test_synthesize_does_not_call_safe_what_a_limit_left_open(locking) -> None:
    status, out, _ = locking("synthesize", "toy.py", "--max-states", "1")
    assert status == 3
    assert "no placement is known to be safe" in out
    assert re.search(r"^ +\d+  NOT DECIDED$", out, re.MULTILINE)
    assert "more than 1 states" in out


@pytest.mark.slow
def test_a_placement_is_explained_by_executions(locking) -> None:
    words = ("explain", "baseline", "--scenario", "add-vs-remove", "--property", "data-race")
    status, out, err = locking(*words, "--memory", "lkmm")
    assert (status, err) == (0, "")
    assert "adder, region 1 protects RESIZE_ZONE, INIT_PAGES, SET_CONTIGUOUS.\n" in out


@pytest.mark.slow
def test_an_empty_front_has_a_status_of_its_own(locking) -> None:
    # No lock at all is offered, and one that nobody else takes would not help either.
    words = ("--locks", "device_hotplug_lock", "--scenario", "add-vs-remove", "--regions", "1")
    status, out, _ = locking("synthesize", "memory_hotplug", *words)
    assert status == 1 and "no placement is known to be safe" in out


@pytest.mark.slow
def test_an_interrupted_synthesis_prints_the_front_so_far() -> None:
    command = [sys.executable, "-m", "locking", "synthesize", "memory_hotplug", "--regions", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        head = b""
        while b"choices of steps" not in head:
            head += running.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(3)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=300)
    assert (running.returncode, err) == (3, b"")
    assert b"interrupted: this is the front so far" in out
    assert re.search(rb"^[1-9][\d,]* of 63,756 placements decided", out, re.MULTILINE)


@pytest.mark.campaign
def test_two_regions_are_searched_whole_and_find_the_resize_lock(locking) -> None:
    """The highest pfn can be raised under the resize lock, instead of by an atomic maximum."""
    status, out, _ = locking("synthesize", "memory_hotplug")
    assert status == 0
    assert "14,976 of 14,976 placements decided" in out
    assert "pgdat_resize_lock.hold(RAISE_HIGHEST)" in out

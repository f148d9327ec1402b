"""Edits of real traces: each is noticed, at the first event that no run of the model shows."""

import random
import re
from pathlib import Path

import pytest

from locking.conformance.judged import Conformance
from locking.errors import UsageError
from tests.conformance.edits import (
    Edit,
    Lines,
    changed,
    doubled,
    dropped,
    event,
    find,
    moved,
    next_of_task,
    row,
    swapped,
    task,
    with_argument,
)
from tests.conformance.held import INSIDE_READ, judge_lines, lines_of

BLOCKS = "deb61_s2b_blocks_vs_pmem"


def lock_events_swapped(lines: Lines) -> tuple[Lines, int]:
    enter = find(lines, "w_enter")
    acquired = next_of_task(lines, enter)
    return swapped(lines, enter, acquired), enter


def a_release_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_rel", 3)
    return dropped(lines, at), next_of_task(lines, at) - 1


def both_of_a_release_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_rel", 3)
    end = next_of_task(lines, at)
    return dropped(lines, at, end), next_of_task(lines, end) - 2


def an_acquisition_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_acq", 2)
    return dropped(lines, at), next_of_task(lines, at) - 1


def a_resize_moved_out(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "rz_node_done", 0, find(lines, "mr_enter"))
    released = find(lines, "w_reld", 0, at)
    return moved(lines, at, released), at


def a_whole_resize_moved_out(lines: Lines) -> tuple[Lines, int]:
    start = find(lines, "rz_pre", 0, find(lines, "mr_enter"))
    first = start
    for _ in range(3):
        lines = moved(lines, start, find(lines, "w_reld", 0, start))
    return lines, first


def writers_overlapped(lines: Lines) -> tuple[Lines, int]:
    acquired = next(
        at
        for at in range(1, len(lines))
        if event(lines[at]) == "w_acq"
        and event(lines[at - 1]) == "w_reld"
        and task(lines[at]) != task(lines[at - 1])
    )
    return moved(lines, acquired, acquired - 2), acquired - 2


def initialised_twice(lines: Lines) -> tuple[Lines, int]:
    first = find(lines, "zd_enter")
    end = next_of_task(lines, first)
    lines = doubled(doubled(lines, first, end + 1), end, end + 2)
    return lines, end + 1


def initialised_inside(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "zd_enter")
    released = max(
        n for n in range(at) if event(lines[n]) == "w_rel" and task(lines[n]) == task(lines[at])
    )
    return moved(lines, at, released), released


def a_task_renamed(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "ar_enter", 2)
    return changed(lines, at, 3, "somebody"), at


def a_task_exchanged(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "rz_pre", 2)
    return changed(lines, at, 4, "9999"), at


def an_order_of_steps_turned(lines: Lines) -> tuple[Lines, int]:
    adder = task(lines[find(lines, "mr_enter")])
    at = next(
        n for n in range(len(lines)) if event(lines[n]) == "rm_enter" and task(lines[n]) == adder
    )
    return swapped(lines, at, next_of_task(lines, at)), at


def an_entry_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "zd_enter", 3)
    return dropped(lines, at), next_of_task(lines, at) - 1


def an_exit_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "on_exit", 2)
    return dropped(lines, at), next_of_task(lines, at) - 1


def another_range(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "zd_enter", 1)
    return with_argument(lines, at, "pfn", "77"), at


def another_lock(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_acq", 4)
    return with_argument(lines, at, "sem", "cgroup_threadgroup_rwsem"), next_of_task(lines, at)


def a_lock_taken_twice(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_acq", 5)
    return doubled(lines, at, at + 1), at + 1


def let_go_twice(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_rel", 5)
    return doubled(lines, at, at + 1), at + 1


def a_wait_without_a_reason(lines: Lines) -> tuple[Lines, int]:
    at = next(
        n
        for n in range(1, len(lines) - 1)
        if event(lines[n]) == "w_enter"
        and lines[n].endswith("block=0\n")
        and event(lines[n + 1]) == "w_acq"
        and task(lines[n]) == task(lines[n + 1])
    )
    columns = row(lines[at + 1])
    wait = ",".join([*columns[:5], "w_wait", f"{columns[6]} reader=0"]) + "\n"
    return [*lines[: at + 1], wait, *lines[at + 1 :]], at + 1


def a_shrink_dropped(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "sh_zone_done", 1)
    return dropped(lines, at), next_of_task(lines, at) - 1


def a_step_of_another_role(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "on_enter", 1)
    return changed(lines, at, 5, "off_enter"), next_of_task(lines, at)


EDITS: list[Edit] = [
    lock_events_swapped,
    a_release_dropped,
    both_of_a_release_dropped,
    an_acquisition_dropped,
    a_resize_moved_out,
    a_whole_resize_moved_out,
    writers_overlapped,
    initialised_twice,
    initialised_inside,
    a_task_renamed,
    a_task_exchanged,
    an_order_of_steps_turned,
    an_entry_dropped,
    an_exit_dropped,
    another_range,
    another_lock,
    a_lock_taken_twice,
    let_go_twice,
    a_wait_without_a_reason,
    a_shrink_dropped,
    a_step_of_another_role,
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_is_noticed_at_its_line(edit: Edit, tmp_path: Path) -> None:
    lines, at = edit(lines_of(BLOCKS))
    judged = judge_lines(lines, "duyck-noshrink", tmp_path)
    assert judged.conformance is Conformance.DIFFERS
    assert judged.offence
    assert judged.offence.at.event.line == at + 1, (judged.offence, lines[at])


GAP = "williams-rwsem-gap"


def a_reader_inside_a_writer(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "w_rel", 0, find(lines, "r_slow"))
    acquired = find(lines, "r_acq", 0, at)
    return moved(lines, acquired, at), at


def a_reader_that_lets_go_too_soon(lines: Lines) -> tuple[Lines, int]:
    at = find(lines, "zd_exit")
    released = next(
        n
        for n in range(at, len(lines))
        if event(lines[n]) == "r_rel" and task(lines[n]) == task(lines[at])
    )
    return moved(lines, released, at), at


@pytest.mark.parametrize(
    "edit",
    [a_reader_inside_a_writer, a_reader_that_lets_go_too_soon],
    ids=lambda edit: edit.__name__,
)
def test_an_edit_of_a_reader_is_noticed_at_its_line(edit: Edit, tmp_path: Path) -> None:
    lines, at = edit(lines_of(INSIDE_READ))
    judged = judge_lines(lines, GAP, tmp_path)
    assert judged.offence
    assert judged.offence.at.event.line == at + 1, (judged.offence, lines[at])


def test_events_of_a_processor_that_are_shifted_in_time_are_refused(tmp_path: Path) -> None:
    lines = lines_of(BLOCKS)
    shifted = [
        changed([line], 0, 1, f"{float(row(line)[1]) + 0.01:.6f}")[0]
        if row(line)[2] == "1"
        else line
        for line in lines
    ]
    first = next(
        n
        for n in range(2, len(lines))
        if row(shifted[n])[2] == "0" and float(row(shifted[n])[1]) < float(row(shifted[n - 1])[1])
    )
    with pytest.raises(UsageError, match=f"line {first + 1}: time goes back"):
        judge_lines(shifted, "duyck-noshrink", tmp_path)


def test_events_of_a_processor_that_are_shifted_and_sorted_are_noticed(tmp_path: Path) -> None:
    lines = lines_of(BLOCKS)
    shifted = [
        changed([line], 0, 1, f"{float(row(line)[1]) + 0.01:.6f}")[0]
        if row(line)[2] == "1"
        else line
        for line in lines[1:]
    ]
    shifted.sort(key=lambda line: float(row(line)[1]))
    judged = judge_lines([lines[0], *shifted], "duyck-noshrink", tmp_path)
    assert judged.offence
    assert judged.offence.why.startswith("mem_hotplug_lock is held: write ")


def range_of(line: str) -> str:
    """Where the range starts that an event is about; empty where it names none."""
    found = re.search(r"\b(?:pfn|start)=(\w+)", row(line)[6])
    return found[1] if found else ""


def by_task(lines: Lines) -> dict[str, list[tuple[str, str]]]:
    """What every task did, its waits left out: the events of each pid, with their ranges."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines[1:]:
        of_lock = event(line).startswith("w_")
        if event(line) not in ("w_wait", "r_slow", "mark") and (not of_lock or "sem=" in line):
            found.setdefault(task(line), []).append((event(line), range_of(line)))
    return found


def overlaps(lines: Lines) -> bool:
    """Whether a task takes the write lock while another has it."""
    holder = ""
    for line in lines[1:]:
        if event(line) == "w_acq":
            if holder:
                return True
            holder = task(line)
        elif event(line) == "w_rel":
            holder = ""
    return False


def edited_at_random(lines: Lines, draw: random.Random) -> Lines:
    """One edit of a line that is no mark."""
    one, other = draw.sample([n for n in range(1, len(lines)) if event(lines[n]) != "mark"], 2)
    near = min(max(1, one + draw.randint(-6, 6)), len(lines) - 1)
    match draw.randrange(7):
        case 0:
            return swapped(lines, one, near)
        case 1:
            return swapped(lines, one, other)
        case 2:
            return moved(lines, one, near)
        case 3:
            return dropped(lines, one)
        case 4:
            return doubled(lines, one, near)
        case 5:
            return changed(lines, one, 4, task(lines[other]))
    return changed(lines, one, 5, event(lines[other]))


def allows(before: Lines, after: Lines) -> bool:
    """Whether an edit leaves every task's order, and no two writers at once.

    A task may have done less: its last events may be missing.
    """
    old, new = by_task(before), by_task(after)
    same = all(did == old.get(pid, [])[: len(did)] for pid, did in new.items())
    return same and not overlaps(after)


WAITS = {"w_wait", "r_wait", "r_slow"}
"""Events of waiting, whose order an edit may have changed where it left all others."""


def try_edits(trace: str, placement: str, count: int, seed: int, folder: Path) -> None:
    lines = lines_of(trace)
    draw = random.Random(seed)
    accepted = 0
    for _ in range(count):
        edited = edited_at_random(lines, draw)
        found = judge_lines(edited, placement, folder)
        if found.conformance is Conformance.CONFORMS:
            accepted += 1
            assert allows(lines, edited), difference(lines, edited)
        elif by_task(edited) == by_task(lines) and not overlaps(edited):
            assert found.offence
            assert {*found.offence.at.names} <= WAITS, difference(lines, edited)
    assert accepted < count / 2


def difference(before: Lines, after: Lines) -> str:
    """Where two traces differ, for the message of a failure."""
    return "".join(set(before) ^ set(after))


def test_a_random_edit_is_accepted_only_if_it_leaves_the_orders(tmp_path: Path) -> None:
    try_edits("deb61_s1b_parallel_bind", "duyck-noshrink", 25, 1, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trace", "placement"),
    [
        (BLOCKS, "duyck-noshrink"),
        ("deb61_s3a_dimm_add_vs_pmem", "duyck-noshrink"),
        (INSIDE_READ, GAP),
    ],
)
def test_many_random_edits_are_accepted_only_if_they_leave_the_orders(
    trace: str, placement: str, tmp_path: Path
) -> None:
    try_edits(trace, placement, 400, 2, tmp_path)

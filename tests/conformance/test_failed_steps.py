"""A block that stays online: offlining that fails is a run where a kernel fails, and only there."""

import re
from pathlib import Path

import pytest

from locking.conformance.event_map import read_event_map
from locking.conformance.judged import Conformance
from locking.conformance.role_paths import Paths
from locking.errors import UsageError
from locking.models.memory_hotplug import ADD_SECTIONS, INIT_DEVICE_PAGES, RESIZE_ZONE, hotplug
from tests.conformance.edits import Lines, dropped, find, moved, next_of_task, task, with_argument
from tests.conformance.held import judge_lines, lines_of

BLOCKS = "deb61_s2b_blocks_vs_pmem"
RIGHT = "duyck-noshrink"


def inside(lines: Lines, enter: int) -> list[int]:
    """Where the events of a task stand between its entry to offline_pages() and its return."""
    at, found = next_of_task(lines, enter), []
    while ",off_exit," not in lines[at]:
        found.append(at)
        at = next_of_task(lines, at)
    return found


def failed(ret: str = "-16", number: int = 2) -> tuple[Lines, int]:
    """A trace in which an offlining fails and changes nothing, and where its return stands."""
    lines = lines_of(BLOCKS)
    enter = find(lines, "off_enter", number)
    lines = dropped(lines, *inside(lines, enter))
    at = next_of_task(lines, enter)
    return with_argument(lines, at, "ret", ret), at


@pytest.mark.parametrize("ret", ["-16", "-22", "-4"])
def test_a_failed_offlining_is_a_run(ret: str, tmp_path: Path) -> None:
    lines, _ = failed(ret)
    judged = judge_lines(lines, RIGHT, tmp_path)
    assert judged.conformance is Conformance.CONFORMS
    assert judged.covered.roles["offliner"] == 16


def test_every_offlining_may_fail(tmp_path: Path) -> None:
    lines = lines_of(BLOCKS)
    for number in range(16):
        enter = find(lines, "off_enter", number)
        lines = dropped(lines, *inside(lines, enter))
        lines = with_argument(lines, next_of_task(lines, enter), "ret", "-16")
    assert judge_lines(lines, RIGHT, tmp_path).conformance is Conformance.CONFORMS


def refused_at(lines: Lines, at: int, tmp_path: Path) -> bool:
    judged = judge_lines(lines, RIGHT, tmp_path)
    return judged.offence is not None and judged.offence.at.event.line == at + 1


def test_one_that_changes_the_zone_has_not_failed(tmp_path: Path) -> None:
    lines = lines_of(BLOCKS)
    at = find(lines, "off_exit", 2)
    assert refused_at(with_argument(lines, at, "ret", "-16"), at, tmp_path)


def test_one_that_changes_no_zone_has_failed(tmp_path: Path) -> None:
    lines, at = failed("0")
    assert refused_at(lines, at, tmp_path)


def test_one_that_fails_lets_its_lock_go(tmp_path: Path) -> None:
    lines, at = failed()
    release = next_of_task(lines, at)
    end = next_of_task(lines, release)
    lines = dropped(lines, release, end)
    wrong = next(n for n in range(at + 1, len(lines)) if task(lines[n]) == task(lines[at]))
    judged = judge_lines(lines, RIGHT, tmp_path)
    assert judged.offence
    assert judged.offence.at.event.line <= wrong + 1


def test_one_that_fails_holds_the_lock_until_it_returns(tmp_path: Path) -> None:
    lines, at = failed()
    assert refused_at(moved(lines, at, next_of_task(lines, at)), at, tmp_path)


def test_a_return_that_is_not_told_is_none_of_a_failure(tmp_path: Path) -> None:
    lines, at = failed()
    lines = [re.sub(r"ret=-?\d+", "", line) if ",off_exit," in line else line for line in lines]
    assert refused_at(lines, at, tmp_path)


FAILS = """
[locks.mem_hotplug_lock]
write = { take = ["w"], release = ["wr"] }
read = { take = ["r"], release = ["rr"] }
downgrade = ["down"]
[steps]
ADD_SECTIONS = ["add"]
INIT_DEVICE_PAGES = ["init"]
RESIZE_ZONE = ["resize"]
[failures]
%s = ["no"]
"""


def ways(step: str, tmp_path: Path, *trees) -> set[tuple[str, ...]]:
    """What a role may show whose step may fail."""
    (tmp_path / "map.toml").write_text(FAILS % step)
    events = read_event_map([str(tmp_path / "map.toml")])
    paths = Paths(events, ["w", "wr", "r", "rr", "down", "add", "init", "resize", "no"])
    paths.add_role("adder", trees)
    found, waiting = set(), [(edge.to, (edge.event,)) for edge in paths.edges[0]]
    while waiting:
        at, word = waiting.pop()
        if at == 0:
            found.add(tuple(filter(None, word)))
            continue
        waiting += [(edge.to, (*word, edge.event)) for edge in paths.edges[at]]
    return found


@pytest.mark.parametrize(
    ("step", "fails"),
    [
        ("ADD_SECTIONS", ("w", "no", "wr")),
        ("INIT_DEVICE_PAGES", ("w", "add", "down", "no", "rr")),
        ("RESIZE_ZONE", ("w", "add", "down", "init", "rr", "no")),
    ],
)
def test_a_role_ends_where_its_step_fails(tmp_path: Path, step: str, fails) -> None:
    region = hotplug.write(ADD_SECTIONS).downgrade(INIT_DEVICE_PAGES)
    whole = ("w", "add", "down", "init", "rr", "resize")
    assert ways(step, tmp_path, region, RESIZE_ZONE) == {whole, fails}


def test_a_failure_of_no_step_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[failures]\nA = "no list"\n')
    with pytest.raises(UsageError, match=r"failures\.A: 'no list' is no list of events"):
        read_event_map([str(tmp_path / "map.toml")])

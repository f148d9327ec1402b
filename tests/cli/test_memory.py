"""How much memory a search may have, on machines and in control groups of all sorts."""

from pathlib import Path

import psutil
import pytest

from locking.cli.memory import group_limits, most_memory

V1 = "sys/fs/cgroup/memory"
V2 = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("line", "files", "limits"),
    [
        ("0::/", {f"{V2}/memory.max": "1000\n"}, [1000]),
        ("0::/", {f"{V2}/memory.max": "max\n"}, []),
        ("0::/", {}, []),
        (
            "0::/user/job",
            {f"{V2}/user/memory.max": "500\n", f"{V2}/user/job/memory.max": "max\n"},
            [500],
        ),
        (
            "0::/user/job",
            {f"{V2}/user/memory.max": "500\n", f"{V2}/user/job/memory.max": "900\n"},
            [900, 500],
        ),
        ("5:cpu,memory:/job", {f"{V1}/job/memory.limit_in_bytes": "700\n"}, [700]),
        ("5:cpu:/job", {f"{V1}/job/memory.limit_in_bytes": "700\n"}, []),
    ],
)
def test_control_groups_have_limits(
    line: str, files: dict[str, str], limits: list[int], tmp_path: Path
) -> None:
    for name, text in {"proc/self/cgroup": f"1:name=systemd:/\n{line}\n", **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(group_limits(tmp_path)) == limits


def test_where_there_are_no_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert list(group_limits(tmp_path)) == []


def test_a_search_may_have_four_fifths_of_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    for group, most in (([], 0.8 * psutil.virtual_memory().total), ([10, 1000], 8)):
        monkeypatch.setattr("locking.cli.memory.group_limits", lambda _, group=group: iter(group))
        assert most_memory() == int(most)


def test_a_search_that_takes_more_ends_and_is_unknown(
    locking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locking.cli.memory.group_limits", lambda _: iter([2**20]))
    status, out, _ = locking("check", "textbook.hotplug_shape", "--max-memory", "1000000")
    assert status == 0
    status, out, _ = locking("check", "textbook.hotplug_shape", "--threads", "3")
    assert status == 3
    assert "more than 0 MiB of memory" in out

"""`locking check --checkpoint`: killed, interrupted, limited, and gone on with; or refused."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

HOTPLUG = (
    "memory_hotplug", "--scenario", "add-vs-add", "--placement", "shared",
    "--property", "init-once", "data-race", "--json",
)  # fmt: skip

OFTEN = """
import sys
import locking.explore.checkpoint as checkpoint
from locking.cli.main import main
checkpoint.EVERY = 0.0
checkpoint.PERIOD = {period}
sys.exit(main(sys.argv[1:]))
"""
"""The command, which writes its file often."""

ON_DISK = """
from pathlib import Path
from locking.explore.compiled import kept, walk
from locking.explore.compiled.disk import DiskStore
def moved(store, room):
    return store if isinstance(store, DiskStore) else DiskStore(store, Path("."), 1)
walk.in_room = kept.in_room = moved
"""
"""Before the command: all states are on disk."""

TOY = ("check", "toy.py", "--scenario", "many", "--placement", "locked", "--workers", "4")


def started(*words: str, period: int = 16) -> subprocess.Popen[str]:
    """A check as a process that writes its file every so many states, and hardly waits for it."""
    command = [sys.executable, "-c", OFTEN.format(period=period), "check", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def numbers(out: str) -> list[dict[str, object]]:
    """What a check counted and judged, without what differs from run to run."""
    lines = [json.loads(line) for line in out.splitlines()]
    return [{name: each[name] for name in each if name != "seconds"} for each in lines]


def finished(*words: str) -> tuple[list[dict[str, object]], str]:
    """The numbers of a check that comes to its end, and what it said."""
    process = started(*words)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return numbers(out), err


@pytest.mark.slow
@pytest.mark.parametrize("how", ["reference", "compiled", "disk"])
def test_a_search_killed_at_a_random_moment_ten_times_goes_on_to_the_same_numbers(
    here: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "disk":
        monkeypatch.setattr(sys.modules[__name__], "OFTEN", ON_DISK + OFTEN)
    file, draw = here / "search", Random()
    words = (*HOTPLUG, "--engine", "compiled" if how == "disk" else how)
    whole, _ = finished(*words)
    for _ in range(10):
        process = started(*words, "--checkpoint", "search")
        while process.poll() is None and not file.exists():
            time.sleep(0.01)  # until it has begun to search: a busy machine may need long for that
        time.sleep(draw.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        there = file.exists()
        found, err = finished(*words, "--checkpoint", "search")
        assert found == whole
        assert ("reads the search so far from search" in err) == there
        assert not list(here.glob("search*"))


@pytest.mark.slow
def test_a_search_that_is_killed_again_and_again_comes_to_its_end(here: Path) -> None:
    whole, _ = finished(*HOTPLUG, "--engine", "reference")
    for _ in range(4):
        process = started(*HOTPLUG, "--checkpoint", "search")
        while process.poll() is None and not (here / "search").exists():
            time.sleep(0.01)
        time.sleep(0.2)
        process.kill()
        process.communicate()
    assert finished(*HOTPLUG, "--checkpoint", "search")[0] == whole


def test_ctrl_c_keeps_the_search_and_says_how_it_goes_on(here: Path) -> None:
    whole, _ = finished(*HOTPLUG, "--engine", "reference")
    process = started(*HOTPLUG, "--checkpoint", "search")
    while process.poll() is None and not (here / "search").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 3, err
    assert err == "locking: the same command goes on with the search in search\n"
    assert finished(*HOTPLUG, "--checkpoint", "search") == (
        whole,
        "locking: reads the search so far from search\n",
    )


def test_a_limit_keeps_the_search(locking, here: Path) -> None:
    status, out, _ = locking(*TOY, "--json", "--engine", "reference")
    whole = numbers(out)
    status, _, err = locking(*TOY, "--checkpoint", "c", "--max-states", "50")
    assert (status, (here / "c").exists()) == (3, True)
    assert err == "locking: the same command goes on with the search in c\n"
    status, out, err = locking(*TOY, "--json", "--checkpoint", "c")
    assert (status, numbers(out), (here / "c").exists()) == (0, whole, False)


@pytest.fixture
def stopped(locking, here: Path) -> Path:
    """The file of a search of the toy that a limit ended."""
    locking(*TOY, "--checkpoint", "c", "--max-states", "50")
    return here / "c"


def refused(locking, *words: str) -> str:
    """What is said of a checkpoint that is refused."""
    status, out, err = locking(*words, "--checkpoint", "c")
    assert (status, out) == (2, "")
    return str(err)


def test_a_damaged_file_is_refused_and_kept(locking, stopped: Path) -> None:
    data = stopped.read_bytes()
    turned = bytearray(data)
    turned[len(data) // 2] ^= 4
    for damaged in (b"", data[:-1], data[: len(data) // 2], bytes(turned)):
        stopped.write_bytes(damaged)
        assert "damaged" in refused(locking, *TOY)
        assert stopped.read_bytes() == damaged


@pytest.mark.usefixtures("stopped")
def test_the_file_of_another_search_is_refused_with_the_difference(locking) -> None:
    assert "scope differs: it has workers=4 speed=fast, this is workers=3" in refused(
        locking, *TOY[:-1], "3"
    )
    assert "case differs: it has toy.py, many, locked, this is toy.py, many, whole" in refused(
        locking, *TOY[:5], "whole", *TOY[6:]
    )
    assert "case differs: it has toy.py, many, locked, this is textbook.abba" in refused(
        locking, "check", "textbook.abba"
    )
    assert "merging differs" in refused(locking, *TOY, "--no-reduction")


@pytest.mark.usefixtures("stopped")
def test_the_file_of_a_model_that_was_changed_is_refused(locking, here: Path) -> None:
    text = (here / "toy.py").read_text()
    (here / "toy.py").write_text(text.replace("seen + 1", "seen + 2"))
    sys.modules.pop("toy", None)
    assert "c is of another search: source differs; remove the file" in refused(locking, *TOY)


def test_more_than_one_search_is_refused(locking) -> None:
    says = "--checkpoint keeps one search, and these are 6; narrow them"
    assert says in refused(locking, "check", "toy.py")


def test_a_file_that_can_not_be_written_is_refused_before_the_search(locking) -> None:
    status, _, err = locking(*TOY, "--checkpoint", "none/c")
    assert (status, "--checkpoint none/c: can't be written: No such file" in err) == (2, True)

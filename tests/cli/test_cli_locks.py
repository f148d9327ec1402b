"""`--lock`: an algorithm is run in place of a lock, and every verdict and path says so."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ADDING = """
from locking import Cell, Model, Mutex, System, at_end, deadlock_free, workers

m, x = Mutex("m"), Cell("x", 0)

async def add():
    async with m.hold():
        await x.write(await x.read() + 1)

def build(case):
    return System([m, x], workers(2, add), [deadlock_free(), at_end("sum", lambda s: s[x] == 2)])

MODEL = Model("adding", "Two add", build)
"""

OWN = """
from functools import partial
from locking import Algorithm, Atomic, Implementation, wait_until

async def lock(word, atomically):
    if atomically:
        while not await word.atomic_try_cmpxchg(0, 1):
            await wait_until(lambda value: value == 0, word)
    else:
        await wait_until(lambda value: value == 0, word)
        await word.atomic_set(1)

def make(atomically, name, threads):
    word = Atomic(f"{name}.word")
    return Implementation(
        [word],
        {"mutex_lock": partial(lock, word, atomically)},
        {"mutex_unlock": partial(word.atomic_set_release, 0)},
    )

RIGHT = Algorithm("right", "one step", partial(make, True))
WRONG = Algorithm("wrong", "two steps", partial(make, False))
"""


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    """A model with a mutex, and a file with two algorithms for it."""
    (here / "adding.py").write_text(ADDING)
    (here / "own.py").write_text(OWN)


def verdicts(out: str) -> dict[str, str]:
    """The verdict of each property."""
    lines = [json.loads(line) for line in out.splitlines()]
    return {each["property"]: each["verdict"] for each in lines}


def test_an_algorithm_of_the_harness_stands_for_a_lock(locking: Callable) -> None:
    status, out, err = locking("check", "adding.py", "--lock", "m=cas")
    assert (status, err) == (0, "") and "lock m=cas" in " ".join(out.split())
    _, out, _ = locking("check", "adding.py", "--json", "--lock", "m=cas")
    assert verdicts(out) == {"deadlock-free": "holds", "sum": "holds"}
    assert json.loads(out.splitlines()[0])["scope"] == {"lock m": "cas"}


def test_a_wrong_algorithm_is_found_with_a_path_that_carries_it(locking: Callable) -> None:
    assert locking("check", "adding.py", "--lock", "m=own.py#right")[0] == 0
    status, out, _ = locking("check", "adding.py", "--lock", "m=own.py#wrong")
    assert status == 1 and "no-misuse" in out
    [path] = set(re.findall(r"locking replay (\S+)", out))
    assert "lock%20m=own.py%23wrong" in path
    status, out, err = locking("replay", path)
    assert (status, err) == (0, "") and "is through with mutex_lock" in " ".join(out.split())
    assert "m.word" in out
    status, _, err = locking("replay", path.replace("%23wrong", "%23right"))
    assert status == 2 and "does not replay" in err


@pytest.mark.parametrize("how", ["none", "symmetry", "partial-order", "all"])
def test_every_reduction_sees_the_algorithm(locking: Callable, how: str) -> None:
    for name, verdict in (("right", None), ("wrong", "fails")):
        words = ("check", "adding.py", "--json", "--reduction", how, "--lock", f"m=own.py#{name}")
        assert verdicts(locking(*words)[1]).get("no-misuse") == verdict


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_every_engine_sees_the_algorithm(locking: Callable, engine: str) -> None:
    words = ("check", "adding.py", "--json", "--engine", engine, "--lock", "m=own.py#wrong")
    assert verdicts(locking(*words)[1])["no-misuse"] == "fails"


@pytest.mark.parametrize(
    "command",
    [
        ("trace",),
        ("measure",),
        pytest.param(("sample",), marks=pytest.mark.slow),
        ("export", "--to", "dot"),
        ("graph",),
    ],
)
def test_every_command_that_runs_threads_runs_the_algorithm(
    locking: Callable, command: tuple[str, ...]
) -> None:
    name, *rest = command
    status, out, err = locking(name, "adding.py", *rest, "--lock", "m=own.py#wrong")
    assert status in (0, 1), err
    assert "own.py" in out or "word" in out


@pytest.mark.parametrize(
    ("locks", "says"),
    [
        (["m"], "--lock m: write LOCK=ALGORITHM"),
        (["=cas"], "--lock =cas: write LOCK=ALGORITHM"),
        (["m=cas", "m=ttas"], "--lock gives m two algorithms; give one"),
        (["m=css"], "unknown algorithm of a lock 'css': did you mean cas?"),
        (["n=cas"], "unknown lock 'n': known: m"),
        (["m=own.py"], "own.py has several algorithms; say which: own.py#right, own.py#wrong"),
        (["m=own.py#left"], "unknown algorithm of own.py 'left'"),
        (["m=adding.py"], "adding.py: has no algorithm; write `NAME = Algorithm(...)`"),
        (["m=none.py"], "none.py: No such file"),
        (["m=rwsem"], "--lock m=rwsem: Mutex('m') has no operation of this algorithm, which has"),
    ],
)
def test_an_algorithm_that_there_is_not_is_refused(
    locking: Callable, locks: list[str], says: str
) -> None:
    status, out, err = locking("check", "adding.py", "--lock", *locks)
    assert (status, out) == (2, "") and says in err and err.count("\n") == 1


@pytest.mark.parametrize("command", ["lockorder", "synthesize"])
def test_a_command_that_asks_locks_by_their_words_refuses_an_algorithm(
    locking: Callable, command: str
) -> None:
    status, out, err = locking(command, "memory_hotplug", "--lock", "mem_hotplug_lock=rwsem")
    assert (status, out) == (2, "") and "--lock mem_hotplug_lock=rwsem: " in err


@pytest.mark.slow
def test_two_placements_are_compared_under_an_algorithm(locking: Callable) -> None:
    status, _, err = locking("compare", "baseline", "shared", "--scenario", "add-vs-reader",
        "--lock", "mem_hotplug_lock=percpu_rwsem")  # fmt: skip
    assert (status, err) == (0, "")


def test_the_algorithms_that_fit_a_lock_are_listed_with_it(locking: Callable) -> None:
    status, out, _ = locking("list", "adding.py")
    assert status == 0
    assert "algorithms of locks, for --lock\n    m  mutex, cas, ttas\n" in out
    of_hotplug = locking("list", "memory_hotplug")[1].partition("for --lock")[2]
    assert re.search(r"mem_hotplug_lock +hotplug_lock, percpu_rwsem, percpu_rwsem_5_7", of_hotplug)
    assert re.search(r"pgdat_resize_lock +qspinlock, cas, ttas", of_hotplug)
    assert "present_pages" not in of_hotplug


@pytest.mark.slow
def test_the_command_that_explain_prints_has_what_it_was_given(locking: Callable) -> None:
    words = ("explain", "baseline", "--scenario", "add-vs-reader", "--max-states", "20000")
    given = ("--pages", "1", "--lock", "mem_hotplug_lock=rwsem")
    _, out, err = locking(*words, *given)
    [command] = [line.split() for line in out.splitlines() if line.startswith("    locking check")]
    assert err == "" and command[4:] == ["--lock", "mem_hotplug_lock=rwsem"], command

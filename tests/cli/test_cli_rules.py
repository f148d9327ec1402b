"""`--rule`: a model is checked under another rule of its objects, and every verdict says so."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

PERCPU = """
from locking import Condition, Mutex, PercpuRwSem, Model, Record, System, Thread, deadlock_free

lock, mutex, full = PercpuRwSem("lock"), Mutex("mutex"), Condition("full")

async def read_twice():
    async with lock.read():
        async with lock.read():
            pass

async def write():
    async with lock.write():
        pass

async def sleep():
    async with mutex.hold():
        await full.wait(mutex)

def build(case):
    threads = [Thread("reader", read_twice), Thread("writer", write)]
    if case.scope["sleepers"]:
        threads.append(Thread("sleeper", sleep))
    return System([lock, mutex, full], threads, [deadlock_free()])

from locking import Expect, Parameter
MODEL = Model(
    "percpu", "A lock that is taken for reading twice", build,
    parameters=(Parameter("sleepers", 0, "whether one sleeps", least=0, most=1),),
    expected=(Expect("deadlock-free", "the writer comes between"),),
)
"""


@pytest.fixture(autouse=True)
def model(here: Path) -> None:
    """A model with a lock and a condition variable that have rules."""
    (here / "percpu.py").write_text(PERCPU)


def text(out: str) -> str:
    """What was printed, its lines joined."""
    return " ".join(out.split())


def test_a_rule_changes_the_verdict_and_stands_in_the_heading(locking: Callable) -> None:
    assert "1 verdict of 1 search" in locking("check", "percpu.py")[1]
    status, out, err = locking("check", "percpu.py", "--rule", "lock=reader-preferring")
    assert (status, err) == (0, "")  # under a rule of the reader's no verdict is declared
    assert "rule lock=reader-preferring" in text(out) and "holds deadlock-free" in out
    status, out, _ = locking("check", "percpu.py", "--rule", "lock=fifo")
    assert status == 1 and "rule lock=fifo" in text(out) and "expected holds" in text(out)


def test_a_path_carries_the_rule_and_is_replayed_under_it(locking: Callable) -> None:
    _, out, _ = locking("check", "percpu.py", "--rule", "lock=fifo")
    [path] = set(re.findall(r"locking replay (\S+)", out))
    assert "rule%20lock=fifo" in path
    status, out, err = locking("replay", path)
    assert (status, err) == (0, "") and "deadlock-free" in out
    for other in ("reader-preferring", "lifo"):
        status, out, err = locking("replay", path.replace("fifo", other))
        assert (status, out) == (2, "") and "does not replay" in err


def test_the_model_has_its_own_rules_again_after_a_check_under_others(locking: Callable) -> None:
    _, before, _ = locking("check", "percpu.py", "--json")
    locking("check", "percpu.py", "--rule", "reader-preferring")
    _, after, _ = locking("check", "percpu.py", "--json")
    for key in ("verdict", "states", "scope"):
        assert json.loads(before)[key] == json.loads(after)[key]


def test_a_word_alone_is_for_all_that_have_it(locking: Callable) -> None:
    words = ("check", "percpu.py", "--sleepers", "1", "--json", "--rule")
    _, out, _ = locking(*words, "lock=reader-preferring", "never-spurious")
    asleep = json.loads(out)["states"]
    _, out, _ = locking(*words, "lock=reader-preferring", "spurious")
    assert json.loads(out)["states"] > asleep
    assert json.loads(out)["scope"]["rule"] == "spurious"


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (["lok=fifo"], "unknown object with a rule to choose 'lok': did you mean lock?"),
        (["mutex=fifo"], "unknown object with a rule to choose 'mutex'"),
        (["lock=fiffo"], "unknown rule of lock 'fiffo': did you mean fifo?"),
        (["spuriously"], "unknown rule 'spuriously': did you mean spurious"),
        (["lock="], "--rule lock=: write OBJECT=WORD, or WORD for all that have it"),
        (["=fifo"], "--rule =fifo: write OBJECT=WORD"),
        (["lock=fifo", "lock=reader-preferring"], "lock can't be both fifo and reader-preferring"),
        (["full=any+fifo"], "full can't be both any and fifo: give it one of them"),
        (["full=fifo+"], "unknown rule of full ''"),
    ],
)
def test_a_rule_that_there_is_not_is_refused(
    locking: Callable, rules: list[str], says: str
) -> None:
    status, out, err = locking("check", "percpu.py", "--rule", *rules)
    assert (status, out) == (2, "") and says in err and err.count("\n") == 1


def test_list_says_which_rules_there_are_and_which_the_model_has(locking: Callable) -> None:
    _, out, _ = locking("list", "percpu.py")
    ways = "reader-preferring | writer-blocks-readers | fifo (else writer-blocks-readers)"
    assert f"lock {ways}" in text(out)
    queue = "full spurious | never-spurious (else never-spurious), any | fifo (else any)"
    assert queue in text(out)


@pytest.mark.parametrize(
    "command", [("trace",), ("measure",), ("sample",), ("export", "--to", "dot")]
)
def test_every_command_that_searches_says_under_which_rule(
    locking: Callable, command: tuple[str, ...]
) -> None:
    name, *rest = command
    status, out, _ = locking(name, "percpu.py", *rest, "--rule", "lock=fifo")
    assert status in (0, 1) and "lock" in out and "fifo" in out


def test_words_of_two_rules_of_an_object_are_both_in_force(locking: Callable) -> None:
    words = ("check", "percpu.py", "--sleepers", "1", "--json", "--rule", "lock=reader-preferring")
    found = []
    for rules in (["full=spurious"], ["full=fifo", "full=spurious"], ["full=fifo+spurious"]):
        found.append(json.loads(locking(*words, *rules)[1]))
    assert found[1]["scope"]["rule full"] == "fifo+spurious"
    assert len({each["states"] for each in found}) == 1  # of one sleeper there is no order


@pytest.mark.parametrize("how", ["none", "symmetry", "partial-order", "all"])
def test_every_reduction_and_engine_sees_the_rule(locking: Callable, how: str) -> None:
    for rule, verdict in (("fifo", "fails"), ("reader-preferring", "holds")):
        words = ("check", "percpu.py", "--json", "--reduction", how, "--rule", f"lock={rule}")
        assert json.loads(locking(*words)[1])["verdict"] == verdict

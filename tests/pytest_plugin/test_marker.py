"""Tests that are marked: each is an exhaustive check."""

import sys

import pytest

from tests.pytest_plugin.conftest import sections

HEAD = """
import functools, pytest
from locking import Atomic, Cell, Mutex, Thread, require, together

every = pytest.mark.interleavings
"""

COUNTER = """
@pytest.fixture
def goal():
    return 2

def counting(total, lock):
    async def add():
        if lock:
            async with lock.hold():
                await total.write(await total.read() + 1)
        else:
            await total.write(await total.read() + 1)
    return add

@every
async def test_locked(goal):
    total = Cell("total", 0)
    add = counting(total, Mutex("lock"))
    await together(add, add)
    assert await total.read() == goal

@every(data_races=False)
async def test_lost(goal):
    total = Cell("total", 0)
    add = counting(total, None)
    await together(add, add)
    assert await total.read() == goal

@every
async def test_race():
    total = Cell("total", 0)
    add = counting(total, None)
    await together(add, add)

@every
@pytest.mark.parametrize("start", [0, 1])
async def test_start(start):
    total = Atomic("total", start)
    async def add():
        await total.atomic_inc()
    await together(add, add)
    assert await total.atomic_read() == 2

@every(max_states=5, data_races=False)
class TestIn:
    @every(max_states=1_000)
    async def test_method(self, goal):
        total = Cell("total", 0)
        add = counting(total, Mutex("lock"))
        await together(add, add)
        assert await total.read() == goal

    async def test_limit(self, goal):
        total = Cell("total", 0)
        add = counting(total, Mutex("lock"))
        await together(add, add)
        assert await total.read() == goal
"""

LOST = """\
after-together fails after 4 steps, 2 context switches

    a                            b
    ───────────────────────────  ───────────────────────────
 1  read(total) = 0                                           test_it.py:16
 2                               read(total) = 0              test_it.py:16
 3                               write(total, 1)  0 -> 1      test_it.py:16
 4  write(total, 1)                                           test_it.py:16

At the end:
  a  ended
  b  ended

Why: Lost update: write(total, 1) by a in step 4 (test_it.py:16) is the last to
  write total; b had changed total from 0 to 1 in step 3, after a had read 0 in
  step 1.

Violated: assert await total.read() == goal (test_it.py:31): assert 1 == 2
  goal = 2
  total = 1

Replay: pytest test_it.py::test_lost --interleaving a1.b2.a1"""


def test_a_design_that_fails_shows_the_run_and_nothing_else(pytester):
    pytester.makepyfile(test_it=HEAD + COUNTER)
    done = pytester.runpytest_subprocess("-W", "error", "--strict-markers")
    done.assert_outcomes(passed=3, failed=4)
    said = sections(done.stdout.str())
    assert sorted(said) == ["TestIn.test_limit", "test_lost", "test_race", "test_start[1]"]
    assert said["test_lost"] == LOST
    assert "data-race fails after 1 step" in said["test_race"]
    assert "after-together" not in said["test_race"]
    assert "assert 3 == 2" in said["test_start[1]"]
    assert "pytest 'test_it.py::test_start[1]' --interleaving a1.b1" in said["test_start[1]"]
    assert said["TestIn.test_limit"] == (
        "not decided: more than 5 states (after-together, deadlock-free)"
    )
    assert "locking/" not in done.stdout.str()


VERDICTS = """
@every
async def test_deadlock():
    one, other = Mutex("one"), Mutex("other")
    async def up():
        async with one.hold(), other.hold():
            pass
    async def down():
        async with other.hold(), one.hold():
            pass
    await together(up, down)

@every
async def test_misuse():
    lock = Mutex("lock")
    async def work():
        await lock.mutex_unlock()
    await together(Thread("worker", work))

@every
async def test_requirement():
    count = Atomic("count")
    async def work():
        seen = await count.atomic_inc_return()
        require(seen < 2, "one-only", seen=seen)
    await together(work, work)

@every
async def test_assertion():
    count = Atomic("count")
    async def work():
        assert await count.atomic_inc_return() < 2
    await together(work, work)

@every
async def test_second():
    async def work():
        pass
    await together(work)
    await together(work)

@every
async def test_none():
    pass

@every
def test_plain():
    pass

@every
async def test_generator():
    yield

def quietly(body):
    @functools.wraps(body)
    def run():
        pass
    return run

@every
@quietly
async def test_wrapped():
    pass

@every(max_state=5)
async def test_unknown():
    pass

@every(5)
async def test_position():
    pass

@every(max_states=0)
async def test_zero():
    pass

@every(max_seconds="5")
async def test_text():
    pass

@every(data_races=1)
async def test_races():
    pass

@every
async def test_setup():
    lock = Mutex("lock")
    await lock.mutex_lock()
    await lock.mutex_lock()

@every
async def test_shared():
    count, seen = Atomic("count"), []
    async def work():
        seen.append(await count.atomic_inc_return())
    await together(work)
    assert not seen
"""

SAID = {
    "test_deadlock": "Why: ABBA deadlock: up holds one (since step 1) and waits for other; down",
    "test_misuse": "is a misuse: worker",
    "test_requirement": "one-only fails after 2 steps",
    "test_assertion": "assertions fails after 2 steps",
    "test_second": "a second together(); a body has one parallel phase (",
    "test_none": "it has no together(), so nothing runs in parallel",
    "test_plain": "interleavings marks an `async def` that awaits together(...)",
    "test_generator": "interleavings marks an `async def` that awaits together(...)",
    "test_wrapped": "interleavings marks an `async def` that awaits together(...)",
    "test_unknown": "unknown argument of the marker 'max_state': did you mean max_states",
    "test_position": "the marker takes arguments by name only: max_states",
    "test_zero": "max_states=0: impossible; it is a whole number above 0",
    "test_text": "max_seconds='5': impossible; it is a number above 0",
    "test_races": "data_races=1: impossible; it is True or False",
    "test_setup": "before together(): mutex_lock(lock)",
    "test_shared": "thread work changes the variable 'seen'",
}


def test_whatever_is_wrong_fails_and_says_so(pytester):
    pytester.makepyfile(test_it=HEAD + VERDICTS)
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(failed=len(SAID))
    said = sections(done.stdout.str())
    for name, text in SAID.items():
        assert text in said[name]
    assert "Traceback" not in done.stdout.str()


@pytest.mark.slow
def test_without_assertions_a_marked_test_is_skipped_and_says_why(pytester):
    pytester.makepyfile(test_it=HEAD + COUNTER + "\ndef test_other():\n    pass\n")
    done = pytester.run(
        *(sys.executable, "-O", "-m", "pytest", "-rs", "-p", "no:cacheprovider"), timeout=600
    )
    done.assert_outcomes(passed=1, skipped=7)
    done.stdout.fnmatch_lines(["SKIPPED * test_it.py:*: not checked: `python -O` skips assert*"])


@pytest.mark.slow
def test_the_marker_needs_no_registration_and_has_its_help(pytester):
    done = pytester.runpytest_subprocess("--markers")
    done.stdout.fnmatch_lines(["@pytest.mark.interleavings(max_states=None, *): *"])


@pytest.mark.slow
def test_several_processes_say_the_same(pytester):
    pytester.makepyfile(test_it=HEAD + COUNTER)
    done = pytester.runpytest_subprocess("-n2")
    done.assert_outcomes(passed=3, failed=4)
    assert sections(done.stdout.str())["test_lost"].endswith(LOST)

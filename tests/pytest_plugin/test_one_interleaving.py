"""The option `--interleaving`: one run of one marked test, and its trace."""

import pytest

from tests.pytest_plugin.conftest import sections

TESTS = """
import pytest
from locking import Atomic, Mutex, choose, together

@pytest.mark.interleavings
async def test_deadlock():
    one, other = Mutex("one"), Mutex("other")
    async def up():
        async with one.hold(), other.hold():
            pass
    async def down():
        async with other.hold(), one.hold():
            pass
    await together(up, down)

@pytest.mark.interleavings
async def test_chosen():
    total = Atomic("total")
    async def add():
        await total.atomic_add(await choose(1, 2))
    await together(add)
    assert await total.atomic_read() == 1

def test_other():
    pass
"""


@pytest.fixture
def project(pytester):
    """A folder with marked tests."""
    pytester.makepyfile(test_it=TESTS)
    return pytester


@pytest.mark.slow
def test_a_run_of_a_failure_is_repeated_with_the_same_text(project):
    searched = sections(project.runpytest_subprocess().stdout.str())
    assert sorted(searched) == ["test_chosen", "test_deadlock"]
    for name, choices in (("test_deadlock", "a1.b1"), ("test_chosen", "a~1.a1")):
        assert searched[name].endswith(f"pytest test_it.py::{name} --interleaving {choices}")
        done = project.runpytest_subprocess(f"test_it.py::{name}", "--interleaving", choices)
        done.assert_outcomes(failed=1)
        assert sections(done.stdout.str())[name] == searched[name]


def test_choices_that_can_not_be_made_are_an_error(project):
    done = project.runpytest_subprocess("test_it.py::test_deadlock", "--interleaving", "a1.b2")
    done.assert_outcomes(failed=1)
    [said] = sections(done.stdout.str()).values()
    assert said == "locking: step 3: down can't take it; it waits in mutex_lock(one)"


@pytest.mark.slow
@pytest.mark.parametrize("selected", [[], ["test_it.py::test_other"]])
def test_not_one_marked_test_is_an_error_and_nothing_is_run(project, selected):
    done = project.runpytest_subprocess(*selected, "--interleaving", "a1.b1")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    count = 0 if selected else 2
    done.stderr.fnmatch_lines([f"ERROR: --interleaving is of one test, but {count} that are *"])


@pytest.mark.slow
def test_several_processes_run_one_interleaving_too_and_refuse_several_tests(project):
    one = project.runpytest_subprocess("-n1", "test_it.py::test_deadlock", "--interleaving=a1.b1")
    one.assert_outcomes(failed=1)
    assert "deadlock-free fails after 2 steps" in sections(one.stdout.str())["test_deadlock"]
    two = project.runpytest_subprocess("-n1", "--interleaving=a1.b1")
    two.assert_outcomes(passed=1, failed=2)
    for text in sections(two.stdout.str()).values():
        assert "--interleaving is of one test, but 2 that are marked" in text

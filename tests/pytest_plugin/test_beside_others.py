"""Beside tests that are not marked, and plugins that run coroutines."""

import pytest

from tests.pytest_plugin.conftest import sections

TESTS = """
import asyncio
import unittest
import pytest
from locking import Atomic, together

@pytest.mark.interleavings
async def test_ours():
    total = Atomic("total")
    async def add():
        await total.atomic_inc()
    await together(add, add)
    assert await total.atomic_read() == 3

class TestOurs:
    @pytest.mark.interleavings
    async def test_method(self):
        total = Atomic("total")
        async def add():
            await total.atomic_inc()
        await together(add, add)
        assert await total.atomic_read() == 2

async def test_theirs():
    await asyncio.sleep(0)

class TestCase(unittest.IsolatedAsyncioTestCase):
    @pytest.mark.interleavings
    async def test_of_unittest(self):
        pass
"""

WRAPS = """
import asyncio, functools, inspect
import pytest

class Wrapped(pytest.Function):
    def runtest(self):
        body = self.obj
        @functools.wraps(body)
        def synchronous(**given):
            asyncio.run(body(**given))
        self.obj = synchronous
        super().runtest()

def pytest_pycollect_makeitem(collector, name, obj):
    if inspect.iscoroutinefunction(obj):
        return Wrapped.from_parent(collector, name=name)
"""

TAKES = """
import asyncio, inspect
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        asyncio.run(pyfuncitem.obj())
        return True
"""


def check(pytester):
    """Ours are checked, theirs are run."""
    pytester.makepyfile(test_it=TESTS)
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(passed=2, failed=2)
    said = sections(done.stdout.str())
    assert "after-together fails after 2 steps" in said["test_ours"]
    assert "methods of plain classes, only" in said["TestCase.test_of_unittest"]


def test_a_plugin_that_wraps_coroutines_gets_its_own_only(pytester):
    pytester.makeconftest(WRAPS)
    check(pytester)


@pytest.mark.slow
def test_a_plugin_that_takes_coroutines_gets_its_own_only(pytester):
    pytester.makeconftest(TAKES)
    check(pytester)


@pytest.mark.slow
def test_an_async_test_that_is_not_marked_is_left_to_pytest(pytester):
    pytester.makepyfile("async def test_theirs():\n    pass\n")
    done = pytester.runpytest_subprocess()
    done.stdout.fnmatch_lines(["*async def functions are not natively supported*"])


@pytest.mark.slow
def test_a_project_without_marked_tests_waits_for_nothing_of_the_harness(pytester):
    pytester.makepyfile("""
        import sys
        def test_loaded():
            late = ("locking.testing.scene", "locking.cli.case_arguments", "numpy", "numba")
            assert [name for name in late if name in sys.modules] == []
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)

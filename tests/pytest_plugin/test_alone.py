"""Each test stands alone: none fails because of one that ran before it."""

import pytest

HEAD = """
import gc, pytest
from locking import Cell, Mutex, Thread, together

every = pytest.mark.interleavings
"""

RIGHT = """
@every
async def test_right():
    a = Cell("a", 0)

    async def put(x):
        gc.collect()
        await a.WRITE_ONCE(x)

    await together(Thread("one", put, (1,)), Thread("two", put, (2,)))
"""

MISTAKES = {
    "called": """
@every
async def test_wrong():
    a = Cell("a", 0)
    async def put(x):
        await a.WRITE_ONCE(x)
    await together(put(1), put(2), put(3))
""",
    "called for a thread": """
@every
async def test_wrong():
    a = Cell("a", 0)
    async def put(x):
        await a.WRITE_ONCE(x)
    await together(Thread("one", put(1)))
""",
    "an operation that is not awaited": """
@every
async def test_wrong():
    a = Cell("a", 0)
    a.WRITE_ONCE(1)
    await together(a.READ_ONCE)
""",
    "an error in the middle": """
@every
async def test_wrong():
    lock = Mutex("lock")
    async def work():
        async with lock.hold():
            kept.append(work())
            raise RuntimeError
    await together(work)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_test_after_one_with_a_mistake_is_judged_by_itself(
    pytester: pytest.Pytester, mistake: str
) -> None:
    pytester.makepyfile(HEAD + MISTAKES[mistake] + RIGHT)
    done = pytester.runpytest_subprocess("-q", "-W", "error", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1, failed=1)


def test_a_lock_that_the_setup_keeps_is_a_deadlock(pytester: pytest.Pytester) -> None:
    body = """
@every
async def test_kept():
    lock = Mutex("lock")
    await lock.mutex_lock()
    async def work():
        await lock.mutex_lock()
    await together(work)
"""
    pytester.makepyfile(HEAD + body)
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    done.assert_outcomes(failed=1)
    text = " ".join(done.stdout.str().split())
    assert "work waits for lock, held from the start by the test, which is no thread" in text
    assert "Traceback" not in text and "ValueError" not in text


@pytest.mark.slow
def test_no_thread_is_called_as_the_test_itself_is(pytester: pytest.Pytester) -> None:
    body = """
@every
async def test_named():
    a = Cell("a", 0)
    async def put():
        await a.WRITE_ONCE(1)
    await together(Thread("the test", put))
"""
    pytester.makepyfile(HEAD + body)
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    done.assert_outcomes(failed=1)
    assert "a thread is called 'the test'" in " ".join(done.stdout.str().split())

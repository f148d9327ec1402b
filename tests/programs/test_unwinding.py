"""A failure is a failure whatever the unwinding does: every way out of a thread."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    Thread,
    Verdict,
    assertions,
    at_end,
    atomic,
    deadlock_free,
    procedure,
    require,
    required,
    retry,
    section,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.model import Model, System
from locking.programs.constructs import RequirementFailed
from locking.verdicts import Options
from tests.systems import report, threads, verdict

x, y, done, lock = Cell("x", 0), Cell("y", 0), Completion("done"), Mutex("lock")
OBJECTS = [x, y, done, lock]


async def check_assert() -> None:
    seen = await x.READ_ONCE()
    assert seen == 1, "not one"


async def check_require() -> None:
    require(await x.READ_ONCE() == 1, "one")


Check = Callable[[], Any]


class Waiting:
    """A context manager that awaits on its way out, and may swallow what comes."""

    def __init__(self, swallows: bool) -> None:
        self.swallows = swallows

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> bool:
        await done.wait_for_completion()
        return self.swallows


@asynccontextmanager
async def waiting(catching: bool) -> AsyncIterator[None]:
    """The same, as a generator."""
    try:
        yield
    except Exception:
        await done.wait_for_completion()
        if not catching:
            raise
    finally:
        await done.wait_for_completion()


async def in_finally(fails: Check) -> None:
    try:
        await fails()
    finally:
        await done.wait_for_completion()


async def in_finally_of_a_caller(fails: Check) -> None:
    try:
        await in_finally(fails)
    finally:
        await y.write(1)


async def in_except(fails: Check) -> None:
    try:
        await fails()
    except AssertionError:
        await done.wait_for_completion()


async def in_except_of_everything(fails: Check) -> None:
    try:
        await fails()
    except BaseException:
        await y.write(5)


async def in_finally_that_raises(fails: Check) -> None:
    try:
        await fails()
    finally:
        await y.write({}[0])


async def raised_from(fails: Check) -> None:
    try:
        await fails()
    except AssertionError as error:
        raise ValueError("another") from error


async def raised_for_another(fails: Check) -> None:
    try:
        await y.write({}[await y.read()])
    except KeyError:
        await fails()
    finally:
        await done.wait_for_completion()


async def in_a_group(fails: Check) -> None:
    try:
        try:
            await fails()
        except AssertionError as error:
            raise ExceptionGroup("some", [ValueError("one"), error]) from None
    finally:
        await done.wait_for_completion()


async def returned_in_finally(fails: Check) -> None:
    try:
        await fails()
    finally:
        await y.write(1)
        return  # noqa: B012


async def broken_off_in_finally(fails: Check) -> None:
    while True:
        try:
            await fails()
        finally:
            await y.write(1)
            break  # noqa: B012


async def through_aexit(fails: Check) -> None:
    async with Waiting(swallows=False):
        await fails()


async def swallowed_by_aexit(fails: Check) -> None:
    async with Waiting(swallows=True):
        await fails()
    await y.write(1)


async def through_a_generator(fails: Check) -> None:
    async with waiting(catching=False):
        await fails()


async def swallowed_by_a_generator(fails: Check) -> None:
    async with waiting(catching=True):
        await fails()
    await y.write(1)


async def through_a_stack(fails: Check) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(done.wait_for_completion.__call__)
        await stack.enter_async_context(Waiting(swallows=False))
        await fails()


async def through_blocks(fails: Check) -> None:
    async with lock.hold(), section("s"):
        try:
            async with atomic():
                await fails()
        finally:
            await y.write(1)


async def in_a_round(fails: Check) -> None:
    async def attempt() -> int:
        try:
            await fails()
        finally:
            await done.wait_for_completion()
        return 1

    await retry(attempt)


async def in_a_procedure(fails: Check) -> None:
    try:
        await procedure(fails)()
    finally:
        await done.wait_for_completion()


WAYS = [
    in_finally,
    in_finally_of_a_caller,
    in_except,
    in_except_of_everything,
    in_finally_that_raises,
    raised_from,
    raised_for_another,
    in_a_group,
    returned_in_finally,
    broken_off_in_finally,
    through_aexit,
    swallowed_by_aexit,
    through_a_generator,
    swallowed_by_a_generator,
    through_a_stack,
    through_blocks,
    in_a_round,
    in_a_procedure,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_what_fails_on_the_way_out_has_failed_in_its_first_step(way: Any, reduction: str) -> None:
    for fails, property_ in ((check_assert, assertions()), (check_require, required("one"))):
        running = [Thread("a", way, (fails,), daemon=True)]
        model = Model("test", "", lambda _, r=running, p=property_: System(OBJECTS, r, [p]))
        (result,) = check(model.case("only", None), options=Options(reduction=reduction)).results
        assert result.verdict is Verdict.FAILS
        assert result.choices is not None
        assert len(result.choices) <= 2
        assert result.finding is not None
        operands = (("seen", "0"),) if fails is check_assert else ()
        assert result.finding.operands == operands


async def caught_and_forgotten() -> None:
    with suppress(AssertionError):
        await check_require()
    await y.write(1)


def caught_without_await() -> None:
    with suppress(AssertionError):
        require(False, "one")


async def caught_in_a_call() -> None:
    await x.READ_ONCE()
    caught_without_await()
    require(True, "never evaluated")
    await y.write(1)


@pytest.mark.parametrize("program", [caught_and_forgotten, caught_in_a_call])
def test_a_requirement_that_is_caught_ends_the_run(program: Any) -> None:
    (result,) = report(OBJECTS, threads(program), [required("one")]).results
    assert (result.verdict, len(result.choices or ())) == (Verdict.FAILS, 1)


def test_a_requirement_behind_one_that_was_caught_is_not_evaluated() -> None:
    properties = [required("never evaluated")]
    found = report(OBJECTS, threads(caught_in_a_call), properties).results[0]
    assert found.verdict is Verdict.NEVER_EVALUATED


def test_a_requirement_outside_of_a_run_is_judged_by_itself() -> None:
    """Whatever failed before: another one there, or the last step of a run."""
    for name in ("one", "another"):
        with pytest.raises(RequirementFailed) as raised:
            require(False, name)
        assert raised.value.name == name
    require(True, "one")
    report(OBJECTS, threads(check_require), [required("one")])
    require(True, "one")


# --- exceptions that no property speaks of --------------------------------------------------------


async def wrong() -> None:
    await y.write({}[await x.READ_ONCE()])


@pytest.mark.parametrize(
    "way",
    [
        in_finally,
        in_finally_of_a_caller,
        through_aexit,
        through_a_stack,
        in_a_round,
        in_a_procedure,
    ],
    ids=lambda way: way.__name__,
)
def test_an_error_is_not_lost_in_what_awaits_on_its_way_out(way: Any) -> None:
    where = f"{wrong.__code__.co_filename}:{wrong.__code__.co_firstlineno + 1}"
    with pytest.raises(ModelError, match=re.escape(f"thread a raised KeyError: 0 ({where})")):
        report(OBJECTS, [Thread("a", way, (wrong,), daemon=True)], [deadlock_free()])


async def unlocked() -> None:
    await lock.mutex_lock()
    try:
        await wrong()
    except KeyError:
        await y.write("caught")
    finally:
        await lock.mutex_unlock()


async def caught_further_out() -> None:
    try:
        await lock.mutex_lock()
        try:
            await wrong()
        finally:
            await lock.mutex_unlock()
    except (KeyError, ValueError):
        await y.write("caught")


async def caught_by_a_caller() -> None:
    async def inner() -> None:
        await lock.mutex_lock()
        try:
            await wrong()
        finally:
            await lock.mutex_unlock()

    try:
        await inner()
    except LookupError:
        await y.write("caught")


async def finally_in_a_handler() -> None:
    try:
        await wrong()
    except KeyError:
        try:
            await y.write("caught")
        finally:
            await x.READ_ONCE()


async def handler_of_a_generator() -> None:
    @asynccontextmanager
    async def catching() -> AsyncIterator[None]:
        try:
            yield
        except KeyError:
            await y.write("caught")

    async with catching():
        await wrong()


@pytest.mark.parametrize(
    "program",
    [
        unlocked,
        caught_further_out,
        caught_by_a_caller,
        finally_in_a_handler,
        handler_of_a_generator,
    ],
    ids=lambda way: way.__name__,
)
def test_an_error_that_the_thread_catches_is_its_own_affair(program: Any) -> None:
    caught = at_end("caught", lambda s: s[y] == "caught")
    assert verdict(OBJECTS, threads(program, program), caught) is Verdict.HOLDS


async def not_caught_further_out() -> None:
    try:
        try:
            await wrong()
        finally:
            await done.wait_for_completion()
    except ValueError:
        await y.write("caught")


def test_an_error_that_no_clause_further_out_names_is_not_lost() -> None:
    with pytest.raises(ModelError, match="thread a raised KeyError: 0"):
        report(OBJECTS, [Thread("a", not_caught_further_out, daemon=True)])


def test_what_is_under_way_around_the_search_is_not_the_threads() -> None:
    async def work() -> None:
        try:
            await x.write(1)
        finally:
            await y.write(1)

    try:
        raise AssertionError("of somebody else")
    except AssertionError:
        assert report(OBJECTS, threads(work), [assertions()]).states == 3
        caught = at_end("caught", lambda s: s[y] == "caught")
        assert verdict(OBJECTS, threads(unlocked), caught) is Verdict.HOLDS


# --- assertions that are caught before anything is awaited ----------------------------------------


async def passed_over() -> None:
    seen = await x.READ_ONCE()
    try:
        assert seen == 1  # here
    except AssertionError:
        seen = 2
    await y.write(seen)


async def caught_by_all() -> None:
    seen = await x.READ_ONCE()
    try:
        if seen == 0:
            assert seen == 1  # here
    except (KeyError, Exception):
        return


async def caught_by_nothing_named() -> None:
    try:
        assert await x.READ_ONCE() == 1  # here
    except:  # noqa: E722
        return


async def suppressed() -> None:
    with suppress(KeyError, AssertionError):
        assert await x.READ_ONCE() == 1  # here


async def returned_over() -> None:
    seen = await x.READ_ONCE()
    try:
        assert seen == 1  # here
    finally:
        return  # noqa: B012


async def continued_over() -> None:
    for seen in (0, 1):
        try:
            assert seen == await x.READ_ONCE()  # here
        finally:
            continue  # noqa: B012


async def in_a_function_of_its_own() -> None:
    def valid(seen: int) -> bool:
        try:
            assert seen == 1  # here
        except AssertionError:
            return False
        return True

    await y.write(valid(await x.READ_ONCE()))


async def first_in_a_call() -> None:
    await x.READ_ONCE()
    await passed_over()


@pytest.mark.parametrize(
    "program",
    [
        passed_over,
        caught_by_all,
        caught_by_nothing_named,
        suppressed,
        returned_over,
        continued_over,
        in_a_function_of_its_own,
        first_in_a_call,
    ],
    ids=lambda each: each.__name__,
)
def test_code_that_catches_its_own_assertions_is_refused_with_the_line(program: Any) -> None:
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    holds = passed_over if program is first_in_a_call else program
    first = holds.__code__.co_firstlineno
    line = next(at for at, text in enumerate(source, 1) if at > first and "# here" in text)
    with pytest.raises(ModelError) as raised:
        report(OBJECTS, threads(program))
    assert "thread a catches what a false assertion raises" in str(raised.value)
    assert f"test_unwinding.py:{line})" in str(raised.value)


async def asserting_beside_a_handler() -> None:
    seen = await x.READ_ONCE()
    try:
        await y.write({1: 1}[seen])
    except KeyError:
        await y.write(2)
    for _ in range(2):
        try:
            assert seen == 0
        except AssertionError:
            await y.write(3)
            raise
        finally:
            for _ in range(2):
                break


def test_an_assertion_that_is_raised_again_is_no_mistake() -> None:
    properties = [assertions()]
    assert verdict(OBJECTS, threads(asserting_beside_a_handler), *properties) is Verdict.HOLDS

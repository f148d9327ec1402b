"""A failure is a failure whatever the unwinding does: every way out of a thread."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager, suppress
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
    """A context manager that awaits on its way out."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        await done.wait_for_completion()


@asynccontextmanager
async def waiting() -> AsyncIterator[None]:
    """A context manager that awaits on its way out, twice, as a generator."""
    try:
        yield
    except Exception:
        await done.wait_for_completion()
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
    except AssertionError as error:
        await done.wait_for_completion()
        raise error


async def in_except_of_everything(fails: Check) -> None:
    try:
        await fails()
    except BaseException:
        await y.write(5)
        raise


async def in_finally_that_raises(fails: Check) -> None:
    try:
        await fails()
    finally:
        await y.write({}[0])


async def raised_for_another(fails: Check) -> None:
    try:
        await y.write({}[await y.read()])
    except KeyError:
        await fails()
    finally:
        await done.wait_for_completion()


async def through_aexit(fails: Check) -> None:
    async with Waiting():
        await fails()


async def through_a_generator(fails: Check) -> None:
    async with waiting():
        await fails()


async def through_a_stack(fails: Check) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(done.wait_for_completion.__call__)
        await stack.enter_async_context(Waiting())
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
    raised_for_another,
    through_aexit,
    through_a_generator,
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
    with suppress(RequirementFailed):
        await check_require()
    await y.write(1)


def caught_without_await() -> None:
    with suppress(RequirementFailed):
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


async def left_by_an_exception() -> None:
    try:
        async with lock.hold(), section("s"):
            await wrong()
    except KeyError:
        await y.write("caught")


async def suppressed() -> None:
    with suppress(ValueError, KeyError):
        async with lock.hold(), section("s"), atomic():
            await wrong()
    await y.write("caught")


async def caught_by_a_generator() -> None:
    @asynccontextmanager
    async def catching() -> AsyncIterator[None]:
        try:
            yield
        except KeyError:
            await y.write("caught")

    async with catching(), lock.hold():
        await wrong()


async def caught_by_a_plain_generator() -> None:
    @contextmanager
    def catching() -> Iterator[None]:
        with suppress(KeyError):
            yield

    with catching():
        async with lock.hold():
            await wrong()
    await y.write("caught")


async def left_by_another_exception() -> None:
    try:
        async with lock.hold():
            try:
                await wrong()
            except KeyError:
                raise ValueError from None
    except ValueError:
        await y.write("caught")


async def left_out_of_a_procedure() -> None:
    async def inner() -> None:
        async with lock.hold():
            await wrong()

    try:
        await procedure(inner)()
    except KeyError:
        await y.write("caught")


async def left_out_of_a_round() -> None:
    async def attempt() -> bool:
        try:
            async with lock.hold():
                await wrong()
        except KeyError:
            return True
        return False

    await retry(attempt)
    await y.write("caught")


class Locked:
    """An iterator that ends inside a region."""

    def __aiter__(self) -> "Locked":
        return self

    async def __anext__(self) -> int:
        async with lock.hold():
            seen = await x.read()
            if seen == 1:
                raise StopAsyncIteration
            await x.write(1)
        return 1


async def end_of_an_iterator() -> None:
    async for _ in Locked():
        pass
    await y.write("caught")


async def closed_generator() -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        async with lock.hold():
            yield 0
            yield 1

    async with aclosing(numbers()) as found:
        async for _ in found:
            break
    await y.write("caught")


async def group_in_a_region() -> None:
    try:
        async with lock.hold():
            raise ExceptionGroup("both", [KeyError(0), ExceptionGroup("inner", [ValueError(1)])])
    except* LookupError:
        await y.write("caught")
    except* ValueError:
        await x.write(1)


@pytest.mark.parametrize(
    "program",
    [
        unlocked,
        left_by_an_exception,
        end_of_an_iterator,
        closed_generator,
        group_in_a_region,
        suppressed,
        caught_by_a_generator,
        caught_by_a_plain_generator,
        left_by_another_exception,
        left_out_of_a_procedure,
        left_out_of_a_round,
        caught_further_out,
        caught_by_a_caller,
        finally_in_a_handler,
        handler_of_a_generator,
    ],
    ids=lambda way: way.__name__,
)
def test_an_error_that_the_thread_catches_is_its_own_affair(program: Any) -> None:
    """The locks that it held are let go on the way: else the other thread would wait for good."""
    caught = at_end("caught", lambda s: s[y] == "caught")
    for property_ in (caught, deadlock_free()):
        assert verdict(OBJECTS, threads(program, program), property_) is Verdict.HOLDS


async def not_suppressed() -> None:
    with suppress(ValueError):
        async with lock.hold():
            await wrong()


async def not_caught_by_a_generator() -> None:
    @contextmanager
    def passing() -> Iterator[None]:
        yield

    with passing():
        async with lock.hold():
            await wrong()


async def not_caught_around_a_region() -> None:
    try:
        async with lock.hold():
            await wrong()
    except ValueError:
        await done.wait_for_completion()


async def not_caught_further_out() -> None:
    try:
        try:
            await wrong()
        finally:
            await done.wait_for_completion()
    except ValueError:
        await y.write("caught")


@pytest.mark.parametrize(
    "program",
    [
        not_caught_further_out,
        not_caught_around_a_region,
        not_suppressed,
        not_caught_by_a_generator,
    ],
    ids=lambda way: way.__name__,
)
def test_an_error_that_nothing_further_out_catches_is_not_lost(program: Any) -> None:
    with pytest.raises(ModelError, match="thread a raised KeyError: 0"):
        report(OBJECTS, [Thread("a", program, daemon=True)])


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

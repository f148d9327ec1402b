"""What would catch a failed assertion and go on is refused, wherever a thread can run it."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from contextlib import suppress as quiet
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from locking import Cell, Verdict, assertions
from locking.errors import ModelError
from tests.systems import report, threads, verdict

x, y = Cell("x", 0), Cell("y", 0)
OBJECTS = [x, y]

Everything = Exception
SEVERAL = (KeyError, AssertionError)


class Busy(Exception):
    """An error of the model itself."""


def check(seen: int) -> int:
    """A function whose assertion fails if it is not given 1."""
    assert seen == 1
    return seen


# --- refused -------------------------------------------------------------------------------------


async def caught_by_a_caller() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except Exception:  # here
        seen = 2
    await y.write(seen)


async def caught_by_a_bare_clause() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except:  # noqa: E722  # here
        return


async def caught_in_a_tuple() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except (KeyError, AssertionError):  # here
        return


async def caught_by_another_name() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except Everything:  # here
        return


async def caught_by_a_tuple_of_the_module() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except SEVERAL:  # here
        return


async def caught_by_a_variable() -> None:
    seen, kinds = await x.READ_ONCE(), (KeyError, Exception)
    try:
        check(seen)
    except kinds:  # here
        return


async def caught_behind_another() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except KeyError:
        raise
    except BaseException:  # here
        return


async def caught_in_a_group() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except* AssertionError:  # here
        seen = 2
    await y.write(seen)


async def raised_again_at_times() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except Exception:  # here
        if seen:
            raise


async def raised_as_another() -> None:
    seen = await x.READ_ONCE()
    try:
        try:
            check(seen)
        except AssertionError as error:  # here
            raise Busy from error
    except Busy:
        return


async def left_before_it_is_raised_again() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    except Exception:  # here
        if not seen:
            return
        raise


async def returned_over() -> None:
    seen = await x.READ_ONCE()
    try:
        check(seen)
    finally:
        return  # noqa: B012  # here


async def continued_over() -> None:
    for seen in (0, 1):
        try:
            check(seen + await x.READ_ONCE())
        finally:
            continue  # noqa: B012  # here


async def suppressed() -> None:
    with suppress(KeyError, Exception):  # here
        check(await x.READ_ONCE())


async def suppressed_by_another_name() -> None:
    with quiet(AssertionError):  # here
        check(await x.READ_ONCE())


async def suppressed_by_a_module() -> None:
    with contextlib.suppress(*SEVERAL):  # here
        check(await x.READ_ONCE())


async def suppressed_on_a_stack() -> None:
    with ExitStack() as stack:
        stack.enter_context(suppress(Exception))  # here
        check(await x.READ_ONCE())


class Swallows:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> bool:  # here
        return True


async def swallowed_by_an_exit() -> None:
    with Swallows():
        check(await x.READ_ONCE())


class SwallowsSome:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(  # here
        self, kind: type[BaseException] | None, error: object, where: TracebackType | None
    ) -> bool:
        return kind is not None


async def swallowed_by_an_async_exit() -> None:
    async with SwallowsSome():
        check(await x.READ_ONCE())


class SwallowsUnseen:
    __enter__ = Swallows.__enter__
    __exit__ = lambda *given: bool(given)  # noqa: E731  # here


async def swallowed_by_what_is_assigned() -> None:
    with SwallowsUnseen():  # type: ignore[attr-defined]
        check(await x.READ_ONCE())


async def swallowed_by_a_class_of_its_own() -> None:
    class Local:
        def __enter__(self) -> None:
            pass

        def __exit__(self, kind: object, *_: object) -> bool | None:  # here
            return kind or None  # type: ignore[return-value]

    with Local():
        check(await x.READ_ONCE())


def await_nothing() -> None:
    """What a handler does that takes no step."""


@contextmanager
def forgiving() -> Iterator[None]:
    try:
        yield
    except Exception:  # here
        await_nothing()


async def swallowed_by_a_generator() -> None:
    with forgiving():
        check(await x.READ_ONCE())


@asynccontextmanager
async def forgiving_later() -> AsyncIterator[None]:
    try:
        yield
    except Exception:  # here
        await y.write(1)


async def swallowed_by_an_async_generator() -> None:
    async with forgiving_later():
        check(await x.READ_ONCE())


def is_valid(seen: int) -> bool:
    try:
        check(seen)
    except Exception:  # here
        return False
    return True


async def caught_in_a_function() -> None:
    await y.write(is_valid(await x.READ_ONCE()))


async def caught_in_a_function_of_its_own() -> None:
    def valid(seen: int) -> bool:
        try:
            assert seen == 1
        except AssertionError:  # here
            return False
        return True

    await y.write(valid(await x.READ_ONCE()))


class Checker:
    def valid(self, seen: int) -> bool:
        try:
            check(seen)
        except Exception:  # here
            return False
        return True


async def caught_in_a_method() -> None:
    await y.write(Checker().valid(await x.READ_ONCE()))


async def caught_around_an_await() -> None:
    async def careful() -> None:
        check(await x.READ_ONCE())

    try:
        await careful()
    except Exception:  # here
        return


REFUSED: list[Any] = [
    caught_by_a_caller,
    caught_by_a_bare_clause,
    caught_in_a_tuple,
    caught_by_another_name,
    caught_by_a_tuple_of_the_module,
    caught_by_a_variable,
    caught_behind_another,
    caught_in_a_group,
    raised_again_at_times,
    raised_as_another,
    left_before_it_is_raised_again,
    returned_over,
    continued_over,
    suppressed,
    suppressed_by_another_name,
    suppressed_by_a_module,
    suppressed_on_a_stack,
    swallowed_by_an_exit,
    swallowed_by_an_async_exit,
    swallowed_by_what_is_assigned,
    swallowed_by_a_class_of_its_own,
    swallowed_by_a_generator,
    swallowed_by_an_async_generator,
    caught_in_a_function,
    caught_in_a_function_of_its_own,
    caught_in_a_method,
    caught_around_an_await,
]

ELSEWHERE: dict[Any, Any] = {
    swallowed_by_an_exit: Swallows.__exit__,
    swallowed_by_an_async_exit: SwallowsSome.__aexit__,
    swallowed_by_what_is_assigned: SwallowsUnseen.__exit__,
    swallowed_by_a_generator: getattr(forgiving, "__wrapped__"),  # noqa: B009
    swallowed_by_an_async_generator: getattr(forgiving_later, "__wrapped__"),  # noqa: B009
    caught_in_a_function: is_valid,
    caught_in_a_method: Checker.valid,
}
"""The function in which the place is, where that is not the thread's own."""


@pytest.mark.parametrize("program", REFUSED, ids=lambda each: each.__name__)
def test_what_catches_a_failed_assertion_is_refused_with_its_line(program: Any) -> None:
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    first = ELSEWHERE.get(program, program).__code__.co_firstlineno
    line = next(at for at, text in enumerate(source, 1) if at >= first and "# here" in text)
    with pytest.raises(ModelError) as raised:
        report(OBJECTS, threads(program), [assertions()])
    assert "thread a catches what a false assertion raises" in str(raised.value)
    assert f"test_swallowing.py:{line})" in str(raised.value)


def test_each_refusal_says_what_to_write_instead() -> None:
    for program, mend in (
        (caught_by_a_caller, "catch the exception that is meant, such as `except ValueError`"),
        (suppressed, "suppress the exception that is meant"),
        (returned_over, "let nothing in a `finally` return, break or continue"),
        (swallowed_by_an_exit, "let it return nothing"),
    ):
        with pytest.raises(ModelError, match=mend):
            report(OBJECTS, threads(program), [assertions()])


# --- allowed -------------------------------------------------------------------------------------


class Ends:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, *_: object) -> bool | None:
        if kind is None:
            return None
        return False


async def narrower() -> None:
    class Own(Exception):
        pass

    seen = await x.READ_ONCE()
    with suppress(KeyError, Busy), Ends():
        check(seen + 1)
    try:
        check(seen + 1)
        raise Own
    except (KeyError, Busy):
        return
    except Own:
        await y.write(1)


async def raised_again() -> None:
    seen = await x.READ_ONCE()
    for _ in range(2):
        try:
            check(seen + 1)
        except AssertionError:
            raise
        except Exception:
            return
        try:
            check(seen + 1)
        except BaseException as error:
            if seen:
                for _ in range(2):
                    break
                raise
            raise error
        finally:
            for _ in range(2):
                break


def of_no_thread() -> bool:
    try:
        check(0)
    except Exception:
        return False
    return True


async def beside() -> None:
    await y.write(check(1 + await x.READ_ONCE()))


@pytest.mark.parametrize(
    "program", [narrower, raised_again, beside], ids=lambda each: each.__name__
)
def test_what_a_failed_assertion_still_leaves_is_no_mistake(program: Any) -> None:
    assert not of_no_thread()
    assert verdict(OBJECTS, threads(program), assertions()) is Verdict.HOLDS

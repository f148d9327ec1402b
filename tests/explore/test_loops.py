"""Where rounds begin: at the first step of `retry`, `retry_with` and `forever`, not elsewhere."""

import pytest

from locking import (
    Again,
    Cell,
    System,
    Thread,
    forever,
    procedure,
    retry,
    retry_with,
)
from locking.explore.loops import rounds_begin
from tests.explore.compare import explored

X = Cell("x", 0)


async def is_1():
    return True if await X.READ_ONCE() == 1 else None


async def spins():
    await X.WRITE_ONCE(2)
    await retry(is_1)
    await X.WRITE_ONCE(3)


async def until_1(turn):
    return True if await X.READ_ONCE() == 1 else Again(not turn)


async def carries():
    await retry_with(False, until_1)


@procedure
async def look_twice():
    await X.READ_ONCE()
    await X.READ_ONCE()


async def body():
    await X.READ_ONCE()
    await look_twice()


async def goes_on():
    await forever(body)


async def look_first():
    await look_twice()
    await X.WRITE_ONCE(0)


async def goes_on_with_a_procedure():
    await forever(look_first)


async def succeeds():
    await retry(look)


async def look():
    await X.READ_ONCE()
    return True


def lines(program, *, minimise):
    """The lines at which rounds begin."""
    threads = [Thread("a", program), Thread("sets", sets_1)]
    product, _ = explored(System([X], threads, []), minimise=minimise)
    return {site.line for site in rounds_begin(product.automata[0]).values()}


async def sets_1():
    await X.WRITE_ONCE(1)


def line_in(function, at):
    """The number of a line of a function, its `async def` being 0."""
    code = getattr(function, "__wrapped__", function).__code__
    first = code.co_firstlineno + (function is look_twice)
    return first + at


@pytest.mark.parametrize("minimise", [False, True])
@pytest.mark.parametrize(
    ("program", "begins"),
    [
        (spins, {line_in(is_1, 1)}),
        (carries, {line_in(until_1, 1)}),
        (goes_on, {line_in(body, 1)}),
        (goes_on_with_a_procedure, {line_in(look_twice, 1)}),
        (succeeds, set()),
        (look_twice, set()),
    ],
)
def test_rounds_begin_at_the_first_step_of_a_loop(program, begins, minimise: bool) -> None:
    assert lines(program, minimise=minimise) == begins

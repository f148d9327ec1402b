"""A step in a helper is shown with the line of the thread's own function that called it."""

from types import FunctionType

import pytest

from locking import Cell, Mutex, System, Thread, at_end, atomic, procedure, retry
from locking.check import check
from locking.objects.operation import Site
from locking.page.document import page_document
from locking.programs.frames import HelperCall, unwrapped
from locking.traces.forms.page import Page
from locking.traces.forms.to_text import render
from locking.traces.shown_run import ShownRun
from tests.explore.compare import case_of
from tests.traces.runs import shown

COUNT, LOCK = Cell("count", 0), Mutex("lock")


async def add() -> None:
    """One more, in two steps."""
    seen = await COUNT.read()
    await COUNT.write(seen + 1)


async def twice() -> None:
    """Two more."""
    await add()
    await add()


async def alone() -> None:
    """One more, without a helper."""
    async with LOCK.hold():
        await COUNT.write(1)


async def helped() -> None:
    """Three more, by helpers."""
    await add()
    await twice()


async def looped() -> None:
    """What the library calls is no helper."""

    async def changed() -> bool:
        return await COUNT.read() == 0

    await retry(changed)


@procedure
async def counted() -> int:
    """What a procedure calls is a helper of it."""
    await add()
    return 1


async def calls_procedure() -> None:
    """The library calls a procedure."""
    await counted()


def line(function: FunctionType, number: int) -> int:
    """The number in the file of a line of a function."""
    return function.__code__.co_firstlineno + number


def run_of(program: FunctionType) -> ShownRun:
    """The run of a thread, which fails at its end."""
    system = System([COUNT, LOCK], [Thread("t", program)], [at_end("end", lambda _: False)])
    return next(shown(case_of(system)))


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (alone, [None] * 3),
        (looped, [None]),
        (helped, [(2, "add")] * 2 + [(3, "twice/add")] * 4),
    ],
)
def test_the_line_that_called_a_helper_is_known(
    program: FunctionType, expected: list[tuple[int, str] | None]
) -> None:
    found = [each.called for each in run_of(program).trace.events]
    assert [each and (each.site.line, "/".join(each.helpers)) for each in found] == [
        each and (line(program, each[0]), each[1]) for each in expected
    ]


def test_a_procedure_is_where_its_helpers_are_called() -> None:
    for event in run_of(calls_procedure).trace.events:
        assert event.called == HelperCall(Site(__file__, line(unwrapped(counted), 3)), ("add",))


def test_a_terminal_names_the_helper_under_the_line() -> None:
    text = render(run_of(helped), Page(120))
    assert text.count(f"in add, called in line {line(helped, 2)}\n") == 2
    assert text.count(f"in twice/add, called in line {line(helped, 3)}\n") == 4


def test_a_block_names_its_helper_once() -> None:
    async def block() -> None:
        async with atomic():
            await add()

    text = render(run_of(block), Page(120))
    assert text.count("in add, called in line") == 1


def test_a_page_has_the_line_that_called_the_helper() -> None:
    run = run_of(helped)
    found = page_document([check(run.case)])
    callers = {(caller[1], helper) for _, _, _, caller, helper in found["calls"]}
    assert callers == {(line(helped, 2), "add"), (line(helped, 3), "twice/add")}

"""The pytest plugin: a test that is an exhaustive check.

`@pytest.mark.interleavings` on an `async def` makes it the body of one (`locking.testing`); the
fixture `interleavings` checks the cases of a model. Rule of this file: it has only what is
pytest's, and imports nothing of the harness before a test asks for it.
"""

import inspect
import shlex
import shutil
import sys
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from locking.model import Model
    from locking.verdicts import Report

MARK = "interleavings"

OPTION = "--interleaving"

NARROWEST_REPORT = 60
"""Columns below which a trace does not get narrower."""

BODY = pytest.StashKey[Callable[..., Any]]()
"""The function of a marked test, as it was before another plugin could wrap it."""

WIDTH_KEY = pytest.StashKey[int]()
"""How wide the terminal is; while a test runs, its output goes to no terminal."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("locking").addoption(
        OPTION,
        metavar="CHOICES",
        help=f"run the one selected test that is marked {MARK} in this order only: its trace",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and measure the terminal."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(max_states=None, max_memory=None, max_seconds=None, data_races=True): "
        "the test holds in every interleaving of what it awaits in `together(...)`",
    )
    config.stash[WIDTH_KEY] = max(NARROWEST_REPORT, shutil.get_terminal_size((80, 24)).columns)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Skip marked tests where Python was told to skip what they assert."""
    if sys.flags.optimize and item.get_closest_marker(MARK):
        item.add_marker(pytest.mark.skip("not checked: `python -O` skips assertions"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run one interleaving of several tests, or of none."""
    # A worker of pytest-xdist can't refuse in words: there, each of the tests says so.
    text = not_one(session)
    if text and not hasattr(session.config, "workerinput"):
        raise pytest.UsageError(text)


def not_one(session: pytest.Session) -> str:
    """Why one interleaving can't be run of the tests that are selected; empty if it can."""
    count = sum(item.get_closest_marker(MARK) is not None for item in session.items)
    if session.config.getoption(OPTION) is None or count == 1:
        return ""
    return (
        f"{OPTION} is of one test, but {count} that are marked {MARK} are selected; "
        f"name the test as the failure does: pytest 'FILE::TEST' {OPTION} CHOICES"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Keep the function of a marked test: plugins for asyncio put another in its place."""
    if item.get_closest_marker(MARK):
        if not isinstance(item, pytest.Function) or is_of_unittest(item):
            fail_test(f"{item.nodeid}: {MARK} marks functions, and methods of plain classes, only")
        item.stash[BODY] = item.obj


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a marked test: its check is no coroutine, so no other plugin takes it for its own."""
    body = pyfuncitem.stash.get(BODY, None)
    if body is None:
        return (yield)
    before = pyfuncitem.obj
    pyfuncitem.obj = partial(judge_body, pyfuncitem, body)
    try:
        return (yield)
    finally:
        pyfuncitem.obj = before


def is_of_unittest(item: pytest.Function) -> bool:
    """Whether a test belongs to a `TestCase`, which runs it by itself."""
    unittest = sys.modules.get("unittest")
    return bool(unittest and item.cls and issubclass(item.cls, unittest.TestCase))


def judge_body(item: pytest.Function, body: Callable[..., Any], /, **arguments: Any) -> None:
    """Fail, unless `body` holds in every interleaving."""
    from locking.errors import LockingError

    if not inspect.iscoroutinefunction(body):
        fail_test(f"{item.nodeid}: {MARK} marks an `async def` that awaits together(...)")
    try:
        text = wrong_with(item, partial(body, **arguments))
    except LockingError as error:
        text = refusal(error)
    if text:
        fail_test(text)


def wrong_with(item: pytest.Function, program: Callable[..., Any]) -> str:
    """What is wrong with a marked test; empty if nothing is. Errors: `LockingError`."""
    from locking.testing import failures, given
    from locking.testing.scene import Scene, explore_scene

    options, data_races = given.marked(*arguments_of(item))
    name = test_selector(item)
    command = f"pytest {shlex.quote(name)} {OPTION}"
    scene = Scene(name, program, data_races=data_races)
    choices = item.config.getoption(OPTION)
    if choices is not None:
        refused = not_one(item.session)
        return refused or failures.of_run(scene, choices, command, item.config.stash[WIDTH_KEY])
    return failures.of_body(explore_scene(scene, options), command, item.config.stash[WIDTH_KEY])


def test_selector(item: pytest.Item) -> str:
    """A test, as it is selected on the command line."""
    here = item.config.invocation_params.dir
    path = item.path.relative_to(here) if item.path.is_relative_to(here) else item.path
    return f"{path.as_posix()}::{item.nodeid.partition('::')[2]}"


def arguments_of(item: pytest.Item) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the markers of a test give; those nearest to it count before those of its class."""
    marks = [*item.iter_markers(MARK)][::-1]
    positional = tuple(value for mark in marks for value in mark.args)
    return positional, {name: value for mark in marks for name, value in mark.kwargs.items()}


@pytest.fixture
def interleavings(request: pytest.FixtureRequest) -> Callable[..., "list[Report]"]:
    """A call that checks cases of a model, and fails where a verdict is not as declared."""
    return partial(check_cases, request.config.stash[WIDTH_KEY])


def check_cases(
    width: int,
    model: "str | Model",
    /,
    *,
    scenario: object = None,
    placement: object = None,
    property: object = None,
    max_states: int | None = None,
    max_memory: int | None = None,
    max_seconds: float | None = None,
    **scope: object,
) -> "list[Report]":
    """The reports of every case that is asked for, all of them as declared."""
    from locking.errors import LockingError
    from locking.testing import failures, given
    from locking.testing.checking import checked

    limits = {"max_states": max_states, "max_memory": max_memory, "max_seconds": max_seconds}
    reports: list[Report] = []
    try:
        options = given.test_options(limits)
        cases = given.cases(model, scenario, placement, property, scope)
        reports += [checked(case, names, options) for case, names in cases]
        text = failures.of_cases(reports, width)
    except LockingError as error:
        text = refusal(error)
    if text:
        fail_test(text)
    return reports


def refusal(error: Exception) -> str:
    """What the harness refuses, and that it is the harness which does."""
    return f"locking: {error}"


def fail_test(text: str) -> NoReturn:
    """End the test; `text` is all that is shown of it, whatever a model calls things."""
    from locking.text.fit import printable

    pytest.fail(printable(text), pytrace=False)

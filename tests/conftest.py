"""What pytest's plugins, the browser and the processes that share out tests need here."""

import gc
import shutil
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from locking.cli import arguments
from locking.report import matrix

settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")

pytest_plugins = ["pytester"]

CHROMIUM = shutil.which("chromium")
MISSING = [name for name in ("playwright", "axe_core_python") if find_spec(name) is None]


def pytest_configure() -> None:
    """Ctrl-C ends what a test starts, though a job in a shell's background ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is collected stays: the garbage collector need not look at it again and again."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def one_process() -> Iterator[None]:
    """A command searches in this process, where a test asks for no other number."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arguments, "cores", lambda: 1)
        yield


@pytest.fixture(autouse=True, scope="session")
def times_of_one_width() -> Iterator[None]:
    """A column of times is as wide on a busy machine as on any other."""

    def shortened(figure: Any) -> Any:
        return lambda reports: figure(reports) if len(figure(reports)) <= 4 else "9.9s"

    with pytest.MonkeyPatch.context() as patch:
        for name in ("FIGURES", "FIGURES_OF_EXECUTIONS"):
            *others, (heading, figure) = getattr(matrix, name)
            patch.setattr(matrix, name, (*others, (heading, shortened(figure))))
        yield


@pytest.fixture(autouse=True)
def no_file_stays_loaded(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that writes files and loads them leaves none behind: the next may write its own."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    folder = str(request.getfixturevalue("tmp_path"))
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(folder):
            del sys.modules[name]
    sys.path[:] = [each for each in sys.path if not each.startswith(folder)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The browser; there is one for all tests of a process."""
    if CHROMIUM is None or MISSING:
        pytest.skip(f"not installed here: {', '.join(MISSING) or 'chromium'}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # A container's root has no sandbox; no page but ours is opened.
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file run in one process, as far as may be: it makes once what they share."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)

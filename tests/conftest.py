"""What tests of the pytest plugin need, and how tests are shared out among processes."""

import gc
from typing import Any

import pytest

pytest_plugins = ["pytester"]


def pytest_collection_finish() -> None:
    """What is collected stays: the garbage collector need not look at it again and again."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file run in one process, as far as may be: it makes once what they share."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)

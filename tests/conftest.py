"""What tests of the pytest plugin need, and how tests are shared out among processes."""

from typing import Any

import pytest

pytest_plugins = ["pytester"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one group run in one process, which searches once for all of them."""
    from xdist.scheduler import LoadGroupScheduling

    return LoadGroupScheduling(config, log)

"""One search on behalf of a test: what is no answer is no pass."""

from dataclasses import replace

import pytest

from locking import Cell, Model, System, Thread, deadlock_free
from locking.errors import ModelError
from locking.explore.graph import INTERRUPTED
from locking.testing import checking
from locking.verdicts import Options


async def work():
    pass


def case(*properties):
    """A case of one thread, with these properties."""
    system = System([Cell("cell", 0)], [Thread("a", work)], properties)
    return Model("toy", "", lambda _: system).case("only", None)


def test_a_case_with_nothing_to_judge_is_an_error():
    with pytest.raises(ModelError, match="toy: it has no properties"):
        checking.checked(case(), (), Options())


def test_an_interrupted_search_interrupts_the_tests(monkeypatch):
    report = checking.checked(case(deadlock_free()), (), Options())
    stopped = replace(report, cause=INTERRUPTED)
    monkeypatch.setattr(checking, "check", lambda *_, **__: stopped)
    with pytest.raises(KeyboardInterrupt):
        checking.checked(case(deadlock_free()), (), Options())

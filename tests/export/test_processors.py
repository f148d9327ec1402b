"""Files of threads on processors: other tools find what we find, or the format says no."""

import pytest

from locking import Case
from locking.errors import UsageError
from locking.export import to_murphi, to_promela, to_tla
from tests.explore.test_against_cpu_world import Drawn
from tests.export.matrix import ours
from tests.export.peers import PEERS, run

SAMPLE = 2
"""A system of a task and a handler: whoever runs looks at no other thread."""

WITH_PRIORITIES = 11

HERE = [peer for peer in PEERS if not peer.missing]


def agree(case: Case, tmp_path, *leaving_out: str) -> None:
    known = ours(case)
    for peer in HERE:
        if peer.name not in leaving_out:
            folder = tmp_path / peer.name
            folder.mkdir()
            counted = run(peer.build(known.tables, folder))
            assert (counted.states, counted.found) == (known.tables.states, known.found)


@pytest.mark.slow
@pytest.mark.skipif(not HERE, reason="no other tool is here")
def test_other_tools_find_what_we_find_of_handlers(tmp_path) -> None:
    agree(Drawn(SAMPLE).case(), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not HERE, reason="no other tool is here")
def test_other_tools_find_what_we_find_of_priorities(tmp_path) -> None:
    agree(Drawn(WITH_PRIORITIES).case(), tmp_path, "SPIN")


def test_promela_has_no_word_for_priorities() -> None:
    tables = ours(Drawn(WITH_PRIORITIES).case()).tables
    with pytest.raises(UsageError, match="write --to tla or --to murphi"):
        to_promela.render(tables)
    assert to_tla.render(tables)
    assert to_murphi.render(tables)

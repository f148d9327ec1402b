"""Other model checkers, given our files, find what we find: as many states, and the same checks.

The table in docs/peers.md has every case; the slow test runs them all.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from locking.models.textbook import abba
from tests.export.matrix import CASES, Ours, ours, table
from tests.export.peers import PEERS, Counted, run

EVERY_PEER = pytest.mark.parametrize(
    "peer",
    [
        pytest.param(
            peer,
            id=peer.name,
            marks=pytest.mark.skipif(
                bool(peer.missing), reason=f"{peer.name} needs {', '.join(peer.missing)}"
            ),
        )
        for peer in PEERS
    ],
)

ABBA = abba.MODEL.case("only", None)
"""What the default run asks the peers."""


def agree(peer: str, counted: Counted, known: Ours) -> None:
    """Nothing is left that `counted` and we differ in."""
    assert (counted.states, counted.found) == (known.tables.states, known.found)
    if peer != "SPIN":  # which takes a step where it finds a check
        assert counted.transitions == known.tables.transitions


@pytest.mark.slow
@EVERY_PEER
def test_a_peer_finds_what_we_find(peer, tmp_path):
    known = ours(ABBA)
    agree(peer.name, run(peer.build(known.tables, tmp_path)), known)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_peer_that_is_here_finds_what_we_find(case, tmp_path):
    known = ours(case)
    assert all("only a whole run shows" in each for each in known.tables.left_out)
    here = [peer for peer in PEERS if not peer.missing]
    if not here:
        pytest.skip("; ".join(f"{peer.name} needs {', '.join(peer.missing)}" for peer in PEERS))
    said = {}
    for peer in here:
        folder = tmp_path / peer.name
        folder.mkdir()
        said[peer.name] = run(peer.build(known.tables, folder))
        agree(peer.name, said[peer.name], known)
    if "SPIN" in said and "rumur" in said:
        shown = said["rumur"].shown or 0
        assert said["SPIN"].transitions == known.tables.transitions + shown


@pytest.mark.slow
def test_the_page_has_the_numbers_of_every_case():
    page = Path(__file__).parents[2] / "docs" / "peers.md"
    assert table() in page.read_text(encoding="utf-8")


@pytest.mark.slow
@EVERY_PEER
def test_a_search_that_lost_a_step_is_found_out(peer, tmp_path):
    """The step that abba's first thread takes as its third: without it, there are fewer states."""
    known = ours(ABBA)
    first = known.tables.actors[0]
    lost = replace(first, commands=tuple(c for c in first.commands if c.place != 2))
    tables = replace(known.tables, actors=(lost, *known.tables.actors[1:]))
    assert run(peer.build(tables, tmp_path)).states < known.tables.states


@pytest.mark.slow
@EVERY_PEER
def test_a_state_for_which_the_tables_do_not_speak_is_found(peer, tmp_path):
    """A search that never saw lock `a` held would not list that; the check of the list finds it."""
    known = ours(ABBA)
    first = known.tables.actors[0]
    deaf = replace(first, listed={**first.listed, 0: first.commands[0].guard})
    unlisted = replace(known.tables, actors=(deaf, *known.tables.actors[1:])).unlisted
    number = len(known.tables.checks)
    closed = replace(known.tables.checks[-1], formula=unlisted)
    tables = replace(known.tables, checks=(*known.tables.checks[:-1], closed))
    assert number not in known.found
    assert number in run(peer.build(tables, tmp_path)).found

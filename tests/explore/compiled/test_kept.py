"""A walk of the compiled engine that was stopped, and gone on with from its files, is the walk."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from locking import System
from locking.errors import CheckpointError
from locking.explore import checkpoint as module
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.kept import KeptWalk
from locking.explore.compiled.store import Store
from locking.explore.compiled.tables import PackedTables
from locking.explore.search import search
from locking.resuming import checkpoint
from tests.explore.compare import case_of, merging_at_every_state
from tests.explore.compiled.test_disk import on_disk
from tests.explore.compiled.test_engine import as_lists, product, shape
from tests.explore.systems import placements, programs
from tests.explore.test_checkpoint import in_pieces, stopping
from tests.samples import some_by_default

EXAMPLES = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def kept_in_pieces(
    build: Callable[[], System], path: Path, pieces: list[int], *, minimise: bool = False
) -> list[Any]:
    """All that a search says that is stopped after each of `pieces`, and then gone through."""
    _, graph = in_pieces(build, path, pieces, minimise=minimise, engine="compiled")
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(path.name)] == []
    return as_lists(graph)


def whole(build: Callable[[], System], *, minimise: bool = False) -> list[Any]:
    """All that a search says that is not stopped."""
    return as_lists(search(product(build()), compiled.explore, lambda *_: None, minimise=minimise))


@pytest.mark.parametrize("disk", some_by_default([True, False], 2), ids=["on disk", "in memory"])
def test_a_walk_in_pieces_is_the_walk(tmp_path, monkeypatch, disk):
    monkeypatch.setattr(module, "EVERY", -1.0)  # it is written at every chance
    wanted = whole(shape(2, 2))
    with on_disk() if disk else nullcontext():
        assert kept_in_pieces(shape(2, 2), tmp_path / "it", [5, 20]) == wanted


@pytest.mark.slow
@settings(EXAMPLES, max_examples=200)
@given(
    st.one_of(programs(), placements()),
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    *[st.booleans()] * 3,
)
def test_random_walks_in_pieces_are_the_walks(
    tmp_path_factory, recipe, pieces, minimise, early, disk
):
    path = tmp_path_factory.mktemp("kept") / "it"
    build = lambda: recipe.build()[0]  # noqa: E731
    with merging_at_every_state() if early else nullcontext():
        wanted = whole(build, minimise=minimise)
        assume(len(wanted[0]) < 3_000)
        with on_disk(4) if disk else nullcontext():
            assert kept_in_pieces(build, path, pieces, minimise=minimise) == wanted


def begun(path: Path) -> Callable[[], Any]:
    """A search that was stopped, and how to go on with it."""

    def resumed() -> Any:
        system = shape(2, 2)()
        kept = checkpoint(str(path), case_of(system), system, minimise=False, engine="compiled")
        return search(kept.product, kept.explore, lambda *_: None, minimise=False)

    system = shape(2, 2)()
    kept = checkpoint(str(path), case_of(system), system, minimise=False, engine="compiled")
    assert search(kept.product, kept.explore, stopping(20), minimise=False).cause == "enough"
    return resumed


@pytest.mark.slow
def test_what_lies_behind_the_states_that_count_is_nothing(tmp_path):
    resumed = begun(tmp_path / "it")
    with (tmp_path / "it.states-1").open("ab") as file:
        file.write(b"half of what was to be writ")
    assert as_lists(resumed()) == whole(shape(2, 2))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda data: data[:-8], r"it.states-1 can't be read: a file of states is shorter"),
        (lambda data: b"\1" + data[1:], r"it.states-1 is damaged: its checksum is another"),
        (lambda _: None, r"it.states-1 can't be read: No such file or directory; remove .*/it to"),
    ],
    ids=["too short", "changed", "gone"],
)
def test_a_file_of_states_that_is_not_what_it_was_is_refused(tmp_path, harm, says):
    resumed = begun(tmp_path / "it")
    states = tmp_path / "it.states-1"
    left = harm(states.read_bytes())
    states.unlink()
    if left is not None:
        states.write_bytes(left)
    with pytest.raises(CheckpointError, match=says):
        resumed()


RESTORE, STORED = PackedTables.restore, Store.restore


def values_reversed(self, components, values, layout):
    """Values have other numbers."""
    RESTORE(self, components, [each[::-1] for each in values], layout)


def state_lost(self, states, begin, end):
    """The last state was not written."""
    STORED(self, states[:-1], begin, end)


def edges_forgotten(self, begun):
    """Edges are counted from the last stop on."""
    restored(self, begun)
    self.done = self.safe = self.done._replace(transitions=0)


restored = KeptWalk.restore


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "name", "planted"),
    [
        (PackedTables, "restore", values_reversed),
        (Store, "restore", state_lost),
        (KeptWalk, "restore", edges_forgotten),
    ],
    ids=["values are renumbered", "a state is lost", "edges are forgotten"],
)
def test_a_planted_mistake_is_found(tmp_path, monkeypatch, owner, name, planted):
    monkeypatch.setattr(owner, name, planted)
    with pytest.raises((AssertionError, LookupError, ValueError)):
        assert kept_in_pieces(shape(2, 2), tmp_path / "it", [20, 20]) == whole(shape(2, 2))

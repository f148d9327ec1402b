"""A walk whose states are on disk is the walk in memory: number by number, path by path."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import locking.models.memory_hotplug as memory_hotplug
from locking.explore import reference
from locking.explore.compiled import disk, sorted_runs, store
from locking.explore.compiled import engine as compiled
from locking.explore.compiled.disk import DiskStore
from locking.explore.compiled.room import Room
from locking.explore.graph import INTERRUPTED
from locking.explore.product import Product
from tests.explore.compare import merging_at_every_state
from tests.explore.compiled.test_engine import as_lists, product, same_graphs, same_reports, shape
from tests.explore.systems import Recipe, placements, programs
from tests.models.test_textbook import CASES
from tests.samples import some_by_default

EXAMPLES = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def all_on_disk(batch: int = 8) -> Iterator[list[DiskStore]]:
    """Walks have all states on disk, in batches as small as `batch` targets of one worker.

    What is yielded gets the store of each walk.
    """
    made: list[DiskStore] = []

    class Noted(DiskStore):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "Room", lambda: Room(memory=1))
        patch.setattr("locking.explore.compiled.room.DiskStore", Noted)
        patch.setattr(store, "ROOM", batch)
        patch.setattr(disk, "STRETCH", 7)
        patch.setattr(sorted_runs, "FENCE", 3)
        patch.setattr(sorted_runs, "FENCES", 2)
        yield made


@pytest.mark.parametrize("batch", [1, 100])
def test_a_walk_on_disk_numbers_as_one_in_memory_does(batch):
    with all_on_disk(batch) as made:
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(shape(2, 2), minimise=True)
    assert all(len(each.runs.runs) > 1 for each in made[:1])
    assert all(each.numbered == each.runs.length for each in made)


@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_textbook_model_is_judged_alike(model, scenario):
    with all_on_disk() as made:
        same_reports(model.case(scenario, None))
    assert made


def compared(recipe: Recipe, *, minimise: bool, early: bool) -> None:
    """A random system has the same graph on disk. Errors: `AssertionError`."""
    with all_on_disk(4):
        if early:
            with merging_at_every_state():
                same_graphs(lambda: recipe.build()[0], minimise=minimise)
        else:
            same_graphs(lambda: recipe.build()[0], minimise=minimise)


@settings(EXAMPLES, max_examples=8)
@given(st.one_of(programs(), placements()), st.booleans(), st.booleans())
def test_random_systems_have_the_same_graph(recipe, minimise, early):
    compared(recipe, minimise=minimise, early=early)

"""A walk whose states are in shards is the walk in memory: number by number, path by path."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking import Cell, System, Thread, forever
from locking.explore.cluster import shard, shard_states, sharded_store, sharded_walk
from locking.explore.cluster.shard import Shard
from locking.explore.cluster.shard_states import ShardStates, StatesInMemory, StatesOnDisk
from locking.explore.cluster.sharded_store import ShardedStore
from locking.explore.cluster.sharded_walk import ShardedWalk
from locking.explore.compiled import engine as compiled
from locking.explore.compiled import sorted_runs, store
from locking.explore.graph import INTERRUPTED
from locking.explore.room import Room
from tests.explore.cluster.pools import LocalPool
from tests.explore.compiled.test_disk import EXAMPLES, RANDOM, compared
from tests.explore.compiled.test_engine import as_lists, product, same_graphs, same_reports, shape
from tests.models.test_textbook import CASES
from tests.samples import some_by_default


def to_disk(states: ShardStates, *_: object) -> ShardStates:
    """The states on disk, as soon as there are some."""
    return StatesOnDisk(states, Path("/tmp")) if isinstance(states, StatesInMemory) else states


@contextmanager
def in_shards(
    shards: int, after: int = 0, fails: int | None = None, *, disk: bool = False
) -> Iterator[list[LocalPool]]:
    """Walks have their states in so many shards, from the state `after` on, perhaps on disk.

    What is yielded gets the pool of each walk.
    """
    made: list[LocalPool] = []

    def pool() -> LocalPool:
        made.append(LocalPool(shards, fails))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        walk = partial(ShardedWalk, room=Room(), shards=pool)
        patch.setattr(compiled, "PackedWalk", walk)
        patch.setattr(sharded_walk, "FEW_STATES", after)
        patch.setattr(store, "ROOM", 4)
        patch.setattr(shard, "ROOM", 4)
        patch.setattr(shard, "MOST_WAITING_HERE", 9)
        patch.setattr(sharded_store, "MOST_UNNUMBERED", 30)
        patch.setattr(sharded_store, "LOOKED_UP", 50)
        if disk:
            patch.setattr(shard, "in_room", to_disk)
            patch.setattr(shard_states, "STRETCH", 7)
            patch.setattr(sorted_runs, "FENCE", 3)
            patch.setattr(sorted_runs, "FENCES", 2)
        yield made


@pytest.mark.parametrize("shards", some_by_default([2, 1, 3], 3))
def test_a_walk_in_shards_on_disk_numbers_as_one_in_memory_does(shards):
    with in_shards(shards, after=5, disk=True) as made:
        same_graphs(rounds, minimise=False)
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(shape(2, 2), minimise=True)
    every = [member.states for pool in made for member in pool.members if member.states.met]
    assert every
    assert all(isinstance(each, StatesOnDisk) and each.on_disk for each in every)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=200)
@given(*RANDOM, st.integers(1, 4), st.sampled_from([None, 9, 30]))
def test_random_systems_have_the_same_graph_in_shards_on_disk(
    recipe, merging, after, shards, fails
):
    compared(in_shards(shards, after, fails, disk=True), recipe, merging)


@pytest.mark.parametrize(
    ("memory", "available", "moves"),
    [(None, 900, False), (10**9, 900, False), (None, 150, True), (1, 900, True)],
)
def test_the_states_of_a_shard_go_to_disk_where_memory_ends(
    tmp_path, monkeypatch, memory, available, moves
):
    machine = SimpleNamespace(total=1_000 << 20, available=available << 20)
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=1 << 20))
    told = SimpleNamespace(Process=lambda: process, virtual_memory=lambda: machine)
    monkeypatch.setattr(shard_states, "psutil", told)
    states = StatesInMemory(1)
    states.add(some_rows(3), np.arange(3, dtype=np.uint32), np.zeros(3, np.uint64))
    found = shard_states.in_room(states, 2_000_000, Room(memory, str(tmp_path)))
    assert isinstance(found, StatesOnDisk) is moves
    assert (found.met, found.find(some_rows(4)).tolist()) == (3, [0, 1, 2, -1])
    assert not list(tmp_path.iterdir())  # its files have no names


@pytest.mark.parametrize("kind", [StatesInMemory, lambda words: to_disk(StatesInMemory(words))])
def test_a_shard_forgets_states(kind):
    states = kind(1)
    states.add(some_rows(5)[::-1], np.array([2, 3, 5, 7, 9], np.uint32), np.zeros(5, np.uint64))
    assert states.between(3, 8) == (1, 4)
    states.keep(2)
    assert states.find(some_rows(5)).tolist() == [-1, -1, -1, 3, 2]
    states.add(some_rows(1), np.array([4], np.uint32), np.zeros(1, np.uint64))
    assert states.find(some_rows(5)).tolist() == [4, -1, -1, 3, 2]


def some_rows(length):
    """Packed states of one word."""
    return np.arange(length, dtype=np.uint64)[:, None]


def test_a_walk_goes_to_its_shards_before_memory_ends_here():
    def watch(*_: int) -> None:
        return None

    watch.room = Room(1)
    whole = as_lists(compiled.explore(product(shape(2, 2)()), lambda *_: None, 2))
    with in_shards(2, after=10**9) as made:
        assert as_lists(compiled.explore(product(shape(2, 2)()), watch, 2)) == whole
    assert made


def test_shards_on_one_machine_share_the_memory_of_the_process():
    assert sharded_store.room_of_each(Room(900), 2).memory == 300
    assert sharded_store.room_of_each(Room(900, address="host:1"), 2).memory == 900


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_walk_in_shards_numbers_as_one_in_memory_does(shards):
    with in_shards(shards, after=5) as made:
        same_graphs(rounds, minimise=False)
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(shape(2, 2), minimise=True)
    assert len(made) >= 3
    assert all(each.calls > 10 for each in made)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "scenario"), CASES)
def test_every_textbook_model_is_judged_alike(model, scenario):
    with in_shards(2) as made:
        same_reports(model.case(scenario, None))
    assert made


@pytest.mark.slow
@settings(EXAMPLES, max_examples=200)
@given(*RANDOM, st.integers(1, 4))
def test_random_systems_have_the_same_graph(recipe, merging, after, shards):
    compared(in_shards(shards, after), recipe, merging)


@pytest.mark.parametrize("fails", some_by_default(range(1, 60), 20))
def test_a_walk_goes_on_where_a_shard_is_lost(fails):
    with in_shards(2, fails=fails) as made:
        same_graphs(shape(2, 1), minimise=False)
    assert made[0].calls > fails


@pytest.mark.slow
@settings(EXAMPLES, max_examples=100)
@given(*RANDOM, st.integers(1, 80))
def test_random_systems_have_the_same_graph_where_a_shard_is_lost(recipe, merging, after, fails):
    compared(in_shards(2, after, fails), recipe, merging)


@pytest.mark.parametrize("most", [5, 20])
def test_a_walk_that_is_interrupted_has_what_was_met_before(most):
    begun = []

    def watch(met: int, through: int) -> None:
        begun.append((met, through))
        if len(begun) > most:
            raise KeyboardInterrupt

    with in_shards(2):
        states, _, _, _, explored, *_, cause = as_lists(
            compiled.explore(product(shape(2, 2)()), watch, 2)
        )
    whole = as_lists(compiled.explore(product(shape(2, 2)()), lambda *_: None, 2))
    assert cause == INTERRUPTED
    assert (len(states), explored) <= begun[-1]
    assert states == whole[0][: len(states)]


def rounds() -> System:
    """Two threads that come back to where they were."""
    cell = Cell("cell", 0)

    async def flip() -> None:
        await cell.WRITE_ONCE(1 - await cell.READ_ONCE())

    return System([cell], [Thread("a", forever, (flip,)), Thread("b", forever, (flip,))], [])


RECEIVE, SEND, COUNTS = Shard.receive, Shard.send, sharded_store.counts_of_states
ADD, FIND = StatesOnDisk.add, StatesOnDisk.find


def batch_lost(self, *batches):
    """What the first shard sends is dropped."""
    return RECEIVE(self, *batches[1:])


def counts_lost(counted, start, stop):
    """Edges of the first shard are not counted."""
    return COUNTS(counted[1:], start, stop)


def duplicates_kept(self, *batches):
    """What was met is taken for new, while there is little."""
    if self.states.met > 9:
        return RECEIVE(self, *batches)
    self.waiting += batches
    self.waits += sum(len(each.tags) for each in batches)
    return self.waits


def too_much_sent(self, _):
    """What lies behind the state that lacks something is sent as well."""
    return SEND(self, 1 << 31)


def tags_forgotten(some):
    """Of equal targets any is kept."""
    return some.those(shard.np.unique(some.rows, axis=0, return_index=True)[1][::-1])


@pytest.mark.parametrize(
    ("owner", "name", "planted"),
    [
        (Shard, "receive", batch_lost),
        (sharded_store, "counts_of_states", counts_lost),
        (Shard, "receive", duplicates_kept),
        (Shard, "send", too_much_sent),
        (shard, "each_once", tags_forgotten),
        (ShardedStore, "mend", lambda self, lost: self.shards.replace(lost)),
    ],
    ids=[
        "a batch is lost",
        "counts are lost",
        "duplicates are kept",
        "too much is sent",
        "tags are forgotten",
        "a lost shard stays empty",
    ],
)
def test_a_planted_mistake_is_found(monkeypatch, owner, name, planted):
    monkeypatch.setattr(owner, name, planted)
    with (
        pytest.raises((AssertionError, LookupError, AttributeError, ValueError)),
        in_shards(2, fails=40),
    ):
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(rounds, minimise=False)


def masks_lost(self, rows, numbers, masks):
    """Of states on disk nothing else is left out than of the first."""
    ADD(self, rows, numbers, np.full(len(masks), 1, np.uint64))


def runs_not_sorted(self, rows, numbers):
    """States go to the runs as they come."""
    self.runs.add(rows, numbers)


def old_forgotten(self, packed):
    """What was met long ago is taken for new."""
    found = FIND(self, packed)
    return np.where(found < 9, -1, found)


def found_by_place(self, packed):
    """States have the numbers of others."""
    return np.sort(FIND(self, packed))


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("add", masks_lost),
        ("sort", runs_not_sorted),
        ("find", found_by_place),
        ("find", old_forgotten),
    ],
    ids=["masks are lost", "runs are not sorted", "numbers are of others", "the old are new"],
)
def test_a_mistake_planted_in_shards_on_disk_is_found(monkeypatch, name, planted):
    monkeypatch.setattr(StatesOnDisk, name, planted)
    with (
        pytest.raises((AssertionError, LookupError, AttributeError, ValueError)),
        in_shards(2, fails=40, disk=True),
    ):
        same_graphs(shape(2, 2), minimise=False)
        same_graphs(rounds, minimise=False)
        same_graphs(shape(2, 2), minimise=True)

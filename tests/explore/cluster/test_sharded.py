"""A walk whose states are in shards is the walk in memory: number by number, path by path."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking import Cell, System, Thread, forever
from locking.explore.cluster import shard, sharded_store, sharded_walk
from locking.explore.cluster.shard import Shard
from locking.explore.cluster.sharded_store import ShardedStore
from locking.explore.cluster.sharded_walk import ShardedWalk
from locking.explore.compiled import engine as compiled
from locking.explore.compiled import store
from locking.explore.graph import INTERRUPTED
from locking.explore.room import Room
from tests.explore.cluster.pools import LocalPool
from tests.explore.compiled.test_disk import EXAMPLES, RANDOM, compared
from tests.explore.compiled.test_engine import as_lists, product, same_graphs, same_reports, shape
from tests.models.test_textbook import CASES
from tests.samples import some_by_default


@contextmanager
def in_shards(shards: int, after: int = 0, fails: int | None = None) -> Iterator[list[LocalPool]]:
    """Walks have their states in so many shards, from the state `after` on.

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
        yield made


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


def batch_lost(self, *batches):
    """What the first shard sends is dropped."""
    return RECEIVE(self, *batches[1:])


def counts_lost(counted, start, stop):
    """Edges of the first shard are not counted."""
    return COUNTS(counted[1:], start, stop)


def duplicates_kept(self, *batches):
    """What was met is taken for new, while there is little."""
    if self.met > 9:
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

"""Walks on a Ray cluster: numbered as in one process, also where a worker is killed."""

import re
from collections.abc import Iterator

import pytest

from locking import catalogue
from locking.check import check
from locking.errors import UsageError
from locking.explore.cluster import sharded_walk
from locking.explore.search import engine
from locking.verdicts import Limits, Options
from tests.explore.compiled.test_engine import as_lists, product, said, shape

ray = pytest.importorskip("ray", reason="needs locking[cluster]")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[str]:
    """The address of a cluster of two nodes, both on this machine."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    yield cluster.address
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture(autouse=True)
def few_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walks go to the cluster at once."""
    monkeypatch.setattr(sharded_walk, "FEW_STATES", 20)


class Watching:
    """A watch that ends nothing."""

    def __init__(self, room):
        self.room = room

    def __call__(self, met, through):
        return None


def room(address: str, shards: int, memory: int | None = None) -> Watching:
    """A watch that ends nothing, with so many shards, each with so much memory."""
    limits = Limits(memory=memory)
    return Watching(Options(engine="ray", address=address, shards=shards, limits=limits).room)


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_walk_on_a_cluster_numbers_as_one_in_this_process_does(two_nodes, shards):
    watch = room(two_nodes, shards)
    whole = engine("compiled")(product(shape(2, 2)()), lambda *_: None)
    found = engine("ray")(product(shape(2, 2)()), watch)
    assert found.engine == "ray"
    assert as_lists(found) == as_lists(whole)


def test_shards_go_to_disk_where_memory_ends(two_nodes):
    whole = engine("compiled")(product(shape(2, 2)()), lambda *_: None)
    found = engine("ray")(product(shape(2, 2)()), room(two_nodes, 2, 1))
    assert found.on_disk > 20 * len(found.states)
    assert as_lists(found) == as_lists(whole)


def test_all_verdicts_and_paths_are_those_of_one_process(two_nodes):
    model = catalogue.model("memory_hotplug")
    case = model.case("add-vs-remove", catalogue.placement(model, "shared"))
    reports = [
        check(case, options=each)
        for each in (Options("compiled"), Options("ray", address=two_nodes, shards=2))
    ]
    assert [each.engine for each in reports] == ["compiled", "ray"]
    assert said(reports[0]) == said(reports[1])


def test_a_worker_that_is_killed_in_a_level_is_replaced(two_nodes, monkeypatch):
    from locking.explore.cluster.ray_pool import RayPool

    exchange, calls = RayPool.exchange, []

    def killed(pool, through):
        calls.append(through)
        if len(calls) in (3, 5):
            ray.kill(pool.actors[len(calls) % 2])
        return exchange(pool, through)

    monkeypatch.setattr(RayPool, "exchange", killed)
    whole = engine("compiled")(product(shape(2, 2)()), lambda *_: None)
    found = engine("ray")(product(shape(2, 2)()), room(two_nodes, 2))
    assert len(calls) > 5
    assert as_lists(found) == as_lists(whole)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "127.0.0.1", "nowhere", "127.0.0.1:99999"])
def test_an_address_where_nobody_answers_is_a_clear_error(address):
    ray.shutdown()
    with pytest.raises(UsageError, match=f"--address {re.escape(address)}: "):
        engine("ray")(product(shape(2, 2)()), room(address, 2))

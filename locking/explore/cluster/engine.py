"""The engine whose walks have their states on a Ray cluster, once they are many.

All that it returns is numbered as in one process. Few states stay in this process.
"""

import logging
import socket
from typing import Any

import ray

from locking.errors import UsageError
from locking.explore.cluster.ray_pool import RayPool
from locking.explore.cluster.sharded_walk import ShardedWalk
from locking.explore.compiled.engine import ended
from locking.explore.compiled.store import WORKERS, processors
from locking.explore.compiled.tables import PackedTables
from locking.explore.graph import Graph, Watch
from locking.explore.product import Product
from locking.explore.reference import explore as explore_alone
from locking.explore.room import Room, room_of

PATIENCE = 10
"""Seconds in which somebody must answer at an address."""


def explore(product: Product, watch: Watch) -> Graph:
    """Every state that `product` can reach, unless `watch` or Ctrl-C ends the walk before.

    Errors: `UsageError` where there is no such cluster.
    """
    if type(product) is not Product:
        return explore_alone(product, watch)
    room = room_of(watch)
    workers = min(WORKERS, processors())
    walk = ShardedWalk(PackedTables(product), workers, room, lambda: pool_of(room))
    graph = ended(walk, watch)
    graph.engine = "ray"
    return graph


def pool_of(room: Room) -> RayPool:
    """Shards on the cluster at an address; without one on a new cluster of this machine alone.

    Errors: `UsageError`.
    """
    if not ray.is_initialized():
        if room.address:
            refuse_silence(room.address)
        try:
            ray.init(
                address=room.address or "local",
                num_cpus=None if room.address else room.shards,
                include_dashboard=None if room.address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UsageError(f"--address {room.address}: {error}") from error
    resources: Any = ray.cluster_resources  # untyped
    return RayPool(room.shards or int(resources().get("CPU", 1)))


def refuse_silence(address: str) -> None:
    """Refuse an address at which nobody answers: Ray would ask for minutes.

    Errors: `UsageError`.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and host and port.isdecimal()):
        raise UsageError(f"--address {address}: write HOST:PORT")
    try:
        socket.create_connection((host, int(port)), PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"--address {address}: {error}") from error

"""Shards in the processes of a Ray cluster, on this machine or on several."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import ray
from ray.exceptions import ObjectLostError, RayActorError, RaySystemError

from locking.errors import UsageError
from locking.explore.cluster.pool import ShardsLost
from locking.explore.cluster.shard import EdgeCounts, Shard


def owned(value: Any) -> Any:
    """A value whose arrays may be written to: Ray gives out arrays that lie in shared memory."""
    if isinstance(value, np.ndarray):
        return value if value.flags.writeable else value.copy()
    if isinstance(value, tuple):
        parts = map(owned, value)
        return type(value)._make(parts) if hasattr(value, "_make") else tuple(parts)
    return value


class ShardActor:
    """A shard in a process of its own."""

    def __init__(self, at: int, shards: int) -> None:
        self.shard = Shard(at, shards)

    def call(self, method: str, *arguments: Any) -> Any:
        """What a method of the shard returns."""
        return getattr(self.shard, method)(*map(owned, arguments))


class RayPool:
    """So many shards, each an actor, spread over the cluster that this process is in.

    An actor goes with the last reference to it. It reserves no processor: else the shards of a walk
    would wait for ever for those of one that somebody still looks at.
    """

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.kind: Any = ray.remote(num_cpus=0, scheduling_strategy="SPREAD")(ShardActor)
        self.actors: list[Any] = [self.kind.remote(at, shards) for at in range(shards)]

    def each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What the shards return from a method, each for its own arguments."""
        shared = {id(each): ray.put(each) for given in arguments for each in given}  # each once
        asked = [
            actor.call.remote(method, *(shared[id(each)] for each in given))
            for actor, given in zip(self.actors, arguments, strict=True)
        ]
        return self.told(asked)

    def exchange(self, through: int) -> tuple[list[EdgeCounts], int]:
        """Send the targets of all states below `through` to the shards that they belong to."""
        several = self.shards + 1
        sent = [
            actor.call.options(num_returns=several).remote("send", through) for actor in self.actors
        ]
        waiting = [
            actor.call.remote("receive", *(each[1 + at] for each in sent))
            for at, actor in enumerate(self.actors)
        ]
        told = self.told(waiting)
        return self.told([each[0] for each in sent]), sum(told)

    def told(self, asked: Sequence[Any]) -> list[Any]:
        """What was asked for. Errors: `ShardsLost`."""
        try:
            return [ray.get(each) for each in asked]
        except (RayActorError, ObjectLostError) as error:
            raise ShardsLost(self.lost()) from error
        except RaySystemError as error:
            raise UsageError(f"engine 'ray': {str(error).splitlines()[0]}") from error

    def lost(self) -> list[int]:
        """The shards that do not answer any more."""
        asked = [actor.call.remote("answers") for actor in self.actors]
        found = []
        for at, each in enumerate(asked):
            try:
                ray.get(each)
            except RayActorError:
                found.append(at)
        return found

    def replace(self, lost: Sequence[int]) -> None:
        """Put shards without states where some were lost."""
        for at in lost:
            self.actors[at] = self.kind.remote(at, self.shards)

"""Shards in one process, which can be made to fail."""

from collections.abc import Sequence
from typing import Any

from locking.explore.cluster.pool import ShardsLost
from locking.explore.cluster.shard import EdgeCounts, Shard


class LocalPool:
    """So many shards in this process; call number `fails` finds shard 0 lost, with its states."""

    def __init__(self, shards: int, fails: int | None = None) -> None:
        self.shards = shards
        self.members = [Shard(at, shards) for at in range(shards)]
        self.fails = fails
        self.calls = 0
        self.lost: set[int] = set()

    def count(self) -> None:
        """Count a call, which may be the one that fails."""
        self.calls += 1
        if self.calls == self.fails:
            self.lost = {0}
        if self.lost:
            raise ShardsLost(sorted(self.lost))

    def each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        self.count()
        return [
            getattr(shard, method)(*given)
            for shard, given in zip(self.members, arguments, strict=True)
        ]

    def exchange(self, through: int) -> tuple[list[EdgeCounts], int]:
        self.count()
        sent = [shard.send(through) for shard in self.members]
        waiting = [
            shard.receive(*(s[1 + at] for s in sent)) for at, shard in enumerate(self.members)
        ]
        return [each[0] for each in sent], sum(waiting)

    def replace(self, lost: Sequence[int]) -> None:
        for at in lost:
            self.members[at] = Shard(at, self.shards)
        self.lost -= set(lost)

"""How the shards of a walk are asked, wherever they are."""

from collections.abc import Sequence
from typing import Any, Protocol

from locking.explore.cluster.shard import EdgeCounts


class ShardsLost(Exception):
    """Some shards, by number, have gone with all their states."""

    def __init__(self, lost: Sequence[int]) -> None:
        super().__init__(f"shards {', '.join(map(str, lost))} are lost")
        self.lost = list(lost)


class ShardPool(Protocol):
    """The shards of a walk, from 0 on. Errors: `ShardsLost`, from all but `replace`."""

    shards: int

    def each(self, method: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What the shards return from a method, each for its own arguments."""

    def exchange(self, through: int) -> tuple[list[EdgeCounts], int]:
        """Send the targets of all states below `through` to the shards that they belong to.

        It returns how many edges these states have, and how many targets wait.
        """

    def replace(self, lost: Sequence[int]) -> None:
        """Put shards without states where some were lost."""


def all_alike(pool: ShardPool, method: str, *arguments: Any) -> list[Any]:
    """What the shards return from a method, all for the same arguments. Errors: `ShardsLost`."""
    return pool.each(method, [arguments] * pool.shards)

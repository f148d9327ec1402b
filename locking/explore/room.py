"""Where the states of a walk may be: in memory, on disk before memory ends, on other machines."""

from typing import NamedTuple

from locking.explore.graph import Watch


class Room(NamedTuple):
    """How many bytes this process may have, if it is said; and the folder for what is more.

    Without a folder it is one of the system's. The engine `ray` has so many `shards` on the cluster
    at `address`.
    """

    memory: int | None = None
    folder: str | None = None
    address: str | None = None
    shards: int | None = None


def room_of(watch: Watch) -> Room:
    """The room that a walk has which is watched by `watch`."""
    room: Room = getattr(watch, "room", Room())
    return room

"""Who waits for a lock has a reason: since it asked, somebody else may have held it.

Who took a lock is seen a little later than it is so, and who let it go a little sooner. So from the
first event of taking it to the last of letting go, a task may hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from locking.conformance.event_map import EventMap


@dataclass
class WaitingTasks:
    """Who may hold each lock, who asked when, and who let it go when, in numbers of events.

    `parts` says of an event which lock it is of, and whether it `asks`, `waits`, `takes`,
    `releases` or is the `last` of letting go.
    """

    parts: Mapping[str, tuple[str, str]]
    now: int = 0
    holding: dict[str, set[int]] = field(default_factory=dict)
    asked: dict[tuple[str, int], int] = field(default_factory=dict)
    left: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def note(self, pid: int, name: str) -> None:
        """Remember an event of a task."""
        self.now += 1
        lock, part = self.parts.get(name, ("", ""))
        if part == "asks":
            self.asked[lock, pid] = self.now
        if part in ("asks", "takes"):
            self.holding.setdefault(lock, set()).add(pid)
        if part == "last" and pid in self.holding.get(lock, ()):
            self.holding[lock].discard(pid)
            others = [each for each in self.left.get(lock, []) if each[0] != pid]
            self.left[lock] = [*others[-1:], (pid, self.now)]

    def unfounded(self, pid: int, name: str) -> str:
        """Why a task can't wait; empty if it can, or doesn't."""
        lock, part = self.parts.get(name, ("", ""))
        if part != "waits" or (lock, pid) not in self.asked:
            return ""
        held = self.holding.get(lock, set()) - {pid}
        since = self.asked[lock, pid]
        if held or any(when > since for other, when in self.left.get(lock, []) if other != pid):
            return ""
        return f"nobody else has held {lock} since the task asked for it"


def parts_of_locks(events: EventMap, alphabet: frozenset[str]) -> dict[str, tuple[str, str]]:
    """For every event of a lock that the trace can show, the lock and the part that it is."""
    found: dict[str, tuple[str, str]] = {}
    for (lock, _), handling in events.locks.items():
        taking = [item for item in handling.take if item.name in alphabet]
        for number, item in enumerate(taking):
            part = "waits" if item.times == "*" else "takes" if item == handling.take[-1] else ""
            found[item.name] = (lock, part or ("asks" if number == 0 else "between"))
        letting_go = [item.name for item in handling.release if item.name in alphabet]
        for name in letting_go:
            found[name] = (lock, "last" if name == letting_go[-1] else "releases")
    return found

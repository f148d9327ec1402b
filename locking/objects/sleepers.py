"""Threads that sleep until somebody wakes them, and any of them may be the one: pure data.

A wake-up goes to one of those that sleep when it is sent, never to one that comes later. Which one
is left open until somebody uses it. That admits every choice with the fewest states: a choice made
when the wake-up is sent differs from this only by who leaves first, and nobody sees it before.

Sleepers stand in groups, oldest first. A wake-up that was sent to a group may be used by it and by
every older one. Who leaves uses the oldest wake-up that it may use, for others can use that least.

Where a wake-up takes the one that has slept longest, they stand in a line instead, and who is to be
woken is certain at once.
"""

from typing import NamedTuple

from locking.names import names_sorted


class Group(NamedTuple):
    """Threads that no wake-up tells apart, and how many were sent before the next group came."""

    threads: frozenset[str]
    wakes: int = 0


class Sleepers(NamedTuple):
    """The groups, who is certain to be woken, and the line, first in front.

    At every group there are more threads, in it and before it, than wake-ups: where there are as
    many, all of those are certain to be woken.
    """

    groups: tuple[Group, ...] = ()
    woken: frozenset[str] = frozenset()
    line: tuple[str, ...] = ()

    @property
    def asleep(self) -> frozenset[str]:
        """Who sleeps, and is not certain to be woken."""
        return frozenset(self.line).union(*(group.threads for group in self.groups))

    @property
    def wakes(self) -> int:
        """How many of `asleep` are to be woken."""
        return sum(group.wakes for group in self.groups)

    @property
    def unwoken(self) -> int:
        """How many of `asleep` are not to be woken yet."""
        return len(self.asleep) - self.wakes

    def falls_asleep(self, me: str, *, in_line: bool = False) -> "Sleepers":
        """Once `me` sleeps as well: as the last in the line, or in a group."""
        if in_line:
            return self._replace(line=(*self.line, me))
        return self.regrouped(*self.groups, Group(frozenset({me})))

    def wake(self, count: int) -> "Sleepers":
        """Once up to `count` more are to be woken, of those that sleep now."""
        count = min(count, self.unwoken)
        if self.line:
            woken = self.woken.union(self.line[:count])
            return self._replace(woken=woken, line=self.line[count:])
        return self.regrouped(*self.groups, Group(frozenset(), count))

    def leaves(self, me: str) -> "Sleepers | None":
        """Once `me` has been woken and is gone; None where it has to sleep on."""
        if me in self.woken:
            return self._replace(woken=self.woken - {me})
        groups = list(self.groups)
        behind = range(self.group_of(me), len(groups))
        used = next((at for at in behind if groups[at].wakes), None)
        if used is None:
            return None
        groups[used] = groups[used]._replace(wakes=groups[used].wakes - 1)
        return self.regrouped(*groups).gives_up(me)

    def gives_up(self, me: str) -> "Sleepers":
        """Once `me` is gone without a wake-up, or with one that is counted already."""
        gone = frozenset({me})
        groups = [group._replace(threads=group.threads - gone) for group in self.groups]
        line = tuple(each for each in self.line if each != me)
        return self._replace(woken=self.woken - gone, line=line).regrouped(*groups)

    def without(self, threads: tuple[str, ...]) -> "Sleepers | None":
        """Once `threads` are gone without a wake-up; None where one is certain to have one."""
        left = self
        for thread in threads:
            if thread not in left.asleep:
                return None
            left = left.gives_up(thread)
        return left

    def group_of(self, me: str) -> int:
        """The place of the group that `me` sleeps in; behind all where it sleeps in none."""
        found = (at for at, group in enumerate(self.groups) if me in group.threads)
        return next(found, len(self.groups))

    def regrouped(self, *groups: Group) -> "Sleepers":
        """The state with these groups: joined where nothing tells them apart, or all woken."""
        woken, joined = self.woken, list[Group]()
        for group in groups:
            if joined and not (joined[-1].wakes and group.threads):
                last = joined.pop()
                group = Group(last.threads | group.threads, last.wakes + group.wakes)
            joined.append(group)
            asleep = frozenset[str]().union(*(each.threads for each in joined))
            if len(asleep) == sum(each.wakes for each in joined):
                woken, joined = woken | asleep, []
        return Sleepers(tuple(joined), woken, self.line)

    def show(self) -> str:
        """Who sleeps, how many of them are to be woken, and who is."""
        names = " before ".join(self.line) or ", ".join(names_sorted(self.asleep))
        asleep = f"asleep {names}" if names else ""
        if self.wakes:
            asleep += f" ({self.wakes} to wake)"
        woken = f"woken {', '.join(names_sorted(self.woken))}" if self.woken else ""
        return ", ".join(filter(None, (asleep, woken))) or "nobody asleep"


def is_undecided(state: object) -> bool:
    """Whether a wake-up is pending in the state of an object, and it is open whom it wakes."""
    found = state if isinstance(state, Sleepers) else getattr(state, "sleepers", None)
    return isinstance(found, Sleepers) and found.wakes > 0

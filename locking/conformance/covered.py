"""What a run has shown of a placement, and what the placement allows besides.

Shown are roles that were played to their end, named steps, regions, steps of two tasks beside each
other, and which region of a lock came after which. Allowed besides is what the locks of the roles
that were played do not forbid.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.conformance.acting import Locks, RefusedAct, act_of
from locking.conformance.following import Explained
from locking.conformance.recording import ObservedEvent
from locking.conformance.role_paths import Paths
from locking.objects.region import Region
from locking.placements.trees import Step, Tree, branches_of


class StepUnder(NamedTuple):
    """A named step of a role, with the regions that are around it."""

    step: str
    regions: tuple[Region, ...]


@dataclass(eq=False)
class RolePlayed:
    """A role that a task plays; until it has ended there may be several that it can be."""

    roles: frozenset[str]
    ended: bool = False

    @property
    def role(self) -> str:
        """The role, or those that it may be."""
        return " or ".join(sorted(self.roles))


class StepSpan(NamedTuple):
    """A step under way, which is one of those that are `meant`, by the role that is played."""

    playing: RolePlayed
    meant: frozenset[tuple[str, str]]

    @property
    def step(self) -> str:
        """The named step."""
        return min((step for role, step in self.meant if role in self.playing.roles), default="")


@dataclass
class Covered:
    """What was seen so far; of which role and step it was is only known when a role has ended."""

    playing: dict[int, RolePlayed] = field(default_factory=dict)
    current: dict[int, StepSpan] = field(default_factory=dict)
    spans: list[StepSpan] = field(default_factory=list)
    together: list[tuple[StepSpan, StepSpan]] = field(default_factory=list)
    taken: list[tuple[str, str, RolePlayed]] = field(default_factory=list)
    played: list[RolePlayed] = field(default_factory=list)

    def note(self, observed: ObservedEvent, taken: Explained) -> None:
        """Note one event."""
        pid = observed.event.pid
        playing = self.playing.get(pid)
        if playing is None:
            playing = self.playing[pid] = RolePlayed(taken.roles)
        elif playing.roles != taken.roles:
            playing.roles = playing.roles & taken.roles or taken.roles
        if taken.entered:
            self.taken.append((*taken.entered, playing))
        self.note_step(pid, taken, playing)
        if taken.ends:
            playing.ended = True
            self.played.append(self.playing.pop(pid))

    def note_step(self, pid: int, taken: Explained, playing: RolePlayed) -> None:
        """Note the step that an event begins, beside those that other tasks are in."""
        if taken.steps and pid not in self.current:
            span = StepSpan(playing, taken.steps)
            self.spans.append(span)
            self.together += [(span, other) for other in self.current.values()]
            self.current[pid] = span
        if pid in self.current and not any(place.step for place in taken.after.places):
            del self.current[pid]

    @property
    def roles(self) -> Counter[str]:
        """The roles that were played to their end."""
        return Counter(each.role for each in self.played)

    @property
    def roles_begun(self) -> set[str]:
        """The roles that tasks play or have played, or may play."""
        return {role for each in (*self.played, *self.playing.values()) for role in each.roles}

    @property
    def steps(self) -> Counter[str]:
        """The named steps that were begun."""
        return Counter(filter(None, (each.step for each in self.spans)))

    @property
    def regions(self) -> Counter[str]:
        """The regions that were entered."""
        return Counter(region for _, region, _ in self.taken)

    @property
    def beside(self) -> Counter[tuple[str, str]]:
        """The steps that two tasks were in at once."""
        pairs = ((one.step, other.step) for one, other in self.together)
        return Counter((min(pair), max(pair)) for pair in pairs)

    @property
    def orders(self) -> Counter[tuple[str, str]]:
        """Which region of a lock came directly after which, each with its role."""
        last: dict[str, str] = {}
        found: Counter[tuple[str, str]] = Counter()
        for lock, region, playing in self.taken:
            name = f"{playing.role} {region}"
            if lock in last:
                found[last[lock], name] += 1
            last[lock] = name
        return found


@dataclass(frozen=True)
class Unseen:
    """What the placement allows and the trace did not show; `hidden` are steps without an event."""

    roles: tuple[str, ...]
    steps: tuple[str, ...]
    regions: tuple[str, ...]
    beside: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


def steps_under(trees: Sequence[Tree], regions: tuple[Region, ...] = ()) -> list[StepUnder]:
    """The named steps of trees, each with the regions around it."""
    found: list[StepUnder] = []
    for tree in trees:
        if isinstance(tree, Step):
            found.append(StepUnder(tree.name, regions))
        inside = (*regions, tree) if isinstance(tree, Region) else regions
        for each in branches_of(tree):
            found += steps_under(each, inside)
    return found


def may_be_beside(locks: Locks, one: StepUnder, other: StepUnder) -> bool:
    """Whether two tasks may be in these steps at once: their locks let both in."""
    states = locks.start
    for who, under in (("one", one), ("other", other)):
        for region in under.regions:
            after = locks.after(states, act_of(region.acquire(), takes=True), who)
            if isinstance(after, RefusedAct):
                return False
            states = after
    return True


def seen_steps(paths: Paths) -> set[str]:
    """The named steps that the trace can show."""
    return {edge.step for edges in paths.edges for edge in edges if edge.event and edge.step}


def allowed_beside(
    roles: Mapping[str, Sequence[Tree]], locks: Locks, paths: Paths, played: set[str]
) -> set[tuple[str, str]]:
    """The pairs of steps, of roles that were played, that two tasks may be in at once."""
    shown = seen_steps(paths)
    found = [
        each
        for role, trees in roles.items()
        if role in played
        for each in steps_under(trees)
        if each.step in shown
    ]
    return {
        (min(one.step, other.step), max(one.step, other.step))
        for one in found
        for other in found
        if may_be_beside(locks, one, other)
    }


def unseen_of(
    roles: Mapping[str, Sequence[Tree]], locks: Locks, paths: Paths, covered: Covered
) -> Unseen:
    """What is allowed and was not seen."""
    possible = {edge.role for edges in paths.edges for edge in edges if edge.event}
    played = {name for role in covered.roles for name in role.split(" or ")}
    shown = seen_steps(paths)
    all_steps = {under.step for trees in roles.values() for under in steps_under(trees)}
    regions = {
        f"{region.lock.name}.{region.mode}"
        for role in possible
        for under in steps_under(roles[role])
        for region in under.regions
    }
    sections = {
        (f"{role} {region.lock.name}.{region.mode}", region.lock.name)
        for role in sorted(played & set(roles))
        for under in steps_under(roles[role])
        for region in under.regions
        if f"{region.lock.name}.{region.mode}" in covered.regions
    }
    orders = {(one, other) for one, lock in sections for other, same in sections if lock == same}
    beside = allowed_beside(roles, locks, paths, played)
    return Unseen(
        tuple(sorted(possible - played)),
        tuple(sorted(shown - set(covered.steps))),
        tuple(sorted(regions - set(covered.regions))),
        tuple(sorted(beside - set(covered.beside))),
        tuple(sorted(orders - set(covered.orders))),
        tuple(sorted(all_steps - shown)),
    )

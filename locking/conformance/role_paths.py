"""What the roles of a placement may show: the edges of one automaton, which every task runs.

State 0 is where a task plays no role. From there a path of every role leads back to it. An edge has
the event that shows it, which the trace's alphabet has; the act on a lock that is done there; and
the named step that it is of. An edge without an event is not seen. Locks are taken at the last
event of taking, and let go at the first of letting go; in between they are surely held.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.conformance.acting import Act, act_of
from locking.conformance.event_map import EventMap, Handling, Items
from locking.objects.operation import Operation
from locking.objects.region import Region
from locking.placements.trees import LetGo, Query, Step, Take, Tree, Trylock, When

NO_EVENTS = Handling((), ())


class PathEdge(NamedTuple):
    """A step of an automaton, seen as an event or not."""

    event: str | None
    act: Act | None
    step: str
    role: str
    to: int


class Whereabouts(NamedTuple):
    """Where a task is: its role, the regions around it, the named step that it has begun."""

    role: str
    inside: tuple[str, ...]
    step: str = ""


IDLE = Whereabouts("", ())
"""Where a task is that plays no role."""


@dataclass
class Paths:
    """An automaton in the making: for every state its edges, and where it is.

    `role` and `inside` are those of what is being added, `at` is the state that it is added to.
    `held` are the regions whose locks are held there, each with whether it is downgraded.
    """

    events: EventMap
    alphabet: Collection[str]
    edges: list[list[PathEdge]] = field(default_factory=lambda: [[]])
    places: list[Whereabouts] = field(default_factory=lambda: [IDLE])
    role: str = ""
    inside: tuple[str, ...] = ()
    held: tuple[tuple[Region, bool], ...] = ()
    at: int = 0

    def new_state(self, step: str = "") -> int:
        """The number of a state that is new."""
        self.edges.append([])
        self.places.append(Whereabouts(self.role, self.inside, step))
        return len(self.edges) - 1

    def edge(
        self, to: int, event: str | None = None, act: Act | None = None, step: str = ""
    ) -> None:
        """Add an edge from where we are."""
        self.edges[self.at].append(PathEdge(event, act, step, self.role, to))

    def go(self, event: str | None, act: Act | None = None, step: str = "", left: str = "") -> None:
        """Add an edge to a new state and go there; `left` is the step that is under way there."""
        to = self.new_state(left)
        self.edge(to, event, act, step)
        self.at = to

    def shown(self, items: Items) -> Items:
        """Those of `items` that the trace can show."""
        return tuple(item for item in items if item.name in self.alphabet)

    def events_in_order(self, items: Items, step: str = "", after: str = "") -> None:
        """Go through events; `after` is the step that is still under way behind the last."""
        found = self.shown(items)
        for number, item in enumerate(found, 1):
            left = after if number == len(found) else step
            if item.times == "*":
                self.go(None, left=step)
                self.edge(self.at, item.name, step=step)
            elif item.times == "?":
                before = self.at
                self.go(item.name, step=step, left=left)
                to, self.at = self.at, before
                self.edge(to)
                self.at = to
            else:
                self.go(item.name, step=step, left=left)

    def take(self, region: Region) -> None:
        """Take a lock, whose last event says that it is held."""
        items = self.handling(region).take
        self.events_in_order(items[:-1])
        self.enter(region, items, act_of(region.acquire(), takes=True))

    def enter(self, region: Region, items: Items, act: Act) -> None:
        """Go into a region by the last of the events of taking its lock."""
        self.inside = (*self.inside, f"{region.lock.name}.{region.mode}")
        self.held = (*self.held, (region, False))
        self.acting(items[-1:], act)

    def let_go(self, region: Region, operation: Operation) -> None:
        """Let a lock go, whose first event says so."""
        items = self.handling(region).release
        name = region.lock.name
        self.held = tuple(each for each in self.held if each[0].lock is not region.lock)
        places = [number for number, each in enumerate(self.inside) if each.startswith(f"{name}.")]
        self.inside = tuple(
            each for number, each in enumerate(self.inside) if number not in places[-1:]
        )
        self.acting(items[:1], act_of(operation, takes=False))
        self.events_in_order(items[1:])

    def acting(self, items: Items, act: Act) -> None:
        """Do an act where its event is seen, or unseen."""
        found = self.shown(items)
        self.go(found[0].name if found else None, act)

    def handling(self, region: Region) -> Handling:
        """The events of a region's lock in its mode."""
        return self.events.locks.get((region.lock.name, region.mode), NO_EVENTS)

    def add_role(self, role: str, trees: Sequence[Tree]) -> None:
        """Add the paths of a role, from state 0 and back to it."""
        self.role, self.inside, self.held, self.at = role, (), (), 0
        row = self.events.roles.get(role)
        self.go(None)
        for name in [row.begins] if row else []:
            if name in self.alphabet:
                self.go(name)
        self.add(trees)
        self.end_role()

    def end_role(self) -> None:
        """Go back to where no role is played."""
        row = self.events.roles.get(self.role)
        if row and row.ends in self.alphabet:
            self.go(row.ends)
        self.edge(0)

    def add(self, trees: Sequence[Tree]) -> None:
        """Go through trees."""
        for tree in trees:
            match tree:
                case Step():
                    self.add_step(tree)
                case Region():
                    self.take(tree)
                    self.add_held(tree)
                case Take():
                    self.take(tree.region)
                case LetGo():
                    self.let_go(tree.region, tree.region.release())
                case Trylock():
                    self.add_tried(tree)
                case When():
                    self.add_asked(tree)

    def add_step(self, step: Step | Query) -> None:
        """Go through the events of a named step, or of the step that it is a variant of."""
        variant_of = step.variant_of if isinstance(step, Step) else None
        for name in (step.name, variant_of or ""):
            if name in self.events.failures:
                self.add_failure(self.events.failures[name], step.name)
                break
        items = self.events.steps.get(step.name, self.events.steps.get(variant_of or "", ()))
        self.events_in_order(items, step.name)

    def add_failure(self, items: Items, step: str) -> None:
        """Go through a step that fails, whose last event says so, and to the end of the role.

        All locks are let go on the way, the last that was taken first. Without that event a failure
        would look like any other end.
        """
        if items[-1].name not in self.alphabet:
            return
        before = self.at, self.inside, self.held
        self.events_in_order(items, step)
        while self.held:
            region, lowered = self.held[-1]
            if lowered:
                assert region.release_lowered
                self.let_go_lowered(region, region.release_lowered())
            else:
                self.let_go(region, region.release())
        self.end_role()
        self.at, self.inside, self.held = before

    def add_held(self, region: Region) -> None:
        """Go through what stands in a region whose lock is held, to where it is let go."""
        self.add(region.body)
        release = region.release
        if region.lowered and region.lower and region.release_lowered:
            items = self.events.lowerings.get(region.lock.name, ())
            self.inside = (*self.inside[:-1], f"{region.lock.name}.read")
            self.acting(items[-1:], act_of(region.lower(), takes=True))
            self.held = (*self.held[:-1], (region, True))
            self.add(region.lowered)
            self.let_go_lowered(region, region.release_lowered())
            return
        self.let_go(region, release())

    def let_go_lowered(self, region: Region, operation: Operation) -> None:
        """Let a lock go that was downgraded: its events are those of a reader."""
        lowered = self.events.locks.get((region.lock.name, "read"), NO_EVENTS)
        self.inside, self.held = self.inside[:-1], self.held[:-1]
        self.acting(lowered.release[:1], act_of(operation, takes=False))
        self.events_in_order(lowered.release[1:])

    def add_tried(self, tree: Trylock) -> None:
        """Go through both ways of a trylock, and on from where they meet.

        One that succeeds shows as a lock that is taken; one that fails does not show.
        """
        assert tree.region.attempt
        before, inside, held = self.at, self.inside, self.held
        items = self.handling(tree.region).take
        self.events_in_order(tuple(item._replace(times="?") for item in items[:-1]))
        self.enter(tree.region, items, act_of(tree.region.attempt(), takes=True, wanted=True))
        self.add_held(tree.region)
        one, self.at, self.inside, self.held = self.at, before, inside, held
        self.go(None, act_of(tree.region.attempt(), takes=False, wanted=False))
        self.add(tree.otherwise)
        self.meet(one)

    def add_asked(self, tree: When) -> None:
        """Go through both answers of a query, and on from where they meet."""
        self.add_step(tree.query)
        before = self.at
        self.go(None)
        self.add(tree.body)
        one, self.at = self.at, before
        self.go(None)
        self.add(tree.otherwise)
        self.meet(one)

    def meet(self, other: int) -> None:
        """Go to a new state, to which `other` leads too."""
        to = self.new_state()
        self.edge(to)
        self.at = other
        self.edge(to)
        self.at = to

    def must_be_early(self) -> bool:
        """Whether it matters when an unseen act is done, so that it can't wait for the next event.

        That is so of a trylock that fails, which needs a lock that somebody holds; and of a lock
        that is taken and, before the next event, let go or downgraded.
        """
        unseen = [edge for each in self.edges for edge in each if edge.act and not edge.event]
        return any(
            edge.act.wanted is False or (edge.act.takes and self.acts_again(edge.to, edge.act.lock))
            for edge in unseen
            if edge.act
        )

    def acts_again(self, state: int, lock: str) -> bool:
        """Whether an act on a lock can follow with no event before it."""
        found, waiting = {state}, [state]
        while waiting:
            for edge in [edge for edge in self.edges[waiting.pop()] if not edge.event]:
                if edge.act and edge.act.lock == lock:
                    return True
                if edge.to not in found:
                    found.add(edge.to)
                    waiting.append(edge.to)
        return False


def paths_of(
    roles: Mapping[str, Sequence[Tree]], events: EventMap, alphabet: Collection[str]
) -> Paths:
    """The automaton of some roles. A role of which the trace can show nothing is left out."""
    made = Paths(events, alphabet)
    for role, trees in roles.items():
        row = events.roles.get(role)
        if row and row.only_if_begun and row.begins not in alphabet:
            continue
        alone = Paths(events, alphabet)
        alone.add_role(role, trees)
        if any(edge.event for edges in alone.edges for edge in edges):
            made.add_role(role, trees)
    return made

"""A learned thread as a walk sees it: places, which are nodes or merged nodes.

Merging is sound because of one rule, kept here: a place knows a result only if every node merged in
it was run with that result, and all of them went on to one place. So "is a node of this place" is a
bisimulation, as far as the walk goes. Where merged nodes turn out to differ, the walk that merged
them is void: `PlaceSplit` says so, and the caller merges again with what is now known.

After: Moore, Gedanken-experiments on sequential machines (1956), partition refinement; Kanellakis
and Smolka, CCS expressions, finite state processes, and three problems of equivalence (1990).
Differs: only a part of the machine is known when it is merged, and the walk that uses the merged
machine finds out more. Threads are small, so the refinement is not the one of Hopcroft (1971) or of
Paige and Tarjan (1987), which are faster on large machines.
"""

from collections.abc import Collection, Hashable, Iterator
from typing import Any

from locking.errors import ModelError
from locking.explore.learn import Learner
from locking.objects.operation import Misuse, Object, Operation
from locking.programs.guard import Endless
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.programs.thread import Thread


class PlaceSplit(Exception):
    """Nodes that were merged turn out to have different futures."""


class Automaton:
    """Places of one thread; place 0 is where it begins. Not merged until `merge` is called.

    `learned` counts what was learned by `next`; `overran` is whether a member ran on and on with a
    result that it perhaps never has: to merge again would cost that time again. A `learner` of the
    thread may be shared: nodes have no places in it.
    """

    def __init__(self, thread: Thread, learner: Learner | None = None) -> None:
        self.learner = learner or Learner(thread)
        self.learned = 0
        self.overran = False
        self.place_of: dict[int, int] = {}
        self.members: list[list[int]] = []
        self.after: list[dict[Hashable, int]] = []
        self.open([0])

    def open(self, nodes: list[int]) -> int:
        """The number of a new place for `nodes`."""
        place = len(self.members)
        self.members.append(nodes)
        self.after.append({})
        self.place_of.update(dict.fromkeys(nodes, place))
        return place

    def position(self, place: int) -> Position:
        """Where the thread stands there."""
        return self.learner.nodes[self.members[place][0]].position

    def results_before(self, place: int) -> list[Any]:
        """The results of a run of the thread that comes to `place`."""
        return list(self.learner.nodes[self.members[place][0]].run)

    def results_of(self, objects: Collection[Object]) -> Iterator[Any]:
        """The results that the thread was seen to have from operations on one of `objects`."""
        for node in self.learner.nodes:
            step = node.position.next
            if isinstance(step, Operation) and step.target in objects:
                yield from node.results.values()

    @property
    def required(self) -> Collection[str]:
        """The requirements that a run of the thread evaluates."""
        return self.learner.required

    def supposes(self, requirement: str) -> bool:
        """Whether a history that was merged, and perhaps no run, evaluates a requirement."""
        return requirement in self.learner.supposed

    def enters(self, section: str) -> bool:
        """Whether the thread enters a section, be it without a step in it."""
        return section in self.learner.entered

    def entered_between(self, place: int, other: int) -> frozenset[str] | None:
        """The sections that the thread enters in a step from `place` to `other`, as it was learned.

        Where nodes are merged, or several results lead there, a section counts that one of the runs
        enters. None where no step leads there.
        """
        found: frozenset[str] | None = None
        for node in (self.learner.nodes[each] for each in self.members[place]):
            for key, child in node.children.items():
                to = self.place_of[child]
                rest = frozenset[str]() if to == other else None
                if rest is None and self.position(to).bound:
                    rest = self.entered_between(to, other)
                if rest is not None:
                    found = rest | node.entered.get(key, frozenset()) | (found or rest)
        return found

    def next(self, place: int, result: Any) -> int:
        """The place that follows when the step at `place` has `result`.

        Errors: `PlaceSplit`; and those of `Learner.child`.
        """
        key = result if isinstance(result, Misuse) else typed(result)
        known = self.after[place]
        if key not in known:
            known[key] = self.learn(place, result)
            self.learned += 1
        return known[key]

    def learn(self, place: int, result: Any) -> int:
        """The place that follows a result that is new there: every member is run with it.

        Errors: `PlaceSplit` where members go to different places, or only some can go on.
        """
        members = self.members[place]
        required = set(self.learner.required) if len(members) > 1 else set()
        try:
            reached = list(dict.fromkeys(self.learner.child(node, result) for node in members))
        except ModelError as error:
            if len(members) == 1:
                raise
            self.overran |= isinstance(error, Endless)
            raise PlaceSplit from None  # perhaps of a member that never has this result
        finally:
            if len(members) > 1:  # nor perhaps evaluates what was evaluated then
                self.learner.supposed |= self.learner.required - required
                self.learner.required = required
        places = {self.place_of.get(node) for node in reached}
        if len(places) > 1:
            raise PlaceSplit
        (found,) = places
        if found is not None:
            return found
        nodes = self.learner.nodes
        if any(nodes[node].position != nodes[reached[0]].position for node in reached):
            raise PlaceSplit
        return self.open(reached)

    def equals(self) -> list[int]:
        """For every node the number of its block: the coarsest bisimulation of what is learned.

        By partition refinement (Moore): blocks of nodes at equal positions are split until all
        nodes of a block lead, by the same results, to the same blocks.
        """
        nodes = self.learner.nodes
        block = number([node.position for node in nodes])
        while True:
            finer = number(
                [
                    (block[at], frozenset((key, block[to]) for key, to in node.children.items()))
                    for at, node in enumerate(nodes)
                ]
            )
            if max(finer) == max(block):
                return finer
            block = finer

    def unmerge(self) -> None:
        """Give every node a place of its own again."""
        self.arrange(list(range(len(self.learner.nodes))))

    def arrange(self, block: list[int]) -> bool:
        """Whether places changed, now that nodes of equal `block` share one."""
        groups: dict[int, list[int]] = {}
        for node, name in enumerate(block):
            groups.setdefault(name, []).append(node)
        if self.members == list(groups.values()):
            return False
        self.place_of, self.members, self.after = {}, [], []
        for group in groups.values():
            self.open(group)
        for place, group in enumerate(self.members):
            children = self.learner.nodes[group[0]].children
            self.after[place] = {key: self.place_of[to] for key, to in children.items()}
        return True


def number(keys: list[Any]) -> list[int]:
    """For every key the rank of its first appearance."""
    ranks: dict[Any, int] = {}
    return [ranks.setdefault(key, len(ranks)) for key in keys]

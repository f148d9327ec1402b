"""The paths of roles, made deterministic: an event leads to one state for each act that it may be.

Subset construction (Rabin and Scott, 1959), as far as it is asked for. Only edges with neither
event nor act are gone through unseen. An act that no event shows is a move of its own, because the
locks decide when it can be done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.conformance.acting import Act
from locking.conformance.role_paths import PathEdge, Paths, Whereabouts


class TaskMove(NamedTuple):
    """Where an event or an unseen act leads; `meant` are the roles and steps that it may be of."""

    act: Act | None
    to: int
    meant: frozenset[tuple[str, str]]


@dataclass
class AutomatonState:
    """A state: its moves by event, its unseen acts, and where a task may be that is in it.

    `idle` is whether the task may play no role.
    """

    moves: dict[str, list[TaskMove]]
    unseen: list[TaskMove]
    places: tuple[Whereabouts, ...]
    idle: bool

    @property
    def lets_go(self) -> bool:
        """Whether all that can follow is to let a lock go unseen, so that it may as well be now."""
        acts = [move.act for move in self.unseen if move.act]
        return bool(acts) and not self.moves and all(act.releases for act in acts)


@dataclass
class TaskAutomaton:
    """The automaton; state 0 is where every task starts."""

    paths: Paths
    sets: list[frozenset[int]] = field(default_factory=list)
    numbers: dict[frozenset[int], int] = field(default_factory=dict)
    made: dict[int, AutomatonState] = field(default_factory=dict)
    ending: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.number(self.closed({0}))

    def number(self, states: frozenset[int]) -> int:
        """The number of a set of states."""
        if states not in self.numbers:
            self.numbers[states] = len(self.sets)
            self.sets.append(states)
        return self.numbers[states]

    def closed(self, states: Iterable[int]) -> frozenset[int]:
        """What the states lead to with nothing seen and nothing done.

        A state that only leads on so is left out, for all that it can do is in those others.
        """
        found = set(states)
        waiting = list(found)
        while waiting:
            for edge in self.paths.edges[waiting.pop()]:
                if edge.event is None and edge.act is None and edge.to not in found:
                    found.add(edge.to)
                    waiting.append(edge.to)
        return frozenset(each for each in found if self.matters(each))

    def matters(self, state: int) -> bool:
        """Whether something is seen or done from a state, or it is the start."""
        return state == 0 or any(edge.event or edge.act for edge in self.paths.edges[state])

    def may_end(self, number: int) -> bool:
        """Whether a task may play no role, once it has let go what no event shows."""
        if number not in self.ending:
            state = self.state(number)
            letting_go = [move.to for move in state.unseen if move.act and move.act.releases]
            self.ending[number] = state.idle or any(self.may_end(to) for to in letting_go)
        return self.ending[number]

    def state(self, number: int) -> AutomatonState:
        """The state of that number, made when it is first asked for."""
        if number not in self.made:
            self.made[number] = self.state_of(self.sets[number])
        return self.made[number]

    def state_of(self, states: frozenset[int]) -> AutomatonState:
        """The state that a set of states is."""
        leading: dict[tuple[str | None, Act | None], list[PathEdge]] = {}
        for edge in (edge for each in sorted(states) for edge in self.paths.edges[each]):
            if edge.event is not None or edge.act is not None:
                leading.setdefault((edge.event, edge.act), []).append(edge)
        moves: dict[str, list[TaskMove]] = {}
        unseen: list[TaskMove] = []
        for (event, act), edges in leading.items():
            move = TaskMove(
                act,
                self.number(self.closed(edge.to for edge in edges)),
                frozenset((edge.role, edge.step) for edge in edges),
            )
            (unseen if event is None else moves.setdefault(event, [])).append(move)
        places = dict.fromkeys(self.paths.places[each] for each in sorted(states))
        return AutomatonState(moves, unseen, tuple(places), 0 in states)

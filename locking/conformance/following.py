"""A recording, followed event by event: the set of all states that the model may be in.

A configuration is where every task is that plays a role, and the states of the locks. All tasks
run one automaton. What is seen moves one task. What is not seen may happen any time. Two rules keep
the configurations few. An unseen release that nothing can replace is done at once, which loses no
run: it keeps nobody out, and nothing of its own task comes before it. Other unseen acts come as
late as they can: those of an event's own task right before it, those of others only where a lock
would keep the event off. That loses no run either, as long as a lock that is taken unseen is held
up to the next event of its task: then nobody else has it meanwhile, and to take it later keeps off
fewer. `Paths.must_be_early` says where it is otherwise. There neither rule is used: all unseen acts
of all tasks are tried before every event.
"""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from locking.conformance.acting import Locks, RefusedAct
from locking.conformance.recording import ObservedEvent
from locking.conformance.task_automaton import AutomatonState, TaskAutomaton, TaskMove
from locking.conformance.waiting_tasks import WaitingTasks

MOST_CONFIGURATIONS = 5_000
"""Configurations that are followed at once; with more, too little is seen to say anything."""

MOST_KNOWN = 100_000
"""Answers that are remembered; a long trace repeats itself."""

UNKNOWN_NAME = "<...>"
"""What ftrace writes for a task whose name it no longer knows."""


class Playing(NamedTuple):
    """A task that is not at its start: its state, and what its role is about, if that is known."""

    pid: int
    state: int
    about: int | None


class Configuration(NamedTuple):
    """Every task that is not at its start, sorted by pid; the states of locks."""

    tasks: tuple[Playing, ...]
    locks: tuple[Any, ...]

    def of(self, pid: int) -> Playing:
        """The state of a task."""
        for each in self.tasks:
            if each.pid == pid:
                return each
        return Playing(pid, 0, None)

    def moved(self, to: Playing, locks: tuple[Any, ...]) -> "Configuration":
        """The configuration once a task is in another state."""
        others = [each for each in self.tasks if each.pid != to.pid]
        if to.state:
            insort(others, to)  # no two have one pid, so the rest is never compared
        return Configuration(tuple(others), locks)


@dataclass(frozen=True)
class Offence:
    """The first event that no run of the model shows, and why.

    `allowed` are the events that the task could have shown there, each with the reason if a lock
    keeps it off; `before` is one of the configurations in which the event is met.
    """

    at: ObservedEvent
    why: str
    allowed: tuple[tuple[str, str], ...]
    before: Configuration


class Unfollowable(Exception):
    """There are more configurations than can be followed."""


class Explained(NamedTuple):
    """What an event was: the move of its task, by the name that was meant, and its states.

    It may be of several `roles`, and begin one of the `steps` of these. Where it takes a lock,
    `entered` is that lock and the region of it. `ends` is whether the task may then play no role,
    once it has let go what no event shows.
    """

    name: str
    before: AutomatonState
    after: AutomatonState
    roles: frozenset[str]
    steps: frozenset[tuple[str, str]]
    entered: tuple[str, str] | None
    ends: bool


EventNames = tuple[str, ...]
Way = tuple[Configuration, Explained]
Continuation = tuple[int, Explained]


def region_entered(move: TaskMove, after: AutomatonState) -> tuple[str, str] | None:
    """The lock that a move takes, and the region of it that its task is in then."""
    if not move.act or not move.act.takes:
        return None
    inside = {place.inside[-1] for place in after.places if place.inside}
    return move.act.lock, min(inside, default=move.act.lock)


class Follower:
    """Where the model may be after the events that it was given so far.

    `tasks` are all that the recording has, by pid, with their first names.
    """

    def __init__(
        self,
        automaton: TaskAutomaton,
        locks: Locks,
        waiting: WaitingTasks,
        tasks: Mapping[int, str],
    ) -> None:
        self.automaton = automaton
        self.tasks = tasks
        self.eager = automaton.paths.must_be_early()
        self.locks = locks
        self.waiting = waiting
        self.names: dict[int, str] = {}
        self.at = 0
        self.sets: list[tuple[Configuration, ...]] = []
        self.numbers: dict[tuple[Configuration, ...], int] = {}
        self.known: dict[tuple[int, int, EventNames, int | None], Continuation | None] = {}
        self.number((Configuration((), locks.start),))

    def who(self, pid: int) -> str:
        """The name by which a task holds locks."""
        return f"{self.tasks[pid]}-{pid}"

    def state(self, configuration: Configuration, pid: int) -> AutomatonState:
        """The state of a task."""
        return self.automaton.state(configuration.of(pid).state)

    @property
    def configurations(self) -> tuple[Configuration, ...]:
        """Every configuration that the model may be in."""
        return self.sets[self.at]

    def number(self, configurations: tuple[Configuration, ...]) -> int:
        """The number of a set of configurations."""
        if configurations not in self.numbers:
            self.numbers[configurations] = len(self.sets)
            self.sets.append(configurations)
        return self.numbers[configurations]

    def take(self, observed: ObservedEvent) -> Explained | Offence:
        """What the next event was; or the offence that it is.

        Errors: `Unfollowable`.
        """
        pid = observed.event.pid
        why = self.other_name(observed)
        found = None if why else self.continuation(observed)
        why = why if not found else self.waiting.unfounded(pid, found[1].name)
        if why or not found:
            return self.offence(observed, why)
        self.at, taken = found
        for name in observed.names:
            self.waiting.note(pid, name)
        return taken

    def continuation(self, observed: ObservedEvent) -> Continuation | None:
        """The set of configurations that an event leads to, if any, with what the event was.

        Errors: `Unfollowable`.
        """
        key = (self.at, observed.event.pid, observed.names, observed.about)
        if key not in self.known:
            if len(self.known) > MOST_KNOWN:
                self.forget()
                return self.continuation(observed)
            found = dict[Configuration, Explained]()
            for each in self.configurations:
                for to, taken in self.ways_of_all(each, observed):
                    found.setdefault(to, taken)
            first = next(iter(found.values()), None)
            self.known[key] = first and (self.number(tuple(found)), first)
        return self.known[key]

    def forget(self) -> None:
        """Forget all answers, and all sets but the one where the model is."""
        here = self.configurations
        self.known.clear()
        self.numbers.clear()
        self.sets.clear()
        self.at = self.number(here)

    def ways_of_all(self, configuration: Configuration, observed: ObservedEvent) -> list[Way]:
        """What an event leads to from a configuration. Errors: `Unfollowable`."""
        pid = observed.event.pid
        if self.eager:
            reached = self.closed(configuration, tuple(self.tasks))
            return [way for each in reached for way in self.ways(each, observed)]
        ways = self.ways(configuration, observed)
        others = [each.pid for each in configuration.tasks if each.pid != pid]
        if others and self.refused(configuration, observed):
            reached = self.closed(configuration, [pid, *others])
            ways = [way for each in reached for way in self.ways(each, observed)]
        return [(self.settled(to, pid), taken) for to, taken in ways]

    def ways(self, configuration: Configuration, observed: ObservedEvent) -> list[Way]:
        """What an event leads to, after unseen acts of its own task. Errors: `Unfollowable`."""
        pid = observed.event.pid
        return [
            (to, self.explained(name, move, self.state(each, pid)))
            for each in self.closed(configuration, [pid])
            for name, move, to in self.moves(each, observed)
            if not isinstance(to, RefusedAct)
        ]

    def explained(self, name: str, move: TaskMove, before: AutomatonState) -> Explained:
        """What an event was."""
        after = self.automaton.state(move.to)
        roles = frozenset(role for role, _ in move.meant)
        steps = frozenset(each for each in move.meant if each[1])
        ends = self.automaton.may_end(move.to)
        return Explained(name, before, after, roles, steps, region_entered(move, after), ends)

    def refused(self, configuration: Configuration, observed: ObservedEvent) -> list[str]:
        """Why a lock keeps an event off, or an act of its task that may come before it."""
        pid = observed.event.pid
        found: dict[str, None] = {}
        for each in self.closed(configuration, [pid]):
            acts = [self.done(each, pid, move) for move in self.state(each, pid).unseen]
            for to in [*acts, *(to for *_, to in self.moves(each, observed))]:
                if isinstance(to, RefusedAct):
                    found[to.why] = None
        return list(found)

    def moves(
        self, configuration: Configuration, observed: ObservedEvent
    ) -> Iterator[tuple[str, TaskMove, Configuration | RefusedAct]]:
        """The moves that an event may be, with what each leads to."""
        pid = observed.event.pid
        moves = self.state(configuration, pid).moves
        for name in observed.names:
            for move in moves.get(name, ()):
                yield name, move, self.done(configuration, pid, move, observed.about)

    def done(
        self, configuration: Configuration, pid: int, move: TaskMove, about: int | None = None
    ) -> Configuration | RefusedAct:
        """The configuration after a move of a task, if its lock allows that.

        What the move is `about` must be what the role is about, until the task may play none.
        """
        locks: Any = configuration.locks
        begun = configuration.of(pid).about
        if about is not None and begun is not None and about != begun:
            why = f"it is about {about}, and what the task does is about {begun}"
            return RefusedAct(move.act, why)
        if move.act:
            locks = self.locks.after(locks, move.act, self.who(pid))
            if isinstance(locks, RefusedAct):
                return locks
        kept = None if self.automaton.state(move.to).idle else about if begun is None else begun
        return configuration.moved(Playing(pid, move.to, kept), locks)

    def closed(self, start: Configuration, pids: Sequence[int]) -> list[Configuration]:
        """The configuration, and what unseen acts of tasks lead to. Errors: `Unfollowable`."""
        if not any(self.state(start, pid).unseen for pid in pids):
            return [start]
        found = {start: None}
        waiting = [start]
        while waiting:
            each = waiting.pop()
            for pid in pids:
                for move in self.state(each, pid).unseen:
                    to = self.done(each, pid, move)
                    if not isinstance(to, RefusedAct) and to not in found:
                        found[to] = None
                        waiting.append(to)
            if len(found) > MOST_CONFIGURATIONS:
                raise Unfollowable
        return list(found)

    def settled(self, configuration: Configuration, pid: int) -> Configuration:
        """The configuration once a task has let go what it can only let go, unseen."""
        while (state := self.state(configuration, pid)).lets_go and len(state.unseen) == 1:
            to = self.done(configuration, pid, state.unseen[0])
            if isinstance(to, RefusedAct):
                break
            configuration = to
        return configuration

    def other_name(self, observed: ObservedEvent) -> str:
        """Why a task can't be called so here; empty if it can. An idle task takes a new name."""
        event = observed.event
        name = self.names.setdefault(event.pid, event.task)
        if event.task == name or UNKNOWN_NAME in (event.task, name):
            return ""
        if self.idle(event.pid):
            self.names[event.pid] = event.task
            return ""
        return f"task {event.pid} is called {event.task} here, and was {name} when its role began"

    def idle(self, pid: int) -> bool:
        """Whether a task may play no role, or only has to let go what it holds, unseen."""
        return any(
            self.state(to, pid).idle
            for each in self.configurations
            for to in self.closed(each, [pid])
        )

    def offence(self, observed: ObservedEvent, why: str) -> Offence:
        """The offence that an event is: for a reason that was found, or because no move is left."""
        pid = observed.event.pid
        refused = [each for c in self.configurations for each in self.refused(c, observed)]
        allowed: dict[str, str] = {}
        for each in [to for c in self.configurations for to in self.closed(c, [pid])]:
            for name, moves in self.state(each, pid).moves.items():
                for to in (self.done(each, pid, move) for move in moves):
                    off = to.why if isinstance(to, RefusedAct) else ""
                    if not off or name not in allowed:
                        allowed[name] = off
        why = why or next(iter(refused), "")
        return Offence(observed, why, tuple(allowed.items()), self.configurations[0])

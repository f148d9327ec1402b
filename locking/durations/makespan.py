"""The makespan: the time until all threads have ended, the best and the worst of all runs.

All states of a clock are walked once; that some run comes to one in several ways is why this is no
sum over runs. The best is a shortest path (Dijkstra, 1959), the worst a longest one over the
strongly connected components: in one where time passes a run may stay as long as it likes, so that
there is no worst.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice

from locking.durations.clock import TIME_PASSES, Clock, Tick, Timed
from locking.explore.components import components, every_component

MOST_TIMED_STATES = 200_000
"""States with their times that are walked, if nobody says otherwise."""


class TooManyStates(Exception):
    """There are more states than may be walked."""


@dataclass(frozen=True)
class Moment:
    """A step of a run: at what time, in units, which thread took it, and the states around it."""

    time: int
    thread: int
    before: Timed
    after: Timed


@dataclass(frozen=True)
class Makespan:
    """The time until all threads have ended, in units; `worst` is None where there is no worst.

    `best` is None where no run ends. `stuck` is whether some run comes to where a thread waits for
    ever, `broken` whether some run breaks off at what it fails: neither has a time that counts.
    """

    best: int | None
    worst: int | None
    states: int
    stuck: bool = False
    broken: bool = False


@dataclass
class Walked:
    """All states of a clock: from each, what may happen next, as time that passes and a number.

    `polls` are states from which threads that can take a step only go round, so that time passes.
    """

    clock: Clock
    states: list[Timed] = field(default_factory=list)
    numbers: dict[Hashable, int] = field(default_factory=dict)
    ahead: list[list[tuple[int, int]]] = field(default_factory=list)
    polls: set[int] = field(default_factory=set)
    goals: set[int] = field(default_factory=set)
    stuck: bool = False
    broken: bool = False

    def number_of(self, timed: Timed) -> int:
        """The number of a state, a new one if it is new."""
        number = self.numbers.setdefault(self.clock.key(timed), len(self.states))
        if number == len(self.states):
            self.states.append(timed)
        return number

    def add(self, at: int, ticks: Sequence[Tick]) -> None:
        """Add what may happen next in a state."""
        self.ahead[at] += [(each.passed, self.number_of(each.target)) for each in ticks]

    def polling(self) -> list[int]:
        """The states, not noted before, of threads that only go round, and never out of there."""
        found = list[int]()
        for component in components(range(len(self.ahead)), self.targets):
            inside = set(component)
            steps = [step for at in component for step in self.ahead[at]]
            if all(not passed and to in inside for passed, to in steps):
                found += sorted(inside - self.polls)
        self.polls.update(found)
        return found

    def note_ends(self) -> None:
        """Note how runs end."""
        for at, timed in enumerate(self.states):
            if self.clock.finished(timed):
                self.goals.add(at)
            elif timed.at in self.clock.product.halted:
                self.broken = True
            elif not self.ahead[at] or (at in self.polls and not self.clock.later(timed)):
                self.stuck = True

    def ticks(self, timed: Timed) -> list[Tick]:
        """What may happen next in a state that was walked."""
        polls = self.number_of(timed) in self.polls
        return self.clock.ticks(timed) + (self.clock.later(timed) if polls else [])

    def makespan(self) -> Makespan:
        """Best and worst of all runs."""
        best, worst = self.best()[0], self.worst()[0]
        return Makespan(
            best, None if worst == NO_WORST else worst, len(self.ahead), self.stuck, self.broken
        )

    def best(self) -> list[int | None]:
        """For each state the least time to an end; None where no run from it ends."""
        found: list[int | None] = [None] * len(self.ahead)
        back = self.back()
        near = [(0, goal) for goal in sorted(self.goals)]
        while near:
            time, at = heappop(near)
            if found[at] is not None:
                continue
            found[at] = time
            for passed, before in back[at]:
                heappush(near, (time + passed, before))
        return found

    def back(self) -> list[list[tuple[int, int]]]:
        """What may have happened before each state, as time that passed and a number."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.ahead]
        for at, steps in enumerate(self.ahead):
            for passed, to in steps:
                found[to].append((passed, at))
        return found

    def worst(self) -> list[int | None]:
        """For each state the most time to an end: `NO_WORST`, or None where no run from it ends."""
        found: list[int | None] = [None] * len(self.ahead)
        for component in every_component(range(len(self.ahead)), self.targets):
            inside = set(component)
            steps = [step for at in component for step in self.ahead[at]]
            ends = [0] * len(inside & self.goals)
            ends += [passed + after for passed, to in steps if (after := found[to]) is not None]
            if ends:
                goes_on = any(passed and to in inside for passed, to in steps)
                most = NO_WORST if goes_on else min(max(ends), NO_WORST)
                for at in component:
                    found[at] = most
        return found

    def targets(self, at: int) -> list[int]:
        """The states that may come after one."""
        return [to for _, to in self.ahead[at]]

    def run(self, times: list[int | None]) -> list[Moment]:
        """A run that takes as long as `times` says, those of `best`, or of `worst` if there is one.

        It is walked anew from the start, because one state of the walk may stand for several.
        """
        steps = self.steps_to_end(times)
        timed, time, moments = self.clock.initial, 0, list[Moment]()
        while self.number_of(timed) not in self.goals:
            here = self.number_of(timed)
            tick = next(
                each
                for each in self.ticks(timed)
                if steps.get(to := self.number_of(each.target)) == steps[here] - 1
                and each.passed + (times[to] or 0) == times[here]
            )
            time += tick.passed
            if tick.thread != TIME_PASSES:
                moments.append(Moment(time, tick.thread, timed, tick.target))
            timed = tick.target
        return moments

    def steps_to_end(self, times: list[int | None]) -> dict[int, int]:
        """How many steps the runs still take from each state that take as long as `times` says.

        Only states of such runs are there; so to go where there are fewer never goes round.
        """
        on_the_way: list[list[int]] = [[] for _ in self.ahead]
        for at, steps in enumerate(self.ahead):
            for passed, to in steps:
                rest = times[to]
                if rest is not None and passed + rest == times[at]:
                    on_the_way[to].append(at)
        found = dict.fromkeys(sorted(goal for goal in self.goals if times[goal] == 0), 0)
        near = deque(found)
        while near:
            at = near.popleft()
            for before in on_the_way[at]:
                if before not in found:
                    found[before] = found[at] + 1
                    near.append(before)
        return found


NO_WORST = 2**62
"""The worst time where there is none: more than any duration."""


def walk(clock: Clock, most: int = MOST_TIMED_STATES) -> Walked:
    """All that a clock can do. Errors: `TooManyStates`, and those of `Clock.polled`."""
    found = Walked(clock)
    found.number_of(clock.initial)
    while len(found.ahead) < len(found.states):
        for timed in islice(found.states, len(found.ahead), None):  # it grows while it is walked
            ticks = [] if clock.finished(timed) else clock.ticks(timed)
            found.ahead.append([])
            found.add(len(found.ahead) - 1, ticks)
            if len(found.states) > most:
                raise TooManyStates
        for at in found.polling():
            clock.polled()
            found.add(at, clock.later(found.states[at]))
    found.note_ends()
    return found

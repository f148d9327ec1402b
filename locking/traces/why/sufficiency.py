"""Whether a run's failure follows from some of its steps, in their order, wherever others come.

A step is known by its thread, its line and operation, and by how often the thread came there. A run
of the same threads *retells* some steps if it takes them in the order of the trace; what else it
does may come anywhere in between, or not at all, but no thread goes on from where it stands at the
end of the trace. The steps *suffice* if

* every run that retells them shows the same finding as soon as it has taken the last of them (of a
  condition on the end: once all threads have ended), and
* no run that retells them so far can miss the rest because a thread went another way.

The second is what keeps a check whose answer let the thread go on. A run that comes no further
because threads wait, or because it breaks off for another reason, says nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from locking.explore.product import State
from locking.objects.operation import Operation, Site
from locking.properties.kinds import Subject, kind_of
from locking.properties.view import view
from locking.traces.shown_run import ShownRun

Place = tuple[int, Site, str]
"""A thread, a line, and the operation on it, with its object."""


class Arrival(NamedTuple):
    """How a thread comes to a step, by which runs are compared: the `time`-th at its `place`."""

    place: Place
    time: int
    outcome: int


class Standing(NamedTuple):
    """Where a run is: its state, how many steps it has retold, and how often it was at places."""

    state: State
    retold: int = 0
    times: frozenset[tuple[Place, int]] = frozenset()


MOST_RETELLINGS = 3_000
"""States of runs that are looked at for one answer."""

LONG_TRACE = 100
"""Each state of a run counts once, and once more for every so many steps of the run."""


class TooMany(Exception):
    """There are more ways to retell steps than are looked at."""


@dataclass
class Retelling:
    """Runs that retell steps of `run`, each of which is to show what that shows.

    `left` is how many states of runs may still be looked at, for all answers together; `places` are
    those that were asked for.
    """

    run: ShownRun
    left: int = 10 * MOST_RETELLINGS
    places: dict[tuple[int, int], Place] = field(default_factory=dict)

    @cached_property
    def steps(self) -> tuple[Arrival, ...]:
        """The steps of the trace."""
        trace = self.run.trace
        threads = {event.number: event.thread for event in trace.events}
        times: Counter[Place] = Counter()
        found = []
        for number, thread in threads.items():
            before, after = trace.states[number - 1 : number + 1]
            moves = trace.product.moves(before)
            outcome = next(o for who, o, to in moves if (who, to) == (thread, after))
            place = self.place(thread, before)
            times[place] += 1
            found.append(Arrival(place, times[place], outcome))
        return tuple(found)

    @property
    def numbers(self) -> range:
        """The numbers of all steps."""
        return range(1, len(self.steps) + 1)

    @cached_property
    def beyond(self) -> frozenset[tuple[Place, int]]:
        """Where threads stand at the end of the trace, and the time that they would go on."""
        taken = Counter(step.place for step in self.steps)
        product, end = self.run.trace.product, self.run.trace.end
        places = [
            self.place(thread, end)
            for thread in range(len(product.threads))
            if product.position(thread, end).next is not None
        ]
        return frozenset((place, taken[place] + 1) for place in places)

    def place(self, thread: int, state: State) -> Place:
        """Where a thread stands, before a step."""
        key = thread, state[thread]
        if key not in self.places:
            position = self.run.trace.product.position(thread, state)
            step = position.next
            call = f"{step.name}({step.target.name})" if isinstance(step, Operation) else "choose"
            self.places[key] = thread, position.site, call
        return self.places[key]

    @property
    def tired(self) -> bool:
        """Whether nothing more is looked at."""
        return self.left < 0

    def suffice(self, numbers: Iterable[int]) -> bool:
        """Whether the steps of these numbers suffice. Errors: `TooMany`."""
        kept = Kept(self, [self.steps[number - 1] for number in sorted(numbers)])
        product = self.run.trace.product
        met = {Standing(product.initial): None}
        for now in (pending := list(met)):
            self.left -= 1 + len(self.steps) // LONG_TRACE
            if self.tired or len(met) > MOST_RETELLINGS:
                raise TooMany
            if kept.told(now):
                if self.run.claim.find(product, now.state) != self.run.finding:
                    return False
            elif kept.missed(now):
                return False
            else:
                pending += [way for way in kept.ways(now) if way not in met]
                met.update(dict.fromkeys(pending[len(met) :]))
        return True


class Kept:
    """The steps that a run is to take in their order."""

    def __init__(self, retelling: Retelling, steps: list[Arrival]) -> None:
        self.retelling = retelling
        self.product = retelling.run.trace.product
        self.steps = steps
        self.turn = {step[:2]: at for at, step in enumerate(steps)}
        self.counted: Collection[Place] = {place for place, _ in (*self.turn, *retelling.beyond)}
        self.to_the_end = kind_of(retelling.run.claim).speaks_of is Subject.ENDS

    def told(self, now: Standing) -> bool:
        """Whether a run has come to where it is to show the finding."""
        return now.retold == len(self.steps) and (
            not self.to_the_end or view(self.product, now.state).finished
        )

    def ways(self, now: Standing) -> Iterator[Standing]:
        """Where a run can go."""
        times = dict(now.times)
        for thread, outcome, target in self.product.moves(now.state):
            place = self.retelling.place(thread, now.state)
            time = times.get(place, 0) + 1
            kept = (place, time) in self.turn
            if (place, time) in self.retelling.beyond or (
                kept and self.steps[now.retold :][:1] != [Arrival(place, time, outcome)]
            ):
                continue
            longer = {**times, place: time} if place in self.counted else times
            yield Standing(target, now.retold + kept, frozenset(longer.items()))

    def missed(self, now: Standing) -> bool:
        """Whether a thread has passed a step that it was to take, or has come to its end first."""
        times = dict(now.times)
        return any(self.passed(thread, owed, now, times) for thread, owed in self.owed(now).items())

    def owed(self, now: Standing) -> dict[int, int]:
        """For the threads that have steps to retell, when the turn of the first of them is."""
        left = range(len(self.steps) - 1, now.retold - 1, -1)
        return {self.steps[at].place[0]: at for at in left}

    def passed(self, thread: int, owed: int, now: Standing, times: dict[Place, int]) -> bool:
        """Whether `thread`, which `owed` a step in that turn, has passed it or come to its end."""
        position = self.product.position(thread, now.state)
        if position.next is None:
            return position.failure is None
        place = self.retelling.place(thread, now.state)
        standing = place, times.get(place, 0) + 1
        return standing in self.retelling.beyond or self.turn.get(standing, owed) > owed

"""Partial-order reduction: a step that nobody sees and nobody minds is taken before all others.

In a state where one thread's step

* works on objects that no other thread can come to, from where it stands,
* does not change what a property looks at, and does not end the run,
* and leads to states that were not gone through yet (so no cycle leaves the others out for good),

the others' steps are left out there. Each of them can as well be taken later: every run of the
product is then a run of what is left, but for the order of steps that do not show.

What a thread can come to is read off what was learned of it. That may grow while a walk uses it;
then the walk is made again, until one learns nothing. In such a walk it was right: the first step
that was not learned would be taken in a state that the walk has come to, but for steps on other
objects; so it would have been learned.
"""

from collections.abc import Iterator
from typing import Any

from locking.explore.product import Move, State
from locking.explore.reduction.quotient import Quotient, Step
from locking.objects.operation import Operation
from locking.programs.run import Position

Looks = dict[tuple[int, Any], None]
"""What properties look at: the state of an object, or an aspect of where a thread stands."""

EVERYBODY = -1


class Lean(Quotient):
    """A quotient that takes some steps alone, unless they change what `visible` has.

    `races` is whether also the next access to what two threads can come to is seen.
    """

    visible: Looks
    races: bool

    def forget(self) -> None:
        """Drop what was tabled for places."""
        super().forget()
        self.alone: dict[State, int] = {}
        self.reaches: list[tuple[int, dict[int, int]]] = [(-1, {}) for _ in self.threads]
        self.began = 0
        self.start = self.initial

    def moves(self, state: State) -> list[Move]:
        """Every step that a walk takes from `state`, each to a state in order."""
        if state == self.start:
            self.alone.clear()
            self.began = self.learned
        return super().moves(state)

    @property
    def learned(self) -> int:
        """How much is known of the threads."""
        return sum(automaton.learned for automaton in self.automata)

    @property
    def grew(self) -> bool:
        """Whether the walk has learned anything, so that what it left out may be wrong."""
        return self.learned != self.began

    def turned(self, state: State) -> Iterator[Step]:
        """The same, with the real states and the turns."""
        steps = list(super().turned(state))
        if state not in self.alone:
            threads = dict.fromkeys(step.choice[0] for step in steps)
            only = (
                each for each in threads if len(threads) > 1 and self.unseen(each, state, steps)
            )
            self.alone[state] = next(only, EVERYBODY)
        only_thread = self.alone[state]
        return (step for step in steps if only_thread in (EVERYBODY, step.choice[0]))

    def unseen(self, thread: int, state: State, steps: list[Step]) -> bool:
        """Whether the steps of `thread` may be taken alone."""
        worked_on = sum(1 << slot for slot in self.looked[thread][state[thread]])
        return not any(
            self.reach(other, state[other]) & worked_on
            for other in range(len(self.threads))
            if other != thread
        ) and all(
            step.target not in self.alone
            and step.target != state
            and not self.shows(thread, state, step.real)
            for step in steps
            if step.choice[0] == thread
        )

    def shows(self, thread: int, before: State, after: State) -> bool:
        """Whether a step of `thread` changes what is looked at, or ends the run."""
        here, there = self.position(thread, before), self.position(thread, after)
        if here.failures or there.failures or after in self.halted:
            return True
        if self.races and (self.may_race(thread, here) or self.may_race(thread, there)):
            return True
        return any(
            before[slot] != after[slot]
            if aspect is None
            else slot == thread and aspect(here) != aspect(there)
            for slot, aspect in self.visible
        )

    def may_race(self, thread: int, position: Position) -> bool:
        """Whether the step at a position may touch what another thread can come to."""
        step = position.next
        if position.opens:  # what it touches depends on the state
            return True
        if not isinstance(step, Operation) or not step.target.access(step.name):
            return False
        bit = 1 << self.slot_of[step.target]
        return any(
            self.reach(other, self.start[other]) & bit
            for other in range(len(self.threads))
            if other != thread
        )

    def reach(self, thread: int, place: int) -> int:
        """The slots, as bits, that a thread can come to from `place`."""
        known, found = self.reaches[thread]
        if known != self.automata[thread].learned:
            found = self.reach_of_all(thread)
            self.reaches[thread] = self.automata[thread].learned, found
        return found[place]

    def reach_of_all(self, thread: int) -> dict[int, int]:
        """The same for all places, as far as they were learned."""
        automaton, threads = self.automata[thread], len(self.threads)
        found = {}
        for place in range(len(automaton.members)):
            slot = self.slot(thread, place)
            found[place] = 1 << slot if slot >= threads else 0
        changed = True
        while changed:
            changed = False
            for place in range(len(automaton.members) - 1, -1, -1):
                mask = found[place]
                for after in automaton.after[place].values():
                    mask |= found[after]
                if mask != found[place]:
                    found[place], changed = mask, True
        return found

"""Partial-order reduction: a step that nobody sees and nobody minds is taken before all others.

In a state where one thread's step

* is minded by nothing that others can do before it is taken, from where they stand,
* does not change what a property looks at, and does not end the run,
* and leads to states that were not gone through yet (so no cycle leaves the others out for good),

the others' steps are left out there. Each of them can as well be taken later: every run of the
product is then a run of what is left, but for the order of steps that do not show. As long as a
thread's next step is such a one, it is taken too, and the states in between are no states here.

What a thread can do is read off what was learned of it. That may grow while a walk uses it; then
the walk is made again, until one learns nothing. In such a walk it was right: the first step that
was not learned would be taken, with the same result, in a state that the walk has come to, but for
steps that it does not mind; so it would have been learned.
"""

from collections.abc import Iterator
from typing import Any

from locking.explore.product import Move, State
from locking.explore.reduction.commuting import Commuting
from locking.explore.reduction.quotient import Quotient, Step
from locking.explore.reduction.rehearsal import learned

Looks = dict[tuple[int, Any], None]
"""What properties look at: the state of an object, or an aspect of where a thread stands."""

EVERYBODY = -1

LONGEST = 100
"""Steps that a thread takes alone before its state is one that is met, and limits are looked at."""

PATIENCE = 1_000
"""States that are gone through before what was learned in the meantime is made use of."""


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
        self.between: list[set[int]] = [set() for _ in self.threads]
        self.shown: dict[tuple[int, int, int], bool] = {}
        self.irregular: set[int] = set()
        self.began = 0
        self.start = self.initial
        self.read_off()

    def read_off(self) -> None:
        """Make use of what is known now."""
        self.commuting = Commuting(self, self.irregular)
        self.known, self.due = learned(self), len(self.alone) + PATIENCE

    def moves(self, state: State) -> list[Move]:
        """Every step that a walk takes from `state`, each to a state in order."""
        if state == self.start:
            self.alone.clear()
            self.shown.clear()
            self.between = [set() for _ in self.threads]
            self.began = learned(self)
            self.read_off()
        elif self.known != learned(self) and len(self.alone) > self.due:
            self.read_off()
        return super().moves(state)

    @property
    def grew(self) -> bool:
        """Whether the walk has learned anything, so that what it left out may be wrong."""
        return learned(self) != self.began

    def turned(self, state: State) -> Iterator[Step]:
        """The same, with the real states and the turns."""
        if state not in self.alone:
            self.alone[state] = self.only(state)
        only = self.alone[state]
        return self.steps(self.everybody if only == EVERYBODY else (only,), state)

    def only(self, state: State) -> int:
        """The thread whose steps are taken alone, or `EVERYBODY`."""
        moves = self.moves_of(self.everybody, state)
        threads = dict.fromkeys(thread for thread, _, _ in moves)
        if len(threads) == 1:
            return EVERYBODY
        return next((each for each in threads if self.unseen(each, state, moves)), EVERYBODY)

    def unseen(self, thread: int, state: State, moves: list[Move]) -> bool:
        """Whether the steps of `thread`, among `moves`, may be taken alone."""
        return (
            self.unminded(thread, state)
            and not any(
                self.shows(thread, state, target) for each, _, target in moves if each == thread
            )
            and not any(
                step.target in self.alone or step.target == state
                for step in self.steps((thread,), state)
            )
        )

    def unminded(self, thread: int, state: State) -> bool:
        """Whether others do nothing that the next step of `thread`, which it can take, minds."""
        for other, calm in self.commuting.calm(thread, state[thread]):
            if state[other] not in calm:
                return False
        return True

    def onward(self, thread: int, state: State) -> State:
        """Where a thread that has come to `state` is when others may go on."""
        gone = {state}
        while len(gone) < LONGEST:
            moves = self.moves_of((thread,), state)
            if len(moves) != 1 or not self.unminded(thread, state):
                break
            target = moves[0][2]
            if target in gone or self.shows(thread, state, target):
                break
            self.between[thread].add(state[thread])
            gone.add(target)
            state = target
        return state

    def passed(self, thread: int) -> set[int]:
        """The places at which a thread has been in no state that is met."""
        return self.between[thread]

    def shows(self, thread: int, before: State, after: State) -> bool:
        """Whether a step of `thread` changes what is looked at, or ends the run."""
        key = (thread, before[thread], after[thread])
        if key not in self.shown:
            self.shown[key] = self.shows_itself(thread, before, after)
        return (
            self.shown[key]
            or after in self.halted
            or any(before[slot] != after[slot] for slot, aspect in self.visible if aspect is None)
        )

    def shows_itself(self, thread: int, before: State, after: State) -> bool:
        """The same, of what can be seen of where the thread stands."""
        if self.races and any(
            self.commuting.may_race(thread, at[thread]) for at in (before, after)
        ):
            return True
        here, there = self.position(thread, before), self.position(thread, after)
        return bool(here.failures or there.failures) or any(
            slot == thread and aspect(here) != aspect(there)
            for slot, aspect in self.visible
            if aspect is not None
        )

"""Partial-order reduction: in some states the steps of one thread are taken, and no others.

In a state where several threads can take a step, the steps of one thread are taken *alone* if

* they are a persistent set: nothing that others can do before is dependent on them (C1);
* they are invisible: they change nothing that a property looks at, and end no run (C2);
* they lead to states that were not expanded yet, so no cycle ignores the others for good (C3).

A thread goes on at once while its next step is one that could be taken alone; the states between
are not states of the reduced space. docs/soundness.md proves that this keeps every verdict.

After: Valmari, The state explosion problem (LNCS 1491, 1998), stubborn sets; Godefroid,
Partial-Order Methods for the Verification of Concurrent Systems (LNCS 1032, 1996), persistent sets;
Peled, All from one, one for all (CAV 1993), ample sets; Bosnacki, Leue and Lluch Lafuente,
Partial-order reduction for general state exploring algorithms (SPIN 2006), the cycle proviso of a
breadth-first walk.
Differs: a set is one thread's steps or all. What threads can do is not read off a program text but
is what was learned of them; a walk that learns more is made again.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from locking.explore.product import Move, State
from locking.explore.reduction.independence import Independence
from locking.explore.reduction.quotient import Quotient, Transition
from locking.explore.reduction.uses import PlacedStep
from locking.explore.rehearsal import learned

Looks = dict[tuple[int, Any], None]
"""What properties look at: the state of an object, or an aspect of where a thread stands."""

EVERYBODY = -1
"""Stands for a thread in a state in which the steps of all threads are taken."""

LONGEST_CHAIN = 100
"""Steps that a thread goes on for before it comes to a state that is met, so that limits apply."""

MOST_TRIED = 1_000
"""States that are expanded before what was learned in the meantime is used."""


@dataclass
class Spared:
    """What a lean walk spared so far.

    Of the threads that were `able` to take a step, in all states, it has `taken` steps of so many.
    Behind so many of the `steps` that it looked at, the thread `stopped`.
    """

    able: int = 0
    taken: int = 0
    steps: int = 0
    stopped: int = 0

    def add(self, able: int, taken: int, steps: int, stopped: int) -> None:
        """Count so many more."""
        self.able += able
        self.taken += taken
        self.steps += steps
        self.stopped += stopped

    @property
    def share_kept(self) -> float:
        """The share of all threads and steps that was not spared."""
        return self.taken / max(1, self.able) * self.stopped / max(1, self.steps)


class PartialOrder(Quotient):
    """A quotient in which some states have the steps of one thread only.

    `visible` is what properties look at: a step that changes any of it is visible. If `races`, so
    is a step from or to a place with an access that may be next to a conflicting one. `alone` has
    every state that was expanded here, with the thread whose steps were taken alone, or
    `EVERYBODY`; `expanded` has all states that the walk has expanded, here or elsewhere.

    Errors: `Asymmetric`, and those of `Product`, also of `moves`.
    """

    visible: Looks
    races: bool

    def forget(self) -> None:
        """Drop what was tabled for places."""
        super().forget()
        self.alone: dict[State, int] = {}
        self.visibility: dict[tuple[int, int, int], bool] = {}
        self.irregular: set[int] = set()
        self.spared = Spared()
        self.start = self.initial
        self.object_slots = range(len(self.threads), len(self.start))
        self.begin_walk(self.alone)
        self.began = 0

    def begin_walk(self, expanded: Container[State]) -> None:
        """Begin a walk, which at any time will have `expanded` these states."""
        self.alone.clear()
        self.visibility.clear()
        self.between: list[set[int]] = [set() for _ in self.threads]
        self.expanded = expanded
        self.began = learned(self)
        self.read_off(0)

    def read_off(self, expanded: int) -> None:
        """Decide from now on by what is known now of the threads; so many states are `expanded`."""
        self.independence = Independence(self, self.irregular)
        self.clear: dict[tuple[int, int, int, int, int], bool] = {}
        self.known, self.due = learned(self), expanded + MOST_TRIED

    @property
    def learned_since(self) -> bool:
        """Whether more is known of the threads than what decides."""
        return self.known != learned(self)

    def keep_up(self, expanded: int) -> None:
        """Use what was learned in the meantime, if enough states were `expanded`."""
        if self.learned_since and expanded > self.due:
            self.read_off(expanded)

    def moves(self, state: State) -> list[Move]:
        """Every step that a walk takes from `state`, each to a representative."""
        if state == self.start:
            self.begin_walk(self.alone)
        else:
            self.keep_up(len(self.alone))
        return super().moves(state)

    @property
    def grew(self) -> bool:
        """Whether the walk has learned anything: then a set may not have been persistent."""
        return learned(self) != self.began

    def transitions(self, state: State) -> Iterator[Transition]:
        """The steps that are taken from `state`: of one thread alone, or of all."""
        if state not in self.alone:
            self.alone[state] = self.alone_in(state)
        thread = self.alone[state]
        return self.steps(self.everybody if thread == EVERYBODY else (thread,), state)

    def alone_in(self, state: State) -> int:
        """The thread whose steps are taken alone in `state`, or `EVERYBODY`."""
        moves = self.moves_of(self.everybody, state)
        self.compare_all()
        threads = dict.fromkeys(thread for thread, _, _ in moves)
        alone = EVERYBODY
        if len(threads) > 1:
            may = (each for each in threads if self.may_be_alone(each, state, moves))
            alone = next(may, EVERYBODY)
        self.spared.able += len(threads)
        self.spared.taken += len(threads) if alone == EVERYBODY else 1
        return alone

    def may_be_alone(self, thread: int, state: State, moves: list[Move]) -> bool:
        """Whether the steps of `thread`, among `moves`, meet C1, C2 and C3."""
        return self.is_apart(thread, state, moves) and not any(
            each.target in self.expanded or each.target == state
            for each in self.steps((thread,), state)
        )

    def is_apart(self, thread: int, state: State, moves: list[Move]) -> bool:
        """Whether the steps of `thread`, among `moves`, meet C1 and C2."""
        mine = [target for each, _, target in moves if each == thread]
        return self.independent(thread, state) and not any(
            self.is_visible(thread, state, target) for target in mine
        )

    def independent(self, thread: int, state: State) -> bool:
        """Whether the next step of `thread`, which it can take, is a persistent set (C1)."""
        place = state[thread]
        looked = len(self.looked[thread].get(place, ()))
        for other in self.everybody:
            if other != thread:
                key = (thread, place, looked, other, state[other])
                if key not in self.clear:
                    self.clear[key] = self.images_independent(thread, place, other, state[other])
                if not self.clear[key]:
                    return False
        return True

    def images_independent(self, thread: int, place: int, other: int, at: int) -> bool:
        """Whether `other`, from `at`, does nothing on which the step at `place` is dependent.

        All images are asked, because in an order that is left out a rule may treat names
        differently.
        """
        theirs = self.spread(other, {at})
        return all(
            to in self.independence.independent_from(PlacedStep(one, from_), worked, two)
            for one, places in self.spread(thread, {place}).items()
            for worked in [self.worked(thread, place, one)]
            for from_ in places
            for two, tos in theirs.items()
            if two != one
            for to in tos
        )

    def worked(self, thread: int, place: int, copy: int) -> frozenset[int]:
        """The slots of objects that a step looked at, as its image by a `copy` of `thread` does."""
        slots = [slot for slot in self.looked[thread].get(place, ()) if slot in self.object_slots]
        roles = {slot: role for role, slot in self.own[thread].items()}
        return frozenset(self.own[copy][roles[slot]] if slot in roles else slot for slot in slots)

    def advanced(self, thread: int, state: State) -> State:
        """Where a thread that has come to `state` is after all steps that it takes at once."""
        end = state
        for each in self.way(thread, state):
            end = each
        self.spared.steps += 1
        self.spared.stopped += end == state
        return end

    def way(self, thread: int, state: State) -> Iterator[State]:
        """The states that a thread comes to at once from `state` on, that first.

        Each step is its only one there, persistent and invisible; no state comes twice.
        """
        gone = {state}
        yield state
        while len(gone) < LONGEST_CHAIN:
            moves = self.moves_of((thread,), state)
            self.compare_all()
            if len(moves) != 1 or not self.independent(thread, state):
                break
            target = moves[0][2]
            if target in gone or self.is_visible(thread, state, target):
                break
            self.between[thread].add(state[thread])
            gone.add(target)
            state = target
            yield state

    def passed(self, thread: int) -> set[int]:
        """The places at which a thread has been between the states that are met."""
        return self.between[thread]

    def is_visible(self, thread: int, before: State, after: State) -> bool:
        """Whether a step of `thread` changes what properties look at, or ends the run (C2)."""
        key = (thread, before[thread], after[thread])
        if key not in self.visibility:
            self.visibility[key] = self.changes_looks(thread, before, after)
        return (
            self.visibility[key]
            or after in self.halted
            or any(before[slot] != after[slot] for slot, aspect in self.visible if aspect is None)
        )

    def changes_looks(self, thread: int, before: State, after: State) -> bool:
        """Whether a step changes what can be seen of where `thread` stands.

        A requirement that was broken is always seen; so is what may race, if `races`.
        """
        ends = self.spread(thread, {before[thread], after[thread]})
        if self.races and any(
            self.independence.may_race(copy, place) for copy in ends for place in ends[copy]
        ):
            return True
        here, there = self.position(thread, before), self.position(thread, after)
        return bool(here.failures or there.failures) or any(
            slot == thread and aspect(here) != aspect(there)
            for slot, aspect in self.visible
            if aspect is not None
        )

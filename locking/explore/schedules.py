"""Schedules drawn at random: who takes the next step of a run, where not all runs are explored.

`pct` is probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A
randomized scheduler with probabilistic guarantees of finding bugs, ASPLOS 2010). A bug has depth d
if d orders, each of one step before another, are enough for it to show. In a system of n threads
whose runs take at most k steps, a run finds it with a chance of at least 1 / (n k^(d-1)).

Here a thread that is put back takes its turn before the step that it would have taken, and that
turn counts. Two threads can then be put back one right after the other, in either order, so that
no case of the proof is left out; the chance is 1 / (n k (k+1) ... (k+d-2)).

The proof is about runs that end. A thread that spins until another does something would keep its
turn for ever, so it is put back, as Burckhardt et al. do with a thread that yields. For systems in
which that happens, no chance is given.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from math import prod
from random import Random

from locking.explore.product import Move, State

Schedule = Callable[[Sequence[Move]], Move]
"""Chooses one of the steps that can be taken; a schedule serves one run."""


def uniform(random: Random) -> Schedule:
    """A schedule by which every thread that can go on is equally likely, then every outcome."""

    def schedule(moves: Sequence[Move]) -> Move:
        thread = random.choice(list(dict.fromkeys(move[0] for move in moves)))
        outcomes = [move for move in moves if move[0] == thread]
        return random.choice(outcomes) if len(outcomes) > 1 else outcomes[0]

    return schedule


class ByPriority:
    """A schedule by priorities: the first thread that can go on does; `depth - 1` are put back.

    Threads begin in an order drawn at random. At turns drawn among those of a run of `steps`, the
    thread whose turn it is gets a priority below all first ones. Outcomes are equally likely.

    A thread that comes back to a state while no other takes a step spins: it is put back just
    behind all others that can take one, as a thread that yields is. `spun` says whether one was;
    the chance of `least_chance` is for runs in which none is.
    """

    def __init__(self, random: Random, threads: int, steps: int, depth: int) -> None:
        self.random = random
        self.priorities = [float(depth + rank) for rank in random.sample(range(threads), threads)]
        changes = random.sample(range(steps + depth - 2), depth - 1)
        self.put_back = {turn: priority for priority, turn in enumerate(changes, 1)}
        self.turns = count()
        self.last = -1
        self.met: set[State] = set()
        self.spins = 0

    @property
    def spun(self) -> bool:
        """Whether a thread was put back because it went round a loop and changed nothing."""
        return self.spins > 0

    def __call__(self, moves: Sequence[Move]) -> Move:
        """The step that is taken, of those that can be."""
        while True:
            thread = max((move[0] for move in moves), key=self.priorities.__getitem__)
            priority = self.put_back.get(next(self.turns))
            if priority is None:
                break
            self.priorities[thread] = priority
        move = self.random.choice([move for move in moves if move[0] == thread])
        self.note(thread, move[2], {other for other, _, _ in moves} - {thread})
        return move

    def note(self, thread: int, state: State, others: set[int]) -> None:
        """Take note of the state that a thread comes to, and put it back if it has been there."""
        if thread != self.last:
            self.last = thread
            self.met.clear()
        if state in self.met and others:
            self.spins += 1
            lowest = min(self.priorities[other] for other in others)
            self.priorities[thread] = lowest - 1 / (self.spins + 1)
            self.met.clear()
        self.met.add(state)


def least_chance(threads: int, steps: int, depth: int) -> Fraction:
    """The least chance with which a run by `pct` finds a bug of `depth`, or of a lesser one."""
    return Fraction(1, threads * prod(range(steps, steps + depth - 1)))

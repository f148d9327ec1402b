"""Schedules drawn at random: who takes the next step of a run, where not all runs are explored.

`pct` is probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A
randomized scheduler with probabilistic guarantees of finding bugs, ASPLOS 2010). A bug has depth d
if d orders, each of one step before another, are enough for it to show. In a system of n threads
whose runs take at most k steps, a run finds it with a chance of at least 1 / (n k^(d-1)).

Here a thread that is put back takes its turn before the step that it would have taken, and that
turn counts. Two threads can then be put back one right after the other, in either order, so that
no case of the proof is left out; the chance is 1 / (n k (k+1) ... (k+d-2)).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count
from math import prod
from random import Random

from locking.explore.product import Move

Schedule = Callable[[Sequence[Move]], Move]
"""Which of the steps that can be taken is; one schedule is good for one run."""


def uniform(random: Random) -> Schedule:
    """A schedule by which every step that can be taken is equally likely."""
    return random.choice


def pct(random: Random, threads: int, steps: int, depth: int) -> Schedule:
    """A schedule by priorities: the first that can takes a step, and `depth - 1` are put back.

    Threads begin in an order drawn at random. At turns drawn among those of a run of `steps`, the
    thread whose turn it is gets a priority below all first ones. Outcomes are equally likely.
    """
    priorities = [depth + rank for rank in random.sample(range(threads), threads)]
    changes = random.sample(range(steps + depth - 2), depth - 1)
    put_back = {turn: priority for priority, turn in enumerate(changes, 1)}
    turns = count()

    def schedule(moves: Sequence[Move]) -> Move:
        while True:
            thread = max((move[0] for move in moves), key=priorities.__getitem__)
            priority = put_back.get(next(turns))
            if priority is None:
                return random.choice([move for move in moves if move[0] == thread])
            priorities[thread] = priority

    return schedule


def least_chance(threads: int, steps: int, depth: int) -> Fraction:
    """The least chance with which a run by `pct` finds a bug of `depth`, or of a lesser one."""
    return Fraction(1, threads * prod(range(steps, steps + depth - 1)))

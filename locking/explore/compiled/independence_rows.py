"""C1 in arrays: for the next step at each place, where others do nothing that it depends on."""

from itertools import islice

import numpy as np

from locking.explore.compiled.kernel import Integers
from locking.explore.compiled.nodes import with_room
from locking.explore.reduction.independence import Places
from locking.explore.reduction.partial_order import PartialOrder
from locking.explore.reduction.uses import PlacedStep


class IndependenceRows:
    """What `product` has said of C1 since it last looked at what is known of its threads.

    `Choices` says what the arrays are. A step that was seen to look at more has a new row.
    """

    def __init__(self, product: PartialOrder) -> None:
        self.product = product
        self.asked = product.clear
        threads = len(product.threads)
        self.numbers: dict[tuple[int, int, int], int] = {}
        places = max(len(automaton.members) for automaton in product.automata)
        self.at: Integers = np.zeros((threads, places), np.int64)
        self.first: Integers = np.zeros((16, threads), np.int64)
        self.width: Integers = np.zeros((16, threads), np.int64)
        self.clear = np.zeros(16, np.bool_)
        self.used = self.copied = 0
        self.begins: dict[Places, int] = {}

    def arrive(self, thread: int, place: int) -> None:
        """See that the step at a place has the row for all that it was seen to look at by now."""
        if place >= self.at.shape[1]:
            self.at = np.pad(self.at, ((0, 0), (0, 2 * place)))
        self.at[thread, place] = self.row(thread, place)

    def row(self, thread: int, place: int) -> int:
        """The row of the step at a place; the first has the number 1."""
        key = thread, place, len(self.product.looked[thread].get(place, ()))
        found = self.numbers.setdefault(key, 1 + len(self.numbers))
        self.first, self.width = (with_room(each, found + 1) for each in (self.first, self.width))
        return found

    def copy(self) -> None:
        """Enter what the product has said since this was last called."""
        for thread, place, looked, other, _ in islice(self.asked, self.copied, None):
            if looked == len(self.product.looked[thread].get(place, ())):
                self.enter(thread, place, other)
        self.copied = len(self.asked)

    def enter(self, thread: int, place: int, other: int) -> None:
        """Enter of which places of `other` the step of a thread at a place is independent.

        The product has found all of them, once it has told of one.
        """
        row = self.row(thread, place)
        if not self.first[row, other]:
            found = self.product.independence.independent_from(
                PlacedStep(thread, place), self.product.worked(thread, place, thread), other
            )
            self.first[row, other] = 1 + self.begin_of(found)
            self.width[row, other] = 1 + max(found, default=-1)

    def begin_of(self, places: Places) -> int:
        """Where these places begin in `clear`; equal ones are there once."""
        if places not in self.begins:
            begin, end = self.used, self.used + 1 + max(places, default=-1)
            self.begins[places], self.used = begin, end
            self.clear = with_room(self.clear, end)
            self.clear[begin:end] = False
            self.clear[[begin + place for place in places]] = True
        return self.begins[places]

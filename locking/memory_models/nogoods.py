"""Nogoods: choices that break an axiom, whatever else is chosen, learned from what was forbidden.

Axioms only grow with `rf` and `co`. So a part of a candidate that breaks one forbids each candidate
that has this part. Of a forbidden candidate a smallest part is found by QuickXplain (Junker,
*QUICKXPLAIN: Preferred Explanations and Relaxations for Over-Constrained Problems*, AAAI 2004). It
prefers what was chosen first: if the first choices alone break an axiom, the part is among them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from locking.memory_models.relations import Relation, bits


class PartialChoice(NamedTuple):
    """Parts of `rf` and `co`."""

    rf: Relation
    co: Relation


class Nogoods:
    """What is known to be forbidden of one event structure.

    `is_broken` says whether parts of `rf` and `co` break an axiom, whatever is added to them.
    """

    def __init__(self, is_broken: Callable[[Relation, Relation], bool]) -> None:
        """Nothing is known yet."""
        self.is_broken = is_broken
        self.known: list[PartialChoice] = []

    def forbid(self, rf: Relation, co: Relation) -> bool:
        """Whether a nogood is part of these."""
        for at, (rf_part, co_part) in enumerate(self.known):
            if rf & rf_part == rf_part and co & co_part == co_part:
                self.known.insert(0, self.known.pop(at))  # it is likely to be asked for again
                return True
        return False

    def learn(self, choices: Sequence[tuple[Relation, Relation]]) -> None:
        """Note a smallest part of these choices, in their order, that is forbidden; if one is."""
        pairs = [each for choice in choices for each in single_pairs(*choice)]
        if self.is_broken(*united(pairs)):
            self.known.insert(0, united(self.smallest((), pairs, asked=False)))

    def smallest(
        self, given: Sequence[PartialChoice], pairs: Sequence[PartialChoice], *, asked: bool
    ) -> Sequence[PartialChoice]:
        """A smallest part of some pairs that is forbidden beside what is `given`.

        All of it is forbidden. `asked` is whether what is given alone is known to be allowed.
        """
        if not asked and self.is_broken(*united(given)):
            return ()
        if len(pairs) <= 1:
            return pairs
        half = len(pairs) // 2
        first, second = pairs[:half], pairs[half:]
        of_second = self.smallest((*given, *first), second, asked=False)
        of_first = self.smallest((*given, *of_second), first, asked=not of_second)
        return (*of_first, *of_second)


def single_pairs(rf: Relation, co: Relation) -> list[PartialChoice]:
    """A choice, one pair of events after the other."""
    return [PartialChoice(1 << bit, 0) for bit in bits(rf)] + [
        PartialChoice(0, 1 << bit) for bit in bits(co)
    ]


def united(parts: Sequence[PartialChoice]) -> PartialChoice:
    """All these parts together."""
    rf = co = 0
    for each in parts:
        rf |= each.rf
        co |= each.co
    return PartialChoice(rf, co)

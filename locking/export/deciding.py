"""A predicate, asked of every combination of what it looks at: the condition that it stands for.

The predicate is let run; where it looks at something, every value that this may have is tried. So
the condition speaks also of combinations that no state has, and a tool that is given it judges the
states that it finds itself.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from locking.errors import ModelError
from locking.export.formula import FALSE, TRUE, Formula, both, either, has_one_of
from locking.export.tables import Numbering
from locking.objects.operation import Object
from locking.programs.position import Position
from locking.properties.predicate import truth
from locking.properties.threads_found import Threads
from locking.properties.view import Aspect, View

MOST_COMBINATIONS = 100_000
"""How often a predicate is asked at most."""

SlotNumbers = tuple[int, ...]
"""Some values of a slot."""


class Asked(BaseException):
    """What the predicate sees at a slot is not decided; no `except Exception` hides it.

    `groups` are the values that the slot may have, those together of which it sees the same.
    """

    def __init__(self, slot: int, groups: list[SlotNumbers]) -> None:
        self.slot = slot
        self.groups = groups


class TooManyCombinations(Exception):
    """The predicate looks at more combinations than are worth writing down."""


class Sight(View):
    """A view that asks of a thread no more than whether it is among those that are looked for."""

    def where(self, aspect: Aspect, test: Callable[[Any], bool]) -> Threads[str]:
        """The names of the threads of which `test` is true."""

        def tested(position: Position) -> bool:
            return bool(test(aspect(position)))

        named = enumerate(self.threads)
        return Threads(thread.name for at, thread in named if self.look(at, tested))


class Deciding:
    """One predicate; `otherwise` is what counts as its answer where it can't be evaluated."""

    def __init__(
        self, numbering: Numbering, predicate: Callable[[View], Any], *, otherwise: bool
    ) -> None:
        self.numbering = numbering
        self.predicate = predicate
        self.otherwise = otherwise
        self.asked = 0

    def condition(self, known: Mapping[int, SlotNumbers] | None = None) -> Formula:
        """When the predicate is true, where the slots `known` have some of these values.

        Errors: `TooManyCombinations`.
        """
        known = known or {}
        try:
            return TRUE if self.answer(known) else FALSE
        except Asked as asked:
            slot, groups = asked.slot, asked.groups
        below: dict[Formula, list[int]] = {}
        for group in groups:
            below.setdefault(self.condition({**known, slot: group}), []).extend(group)
        if len(below) == 1:
            return next(iter(below))
        return either(*(both(has_one_of(slot, numbers), part) for part, numbers in below.items()))

    def answer(self, known: Mapping[int, SlotNumbers]) -> bool:
        """What the predicate says. Errors: `Asked`, where it looks at what is not decided."""
        self.asked += 1
        if self.asked > MOST_COMBINATIONS:
            raise TooManyCombinations
        product = self.numbering.product

        def value(object_: Object) -> Any:
            slot = product.slot_of[object_]
            values = product.values[slot - self.numbering.threads]
            old = self.numbering.values[slot]
            number = self.seen(known, slot, lambda number: number)
            return values[old[number]]

        def look(thread: int, aspect: Aspect) -> Any:
            return self.seen(known, thread, lambda at: aspect(self.numbering.position(thread, at)))

        try:
            return truth(self.predicate, Sight(product.threads, value, look))
        except ModelError:  # a mistake in any combination, which a state would have shown
            raise
        except Exception:  # of a combination that no state has, which the model need not expect
            return self.otherwise

    def seen(
        self, known: Mapping[int, SlotNumbers], slot: int, shows: Callable[[int], Hashable]
    ) -> Any:
        """What the values that a slot may have all show. Errors: `Asked`, where they differ."""
        found: dict[Hashable, list[int]] = {}
        for number in known.get(slot, range(len(self.numbering.values[slot]))):
            found.setdefault(shows(number), []).append(number)
        if len(found) > 1:
            raise Asked(slot, [tuple(numbers) for numbers in found.values()])
        return next(iter(found))

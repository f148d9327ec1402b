"""Whether a predicate says the same of all states that a folded graph takes for one.

It need not: it may name a thread, or look at what one thread owns. So it is asked of every image
of a state that it can tell from the state, and where two answers differ it can't be judged there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from locking.explore.deadline import look
from locking.explore.decisions import Look
from locking.explore.product import State
from locking.explore.reduction.quotient import Quotient
from locking.properties.view import EQUAL_FOR_COPIES, Aspect

MOST_IMAGES = 20_000
"""Images that a predicate is asked of; where there are more, the unfolded graph is as cheap."""


class Unlike(Exception):
    """A predicate that tells copies of a program apart, or might."""


class Images:
    """A predicate `ask`, asked of all images; `looked` is what it has looked at so far."""

    def __init__(
        self,
        quotient: Quotient,
        ask: Callable[[State], bool],
        looked: Mapping[tuple[int, Aspect | None], object],
    ) -> None:
        self.quotient = quotient
        self.asked = ask
        self.looked = looked
        self.known: dict[Any, bool] = {}

    def all_looked(self) -> list[tuple[int, Aspect | None]]:
        """What the predicate looks at, and the same of all copies. Errors: `Unlike`."""
        found = dict.fromkeys(
            (at, aspect) for slot, aspect in self.looked for at in self.quotient.copies(slot)
        )
        if any(aspect not in EQUAL_FOR_COPIES for _, aspect in found if aspect):
            raise Unlike
        return list(found)

    def looks(self) -> list[Look]:
        """The slots that matter to the answer, or to that of an image."""
        return [(slot, None) for slot in dict.fromkeys(slot for slot, _ in self.all_looked())]

    def seen(self, state: State, looked: list[tuple[int, Aspect | None]]) -> tuple[Any, ...]:
        """What matters of `state`."""
        return tuple(
            state[slot] if aspect is None else aspect(self.quotient.position(slot, state))
            for slot, aspect in looked
        )

    def ask(self, state: State) -> bool:
        """The answer for `state`, which is that for all its images. Errors: `Unlike`."""
        looked = self.all_looked()
        known = self.known.get(self.seen(state, looked))
        if known is not None:
            return known
        answer = self.asked(state)
        while True:
            before = len(self.looked)
            looked = self.all_looked()
            keys = self.ask_images(state, answer, looked)
            if len(self.looked) == before:
                break
            self.known.clear()
        self.known.update(dict.fromkeys(keys, answer))
        return answer

    def ask_images(
        self, state: State, answer: bool, looked: list[tuple[int, Aspect | None]]
    ) -> set[tuple[Any, ...]]:
        """What can be seen of the images of `state`, if all of them have the same `answer`.

        Errors: `Unlike` where one has another, or where there are more than `MOST_IMAGES`;
        `OutOfTime`.
        """
        keys, pending = {self.seen(state, looked)}, [state]
        for each in pending:
            look()
            for pair in self.quotient.pairs:
                image = self.quotient.exchanged(pair, each)
                key = self.seen(image, looked)
                if key in keys:
                    continue
                if len(keys) > MOST_IMAGES or self.asked(image) != answer:
                    raise Unlike
                keys.add(key)
                pending.append(image)
        return keys

"""Whether a predicate says the same of all states that a folded graph takes for one.

It need not: it may name a thread, or look at what one thread owns. So it is asked of every image
of a state that it can tell from the state, and where two answers differ it can't be judged there.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from locking.explore.deadline import look
from locking.explore.decisions import Look
from locking.explore.product import State
from locking.explore.reduction.images import ImageTree, Named, Unlike
from locking.explore.reduction.quotient import Quotient
from locking.explore.reduction.quotient_graph import QuotientGraph
from locking.properties.view import EQUAL_FOR_COPIES, Aspect

MOST_IMAGES = 20_000
"""Images that are made of states at most, where that is more than `SHARE` of the unfolded graph."""

SHARE = 0.05
"""The part of the states of the unfolded graph of which images are made at most: a state of that
costs the compiled engine about so much less than to make an image."""


class Images:
    """A predicate `asked`, and what it says of all images of a state.

    `looked` is what it has looked at so far, `latest` when it was asked last.
    """

    def __init__(
        self,
        quotient: Quotient,
        graph: QuotientGraph,
        ask: Callable[[State], bool],
        looked: Mapping[tuple[int, Aspect | None], object],
        latest: Callable[[], Sequence[Look]],
    ) -> None:
        self.quotient = quotient
        self.graph = graph
        self.asked = ask
        self.looked = looked
        self.latest = partial(equal_for_copies, looked, latest)
        self.tree: ImageTree | None = ImageTree(quotient, ask, self.latest)
        self.known: dict[Any, bool] = {}
        self.made = 0

    def all_looked(self) -> list[tuple[int, Aspect | None]]:
        """What the predicate looks at, and the same of all copies."""
        found = dict.fromkeys(
            (at, aspect) for slot, aspect in self.looked for at in self.quotient.copies(slot)
        )
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
        if self.tree is not None:
            try:
                return self.tree.answer(state)
            except Named:
                self.tree = None
        return self.ask_all(state)

    def ask_all(self, state: State) -> bool:
        """That answer, where what is seen of a copy names others: images are made of the state."""
        looked = self.all_looked()
        known = self.known.get(self.seen(state, looked))
        if known is not None:
            return known
        answer = self.asked(state)
        self.latest()
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

        Errors: `Unlike` where one has another, or where it takes too many images; `OutOfTime`.
        """
        keys, pending = {self.seen(state, looked)}, [state]
        for each in pending:
            look()
            for pair in self.quotient.pairs:
                self.made += 1
                if self.made > MOST_IMAGES and self.made > SHARE * self.graph.unfolded:
                    raise Unlike
                image = self.quotient.exchanged(pair, each)
                key = self.seen(image, looked)
                if key in keys:
                    continue
                if self.asked(image) != answer:
                    raise Unlike
                self.latest()
                keys.add(key)
                pending.append(image)
        return keys


def equal_for_copies(
    looked: Mapping[tuple[int, Aspect | None], object], latest: Callable[[], Sequence[Look]]
) -> Sequence[Look]:
    """What was looked at `latest`. Errors: `Unlike` where that is not the same of copies."""
    if any(aspect not in EQUAL_FOR_COPIES for _, aspect in looked if aspect):
        raise Unlike
    return latest()

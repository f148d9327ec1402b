"""Answers of a predicate by what it looks at, one look after the other: a decision tree.

A predicate is a function of what it looks at, so what it looks at next is decided by what it has
seen so far. A state in which it would see what it saw in another has the answer of that one.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from locking.explore.product import State

Look = tuple[int, Callable[[int], Hashable] | None]
"""A slot that somebody looks at, and what is seen of the number in it; None where that is all."""


def seen_at(look: Look, state: State) -> Hashable:
    """What a look sees of `state`."""
    slot, see = look
    return state[slot] if see is None else see(state[slot])


@dataclass
class DecisionNode:
    """What comes after a look, by what it sees: an answer, or a further look."""

    look: Look
    after: "dict[Hashable, DecisionNode | bool]" = field(default_factory=dict)


class DecisionTree:
    """What is known of a predicate's answers."""

    def __init__(self) -> None:
        self.root: dict[Hashable, DecisionNode | bool] = {}

    def answer(self, state: State) -> bool | None:
        """The answer for `state`, or None where nobody saw what is to be seen there."""
        found = self.root.get(None)
        while isinstance(found, DecisionNode):
            found = found.after.get(seen_at(found.look, state))
        return found

    def learn(self, state: State, looks: Sequence[Look], answer: bool) -> None:
        """Enter an answer for `state` that was given after these `looks`.

        Where the tree looks at more than that, it tells apart more than it must, which is right.
        """
        left = dict.fromkeys(looks)
        entries, key = self.root, None
        while True:
            found = entries.get(key)
            if found is None and left:
                found = entries[key] = DecisionNode(next(iter(left)))
            if not isinstance(found, DecisionNode):
                entries[key] = answer
                return
            left.pop(found.look, None)
            entries, key = found.after, seen_at(found.look, state)

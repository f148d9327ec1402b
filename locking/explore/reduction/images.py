"""What a predicate says of all images of a state: its decision tree, with each look moved.

An image has the copies of a class in another order. So a look at one copy sees there what another
holds, moved by exchanges. Only the order of those that are looked at matters; and of copies that
hold what looks the same, one is tried. So a predicate that looks at `k` of `n` copies has at most
n!/(n-k)! ways through its tree.

Rule of this file: what a moved look sees depends on nothing but which copy takes the place. A value
that names threads is none such: it is `Named`, and the predicate is asked in another way.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from locking.explore.decisions import DecisionNode, DecisionTree, Look
from locking.explore.product import State
from locking.explore.reduction.quotient import Quotient, exchanges

MOST_MOVES = 4_000
"""Values that one value may become by exchanges; where there are more, it names threads."""


class Unlike(Exception):
    """A predicate that tells copies of a program apart, or might."""


class Named(Exception):
    """A look sees what depends on more than on which copy takes a place."""


class AskedOfImages(Protocol):
    """A predicate on a quotient: `asked` of one state, with its `latest` looks, or of all images.

    `ask` says what it says of all images of a state, by what `looks` says that it looks at.
    """

    quotient: Quotient

    def asked(self, state: State) -> bool: ...
    def latest(self) -> Sequence[Look]: ...
    def ask(self, state: State) -> bool: ...
    def looks(self) -> Sequence[Look]: ...


class MovedSights:
    """What looks see in the images of states of `quotient`."""

    def __init__(self, quotient: Quotient) -> None:
        self.quotient = quotient
        self.class_of = {thread: each for each in quotient.classes for thread in each}
        self.orbits: dict[tuple[int, int], dict[int, set[int]]] = {}

    def thread(self, slot: int) -> int | None:
        """The copy whose slot it is; None where it is that of none."""
        thread = slot
        if slot >= len(self.quotient.threads):
            thread = self.quotient.owner.get(slot, (-1, 0))[0]
        return thread if thread in self.class_of else None

    def twins(self, slot: int) -> list[int]:
        """The slots whose values images have in `slot`, in the order of the copies.

        Errors: `Named` where a copy has none.
        """
        try:
            return self.quotient.copies(slot)
        except KeyError:
            raise Named from None

    def orbit(self, slot: int, value: int) -> dict[int, set[int]]:
        """What exchanges make of a value in a slot: in each slot that it comes to, which values.

        Errors: `Named`.
        """
        found = self.orbits.get((slot, value))
        if found is None:
            found, pending = {slot: {value}}, [(slot, value)]
            for at, held in pending:
                for pair in self.quotient.pairs:
                    to, moved = self.moved(pair, at, held)
                    known = found.setdefault(to, set())
                    if moved not in known:
                        known.add(moved)
                        pending.append((to, moved))
                if len(pending) > MOST_MOVES:
                    raise Named
            self.orbits[slot, value] = found
        return found

    def moved(self, pair: tuple[int, int], slot: int, value: int) -> tuple[int, int]:
        """Where a value of a slot is once a pair is exchanged, and what it is. Errors: `Named`."""
        try:
            return self.quotient.moved(pair, slot, value)
        except KeyError:  # of what nobody compared
            raise Named from None

    def seen(self, look: Look, twin: int, value: int) -> Hashable:
        """What a look sees of images that have there what is `value` in the slot `twin`.

        Errors: `Named` where that is not one thing.
        """
        slot, see = look
        held = self.orbit(twin, value).get(slot, set())
        found = {each if see is None else see(each) for each in held}
        if len(found) != 1:
            raise Named
        return found.pop()

    def image(self, state: State, order: dict[int, int]) -> State:
        """An image of `state`: in the place of each thread of `order` is the one that it says."""
        for members in self.quotient.classes:
            for at in exchanges(whole_order(members, order)):
                state = self.quotient.exchanged((members[0], members[at]), state)
        return state


def whole_order(members: Sequence[int], order: dict[int, int]) -> list[int]:
    """For each place of a class which copy takes it; those that `order` leaves out stay in turn."""
    taken = {order[each] for each in members if each in order}
    rest = iter([at for at, each in enumerate(members) if each not in taken])
    return [members.index(order[each]) if each in order else next(rest) for each in members]


class ImageTree:
    """What is known of a predicate's answers, for images of states: it is `asked` of one at a time.

    `latest` says what it looked at when it was asked last.
    """

    def __init__(
        self,
        quotient: Quotient,
        asked: Callable[[State], bool],
        latest: Callable[[], Iterable[Look]],
    ) -> None:
        self.sights = MovedSights(quotient)
        self.asked = asked
        self.latest = latest
        self.tree = DecisionTree()
        self.looks: dict[Look, None] = {}

    def answer(self, state: State) -> bool:
        """The answer for all images of `state`. Errors: `Unlike` where two differ; `Named`."""
        while True:
            before, answer = len(self.looks), None
            for each in self.answers(self.tree.root, None, state, {}):
                if answer not in (None, each):
                    raise Unlike
                answer = each
            if len(self.looks) == before:  # else, copies that look alike may not do so now
                return bool(answer)

    def answers(
        self,
        entries: dict[Hashable, DecisionNode | bool],
        key: Hashable,
        state: State,
        order: dict[int, int],
    ) -> Iterator[bool]:
        """The answers behind an entry, for images in which copies take places as `order` says."""
        if key not in entries:
            self.learn(self.sights.image(state, order))
        found = entries[key]
        if not isinstance(found, DecisionNode):
            yield found
            return
        slot = found.look[0]
        thread = self.sights.thread(slot)
        if thread is None:
            seen = self.sights.seen(found.look, slot, state[slot])
            yield from self.answers(found.after, seen, state, order)
            return
        members = self.sights.class_of[thread]
        here = [order[thread]] if thread in order else self.different(members, state, order)
        twins = self.sights.twins(slot)
        for each in here:
            twin = twins[members.index(each)]
            seen = self.sights.seen(found.look, twin, state[twin])
            yield from self.answers(found.after, seen, state, {**order, thread: each})

    def different(self, members: list[int], state: State, order: dict[int, int]) -> list[int]:
        """The copies of a class that take no place yet, one of those that look the same."""
        taken = set(order.values())
        found = {self.shown(at, members, state): at for at in members if at not in taken}
        return list(found.values())

    def shown(self, thread: int, members: list[int], state: State) -> tuple[Any, ...]:
        """What all looks at copies of a class see where this one takes the place."""
        at = members.index(thread)
        return tuple(
            self.sights.seen(look, twin, state[twin])
            for look in self.looks
            if self.sights.thread(look[0]) in members
            for twin in [self.sights.twins(look[0])[at]]
        )

    def learn(self, image: State) -> None:
        """Ask, and enter the answer."""
        answer = bool(self.asked(image))
        looks = list(self.latest())
        self.looks.update(dict.fromkeys(looks))
        self.tree.learn(image, looks, answer)

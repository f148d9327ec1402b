"""Whose steps can wait: a step that nothing minds which others can do before it is taken.

What others can do is read off what was learned of them, from where they stand on. They come no
further than to a step that must wait as long as the thread stays where it is: what is done under a
lock that it holds, others don't come to.
"""

from locking.explore.product import Product
from locking.explore.reduction.uses import Irregular, Use, Uses
from locking.objects.operation import Object, Operation

Calm = frozenset[int]
"""The places of another thread from which it does nothing that a step minds."""


class Commuting:
    """What is known of the steps of `product`, as far as its threads are learned now.

    `locks` are the slots of objects that can be held; `irregular` gets those of objects of which
    nothing can be told, nor when more is learned.
    """

    def __init__(self, product: Product, irregular: set[int]) -> None:
        self.product = product
        self.irregular = irregular
        self.uses: dict[int, Uses] = {}
        self.kinds: dict[tuple[int, int, int], tuple[tuple[int, Calm], ...]] = {}
        self.calms: dict[tuple[object, ...], Calm] = {}
        self.slots = [
            [product.slot(thread, place) for place in range(len(automaton.members))]
            for thread, automaton in enumerate(product.automata)
        ]
        self.locks = [
            slot
            for slot, object_ in enumerate(product.objects, len(product.threads))
            if getattr(object_.holders, "__func__", None) is not Object.holders
        ]

    def calm(self, thread: int, place: int) -> tuple[tuple[int, Calm], ...]:
        """For every other thread, the places from which the step of `thread` at `place` can wait.

        It is one that the product was asked for before.
        """
        looked = self.product.looked[thread].get(place, {})
        key = (thread, place, len(looked))
        if key not in self.kinds:
            worked = frozenset(slot for slot in looked if slot >= len(self.product.threads))
            self.kinds[key] = tuple(
                (other, self.calm_of(Use(thread, place), worked, other))
                for other in self.product.everybody
                if other != thread
            )
        return self.kinds[key]

    def calm_of(self, use: Use, worked: frozenset[int], other: int) -> Calm:
        """The same of one other thread, where the step is one on the slots `worked`.

        It is found once for all places that hold the same and have the same step: given the same,
        for steps are equal for 1 and True.
        """
        position = self.product.automata[use.thread].position(use.place)
        step = (position.next, position.given, position.opens)
        key = (use.thread, other, worked, step, self.holds(use))
        if key not in self.calms:
            self.calms[key] = self.without_clash(use, worked, other)
        return self.calms[key]

    def holds(self, use: Use) -> tuple[object, ...]:
        """What a thread holds at a place, of every lock, as far as that is known."""
        known = (self.used(slot) for slot in self.locks)
        return tuple(uses.held[use.thread].get(use.place) if uses else None for uses in known)

    def without_clash(self, use: Use, worked: frozenset[int], other: int) -> Calm:
        """The places of `other` from which it comes to nothing that `use` minds."""
        after = self.product.automata[other].after
        places = range(len(self.slots[other]))
        through = {place for place in places if not self.waits(Use(other, place), use)}
        bad = {place for place in through if self.clash(use, worked, Use(other, place))}
        before: dict[int, list[int]] = {}
        for place in through:
            for to in after[place].values():
                before.setdefault(to, []).append(place)
        pending = list(bad)
        for place in pending:
            for each in before.get(place, ()):
                if each not in bad:
                    bad.add(each)
                    pending.append(each)
        return frozenset(places) - bad

    def waits(self, use: Use, holder: Use) -> bool:
        """Whether a step must wait as long as another thread stands where it does."""
        slot = self.slots[use.thread][use.place]
        step = self.product.automata[use.thread].position(use.place).next
        if not isinstance(step, Operation) or step.target.access(step.name):
            return False
        uses = self.used(slot)
        return uses is not None and uses.waits(use, holder)

    def clash(self, use: Use, worked: frozenset[int], other: Use) -> bool:
        """Whether the order of `use`, on the slots `worked`, and of one step of another matters."""
        slot = self.slots[other.thread][other.place]
        if slot not in worked:
            return False
        uses = self.used(slot)
        if uses is None or self.in_block(use) or self.in_block(other):
            return True
        return not uses.commute(use, other)

    def in_block(self, use: Use) -> bool:
        """Whether a step is one of an atomic block."""
        position = self.product.automata[use.thread].position(use.place)
        return position.opens or position.bound

    def may_race(self, thread: int, place: int) -> bool:
        """Whether a thread at a place is about to touch what another may be about to touch."""
        position = self.product.automata[thread].position(place)
        if position.opens:  # what it touches depends on the state
            return True
        step = position.next
        if not isinstance(step, Operation) or not step.target.access(step.name):
            return False
        slot = self.product.slot_of[step.target]
        return any(
            self.may_meet(Use(thread, place), Use(other, at))
            for other, slots in enumerate(self.slots)
            if other != thread
            for at, each in enumerate(slots)
            if each == slot
        )

    def may_meet(self, one: Use, other: Use) -> bool:
        """Whether two threads may be where they are at once: no lock says that they can't."""
        known = (self.used(slot) for slot in self.locks)
        return all(uses is None or uses.together(one, other) != 0 for uses in known)

    def used(self, slot: int) -> Uses | None:
        """How threads use an object, if that can be told."""
        if slot in self.irregular:
            return None
        if slot not in self.uses:
            try:
                self.uses[slot] = Uses(self.product, slot)
            except Irregular:
                self.irregular.add(slot)
                return None
        return self.uses[slot]

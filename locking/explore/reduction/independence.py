"""Independence: the places from which another thread does nothing that a step depends on.

Then the step alone is a persistent set. What another thread can do is every path of what was
learned of it, from where it stands on. It comes no further than to a step that must wait as long
as the first thread stays where it is: no other thread comes to what is done under a held lock.

After: Godefroid, Partial-Order Methods for the Verification of Concurrent Systems (LNCS 1032,
1996), whose persistent sets come from what processes may still do.
Differs: independence is asked of the rule of the object, in every state in which both threads can
be where they are; and a lock that is held cuts the paths off.
"""

from locking.explore.product import Product
from locking.explore.reduction.uses import Irregular, PlacedStep, Uses
from locking.objects.operation import Object, Operation

Places = frozenset[int]
"""The places of another thread from which nothing that it does depends on a step."""


class Independence:
    """Which steps of `product` are independent, as far as its threads are learned now.

    `locks` are the slots of objects that can be held; `irregular` collects the slots of objects of
    which nothing can be told, now or later.
    """

    def __init__(self, product: Product, irregular: set[int]) -> None:
        self.product = product
        self.irregular = irregular
        self.uses: dict[int, Uses] = {}
        self.known: dict[tuple[object, ...], Places] = {}
        self.slots = [
            [product.slot(thread, place) for place in range(len(automaton.members))]
            for thread, automaton in enumerate(product.automata)
        ]
        self.locks = [
            slot
            for slot, object_ in enumerate(product.objects, len(product.threads))
            if getattr(object_.holders, "__func__", None) is not Object.holders
        ]

    def independent_from(self, use: PlacedStep, worked: frozenset[int], other: int) -> Places:
        """The places from which `other` leaves the step `use`, on the slots `worked`, alone.

        If all others stand at such places, the step is a persistent set. The places are found once
        for all places of `use` with the same locks held, the same step and the same arguments.
        Arguments are compared apart, because equal steps may differ in 1 and True.
        """
        position = self.product.automata[use.thread].position(use.place)
        step = (position.next, position.given, position.opens)
        key = (use.thread, other, worked, step, self.holds(use))
        if key not in self.known:
            self.known[key] = self.find_independent(use, worked, other)
        return self.known[key]

    def holds(self, use: PlacedStep) -> tuple[object, ...]:
        """What a thread holds at a place, of every lock, as far as that is known."""
        known = (self.used(slot) for slot in self.locks)
        return tuple(uses.held[use.thread].get(use.place) if uses else None for uses in known)

    def find_independent(self, use: PlacedStep, worked: frozenset[int], other: int) -> Places:
        """The places of `other` from which no path comes to a step that is dependent on `use`.

        Paths go back from the dependent steps, through steps that need not wait for `use`:

            place   step            waits for use   dependent   found
              0     down_write      yes             -           yes: it stops here
              1     write(x)        no              yes         no
              2     up_write        no              no          yes
              3     read(y) -> 1    no              no          no: it comes to 1
        """
        after = self.product.automata[other].after
        places = range(len(self.slots[other]))
        through = {place for place in places if not self.waits(PlacedStep(other, place), use)}
        bad = {place for place in through if self.dependent(use, worked, PlacedStep(other, place))}
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

    def waits(self, use: PlacedStep, holder: PlacedStep) -> bool:
        """Whether a step must wait as long as another thread stands where it does."""
        slot = self.slots[use.thread][use.place]
        step = self.product.automata[use.thread].position(use.place).next
        if not isinstance(step, Operation) or step.target.access(step.name):
            return False
        uses = self.used(slot)
        return uses is not None and uses.waits(use, holder)

    def dependent(self, use: PlacedStep, worked: frozenset[int], other: PlacedStep) -> bool:
        """Whether two steps are dependent: `use`, on the slots `worked`, and one of another thread.

        Steps on different objects are not. One of an atomic block is, on any object of the block.
        """
        slot = self.slots[other.thread][other.place]
        if slot not in worked:
            return False
        uses = self.used(slot)
        if uses is None or self.in_block(use) or self.in_block(other):
            return True
        return not uses.commute(use, other)

    def in_block(self, use: PlacedStep) -> bool:
        """Whether a step is one of an atomic block."""
        position = self.product.automata[use.thread].position(use.place)
        return position.opens or position.bound

    def may_race(self, thread: int, place: int) -> bool:
        """Whether a thread is about to access what another may be about to access at that time.

        A state in which both are may show a data race.
        """
        position = self.product.automata[thread].position(place)
        if position.opens:  # what it touches depends on the state
            return True
        step = position.next
        if not isinstance(step, Operation) or not step.target.access(step.name):
            return False
        slot = self.product.slot_of[step.target]
        return any(
            self.may_meet(PlacedStep(thread, place), PlacedStep(other, at))
            for other, slots in enumerate(self.slots)
            if other != thread
            for at, each in enumerate(slots)
            if each == slot
        )

    def may_meet(self, one: PlacedStep, other: PlacedStep) -> bool:
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

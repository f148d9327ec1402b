"""Copies: threads of one program that could take each other's place, found without being told.

Nobody says which threads are copies. Those of one program are assumed to be copies; then **every
effect that is tabled is compared with its images** when two of them change places: each with its
own place, each with its own objects, and with their names changed in the states of all objects.
What does not agree raises `Asymmetric`, the walk is void, and is begun again without that pair. So
the quotient rests on no promise of a lock or of a thread.

Two threads are exchanged at a time, each with the first of its class: all permutations are made of
such exchanges. What an exchange leads to is compared as well, until nothing is left: then every
exchange is an automorphism of what the walk has met. The proof is in docs/soundness.md.

After: Emerson and Sistla, Symmetry and model checking (Formal Methods in System Design 9, 1996).
Differs: symmetry is neither declared (as by the scalarsets of Ip and Dill) nor read off a text, but
compared, effect by effect, while the walk goes on.
"""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from math import factorial, prod

from locking.errors import ModelError
from locking.explore.automaton import PlaceSplit
from locking.explore.learn import Learner
from locking.explore.product import Effect, Product, State
from locking.objects.operation import Object, Operation
from locking.objects.values import renamed
from locking.programs.keys import typed
from locking.programs.position import Position
from locking.programs.thread import Thread

PairOfCopies = tuple[int, int]
"""The first thread of a class, and another of it."""

Renames = tuple[tuple[str, str], ...]
"""Names of threads, each with the one that takes its place."""


FEW_ORDERS, MOST_SOONER = 120, 8.0
"""Orders that five copies have, up to which a search takes its time; how much sooner it looks."""


class Asymmetric(Exception):
    """The threads `pair` were taken for copies of each other, and differ."""

    def __init__(self, pair: PairOfCopies) -> None:
        super().__init__(pair)
        self.pair = pair


def classes(threads: Sequence[Thread], apart: frozenset[PairOfCopies]) -> list[list[int]]:
    """The threads that may be copies of each other, each in one class; classes of one left out.

    A class is told by its first thread: nobody is in it who is known to be `apart` from that.
    """
    found: list[list[int]] = []
    for at, thread in enumerate(threads):
        for members in found:
            first = threads[members[0]]
            alike = (first.program, first.daemon) == (thread.program, thread.daemon)
            if alike and (members[0], at) not in apart:
                members.append(at)
                break
        else:
            found.append([at])
    return [members for members in found if len(members) > 1]


def most_images(classes: Sequence[Sequence[int]]) -> int:
    """How many images a state has at most: the permutations of threads within their `classes`."""
    return prod(factorial(len(members)) for members in classes)


def sooner_with(orders: int) -> float:
    """How many times sooner than with few copies a search looks for what saves states.

    A state has at most so many `orders` of its copies. With more of them symmetry may save more,
    and a folded state takes longer.
    """
    return min(MOST_SOONER, max(1.0, orders / FEW_ORDERS))


class Copies(Product):
    """A product with threads that were found to be copies of each other, as far as was learned.

    Errors: `Asymmetric`, of `forget` and `compare_all`, where threads that are not `apart` are no
    copies.
    """

    def __init__(
        self,
        objects: Sequence[Object],
        threads: Sequence[Thread],
        starts: Mapping[Object, Hashable] | None = None,
        apart: frozenset[PairOfCopies] = frozenset(),
        learners: Sequence[Learner] = (),
    ) -> None:
        self.classes = classes(threads, apart)
        self.pairs = [(first, other) for first, *others in self.classes for other in others]
        super().__init__(objects, threads, starts, learners)

    def forget(self) -> None:
        """Drop what was tabled for places, and what was compared. Errors: `Asymmetric`."""
        super().forget()
        self.labels: list[dict[int, int]] = [{} for _ in self.threads]
        self.places: list[dict[int, int]] = [{} for _ in self.threads]
        self.failures: dict[Hashable, int] = {}
        self.tabled: list[tuple[int, tuple[int, int]]] = []
        self.compared = 0
        self.users: dict[int, set[int]] = {}
        self.owner: dict[int, tuple[int, int]] = {}
        self.own: list[dict[int, int]] = [{} for _ in self.threads]
        self.images: dict[Hashable, int] = {}
        for pair in self.pairs:
            names = self.renaming(pair)
            for slot in range(len(self.threads), len(self.initial)):
                if self.renamed(pair, slot, 0, slot, names) != 0:
                    raise Asymmetric(pair)
            self.match(pair, self.initial[pair[0]], self.initial[pair[1]])

    def merge(self, worth: float = 0.0) -> bool:
        """Merge what was learned, once as much is known of each copy. Errors: `Asymmetric`.

        Random runs learn more of one copy than of another; then their places would be merged
        differently, and copies would be told apart that are none the less.
        """
        with suppress(PlaceSplit):  # what is known says by now which places differ
            self.compare_all()
        return super().merge(worth)

    def renaming(self, pair: PairOfCopies) -> Renames:
        """The names of a pair, each with the other that takes its place."""
        first, other = (self.threads[at].name for at in pair)
        return (first, other), (other, first)

    def match(self, pair: PairOfCopies, place: int, at: int) -> None:
        """Take `place` of the first and `at` of the other for the same. Errors: `Asymmetric`."""
        first, other = pair
        known, known_at = self.labels[first].get(place), self.labels[other].get(at)
        if known is not None and known == known_at:
            return
        here, there = (
            self.automata[thread].position(each)
            for thread, each in zip(pair, (place, at), strict=True)
        )
        if visible_aspects(here) != visible_aspects(there):
            raise Asymmetric(pair)
        if here.failure:
            # Nothing follows, so only the looks count; the words of a misuse name other threads.
            label = self.failures.setdefault(
                (first, visible_aspects(here)), -1 - len(self.failures)
            )
        else:
            self.match_steps(pair, here, there)
            label = len(self.labels[first]) if known is None else known
            if known_at is not None or self.places[other].get(label, at) != at:
                raise Asymmetric(pair)
        for thread, each in zip(pair, (place, at), strict=True):
            self.labels[thread][each] = label
            self.places[thread].setdefault(label, each)

    def match_steps(self, pair: PairOfCopies, here: Position, there: Position) -> None:
        """Compare the next steps of a pair. Errors: `Asymmetric`."""
        one, two = here.next, there.next
        if not isinstance(one, Operation) or not isinstance(two, Operation):
            # A choice of names would show when they are stored.
            if here.site != there.site or here.given != there.given or type(one) is not type(two):
                raise Asymmetric(pair)
            return
        given = renamed(one.args, dict(self.renaming(pair)))
        if (one.name, typed(given), here.site) != (two.name, typed(two.args), there.site):
            raise Asymmetric(pair)
        slots = [self.slot_of.get(step.target) for step in (one, two)]
        if slots[0] is None or slots[1] is None:  # an error of the model, which a plain walk meets
            raise Asymmetric(pair)
        self.match_objects(pair, slots[0], slots[1])

    def match_objects(self, pair: PairOfCopies, slot: int, at: int) -> None:
        """Take `slot` to be to the first what `at` is to the other. Errors: `Asymmetric`."""
        first, other = pair
        if slot != at:
            _, role = self.owner.setdefault(slot, (first, len(self.owner)))
            self.own[first].setdefault(role, slot)
            self.own[other].setdefault(role, at)
            if (
                self.own[first][role] != slot
                or self.own[other][role] != at
                or self.owner.setdefault(at, (other, role)) != (other, role)
                or not self.alike(slot, at)
            ):
                raise Asymmetric(pair)
        self.use(pair, first, slot)
        self.use(pair, other, at)

    def use(self, pair: PairOfCopies, thread: int, slot: int) -> None:
        """Note that a thread uses an object, which may not be another's. Errors: `Asymmetric`."""
        users = self.users.setdefault(slot, set())
        users.add(thread)
        if slot in self.owner and users != {self.owner[slot][0]}:
            raise Asymmetric(pair)

    def alike(self, slot: int, at: int) -> bool:
        """Whether two objects are of one kind and start in one state."""
        one, two = (each - len(self.threads) for each in (slot, at))
        starts = typed(self.values[one][0]) == typed(self.values[two][0])
        return starts and type(self.objects[one]) is type(self.objects[two])

    def image_of_slot(self, pair: PairOfCopies, slot: int) -> int:
        """The slot that stands for `slot` once a pair is exchanged. Errors: `Asymmetric`."""
        first, other = pair
        if slot < len(self.threads):
            return {first: other, other: first}.get(slot, slot)
        thread, role = self.owner.get(slot, (None, 0))
        if thread not in pair:
            return slot
        found = self.own[other if thread == first else first].get(role)
        if found is None:
            raise Asymmetric(pair)
        return found

    def renamed(self, pair: PairOfCopies, slot: int, value: int, to: int, renames: Renames) -> int:
        """The number, in slot `to`, of a value with other names in it.

        Errors: `Asymmetric` where its holders are not those of the value, renamed.
        """
        key = (slot, value, to, renames)
        found = self.images.get(key)
        if found is None:
            names, at = dict(renames), slot - len(self.threads)
            object_, image = self.objects[at], self.objects[to - len(self.threads)]
            new = object_.rename(self.values[at][value], names)
            held = object_.holders(self.values[at][value])
            expected = sorted((names.get(each.thread, each.thread), each.mode) for each in held)
            if expected != sorted(image.holders(new)):
                raise Asymmetric(pair)
            found = self.images[key] = self.value_number(to - len(self.threads), new)
        return found

    def effects_of(self, thread: int, state: State) -> list[Effect]:
        """The effects of a thread's next step; what is tabled for it is noted, to be compared."""
        known = len(self.effects[thread])
        effects = super().effects_of(thread, state)
        if self.pairs and len(self.effects[thread]) > known:
            self.tabled.append((thread, next(reversed(self.effects[thread]))))
        return effects

    def compare_all(self) -> None:
        """Compare all effects tabled since, and those tabled by comparing. Errors: `Asymmetric`.

        It goes by the order in which they were tabled: when the image of a step is asked for, all
        that led to the step has agreed. So the image can be taken, too, and nothing is learned of
        what no run comes to.
        """
        while self.compared < len(self.tabled):
            thread, (place, value) = self.tabled[self.compared]
            self.compared += 1
            for pair in self.pairs:
                self.compare(pair, thread, place, value, self.effects[thread][place, value])

    def compare(
        self, pair: PairOfCopies, thread: int, place: int, value: int, effects: list[Effect]
    ) -> None:
        """Compare what a step does with what its image does. Errors: `Asymmetric`, `PlaceSplit`."""
        slot, names = self.slots[thread][place], self.renaming(pair)
        if slot != thread:
            self.use(pair, thread, slot)
        twin, to = self.image_of_slot(pair, thread), self.image_of_slot(pair, slot)
        at = self.image_of_place(pair, thread, place, twin)
        image = list(self.initial)
        image[to] = at if slot == thread else self.renamed(pair, slot, value, to, names)
        image[twin] = at
        try:
            found = self.effects_of(twin, tuple(image))
        except PlaceSplit:
            raise
        except ModelError:  # of a step that perhaps no run takes
            raise Asymmetric(pair) from None
        if self.slots[twin][at] != to or len(found) != len(effects):
            raise Asymmetric(pair)
        for one, two in zip(effects, found, strict=True):
            if (one.bound, one.options, self.image_of_slot(pair, one.slot)) != (
                two.bound,
                two.options,
                two.slot,
            ):
                raise Asymmetric(pair)
            if slot != thread and self.renamed(pair, slot, one.value, to, names) != two.value:
                raise Asymmetric(pair)
            self.compare_places(pair, thread, one.place, two.place)

    def image_of_place(self, pair: PairOfCopies, thread: int, place: int, twin: int) -> int:
        """Where the twin of a thread stands that stands at `place`. Errors: `Asymmetric`."""
        if twin != thread:
            if place not in self.labels[thread]:
                raise Asymmetric(pair)
            return self.places[twin][self.labels[thread][place]]
        step = self.automata[thread].position(place).next
        if isinstance(step, Operation):
            args = renamed(step.args, dict(self.renaming(pair)))
            slot = self.slot_of[step.target]
            if typed(args) != typed(step.args) or self.image_of_slot(pair, slot) != slot:
                raise Asymmetric(pair)
        return place

    def compare_places(self, pair: PairOfCopies, thread: int, place: int, at: int) -> None:
        """Compare where a thread and its twin come to. Errors: `Asymmetric`."""
        if thread == pair[0]:
            self.match(pair, place, at)
        elif thread == pair[1]:
            self.match(pair, at, place)
        elif place != at:
            here, there = map(self.automata[thread].position, (place, at))
            if not here.failure or visible_aspects(here) != visible_aspects(there):
                raise Asymmetric(pair)


def visible_aspects(position: Position) -> Hashable:
    """What properties and steps can see of a position, but for the step itself."""
    return (
        position.next is None,
        position.inside,
        position.bound,
        position.opens,
        position.failure is not None,
        tuple(each.kind for each in position.failures),
        tuple((id(each.target), each.name) for each in position.calls),
    )

"""What a product can do, as the kernel reads it; learned on demand.

A component of a packed state is a thread's place together with the objects that no other thread
was seen to touch, or one object that several touch: a value of it is a number for what these slots
hold. An object that nobody touched has no component, and is in the state in which it starts.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locking.explore.compiled.kernel import HALTED, UNKNOWN, Fields, Integers, Rules, Symmetry
from locking.explore.compiled.layout import BitLayout, bit_layout
from locking.explore.compiled.nodes import Nodes, arrays, with_room
from locking.explore.product import Delta, Product, State

PackedChange = tuple[int, int, int]
"""What a step does to a component: which one, its value before, and its value after."""


NOTHING: Integers = np.empty(0, np.int64)

NO_SYMMETRY = Symmetry(
    NOTHING,
    np.zeros(1, np.int64),
    NOTHING,
    Fields(NOTHING, np.empty(0, np.uint64), np.empty(0, np.uint64)),
    NOTHING,
    NOTHING,
    np.empty(0, np.int32),
    np.empty((0, 0), np.int64),
)
"""That of a product of which every state stands for itself."""


class Moved(NamedTuple):
    """How states of an old layout become states of the new one: what `kernel.repack` takes."""

    old: Fields
    origins: Integers
    starts: Integers
    renumbered: Integers


class PackedTables:
    """Components and their values, and for every thread a tree of what it does."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.threads = len(product.threads)
        self.components = [[thread] for thread in range(self.threads)]
        self.owner = {thread: thread for thread in range(self.threads)}
        self.values: list[list[State]] = [[] for _ in self.components]
        self.numbers: list[dict[State, int]] = [{} for _ in self.components]
        self.torn = False
        self.order: list[int] | None = None
        self.forget()
        for thread in range(self.threads):
            self.number(thread, product.initial, {})
        self.settle()

    def restore(
        self, components: list[list[int]], values: list[list[State]], layout: BitLayout
    ) -> None:
        """Be as tables were that had these components, with these values, in this layout.

        What threads do is learned again when it is asked for.
        """
        self.components, self.values = components, values
        self.owner = {slot: at for at, slots in enumerate(components) for slot in slots}
        self.numbers = [{state: at for at, state in enumerate(each)} for each in values]
        self.order = None
        self.forget()
        self.settle(layout)

    def forget(self) -> None:
        """Drop all trees; of what is known, only that a run breaks off is put in again."""
        self.nodes = Nodes()
        for thread in range(self.threads):
            self.nodes.add(thread)
        for thread in range(self.threads):
            for number, values in enumerate(self.values[thread]):
                self.mark(thread, number, values)
        self.steps: list[tuple[PackedChange, ...]] = []
        self.outcomes: list[int] = []
        self.queueing: list[int] = []
        self.leaves = 1  # the first is that of a run that broke off
        self.told = np.zeros((16, 5), np.uint64)
        self.widest = [0] * self.threads

    def settle(self, layout: BitLayout | None = None) -> None:
        """Have this layout, or choose one for all values there are now."""
        self.layout: BitLayout = layout or bit_layout(list(map(len, self.values)))
        self.origins: list[tuple[int, list[int]]] = []
        self.deltas = np.zeros((16, self.layout.words), np.uint64)
        self.written = 0

    def rules(self) -> Rules:
        """All of it, for the kernel."""
        self.deltas = with_room(self.deltas, len(self.steps))
        for at in range(self.written, len(self.steps)):
            self.deltas[at] = self.packed((c, x ^ y) for c, x, y in self.steps[at])
        self.written = len(self.steps)
        return Rules(
            self.nodes.rows(self.layout.fields),
            self.nodes.entries,
            self.told,
            self.deltas,
            self.threads,
            self.symmetry(),
        )

    def symmetry(self) -> Symmetry:
        """How states become representatives: here they stay as they are."""
        return NO_SYMMETRY

    @property
    def turned(self) -> int:
        """How many threads the steps permute: here none."""
        return 0

    def packed(self, values: Iterable[tuple[int, int]]) -> list[int]:
        """The words in which these components have these values."""
        words = [0] * self.layout.words
        for component, value in values:
            word, shift, _ = self.layout.places[component]
            words[word] |= value << shift
        return words

    @property
    def fanout(self) -> int:
        """The most steps that any state can have, by what is known."""
        return max(1, sum(self.widest))

    def number(self, component: int, state: State, changed: dict[int, int]) -> int:
        """The value of a component in `state`, once slots have `changed`."""
        values = tuple(changed.get(slot, state[slot]) for slot in self.components[component])
        numbers = self.numbers[component]
        found = numbers.get(values)
        if found is None:
            found = numbers[values] = len(numbers)
            self.values[component].append(values)
            if component < self.threads:
                self.mark(component, found, values)
        return found

    def mark(self, thread: int, number: int, values: State) -> None:
        """Enter that no run goes on where this thread has failed."""
        if self.product.automata[thread].position(values[0]).failure:
            self.nodes.put(thread, number, HALTED)

    def learn(self, thread: int, state: State) -> None:
        """Enter what `thread` does in `state`. Errors: those of `Product.learn_steps`."""
        if self.knows(thread, state):
            return
        steps = self.product.learn_steps(thread, state)
        looked = [slot for slot in self.product.looked[thread][state[thread]] if slot != thread]
        self.touch(thread, looked)
        node, value = thread, self.number(thread, state, {})
        for slot in looked:
            component = self.owner[slot]
            if component == thread:
                continue
            below = self.nodes.get(node, value)
            if below == UNKNOWN:
                below = UNKNOWN - self.nodes.add(component)
                self.nodes.put(node, value, below)
            assert below < UNKNOWN, "a leaf, though it was not known"
            node, value = UNKNOWN - below, self.number(component, state, {})
        leaf = self.leaf(thread, state, looked, steps)
        if self.product.queues(thread, state):
            self.queueing.append(leaf)
        self.nodes.put(node, value, leaf)

    def goes_on(self) -> NDArray[np.bool_]:
        """For every leaf whether the thread can take a step there, other than to queue up."""
        found: NDArray[np.bool_] = self.told[:, 0] < self.told[:, 1]
        found[self.queueing] = False
        return found

    def knows(self, thread: int, state: State) -> bool:
        """Whether what `thread` does in `state` was learned."""
        node = thread  # the root, which no entry leads to: thread 0 has what `UNKNOWN` would be
        while True:
            entry = self.nodes.get(node, self.number(int(self.nodes.looks[node]), state, {}))
            if entry >= UNKNOWN:
                return entry != UNKNOWN
            node = UNKNOWN - entry

    def leaf(self, thread: int, state: State, looked: Sequence[int], steps: Sequence[Delta]) -> int:
        """The number of a new leaf, with these steps, which look at the objects `looked`."""
        for outcome, place, changes in steps:
            changed = {**dict(changes), thread: place}
            self.steps.append(
                tuple(
                    (at, self.number(at, state, {}), self.number(at, state, changed))
                    for at in dict.fromkeys(self.owner[slot] for slot in changed)
                )
            )
            self.outcomes.append(outcome)
        leaf, self.leaves = self.leaves, self.leaves + 1
        self.note(leaf, thread, looked, steps)
        self.widest[thread] = max(self.widest[thread], len(steps))
        return leaf

    def note(self, leaf: int, thread: int, looked: Sequence[int], steps: Sequence[Delta]) -> None:
        """Note what the steps of a new leaf read and write."""
        end, position = len(self.steps), self.product.automata[thread].position
        first = end - len(steps)
        changed = {at for step in self.steps[first:] for at, x, y in step if x != y}
        tells = len(steps) == 1 and thread in changed and not position(steps[0][1]).failure
        read = bits([thread, *(self.owner[slot] for slot in looked)])
        self.told = with_room(self.told, leaf + 1)
        self.told[leaf] = (first, end, read, bits(changed), tells)

    def touch(self, thread: int, looked: Sequence[int]) -> None:
        """Note that `thread` looks at these objects: one that another had alone is shared now."""
        for slot in looked:
            owner = self.owner.get(slot)
            if owner is None:
                self.adopt(thread, slot)
            elif owner < self.threads and owner != thread:
                self.split(owner, slot)

    def adopt(self, thread: int, slot: int) -> None:
        """Add an object that no thread has touched, as it started, to a thread's own objects."""
        self.owner[slot] = thread
        self.order = None
        self.components[thread].append(slot)
        self.values[thread] = [(*values, 0) for values in self.values[thread]]
        self.numbers[thread] = {values: at for at, values in enumerate(self.values[thread])}

    def split(self, owner: int, slot: int) -> None:
        """Make an object of the thread `owner` a component of its own."""
        self.torn = True  # until states are packed anew
        self.order = None
        at, component = self.components[owner].index(slot), len(self.components)
        if not self.origins:
            self.origins = self.unmoved()
        before, (origin, numbers) = self.values[owner], self.origins[owner]
        self.components[owner].remove(slot)
        self.components.append([slot])
        self.owner[slot] = component
        rest = [values[:at] + values[at + 1 :] for values in before]
        alone = [(values[at],) for values in before]
        self.origins.append((origin, []))
        self.values.append([])
        self.numbers.append({})
        for which, parts in ((owner, rest), (component, alone)):
            self.values[which] = list(dict.fromkeys(parts))
            self.numbers[which] = {values: at for at, values in enumerate(self.values[which])}
            renumbered = [self.numbers[which][parts[number]] for number in numbers]
            self.origins[which] = (origin, renumbered)
        self.forget()

    def unmoved(self) -> list[tuple[int, list[int]]]:
        """The move that takes every component, and every value of it, from itself."""
        return [(at, list(range(len(values)))) for at, values in enumerate(self.values)]

    def move(self) -> Moved | None:
        """How to pack all states anew, in a layout that is chosen now; None if all fits already."""
        if self.layout.fits(list(map(len, self.values))):
            return None
        self.torn = True
        old, stems = self.layout.fields, self.origins or self.unmoved()
        self.settle()
        origins = np.array([origin for origin, _ in stems], np.int64)
        return Moved(old, origins, *arrays([numbers for _, numbers in stems]))

    def state(self, words: Sequence[int]) -> State:
        """The state that is packed in `words`."""
        held: list[int] = []
        for (word, shift, mask), values in zip(self.layout.places, self.values, strict=True):
            held += values[words[word] >> shift & mask]
        held.append(0)
        if self.order is None:
            self.order = self.in_order()
        return tuple(map(held.__getitem__, self.order))

    def in_order(self) -> list[int]:
        """For every slot, where it is in what all components hold, one after the other, and a 0.

        A slot that no component has holds the 0 that it began with.
        """
        slots = [slot for component in self.components for slot in component]
        at = {slot: number for number, slot in enumerate(slots)}
        every = range(self.threads + len(self.product.objects))
        return [at.get(slot, len(slots)) for slot in every]

    def words(self, state: State) -> list[int]:
        """`state`, packed."""
        return self.packed((at, self.number(at, state, {})) for at in range(len(self.components)))


def bits(components: Iterable[int]) -> int:
    """Components as bits; two that are 64 apart share one."""
    return sum({1 << component % 64 for component in components})

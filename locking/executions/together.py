"""Which paths threads may go together: what one reads, one of them writes.

Of one word there is more: what reads see of it, and the order of its writes, are one order that
agrees with each thread (coherence). So threads take their steps on it in turns, in all ways, and
read what it holds then. It is the word of which there is most to choose, or all those of locks at
once, where `order_of_locks` says that they are one order. Of any other word, a read sees what some
thread writes at some time: which write that is, the execution says. A way is left where there is no
order for what threads did to such a word so far.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from locking.executions.executions import GoOn, Together
from locking.executions.meaning import DraftEvent, SeenValue
from locking.executions.paths import PathPart, TreePath, path_along
from locking.executions.trees import EndKind, TakenWay, ThreadTree, all_trees
from locking.executions.word_order import WordOrders
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS

WordValue = tuple[str, Hashable]
"""A word and a value of it, by its key."""

Item = TypeVar("Item")


class TreeWalk:
    """How a thread came to a tree. Walks that are equal are one, if they begin with one.

    `numbers` has by word what it did to it, as `WordOrders` numbers that.
    """

    def __init__(
        self,
        tree: ThreadTree,
        walked: tuple[PathPart, ...],
        bits: "ValueBits",
        orders: WordOrders,
        numbers: Mapping[str, int],
    ) -> None:
        self.tree = tree
        self.walked = walked
        self.bits = bits
        self.orders = orders
        self.numbers = numbers
        self.read = self.written = 0
        self.further: dict[int, TreeWalk] = {}

    def along(self, number: int) -> "TreeWalk":
        """The walk that goes on by a way of its tree."""
        if number not in self.further:
            way = self.tree.ways[number]
            walked = (*self.walked, PathPart(self.tree, way))
            numbers = self.orders.numbers_after(self.numbers, way.events)
            then = TreeWalk(way.then, walked, self.bits, self.orders, numbers)
            then.read = self.read | self.bits.of(way.events, READ_KINDS)
            then.written = self.written | self.bits.of(way.events, WRITE_KINDS)
            self.further[number] = then
        return self.further[number]


class ValueBits:
    """A number for each value of a word, so that sets of values are the bits of one number."""

    def __init__(self) -> None:
        self.known: dict[WordValue, int] = {}
        self.of_words: dict[str, dict[Hashable, int]] = {}
        self.below: dict[int, int] = {}

    def bit(self, word: str, key: Hashable) -> int:
        """The bit of a value."""
        if (word, key) not in self.known:
            self.known[word, key] = bit = 1 << len(self.known)
            self.of_words.setdefault(word, {})[key] = bit
        return self.known[word, key]

    def values(self, word: str, bits: int) -> Iterator[Hashable]:
        """The values of a word among these bits."""
        return (key for key, bit in self.of_words.get(word, {}).items() if bits & bit)

    def of(self, events: Sequence[DraftEvent], kinds: frozenset[str]) -> int:
        """The values of the events of these kinds."""
        found = 0
        for each in events:
            if each.kind in kinds:
                found |= self.bit(each.location, each.key)
        return found

    def written_below(self, tree: ThreadTree) -> int:
        """The values that may be written from a tree on."""
        if id(tree) not in self.below:
            found = 0
            for way in tree.ways:
                found |= self.of(way.events, WRITE_KINDS) | self.written_below(way.then)
            self.below[id(tree)] = found
        return self.below[id(tree)]


class WalkState(NamedTuple):
    """Where all threads stand: how each has ended, or None, and what the words hold."""

    walks: tuple[TreeWalk, ...]
    ends: tuple[EndKind | None, ...]
    held: tuple[Hashable, ...]


class WalkTogether:
    """All ways in which threads may go through their trees together.

    `in_turns` are words whose steps are one order; without any it is that of one word.
    """

    def __init__(
        self,
        roots: Sequence[ThreadTree],
        initial: Mapping[str, SeenValue],
        in_turns: Collection[str] = (),
    ) -> None:
        self.initial = initial
        followed = in_turns or filter(None, [most_chosen_word(roots)])
        self.places = {name: at for at, name in enumerate(followed)}
        self.bits = ValueBits()
        self.given = 0
        for name, seen in initial.items():
            self.given |= self.bits.bit(name, seen.key)
        self.orders = WordOrders(initial)
        self.roots = [TreeWalk(each, (), self.bits, self.orders, {}) for each in roots]
        self.trees = [{id(each): each for each in all_trees(root)} for root in roots]
        self.paths: dict[tuple[int, EndKind], TreePath] = {}

    def together(self, go_on: GoOn) -> Iterator[Together]:
        """One path of each thread, each together once."""
        waiting, met, found = self.first_turns(), set[WalkState](), set[Hashable]()
        while waiting:
            turn = waiting.pop()
            if turn in met or not self.may_be_written(turn):
                continue
            met.add(turn)
            go_on()
            if None in turn.ends:
                waiting += self.next_turns(turn)
            elif turn[:2] not in found and self.have_orders(turn, self.words_of(turn)):
                found.add(turn[:2])
                yield Together([*map(self.path, range(len(turn.walks)), *turn[:2])], self.initial)

    def words_of(self, turn: WalkState) -> set[str]:
        """The words that threads have touched so far."""
        return {word for each in turn.walks for word in each.numbers}

    def have_orders(self, turn: WalkState, words: Collection[str]) -> bool:
        """Whether there may be an order for each of these words; those that are followed have one.

        What threads read may yet be written.
        """
        below = self.written_below(turn)
        return all(
            self.orders.has_order(
                word,
                tuple(each.numbers.get(word, 0) for each in turn.walks),
                [*self.bits.values(word, below)],
            )
            for word in words
            if word not in self.places
        )

    def path(self, thread: int, walk: TreeWalk, end: EndKind | None) -> TreePath:
        """The path of a thread."""
        assert end is not None
        key = id(walk), end
        if key not in self.paths:
            self.paths[key] = path_along(walk.walked, walk.tree, end, self.trees[thread])
        return self.paths[key]

    def first_turns(self) -> list[WalkState]:
        """Where all threads stand at first."""
        held = tuple(self.initial[name].key for name in self.places)
        turns = [WalkState(tuple(self.roots), (), held)]
        for root in self.roots:
            turns = [
                turn._replace(ends=(*turn.ends, end))
                for turn in turns
                for end in ends_at(root.tree)
            ]
        return turns

    def next_turns(self, turn: WalkState) -> list[WalkState]:
        """What may come next: what is not about the word comes first, in the order of threads."""
        alive = [at for at, end in enumerate(turn.ends) if end is None]
        free = [
            at for at in alive if self.places.keys().isdisjoint(words_touched(turn.walks[at].tree))
        ]
        return [each for at in free[:1] or alive for each in self.turns_of(turn, at)]

    def turns_of(self, turn: WalkState, thread: int) -> Iterator[WalkState]:
        """What may come if a thread takes its step."""
        walk = turn.walks[thread]
        for number, way in enumerate(walk.tree.ways):
            held = words_after(way, self.places, turn.held)
            if held is None or not way.then.leads_on:
                continue
            walks = with_item(turn.walks, thread, walk.along(number))
            words = {each.location for each in way.events if each.location}
            for end in ends_at(way.then):
                then = WalkState(walks, with_item(turn.ends, thread, end), held)
                if self.have_orders(then, words):
                    yield then

    def may_be_written(self, turn: WalkState) -> bool:
        """Whether all that was read was there at first, or is written by some thread."""
        read, written = 0, self.given | self.written_below(turn)
        for each in turn.walks:
            read |= each.read
            written |= each.written
        return not read & ~written

    def written_below(self, turn: WalkState) -> int:
        """The values that threads may yet write."""
        found = 0
        for walk, end in zip(turn.walks, turn.ends, strict=True):
            if end is None:
                found |= self.bits.written_below(walk.tree)
        return found


def ends_at(tree: ThreadTree) -> Iterator[EndKind | None]:
    """How a thread may end that has come to a tree; None if it may go on."""
    if tree.end is not None:
        yield tree.end
        return
    yield from sorted(tree.blocks, key=lambda each: each.name)
    if any(way.then.leads_on for way in tree.ways):
        yield None


def with_item(each: tuple[Item, ...], at: int, new: Item) -> tuple[Item, ...]:
    """A tuple with another item at a place."""
    return (*each[:at], new, *each[at + 1 :])


def words_touched(tree: ThreadTree) -> set[str]:
    """The words that the step of a tree touches."""
    return {each.location for way in tree.ways for each in way.events}


def words_after(
    way: TakenWay, places: Mapping[str, int], held: tuple[Hashable, ...]
) -> tuple[Hashable, ...] | None:
    """What words hold behind a way, each at its place; None if it reads what they do not hold."""
    for each in way.events:
        at = places.get(each.location)
        if at is not None and each.kind in READ_KINDS and held[at] != each.key:
            return None
        if at is not None and each.kind in WRITE_KINDS:
            held = with_item(held, at, each.key)
    return held


def most_chosen_word(roots: Sequence[ThreadTree]) -> str:
    """The word of whose values there are most ways to choose; none if there are no ways.

    Its steps are taken whole, so none may look at it and then write it, with others in between.
    """
    found, apart = Counter[str](), set[str]()
    for tree in (each for root in roots for each in all_trees(root)):
        if tree.looks_at:
            found[tree.looks_at] += len(tree.ways)
        apart.update(word for way in tree.ways for word in touched_apart(way.events))
    return max(found.keys() - apart, key=lambda each: (found[each], each), default="")


def touched_apart(events: Sequence[DraftEvent]) -> Iterator[str]:
    """The words that a step touches more than once, other than by a read-modify-write."""
    times = Counter(each.location for each in events if not each.ends_update)
    yield from (word for word, count in times.items() if word and count > 1)

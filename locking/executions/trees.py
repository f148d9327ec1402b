"""What a thread may do, by what its reads may see: a tree of its steps, whose equal parts are one.

A read may see what its own thread has written last, and what other threads write anywhere: which of
these it does see is decided later. A thread that waits, and one that goes round in a loop and has
come back to where it was without writing, ends here as one that is *blocked*. Rounds that change
nothing are left out, for an execution with fewer of them is an execution too.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.executions.guarding import (
    NOTHING_HELD,
    Guarding,
    KnownByLocks,
    key_in_state,
    value_key,
)
from locking.executions.meaning import DraftEvent, Meaning, SeenValue, Touching
from locking.executions.objects import is_grace_period, meaning_of
from locking.explore.deadline import look
from locking.explore.learn import Learner
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.operation import Misuse, Operation
from locking.objects.until import Until
from locking.programs.position import Position
from locking.programs.traps import Choose

WRITING_ROUNDS = 3
"""How often a loop whose rounds write is followed round."""

EventChange = Callable[[Position, tuple[DraftEvent, ...]], tuple[DraftEvent, ...]]
"""What becomes of the events of a step: another order of what it does, and nothing else."""


def unchanged(_: Position, events: tuple[DraftEvent, ...]) -> tuple[DraftEvent, ...]:
    """The events of a step as they are."""
    return events


WRITTEN = "written"
"""Stands for a value that others write too, where it does not count who did."""

LONGEST_PATH = 200
"""Steps of a path: each takes three calls, and Python allows about a thousand inside each other."""


class TooManyPaths(Exception):
    """There is too much to go through; its text says of what."""


class EndKind(Enum):
    """How a path through a tree ends."""

    ENDED = "the thread has ended"
    FAILED = "the thread has failed"
    WAITS = "the thread waits"
    GOES_ROUND = "the thread repeats a loop that changes nothing"
    CUT = "a loop that changes something is followed no further"


class Stores(NamedTuple):
    """What a part of a tree may store: how often at most, by what is stored where.

    `loops` are the trees that it may go back to, by their identity; `anything` is whether nothing
    is known of it.
    """

    most: Mapping[Hashable, int]
    loops: frozenset[int] = frozenset()
    anything: bool = False


class TakenWay(NamedTuple):
    """One way to take a step: what it read, its events, and what comes then."""

    seen: Hashable
    result: Any
    events: tuple[DraftEvent, ...]
    then: "ThreadTree"


@dataclass(slots=True, eq=False)
class ThreadTree:
    """Where a thread stands, and the ways on; without one, how it ends.

    `back` is the tree to which a blocked thread has come back, and `blocks` how a thread may be
    blocked that comes to this one. `looks_at` is the word that the step looks at, also if it then
    waits. `nodes` has a bit for each node below, and `leads_on` is whether a path ends below.
    """

    node: int
    position: Position
    ways: list[TakenWay] = field(default_factory=list)
    end: EndKind | None = None
    back: "ThreadTree | None" = None
    looks_at: str = ""
    stores: Stores = field(default_factory=lambda: Stores({}))
    blocks: set[EndKind] = field(default_factory=set)
    nodes: int = 0
    leads_on: bool = False


class TreeVisit(NamedTuple):
    """That a path came by a tree, with so many writes and plain accesses before."""

    tree: ThreadTree
    writes: int
    plain: int
    times: int


@dataclass(frozen=True, slots=True)
class PathSoFar:
    """How a path came to where it is: its last own writes, and the nodes that it came by."""

    own: Mapping[str, SeenValue]
    visits: Mapping[int, TreeVisit]
    writes: int = 0
    plain: int = 0
    looked: bool = False
    """Whether a round that changes nothing was gone through once, for its plain accesses."""
    nodes: int = 0
    """A bit for each node of `visits`."""
    has: KnownByLocks = NOTHING_HELD
    """What locks it holds, and what it knows by that."""


class TreeGrower:
    """Grows the tree of one thread, for values that the other threads may write."""

    def __init__(
        self,
        learner: Learner,
        initial: Mapping[str, SeenValue],
        others: Mapping[str, Mapping[Hashable, Any]],
        change: EventChange,
        guarding: Guarding,
        largest: int,
    ) -> None:
        self.guarding = guarding
        self.largest = largest
        self.learner = learner
        self.me = learner.thread.name
        self.initial = initial
        self.others = others
        self.change = change
        self.grown = 0
        self.depth = 0
        self.known: dict[Hashable, ThreadTree] = {}
        """Trees that no node before them has a part in, by all that they depend on."""
        self.of_locks: set[str] = set()
        """Words of which a step may ask who has written them."""

    def grow(self) -> ThreadTree:
        """The tree. Errors: `ModelError`, `TooManyPaths`, `OutOfTime`."""
        return self.at(0, PathSoFar({}, {}))

    def at(self, node: int, came: PathSoFar) -> ThreadTree:
        """The tree from a node on: one that is known, if no round goes back before it.

        Errors: `TooManyPaths`.
        """
        key = node, came.looked, frozenset(self.own_alone(came)), came.has.as_key()
        known = self.known.get(key)
        if known is not None and not known.nodes & came.nodes:
            return known
        tree = self.grown_at(node, came)
        if not tree.nodes & came.nodes:
            self.known[key] = tree
        return tree

    def own_alone(self, came: PathSoFar) -> Iterator[tuple[str, Hashable]]:
        """What the thread has written last, where it counts that it was this thread.

        It does not count of a word of memory that others may write the same into: it counts only
        that the initial value is gone.
        """
        for name, seen in came.own.items():
            same = name not in self.of_locks and seen.key in self.others.get(name, ())
            yield name, WRITTEN if same else seen.key

    def grown_at(self, node: int, came: PathSoFar) -> ThreadTree:
        """A new tree from a node on. Errors: `TooManyPaths`, `OutOfTime`."""
        look()
        self.grown += 1
        if self.grown > self.largest:
            raise TooManyPaths(f"thread {self.me} may take more than {self.largest:,} steps in all")
        position = self.learner.nodes[node].position
        tree = ThreadTree(node, position, nodes=1 << node)
        if position.next is None:
            failed = position.failure is not None
            return ended_tree(tree, EndKind.FAILED if failed else EndKind.ENDED)
        if position.broken:  # a round that fails and goes on is gone through once as well
            came = replace(came, plain=came.plain + 1)
        visit = came.visits.get(node)
        if visit is not None:
            if came.writes > visit.writes and visit.times >= WRITING_ROUNDS:
                return ended_tree(tree, EndKind.CUT)
            if came.writes == visit.writes:
                if came.looked or came.plain == visit.plain:
                    return ended_tree(tree, EndKind.GOES_ROUND, visit.tree)
                came = replace(came, looked=True)
        times = visit.times + 1 if visit else 1
        here = TreeVisit(tree, came.writes, came.plain, times)
        came = replace(came, visits={**came.visits, node: here}, nodes=came.nodes | 1 << node)
        self.depth += 1
        if self.depth > LONGEST_PATH:
            raise TooManyPaths(f"thread {self.me} takes more than {LONGEST_PATH} steps in a row")
        self.add_ways(tree, came)
        self.depth -= 1
        tree.stores = stores_of(tree)
        for way in tree.ways:
            tree.nodes |= way.then.nodes
        tree.leads_on = bool(tree.blocks) or any(way.then.leads_on for way in tree.ways)
        return tree

    def add_ways(self, tree: ThreadTree, came: PathSoFar) -> None:
        """Add the ways on."""
        step = tree.position.next
        if isinstance(step, Choose):
            for number, option in enumerate(step.options):
                then = self.at(self.learner.child(tree.node, option), came)
                tree.ways.append(TakenWay(("chosen", number), option, (), then))
            return
        assert isinstance(step, Operation)
        meaning = meaning_at(tree.position, step, self.me, self.initial)
        if meaning.touching in (Touching.LOAD, Touching.UPDATE):
            tree.looks_at = meaning.word
        if step.target.call(step.name).access is None:
            self.of_locks.add(meaning.word)
        for seen in self.states(meaning, came):
            self.add_way(tree, meaning, seen, came)
        if is_grace_period(step):
            self.add_wait(tree)

    def add_way(self, tree: ThreadTree, meaning: Meaning, seen: SeenValue, came: PathSoFar) -> None:
        """Add what comes of a step that finds its word as it is `seen`."""
        done = meaning.do(self.me, seen.value)
        if done is None:
            self.add_wait(tree)
            return
        if isinstance(done, Misuse):
            then = self.at(self.learner.child(tree.node, done), came)
            tree.ways.append(TakenWay(seen.key, None, tuple(look_of(meaning, seen)), then))
            return
        node = self.learner.child(tree.node, done.result)
        if isinstance(self.learner.nodes[node].position.next, Until):
            self.add_wait(tree)
            return
        changed = self.change(tree.position, done.events)
        taken = self.guarding.taken(meaning.word, self.me, seen, changed, came.has)
        if taken is None:
            return
        events = taken.events
        after = replace(came_after(came, events), has=taken.has)
        if meaning.touching is Touching.OWN:
            kept = SeenValue(done.state, key_in_state(seen.key, done.state))
            after = replace(after, own={**came.own, meaning.word: kept})
        tree.ways.append(TakenWay(seen.key, done.result, events, self.at(node, after)))

    def add_wait(self, tree: ThreadTree) -> None:
        """Add that the thread has to wait, once."""
        if not any(each.then.end is EndKind.WAITS for each in tree.ways):
            waiting = ended_tree(ThreadTree(tree.node, tree.position), EndKind.WAITS, tree)
            tree.ways.append(TakenWay(("waits",), None, (), waiting))

    def states(self, meaning: Meaning, came: PathSoFar) -> list[SeenValue]:
        """The values that the word of a step may have for this thread, its own first."""
        if meaning.touching is Touching.FENCE:
            return [SeenValue(None, None)]
        name = meaning.word
        own = came.own.get(name) or self.initial[name]
        if meaning.touching in (Touching.STORE, Touching.OWN):
            return [own]
        if name in came.has.known:
            return [came.has.known[name]]
        others = [
            SeenValue(value, key)
            for key, value in self.others.get(name, {}).items()
            if key != own.key and meaning.own(value) == meaning.own(own.value)
        ]
        return [each for each in (own, *others) if self.guarding.may_see(self.me, own, each)]


def ended_tree(tree: ThreadTree, end: EndKind, back: ThreadTree | None = None) -> ThreadTree:
    """A tree that ends here. What a thread does that fails, or is cut, is not known."""
    tree.end, tree.back, tree.leads_on = end, back, back is None
    if back is not None:
        back.blocks.add(end)
    loops = frozenset({id(back)}) if back else frozenset[int]()
    tree.stores = Stores({}, loops, anything=end in (EndKind.FAILED, EndKind.CUT))
    return tree


def look_of(meaning: Meaning, seen: SeenValue) -> Iterator[DraftEvent]:
    """The event by which a thread sees that it misuses an object, if it looks at it for that."""
    if meaning.touching in (Touching.LOAD, Touching.UPDATE):
        yield DraftEvent(meaning.looks, ("once",), meaning.word, seen.value, seen.key)


def came_after(came: PathSoFar, events: tuple[DraftEvent, ...]) -> PathSoFar:
    """How a path came behind these events."""
    written = [each for each in events if each.kind in WRITE_KINDS]
    plain = sum("plain" in each.tags for each in events)
    own = {**came.own, **{each.location: SeenValue(each.value, each.key) for each in written}}
    return replace(came, own=own, writes=came.writes + len(written), plain=came.plain + plain)


def stores_of(tree: ThreadTree) -> Stores:
    """What a tree may store, from what comes after each of its ways."""
    most: dict[Hashable, int] = {}
    loops: set[int] = set()
    for way in tree.ways:
        for key, count in with_events(way.then.stores.most, way, tree).items():
            most[key] = max(most.get(key, 0), count)
        loops |= way.then.stores.loops
    anything = any(way.then.stores.anything for way in tree.ways)
    return Stores(most, frozenset(loops) - {id(tree)}, anything)


def with_events(
    most: Mapping[Hashable, int], way: TakenWay, tree: ThreadTree
) -> Mapping[Hashable, int]:
    """What may be stored, with the events of the way that leads there."""
    keys = [store_key(tree.position, each) for each in way.events if each.kind in WRITE_KINDS]
    if not keys:
        return most
    found = dict(most)
    for key in keys:
        found[key] = found.get(key, 0) + 1
    return found


def store_key(position: Position, event: DraftEvent) -> Hashable:
    """What is stored where: two stores of one key can be taken for each other.

    Of a read-modify-write it is what it was asked for, for what it writes depends on what it reads.
    """
    step = position.next
    name = step.name if isinstance(step, Operation) else ""
    if event.ends_update:
        return event.location, name, position.given
    return event.location, event.tags, value_key(event.key)


def all_trees(root: ThreadTree) -> Iterator[ThreadTree]:
    """A tree and all below it, each once."""
    waiting, met = [root], {id(root)}
    while waiting:
        tree = waiting.pop()
        yield tree
        for way in tree.ways:
            if id(way.then) not in met:
                met.add(id(way.then))
                waiting.append(way.then)


def meaning_at(
    position: Position, step: Operation, me: str, initial: Mapping[str, SeenValue]
) -> Meaning:
    """What the step at a position is to a memory model. Errors: `ModelError`."""
    refuse_block(position)
    meaning = meaning_of(step, me)
    if meaning.touching is not Touching.FENCE and meaning.word not in initial:
        at = f"{position.site.filename}:{position.site.line}"
        raise ModelError(
            f"thread {me} uses {step.target!r} at {at}, which is not among the model's objects; "
            f"add it there"
        )
    return meaning


def refuse_block(position: Position) -> None:
    """Refuse a step that is one with others. Errors: `ModelError`."""
    if position.bound and not position.reduced:
        site = position.site
        raise ModelError(
            f"{position.next} ({site.filename}:{site.line}) is one step with others, in atomic() "
            f"or by wait_until() on several objects; --memory lkmm knows only atomic(reduced=True)"
        )

"""Which locks guard which words, whatever threads read.

What a lock guards cuts what threads read, and what they read decides what they store. So guards may
not be asked of what threads do between guards: two might then hold only because of each other. They
are asked here of all that threads do if each read may see any value that any thread writes. That is
more than any execution has, so a guard that is found here guards in every execution.

Values are found in turns, as those of trees are. An execution has a store for each turn in which
something of it is found. So no more turns are needed than stores to the words that the last turns
were about.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from locking.executions.guarding import Guards
from locking.executions.meaning import DraftEvent, Meaning, SeenValue, Touching
from locking.executions.orderings import may_change
from locking.executions.trees import LONGEST_PATH, meaning_at
from locking.explore.deadline import look
from locking.explore.learn import Learner
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.lockdep import SHARED
from locking.objects.operation import Misuse, Object, Operation
from locking.objects.until import Until
from locking.programs.keys import typed
from locking.programs.traps import Choose
from locking.properties.ordering import modes_held

Paired = TypeVar("Paired")

MOST_STEPS_TRIED = 100_000
"""How often a step is tried with a value before nothing is said to be guarded."""

MOST_STORES = 2 * LONGEST_PATH
"""Stores of a path: no step has more than two to words that others look at."""

MOST_STANDINGS = 20_000
"""Where one thread may stand, before nothing is said to be guarded."""

HeldModes = frozenset[tuple[str, int]]
"""The modes in which a thread holds an object, each with how often."""


class Stand(NamedTuple):
    """Where a thread stands, and what it has of objects.

    `held` are the objects that it has changed, with its modes; `kept` is what else it did itself;
    `shared` are those that it has let go after it shared them.
    """

    node: int
    held: frozenset[tuple[str, HeldModes]] = frozenset()
    kept: frozenset[tuple[str, SeenValue]] = frozenset()
    shared: frozenset[str] = frozenset()


class StepOn(NamedTuple):
    """A step that a thread may take: what it writes, and where it stands then."""

    writes: tuple[DraftEvent, ...]
    then: Stand


@dataclass
class ThreadReach:
    """Where one thread may stand, and how it came there."""

    learner: Learner
    depth: dict[Stand, int] = field(default_factory=lambda: {Stand(0): 0})
    moves: dict[Stand, set[tuple[Stand, tuple[str, ...]]]] = field(default_factory=dict)
    """Where it may stand next, with the words that it writes on the way."""
    asks: dict[str, list[Stand]] = field(default_factory=dict)
    """Where its step asks for the value of each word."""
    looked: set[str] = field(default_factory=set)
    """The words that it looks at, other than for what it did itself."""

    def most_writes(self, words: Collection[str]) -> int:
        """The most stores to some words on one path, which goes round as often as it may."""
        most = dict.fromkeys(self.depth, 0)
        changed = True
        while changed:
            changed = False
            for at in reversed(self.depth):
                found = (
                    sum(each in words for each in written) + most[then]
                    for then, written in self.moves.get(at, ())
                )
                count = min(MOST_STORES, max(found, default=0))
                changed |= count > most[at]
                most[at] = count
        return most[Stand(0)]

    def written(self) -> set[str]:
        """The words that it writes."""
        return {word for moves in self.moves.values() for _, words in moves for word in words}


class GaveUp(Exception):
    """There is too much that threads may do."""


class AnyValues:
    """What threads may do if a read may see any value that some thread writes."""

    def __init__(
        self,
        learners: Sequence[Learner],
        initial: Mapping[str, SeenValue],
        locks: Collection[Object],
    ) -> None:
        self.locks = {each.name: each for each in locks}
        self.walked = [ThreadReach(each) for each in learners]
        self.initial = initial
        self.values = {name: {seen.key: seen} for name, seen in initial.items()}
        self.tried = 0
        self.held_alone: dict[str, frozenset[str]] = {}
        """The locks that were held alone at every store to a word."""
        self.taken_again: set[str] = set()

    def guards(self) -> Guards:
        """What locks guard; nothing, if there is too much to go through."""
        try:
            self.go()
        except GaveUp:
            return {}
        return {name: self.held_alone[name] - self.taken_again for name in self.passed_on()}

    def passed_on(self) -> set[str]:
        """The words that one thread may write and another may look at."""
        return {
            word
            for at, writer in enumerate(self.walked)
            for word in writer.written()
            if any(word in each.looked for other, each in enumerate(self.walked) if other != at)
        }

    def go(self) -> None:
        """Go through all that threads may do. Errors: `GaveUp`."""
        fresh = self.values
        waiting = [[*each.depth] for each in self.walked]
        turns: dict[frozenset[str], int] = {}
        while True:
            new: dict[str, dict[Hashable, SeenValue]] = {}
            for walked, begin in zip(self.walked, waiting, strict=True):
                self.look_again(walked, fresh if turns else {}, begin, new)
                self.go_on(walked, begin, new)
            fresh = {name: values for name, values in new.items() if values}
            if not fresh:
                return
            for name, values in fresh.items():
                self.values.setdefault(name, {}).update(values)
            turns = one_more_turn(turns, frozenset(fresh))
            if any(count > self.most_writes(words) for words, count in turns.items()):
                return

    def most_writes(self, words: Collection[str]) -> int:
        """The most stores to some words in one execution."""
        return sum(each.most_writes(words) for each in self.walked)

    def look_again(
        self,
        walked: ThreadReach,
        fresh: Mapping[str, Mapping[Hashable, SeenValue]],
        begin: list[Stand],
        new: dict[str, dict[Hashable, SeenValue]],
    ) -> None:
        """Take the steps that look at words with fresh values, with these. Errors: `GaveUp`."""
        for name, values in fresh.items():
            for at in list(walked.asks.get(name, ())):
                self.step(walked, at, values, begin, new)

    def go_on(
        self,
        walked: ThreadReach,
        begin: list[Stand],
        new: dict[str, dict[Hashable, SeenValue]],
    ) -> None:
        """Take the steps from where a thread has not been before. Errors: `GaveUp`.

        The last one first: its run is still there, and need not be made again.
        """
        while begin:
            at = begin.pop()
            if walked.depth[at] > LONGEST_PATH or len(walked.depth) > MOST_STANDINGS:
                raise GaveUp
            self.step(walked, at, None, begin, new)

    def step(
        self,
        walked: ThreadReach,
        at: Stand,
        values: Mapping[Hashable, SeenValue] | None,
        begin: list[Stand],
        new: dict[str, dict[Hashable, SeenValue]],
    ) -> None:
        """Take a step of a thread, with these values of its word or with all that are known.

        Errors: `GaveUp`.
        """
        for move in self.moves(walked, at, values):
            look()
            self.tried += 1
            if self.tried > MOST_STEPS_TRIED:
                raise GaveUp
            if move is None:
                continue
            words = tuple(each.location for each in move.writes)
            walked.moves.setdefault(at, set()).add((move.then, words))
            self.note(move, at)
            for each in move.writes:
                if each.key not in self.values.get(each.location, ()):
                    seen = SeenValue(each.value, each.key)
                    new.setdefault(each.location, {})[each.key] = seen
            if move.then not in walked.depth:
                walked.depth[move.then] = walked.depth[at] + 1
                begin.append(move.then)

    def moves(
        self, walked: ThreadReach, at: Stand, values: Mapping[Hashable, SeenValue] | None
    ) -> Iterator[StepOn | None]:
        """What may come of a step; None where a value lets nothing come."""
        learner = walked.learner
        position = learner.nodes[at.node].position
        step = position.next
        if isinstance(step, Choose):
            for option in step.options:
                yield StepOn((), at._replace(node=learner.child(at.node, option)))
        if isinstance(step, Until) or not isinstance(step, Operation):
            return
        meaning = meaning_at(position, step, learner.thread.name, self.initial)
        if meaning.touching in (Touching.LOAD, Touching.UPDATE):
            walked.looked.add(meaning.word)
        if values is None and meaning.touching is not Touching.FENCE:
            walked.asks.setdefault(meaning.word, []).append(at)
        for seen in self.seen(step, meaning, at, learner.thread.name, values):
            yield self.moved(meaning, step.target, at, learner, seen)

    def seen(
        self,
        step: Operation,
        meaning: Meaning,
        at: Stand,
        me: str,
        values: Mapping[Hashable, SeenValue] | None,
    ) -> list[SeenValue]:
        """The values that the word of a step may have for a thread; of `values`, if given."""
        word = meaning.word
        kept = dict(at.kept).get(word) if meaning.touching is Touching.OWN else None
        overwrites = meaning.touching is Touching.STORE and may_change(step)
        if meaning.touching is Touching.FENCE or overwrites or kept is not None:
            any_value = self.initial.get(word, SeenValue(None, None))
            return [] if values is not None else [kept or any_value]
        known = (self.values[word] if values is None else values).values()
        if word not in self.locks:
            return [*known]
        target = self.locks[word]
        held = self.held_by(at, target)
        return [each for each in known if modes_seen(target, each, me) == held]

    def held_by(self, at: Stand, target: Object) -> HeldModes:
        """The modes in which a thread holds an object."""
        return dict(at.held).get(target.name, frozenset())

    def moved(
        self, meaning: Meaning, target: Object, at: Stand, learner: Learner, seen: SeenValue
    ) -> StepOn | None:
        """What comes of a step that finds its word as it is `seen`; None if nothing does."""
        me = learner.thread.name
        done = meaning.do(me, seen.value)
        if done is None or isinstance(done, Misuse):
            return None
        then = at._replace(node=learner.child(at.node, done.result))
        if meaning.touching is Touching.OWN and typed(done.state) != seen.key:
            kept = SeenValue(done.state, typed(done.state))
            return StepOn((), then._replace(kept=with_name(at.kept, meaning.word, kept)))
        writes = tuple(each for each in done.events if each.kind in WRITE_KINDS)
        for each in writes:
            if each.location == target.name and target.name in self.locks:
                before = self.held_by(at, target)
                modes = modes_seen(target, SeenValue(each.value, each.key), me)
                let_go = {target.name} if shares(before) and not modes else set[str]()
                held = with_name(at.held, target.name, modes)
                then = then._replace(held=held, shared=at.shared | let_go)
        return StepOn(writes, then)

    def note(self, move: StepOn, at: Stand) -> None:
        """Note what is held at the stores of a step that takes a lock, holds it or lets it go."""
        alone = {name for name, modes in {*at.held, *move.then.held} if modes}
        alone -= {name for name, modes in {*at.held, *move.then.held} if shares(modes)}
        taken = {name for name, modes in move.then.held - at.held if modes}
        self.taken_again |= taken & at.shared
        for each in move.writes:
            locks = frozenset(alone - {each.location})
            self.held_alone[each.location] = self.held_alone.get(each.location, locks) & locks


def one_more_turn(
    turns: Mapping[frozenset[str], int], fresh: frozenset[str]
) -> dict[frozenset[str], int]:
    """For some words how many of the last turns were about these alone, with one more turn."""
    longer = {fresh: 1}
    for words, count in turns.items():
        longer[words | fresh] = max(count + 1, longer.get(words | fresh, 0))
    return longer


def modes_seen(object_: Object, seen: SeenValue, me: str) -> HeldModes:
    """The modes in which a thread holds an object that is `seen` so."""
    return frozenset(modes_held(object_, seen.value, me).items())


def shares(modes: HeldModes) -> bool:
    """Whether who holds an object in these modes shares it."""
    return any(name in SHARED for name, _ in modes)


def with_name(
    pairs: frozenset[tuple[str, Paired]], name: str, value: Paired
) -> frozenset[tuple[str, Paired]]:
    """Pairs of names and values with another value of a name."""
    return frozenset(each for each in pairs if each[0] != name) | {(name, value)}

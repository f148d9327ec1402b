"""The trees of all threads: which values each may read is what the others may write.

Values are found in turns: those that are written if reads see initial values, then those that are
written if reads see these, and so on. A value of an execution comes from another by a write each
time, so there need be no more turns than an execution has writes of words that are passed on.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from locking.executions.any_values import AnyValues
from locking.executions.guarding import Guarding, may_guard
from locking.executions.meaning import SeenValue
from locking.executions.trees import (
    EventChange,
    ThreadTree,
    TooManyPaths,
    TreeGrower,
    all_trees,
    unchanged,
)
from locking.explore.learn import Learner
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.operation import Object

MOST_WORD_VALUES = 64
"""Values of one word that one thread may write."""

LARGEST_TREE = 100_000
"""Steps of a tree."""

LARGEST_FREE_TREE = 300
"""Steps of a tree beyond which locks are asked what they guard."""

Written = dict[str, dict[Hashable, Any]]
"""Values by word, each with its key."""


class GrownTrees:
    """The trees of all threads, for what each was taken to write, and what locks guard."""

    def __init__(
        self,
        trees: list[ThreadTree],
        written: list[Written],
        initial: Mapping[str, SeenValue],
        guarding: Guarding,
    ) -> None:
        self.guarding = guarding
        self.trees = trees
        self.written = written
        self.initial = initial
        self.looked = [{each.looks_at for each in all_trees(tree)} for tree in trees]

    def foresees(self, thread: int, word: str, key: Hashable) -> bool:
        """Whether the trees of others have a way for a value that a thread writes."""
        looked = any(word in each for at, each in enumerate(self.looked) if at != thread)
        return not looked or key in self.written[thread].get(word, {})


def grown_trees(
    learners: Sequence[Learner],
    initial: Mapping[str, SeenValue],
    change: EventChange = unchanged,
    objects: Collection[Object] = (),
) -> GrownTrees:
    """The trees of all threads; `objects` has the locks that may guard cells.

    Errors: `ModelError`, `TooManyPaths`.
    """
    locks = [
        each
        for each in objects
        if each.name in initial and may_guard(each, initial[each.name].value)
    ]
    if not locks:
        return trees_with_guards(learners, initial, change, Guarding((), {}), LARGEST_TREE)
    with suppress(TooManyPaths):
        return trees_with_guards(learners, initial, change, Guarding((), {}), LARGEST_FREE_TREE)
    guarding = Guarding(locks, AnyValues(learners, initial, locks).guards())
    with suppress(TooManyPaths):
        return trees_with_guards(
            learners, guarding.initial(initial), change, guarding, LARGEST_TREE
        )
    return trees_with_guards(learners, initial, change, Guarding((), {}), LARGEST_TREE)


def trees_with_guards(
    learners: Sequence[Learner],
    initial: Mapping[str, SeenValue],
    change: EventChange,
    guarding: Guarding,
    largest: int,
) -> GrownTrees:
    """The trees of all threads, if locks guard what they are said to; none has more than `largest`.

    Errors: `ModelError`, `TooManyPaths`.
    """
    written: list[Written] = [{} for _ in learners]
    turns = 0
    while True:
        trees = [
            TreeGrower(learner, initial, others_of(written, at), change, guarding, largest).grow()
            for at, learner in enumerate(learners)
        ]
        turns += 1
        passed = passed_on(trees)
        found = [written_in(tree, passed) for tree in trees]
        if known_values(found) == known_values(written):
            return GrownTrees(trees, written, initial, guarding)
        if turns > sum(most_writes(tree, passed) for tree in trees):
            return GrownTrees(trees, written, initial, guarding)
        written = found


def passed_on(trees: Sequence[ThreadTree]) -> set[str]:
    """The words that one thread may write and another may look at, or wait for."""
    looked = [{each.looks_at for each in all_trees(tree)} for tree in trees]
    return {
        name
        for at, tree in enumerate(trees)
        for name in words_written(tree)
        if any(name in words for other, words in enumerate(looked) if other != at)
    }


def words_written(tree: ThreadTree) -> set[str]:
    """The words that a thread may write."""
    return {
        event.location
        for each in all_trees(tree)
        for way in each.ways
        for event in way.events
        if event.kind in WRITE_KINDS
    }


def known_values(written: Sequence[Written]) -> list[set[tuple[str, Hashable]]]:
    """The values that each thread writes."""
    return [{(name, key) for name, values in each.items() for key in values} for each in written]


def others_of(written: Sequence[Written], thread: int) -> Written:
    """What all threads but one may write."""
    found: Written = {}
    for at, each in enumerate(written):
        if at != thread:
            for name, values in each.items():
                found.setdefault(name, {}).update(values)
    return found


def written_in(tree: ThreadTree, words: Collection[str]) -> Written:
    """What a thread may write into some words. Errors: `TooManyPaths`."""
    found: Written = {}
    for each in all_trees(tree):
        for way in each.ways:
            for event in way.events:
                if event.kind in WRITE_KINDS and event.location in words:
                    found.setdefault(event.location, {})[event.key] = event.value
    for name, values in found.items():
        if len(values) > MOST_WORD_VALUES:
            raise TooManyPaths(f"{name} may have more than {MOST_WORD_VALUES} values")
    return found


def most_writes(tree: ThreadTree, words: Collection[str]) -> int:
    """The most writes to some words on a path of a tree."""
    known: dict[int, int] = {}

    def most(at: ThreadTree) -> int:
        if id(at) not in known:
            known[id(at)] = max(
                (
                    sum(each.kind in WRITE_KINDS and each.location in words for each in way.events)
                    + most(way.then)
                    for way in at.ways
                ),
                default=0,
            )
        return known[id(at)]

    return most(tree)

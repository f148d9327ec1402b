"""The trees of all threads: which values each may read is what the others may write.

Values are found in turns: those that are written if reads see initial values, then those that are
written if reads see these, and so on. A value of an execution comes from another by a write each
time, so there need be no more turns than an execution has writes of words that are passed on.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from locking.executions.trees import SeenValue, ThreadTree, TooManyPaths, TreeGrower, all_trees
from locking.explore.learn import Learner

MOST_WORD_VALUES = 64
"""Values of one word that one thread may write."""

Written = dict[str, dict[Hashable, Any]]
"""Values by word, each with its key."""


def grown_trees(learners: Sequence[Learner], initial: Mapping[str, SeenValue]) -> list[ThreadTree]:
    """The trees of all threads. Errors: `ModelError`, `TooManyPaths`."""
    written: list[Written] = [{} for _ in learners]
    turns = 0
    while True:
        trees = [
            TreeGrower(learner, initial, others_of(written, at)).grow()
            for at, learner in enumerate(learners)
        ]
        turns += 1
        passed = passed_on(trees)
        found = [written_in(tree, passed) for tree in trees]
        if known_values(found) == known_values(written):
            return trees
        if turns > sum(most_writes(tree, passed) for tree in trees):
            return trees
        written = found


def passed_on(trees: Sequence[ThreadTree]) -> set[str]:
    """The words that one thread may write and another may read."""
    reads, writes = (
        [{name for each, name in kinds_in(tree) if each == kind} for tree in trees]
        for kind in ("R", "W")
    )
    return {
        name
        for at, names in enumerate(writes)
        for name in names
        if any(name in others for other, others in enumerate(reads) if other != at)
    }


def kinds_in(tree: ThreadTree) -> set[tuple[str, str]]:
    """The kinds of the events of a tree, with their words."""
    return {
        (event.kind, event.location)
        for each in all_trees(tree)
        for way in each.ways
        for event in way.events
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
                if event.kind == "W" and event.location in words:
                    found.setdefault(event.location, {})[event.key] = event.value
    for name, values in found.items():
        if len(values) > MOST_WORD_VALUES:
            raise TooManyPaths(f"{name} may have more than {MOST_WORD_VALUES} values")
    return found


def most_writes(tree: ThreadTree, words: Collection[str]) -> int:
    """The most writes to some words on a path of a tree."""
    return max(
        (
            sum(event.kind == "W" and event.location in words for event in way.events)
            + most_writes(way.then, words)
            for way in tree.ways
        ),
        default=0,
    )

"""The words of paths as an automaton takes them: each round once, and no path that only stops.

What `regions` does to trees is done to plain words here, so that it is done too where locks do not
nest. Nothing is left out of a word but what is there twice, and regions over no step.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

from locking.errors import UsageError
from locking.kernel_source.paths import EventWord, LockEvent, PathOutcome
from locking.kernel_source.regions import MOST_STEPS, ReadTrees, cuts, is_in_order

MOST_WORDS = 200
"""Words of a function beyond which it is refused."""

TRIES = ("try", "failed")
"""The two results of a trylock."""

WordShape = tuple[tuple[str, str, str], ...]


class MainWord(NamedTuple):
    """A word that no other has in it, and the lines on which paths with it end."""

    word: EventWord
    ends: tuple[str, ...]


def main_words(outcomes: Iterable[PathOutcome]) -> list[MainWord]:
    """The words of paths, but for those that leave out steps of another and do the rest as it does.

    A step of a model does not fail, so what a source does where one fails is not in the model.
    Errors: `UsageError` for too many words.
    """
    made: dict[WordShape, MainWord] = {}
    for outcome in sorted(outcomes):
        word = simple(outcome.word)
        shape = word_shape(word)
        known = made.get(shape)
        ends = (*(known.ends if known else ()), outcome.site)
        made[shape] = MainWord(known.word if known else word, tuple(dict.fromkeys(ends)))
    if len(made) > MOST_WORDS:
        raise UsageError(f"there are more than {MOST_WORDS} ways to take the locks and the steps")
    found: list[MainWord] = []
    single = [each for each in made.values() if not is_of_rounds(each.word, made.keys())]
    for each in sorted(single, key=lambda each: how_long(each.word), reverse=True):
        if not any(
            stops_early(each.word, other.word) or leaves_out(each.word, other.word)
            for other in found
        ):
            found.append(each)
    return found


def how_long(word: EventWord) -> tuple[int, int]:
    """How many steps a word has, and how many events."""
    return sum(each.kind == "step" for each in word), len(word)


def word_shape(word: EventWord) -> WordShape:
    """What a word is but for its lines."""
    return tuple((each.kind, each.name, each.mode) for each in word)


@cache
def simple(word: EventWord) -> EventWord:
    """A word without locks that are held over nothing, and with each round of a loop once."""
    word = without_pairs(word, idle_pairs)
    for ordered in (True, False):
        for at, middle, end in cuts(len(word)):
            one, two = word[at:middle], word[middle:end]
            for whole, other in ((one, two), (two, one)):
                if is_in_order(lines_outside(whole)) is ordered and is_another_round(whole, other):
                    return simple((*word[:at], *whole, *word[end:]))
    return word


PairsIn = Callable[[EventWord], Iterator[set[int]]]
"""Finds events of a word that go together, by their places."""


def without_pairs(word: EventWord, pairs: PairsIn) -> EventWord:
    """A word without the events that `pairs` finds in it, one set after the other."""
    while found := next(pairs(word), None):
        word = tuple(each for at, each in enumerate(word) if at not in found)
    return word


def idle_pairs(word: EventWord, kind: str = "take") -> Iterator[set[int]]:
    """Where a lock is taken and let go, in one mode, with no step and no trylock in between."""
    for begin, first in enumerate(word):
        if first.kind != kind:
            continue
        for at in range(begin + 1, len(word)):
            event = word[at]
            if event.kind in ("step", *TRIES):
                break
            if event.name == first.name:
                if (event.kind, event.mode) == ("let_go", first.mode):
                    yield {begin, at}
                break


def idle_tries(word: EventWord) -> Iterator[set[int]]:
    """Where a trylock succeeds and the lock is let go at once."""
    return idle_pairs(word, "try")


def is_another_round(one: EventWord, two: EventWord) -> bool:
    """Whether the second events are the first once more: one step, or the lines of a loop.

    Each of the two lets go of what it takes, and of nothing else.
    """
    if len(one) == 1 and one[0].kind == "step" and word_shape(one) == word_shape(two):
        return True
    if not set(lines_outside(two)) <= set(lines_outside(one)) or not (
        lets_go_of_all(one) and lets_go_of_all(two)
    ):
        return False
    return word_shape(two) == word_shape(one) or leaves_out(two, one)


def is_of_rounds(word: EventWord, known: Collection[WordShape]) -> bool:
    """Whether a word has two rounds, each with a trylock on one line, that are words alone too."""
    for at, first in enumerate(word):
        for middle in range(at + 1, len(word)):
            if first.kind not in TRIES or word[middle].kind not in TRIES:
                continue
            if where_tried(first) != where_tried(word[middle]) or not lets_go_of_all(
                word[at:middle]
            ):
                continue
            if any(
                lets_go_of_all(word[middle:end])
                and word_shape(simple((*word[:at], *word[middle:]))) in known
                and word_shape(simple((*word[:middle], *word[end:]))) in known
                for end in range(middle + 1, len(word) + 1)
            ):
                return True
    return False


def lines_outside(events: EventWord) -> list[str]:
    """The lines of those events that no lock is held around, in order."""
    lines: list[str] = []
    held = 0
    for event in events:
        if event.kind == "let_go":
            held -= 1
            continue
        if not held:
            lines.append(event.site)
        held += event.kind in ("take", "try")
    return lines


def lets_go_of_all(events: EventWord) -> bool:
    """Whether events let go of what they take, as it was taken, and of nothing else."""
    held: dict[str, str] = {}
    for event in events:
        match event.kind:
            case "take" | "try" if event.name in held:
                return False
            case "take" | "try":
                held[event.name] = event.mode
            case "let_go" if held.pop(event.name, None) != event.mode:
                return False
            case "downgrade" if event.name not in held:
                return False
            case "downgrade":
                held[event.name] = "read"
    return not held


def stops_early(word: EventWord, whole: EventWord) -> bool:
    """Whether a word is the beginning of another, and then lets go of all that is held."""
    one, other = word_shape(word), word_shape(whole)
    pairs = enumerate(zip(one, other, strict=False))
    parts = next((at for at, (mine, its) in pairs if mine != its), min(len(one), len(other)))
    return lets_go_of_all(word) and all(kind == "let_go" for kind, _, _ in one[parts:])


def leaves_out(word: EventWord, whole: EventWord) -> bool:
    """Whether a word does some of the steps of another, each as it is done there.

    What goes with a step that is left out is left out too: the regions that were over it alone, and
    trylocks which this word does not come to.
    """
    names = step_names(word)
    own = {where_tried(each) for each in word if each.kind in TRIES}
    free = [
        at
        for at, each in enumerate(whole)
        if each.kind == "step" or (each.kind == "failed" and where_tried(each) not in own)
    ]
    if len(free) > MOST_STEPS or len(names) > len(free) or not is_within(names, step_names(whole)):
        return False
    goal = word_shape(word)
    return any(
        goal == word_shape(simple(made))
        for kept in subsets(free)
        if step_names(chosen := without_others(whole, free, kept)) == names
        for made in (chosen, without_free_tries(chosen, own))
    )


def step_names(word: Iterable[LockEvent]) -> list[str]:
    """The steps of a word, in order."""
    return [each.name for each in word if each.kind == "step"]


def is_within(names: Sequence[str], others: Iterable[str]) -> bool:
    """Whether names are among others, in their order."""
    rest = iter(others)
    return all(name in rest for name in names)


def where_tried(event: LockEvent) -> tuple[str, str]:
    """A trylock: the lock and the line."""
    return event.name, event.site


def subsets(places: Sequence[int]) -> Iterator[set[int]]:
    """Every subset, the smaller ones first."""
    for size in range(len(places) + 1):
        yield from map(set, combinations(places, size))


def without_others(word: EventWord, free: Sequence[int], kept: set[int]) -> EventWord:
    """A word with those alone of the `free` places that are kept."""
    return tuple(each for at, each in enumerate(word) if at in kept or at not in free)


def without_free_tries(word: EventWord, own: set[tuple[str, str]]) -> EventWord:
    """A word without trylocks over nothing that are none of a path's own."""

    def pairs(word: EventWord) -> Iterator[set[int]]:
        return (each for each in idle_tries(word) if where_tried(word[min(each)]) not in own)

    return without_pairs(word, pairs)


def words_of_trees(trees: ReadTrees) -> set[WordShape]:
    """The words that a placement with these trees has.

    A trylock may fail, and then nothing of its region is done.
    """
    words: set[WordShape] = {()}
    for each in trees:
        if not each.mode:
            own: set[WordShape] = {(("step", each.name, ""),)}
        else:
            begin = ("try" if each.tried else "take", each.name, each.mode)
            end = ("let_go", each.name, each.mode)
            own = {(begin, *inner, end) for inner in words_of_trees(each.body)}
            own |= {(("failed", each.name, each.mode),)} if each.tried else set()
        words = {(*word, *more) for word in words for more in own}
    return words

"""Whether what threads do to one word can be of one execution: in some order of the word's writes.

Of a word it counts what each thread reads and writes of it, in its order. That is the same on many
paths, so it is asked once for all of them.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from locking.executions.meaning import DraftEvent, SeenValue
from locking.memory_models.sources import (
    READ_KINDS,
    WRITE_KINDS,
    LocationEvents,
    SourceEvents,
)


class WordAccess(NamedTuple):
    """A read or a write of a word; the write of a read-modify-write comes behind its read."""

    kind: str
    key: Hashable
    ends_update: bool


WordAccesses = tuple[WordAccess, ...]
"""What a thread does to one word, in its order."""


def accesses_by_word(events: Iterable[DraftEvent]) -> dict[str, WordAccesses]:
    """What these events of a thread do to each word."""
    found: dict[str, list[WordAccess]] = {}
    for each in events:
        if each.kind in READ_KINDS or each.kind in WRITE_KINDS:
            access = WordAccess(each.kind, each.key, each.ends_update)
            found.setdefault(each.location, []).append(access)
    return {word: tuple(accesses) for word, accesses in found.items()}


class WordOrders:
    """Says of the accesses of all threads to a word whether there is an order for them."""

    def __init__(self, initial: Mapping[str, SeenValue]) -> None:
        self.initial = initial
        self.numbers: dict[WordAccesses, int] = {(): 0}
        self.accesses: list[WordAccesses] = [()]
        self.known: dict[tuple[str, tuple[int, ...]], bool] = {}

    def number(self, accesses: WordAccesses) -> int:
        """The number of what a thread does to a word."""
        if accesses not in self.numbers:
            self.numbers[accesses] = len(self.accesses)
            self.accesses.append(accesses)
        return self.numbers[accesses]

    def agree(self, threads: Sequence[Mapping[str, int]]) -> bool:
        """Whether there is an order for each word, by the numbers of what each thread does."""
        words = dict.fromkeys(word for each in threads for word in each)
        return all(
            self.has_order(word, tuple(each.get(word, 0) for each in threads)) for word in words
        )

    def has_order(self, word: str, numbers: tuple[int, ...]) -> bool:
        """Whether there is an order for what threads do to a word, by its numbers."""
        key = word, numbers
        if key not in self.known:
            threads = [self.accesses[each] for each in numbers]
            self.known[key] = is_coherent(self.initial[word].key, threads)
        return self.known[key]


def is_coherent(initial: Hashable, threads: Sequence[WordAccesses]) -> bool:
    """Whether some order of the writes lets each read see a write of its value."""
    events = [WordAccess("W", initial, ends_update=False)]
    before, of_thread, partners = [0], [-1], dict[int, int]()
    for thread, accesses in enumerate(threads):
        begin = len(events)
        for each in accesses:
            at = len(events)
            if each.ends_update:
                partners[at - 1] = at
            events.append(each)
            before.append((1 << at) - (1 << begin))
            of_thread.append(thread)
    if not is_written_often_enough(events):
        return False
    numbers = range(len(events))
    kinds = [each.kind for each in events]
    made = SourceEvents(kinds, [""] * len(events), of_thread, before, partners)
    of_word = LocationEvents(
        made,
        [at for at in numbers if kinds[at] in WRITE_KINDS],
        [at for at in numbers if kinds[at] in READ_KINDS],
    )
    choices = of_word.choices(lambda read, write: events[read].key == events[write].key)
    return next(choices, None) is not None


def is_written_often_enough(events: Sequence[WordAccess]) -> bool:
    """Whether there is a write for each read-modify-write: no two see the same one."""
    written = Counter(each.key for each in events if each.kind in WRITE_KINDS)
    updated = Counter(read.key for read, write in pairwise(events) if write.ends_update)
    return all(written[key] >= count for key, count in updated.items())

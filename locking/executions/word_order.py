"""Whether what threads do to one word can be of one execution: in some order of the word's writes.

Of a word it counts what each thread reads and writes of it, in its order. That is the same on many
paths, so it is asked once for all of them.

It is asked on the way, too. What threads have done so far has an order, if all that they do has
one: that with fewer writes. Only a read of what may be written later has no write to see yet. So it
is left out. With locks an order of fewer operations is no order: who has not yet let go is there.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from locking.executions.meaning import DraftEvent, SeenValue
from locking.memory_models.sources import (
    LOCK_KINDS,
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


class WordOrders:
    """Says of the accesses of all threads to a word whether there is an order for them.

    What a thread does to a word has a number. That of nothing is 0.
    """

    def __init__(self, initial: Mapping[str, SeenValue]) -> None:
        self.initial = initial
        self.accesses: list[WordAccesses] = [()]
        self.longer: dict[tuple[int, WordAccess], int] = {}
        self.known: dict[tuple[str, tuple[int, ...], frozenset[Hashable]], bool] = {}

    def numbers_after(
        self, numbers: Mapping[str, int], events: Sequence[DraftEvent]
    ) -> Mapping[str, int]:
        """By word the number of what a thread does to it, once it has these events as well."""
        found = dict(numbers)
        for each in events:
            if each.kind in READ_KINDS or each.kind in WRITE_KINDS:
                access = WordAccess(each.kind, each.key, each.ends_update)
                found[each.location] = self.number_after(found.get(each.location, 0), access)
        return found

    def number_after(self, number: int, access: WordAccess) -> int:
        """The number of what a thread does to a word, with one more access."""
        key = number, access
        if key not in self.longer:
            self.longer[key] = len(self.accesses)
            self.accesses.append((*self.accesses[number], access))
        return self.longer[key]

    def has_order(
        self, word: str, numbers: tuple[int, ...], later: Collection[Hashable] = ()
    ) -> bool:
        """Whether there may be an order for what threads do to a word, by its numbers.

        `later` are the values that may yet be written.
        """
        key = word, numbers, frozenset(later)
        if key not in self.known:
            threads = [self.accesses[each] for each in numbers]
            self.known[key] = may_be_coherent(self.initial[word].key, threads, key[2])
        return self.known[key]


def may_be_coherent(
    initial: Hashable, threads: Sequence[WordAccesses], later: Collection[Hashable]
) -> bool:
    """Whether some order may let each read see a write of its value, if some come `later`."""
    if not later:
        return is_coherent(initial, threads)
    if any(each.kind in LOCK_KINDS for accesses in threads for each in accesses):
        return True
    return is_coherent(initial, [tuple(without_reads(each, later)) for each in threads])


def without_reads(accesses: WordAccesses, values: Collection[Hashable]) -> Iterator[WordAccess]:
    """Accesses without the reads of some values; of such a read-modify-write a write is left."""
    left_out = False
    for each in accesses:
        left_out = left_out and each.ends_update
        if each.kind in READ_KINDS and each.key in values:
            left_out = True
        else:
            yield each._replace(ends_update=False) if left_out else each


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

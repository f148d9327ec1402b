"""Where the reads of one location may take their values from, and the order of its writes.

Both are chosen location by location, because what is cut here concerns one location: coherence
(acyclic(po-loc | rf | co | fr)), that nothing comes between the read and the write of a
read-modify-write, and that a spinlock is held by one. All models that are used here have these
axioms. For one location and a transitive program order, coherence is a matter of pairs: no read
sees a write that another replaced before it, nor one that comes after it, and reads in a row see
writes in their order (Alglave, Maranget, Tautschnig: *Herding cats*, 2014, section 4.1).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import permutations, product
from typing import NamedTuple

READ_KINDS = frozenset({"R", "LKR", "LF", "RL", "RU"})
WRITE_KINDS = frozenset({"W", "LKW", "UL"})
LOCK_KINDS = frozenset({"LKR", "LKW", "UL", "LF", "RL", "RU"})
"""Kinds of events, as herd7 calls them: reads, writes, and those of spinlocks."""


class SourceEvents(NamedTuple):
    """What is asked of events; all but `partners` is by their numbers.

    `threads` has -1 for an initial write. `before` has masks of the events before each in the
    program. `partners` has the write of each read-modify-write, by its read.
    """

    kinds: Sequence[str]
    locations: Sequence[str]
    threads: Sequence[int]
    before: Sequence[int]
    partners: Mapping[int, int]

    def by_kind(self, kinds: Collection[str]) -> dict[str, list[int]]:
        """Of each location the events that are of one of these kinds."""
        found: dict[str, list[int]] = {}
        for at, (kind, location) in enumerate(zip(self.kinds, self.locations, strict=True)):
            if kind in kinds:
                found.setdefault(location, []).append(at)
        return found


class SourceChoice(NamedTuple):
    """For one location: the write that each read sees, the last write, and both as relations."""

    seen: tuple[tuple[int, int], ...]
    last: int
    rf: int
    co: int


MayRead = Callable[[int, int], bool]
"""Whether a read may have the value of a write."""

MayFollow = Callable[[int, int], bool]
"""Whether a write may come directly behind another one."""


class LocationEvents:
    """The events of one location."""

    def __init__(self, events: SourceEvents, writes: Sequence[int], reads: Sequence[int]) -> None:
        self.events = events
        self.before = events.before
        self.size = len(events.kinds)
        self.name = events.locations[writes[0]]
        self.writes = writes
        self.reads = sorted(reads, key=lambda each: (self.before[each].bit_count(), each))

    def kind(self, event: int) -> str:
        """The kind of an event."""
        return self.events.kinds[event]

    def thread(self, event: int) -> int:
        """The thread of an event."""
        return self.events.threads[event]

    def orders(
        self, placed: tuple[int, ...], rest: Sequence[int], may_follow: MayFollow
    ) -> Iterator[tuple[int, ...]]:
        """All orders of writes that go on from `placed` and agree with the program."""
        if not rest:
            yield placed
            return
        left = sum(1 << each for each in rest)
        for each in rest:
            if not self.before[each] & left and may_follow(placed[-1], each):
                others = [other for other in rest if other != each]
                yield from self.orders((*placed, each), others, may_follow)

    def updates(self, may_read: MayRead) -> MayFollow:
        """Which writes may follow which: a read-modify-write sees the one before it."""
        partners = self.events.partners
        reads = {partners[each]: each for each in self.reads if each in partners}
        return lambda before, each: each not in reads or may_read(reads[each], before)

    def lock_orders(self, may_read: MayRead) -> Iterator[tuple[int, ...]]:
        """The orders in which a spinlock is taken and let go.

        An unlock of what its thread does not hold has no place in them; models flag it.
        """
        first, *rest = self.writes
        ordered = [each for each in rest if self.kind(each) != "UL" or self.ends_section(each)]
        updates = self.updates(may_read)
        yield from self.orders(
            (first,),
            ordered,
            lambda before, each: self.follows(before, each) and updates(before, each),
        )

    def ends_section(self, unlock: int) -> bool:
        """Whether the last that its thread did to the lock before an unlock was to take it."""
        own = [each for each in self.writes if self.before[unlock] >> each & 1]
        last = max((each for each in own if self.kind(each) in LOCK_KINDS), default=unlock)
        return self.kind(last) == "LKW"

    def follows(self, before: int, event: int) -> bool:
        """Whether an event can come next: only its own unlock comes after a lock was taken."""
        same = self.thread(event) == self.thread(before)
        unlocks = self.kind(event) == "UL"
        return unlocks and same if self.kind(before) == "LKW" else not unlocks

    def choices(self, may_read: MayRead) -> Iterator[SourceChoice]:
        """All that coherence, atomicity and locks leave."""
        locks = any(self.kind(each) in LOCK_KINDS for each in (*self.writes, *self.reads))
        first, *rest = self.writes
        found = (
            self.lock_orders(may_read)
            if locks
            else self.orders((first,), rest, self.updates(may_read))
        )
        for order in found:
            yield from self.choices_in(order, may_read)

    def all_choices(self, may_read: MayRead) -> Iterator[SourceChoice]:
        """All that there is, coherence and atomicity or not; locks are as in `choices`."""
        if any(self.kind(each) in LOCK_KINDS for each in (*self.writes, *self.reads)):
            yield from self.choices(may_read)
            return
        first, *rest = self.writes
        for order in permutations(rest):
            found = [[w for w in self.writes if may_read(read, w)] for read in self.reads]
            for seen in product(*found):
                pairs = tuple(zip(self.reads, seen, strict=True))
                yield self.choice(pairs, (first, *order))

    def choice(self, pairs: tuple[tuple[int, int], ...], order: Sequence[int]) -> SourceChoice:
        """The choice in which reads see these writes, which take effect in this order."""
        rf = sum(1 << write * self.size + read for read, write in pairs)
        return SourceChoice(pairs, order[-1], rf, self.order_as_relation(order))

    def choices_in(self, order: Sequence[int], may_read: MayRead) -> Iterator[SourceChoice]:
        """All that reads may see when writes take effect in this order."""
        position = {each: at for at, each in enumerate(order)}
        allowed = []
        for read in self.reads:
            found = [at for at in self.window(read, position) if may_read(read, order[at])]
            if not found:
                return
            allowed.append(found)
        co = self.order_as_relation(order)
        for seen in self.assignments(allowed, ()):
            pairs = tuple((read, order[at]) for read, at in zip(self.reads, seen, strict=True))
            rf = sum(1 << write * self.size + read for read, write in pairs)
            yield SourceChoice(pairs, order[-1], rf, co)

    def order_as_relation(self, order: Sequence[int]) -> int:
        """Each write with all that come after it."""
        later = found = 0
        for each in reversed(order):
            found |= later << each * self.size
            later |= 1 << each
        return found

    def window(self, read: int, position: dict[int, int]) -> Iterator[int]:
        """The positions of the writes that a read may see, all other reads left out."""
        own = self.before[read]
        least = max((at for write, at in position.items() if own >> write & 1), default=0)
        most = len(position)
        for write, at in position.items():
            if self.before[write] >> read & 1:
                most = min(most, at)
        partner = self.events.partners.get(read)
        if partner is not None:
            least = max(least, self.undisturbed(read, partner, position))
        for at in range(least, most):
            if self.fits(read, at, position):
                yield at

    def undisturbed(self, read: int, partner: int, position: dict[int, int]) -> int:
        """The first position from which on no other thread writes before the partner."""
        thread = self.thread(read)
        others = [
            at
            for write, at in position.items()
            if at < position[partner] and self.thread(write) != thread
        ]
        return max(others, default=0)

    def fits(self, read: int, at: int, position: dict[int, int]) -> bool:
        """Whether a read of a lock can be of this kind, by what it sees."""
        kind = self.kind(read)
        if kind == "R":
            return True
        seen = list(position)[at]
        if kind in ("LF", "RL"):
            return self.kind(seen) == "LKW"
        return self.kind(seen) != "LKW"

    def assignments(
        self, allowed: Sequence[Sequence[int]], chosen: tuple[int, ...]
    ) -> Iterator[tuple[int, ...]]:
        """Positions for all reads, where a later read of a thread sees no earlier write."""
        read = len(chosen)
        if read == len(self.reads):
            yield chosen
            return
        own = self.before[self.reads[read]]
        least = max(
            (at for other, at in zip(self.reads, chosen, strict=False) if own >> other & 1),
            default=0,
        )
        for at in allowed[read]:
            if at >= least:
                yield from self.assignments(allowed, (*chosen, at))


def locations_of(events: SourceEvents) -> list[LocationEvents]:
    """The locations that are written, if only at first, with their events."""
    writes, reads = events.by_kind(WRITE_KINDS), events.by_kind(READ_KINDS)
    return [LocationEvents(events, writes[name], reads.get(name, [])) for name in writes]

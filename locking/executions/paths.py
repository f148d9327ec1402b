"""The paths of a thread through its tree: its events in order, with the dependencies between them.

A store depends on a read if the thread, had it read another value, could not have made the store:
on no path with another value is there a store of the same value to the same word, counted from the
read on. A compiler can't break that. It orders the store behind the read, as a control dependency
does, and nothing else: whether the value goes into an address or through arithmetic can't be
learned from what a thread does, and herd7 lets addresses and data order more.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from locking.executions.guarding import LockTurn
from locking.executions.meaning import DraftEvent
from locking.executions.shapes import EventShape, PathShape
from locking.executions.trees import EndKind, Stores, TakenWay, ThreadTree, store_key
from locking.memory_models.sources import READ_KINDS, WRITE_KINDS
from locking.objects.operation import Operation, Site
from locking.programs.keys import typed
from locking.programs.position import Failure, Position


class PathEvent(NamedTuple):
    """An event of a thread. `control` has bit `n` for the read with number `n` in the thread."""

    draft: DraftEvent
    step: int
    """The number of its step in the path."""
    control: int
    partner: int
    """The read of the read-modify-write that it ends, else -1."""


class PathStep(NamedTuple):
    """A step of a path, as it is shown: where the thread was, and what came back."""

    position: Position
    result: Any


class TreePath(NamedTuple):
    """What a thread does in an execution, and how it ends.

    `shape` has its events without their values.
    `node` is that of the learned thread at which the path ends. `failures` are all that it failed.
    `in_section` is whether it ends in a read section of RCU. The section ends with its events: a
    thread that goes on leaves it then at the earliest.
    """

    events: tuple[PathEvent, ...]
    shape: PathShape
    steps: tuple[PathStep, ...]
    end: EndKind
    node: int
    position: Position
    failures: tuple[Failure, ...]
    in_section: bool


class PathPart(NamedTuple):
    """A way that a path took, from where."""

    tree: ThreadTree
    way: TakenWay


def path_along(
    walked: tuple[PathPart, ...],
    last: ThreadTree,
    end: EndKind,
    trees: Mapping[int, ThreadTree],
) -> TreePath:
    """The path of these ways that ends so, at its `last` tree."""
    positions = [each.tree.position for each in walked] + [last.position]
    done = tuple(path_events(walked, trees))
    entered = depth_of_sections(done)
    leave = PathEvent(DraftEvent("F", ("rcu-unlock",)), len(walked) - 1, 0, -1)
    events = (*done, *[leave] * entered)
    return TreePath(
        events,
        tuple(map(event_shape, events)),
        tuple(PathStep(each.tree.position, each.way.result) for each in walked),
        end,
        last.node,
        last.position,
        tuple(failure for each in positions for failure in each.failures),
        entered > 0,
    )


def event_shape(event: PathEvent) -> EventShape:
    """An event without its value."""
    draft = event.draft
    return EventShape(draft.kind, draft.tags, draft.location, event.control, event.partner)


def operations_at(positions: Iterable[Position]) -> Iterator[tuple[Site, str]]:
    """The operations that threads take at some positions, by line and name."""
    for each in positions:
        if isinstance(each.next, Operation):
            yield each.site, each.next.name


def depth_of_sections(events: Sequence[PathEvent]) -> int:
    """How many read sections of RCU a thread is in behind its events."""
    depth = 0
    for each in events:
        depth += ("rcu-lock" in each.draft.tags) - ("rcu-unlock" in each.draft.tags)
        depth = max(depth, 0)
    return depth


def path_events(walked: Sequence[PathPart], trees: Mapping[int, ThreadTree]) -> Iterator[PathEvent]:
    """The events of a path, with what they depend on."""
    reads: list[tuple[int, int]] = []
    number = 0
    for step, (tree, way) in enumerate(walked):
        read = -1
        for draft in way.events:
            control = 0
            if draft.kind in WRITE_KINDS:
                key = store_key(tree.position, draft)
                for event, since in reads:
                    if depends(key, walked, since, step, trees):
                        control |= 1 << event
            yield PathEvent(draft, step, control, read if draft.ends_update else -1)
            if draft.kind in READ_KINDS:
                read = number
            number += 1
        if read >= 0 and len(tree.ways) > 1:
            reads.append((read, step))


def depends(
    key: Hashable,
    walked: Sequence[PathPart],
    read: int,
    step: int,
    trees: Mapping[int, ThreadTree],
) -> bool:
    """Whether the store with this key in a step could not be, had the `read` seen another value."""
    times = sum(
        store_key(each.tree.position, draft) == key
        for each in walked[read + 1 : step + 1]
        for draft in each.way.events
        if draft.kind in WRITE_KINDS
    )
    tree, way = walked[read]
    others = [other for other in tree.ways if tells_apart(way, other)]
    never = (times > may_store(other.then.stores, key, trees) for other in others)
    return bool(others) and all(never) if isinstance(way.seen, LockTurn) else any(never)


def tells_apart(way: TakenWay, other: TakenWay) -> bool:
    """Whether a thread goes another way because of what it read.

    Of a lock no thread sees more than the result. What comes after may differ by what else is
    handed over; so a store depends on a lock only if it is on no way with another result.
    """
    if isinstance(way.seen, LockTurn):
        return typed(way.result) != typed(other.result)
    return way.seen != other.seen


ANY_TIMES = 1_000_000


def may_store(stores: Stores, key: Hashable, trees: Mapping[int, ThreadTree]) -> int:
    """How often a part of a tree may make a store, at most."""
    if stores.anything:
        return ANY_TIMES
    found = stores.most.get(key, 0)
    return max([found, *(may_store(trees[each].stores, key, trees) for each in stores.loops)])

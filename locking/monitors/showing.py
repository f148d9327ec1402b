"""What a role of a placement shows to who watches events: its trees, read by an event map."""

from collections.abc import Sequence
from typing import NamedTuple

from locking.conformance.event_map import ListedEvent
from locking.errors import UsageError
from locking.monitors.behaviour import (
    DONE,
    AnyNumber,
    Behaviour,
    SeenEvent,
    one_by_one,
    one_of,
)
from locking.monitors.table import ProbeTable
from locking.objects.region import Region
from locking.placements.placement import Placement
from locking.placements.trees import LetGo, Step, Take, Tree, Trylock, When

HeldLocks = tuple[tuple[str, str], ...]
"""The locks that a task holds, each with its mode, in the order in which it took them."""


class Shows(NamedTuple):
    """What was shown, and what is held afterwards."""

    behaviour: Behaviour
    held: HeldLocks


def roles_shown(placement: Placement, table: ProbeTable) -> dict[str, Behaviour]:
    """What every role of a placement shows. Errors: `UsageError` for a downgrade without event."""
    return {role: of_trees(trees, table, ()).behaviour for role, trees in placement.roles.items()}


def of_trees(trees: Sequence[Tree], table: ProbeTable, held: HeldLocks) -> Shows:
    """What trees show, one after the other. Errors: `UsageError`."""
    parts = []
    for tree in trees:
        behaviour, held = of_tree(tree, table, held)
        parts.append(behaviour)
    return Shows(one_by_one(parts), held)


def of_tree(tree: Tree, table: ProbeTable, held: HeldLocks) -> Shows:
    """What a tree shows. Errors: `UsageError`."""
    match tree:
        case Step():
            return Shows(of_step(row_of_step(tree, table), table, held), held)
        case Take():
            return lock_taken(tree.region.lock.name, tree.region.mode, table, held)
        case LetGo():
            return lock_let_go(tree.region.lock.name, tree.region.mode, table, held)
        case Region():
            return of_region(tree, table, held)
        case Trylock():
            done = of_region(tree.region, table, held)
            return Shows(
                one_of([done.behaviour, of_trees(tree.otherwise, table, held).behaviour]), done.held
            )
        case When():
            done = of_trees(tree.body, table, held)
            return Shows(
                one_of([done.behaviour, of_trees(tree.otherwise, table, held).behaviour]), done.held
            )


def of_region(region: Region, table: ProbeTable, held: HeldLocks) -> Shows:
    """What a region shows: its lock taken, what stands in it, the lock let go.

    Errors: `UsageError`.
    """
    lock, mode = region.lock.name, region.mode
    first, held = lock_taken(lock, mode, table, held)
    body, held = of_trees(region.body, table, held)
    parts = [first, body]
    if region.lowered:
        lowered, held = lock_downgraded(lock, mode, table, held)
        rest, held = of_trees(region.lowered, table, held)
        parts += [lowered, rest]
        mode = "read"
    last, held = lock_let_go(lock, mode, table, held)
    return Shows(one_by_one([*parts, last]), held)


def lock_taken(lock: str, mode: str, table: ProbeTable, held: HeldLocks) -> Shows:
    """What taking a lock shows; nothing, where the table does not know it."""
    known = table.events.locks.get((lock, mode))
    seen = one_by_one([SeenEvent(known.take[-1].name, held)] if known else [])
    return Shows(seen, (*held, (lock, mode)))


def lock_let_go(lock: str, mode: str, table: ProbeTable, held: HeldLocks) -> Shows:
    """What letting a lock go shows; nothing, where the table does not know it."""
    known = table.events.locks.get((lock, mode))
    seen = one_by_one([SeenEvent(known.release[0].name, held)] if known else [])
    return Shows(seen, without_last((lock, mode), held))


def lock_downgraded(lock: str, mode: str, table: ProbeTable, held: HeldLocks) -> Shows:
    """What a downgrade shows. Errors: `UsageError`, where the table knows only the lock."""
    left = (*without_last((lock, mode), held), (lock, "read"))
    if lock in table.events.lowerings:
        return Shows(SeenEvent(table.events.lowerings[lock][0].name, held), left)
    if any(name == lock for name, _ in table.events.locks):
        raise UsageError(
            f"the placement downgrades {lock}, and {table.events.title} has no event for it; give "
            f"locks.{lock} a `downgrade`, or another placement"
        )
    return Shows(one_by_one([]), left)


def without_last(holding: tuple[str, str], held: HeldLocks) -> HeldLocks:
    """What is held once the last holding equal to this one has ended."""
    at = max((n for n, each in enumerate(held) if each == holding), default=len(held))
    return (*held[:at], *held[at + 1 :])


def row_of_step(step: Step, table: ProbeTable) -> str:
    """The row of a named step, or else of the step that it is a variant of; empty without any."""
    known = (each for each in (step.name, step.variant_of) if each in table.events.steps)
    return next(known, "") or ""


def of_step(name: str, table: ProbeTable, held: HeldLocks) -> Behaviour:
    """What a named step shows; nothing, where the table does not know it."""
    return one_by_one(of_item(each, held) for each in table.events.steps.get(name, ()))


def of_item(item: ListedEvent, held: HeldLocks) -> Behaviour:
    """What an event in a list shows, which may be left out or come any number of times."""
    seen = SeenEvent(item.name, held)
    match item.times:
        case "?":
            return one_of([seen, DONE])
        case "*":
            return AnyNumber(seen)
        case _:
            return seen

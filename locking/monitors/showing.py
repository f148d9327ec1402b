"""What a role of a placement shows to who watches events: its trees, read by a table of probes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from locking.errors import UsageError, unknown
from locking.monitors.behaviour import DONE, Behaviour, SeenEvent, one_by_one, one_of
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
    """What every role shows: those of the placement, and the table's where it says nothing.

    Errors: `UsageError` for a downgrade that has no event, or trees of the table that are none.
    """
    shown = {role: of_trees(trees, table, ()).behaviour for role, trees in placement.roles.items()}
    for role, rows in table.roles.items():
        if role not in shown:
            shown[role] = of_rows(f"table {table.file}: roles.{role}", rows, table, ())
    return shown


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
    known = table.locks.get((lock, mode))
    seen = one_by_one([SeenEvent(known.take[-1], held)] if known else [])
    return Shows(seen, (*held, (lock, mode)))


def lock_let_go(lock: str, mode: str, table: ProbeTable, held: HeldLocks) -> Shows:
    """What letting a lock go shows; nothing, where the table does not know it."""
    known = table.locks.get((lock, mode))
    seen = one_by_one([SeenEvent(known.release[0], held)] if known else [])
    return Shows(seen, without_last((lock, mode), held))


def lock_downgraded(lock: str, mode: str, table: ProbeTable, held: HeldLocks) -> Shows:
    """What a downgrade shows. Errors: `UsageError`, where the table knows only the lock."""
    left = (*without_last((lock, mode), held), (lock, "read"))
    if lock in table.downgrades:
        return Shows(SeenEvent(table.downgrades[lock], held), left)
    if any(name == lock for name, _ in table.locks):
        raise UsageError(
            f"the placement downgrades {lock}, and table {table.file} has no event for it; give "
            f"locks.{lock} a `downgrade`, or another placement"
        )
    return Shows(one_by_one([]), left)


def without_last(holding: tuple[str, str], held: HeldLocks) -> HeldLocks:
    """What is held once the last holding equal to this one has ended."""
    at = max((n for n, each in enumerate(held) if each == holding), default=len(held))
    return (*held[:at], *held[at + 1 :])


def row_of_step(step: Step, table: ProbeTable) -> str:
    """The row of a named step, or else of the step that it is a variant of; empty without any."""
    known = (each for each in (step.name, step.variant_of) if each in table.steps)
    return next(known, "") or ""


def of_step(name: str, table: ProbeTable, held: HeldLocks) -> Behaviour:
    """What a named step shows; nothing, where the table does not know it."""
    events = table.steps.get(name, ())
    seen = [(SeenEvent(each.name, held), each.optional) for each in events]
    return one_by_one(one_of([each, DONE]) if optional else each for each, optional in seen)


def of_rows(where: str, rows: Any, table: ProbeTable, held: HeldLocks) -> Behaviour:
    """What the trees of a table show: names of steps, and regions `over` trees.

    Errors: `UsageError`, which says `where`.
    """
    if not isinstance(rows, list):
        raise UsageError(f'{where}: {rows!r} is no list; write ["STEP"] or [{{ region = ... }}]')
    return one_by_one(of_row(where, row, table, held) for row in rows)


def of_row(where: str, row: Any, table: ProbeTable, held: HeldLocks) -> Behaviour:
    """What one tree of a table shows. Errors: `UsageError`."""
    if isinstance(row, str):
        if row not in table.steps:
            raise UsageError(f"{where}: {unknown('step of the table', row, table.steps)}")
        return of_step(row, table, held)
    if not isinstance(row, Mapping) or set(row) != {"region", "over"}:
        raise UsageError(
            f"{where}: {row!r} is neither a step nor a region; write "
            f'{{ region = "LOCK.MODE", over = [...] }}'
        )
    lock, _, mode = str(row["region"]).rpartition(".")
    if (lock, mode) not in table.locks:
        known = [".".join(each) for each in table.locks]
        raise UsageError(f"{where}: {unknown('lock of the table', str(row['region']), known)}")
    first, inside = lock_taken(lock, mode, table, held)
    last, _ = lock_let_go(lock, mode, table, inside)
    return one_by_one([first, of_rows(where, row["over"], table, inside), last])

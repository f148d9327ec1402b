"""The rules of a placement as automata: the order of every task, and what a lock keeps apart.

* `PLACEMENT_order`, for every task: regions and named steps come in the order of some role, a step
  in its region, and a lock is let go only by who took it.
* `LOCK_overlap`, global: who holds the lock in a mode keeps out those that the lock's rule says.
* `LOCK_inside`, global: what every role does inside of the lock, held in an exclusive mode, is seen
  only while somebody holds it so.

All three speak of what is seen in one run. So they are sound for events that are seen late when a
lock is taken, and early when it is let go: an overlap that is seen is one.
"""

from collections.abc import Iterable, Iterator, Mapping

from locking.errors import UsageError
from locking.monitors.behaviour import Behaviour, every_event, one_of, only_visible
from locking.monitors.event_automaton import EventAutomaton, automaton_of_behaviour, c_name
from locking.monitors.holding import (
    events_in,
    events_of_lock,
    excluded_modes,
    inside_of_lock,
    overlap_of_lock,
)
from locking.monitors.showing import roles_shown, row_of_step
from locking.monitors.table import ProbeTable
from locking.objects.operation import Object
from locking.placements.placement import Placement
from locking.placements.trees import every_tree, lock_of

MOST_COUNTED = 4
"""So many holders that share a lock are counted in a trace."""


def automata_of(
    placement: Placement, table: ProbeTable, visible: frozenset[str], most_shared: int
) -> list[EventAutomaton]:
    """All automata of a placement, over the events of `table` that are `visible`.

    Of holders that share a lock, `most_shared` are counted.

    Errors: `UsageError`, where there is no such event, or the table and a lock do not agree.
    """
    roles = {
        role: only_visible(each, visible) for role, each in roles_shown(placement, table).items()
    }
    shown = {each.event for role in roles.values() for each in every_event(role)}
    if not shown:
        raise UsageError(
            f"placement {placement.name}: none of its locks and steps has an event; "
            f"{table.events.title} is of another model, or the trace has no event of it"
        )
    name = f"{c_name(placement.name)}_order"
    about = f"a task does what a role of {placement.name} does, in its order"
    order = automaton_of_behaviour(
        name, "per_task", about, one_of(roles.values()), events_known(table) & visible
    )
    return [order, *automata_of_locks(placement, table, visible, roles, most_shared)]


def automata_for_trace(
    placement: Placement, table: ProbeTable, names: Iterable[str]
) -> list[EventAutomaton]:
    """The automata that watch a trace with events of these `names`. Errors: as `automata_of`."""
    return automata_of(placement, table, visible_in_trace(table, names), MOST_COUNTED)


def automata_for_kernel(placement: Placement, table: ProbeTable) -> list[EventAutomaton]:
    """The automata that watch a running kernel. Errors: as `automata_of`.

    Those who share a lock are not counted there: two of them take it at one time, and a count that
    is kept without a lock loses one of them.
    """
    return automata_of(placement, table, visible_in_kernel(table), 0)


def automata_of_locks(
    placement: Placement,
    table: ProbeTable,
    visible: frozenset[str],
    roles: Mapping[str, Behaviour],
    most_shared: int,
) -> Iterator[EventAutomaton]:
    """The global automata. Errors: `UsageError`."""
    for lock in locks_in_roles(placement):
        events = events_of_lock(lock, table, visible)
        items = table.events.lowerings.get(lock.name, ())
        lowered = items[0].name if items and items[0].name in visible else None
        if events:
            yield overlap_of_lock(lock, events, lowered, most_shared)
        for mode in events:
            guarded = guarded_events(roles.values(), lock, mode, events_in(events, lowered))
            if guarded and (mode, mode) in excluded_modes(lock, [mode]):
                yield inside_of_lock(lock, events, mode, lowered, guarded)


def locks_in_roles(placement: Placement) -> list[Object]:
    """The locks of all roles, each once, in the order in which they stand there."""
    found = {
        lock.name: lock
        for trees in placement.roles.values()
        for tree in every_tree(trees)
        if (lock := lock_of(tree)) is not None
    }
    return list(found.values())


def guarded_events(
    roles: Iterable[Behaviour], lock: Object, mode: str, own: Iterable[str]
) -> list[str]:
    """The events that every role shows only while it holds `lock` in `mode`, sorted.

    Those of the lock's `own` are left out.
    """
    inside: dict[str, bool] = {}
    for role in roles:
        for each in every_event(role):
            held = (lock.name, mode) in each.held
            inside[each.event] = inside.get(each.event, True) and held
    return sorted({event for event, held in inside.items() if held} - set(own))


def events_known(table: ProbeTable) -> frozenset[str]:
    """The events that the table gives a meaning."""
    return events_of_locks(table) | {
        each.name for events in table.events.steps.values() for each in events
    }


def events_of_locks(table: ProbeTable) -> frozenset[str]:
    """The events by which locks are taken, let go and downgraded."""
    ends = {
        event
        for each in table.events.locks.values()
        for event in (each.take[-1].name, each.release[0].name)
    }
    return frozenset(ends | {items[0].name for items in table.events.lowerings.values()})


def visible_in_trace(table: ProbeTable, names: Iterable[str]) -> frozenset[str]:
    """The events that a trace with events of these `names` can show.

    An event that has a probe, or is of a lock, was recorded: what is not seen of it did not happen.
    Of the others, which only finer traces have, those count that the trace shows.
    """
    recorded = events_of_locks(table) | set(table.probes) | set(names)
    return events_known(table) & recorded


def unrecorded_events(placement: Placement, table: ProbeTable, names: Iterable[str]) -> list[str]:
    """The events of all roles that a trace with events of these `names` can't show, sorted."""
    roles = roles_shown(placement, table).values()
    events = {each.event for role in roles for each in every_event(role)}
    return sorted(events - visible_in_trace(table, names))


def unseen_steps(placement: Placement, table: ProbeTable, names: Iterable[str]) -> list[str]:
    """The named steps of a placement of which a trace with events of these `names` shows nothing.

    A step is known by the events that no other row of the table has, if it has such.
    """
    seen = frozenset(names)
    steps = dict.fromkeys(each for role in placement.roles for each in placement.steps(role))
    rows = {each.name: row for each in steps if (row := row_of_step(each, table))}
    return [name for name, row in rows.items() if not telling_events(row, table) & seen]


def telling_events(row: str, table: ProbeTable) -> frozenset[str]:
    """The events of a step that only its row has; all, where there are no such."""
    own = {each.name for each in table.events.steps[row]}
    others = {
        each.name for name, events in table.events.steps.items() if name != row for each in events
    }
    return frozenset(own - others or own)


def visible_in_kernel(table: ProbeTable) -> frozenset[str]:
    """The events that have a probe. Errors: `UsageError` for a lock that has none."""
    blind = sorted(events_of_locks(table) - set(table.probes))
    if blind:
        raise UsageError(
            f"probes {table.file}: {blind[0]}, by which a lock is watched, has no row in [probes]"
        )
    return events_known(table) & set(table.probes)

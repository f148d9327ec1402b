"""The roles that a task may play under a placement: those of the model and those of the map."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from locking.conformance.event_map import EventMap
from locking.errors import UsageError, unknown
from locking.model import Model
from locking.objects.operation import Object
from locking.objects.region import region_in_mode, region_modes
from locking.placements.placement import Placement, perform
from locking.placements.trees import Step, Tree, When, every_tree, lock_of

RoleTrees = Sequence[Tree]


def playable_roles(model: Model, placement: Placement, events: EventMap) -> dict[str, RoleTrees]:
    """The trees of every role that tasks may play.

    Errors: `UsageError`, where the map speaks of a role, a step or a lock that is not there.
    """
    of_model = {role: trees_of_role(model, placement, role) for role in model.steps}
    of_model.update(placement.roles)
    steps = {step.name: step for each in model.steps.values() for step in each}
    locks = locks_of_roles(of_model)
    check_map(events, model, placement, of_model)
    own = {
        role: own_trees(f"roles.{role}.trees", row.trees, steps, locks)
        for role, row in events.roles.items()
        if row.trees is not None
    }
    rows = events.roles
    roles = {**of_model, **own}
    return {role: roles[role] for role in roles if role not in rows or rows[role].played}


def with_every_role(model: Model, placement: Placement, events: EventMap) -> Placement:
    """The placement with the trees of every role that tasks may play. Errors: `UsageError`."""
    return Placement(placement.name, placement.about, **playable_roles(model, placement, events))


def trees_of_role(model: Model, placement: Placement, role: str) -> RoleTrees:
    """The trees of a role; if the placement is silent on it, what the model lets a thread perform.

    There are none where the model has no such thread to ask.
    """
    if role in placement.roles or role not in (model.cast or {}):
        return placement.roles.get(role, ())
    [thread] = model.case(model.scenario(role), placement).build().threads
    return thread.args[0] if thread.program is perform else ()


def locks_of_roles(roles: Mapping[str, RoleTrees]) -> dict[str, Object]:
    """The locks that some roles take, by name."""
    locks = [lock_of(each) for trees in roles.values() for each in every_tree(trees)]
    return {lock.name: lock for lock in locks if lock is not None}


def check_map(events: EventMap, model: Model, placement: Placement, roles: Collection[str]) -> None:
    """Refuse a map that speaks of what the model does not have. Errors: `UsageError`."""
    arranged = [trees for each in (*model.placements, placement) for trees in each.roles.values()]
    every = [each for trees in arranged for each in every_tree(trees)]
    steps = [step.name for each in model.steps.values() for step in each]
    known = [*steps, *(each.query.name for each in every if isinstance(each, When))]
    for name in (*events.steps, *events.failures):
        if name not in known:
            raise unknown("step of the event map", name, known)
    for role, row in events.roles.items():
        if row.trees is None and role not in roles:
            raise unknown("role of the event map", role, roles)


def own_trees(
    where: str, rows: Any, steps: Mapping[str, Step], locks: Mapping[str, Object]
) -> tuple[Tree, ...]:
    """The trees that a map writes as names of steps, and as regions over some.

    Errors: `UsageError`.
    """
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{where}: {rows!r} is no list of steps and regions")
    return tuple(own_tree(where, row, steps, locks) for row in rows)


def own_tree(where: str, row: Any, steps: Mapping[str, Step], locks: Mapping[str, Object]) -> Tree:
    """One of them. Errors: `UsageError`."""
    if isinstance(row, str):
        if row not in steps:
            raise unknown(f"step in {where}", row, steps)
        return steps[row]
    if not isinstance(row, dict) or set(row) != {"region", "over"}:
        raise UsageError(f"{where}: {row!r} is no step, and no region = LOCK.MODE, over = [...]")
    name, _, mode = str(row["region"]).rpartition(".")
    if name not in locks:
        raise unknown(f"lock in {where}", name, locks)
    if mode not in region_modes(locks[name]):
        raise unknown(f"mode of {name} in {where}", mode, region_modes(locks[name]))
    return region_in_mode(locks[name], mode, own_trees(where, row["over"], steps, locks))

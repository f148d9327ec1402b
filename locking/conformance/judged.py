"""Whether a recording is a run of the model under a placement, and what it covers of it."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from locking.conformance.acting import Locks
from locking.conformance.covered import Covered, allowed_beside, seen_steps, steps_under
from locking.conformance.event_map import EventMap
from locking.conformance.following import Explained, Follower, Offence, Unfollowable
from locking.conformance.recording import ObservedEvent, Recording
from locking.conformance.role_paths import IDLE, Paths, Whereabouts, paths_of
from locking.conformance.roles import locks_of_roles, playable_roles
from locking.conformance.task_automaton import TaskAutomaton
from locking.conformance.waiting_tasks import WaitingTasks, parts_of_locks
from locking.model import Model
from locking.objects.operation import Holding
from locking.placements.placement import Placement
from locking.placements.trees import Tree

LAST_EVENTS = 12
"""Events before an offence that are kept, to be shown with it."""


class Conformance(Enum):
    """Whether a trace is a run of the model."""

    CONFORMS = "conforms"
    DIFFERS = "does not conform"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FollowedEvent:
    """An event that was followed: where its task was and is, and who holds which lock then."""

    observed: ObservedEvent
    before: tuple[Whereabouts, ...]
    places: tuple[Whereabouts, ...]
    holders: Mapping[str, tuple[Holding, ...]]


@dataclass(frozen=True)
class Judged:
    """The answer for one placement; `cause` says why it is unknown, from line `until` on.

    `locks` are the locks with their states in words, `places` where every task that plays a role
    is, both where the run was followed to. `last` are the last events before that.
    """

    placement: Placement
    conformance: Conformance
    offence: Offence | None
    cause: str
    until: int
    followed: int
    covered: Covered
    unseen: "Unseen"
    last: tuple[FollowedEvent, ...]
    locks: tuple[tuple[str, str], ...]
    places: Mapping[str, tuple[Whereabouts, ...]]


@dataclass(frozen=True)
class Unseen:
    """What the placement allows and the trace did not show; `hidden` are steps without an event."""

    roles: tuple[str, ...]
    steps: tuple[str, ...]
    regions: tuple[str, ...]
    beside: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


def judge_placement(
    model: Model, placement: Placement, events: EventMap, recording: Recording
) -> Judged:
    """Follow the recording under a placement. Errors: `UsageError` for a map that does not fit."""
    return judge_roles(placement, playable_roles(model, placement, events), events, recording)


def ruled_out(
    model: Model, judged: Judged, base: Judged, events: EventMap, recording: Recording
) -> dict[str, Offence]:
    """For each role in which a placement that differs is not as `base`, what rules this role out.

    To `base` the recording conforms. All other roles are then as there. A role that nobody plays
    there rules nothing out, for the run needs it no more than it does there.
    """
    ours = playable_roles(model, judged.placement, events)
    theirs = playable_roles(model, base.placement, events)
    found: dict[str, Offence] = {}
    differing = [each for each in ours if tuple(ours[each]) != tuple(theirs.get(each, ()))]
    for role in [each for each in differing if each in base.covered.roles_begun]:
        mixed = {**theirs, role: ours[role]}
        offence = judge_roles(judged.placement, mixed, events, recording).offence
        if offence:
            found[role] = offence
    return found


def judge_roles(
    placement: Placement,
    roles: Mapping[str, Sequence[Tree]],
    events: EventMap,
    recording: Recording,
) -> Judged:
    """Follow the recording where tasks play these roles, which are those of a placement."""
    locks = Locks(locks_of_roles(roles))
    paths = paths_of(roles, events, recording.alphabet)
    waiting = WaitingTasks(parts_of_locks(events, recording.alphabet))
    tasks = {each.event.pid: each.event.task for each in reversed(recording.observed)}
    follower = Follower(TaskAutomaton(paths), locks, waiting, tasks)
    covered = Covered()
    last = deque[tuple[ObservedEvent, Explained, tuple[Any, ...]]](maxlen=LAST_EVENTS)
    offence, cause, followed = None, "", 0
    until = recording.lost.line if recording.lost else recording.last
    for observed in recording.observed:
        try:
            taken = follower.take(observed)
        except Unfollowable:
            cause, until = "too much is unseen to be followed", observed.event.line
            break
        if isinstance(taken, Offence):
            offence, until = taken, observed.event.line
            break
        followed += 1
        covered.note(observed, taken)
        states = next(iter(follower.configurations)).locks
        last.append((observed, taken, states))
    else:
        cause = f"events were lost: {recording.lost.text}" if recording.lost else ""
    at = offence.before if offence else next(iter(follower.configurations))
    return Judged(
        placement,
        Conformance.DIFFERS if offence else Conformance.UNKNOWN if cause else Conformance.CONFORMS,
        offence,
        cause,
        until,
        followed,
        covered,
        unseen_of(roles, locks, paths, covered),
        tuple(
            FollowedEvent(observed, taken.before.places, taken.after.places, locks.holders(states))
            for observed, taken, states in last
        ),
        tuple(locks.shown(at.locks)),
        {follower.who(pid): follower.state(at, pid).places for pid, *_ in at.tasks},
    )


def unseen_of(
    roles: Mapping[str, Sequence[Tree]], locks: Locks, paths: Paths, covered: Covered
) -> Unseen:
    """What is allowed and was not seen."""
    possible = {edge.role for edges in paths.edges for edge in edges if edge.event}
    played = {name for role in covered.roles for name in role.split(" or ")}
    shown = seen_steps(paths)
    all_steps = {under.step for trees in roles.values() for under in steps_under(trees)}
    regions = {
        f"{region.lock.name}.{region.mode}"
        for role in possible
        for under in steps_under(roles[role])
        for region in under.regions
    }
    sections = {
        (f"{role} {region.lock.name}.{region.mode}", region.lock.name)
        for role in sorted(played & set(roles))
        for under in steps_under(roles[role])
        for region in under.regions
        if f"{region.lock.name}.{region.mode}" in covered.regions
    }
    orders = {(one, other) for one, lock in sections for other, same in sections if lock == same}
    beside = allowed_beside(roles, locks, paths, played)
    return Unseen(
        tuple(sorted(possible - played)),
        tuple(sorted(shown - set(covered.steps))),
        tuple(sorted(regions - set(covered.regions))),
        tuple(sorted(beside - set(covered.beside))),
        tuple(sorted(orders - set(covered.orders))),
        tuple(sorted(all_steps - shown)),
    )


def whereabouts_in_words(places: Sequence[Whereabouts]) -> str:
    """Where a task is, or may be."""
    if IDLE in places or not places:
        return "between roles"
    return ", or ".join(dict.fromkeys(map(one_place_in_words, places)))


def one_place_in_words(place: Whereabouts) -> str:
    """One place in words."""
    where = [f"in {place.step}"] if place.step else []
    where += [f"inside {', '.join(place.inside)}"] if place.inside else ["outside of locks"]
    return f"{place.role}, {', '.join(where)}"

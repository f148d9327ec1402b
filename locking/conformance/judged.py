"""Whether a recording is a run of the model under a placement, and what it covers of it."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from locking.conformance.acting import Locks
from locking.conformance.covered import Covered, Unseen, unseen_of
from locking.conformance.event_map import EventMap
from locking.conformance.following import Follower, Offence, Unfollowable
from locking.conformance.recording import ObservedEvent, Recording
from locking.conformance.role_paths import IDLE, Whereabouts, paths_of
from locking.conformance.roles import locks_of_roles, playable_roles
from locking.conformance.task_automaton import TaskAutomaton
from locking.conformance.waiting_tasks import WaitingTasks, parts_of_locks
from locking.model import Model
from locking.placements.placement import Placement
from locking.placements.trees import Tree

TreesByRole = Mapping[str, Sequence[Tree]]
RolesKey = tuple[tuple[str, tuple[Tree, ...]], ...]

LAST_EVENTS = 12
"""Events before an offence that are kept, to be shown with it."""


class Conformance(Enum):
    """Whether a trace is a run of the model."""

    CONFORMS = "conforms"
    DIFFERS = "does not conform"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FollowedEvent:
    """An event that was followed: where its task was and is, and the states of the locks then."""

    observed: ObservedEvent
    before: tuple[Whereabouts, ...]
    places: tuple[Whereabouts, ...]
    states: tuple[Any, ...]


@dataclass(frozen=True)
class Judged:
    """The answer for one placement; `cause` says why it is unknown, from line `until` on.

    `roles` are the trees of each role that tasks may play. `locks` are the locks with their states
    in words, `places` where every task that plays a role is, both where the run was followed to.
    `last` are the last events before that; `rules` has the locks themselves.
    """

    placement: Placement
    roles: TreesByRole
    conformance: Conformance
    offence: Offence | None
    cause: str
    until: int
    followed: int
    covered: Covered
    unseen: Unseen
    last: tuple[FollowedEvent, ...]
    rules: Locks
    locks: tuple[tuple[str, str], ...]
    places: Mapping[str, tuple[Whereabouts, ...]]


def judge_placement(
    model: Model, placement: Placement, events: EventMap, recording: Recording
) -> Judged:
    """Follow the recording under a placement. Errors: `UsageError` for a map that does not fit."""
    return judge_roles(placement, playable_roles(model, placement, events), events, recording)


def key_of_roles(roles: TreesByRole) -> RolesKey:
    """The trees of roles, as a key."""
    return tuple((role, tuple(trees)) for role, trees in roles.items())


def ruled_out(
    judged: Judged,
    base: Judged,
    events: EventMap,
    recording: Recording,
    known: dict[RolesKey, Offence | None],
) -> dict[str, Offence]:
    """For each role in which a placement that differs is not as `base`, what rules this role out.

    To `base` the recording conforms. All other roles are then as there. A role that nobody plays
    there rules nothing out, for the run needs it no more than it does there. `known` has what
    rules out roles that were judged, and gains what is found.
    """
    found: dict[str, Offence] = {}
    for role, trees in judged.roles.items():
        if role not in base.covered.roles_begun or tuple(trees) == tuple(base.roles.get(role, ())):
            continue
        mixed = {**base.roles, role: trees}
        key = key_of_roles(mixed)
        if key not in known:
            known[key] = judge_roles(judged.placement, mixed, events, recording).offence
        if offence := known[key]:
            found[role] = offence
    return found


def judge_roles(
    placement: Placement,
    roles: TreesByRole,
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
    end = follow(follower, recording, covered)
    at = end.offence.before if end.offence else follower.configurations[0]
    verdict = Conformance.UNKNOWN if end.cause else Conformance.CONFORMS
    return Judged(
        placement,
        roles,
        Conformance.DIFFERS if end.offence else verdict,
        end.offence,
        end.cause,
        end.until,
        end.followed,
        covered,
        unseen_of(roles, locks, paths, covered),
        end.last,
        locks,
        tuple(locks.shown(at.locks)),
        {follower.who(pid): follower.state(at, pid).places for pid, *_ in at.tasks},
    )


class Ending(NamedTuple):
    """How far a recording was followed; the fields are as in `Judged`."""

    offence: Offence | None
    cause: str
    until: int
    followed: int
    last: tuple[FollowedEvent, ...]


def follow(follower: Follower, recording: Recording, covered: Covered) -> Ending:
    """Follow the events up to the first that no run shows, or to where they are lost."""
    last = deque[FollowedEvent](maxlen=LAST_EVENTS)
    until = recording.lost.line if recording.lost else recording.last
    for followed, observed in enumerate(recording.observed):
        try:
            taken = follower.take(observed)
        except Unfollowable:
            cause = "too much is unseen to be followed"
            return Ending(None, cause, observed.event.line, followed, tuple(last))
        if isinstance(taken, Offence):
            return Ending(taken, "", observed.event.line, followed, tuple(last))
        covered.note(observed, taken)
        states = follower.configurations[0].locks
        last.append(FollowedEvent(observed, taken.before.places, taken.after.places, states))
    cause = f"events were lost: {recording.lost.text}" if recording.lost else ""
    return Ending(None, cause, until, len(recording.observed), tuple(last))


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

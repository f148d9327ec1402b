"""The states that are followed, compared with a search that leaves nothing out."""

import random
from collections.abc import Iterator, Sequence

import pytest

from locking.conformance.acting import Locks, RefusedAct
from locking.conformance.event_map import EventMap, event_map_of
from locking.conformance.following import Configuration, Follower, Offence, Unfollowable
from locking.conformance.recorded_event import RecordedEvent
from locking.conformance.recording import ObservedEvent
from locking.conformance.role_paths import Paths, paths_of
from locking.conformance.roles import locks_of_roles
from locking.conformance.task_automaton import TaskAutomaton
from locking.conformance.waiting_tasks import WaitingTasks
from locking.objects.exclusive import Spinlock
from locking.placements.placement import step
from locking.placements.trees import Step, Tree, let_go, query, take, trylock, when
from locking.programs.sleeping.rwsem import RwSem

STEPS = [step(name)(lambda _: None) for name in "ABC"]  # type: ignore[arg-type, return-value]
ASK = query("ASK")(lambda _: None)  # type: ignore[arg-type, return-value]
lock, rw = Spinlock("lock"), RwSem("rw")

EVENTS = event_map_of(
    {
        "locks": {
            "lock": {"hold": {"take": ["ask", "held"], "release": ["free", "freed"]}},
            "rw": {
                "read": {"take": ["ask_r?", "reads"], "release": ["read"]},
                "write": {"take": ["writes"], "release": ["written"]},
                "downgrade": ["lowered"],
            },
        },
        "steps": {"A": ["a", "a_end"], "B": ["b"], "C": ["c?", "c2"], "ASK": ["q"]},
        "roles": {"one": {"begins": "begin", "ends": "end"}},
    }
)
NAMES = sorted(EVENTS.patterns)


THREE = (1, 2, 3)
TASKS = dict.fromkeys(range(14), "t")


def some_trees(draw: random.Random, steps: list[Step], depth: int) -> list[Tree]:
    """Trees over the steps, in order."""
    made: list[Tree] = []
    while steps:
        count = draw.randint(1, len(steps))
        inside, steps = steps[:count], steps[count:]
        inner = some_trees(draw, inside, depth + 1) if depth < 2 else list(inside)
        free = [each for each in ("lock", "rw") if each not in map(str, taken_in(inner))]
        match draw.randrange(7) if depth < 2 else 0:
            case 1 if "lock" in free:
                made.append(lock.hold(*inner))
            case 2 if "rw" in free:
                made.append(draw.choice([rw.read, rw.write])(*inner))
            case 3 if "rw" in free and len(inner) > 1:
                made.append(rw.write(*inner[:1]).downgrade(*inner[1:]))
            case 4 if "lock" in free:
                made.append(trylock(lock.hold(*inner), otherwise=list(inside)))
            case 5 if not taken_in(inner):
                made += [take(lock.hold()), inner[0], take(rw.read()), *inner[1:]]
                made += [let_go(lock.hold()), let_go(rw.read())]
            case 6:
                made.append(when(ASK, *inner, otherwise=list(inside)))
            case _:
                made += inner
    return made


def taken_in(trees: Sequence[Tree]) -> list[str]:
    """The names of the locks that trees take."""
    return list(locks_of_roles({"": trees}))


def naive(paths: Paths, locks: Locks, told: Sequence[tuple[int, str]]) -> int:
    """How many of the events some run shows, one after the other."""
    tasks = THREE
    states = {(tuple(0 for _ in tasks), locks.start)}
    for count, (task, name) in enumerate(told):
        everywhere = set(states)
        waiting = list(states)
        while waiting:
            for to in moves(paths, locks, waiting.pop(), tasks, None, None):
                if to not in everywhere:
                    everywhere.add(to)
                    waiting.append(to)
        states = {to for each in everywhere for to in moves(paths, locks, each, tasks, task, name)}
        if not states:
            return count
    return len(told)


State = tuple[tuple[int, ...], tuple[object, ...]]


def moves(
    paths: Paths,
    locks: Locks,
    state: State,
    tasks: Sequence[int],
    only: int | None,
    name: str | None,
) -> Iterator[State]:
    """Where an event of one task leads, or what is unseen of any."""
    at, held = state
    for number, task in enumerate(tasks):
        if only not in (None, task):
            continue
        for edge in paths.edges[at[number]]:
            if edge.event != name:
                continue
            after = locks.after(held, edge.act, f"t-{task}") if edge.act else held
            if not isinstance(after, RefusedAct):
                yield (*at[:number], edge.to, *at[number + 1 :]), after


def followed(paths: Paths, locks: Locks, told: Sequence[tuple[int, str]]) -> int:
    """How many of the events are followed."""
    tasks = dict.fromkeys(THREE, "t")
    follower = Follower(TaskAutomaton(paths), locks, WaitingTasks({}), tasks)
    for count, (task, name) in enumerate(told):
        event = RecordedEvent(count, 0.0, 0, "t", task, name, "")
        if isinstance(follower.take(ObservedEvent(event, (name,))), Offence):
            return count
    return len(told)


def a_run(paths: Paths, locks: Locks, draw: random.Random, length: int) -> list[tuple[int, str]]:
    """The events of a run of the model, drawn at random."""
    tasks = THREE
    state: State = (tuple(0 for _ in tasks), locks.start)
    told: list[tuple[int, str]] = []
    for _ in range(length):
        names = {edge.event for each in paths.edges for edge in each}
        options = [
            (task, name, to)
            for task in tasks
            for name in sorted(names, key=str)
            for to in moves(paths, locks, state, tasks, task, name)
        ]
        if not options:
            break
        task, event, state = draw.choice(options)
        if event:
            told.append((task, event))
    return told


def compare(seed: int) -> tuple[int, int]:
    """Compare on one system: lengths that both agree on, of a run and of an edited one."""
    draw = random.Random(seed)
    roles = {"one": some_trees(draw, list(STEPS), 0), "two": some_trees(draw, list(STEPS), 0)}
    alphabet = set(draw.sample(NAMES, draw.randint(4, len(NAMES))))
    events: EventMap = EVENTS
    paths, locks = paths_of(roles, events, alphabet), Locks(locks_of_roles(roles))
    told = a_run(paths, locks, draw, 40)
    assert followed(paths, locks, told) == naive(paths, locks, told) == len(told), (seed, roles)
    wrong = list(told)
    if len(wrong) > 2:
        one, other = draw.sample(range(len(wrong)), 2)
        wrong[one], wrong[other] = wrong[other], wrong[one]
        if draw.random() < 0.5:
            del wrong[one]
    assert followed(paths, locks, wrong) == naive(paths, locks, wrong), (seed, roles, wrong)
    return len(told), naive(paths, locks, wrong) - len(wrong)


def test_what_is_followed_is_what_a_naive_search_finds() -> None:
    found = [compare(seed) for seed in range(15)]
    assert sum(length > 5 for length, _ in found) > 5
    assert sum(short < 0 for _, short in found) > 5


@pytest.mark.slow
def test_what_is_followed_is_what_a_naive_search_finds_in_many_systems() -> None:
    found = [compare(seed) for seed in range(15, 600)]
    assert sum(short < 0 for _, short in found) > 100


def test_too_much_that_is_unseen_is_not_followed() -> None:
    # Any of the tasks may have failed to take the lock, while another had it.
    roles = {"one": [trylock(lock.hold(STEPS[0]), otherwise=[STEPS[1]])]}
    paths, locks = paths_of(roles, EVENTS, {"a", "b"}), Locks(locks_of_roles(roles))
    follower = Follower(TaskAutomaton(paths), locks, WaitingTasks({}), TASKS)
    with pytest.raises(Unfollowable):
        follower.take(ObservedEvent(RecordedEvent(1, 0.0, 0, "t", 1, "b", ""), ("b",)))


def test_tasks_that_play_no_role_are_not_remembered() -> None:
    roles = {"one": [lock.hold(STEPS[1])]}
    paths, locks = paths_of(roles, EVENTS, {"b"}), Locks(locks_of_roles(roles))
    follower = Follower(TaskAutomaton(paths), locks, WaitingTasks({}), TASKS)
    for task in TASKS:
        event = RecordedEvent(task, 0.0, 0, "t", task, "b", "")
        assert not isinstance(follower.take(ObservedEvent(event, ("b",))), Offence)
    assert list(follower.configurations) == [Configuration((), locks.start)]


@pytest.mark.parametrize("trees", [[lock.hold(STEPS[0])], [trylock(lock.hold(STEPS[0]))]])
def test_what_a_role_is_about_ends_with_it(trees: list[Tree]) -> None:
    # What the second list needs is followed in the other way: a trylock may fail unseen.
    paths, locks = (
        paths_of({"one": trees}, EVENTS, {"a", "a_end"}),
        Locks(locks_of_roles({"": trees})),
    )
    follower = Follower(TaskAutomaton(paths), locks, WaitingTasks({}), {1: "t"})
    told = [("a", 7, "t"), ("a_end", 7, "t"), ("a", 8, "u"), ("a_end", None, "u"), ("a", 9, "u")]
    for name, about, task in told:
        event = RecordedEvent(0, 0.0, 0, task, 1, name, "")
        taken = follower.take(ObservedEvent(event, (name,), about))
        assert not isinstance(taken, Offence)
        assert taken.ends is (name == "a_end")
    other = follower.take(ObservedEvent(event._replace(name="a_end"), ("a_end",), 10))
    assert isinstance(other, Offence)
    assert other.why == "it is about 10, and what the task does is about 9"
    renamed = follower.take(ObservedEvent(event._replace(name="a_end", task="v"), ("a_end",)))
    assert isinstance(renamed, Offence)
    assert renamed.why == "task 1 is called v here, and was u when its role began"

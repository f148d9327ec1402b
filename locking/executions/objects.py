"""What operations of locks and tasks are to a memory model: no more than the kernel promises.

A spinlock has the events of tools/memory-model/lock.cat. A mutex, an rwsem and a completion are
words that are taken by an acquire and let go by a release, both as read-modify-writes; their rule
says who may have them. Who waits is nowhere written down, so the order of waiters is any. RCU has
the events of linux-kernel.bell. The state of a task is a word of memory:

    set_current_state     smp_store_mb(), include/linux/sched.h
    wake_up_process       a full barrier, then a look at the state; a release if it wakes
    wake_q_add            smp_mb__before_atomic(), cmpxchg_relaxed()
    schedule              a look at the state, which acquires

Sources: Documentation/memory-barriers.txt, SLEEP AND WAKE-UP FUNCTIONS; kernel/sched/core.c (6.12).
"""

from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from typing import Any

from locking.errors import ModelError
from locking.executions.meaning import (
    DraftEvent,
    Meaning,
    StepDone,
    Touching,
    access_at,
    meaning_in_memory,
    outcome_of,
)
from locking.executions.sequences import meaning_of_sequence, words_of_sequence
from locking.objects.exclusive import Spinlock
from locking.objects.granted import CALLED, RETURNED
from locking.objects.latch import Latch
from locking.objects.operation import ASK, Misuse, Object, Operation
from locking.objects.rcu import Rcu
from locking.objects.seqlock import Seqlock, Sequence
from locking.programs.keys import typed
from locking.programs.sleeping.completion import Completion
from locking.programs.sleeping.mutex import Mutex
from locking.programs.sleeping.rwsem import RwSem
from locking.programs.sleeping.task import Task, TaskState
from locking.properties.ordering import modes_held, order_of

TAKEN_AS_WORDS = (Mutex, RwSem, Completion, Latch)
"""Objects whose state is one word, changed by read-modify-writes."""

UNFAIR = RwSem
"""A lock in front of which threads may queue; here none does."""

OWN_STEPS = ("lockdep_assert", CALLED, RETURNED)
"""How operations are called that ask, or note, what their own thread holds.

Where an algorithm stands for a lock, its calls are noted, and its own words say who may go on.
"""

ON_WAKE_Q = ".on_wake_q"
"""What the word of a task that says whether it is on a wake_q has behind the name of the task."""

FULL_FENCE = DraftEvent("F", ("mb",))


def words_of_objects(starts: Iterable[tuple[Object, Any]]) -> list[tuple[Object, dict[str, Any]]]:
    """Objects, each in a state, with the words that they are made of.

    Errors: `ModelError`, if two have a word of one name, too.
    """
    found: list[tuple[Object, dict[str, Any]]] = []
    owners: dict[str, Object] = {}
    for each, state in starts:
        words = words_made_of(each, state)
        for name in words:
            other = owners.setdefault(name, each)
            if other is not each:
                raise ModelError(
                    f"{other!r} and {each!r} both have a word {name!r} under --memory lkmm; give "
                    f"one of them another name"
                )
        found.append((each, words))
    return found


def words_made_of(object_: Object, state: Any) -> dict[str, Any]:
    """The words that an object in a state is made of. Errors: `ModelError`."""
    holders = list(object_.holders(state)) if isinstance(object_, Spinlock | Seqlock) else []
    if holders:
        raise ModelError(
            f"{object_!r} starts held by {holders[0].thread}; under --memory lkmm a spinlock "
            f"starts free, that of a seqlock too, for nothing orders what comes before; let a "
            f"thread take it first"
        )
    if isinstance(object_, Task):
        return {object_.name: state.state, object_.name + ON_WAKE_Q: state.on_wake_q}
    if isinstance(object_, Sequence):
        return words_of_sequence(object_, state)
    return {object_.name: state}


def state_from(object_: Object, words: Mapping[str, Any]) -> Any:
    """The state of an object with these words."""
    if isinstance(object_, Task):
        return TaskState(words[object_.name], words[object_.name + ON_WAKE_Q])
    return words[object_.name]


def meaning_of_object(step: Operation, me: str) -> Meaning | None:
    """What an operation of a lock or a task is to a memory model; None if it is not known."""
    target = step.target
    if step.name.startswith(OWN_STEPS):
        return Meaning(target.name, Touching.OWN, partial(step_of_its_own, step, ()))
    if isinstance(target, Spinlock):
        return meaning_of_spinlock(step)
    if isinstance(target, Sequence):
        return meaning_of_sequence(step)
    if isinstance(target, Task):
        return meaning_of_task(step)
    if isinstance(target, Rcu) and step.name in RCU_TAGS:
        fence = DraftEvent("F", (RCU_TAGS[step.name],))
        return Meaning(target.name, Touching.OWN, partial(step_of_its_own, step, (fence,)))
    if step.name == "mutex_unlock":
        return Meaning(target.name, Touching.STORE, partial(mutex_let_go, step))
    if isinstance(target, TAKEN_AS_WORDS) and not step.name.startswith(ASK):
        own = partial(own_modes, target, me)
        return Meaning(target.name, Touching.UPDATE, partial(word_step, step), own=own)
    return None


def meaning_of(step: Operation, me: str) -> Meaning:
    """What an operation of a thread is to a memory model. Errors: `ModelError`."""
    found = meaning_in_memory(step) or meaning_of_object(step, me)
    if found is None:
        kind = type(step.target).__name__
        raise ModelError(f"{step}: --memory lkmm does not know this operation of a {kind}")
    return found


def own_modes(object_: Object, me: str, state: Any) -> Hashable:
    """The modes in which a thread holds an object, which only that thread changes."""
    return frozenset(modes_held(object_, state, me).items())


def word_step(step: Operation, me: str, state: Any) -> StepDone | Misuse | None:
    """An operation on an object whose state is one word.

    It waits where its rule lets it wait, or queue up.
    """
    target = step.target
    outcome = outcome_of(step, me, state)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    order = order_of(step, me, state, new, result)
    read = "acquire" if order.acquires else "once"
    if typed(state) == typed(new) and not order.releases:
        return StepDone(result, (access_at(target.name, "R", (read, "rmw"), state),))
    write = "release" if order.releases else "once"
    return StepDone(result, update_of(target.name, (read, state), (write, new)))


def mutex_let_go(step: Operation, me: str, owner: Any) -> StepDone | Misuse | None:
    """A mutex is let go, by a release; whose it is its own thread knows."""
    outcome = step.target.step(step.name, owner, me, step.args)
    if isinstance(outcome, Misuse):
        return outcome
    return StepDone(None, (access_at(step.target.name, "W", ("release",), None),))


def update_of(
    word: str, reads: tuple[str, Any], writes: tuple[str, Any]
) -> tuple[DraftEvent, DraftEvent]:
    """The events of a read-modify-write, each given by its tag and its value."""
    read = access_at(word, "R", (reads[0], "rmw"), reads[1])
    return read, access_at(word, "W", (writes[0], "rmw"), writes[1])._replace(ends_update=True)


def spinlock_step(step: Operation, me: str, owner: Any) -> StepDone | Misuse | None:
    """An operation of a spinlock with this owner, by the events of lock.cat."""
    target = step.target
    outcome = outcome_of(step, me, owner)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    if step.name == "spin_unlock":
        return StepDone(result, (access_at(target.name, "UL", (), new),))
    if typed(new) == typed(owner):
        return StepDone(result, (access_at(target.name, "LF", (), owner),))
    read = access_at(target.name, "LKR", (), owner)
    write = access_at(target.name, "LKW", (), new)._replace(ends_update=True)
    return StepDone(result, (read, write))


def step_of_its_own(
    step: Operation, events: tuple[DraftEvent, ...], me: str, state: Any
) -> StepDone | Misuse | None:
    """An operation whose rule asks what its own thread did before, and its events."""
    outcome = outcome_of(step, me, state)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    return StepDone(result, events, new)


RCU_TAGS = {
    "rcu_read_lock": "rcu-lock",
    "rcu_read_unlock": "rcu-unlock",
    "synchronize_rcu": "sync-rcu",
}
"""The tags of the fences that operations of RCU are."""


def is_grace_period(step: object) -> bool:
    """Whether a step waits for readers of RCU."""
    if not isinstance(step, Operation) or not isinstance(step.target, Rcu):
        return False
    return RCU_TAGS.get(step.name) == "sync-rcu"


def meaning_of_spinlock(step: Operation) -> Meaning | None:
    """What an operation of a spinlock is."""
    if step.name in ("spin_lock", "spin_trylock"):
        return Meaning(step.target.name, Touching.UPDATE, partial(spinlock_step, step), "RL")
    if step.name == "spin_unlock":
        return Meaning(step.target.name, Touching.STORE, partial(spinlock_step, step))
    return None


def task_step(step: Operation, me: str, word: Any) -> StepDone | Misuse | None:
    """An operation of a task whose word is so."""
    target = step.target
    queues = step.name in ("put_on_wake_q", "take_off_wake_q")
    before = TaskState(on_wake_q=word) if queues else TaskState(word)
    outcome = outcome_of(step, me, before)
    if outcome is None or isinstance(outcome, Misuse):
        return outcome
    new, result = outcome
    name = target.name + (ON_WAKE_Q if queues else "")
    return StepDone(
        result, task_events(name, step.name, word, new.on_wake_q if queues else new.state)
    )


def task_events(name: str, step: str, old: Any, new: Any) -> tuple[DraftEvent, ...]:
    """The events of an operation on a word of a task."""
    match step:
        case "set_current_state":
            return access_at(name, "W", ("once",), new), FULL_FENCE
        case "take_off_wake_q":
            return (access_at(name, "W", ("once",), new),)
        case "schedule":
            return (access_at(name, "R", ("acquire",), old),)
        case "put_on_wake_q" if new != old:
            return FULL_FENCE, *update_of(name, ("once", old), ("once", new))
        case "wake_up_process" if new != old:
            read = access_at(name, "R", ("once",), old)
            return FULL_FENCE, read, access_at(name, "W", ("release",), new)
        case _:
            return FULL_FENCE, access_at(name, "R", ("once",), old)


TASK_STEPS = {
    "set_current_state": Touching.STORE,
    "take_off_wake_q": Touching.STORE,
    "schedule": Touching.LOAD,
    "put_on_wake_q": Touching.UPDATE,
    "wake_up_process": Touching.UPDATE,
}
"""How operations of a task touch its words."""


def meaning_of_task(step: Operation) -> Meaning | None:
    """What an operation of a task is."""
    if step.name not in TASK_STEPS:
        return None
    queues = step.name in ("put_on_wake_q", "take_off_wake_q")
    word = step.target.name + (ON_WAKE_Q if queues else "")
    return Meaning(word, TASK_STEPS[step.name], partial(task_step, step))

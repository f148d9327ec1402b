"""How an execution ends: what memory holds, who has ended, and who can never go on."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.executions.executions import Execution, LastWrites, Together
from locking.executions.meaning import SeenValue, StepDone, Touching
from locking.executions.objects import is_grace_period, meaning_of, state_from
from locking.executions.paths import TreePath
from locking.executions.trees import EndKind
from locking.explore.learn import Learner
from locking.memory_models.sources import WRITE_KINDS
from locking.objects.in_force import InForce
from locking.objects.operation import Misuse, Object, Operation
from locking.objects.rcu import Rcu
from locking.objects.until import Until
from locking.programs.position import Position
from locking.programs.traps import Choose
from locking.properties.view import View

BLOCKED = (EndKind.WAITS, EndKind.GOES_ROUND)


class ExecutionEnding(NamedTuple):
    """How an execution ends. Threads are given by their numbers."""

    memory: Mapping[str, Any]
    failed: tuple[int, ...]
    cut: bool
    """Whether a loop was not followed to its end."""
    stuck: tuple[int, ...]
    """Threads that can never go on, whatever they look at again."""
    going_on: bool
    """Whether a blocked thread would go on with what memory holds: so this is no end."""
    endless_section: bool
    """Whether a thread that has ended, or is stuck, is in a read section of RCU."""

    @property
    def is_end(self) -> bool:
        """Whether no thread that waits would go on, or one has failed, which is so in any case."""
        return bool(self.failed) or not self.going_on

    @property
    def whole(self) -> bool:
        """Whether all threads have ended, or can never go on."""
        return not (self.failed or self.cut or self.going_on)


def ending_of(
    together: Together,
    last: LastWrites,
    learners: Sequence[Learner],
    initial: Mapping[str, SeenValue],
) -> ExecutionEnding:
    """How executions of these paths end that have these last writes."""
    memory = {name: seen.value for name, seen in initial.items()}
    for each in map(together.draft, last):
        memory[each.location] = each.value
    paths = together.paths
    blocked = [at for at, path in enumerate(paths) if path.end in BLOCKED]
    stuck = stuck_in_memory(paths, blocked, learners, memory)
    resting = [*stuck, *(at for at, path in enumerate(paths) if path.end is EndKind.ENDED)]
    endless_section = any(paths[at].in_section for at in resting)
    if endless_section:
        stuck = [at for at in blocked if at in stuck or is_grace_period(paths[at].position.next)]
    return ExecutionEnding(
        memory,
        tuple(at for at, path in enumerate(paths) if path.end is EndKind.FAILED),
        any(path.end is EndKind.CUT for path in paths),
        tuple(stuck),
        len(stuck) < len(blocked),
        endless_section,
    )


def stuck_in_memory(
    paths: Sequence[TreePath],
    blocked: Sequence[int],
    learners: Sequence[Learner],
    memory: Mapping[str, Any],
) -> list[int]:
    """The threads that no write is left for, and those whose grace period waits for themselves."""
    found = []
    for at in blocked:
        path, learner = paths[at], learners[at]
        if is_grace_period(path.position.next):
            stuck = path.in_section
        else:
            stuck = is_stuck(learner, path.node, known_to(learner, path, memory))
        if stuck:
            found.append(at)
    return found


def is_stuck(learner: Learner, node: int, memory: Mapping[str, Any]) -> bool:
    """Whether a thread at a node can never go on if memory stays as it is.

    It then waits, or comes back to where it was without a write, whatever it chooses.
    """
    waiting, seen = [(node, memory)], {node}
    while waiting:
        at, known = waiting.pop()
        after = nodes_after(learner, at, known)
        if after is None:
            return False
        known = after_own(learner, at, known)
        waiting += [(each, known) for each in after - seen]
        seen |= after
    return True


def known_to(learner: Learner, path: TreePath, memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """What memory holds, and what a thread keeps to itself, at the end of its path."""
    for each in path.steps:
        memory = own_after(each.position, learner.thread.name, memory)
    return memory


def after_own(learner: Learner, node: int, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a thread knows behind a node."""
    return own_after(learner.nodes[node].position, learner.thread.name, known)


def own_after(position: Position, me: str, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a thread knows behind a step that asks, or notes, what it did itself."""
    if isinstance(position.next, Until) or not isinstance(position.next, Operation):
        return known
    meaning = meaning_of(position.next, me)
    if meaning.touching is not Touching.OWN:
        return known
    done = meaning.do(me, known.get(meaning.word))
    return {**known, meaning.word: done.state} if isinstance(done, StepDone) else known


def nodes_after(learner: Learner, node: int, memory: Mapping[str, Any]) -> set[int] | None:
    """The nodes to which a thread may come that changes nothing; None if it ends or writes."""
    step = learner.nodes[node].position.next
    if isinstance(step, Until):
        return set()
    if isinstance(step, Choose):
        return {learner.child(node, option) for option in step.options}
    if not isinstance(step, Operation):
        return None
    meaning = meaning_of(step, learner.thread.name)
    done = meaning.do(learner.thread.name, memory.get(meaning.word))
    if done is None:
        return set()
    if isinstance(done, Misuse) or any(each.kind in WRITE_KINDS for each in done.events):
        return None
    return {learner.child(node, done.result)}


def end_view(execution: Execution, ending: ExecutionEnding, learners: Sequence[Learner]) -> View:
    """The end of an execution, for a property to look at.

    Errors: `ModelError` for one that looks at what an execution has no value of.
    """

    def value(object_: Object) -> Any:
        if isinstance(object_, Rcu) or object_ in InForce.rules.algorithms:
            raise ModelError(f"at the end, --memory lkmm has no state of {object_.name}")
        if object_.name not in ending.memory:
            raise ModelError(f"object {object_.name!r} is not among the model's objects; add it")
        return state_from(object_, ending.memory)

    def look(thread: int, aspect: Any) -> Hashable:
        found: Hashable = aspect(execution.together.paths[thread].position)
        return found

    return View([each.thread for each in learners], value, look)


def stuck_in(execution: Execution, thread: int, learners: Sequence[Learner]) -> tuple[str, str]:
    """A thread that is stuck, and what it is stuck in."""
    path = execution.together.paths[thread]
    does = "waits in" if path.end is EndKind.WAITS else "repeats"
    return learners[thread].thread.name, f"{does} {path.position.next}"

"""A second explorer, which shares nothing with the first: it runs every schedule, one by one.

There are no tables, no learning and no graph. A schedule is a list of steps; what can follow it is
found by running the coroutines from the start through that list. Only the objects' rules and the
traps are the library's. It is slow, and plain enough to be believed.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from locking.objects.operation import WAIT, Access, Misuse, Object, Operation, Queue, observed
from locking.objects.until import Until
from locking.programs.constructs import CancelledError, RequirementFailed
from locking.programs.thread import Thread
from locking.programs.traps import BeginAtomic, Choose, EndAtomic, Enter, Leave, Trap
from locking.system import System

Step = tuple[int, tuple[int, ...]]
"""Which thread, and which option of every choice that it makes in this step."""


class TooMany(Exception):
    """There are more schedules than were allowed."""


class HeldNow(NamedTuple):
    """A lock that a step has taken: the mode in which it holds it, and the one in which it took it.

    They differ once a writer has become a reader.
    """

    lock: Object
    mode: str
    taken: str


class Touch(NamedTuple):
    """An access that a step makes, and the locks that the same step has taken and holds by then."""

    cell: Object
    access: Access
    locks: frozenset[HeldNow]


class Actor:
    """One thread under way. `ended` is None, or `finished`, or the name of what it failed."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.sections: list[str] = []
        self.blocks = 0
        self.block = 0
        self.next: Operation | Choose | None = None
        self.ended: str | None = None
        self.broken: set[str] = set()
        self.required: set[str] = set()
        self.coroutine = thread.program(*thread.args)
        self.resume(None)

    def resume(self, value: Any) -> None:
        """Run to the next step."""
        while True:
            observed.made.clear()
            observed.broken.clear()
            observed.required.clear()
            self.next = None
            observed.handling = None
            try:
                trap = self.coroutine.send(value)
                if isinstance(observed.handling, AssertionError):
                    raise observed.handling  # it has failed, and lets go of locks on its way out
            except (StopIteration, CancelledError):
                self.ended = "finished"
            except RequirementFailed as failed:
                self.ended = failed.name
            except AssertionError:
                self.ended = "assertion"
            self.required |= observed.required
            self.broken |= {failed.name for failed in observed.broken}
            if self.ended:
                return
            if isinstance(trap, Operation | Choose):
                self.next = trap
                return
            self.mark(trap)
            value = None

    def mark(self, trap: Trap) -> None:
        """Note sections and blocks; procedures and loops are nothing special here."""
        match trap:
            case Enter(name):
                self.sections.append(name)
            case Leave():
                self.sections.pop()
            case BeginAtomic():
                self.block += not self.blocks
                self.blocks += 1
            case EndAtomic():
                self.blocks -= 1

    def close(self) -> None:
        """Drop the coroutine."""
        observed.closing = True
        self.coroutine.close()
        observed.closing = False


class World:
    """Everything at one moment of one schedule."""

    def __init__(self, system: System) -> None:
        self.values: dict[Object, Any] = {each: each.start for each in system.objects}
        self.actors = [Actor(thread) for thread in system.threads]
        self.touched: set[Object] = set()

    @property
    def broken_off(self) -> bool:
        """Whether a failure has ended the whole run."""
        return any(actor.ended not in (None, "finished") for actor in self.actors)

    def ask(self, actor: Actor) -> Any:
        """What the rule says to the operation that `actor` takes next."""
        step = actor.next
        self.touched.add(step.target)
        return step.target.step(step.name, self.values[step.target], actor.thread.name, step.args)

    def take(
        self, thread: int, picks: Sequence[int]
    ) -> tuple[bool, list[int], list[int], list[Touch]]:
        """Take one step; an atomic block is one.

        What comes back: whether it could be taken, the picks (0 where none was given), out of how
        many each, and the accesses made. If it could not be taken, this world is spoilt, and the
        accesses are those of a condition that is waited for.
        """
        actor = self.actors[thread]
        actor.broken = set()
        in_block, block = actor.blocks > 0, actor.block
        made: list[int] = []
        widths: list[int] = []
        touches: list[Touch] = []
        locks: set[HeldNow] = set()
        done: list[Touch | None] = []
        begun = False
        while True:
            step = actor.next
            if isinstance(step, Choose):
                pick = picks[len(made)] if len(made) < len(picks) else 0
                made.append(pick)
                widths.append(len(step.options))
                actor.resume(step.options[pick])
            else:
                outcome = self.ask(actor)
                if isinstance(step, Until):
                    return False, made, widths, list(filter(None, done[-len(step.objects) :]))
                if outcome is WAIT:
                    return False, made, widths, []
                access = step.target.access(step.name)
                done.append(Touch(step.target, access, frozenset(locks)) if access else None)
                touches += filter(None, done[-1:])
                if isinstance(outcome, Misuse):
                    actor.next, actor.ended = None, "misuse"
                    return True, made, widths, touches
                if isinstance(outcome, Queue):
                    if begun:
                        return False, made, widths, []
                    self.values[step.target] = outcome.state
                    return True, made, widths, touches
                self.values[step.target], result = outcome
                if not access:
                    before = [each.taken for each in locks if each.lock is step.target]
                    locks = {each for each in locks if each.lock is not step.target}
                    locks |= {
                        HeldNow(step.target, held.mode, (*before, held.mode)[0])
                        for held in step.target.holders(self.values[step.target])
                        if held.thread == actor.thread.name
                    }
                actor.resume(result)
            begun = True
            if actor.next is None or not (in_block and actor.blocks and actor.block == block):
                return True, made, widths, touches

    def close(self) -> None:
        """Drop the coroutines."""
        for actor in self.actors:
            actor.close()


class Seen:
    """A moment, as a question looks at it; the same spelling as the library's view."""

    def __init__(self, world: World, touches: list[set[Touch]]) -> None:
        self.world = world
        self.touches = touches

    def __getitem__(self, object_: Object) -> Any:
        return self.world.values[object_]

    def inside(self, section: str) -> tuple[str, ...]:
        return tuple(actor.thread.name for actor in self.world.actors if section in actor.sections)

    def about_to(self, object_: Object, name: str) -> tuple[str, ...]:
        return tuple(
            actor.thread.name
            for actor in self.world.actors
            if isinstance(actor.next, Operation)
            and actor.next.target is object_
            and actor.next.name == name
        )

    @property
    def finished(self) -> bool:
        return all(
            actor.ended == "finished" for actor in self.world.actors if not actor.thread.daemon
        )

    @property
    def leaked(self) -> bool:
        """Whether a thread that has ended still holds something."""
        over = {actor.thread.name for actor in self.world.actors if actor.ended == "finished"}
        return any(
            held.thread in over
            for object_, value in self.world.values.items()
            for held in object_.holders(value)
        )

    def failed(self, name: str) -> bool:
        """Whether some thread has just failed `name`."""
        return any(actor.ended == name or name in actor.broken for actor in self.world.actors)

    def together(self, one: str, other: str) -> int:
        """How many are inside, where two different threads are inside one each."""
        pairs = [(a, b) for a in self.inside(one) for b in self.inside(other) if a != b]
        return len({*self.inside(one), *self.inside(other)}) if pairs else 0

    @property
    def racing(self) -> bool:
        """Whether two next steps race."""
        return any(
            race(mine, theirs)
            for ours, others in combinations(self.touches, 2)
            for mine in ours
            for theirs in others
        )


def race(one: Touch, other: Touch) -> bool:
    """Whether two accesses of two threads race."""
    if one.cell is not other.cell or not (one.access.writes or other.access.writes):
        return False
    if one.access.marked and other.access.marked:
        return False
    excluded = any(
        mine.lock is theirs.lock and not (joins(mine, theirs) or joins(theirs, mine))
        for mine in one.locks
        for theirs in other.locks
    )
    return not excluded


def joins(one: HeldNow, other: HeldNow) -> bool:
    """Whether who holds a lock as `other` does could take it while it is held as by `one`."""
    return (one.mode, other.taken) == ("read", "read")


def leaked(seen: Seen) -> bool:
    """What is asked of every system, whatever else is."""
    return seen.leaked


Question = Callable[[Seen], Any]

Cost = tuple[int, int, tuple[tuple[int, int], ...]]
"""Length of a path, its context switches, and the path, as the library writes one."""


class Brute:
    """Every schedule of `system`, run; `questions` are asked at every moment of each.

    `best` has, for every question that was ever answered yes, the cheapest path to a yes. Runs that
    are longer than `longest` are cut off there. Errors: `TooMany` for more than about `most` runs.
    """

    def __init__(
        self,
        system: System,
        questions: dict[str, Question],
        most: int = 2_000,
        longest: int | None = None,
    ) -> None:
        self.system = system
        self.questions = questions
        self.most = most
        self.longest = longest
        self.runs = 0
        self.cuts = 0
        self.finals: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self.any_end = False
        self.best: dict[str, Cost] = {}
        self.entered: set[str] = set()
        self.touched: set[Object] = set()
        self.required: set[str] = set()
        self.visit(World(system), ())

    def replay(self, prefix: tuple[Step, ...]) -> World:
        """The world after `prefix`."""
        world = World(self.system)
        for thread, picks in prefix:
            world.take(thread, picks)
        return world

    def outcomes(self, world: World, prefix: tuple[Step, ...], thread: int) -> Any:
        """The picks of every way in which `thread` can step now, and what those may touch."""
        actor = world.actors[thread]
        step = actor.next
        if step is None:
            return [], set()
        if not actor.blocks:
            if isinstance(step, Choose):
                return [((at,), (len(step.options),)) for at in range(len(step.options))], set()
            if world.ask(actor) is WAIT:
                return [], set()
            access = step.target.access(step.name)
            return [((), ())], {Touch(step.target, access, frozenset())} if access else set()
        found, touched, picks = [], set(), []
        while picks is not None:
            trial = self.replay(prefix)
            taken, made, widths, touches = trial.take(thread, picks)
            self.touched |= trial.touched
            trial.close()
            touched |= set(touches)
            if taken:
                found.append((tuple(made), tuple(widths)))
            picks = following(made, widths)
        return found, touched

    def visit(self, world: World, prefix: tuple[Step, ...], path: Any = (), turns: int = 0) -> Any:
        """Everything from here on; returns the threads that can still step, end or break off."""
        try:
            return self.go_on(world, prefix, path, turns)
        finally:
            world.close()

    def go_on(self, world: World, prefix: tuple[Step, ...], path: Any, turns: int) -> Any:
        """Everything from here on, in a world that is then dropped. Errors: `TooMany`."""
        if self.runs + self.cuts > self.most:
            raise TooMany
        steps: list[tuple[int, tuple[int, ...], tuple[int, ...]]] = []
        touches: list[set[Touch]] = []
        everybody = set(range(len(world.actors)))
        if not world.broken_off:
            for thread in everybody:
                ways, touched = self.outcomes(world, prefix, thread)
                touches.append(touched)
                steps += [(thread, *way) for way in ways]
        self.look(Seen(world, touches), (len(path), turns, path))
        ended = [actor.ended for actor in world.actors]
        able = set(everybody) if world.broken_off else {at for at in everybody if ended[at]}
        if not steps:
            self.end(world)
        elif len(prefix) == self.longest:
            self.cuts, able, steps = self.cuts + 1, everybody, []
        for at, (thread, picks, widths) in enumerate(steps):
            here = world if at == 0 else self.replay(prefix)
            queues = self.queues(here, thread)
            here.take(thread, picks)
            longer = (*path, (thread, mixed(picks, widths)))
            switches = turns + (not path or path[-1][0] != thread)
            able |= self.visit(here, (*prefix, (thread, picks)), longer, switches)
            able |= set() if queues else {thread}
        stuck = [at for at in everybody - able if not self.system.threads[at].daemon]
        if stuck:
            self.offer("deadlock", (len(path), turns, path))
        return able

    def queues(self, world: World, thread: int) -> bool:
        """Whether the step of `thread` only puts it into a queue."""
        actor = world.actors[thread]
        return isinstance(actor.next, Operation) and isinstance(world.ask(actor), Queue)

    def end(self, world: World) -> None:
        """Count a run that can't go on, and note how everything stands."""
        self.runs += 1
        values = tuple(repr(value) for value in world.values.values())
        self.finals.add((values, tuple(actor.ended or "waiting" for actor in world.actors)))

    def look(self, seen: Seen, cost: Cost) -> None:
        """Ask every question here."""
        for actor in seen.world.actors:
            self.entered |= set(actor.sections)
            self.required |= actor.required
        self.touched |= seen.world.touched
        self.any_end |= seen.finished
        for name, question in {"locks-released": leaked, **self.questions}.items():
            if question(seen):
                self.offer(name, cost)

    def offer(self, name: str, cost: Cost) -> None:
        """Keep the cheapest."""
        if name not in self.best or cost < self.best[name]:
            self.best[name] = cost


def following(made: list[int], widths: list[int]) -> list[int] | None:
    """The picks to try after `made`; None when all were tried."""
    while made:
        if made[-1] + 1 < widths[len(made) - 1]:
            return [*made[:-1], made[-1] + 1]
        made = made[:-1]
    return None


def mixed(picks: tuple[int, ...], widths: tuple[int, ...]) -> int:
    """The picks as one number, the first lowest."""
    number, scale = 0, 1
    for pick, width in zip(picks, widths, strict=True):
        number += pick * scale
        scale *= width
    return number

"""A judge of threads on processors that shares nothing with the library: a tiny interpreter.

A program is a list of instructions. Each thread counts for itself what it keeps off, as the kernel
counts it in every task; who may move is worked out from the counts of all threads each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

Code = tuple[tuple[Any, ...], ...]


class Job(NamedTuple):
    """A thread: what it runs, as what, on which processor (None: on its own).

    `blocks` are the atomic ones, each as where it begins and ends in the code.
    """

    name: str
    code: Code
    kind: str = "task"
    cpu: int | None = None
    priority: int = 0
    blocks: tuple[tuple[int, int], ...] = ()


class Life(NamedTuple):
    """Where a thread is. `pc` is -1 before a handler came; `results` all that it was told."""

    pc: int = 0
    results: tuple[Any, ...] = ()
    irqs: bool = True
    bh: int = 0
    preempt: int = 0
    spins: bool = False
    end: str = ""

    @property
    def atomic(self) -> bool:
        return not self.irqs or self.bh > 0 or self.preempt > 0 or self.spins


class World(NamedTuple):
    """All lives, the owners of locks, the values of cells, and handlers in order of arrival."""

    lives: tuple[Life, ...]
    owners: tuple[tuple[str, str], ...] = ()
    cells: tuple[tuple[str, int], ...] = ()
    arrived: tuple[int, ...] = ()


class Move(NamedTuple):
    """A thread's step, whether it only begins to spin, and where it leads."""

    job: int
    queues: bool
    to: World


@dataclass
class Judge:
    """All that `jobs` can do from the start, with every cell 0."""

    jobs: tuple[Job, ...]

    def step(self, world: World, me: int) -> tuple[Any, ...] | None:
        """The next instruction; None at the end."""
        life, job = world.lives[me], self.jobs[me]
        if life.end:
            return None
        if life.pc == -1:
            return ("arrive",)
        if life.pc < len(job.code):
            return job.code[life.pc]
        return ("return",)

    def above(self, world: World, cpu: int | None) -> list[int]:
        """The handlers under way on a processor, innermost last."""
        return [at for at in world.arrived if self.jobs[at].cpu == cpu]

    def tasks(self, cpu: int | None) -> list[int]:
        """The tasks of a processor."""
        return [
            at
            for at, job in enumerate(self.jobs)
            if cpu is not None and job.cpu == cpu and job.kind == "task"
        ]

    def irqs_on(self, world: World, cpu: int | None) -> bool:
        """Whether interrupts are on at a processor: as whoever runs there last has left them."""
        handlers = self.above(world, cpu)
        if handlers:
            return world.lives[handlers[-1]].irqs
        return all(world.lives[at].irqs for at in self.tasks(cpu))

    def softirqs_on(self, world: World, cpu: int | None) -> bool:
        """Whether softirqs may come at a processor."""
        quiet = all(not world.lives[at].bh for at in self.tasks(cpu))
        return quiet and self.irqs_on(world, cpu) and not self.above(world, cpu)

    def comes(self, world: World, me: int) -> bool:
        """Whether a handler may come."""
        job = self.jobs[me]
        if any(self.jobs[at].kind == "nmi" for at in self.above(world, job.cpu)):
            return False
        if job.kind == "nmi":
            return True
        on = self.irqs_on if job.kind == "hardirq" else self.softirqs_on
        return on(world, job.cpu)

    def may_run(self, world: World, me: int) -> bool:
        """Whether a thread has its processor, or can have it."""
        job = self.jobs[me]
        if job.cpu is None or world.lives[me].pc == -1:
            return True
        handlers = self.above(world, job.cpu)
        if handlers or job.kind != "task":
            return handlers[-1:] == [me]
        others = [at for at in self.tasks(job.cpu) if at != me]
        if any(world.lives[at].atomic for at in others):
            return False
        if world.lives[me].atomic:
            return True
        return not any(
            self.jobs[at].priority > job.priority and self.wants(world, at) for at in others
        )

    def wants(self, world: World, me: int) -> bool:
        """Whether a task has anything to do on its processor: a step, or to spin."""
        step = self.step(world, me)
        if step is None or step == ("return",):
            return False
        if any(True for _ in self.moves_of(world, me)):
            return True
        while moves := list(self.single(world, me)):  # a block waits further on
            world = moves[0].to
        waits_in = self.step(world, me) or ("",)
        return waits_in[0] != "mutex"

    def owner(self, world: World, lock: str) -> str | None:
        return dict(world.owners).get(lock)

    def is_atomic(self, world: World, me: int) -> bool:
        """Whether a thread must not sleep; one without a processor always may."""
        job = self.jobs[me]
        return job.cpu is not None and (job.kind != "task" or world.lives[me].atomic)

    def moves(self, world: World) -> Iterator[Move]:
        """Every step that can be taken."""
        if any(life.end == "misuse" for life in world.lives):
            return
        for me in range(len(self.jobs)):
            if self.may_run(world, me):
                yield from self.moves_of(world, me)

    def moves_of(self, world: World, me: int) -> Iterator[Move]:
        """The step of a thread: one instruction, or an atomic block if none of it waits."""
        end = dict(self.jobs[me].blocks).get(world.lives[me].pc, 0)
        for move in self.single(world, me):
            after = move
            while not (after.queues or after.to.lives[me].end) and after.to.lives[me].pc < end:
                following = [each for each in self.single(after.to, me) if not each.queues]
                if not following:
                    return
                after = following[0]
            yield after

    def single(self, world: World, me: int) -> Iterator[Move]:
        """What one instruction does."""
        step = self.step(world, me)
        life, job = world.lives[me], self.jobs[me]
        if step is None or (step[0] == "return" and job.kind == "task"):
            return
        match step:
            case ("arrive",):
                if self.comes(world, me):
                    now = life._replace(pc=0, irqs=job.kind == "softirq")
                    # Which of two processors was interrupted first is forgotten.
                    arrived = sorted((*world.arrived, me), key=lambda at: self.jobs[at].cpu or 0)
                    yield self.moved(world._replace(arrived=tuple(arrived)), me, now)
            case ("return",):
                clean = life.irqs == (job.kind == "softirq") and not (life.bh or life.preempt)
                gone = tuple(at for at in world.arrived if at != me)
                end = "done" if clean else "misuse"
                after = world._replace(arrived=gone) if clean else world
                yield self.moved(after, me, life._replace(end=end))
            case ("spin", lock):
                yield from self.spin(world, me, lock)
            case ("try", lock):
                free = self.owner(world, lock) is None
                after = self.owned(world, lock, job.name) if free else world
                now = life._replace(preempt=life.preempt + self.counts(me) * free)
                yield self.on(after, me, now, int(free))
            case ("unspin", lock):
                if self.owner(world, lock) != job.name:
                    yield self.misuse(world, me)
                else:
                    now = life._replace(preempt=max(life.preempt - self.counts(me), 0))
                    yield self.on(self.owned(world, lock, None), me, now)
            case ("mutex", lock):
                if self.is_atomic(world, me) or self.owner(world, lock) == job.name:
                    yield self.misuse(world, me)
                elif self.owner(world, lock) is None:
                    yield self.on(self.owned(world, lock, job.name), me, life)
            case ("unmutex", lock):
                if self.owner(world, lock) != job.name:
                    yield self.misuse(world, me)
                else:
                    yield self.on(self.owned(world, lock, None), me, life)
            case ("read", cell):
                yield self.on(world, me, life, dict(world.cells).get(cell, 0))
            case ("add", cell):
                yield self.on(self.put(world, cell, life.results[-1] + 1), me, life)
            case ("until", cell):
                if dict(world.cells).get(cell, 0):
                    yield self.on(world, me, life)
            case ("irqs", on):
                yield self.on(world, me, life._replace(irqs=on))
            case ("save",):
                yield self.on(world, me, life._replace(irqs=False), life.irqs)
            case ("restore",):
                flags = next((r for r in reversed(life.results) if isinstance(r, bool)), True)
                yield self.on(world, me, life._replace(irqs=flags))
            case ("bh", 1):
                hard = job.kind in ("hardirq", "nmi")
                now = life._replace(bh=life.bh + 1)
                yield self.misuse(world, me) if hard else self.on(world, me, now)
            case ("bh", -1):
                bad = not life.bh or not life.irqs
                now = life._replace(bh=life.bh - 1)
                yield self.misuse(world, me) if bad else self.on(world, me, now)
            case ("preempt", 1):
                yield self.on(world, me, life._replace(preempt=life.preempt + 1))
            case ("preempt", -1):
                now = life._replace(preempt=life.preempt - 1)
                yield self.on(world, me, now) if life.preempt else self.misuse(world, me)
            case _:
                raise AssertionError(step)

    def counts(self, me: int) -> int:
        """What holding a spinlock adds to the count of a thread: nothing without a processor."""
        return int(self.jobs[me].cpu is not None)

    def spin(self, world: World, me: int, lock: str) -> Iterator[Move]:
        """Take a spinlock; a task with others on its processor begins to spin for one."""
        life, job = world.lives[me], self.jobs[me]
        owner = self.owner(world, lock)
        if owner == job.name:
            yield self.misuse(world, me)
        elif owner is None:
            now = life._replace(preempt=life.preempt + self.counts(me), spins=False)
            yield self.on(self.owned(world, lock, job.name), me, now)
        elif job.kind == "task" and len(self.tasks(job.cpu)) > 1 and not life.spins:
            yield Move(me, True, self.moved(world, me, life._replace(spins=True)).to)

    def moved(self, world: World, me: int, life: Life) -> Move:
        lives = (*world.lives[:me], life, *world.lives[me + 1 :])
        return Move(me, False, world._replace(lives=lives))

    def on(self, world: World, me: int, life: Life, *result: Any) -> Move:
        """The instruction is done; it told the thread `result`, if anything."""
        pc, job = life.pc + 1, self.jobs[me]
        end = "done" if pc == len(job.code) and job.kind == "task" else ""
        return self.moved(world, me, life._replace(pc=pc, results=life.results + result, end=end))

    def misuse(self, world: World, me: int) -> Move:
        return self.moved(world, me, world.lives[me]._replace(end="misuse"))

    def owned(self, world: World, lock: str, owner: str | None) -> World:
        owners = {**dict(world.owners), lock: owner}
        left = sorted((lock, who) for lock, who in owners.items() if who)
        return world._replace(owners=tuple(left))

    def put(self, world: World, cell: str, value: int) -> World:
        return world._replace(cells=tuple(sorted({**dict(world.cells), cell: value}.items())))

    @property
    def start(self) -> World:
        return World(
            tuple(
                Life(pc=0 if job.kind == "task" else -1, end="" if job.code else "done")
                for job in self.jobs
            )
        )

    @cached_property
    def depths(self) -> dict[World, int]:
        """Every state, with its least depth, in the order in which they are found."""
        depths = {self.start: 0}
        for world in (pending := [self.start]):
            for move in self.moves(world):
                if move.to not in depths:
                    depths[move.to] = depths[world] + 1
                    pending.append(move.to)
        return depths

    @cached_property
    def runs(self) -> int:
        """How many maximal runs there are; programs have no loops, so no state comes twice."""
        counts: dict[World, int] = {}
        for world in sorted(self.depths, key=self.progress, reverse=True):
            to = [counts[move.to] for move in self.moves(world)]
            counts[world] = sum(to) or 1
        return counts[self.start]

    def progress(self, world: World) -> int:
        """A number that every step makes larger."""
        return sum(2 * (life.pc + 1) + life.spins + 3 * bool(life.end) for life in world.lives)

    @cached_property
    def first(self) -> dict[str, int]:
        """For every fault that some state shows, its least depth."""
        found: dict[str, int] = {}
        able: dict[World, set[int]] = {}
        for world in sorted(self.depths, key=self.progress, reverse=True):
            moves = list(self.moves(world))
            broken = any(life.end == "misuse" for life in world.lives)
            everybody = set(range(len(self.jobs)))
            can = everybody if broken else {at for at in everybody if world.lives[at].end}
            for move in moves:
                can = can | able[move.to] | (set() if move.queues else {move.job})
            able[world] = can
            for fault in self.shown(world, broken):
                found[fault] = min(found.get(fault, 10**9), self.depths[world])
            if can != everybody:
                found["deadlock"] = min(found.get("deadlock", 10**9), self.depths[world])
        return found

    def shown(self, world: World, broken: bool) -> Iterator[str]:
        """The faults that one state shows by itself."""
        if broken:
            yield "misuse"
            return
        owners = set(dict(world.owners).values())
        for job, life in zip(self.jobs, world.lives, strict=True):
            if life.end and (job.name in owners or (job.kind == "task" and life.atomic)):
                yield "leak"
        if all(life.end for life in world.lives) and dict(world.cells).get("x", 0) != self.adds:
            yield "end"
        if any(job.blocks for job in self.jobs):
            return  # which accesses of two blocks meet is another judge's matter
        steps = [self.step(world, me) or ("",) for me in range(len(self.jobs))]
        touches = [(step[1], step[0] == "add") for step in steps if step[0] in ("read", "add")]
        touches += [(step[1], None) for step in steps if step[0] == "until"]
        if any(
            one[0] == two[0] and (one[1] or two[1])
            for at, one in enumerate(touches)
            for two in touches[:at]
        ):
            yield "race"

    @property
    def adds(self) -> int:
        """How often all jobs together add to the cell x."""
        return sum(step == ("add", "x") for job in self.jobs for step in job.code)

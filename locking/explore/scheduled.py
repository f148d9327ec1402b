"""The product of threads that run on processors: who may move in a state, besides what it does.

Rule of this file: it only takes steps away, and adds to a step what it does to the processor. What
threads and objects do is the product's. Who runs depends on the state of the processor alone,
unless priorities differ: then also on what tasks of a higher one do next.
"""

from collections.abc import Hashable, Mapping, Sequence

from locking.errors import ModelError
from locking.explore.learn import Learner
from locking.explore.product import Effect, Product, State, ask
from locking.objects.operation import Object, Operation
from locking.objects.processor import Frame, Frames, Processor
from locking.objects.waiting import Waiting
from locking.programs.handlers import ARRIVALS, Handler
from locking.programs.position import Fault
from locking.programs.thread import Thread
from locking.programs.traps import Choose
from locking.programs.turns import (
    asleep_while_atomic,
    begins_to_spin,
    has_companions,
    hold_count,
    slept_in_vain,
    spinning,
    taken,
    way_of_waiting,
)


class Scheduled(Product):
    """A product in which a thread moves only while nothing else has its processor."""

    def __init__(
        self,
        objects: Sequence[Object],
        threads: Sequence[Thread],
        starts: Mapping[Object, Hashable] | None = None,
        learners: Sequence[Learner] = (),
    ) -> None:
        given = starts or {}
        states = {each: given.get(each, each.start) for each in objects}
        starts = {**kept_off_by_holders(threads, states), **given}
        super().__init__(objects, threads, starts, learners)
        self.companions = [has_companions(thread, threads) for thread in threads]
        self.above = [above(thread, threads) for thread in threads]

    def frames(self, thread: int, state: State) -> Frames:
        """The frames of the processor of a thread that has one."""
        processor = self.threads[thread].processor
        assert processor is not None
        frames: Frames = self.value(processor, state)
        return frames

    def instead_of(self, thread: int, state: State, slots: dict[int, None]) -> tuple[str, ...]:
        """Who has the processor of a thread; nobody, where it may move or has none.

        The slots on which that depends are added to `slots`.
        """
        me = self.threads[thread]
        if me.processor is None:
            return ()
        slots[self.slot_of[me.processor]] = None
        frames, step = self.frames(thread, state), self.position(thread, state).next
        if isinstance(step, Operation) and step.target is me.processor and step.name in ARRIVALS:
            return ()  # the processor itself says whether a handler may come
        runs = frames[-1].thread
        if not me.processor.may_run(frames, me.name):
            return (str(runs),)
        if runs is not None:
            return ()
        for level in self.above[thread]:
            # Below a task that can run no other is asked: what it would do is in no run.
            running = [at for at in level if self.can_run(at, state, slots)]
            if running:
                return tuple(self.threads[at].name for at in running)
        return ()

    def can_run(self, thread: int, state: State, slots: dict[int, None]) -> bool:
        """Whether a task would use its processor: it has a step to take, or spins.

        One that sleeps until time is up or a signal comes uses none, though it may go on.
        """
        begun = [state]
        slots[thread] = None
        for at in begun:
            step = self.position(thread, at).next
            if step is None:
                continue
            effects = self.effects_of(thread, at)
            slots[self.slots[thread].get(at[thread], thread)] = None
            if self.may_sleep_on(thread, at, step):
                continue
            if isinstance(step, Choose) and step.asleep:
                effects = effects[1:]
            spins = isinstance(step, Operation) and way_of_waiting(step) is not Waiting.SLEEPS
            if any(not effect.bound for effect in effects) or (spins and not effects):
                return True
            begun += [self.apply(at, thread, effect) for effect in effects if effect.bound]
        return False

    def may_sleep_on(self, thread: int, state: State, step: object) -> bool:
        """Whether a thread sleeps in front of a step, which says that its wait is ended."""
        position = self.position(thread, state)
        if not isinstance(step, Operation) or position.opens or position.bound:
            return False
        value = self.value(step.target, state)
        return slept_in_vain(step, value, ask(step, value, self.threads[thread].name))

    def effects_of(self, thread: int, state: State) -> list[Effect]:
        """The effects of the one step that a thread takes next, if it runs.

        Errors: `ModelError` for a step on another processor, and those of `on_processor`.
        """
        me, position = self.threads[thread], self.position(thread, state)
        step, place = position.next, state[thread]
        if isinstance(step, Operation) and isinstance(step.target, Processor):
            self.check_own(thread, state, step)
        if me.processor is None or not isinstance(step, Operation):
            return super().effects_of(thread, state)
        frames, slot = self.frames(thread, state), self.slot(thread, place)
        misuse = asleep_while_atomic(me, step, frames)
        if misuse:
            self.slots[thread][place] = slot
            self.touched.add(step.target)
            after = self.automata[thread].next(place, misuse)
            return [Effect(after, slot, state[slot], 1, False)]
        effects = super().effects_of(thread, state)
        waits = not effects or effects[0].waits
        companions = self.companions[thread]
        if waits and begins_to_spin(step, frames[-1], companions=companions) and not position.bound:
            cpu = self.slot_of[me.processor]
            number = self.value_number(cpu - len(self.threads), spinning(me, frames))
            return [Effect(place, cpu, number, 1, False, waits=True)]
        return effects

    def check_own(self, thread: int, state: State, step: Operation) -> None:
        """Refuse a step on a processor where the thread does not run. Errors: `ModelError`."""
        me, site = self.threads[thread], self.position(thread, state).site
        if step.target is not me.processor:
            raise ModelError(
                f"thread {me.name}, {site.filename}:{site.line}: {step} is not of the processor "
                f"that it runs on; write `processor={step.target.name}` where it is declared"
            )

    def apply(self, state: State, thread: int, effect: Effect) -> State:
        """`state` once a thread's step has had `effect`, on its processor too."""
        target = super().apply(state, thread, effect)
        me, step = self.threads[thread], self.position(thread, state).next
        failure = self.automata[thread].position(effect.place).failure
        misused = failure is not None and failure.kind is Fault.MISUSE
        if me.processor is None or effect.waits or misused or not isinstance(step, Operation):
            return target
        before, after = self.value(step.target, state), self.value(step.target, target)
        cpu = self.slot_of[me.processor]
        now = taken(me, step.target, self.frames(thread, state), before, after)
        number = self.value_number(cpu - len(self.threads), now)
        return (*target[:cpu], number, *target[cpu + 1 :])


def kept_off_by_holders(
    threads: Sequence[Thread], states: Mapping[Object, Hashable]
) -> dict[Object, Hashable]:
    """The frames of processors on which a task begins with spinlocks held, in these `states`.

    Errors: `ModelError` where two tasks of one processor do.
    """
    found: dict[Object, Hashable] = {}
    holders: dict[Processor, Thread] = {}
    for thread in threads:
        cpu = thread.processor
        count = sum(hold_count(thread, each, state) for each, state in states.items())
        if cpu is None or isinstance(thread, Handler) or not count:
            continue
        if cpu in holders:
            raise ModelError(
                f"{holders[cpu].name} and {thread.name} both keep preemption off on {cpu.name} at "
                f"the start, by spinlocks that they hold; let one of them hold its lock elsewhere"
            )
        holders[cpu] = thread
        found[cpu] = (Frame(preempt_off=count).with_task(thread.name),)
    return found


def above(thread: Thread, threads: Sequence[Thread]) -> list[list[int]]:
    """The tasks of higher priority on the processor of a task, those of the highest first."""
    if thread.processor is None or isinstance(thread, Handler):
        return []
    levels: dict[int, list[int]] = {}
    for at, other in enumerate(threads):
        task = other.processor is thread.processor and not isinstance(other, Handler)
        if task and other.priority > thread.priority:
            levels.setdefault(other.priority, []).append(at)
    return [levels[priority] for priority in sorted(levels, reverse=True)]

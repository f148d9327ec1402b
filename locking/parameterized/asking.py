"""What a thread's next step does, asked of the rules of objects, whoever the others are.

A cell's rule is asked in its value. A lock's rule is asked once for each set of things that other
threads may have of it, with a stand-in for each thing. An atomic block is followed to its end, in
all ways: what others have of a lock is the same all through it.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.product import LONGEST_BLOCK, Product, ask
from locking.objects.allocated import AllocatedCell
from locking.objects.atomic import Atomic
from locking.objects.memory import Cell, Refcount
from locking.objects.operation import WAIT, Misuse, Operation, Outcome, Queue
from locking.objects.unbounded import Number
from locking.objects.until import Until
from locking.objects.word import Word
from locking.parameterized.lock_parts import (
    LOCK_PARTS,
    Had,
    alone_of,
    had_by,
    state_of,
    things_apart,
    things_of,
)
from locking.programs.position import Position
from locking.programs.traps import Choose
from locking.properties.overlap import Touch, touch_of

CELLS = (Cell, Word, Atomic, Refcount, AllocatedCell)
"""The kinds of objects whose states are plain values, by their exact class."""

MOST_VALUES = 32
"""Values of a cell up to which it counts as finite."""


class LocalState(NamedTuple):
    """A thread, by its number in the product: its place there, and what it has of each lock."""

    thread: int
    place: int
    had: tuple[Had, ...]


class SharedState(NamedTuple):
    """The values of cells, by their numbers, and where the threads are that there are once.

    `alone` says of each lock whether somebody has it alone: more than the views of a few show.
    """

    values: tuple[int, ...]
    fixed: tuple[LocalState, ...]
    alone: tuple[bool, ...]


class UnderWay(NamedTuple):
    """A step under way: where the thread is, and what it did so far.

    `present` has for each lock that it has asked what others have of that; `lost` what they have no
    more.
    """

    place: int
    had: tuple[Had, ...]
    values: tuple[int, ...]
    fixed: tuple[LocalState, ...]
    alone: tuple[bool, ...]
    present: tuple[tuple[int, frozenset[str]], ...] = ()
    lost: frozenset[tuple[int, str]] = frozenset()


class RulesAsked:
    """The threads of `product`, and what its rules answer them. Errors: `ModelError`."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.locks = tuple(each for each in product.objects if type(each) in LOCK_PARTS)
        self.cells = tuple(each for each in product.objects if type(each) in CELLS)

    def value_of(self, cell: int, values: tuple[int, ...]) -> Any:
        """The value of a cell, by its number."""
        at = self.product.slot_of[self.cells[cell]] - len(self.product.threads)
        return self.product.values[at][values[cell]]

    def position(self, local: LocalState) -> Position:
        """Where a thread stands."""
        return self.product.automata[local.thread].position(local.place)

    def ways(
        self, local: LocalState, begun: UnderWay, touched: dict[Touch, None]
    ) -> Iterator[UnderWay]:
        """Every way in which the next step of a thread may go; its accesses are `touched`.

        Errors: `ModelError` for an atomic block with too many, or with no end.
        """
        automaton = self.product.automata[local.thread]
        pending = [begun]
        for number, under in enumerate(pending):  # it grows while it is gone through
            if number > LONGEST_BLOCK:
                raise ModelError(
                    f"{self.where(local)}: the atomic block takes over {LONGEST_BLOCK} operations, "
                    f"whatever others have of its locks; a block must end, and ask less"
                )
            step = automaton.position(under.place).next
            if touch := touch_of(step):
                touched[touch] = None
            for after in self.after(local, under, step):
                if automaton.position(after.place).bound:
                    pending.append(after)
                else:
                    yield after

    def after(self, local: LocalState, under: UnderWay, step: Any) -> Iterator[UnderWay]:
        """What one operation leads to, or a choice. Errors: `ModelError` for anything else."""
        automaton = self.product.automata[local.thread]
        target = step.target if type(step) in (Operation, Until) else None
        if step is None:
            return
        if type(step) is Choose:
            for option in step.options:
                yield under._replace(place=automaton.next(under.place, option))
        elif type(target) in CELLS and target in self.cells:
            yield from self.on_cell(local, under, step)
        elif type(target) in LOCK_PARTS and target in self.locks:
            lock = self.locks.index(step.target)
            for present in self.presences(lock, local, under):
                yield from self.on_lock(local, under, step, lock, present)
        else:
            raise ModelError(
                f"{self.where(local)}: any number of threads can't use {target or step!r} yet; "
                f"what fits are "
                f"{', '.join(sorted(each.__name__ for each in (*LOCK_PARTS, *CELLS)))}"
            )

    def where(self, local: LocalState) -> str:
        """A thread and the line at which it stands, for an error."""
        site = self.position(local).site
        return f"thread {self.product.threads[local.thread].name}, {site.filename}:{site.line}"

    def on_cell(self, local: LocalState, under: UnderWay, step: Operation) -> Iterator[UnderWay]:
        """What an operation on a cell leads to. Errors: `ModelError` for too many values."""
        cell, automaton = self.cells.index(step.target), self.product.automata[local.thread]
        name = self.product.threads[local.thread].name
        outcome = ask(step, self.value_of(cell, under.values), name)
        if isinstance(outcome, Misuse):
            yield under._replace(place=automaton.next(under.place, outcome))
        elif isinstance(outcome, tuple) and not isinstance(outcome, Queue):
            at = self.product.slot_of[step.target] - len(self.product.threads)
            value = self.product.value_number(at, outcome[0])
            if len(self.product.values[at]) > MOST_VALUES:
                raise ModelError(
                    f"{self.where(local)}: {step.target.name} takes over {MOST_VALUES} values "
                    f"({step.target.show(outcome[0])} is one); values that grow with the threads "
                    f"have no verdict for any number: check a number of threads"
                )
            values = (*under.values[:cell], value, *under.values[cell + 1 :])
            place = automaton.next(under.place, outcome[1])
            yield under._replace(place=place, values=values)

    def presences(self, lock: int, local: LocalState, under: UnderWay) -> Iterator[frozenset[str]]:
        """What others may have of a lock: any things, if the step has not asked it before.

        Whether one of them has it alone is known: somebody does, and it is none of those we see.
        """
        known = dict(under.present)
        if lock in known:
            yield known[lock]
            return
        alone = alone_of(self.locks[lock])
        seen = [under.had, *(each.had for each in under.fixed if each.thread != local.thread)]
        other = under.alone[lock] and not any(alone in had[lock] for had in seen)
        things = [each for each in things_of(self.locks[lock]) if each != alone]
        for count in range(len(things) + 1):
            for some_things in combinations(things, count):
                yield frozenset([*some_things, *([alone] if other else [])])

    def on_lock(
        self,
        local: LocalState,
        under: UnderWay,
        step: Operation,
        lock: int,
        present: frozenset[str],
    ) -> Iterator[UnderWay]:
        """What an operation on a lock leads to, where others have these things of it.

        Errors: `ModelError` for a result that tells who the others are.
        """
        me = self.product.threads[local.thread].name
        had = self.had_at(lock, local, under, present)
        state = state_of(step.target, had)
        if state is None:
            return
        under = under._replace(present=tuple({**dict(under.present), lock: present}.items()))
        outcome: Outcome = ask(step, state[0], me)
        automaton = self.product.automata[local.thread]
        if isinstance(outcome, Misuse):
            yield under._replace(place=automaton.next(under.place, outcome))
        elif isinstance(outcome, Queue):
            queued = self.taken(under, local, lock, had, outcome.state)
            if queued.had != under.had and not automaton.position(under.place).bound:
                yield queued
        elif isinstance(outcome, tuple):
            result = outcome[1]  # a number must not be compared
            if not (result is None or result is WAIT or type(result) in (bool, Number)):
                raise ModelError(
                    f"{self.where(local)}: {step} returns {result!r}, by which a thread could "
                    f"tell others apart that come in any number"
                )
            after = self.taken(under, local, lock, had, outcome[0])
            yield after._replace(place=automaton.next(under.place, result))

    def had_at(
        self, lock: int, local: LocalState, under: UnderWay, present: frozenset[str]
    ) -> dict[str, Had]:
        """What everybody has of a lock: the thread, those there are once, and some others."""
        names = [thread.name for thread in self.product.threads]
        others = present - {thing for at, thing in under.lost if at == lock}
        return {
            **{names[each.thread]: each.had[lock] for each in under.fixed},
            **{other_with(thing): (thing,) for thing in sorted(others)},
            names[local.thread]: under.had[lock],
        }

    def taken(
        self, under: UnderWay, local: LocalState, lock: int, before: Mapping[str, Had], state: Any
    ) -> UnderWay:
        """What a new state of a lock means to everybody. Errors: `ModelError`."""
        target, names = self.locks[lock], [each.name for each in self.product.threads]
        mine = had_by(target, state, names[local.thread])
        fixed = tuple(
            each._replace(had=changed(each.had, lock, had_by(target, state, names[each.thread])))
            for each in under.fixed
        )
        lost = set(under.lost)
        for thing in things_of(target):
            now = had_by(target, state, other_with(thing))
            if now != before.get(other_with(thing), ()):
                if now:
                    raise ModelError(f"{target!r} gives {thing} to another thread")
                lost.add((lock, thing))
        held = any(alone_of(target) in each for each in things_apart(target, state))
        return under._replace(
            had=changed(under.had, lock, mine),
            fixed=fixed,
            alone=(*under.alone[:lock], held, *under.alone[lock + 1 :]),
            lost=frozenset(lost),
        )


def changed(had: tuple[Had, ...], lock: int, new: Had) -> tuple[Had, ...]:
    """What a thread has of locks, once it has something else of one."""
    return (*had[:lock], new, *had[lock + 1 :])


def other_with(thing: str) -> str:
    """What a thread is called that stands for all others that have something of a lock."""
    return f"another, who has {thing}"

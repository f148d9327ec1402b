"""A model as a parameterized system: its threads as learned, its locks as guards over the others.

A place is where a thread stands and what it has of each lock. The shared part is the values of
cells, and the places of threads that there are once. A step of a thread is asked of the rules of
objects, as a search asks it: a cell's rule in its value, a lock's rule once for each set of things
that other threads may have of it. So what is derived is what the library does, no table beside it.

Steps are derived where they are first asked for. An object that does not fit is refused there.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.product import Product, ask
from locking.objects.allocated import AllocatedCell
from locking.objects.atomic import Atomic
from locking.objects.in_force import InForce
from locking.objects.memory import Cell, Refcount
from locking.objects.operation import WAIT, Misuse, Object, Operation, Outcome, Queue
from locking.objects.unbounded import Number
from locking.objects.word import Word
from locking.parameterized.lock_parts import LOCK_PARTS, Had, had_by, state_of, things_of
from locking.parameterized.merging import Condition, merged
from locking.parameterized.protocol import SHARED_ONLY, GuardedStep, OthersGuard, none, some
from locking.programs.position import FailureKind, Position
from locking.programs.traps import Choose
from locking.properties.overlap import Touch, touch_of

CELLS = (Cell, Word, Atomic, Refcount, AllocatedCell)
"""The kinds of objects whose states are plain values, by their exact class."""

MOST_VALUES = 32
"""Values of a cell up to which it counts as finite."""

MOST_WAYS = 10_000
"""Ways through one atomic block, up to which they are gone through."""


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


class LookedUp(NamedTuple):
    """What a thread can do, and the accesses to memory that its next step makes."""

    steps: tuple[GuardedStep, ...]
    touched: frozenset[Touch]


class DerivedSystem:
    """What the threads of `product` can do, where those of numbers `many` come in any number.

    `judge` says which conditions the values of cells break: it is given a function from objects to
    their states, and returns marks. Places and shared parts are numbers, of `locals` and `shareds`.

    Errors: `ModelError` for a lock that starts in another state than its threads have it in.
    """

    linear = False

    def __init__(self, product: Product, many: Sequence[int], judge: Any = None) -> None:
        self.product = product
        self.many = tuple(many)
        self.fixed = tuple(at for at in product.everybody if at not in self.many)
        self.locks = tuple(each for each in product.objects if type(each) in LOCK_PARTS)
        self.cells = tuple(each for each in product.objects if type(each) in CELLS)
        self.judge = judge
        self.locals: list[LocalState] = []
        self.shareds: list[SharedState] = []
        self.numbers: dict[LocalState | SharedState, int] = {}
        self.looked: dict[tuple[int, LocalState], LookedUp] = {}
        self.marked: dict[tuple[int, LocalState], frozenset[str]] = {}
        self.bad: dict[int, frozenset[str]] = {}
        InForce.rules = product.rules
        self.check_starts()
        values = tuple(0 for _ in self.cells)
        fixed = tuple(map(self.beginning, self.fixed))
        alone = tuple(
            any(alone_of(lock) in each.had[at] for each in fixed)
            for at, lock in enumerate(self.locks)
        )
        self.start = self.share(SharedState(values, fixed, alone))
        self.begins = tuple(self.local(self.beginning(thread)) for thread in self.many)

    def check_starts(self) -> None:
        """Refuse locks that start otherwise than the threads have them. Errors: `ModelError`."""
        names = {self.product.threads[at].name for at in self.fixed}
        for lock in self.locks:
            if outside := LOCK_PARTS[type(lock)].outside(lock):
                raise ModelError(f"any number of threads: {lock!r} {outside}")
            state = self.product.value(lock, self.product.initial)
            apart = LOCK_PARTS[type(lock)].apart(state)
            joined = state_of(lock, {name: tuple(sorted(had)) for name, had in apart.items()})
            if joined != (state,) or not apart.keys() <= names:
                raise ModelError(
                    f"any number of threads: {lock!r} starts as {lock.show(state)}; only threads "
                    f"that there are once may have it then"
                )

    def beginning(self, thread: int) -> LocalState:
        """Where a thread begins."""
        initial, name = self.product.initial, self.product.threads[thread].name
        had = [had_by(lock, self.product.value(lock, initial), name) for lock in self.locks]
        return LocalState(thread, initial[thread], tuple(had))

    def local(self, state: LocalState) -> int:
        """The number of a place."""
        return self.number(state, self.locals)

    def share(self, state: SharedState) -> int:
        """The number of a shared part."""
        return self.number(state, self.shareds)

    def number(self, state: Any, known: list[Any]) -> int:
        """The number of a state among those `known`."""
        if state not in self.numbers:
            self.numbers[state] = len(known)
            known.append(state)
        return self.numbers[state]

    def marks(self, shared: Any, place: Any) -> frozenset[str]:
        """The marks of a thread at a place."""
        return self.marks_of(shared, self.locals[place])

    def fixed_marks(self, shared: Any) -> Sequence[frozenset[str]]:
        """Those of each thread that there is once, and then what the values of cells break."""
        if shared not in self.bad:
            self.bad[shared] = self.judge(self.reader(shared)) if self.judge else frozenset()
        fixed = self.shareds[shared].fixed
        return (*(self.marks_of(shared, each) for each in fixed), self.bad[shared])

    def reader(self, shared: int) -> Any:
        """A function from cells to their values in a shared part."""
        values = self.shareds[shared].values
        return lambda cell: self.value_of(self.cells.index(cell), values)

    def value_of(self, cell: int, values: tuple[int, ...]) -> Any:
        """The value of a cell, by its number."""
        at = self.product.slot_of[self.cells[cell]] - len(self.product.threads)
        return self.product.values[at][values[cell]]

    def steps(self, shared: Any, place: Any) -> Sequence[GuardedStep]:
        """The steps of a thread at a place."""
        return self.look(shared, self.locals[place]).steps

    def fixed_steps(self, shared: Any) -> Sequence[GuardedStep]:
        """The steps of the threads that there are once."""
        fixed = self.shareds[shared].fixed
        return [step for each in fixed for step in self.look(shared, each).steps]

    def marks_of(self, shared: int, local: LocalState) -> frozenset[str]:
        """The marks of a thread: its sections, its locks, its failures, its next accesses."""
        key = (shared, local)
        if key not in self.marked:
            position = self.position(local)
            self.marked[key] = frozenset(
                [
                    *(in_section(name) for name in position.inside),
                    *(fails(failure.kind) for failure in position.failures),
                    *(lock_mark(lock, thing) for lock, thing in self.things_had(local)),
                    *(access_mark(touch) for touch in self.look(shared, local).touched),
                ]
            )
        return self.marked[key]

    def things_had(self, local: LocalState) -> Iterator[tuple[Object, str]]:
        """What a thread has of all locks."""
        for lock, had in zip(self.locks, local.had, strict=True):
            yield from ((lock, thing) for thing in had)

    def position(self, local: LocalState) -> Position:
        """Where a thread stands."""
        return self.product.automata[local.thread].position(local.place)

    def look(self, shared: int, local: LocalState) -> LookedUp:
        """What a thread can do. Errors: `ModelError` for an object that does not fit."""
        key = (shared, local)
        if key not in self.looked:
            self.looked[key] = self.look_up(self.shareds[shared], local)
        return self.looked[key]

    def look_up(self, shared: SharedState, local: LocalState) -> LookedUp:
        """What a thread can do, asked of the rules."""
        InForce.rules = self.product.rules
        touched: dict[Touch, None] = {}
        begun = UnderWay(local.place, local.had, *shared)
        found: dict[Any, list[Condition]] = {}
        for number, way in enumerate(self.ways(local, begun, touched)):
            if number > MOST_WAYS:
                raise ModelError(f"{self.where(local)}: the block has over {MOST_WAYS} ways")
            effect = self.effect(local, way)
            found.setdefault(effect, []).append(self.condition(way))
        steps = [
            GuardedStep(to, place, guards_of(self.locks, each), self.losing(lost))
            for (to, place, lost), conditions in found.items()
            for each in merged(conditions)
        ]
        return LookedUp(tuple(steps), frozenset(touched))

    def effect(self, local: LocalState, way: UnderWay) -> tuple[int, int | None, Any]:
        """The shared part and the place that a way leads to, and what others lose."""
        after = LocalState(local.thread, way.place, way.had)
        if local.thread in self.many:
            shared = SharedState(way.values, way.fixed, way.alone)
            return self.share(shared), self.local(after), way.lost
        fixed = tuple(after if each.thread == local.thread else each for each in way.fixed)
        return self.share(SharedState(way.values, fixed, way.alone)), None, way.lost

    def condition(self, way: UnderWay) -> Condition:
        """What others must have of locks, and must not, for a way to be taken.

        That somebody else has a lock alone follows from the shared part, so no guard asks it.
        """
        return frozenset(
            (lock, thing, thing in present)
            for lock, present in way.present
            for thing in things_of(self.locks[lock])
            if thing not in present or thing != alone_of(self.locks[lock])
        )

    def losing(self, lost: frozenset[tuple[int, str]]) -> Mapping[int, int]:
        """Where others are that lose these things of locks."""
        return Losing(self, lost) if lost else SHARED_ONLY

    def ways(
        self, local: LocalState, begun: UnderWay, touched: dict[Touch, None]
    ) -> Iterator[UnderWay]:
        """Every way in which the next step of a thread may go; its accesses are `touched`."""
        automaton = self.product.automata[local.thread]
        pending = [begun]
        while pending:
            under = pending.pop()
            step = automaton.position(under.place).next
            if touch := touch_of(step):
                touched[touch] = None
            for after in self.after(local, under, step):
                if automaton.position(after.place).bound:
                    pending.append(after)
                else:
                    yield after

    def after(self, local: LocalState, under: UnderWay, step: Any) -> Iterator[UnderWay]:
        """What one operation leads to, or a choice. Errors: `ModelError`."""
        automaton = self.product.automata[local.thread]
        if isinstance(step, Choose):
            for option in step.options:
                yield under._replace(place=automaton.next(under.place, option))
        elif isinstance(step, Operation) and step.target in self.cells:
            yield from self.on_cell(local, under, step)
        elif isinstance(step, Operation) and step.target in self.locks:
            lock = self.locks.index(step.target)
            for present in self.presences(lock, local, under):
                yield from self.on_lock(local, under, step, lock, present)
        elif isinstance(step, Operation):
            raise ModelError(
                f"{self.where(local)}: any number of threads can't use {step.target!r} yet; what "
                f"fits are {', '.join(sorted(each.__name__ for each in (*LOCK_PARTS, *CELLS)))}"
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
        held = any(alone_of(target) in each for each in apart(target, state))
        return under._replace(
            had=changed(under.had, lock, mine),
            fixed=fixed,
            alone=(*under.alone[:lock], held, *under.alone[lock + 1 :]),
            lost=frozenset(lost),
        )


class Losing(Mapping[int, int]):
    """Where threads are once they have lost things of locks, by where they are."""

    def __init__(self, system: DerivedSystem, lost: frozenset[tuple[int, str]]) -> None:
        self.system = system
        self.lost = lost

    def __getitem__(self, place: int) -> int:
        """The place without what is lost."""
        local = self.system.locals[place]
        had = tuple(
            tuple(thing for thing in things if (lock, thing) not in self.lost)
            for lock, things in enumerate(local.had)
        )
        return self.system.local(local._replace(had=had))

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.system.locals)))

    def __len__(self) -> int:
        return len(self.system.locals)


def changed(had: tuple[Had, ...], lock: int, new: Had) -> tuple[Had, ...]:
    """What a thread has of locks, once it has something else of one."""
    return (*had[:lock], new, *had[lock + 1 :])


def alone_of(lock: Object) -> str:
    """What only one thread can have of a lock."""
    return LOCK_PARTS[type(lock)].alone


def apart(lock: Object, state: Any) -> list[list[str]]:
    """What each thread has of a lock that has anything."""
    return list(LOCK_PARTS[type(lock)].apart(state).values())


def other_with(thing: str) -> str:
    """What a thread is called that stands for all others that have something of a lock."""
    return f"another, who has {thing}"


def guards_of(locks: Sequence[Object], condition: Condition) -> tuple[OthersGuard, ...]:
    """The guards of a condition, in a fixed order."""
    return tuple(
        (some if has else none)(lock_mark(locks[lock], thing))
        for lock, thing, has in sorted(condition)
    )


def lock_mark(lock: Object, thing: str) -> str:
    """The mark of a thread that has something of a lock."""
    return f"has {lock.name}:{thing}"


def in_section(name: str) -> str:
    """The mark of a thread that is inside a section."""
    return f"in {name}"


def fails(kind: FailureKind) -> str:
    """The mark of a thread that has failed so."""
    return f"fails {type(kind).__name__} {kind.name}"


def access_mark(touch: Touch) -> str:
    """The mark of a thread whose next step makes an access."""
    access = touch.access
    how = ("marked " if access.marked else "") + ("write" if access.writes else "read")
    return f"{how} of {touch.cell.name}"

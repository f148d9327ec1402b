"""A model as a parameterized system: its threads as learned, its locks as guards over the others.

A place is where a thread stands and what it has of each lock. The shared part is the values of
cells, and the places of threads that there are once. A step of a thread is asked of the rules of
objects, as a search asks it: a cell's rule in its value, a lock's rule once for each set of things
that other threads may have of it. So what is derived is what the library does, no table beside it.

Steps are derived where they are first asked for. An object that does not fit is refused there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.explore.product import Product
from locking.objects.in_force import InForce
from locking.objects.operation import Object
from locking.parameterized.asking import LocalState, RulesAsked, SharedState, UnderWay, other_with
from locking.parameterized.lock_parts import (
    ALL_THINGS,
    LOCK_PARTS,
    alone_of,
    had_by,
    state_of,
    things_of,
)
from locking.parameterized.marks import access_mark, failure_mark, lock_mark, section_mark
from locking.parameterized.merging import OthersCondition, joined_conditions
from locking.parameterized.protocol import SHARED_ONLY, GuardedStep, OthersGuard, none, some
from locking.properties.overlap import Touch


class LookedUp(NamedTuple):
    """What a thread can do, and the accesses to memory that its next step makes."""

    steps: tuple[GuardedStep, ...]
    touched: frozenset[Touch]


class DerivedSystem(RulesAsked):
    """What the threads of `product` can do, where those of numbers `many` come in any number.

    `judge` says which conditions the values of cells break: it is given a function from objects to
    their states, and returns marks. Places and shared parts are numbers, of `locals` and `shareds`.

    Errors: `ModelError` for a lock that starts in another state than its threads have it in.
    """

    linear = False

    def __init__(self, product: Product, many: Sequence[int], judge: Any = None) -> None:
        super().__init__(product)
        self.many = tuple(many)
        self.fixed = tuple(at for at in product.everybody if at not in self.many)
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
        taken = {thread.name for thread in self.product.threads} & set(map(other_with, ALL_THINGS))
        if taken:
            raise ModelError(f"any number of threads: give thread {min(taken)!r} another name")
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
                    *(section_mark(name) for name in position.inside),
                    *(failure_mark(failure.kind) for failure in position.failures),
                    *(lock_mark(lock, thing) for lock, thing in self.things_had(local)),
                    *(access_mark(touch) for touch in self.look(shared, local).touched),
                ]
            )
        return self.marked[key]

    def things_had(self, local: LocalState) -> Iterator[tuple[Object, str]]:
        """What a thread has of all locks."""
        for lock, had in zip(self.locks, local.had, strict=True):
            yield from ((lock, thing) for thing in had)

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
        found: dict[Any, list[OthersCondition]] = {}
        for way in self.ways(local, begun, touched):
            effect = self.effect(local, way)
            found.setdefault(effect, []).append(self.condition(way))
        steps = [
            GuardedStep(to, place, guards_for(self.locks, each), self.losing(lost))
            for (to, place, lost), conditions in found.items()
            for each in joined_conditions(conditions)
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

    def condition(self, way: UnderWay) -> OthersCondition:
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


def guards_for(locks: Sequence[Object], condition: OthersCondition) -> tuple[OthersGuard, ...]:
    """The guards of a condition, in a fixed order."""
    return tuple(
        (some if has else none)(lock_mark(locks[lock], thing))
        for lock, thing, has in sorted(condition)
    )

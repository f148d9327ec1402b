"""Algorithms that stand for locks: threads run their steps in place of a lock's operations.

    ALGORITHM = Algorithm("test-and-set", "a word is exchanged", make)

    def make(lock: str, threads: tuple[str, ...]) -> Implementation: ...

The lock stays in the system, and goes along with the algorithm (`locking.objects.granted`): so
properties see who holds it, and an algorithm that gives what the lock must not give is found.

Who waits, waits as the algorithm does. The lock itself never makes anybody wait, and nobody is in
its queue: its fairness is the algorithm's. What a call does is remembered by its result alone.
"""

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import coroutine
from typing import Any

from locking.errors import ModelError, UsageError, unknown
from locking.names import check_name
from locking.objects.granted import CALLED, RETURNED
from locking.objects.groups import members
from locking.objects.lockdep import Lock
from locking.objects.operation import Call, Object, Operation, calls_of
from locking.objects.processor import Processor
from locking.programs.constructs import procedure
from locking.programs.traps import BeginCall, EndCall

Method = Callable[..., Awaitable[Any]]
"""What an algorithm does for one operation of a lock, which gives it the arguments."""

ASSERTIONS = frozenset(calls_of(Lock))
"""Operations that only look at who holds the lock: they are the lock's own, whatever stands for it.
"""


@dataclass(frozen=True)
class Implementation:
    """An algorithm for one lock: its `words`, and what it does for the lock's operations, by name.

    `takes` are those that count once they have returned, because until then nobody has the lock:
    also attempts, which return False where they fail, and then change nothing. `lets_go` are those
    that count when they are called, because from then on the lock may be another's: to unlock, and
    to go from writing to reading.

    `words` may be records, and lists or dicts of objects, as the objects of a system. One that the
    system has already is shared, such as the `Task` of a thread that may sleep for several locks.

    Errors: `ModelError` where no operation takes anything, or one is in both.
    """

    words: Sequence[Any]
    takes: Mapping[str, Method]
    lets_go: Mapping[str, Method] = field(default_factory=dict)

    def __post_init__(self) -> None:
        both = sorted(self.takes.keys() & self.lets_go.keys())
        if both or not self.takes:
            says = f"{both[0]!r} both takes and releases" if both else "no operation takes anything"
            raise ModelError(f"an algorithm's implementation: {says}")

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of the operations that there are."""
        return (*self.takes, *self.lets_go)

    def fits(self, lock: Object) -> bool:
        """Whether it has some operation of `lock`."""
        return any(isinstance(getattr(type(lock), each, None), Call) for each in self.operations)


@dataclass(frozen=True)
class Algorithm:
    """An algorithm that can stand for a lock: `--lock LOCK=NAME` puts it in the lock's place.

    `make(lock, threads)` makes it for one lock of one system. It is given the names of the lock and
    of the threads; the names of its words begin with that of the lock, so that two locks may have
    one algorithm. `file` is what it was read from, as the command line names it.

    Errors: `ModelError` for what can't be a name, or can't be called.
    """

    name: str
    about: str
    make: Callable[[str, tuple[str, ...]], Implementation]
    file: str = ""

    def __post_init__(self) -> None:
        check_name("algorithm", self.name)
        if not callable(self.make):
            raise ModelError(f"algorithm {self.name!r}: {self.make!r} makes no Implementation")

    @property
    def reference(self) -> str:
        """How a path string and the command line name it: its file, or its name."""
        return self.file or self.name

    def standing_for(self, lock: Object, threads: tuple[str, ...]) -> Implementation:
        """The algorithm in place of `lock`. Errors: `ModelError`; `UsageError` for no such lock."""
        made = self.made_for(lock.name, threads)
        if not made.fits(lock):
            raise UsageError(
                f"--lock {lock.name}={self.reference}: {lock!r} has no operation of this "
                f"algorithm, which has {', '.join(made.operations)}"
            )
        return made

    def made_for(self, lock: str, threads: tuple[str, ...]) -> Implementation:
        """What `make` makes. Errors: `ModelError` where that is no `Implementation`."""
        made: object = self.make(lock, threads)
        if not isinstance(made, Implementation):
            raise ModelError(f"algorithm {self.name!r}: make() returned no Implementation")
        return made


def may_have_algorithm(object_: Object, objects: Sequence[Object]) -> bool:
    """Whether an algorithm may stand for one of these objects: a lock, and no processor is here."""
    is_lock = type(object_).holders is not Object.holders
    return is_lock and not any(isinstance(each, Processor) for each in objects)


Performed = Callable[[Any], Coroutine[Any, Any, Any]]
"""What is done in place of the operations of a lock."""


def stand_for(
    objects: Sequence[Object],
    threads: tuple[str, ...],
    starts: Mapping[Object, Any],
    algorithms: Mapping[str, Algorithm],
) -> tuple[tuple[Object, ...], dict[Object, Performed]]:
    """The objects with the words of `algorithms`, by the lock's name; and what does its operations.

    A word of one may be a lock for which the next stands. `starts` are as those of a system.

    Errors: `UsageError` for an unknown lock, or one for which no algorithm can stand; `ModelError`.
    """
    found: tuple[Object, ...] = tuple(objects)
    done: dict[Object, Performed] = {}
    for name, algorithm in algorithms.items():
        lock = {each.name: each for each in found}.get(name)
        if lock is None or type(lock).holders is Object.holders:
            locks = [each for each in found if type(each).holders is not Object.holders]
            raise unknown("lock", name, [each.name for each in locks])
        where = f"--lock {name}={algorithm.reference}"
        if lock.holders(starts.get(lock, lock.start)):
            raise UsageError(f"{where}: {name} is held from the start, and no algorithm knows that")
        if any(isinstance(each, Processor) for each in objects):
            raise UsageError(
                f"{where}: threads run on processors here, and what a lock does to these follows "
                f"from its class; no algorithm can stand for it"
            )
        made = algorithm.standing_for(lock, threads)
        words = members(f"words of algorithm {algorithm.name!r}", list(made.words))
        found = (*found, *(each for each in words if each not in found))
        done[lock] = partial(perform_call, made)
    return found, done


async def perform_call(made: Implementation, step: Operation) -> Any:
    """What an algorithm does in place of an operation of the lock that it stands for.

    Errors: `ModelError` for an operation that it does not have.
    """
    await BeginCall(step)  # first of all: from here on the operation is awaited
    return await performed(made, step)


@procedure
async def performed(made: Implementation, step: Operation) -> Any:
    """The result of an operation. Errors: `ModelError` for one that the algorithm does not have."""
    if step.name in ASSERTIONS:
        return await counted(step, "", step.args)
    if step.name in made.takes:
        return await taken(made.takes[step.name], step)
    if step.name not in made.lets_go:
        raise ModelError(
            f"{step}: the algorithm that stands for {step.target.name} has no operation "
            f"{step.name!r}; it has {', '.join(made.operations)}"
        )
    result = await counted(step, CALLED, step.args)
    await made.lets_go[step.name](*step.args)
    return result


async def taken(method: Method, step: Operation) -> Any:
    """The result of an operation that counts once it has returned; a failed attempt does not."""
    result = await method(*step.args)
    if result is False:
        await EndCall()
        return False
    return await counted(step, RETURNED, (result, *step.args))


async def counted(step: Operation, begins: str, args: tuple[Hashable, ...]) -> Any:
    """The result of the lock's own operation, which is taken beside the algorithm's steps."""
    name = begins + step.name
    result = await own_step(replace(step, name=name, args=args))
    await EndCall()
    return result


@coroutine
def own_step(step: Operation) -> Any:
    """The result of an operation of an object, whatever stands for it."""
    return (yield from step.step())

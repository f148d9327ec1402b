"""What a shared object is: a pure state machine, and operations that are one atomic step each.

Rule of this file: nothing here knows threads, exploring or any particular lock.

A rule is a method `(self, state, me, *args)` that returns one of four outcomes:

    (new state, result)   the step is taken
    WAIT                  it can't be taken now; nothing changes
    Queue(new state)      it can't be taken now, and the object remembers who waits
    Misuse(reason)        it must never be asked for in this state

`self` is the object as it was declared and never changes; `me` is the name of the thread.
"""

import sys
from collections.abc import Callable, Generator, Hashable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Concatenate, Final, Generic, NamedTuple, ParamSpec
from weakref import ref

from locking.errors import ModelError
from locking.names import check_name
from locking.objects.in_force import InForce
from locking.objects.no_value import Uncalled, Valueless, asked_by_model, refuse_step
from locking.objects.observed import MadeOperation, observed
from locking.objects.order import NO_ORDER, Order, Ordering
from locking.objects.refused import check_rule, missing_part, refused_to_stay, wrong_arguments
from locking.objects.values import renamed, value_in_words
from locking.objects.waiting import Waiting

P = ParamSpec("P")


class Wait(Enum):
    """The outcome of a step that can't be taken now."""

    WAIT = "wait"

    def __repr__(self) -> str:
        return "WAIT"


WAIT: Final = Wait.WAIT


class Queue(NamedTuple):
    """The step can't be taken now, and the object's state says who asked for it."""

    state: Any


class Misuse(NamedTuple):
    """The step breaks the object's contract; the run ends here, as a violation."""

    reason: str


Outcome = tuple[Any, Any] | Wait | Queue | Misuse


class Access(NamedTuple):
    """How an operation touches memory, for data races: `marked` ones never race each other.

    `overwrites` is whether it is a plain store: what it writes does not depend on what was there.
    """

    writes: bool
    marked: bool = False
    overwrites: bool = False


class Site(NamedTuple):
    """A line of a model."""

    filename: str
    line: int


class Holding(NamedTuple):
    """A thread that holds a lock, or waits for it, in a mode."""

    thread: str
    mode: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Operation:
    """One atomic step on one object; awaiting it is taking the step.

    `site` stands for the line that is to be shown, where the await itself is the library's. What an
    operation is given does not count where two are compared: 1 equals True, and more may be equal
    for a class of the user's. `Position.given` tells them apart.
    """

    target: "Object"
    name: str
    args: tuple[Hashable, ...] = field(default=(), compare=False)
    site: Site | None = field(default=None, compare=False)

    def __await__(self) -> Generator[Any, Any, Any]:
        """Take the step; or, where an algorithm stands for the object, all that this does."""
        performs = InForce.rules.algorithms.get(self.target)
        return performs(self).__await__() if performs else self.step()

    def step(self) -> Generator[Any, Any, Any]:
        """Hand the operation to whoever drives the coroutine; the result comes back.

        A coroutine that is being closed runs its `finally` blocks; they end where they would await.
        Errors: `GeneratorExit` there.
        """
        if observed.closing:
            raise GeneratorExit
        observed.handling = sys.exception()
        return (yield self)

    def __bool__(self) -> bool:
        return not asked_by_model() or refuse_step(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Operation):
            return asked_by_model() and refuse_step(self)
        return self.target is other.target and self.name == other.name

    def __str__(self) -> str:
        """The call as a reader of C would write it: `down_read(mem_hotplug_lock)`."""
        return f"{self.name}({', '.join([self.target.name, *map(repr, self.args)])})"


class Call(Generic[P]):
    """An operation as a method: `lock.down_read()` makes the `Operation`, it takes no step.

    `access` is how it touches memory, if it does; `ordering` what it orders, None where that is
    not said: then who holds the object before and after says it.
    """

    def __init__(self, rule: Callable[..., Outcome], access: Access | None) -> None:
        check_rule(rule)
        self.rule = rule
        self.access = access
        self.ordering: Ordering | None = Order(forgets=access.writes) if access else None
        self.arity = rule.__code__.co_argcount - len(("self", "state", "me"))
        self.__doc__ = rule.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, target: "Object | None", owner: type) -> Any:
        if target is None:
            return self  # reached through the class: a rule, not an operation

        return Uncalled(make_operation, target, self)


def make_operation(
    target: "Object", call: Call[Any], /, *args: Hashable, **kwargs: object
) -> Operation:
    """Operation `call` of an object, which is noted to be made. Errors: `ModelError`."""
    if kwargs or len(args) != call.arity:
        raise wrong_arguments(target, call.name, call.rule)
    made = Operation(target, call.name, args)
    observed.made.append(MadeOperation(ref(made), target, call.name, args))
    return made


def operation(rule: Callable[Concatenate[Any, Any, str, P], Outcome]) -> Call[P]:
    """Declares a rule as an operation of its object, which takes no part in data races."""
    return Call(rule, None)


def access(
    *, writes: bool, marked: bool = False, overwrites: bool = False
) -> Callable[[Callable[Concatenate[Any, Any, str, P], Outcome]], Call[P]]:
    """Declares a rule as an operation that reads or writes memory: it takes part in data races.

    `overwrites` is whether it is a store that waits for nothing, returns None and does not depend
    on what it writes over: then `--memory tso` may delay it. Errors: `ModelError` for a load.
    """
    if overwrites and not writes:
        raise ModelError("access: a load overwrites nothing; write `writes=True` too")

    def declare(rule: Callable[Concatenate[Any, Any, str, P], Outcome]) -> Call[P]:
        return Call(rule, Access(writes, marked, overwrites))

    return declare


def ordered(ordering: Ordering) -> Callable[[Call[P]], Call[P]]:
    """Says of an operation what it orders, for `happens_before_race_free`.

    It stands above `operation` or `access`. Without it an access orders nothing, and forgets what
    was published where it writes; any other operation acquires where its thread has become a
    holder by it, and releases where it no longer is one. `ordering` is an `Order`, or a function of
    what the operation returned and of the tuple of what it was given, which returns one.

    Errors: `ModelError` where it is neither, or does not stand above an operation.
    """
    if not isinstance(ordering, Order) and not callable(ordering):
        raise ModelError(
            f"ordered({ordering!r}): it takes an Order, or a function that returns one"
        )

    def declare(call: Call[P]) -> Call[P]:
        if not isinstance(call, Call):
            raise ModelError(
                f"ordered: {getattr(call, '__qualname__', call)} is no operation yet; write "
                f"@ordered above @operation or @access"
            )
        call.ordering = ordering
        return call

    return declare


def observe(_: Any, state: Any, _me: str) -> Outcome:
    """The state, which is left as it is."""
    return state, state


def go_on_waiting(_: Any, _state: Any, _me: str) -> Outcome:
    """Nothing: it always waits."""
    return WAIT


def give_up(object_: Any, state: Any, me: str) -> Outcome:
    """Nothing; the thread waits no more."""
    return object_.without_waiter(state, me), None


ASK = "ask "  # before the name of an operation: take it, or else queue up
OBSERVE, UNTIL, LEAVE, DELAYED = "observe", "wait_until", "leave_queue", "delayed"


def do_delayed(object_: Any, state: Any, _me: str, whose: str, name: str, args: Any) -> Outcome:
    """What operation `name` does that thread `whose` has asked for."""
    outcome: Outcome = object_.step(name, state, whose, args)
    return outcome


OF_EVERY_OBJECT: dict[str, Call[Any]] = {
    OBSERVE: ordered(NO_ORDER)(operation(observe)),
    UNTIL: ordered(NO_ORDER)(operation(go_on_waiting)),
    LEAVE: ordered(NO_ORDER)(operation(give_up)),
    DELAYED: ordered(NO_ORDER)(operation(do_delayed)),
}
"""The operations that every object has: for `wait_until`, waits that may be ended, and buffers."""


@cache
def asking(call: Call[Any]) -> Call[Any]:
    """`call`, as an operation that never waits: its result is WAIT where `call` would wait.

    By then the thread has queued up, if the object keeps a queue; that it can be left is checked.
    It orders what `call` orders where that is taken, and else nothing. Errors: `ModelError`.
    """
    said = call.ordering or NO_ORDER

    def ask(object_: Object, state: Any, me: str, *args: Hashable) -> Outcome:
        outcome = call.rule(object_, state, me, *args)
        if isinstance(outcome, Queue) and type(object_).without_waiter is Object.without_waiter:
            raise refused_to_stay(object_)
        if outcome is WAIT or isinstance(outcome, Queue):
            return state if outcome is WAIT else outcome.state, WAIT
        return outcome

    def order(result: Any, given: tuple[Hashable, ...]) -> Order:
        if result is WAIT:
            return NO_ORDER
        return said if isinstance(said, Order) else said(result, given)

    made = Call[Any](ask, None)
    made.name, made.ordering = ASK + call.name, call.ordering and order
    return made


DERIVED: dict[str, Callable[[Call[Any]], Call[Any]]] = {ASK: asking}
"""Operations that are made of another: how their names begin, before its name, and what they are.
"""


class Object(Valueless):
    """A shared thing: a name, the state it starts in, and operations.

    An object keeps no state of its own, so one instance may stand in any number of models.

    `parts` are what is published on apart, such as the locks of one class that are one object: an
    `Order` says of which it speaks. Most objects have one part. `waiting_in` says of the operations
    that may wait how they do.

    Errors: `ModelError` for what can't be a name, and where an operation has the name of a method
    or of an attribute.
    """

    parts: tuple[Hashable, ...] = (None,)
    waiting_in: ClassVar[Mapping[str, Waiting]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in [name for owner in cls.__mro__ for name in calls_of(owner)]:
            if name in RESERVED_NAMES or name.startswith("__"):
                raise ModelError(
                    f"class {cls.__name__}: an operation is called {name!r}, as a part of every "
                    f"object is; give it another name than {', '.join(sorted(RESERVED_NAMES))}"
                )
            if not isinstance(getattr(cls, name), Call):
                raise ModelError(
                    f"class {cls.__name__}: {name!r} hides the operation of that name; give it "
                    f"another name, or make it an operation"
                )

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), Call):
            raise ModelError(
                f"class {type(self).__name__}: attribute {name!r} hides the operation of that "
                f"name; give one of them another name"
            )
        super().__setattr__(name, value)

    def __init__(self, name: str, start: Hashable = None) -> None:
        check_name("object", name)
        self.name = name
        self.start = start

    def __getattr__(self, name: str) -> Any:
        known = [each for owner in type(self).__mro__ for each in calls_of(owner)]
        regions = [each for each in ("hold", "read", "write") if each in dir(type(self))]
        raise missing_part(self, name, list(dict.fromkeys([*known, *regions])))

    async def __aenter__(self) -> None:
        raise ModelError(f"{self!r} is no region; write `async with {self.name}.hold():`")

    async def __aexit__(self, *_: object) -> None:
        """Nothing; it is never entered."""

    def step(self, name: str, state: Any, me: str, args: tuple[Hashable, ...]) -> Outcome:
        """What operation `name` does in `state` when thread `me` asks for it."""
        return self.call(name).rule(self, state, me, *args)

    def observing(self, relaxed: bool = False) -> Operation:
        """The operation by which `wait_until` looks at the state; of memory it is a load."""
        return Operation(self, OBSERVE)

    def access(self, name: str) -> Access | None:
        """How operation `name` touches memory, or None where it takes no part in races."""
        return self.call(name).access

    @classmethod
    def call(cls, name: str) -> Call[Any]:
        """The declaration of operation `name`. Errors: `AttributeError` where there is none."""
        for owner in cls.__mro__:
            found = owner.__dict__.get(name)
            if isinstance(found, Call):
                return found
        if name in OF_EVERY_OBJECT:
            return OF_EVERY_OBJECT[name]
        for begins, derived in DERIVED.items():
            if name.startswith(begins):
                return derived(cls.call(name.removeprefix(begins)))
        raise AttributeError(f"{cls.__name__} has no operation {name!r}")

    def rename(self, state: Any, names: Mapping[str, str]) -> Any:
        """`state` with its threads called by other `names`; a state that sorts them sorts again."""
        return renamed(state, names)

    def without_waiter(self, state: Any, me: str) -> Any:
        """The state once `me` waits no more; what answers `Queue` says here how that is left."""
        return state

    def holders(self, state: Any) -> tuple[Holding, ...]:
        """Who holds the object in `state`: none, unless it is a lock."""
        return ()

    def show(self, state: Any) -> str:
        """`state` in a few words: who holds the lock, or the value.

        A lock that nobody holds and that is as it was declared is free.
        """
        held = self.holders(state)
        if held:
            return ", ".join(f"{h.mode} {h.thread}" for h in held)
        is_lock = type(self).holders is not Object.holders
        return "free" if is_lock and state == self.start else value_in_words(state)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.__dict__.get('name', '')!r})"


def calls_of(owner: type) -> list[str]:
    """The names of the operations that a class itself declares."""
    return [name for name, each in vars(owner).items() if isinstance(each, Call)]


RESERVED_NAMES = frozenset(
    [*(name for name in vars(Object) if not name.startswith("__")), "name", "start"]
) | frozenset(OF_EVERY_OBJECT)
"""What every object has: no operation may be called so."""

"""What a random system is made of: kinds of objects, and the values that they hold."""

import random
from dataclasses import dataclass, field

HEADER = """from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from locking import (
    {words},
)


class Colour(Enum):
    RED = 0
    BLUE = 1


class Pair(NamedTuple):
    left: object
    right: object


@dataclass(frozen=True)
class Point:
    x: object
    y: object = 0
"""

WORDS = (
    "WAIT", "Atomic", "Cell", "Completion", "Fairness", "Holding", "Misuse", "Model", "Mutex",
    "Object", "PercpuRwSem", "Queue", "Record", "Refcount", "RwSem", "RwState", "Seqcount",
    "Seqlock", "Spinlock", "System", "Thread", "access", "always", "assertions", "at_end",
    "atomic", "choose", "data_race_free", "deadlock_free", "forever", "never", "never_together",
    "no_misuse", "operation", "procedure", "require", "required", "retry", "section",
    "sometimes", "sometimes_together",
)  # fmt: skip
"""What every system imports."""

VALUES = (
    "0", "1", "2", "-1", "None", "True", "False", "1.0", "0.0", "-0.0", "float('nan')",
    "float('inf')",
    "''", "'a'", "'b'", "b''", "b'a'", "Colour.RED", "Colour.BLUE", "()", "(1,)", "(True,)",
    "(1.0, -0.0)", "(0.0, 0.0)", "frozenset()", "frozenset({1})", "frozenset({True, 'a'})",
    "Pair(1, 0)",
    "(1, 0)", "Pair(True, 0)", "Point(1)", "Point(True)", "Point(1.0, -0.0)", "((None,), 1)",
)  # fmt: skip
"""Values of all allowed kinds; many are equal, but count as different values."""

LOOKS = (
    "{v} == {c}", "{v} is None", "{v} != {v}", "bool({v})", "repr({v}) == repr({c})",
    "type({v}) is bool", "type({v}) is float", "str({v}).startswith('-')", "not {v}",
    "{v} in (0, 1, None)", "isinstance({v}, tuple)",
)  # fmt: skip
"""What a program may ask of a value."""

OWN = {
    "Semaphore": '''class Semaphore(Object):
    @operation
    def down(self, count, me):
        return (count - 1, None) if count else WAIT

    @operation
    def down_trylock(self, count, me):
        return (count - 1, True) if count else (count, False)

    @operation
    def up(self, count, me):
        return (count + 1, None) if count < 2 else Misuse("too many")
''',
    "Places": '''class Places(Object):
    """A semaphore that says who holds it; `start` is (places, holders)."""

    @operation
    def come(self, state, me):
        places, inside = state
        if me in inside:
            return Misuse("comes twice")
        if len(inside) >= places:
            return WAIT
        return (places, tuple(sorted((*inside, me)))), len(inside)

    @operation
    def go(self, state, me):
        places, inside = state
        if me not in inside:
            return Misuse("goes and is not there")
        return (places, tuple(each for each in inside if each != me)), None

    def holders(self, state):
        return tuple(Holding(each, "a place") for each in state[1])

    def rename(self, state, names):
        return state[0], tuple(sorted(names.get(each, each) for each in state[1]))
''',
    "Ticket": '''class Ticket(Object):
    """First come, first served. State: the owner, and who waits."""

    @operation
    def take(self, state, me):
        owner, queue = state
        if owner == me:
            return Misuse("takes it twice")
        if owner is None and (not queue or queue[0] == me):
            return (me, tuple(each for each in queue if each != me)), None
        return WAIT if me in queue else Queue((owner, (*queue, me)))

    @operation
    def give(self, state, me):
        owner, queue = state
        return ((None, queue), None) if owner == me else Misuse("gives what it has not")

    def holders(self, state):
        return (Holding(state[0], "ticket"),) if state[0] is not None else ()
''',
    "Rotator": '''class Rotator(Object):
    """Who looks and must wait goes to the end of the queue, at every look."""

    @operation
    def take(self, state, me):
        owner, queue = state
        if owner is None and (not queue or queue[0] == me):
            return (me, tuple(each for each in queue if each != me)), None
        return Queue((owner, (*(each for each in queue if each != me), me)))

    @operation
    def give(self, state, me):
        owner, queue = state
        return ((None, queue), None) if owner == me else Misuse("gives what it has not")

    def holders(self, state):
        return (Holding(state[0], "rotates"),) if state[0] is not None else ()
''',
    "Register": '''class Register(Object):
    """Memory of one's own kind: a plain swap, and a marked test."""

    @access(writes=True)
    def swap(self, state, me, new):
        return new, state

    @access(writes=False, marked=True)
    def peek(self, state, me):
        return state, state
''',
}  # fmt: skip
"""Objects that a user wrote."""


@dataclass(frozen=True)
class Thing:
    """An object of a system: its variable in the source, its kind, and how it is declared."""

    var: str
    kind: str
    declared: str
    starts: str = ""


@dataclass
class Stock:
    """The objects of a system, by kind."""

    things: list[Thing] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Thing]:
        """The objects of these kinds."""
        return [each for each in self.things if each.kind in kinds]


LOCKS = (
    "Mutex", "Spinlock", "RwSem", "PercpuRwSem", "Seqlock", "Seqcount", "Completion", "Semaphore",
    "Places", "Ticket", "Rotator",
)  # fmt: skip
MEMORY = ("Cell", "Cell", "Cell", "Marked", "Record", "Atomic", "Refcount", "Register")
FAIRNESS = ("READER_PREFERRING", "WRITER_BLOCKS_READERS", "FIFO")


def draw_stock(rng: random.Random, names: list[str]) -> Stock:
    """One to three locks, and one to three pieces of memory; `names` are those to be taken."""
    kinds = rng.sample(LOCKS, rng.choice((1, 1, 2, 2, 3)))
    kinds += [rng.choice(MEMORY) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    return Stock([draw_thing(rng, f"o{at}", kind, names) for at, kind in enumerate(kinds)])


def draw_thing(rng: random.Random, var: str, kind: str, names: list[str]) -> Thing:
    """One object; now and then it is called as something else is."""
    name = repr(names.pop(rng.randrange(len(names))) if names and rng.random() < 0.1 else var)
    value = rng.choice(VALUES)
    starts = ""
    match kind:
        case "Cell" | "Marked":
            declared = f"Cell({name}, {value})"
            starts = rng.choice(VALUES) if rng.random() < 0.15 else ""
        case "Record":
            declared = f"Record({name}, x={value}, y=0)"
        case "Register":
            declared = f"Register({name}, {value})"
        case "RwSem":
            declared = f"RwSem({name}, Fairness.{rng.choice(FAIRNESS)})"
        case "Atomic":
            most = rng.choice(("", "", ", minimum=0", ", maximum=2", ", minimum=0, maximum=2"))
            declared = f"Atomic({name}, {rng.randint(0, 1)}{most})"
        case "Refcount":
            declared = f"Refcount({name}, {rng.randint(1, 2)})"
        case "Semaphore":
            declared = f"Semaphore({name}, {rng.choice((1, 1, 2))})"
        case "Places":
            declared = f"Places({name}, ({rng.choice((1, 1, 2))}, ()))"
        case "Ticket" | "Rotator":
            declared = f"{kind}({name}, (None, ()))"
        case "Completion":
            declared = f"Completion({name})"
            starts = rng.choice(("1", "'all'")) if rng.random() < 0.15 else ""
        case "Mutex" | "Spinlock":
            declared = f"{kind}({name})"
            starts = rng.choice(("'a'", "'nobody'")) if rng.random() < 0.05 else ""
        case _:
            declared = f"{kind}({name})"
    return Thing(var, kind, declared, starts)

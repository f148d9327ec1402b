"""Values as keys: what is told apart, what is one, and what is refused."""

from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from fractions import Fraction
from functools import cached_property
from struct import unpack
from typing import Any, Generic, NamedTuple, TypeVar

import pytest

from locking import Cell, Object, Outcome, Thread, Verdict, never, operation, require, required
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.model import Model, System
from locking.programs.keys import NoValue, typed
from locking.verdicts import Options
from tests.systems import report, threads

T = TypeVar("T")


def coarse(made: type) -> type:
    """A class whose instances all equal each other, hash alike and print alike."""
    made.__eq__ = lambda *_: True  # type: ignore[assignment]
    made.__hash__ = lambda _: 1  # type: ignore[assignment]
    made.__repr__ = lambda _: "it"  # type: ignore[assignment]
    return made


@coarse
class Colour(Enum):
    RED = 1
    GREEN = 2


class Level(IntEnum):
    LOW = 1


class Bits(Flag):
    A = 1
    B = 2


@coarse
class Pair(NamedTuple):
    one: Any
    other: Any


@coarse
@dataclass(frozen=True, eq=False)
class Box:
    held: Any
    note: Any = field(default=None, compare=False)


@coarse
@dataclass(frozen=True, slots=True, eq=False)
class Slim:
    held: Any


@dataclass(frozen=True)
class Wide(Box, Generic[T]):
    more: Any = 0
    fixed: int = field(default=3, init=False)


def of_one_name(value: int) -> Any:
    """A value of a class that is another one each time."""
    return make_dataclass("Twin", ["held"], frozen=True)(value)


def nan(payload: int) -> float:
    """A NaN with these bits in it."""
    bits = (0x7FF8 << 48 | payload).to_bytes(8, "little")
    return float(unpack("<d", bits)[0])


APART = [
    (1, True),
    (1, 1.0),
    (0.0, -0.0),
    (nan(1), nan(2)),
    ("a", b"a"),
    (None, False),
    ((), frozenset()),
    ((1,), (True,)),
    (frozenset({1}), frozenset({True})),
    (frozenset({0.0}), frozenset({-0.0})),
    (frozenset({(1,)}), frozenset({(1.0,)})),
    (Colour.RED, Colour.GREEN),
    (Level.LOW, 1),
    (Bits.A, Bits.A | Bits.B),
    (Bits.A & Bits.B, Bits.A),
    (Pair(1, 2), Pair(1, 3)),
    (Pair(1, 2), Pair(True, 2)),
    (Pair(1, 2), (1, 2)),
    (Box(1), Box(2)),
    (Box(1, "one"), Box(1, "other")),
    (Box((1,)), Box((True,))),
    (Box(1), Wide(1)),
    (Wide(1, more=1), Wide(1, more=2)),
    (Slim(1), Slim(2)),
    (Slim(Box(Pair(0.0, 1))), Slim(Box(Pair(-0.0, 1)))),
    (of_one_name(1), of_one_name(1)),
    (namedtuple("Twin", "a")(1), namedtuple("Twin", "a")(1)),
    (Cell("x", 0), Cell("x", 0)),
]


@pytest.mark.parametrize(("one", "other"), APART, ids=lambda value: type(value).__name__)
def test_what_can_be_told_apart_is_two_values(one: Any, other: Any) -> None:
    for wrap in (lambda v: v, lambda v: (v,), Box, Slim, lambda v: Pair(0, v)):
        assert typed(wrap(one)) != typed(wrap(other))
        assert typed(wrap(one)) == typed(wrap(one))
        assert hash(typed(wrap(one))) == hash(typed(wrap(one)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: float("nan"),
        lambda: (1, "a", None, b"", frozenset({1.5, "x"})),
        lambda: Box(Pair(1, (Colour.RED, Bits.A | Bits.B))),
        lambda: Slim(float("nan")),
        lambda: Wide(1, more=float("nan")),
    ],
)
def test_what_is_made_anew_with_one_content_is_one_value(make: Callable[[], Any]) -> None:
    assert typed(make()) == typed(make())


class Sized(float):
    pass


class Named(str):
    __slots__ = ()


class Loose(tuple):
    pass


class Looser(Pair):
    pass


@dataclass(frozen=True)
class OnFloat(float):
    note: int = 0


@dataclass(frozen=True)
class OnTuple(tuple):
    note: int = 0


@dataclass(frozen=True)
class OnDeque(deque):
    note: int = 0


class Hidden:
    __slots__ = ("secret",)


@dataclass(frozen=True)
class OnSlots(Hidden):
    note: int = 0


@dataclass(frozen=True)
class Caching:
    held: int

    @cached_property
    def twice(self) -> int:
        return 2 * self.held


@dataclass
class Open:
    held: int


class Undecorated(Box):
    pass


class Hashed:
    def __hash__(self) -> int:
        return 1


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no")


def cached() -> Caching:
    """One that holds more than its field."""
    found = Caching(1)
    assert found.twice == 2
    return found


def looser() -> Looser:
    """A named tuple with an attribute."""
    found = Looser(1, 2)
    found.extra = 3
    return found


REFUSED = [
    (Decimal("1.0"), "use a whole number of the smallest unit, or a str"),
    (Fraction(1, 2), "use a tuple of two ints"),
    (1j, "use a tuple of two floats"),
    ([1], "use a tuple"),
    ({1}, "use a frozenset"),
    ({1: 2}, "use a tuple of pairs, or a frozen dataclass"),
    (OrderedDict(), "use a tuple of pairs"),
    (bytearray(b""), "use bytes"),
    (len, "use an Enum member or a str that stands for it"),
    (lambda: 0, "use an Enum member or a str that stands for it"),
    (int, "use an Enum member or a str that stands for it"),
    (Sized(1), "Sized is a subclass of float, and may hold more; use a plain float"),
    (Named("a"), "use a plain str"),
    (Loose((1,)), "use a plain tuple"),
    (looser(), "use a plain tuple"),
    (OnFloat(1), "it is built on a type that holds more than its fields"),
    (OnTuple(()), "it is built on a type that holds more than its fields"),
    (OnDeque(), "it is built on a type that holds more than its fields"),
    (OnSlots(1), "it has a slot 'secret', which is no field; make it one"),
    (cached(), "it holds 'twice', which is no field; make it one"),
    (Open(1), "its dataclass can be changed; use @dataclass(frozen=True)"),
    (Undecorated(1), "Undecorated is no dataclass itself; mark it @dataclass(frozen=True)"),
    (Hashed(), "use a frozen dataclass"),
    (Unprintable(), "<Unprintable> is shared, passed or returned"),
]


@pytest.mark.parametrize(("value", "says"), REFUSED, ids=lambda value: type(value).__name__)
def test_every_other_kind_is_refused_with_what_to_use(value: Any, says: str) -> None:
    for wrapped in (value, (value,), Box(value), Slim(value), Pair(0, value)):
        with pytest.raises(NoValue) as raised:
            typed(wrapped)
        assert says in str(raised.value)
        assert "Values are None, bool, int, float" in str(raised.value)
        assert " at 0x" not in str(raised.value)


# --- where it is refused --------------------------------------------------------------------------


class Told(Object):
    """An object whose rule returns what it was made with."""

    def __init__(self, state: Any, result: Any) -> None:
        super().__init__("told", 0)
        self.made = (state, result)

    @operation
    def tell(self, state: Any, me: str) -> Outcome:
        return self.made


@pytest.mark.parametrize("made", [([], 0), (0, {}), (Decimal(1), 0), (0, Open(1))], ids=str)
def test_what_a_rule_returns_must_be_a_value(made: Any) -> None:
    told = Told(*made)

    async def work() -> None:
        await told.tell()

    with pytest.raises(ModelError) as raised:
        report([told], threads(work))
    text = str(raised.value)
    line = work.__code__.co_firstlineno + 1
    assert f"thread a, {__file__}:{line}: what the rule of tell(told) returned is refused" in text


@pytest.mark.parametrize("started", [False, True])
def test_a_state_to_start_in_must_be_a_value(started: bool) -> None:
    x = Cell("x", 0 if started else Decimal(0))

    async def work() -> None:
        await x.read()

    starts = {x: Decimal(0)} if started else {}
    model = Model("test", "", lambda _: System([x], threads(work), [], starts))
    with pytest.raises(ModelError, match=r"object 'x' can't start so: Decimal\('0'\) is shared"):
        check(model.case("only", None))


# --- verdicts -------------------------------------------------------------------------------------


WALKS = [("compiled", "merge"), *(("reference", each) for each in REDUCTIONS)]


@pytest.mark.parametrize(("one", "other"), APART[::2], ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(("engine", "reduction"), WALKS)
def test_a_value_that_only_its_own_class_takes_for_another_is_seen(
    one: Any, other: Any, engine: str, reduction: str
) -> None:
    """A thread writes the one and then the other: whoever looks can see that it is there."""
    x = Cell("x", "start")

    async def write() -> None:
        await x.WRITE_ONCE(one)
        await x.WRITE_ONCE(other)

    async def look() -> None:
        seen = await x.READ_ONCE()
        require(seen is not other, "seen")

    running = [Thread("write", write), Thread("look", look)]
    properties = [never("there", lambda s: s[x] is other), required("seen")]
    model = Model("test", "", lambda _: System([x], running, properties))
    found = check(model.case("only", None), options=Options(engine=engine, reduction=reduction))
    assert [each.verdict for each in found.results] == [Verdict.FAILS, Verdict.FAILS]


def test_a_value_that_is_made_anew_in_each_run_is_the_same_argument() -> None:
    x = Cell("x", 0)

    async def work() -> None:
        await x.write(float("nan"))
        await x.write(Box(float("nan")))

    assert report([x], threads(work, work)).interleavings == 6


def test_steps_that_differ_in_what_they_are_given_only_are_two() -> None:
    """What a branch leads to is equal by `==`; the two are not merged."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def work() -> None:
        await x.write(Box(1) if await y.read() else Box(2))

    async def change() -> None:
        await y.write(1)

    properties = [never("one", lambda s: isinstance(s[x], Box) and s[x].held == 1)]
    (result,) = report([x, y], threads(work, change), properties).results
    assert result.verdict is Verdict.FAILS

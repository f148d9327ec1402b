"""Words that are exchanged and compared, whatever is in them, and words that are bits."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import pytest

from locking import (
    Atomic,
    Cell,
    Misuse,
    Model,
    Order,
    System,
    Thread,
    Verdict,
    at_end,
    data_race_free,
    happens_before_race_free,
    never_together,
    retry,
    section,
)
from locking.check import check
from locking.errors import ModelError
from locking.explore.reduction.levels import REDUCTIONS
from locking.objects.alike import alike
from locking.verdicts import Options
from tests.engines import ENGINES
from tests.systems import ask, threads, verdict

cell = Cell("cell", 0)


class Colour(Enum):
    RED = "red"


class Point(NamedTuple):
    x: int
    y: int


class Vector(NamedTuple):
    x: int
    y: int


@dataclass(frozen=True)
class Tag:
    number: int

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


NODE = Cell("node", None)
VALUES = (
    *(None, 0, 1, True, False, 0.0, -0.0, 1.0, "", "x", b"", b"x", (), (1,), (True,), ((1,), "x")),
    *(frozenset(), frozenset({1}), frozenset({True}), Colour.RED, "red", Point(1, 2)),
    *(Vector(1, 2), (1, 2), Tag(1), Tag(2), NODE, Cell("node", None)),
)


def test_a_value_is_like_itself_and_like_no_other() -> None:
    found = [(one, other) for one in VALUES for other in VALUES if alike(one, other)]
    assert all(one is other for one, other in found)
    assert len(found) == len(VALUES)
    assert alike(float("nan"), float("nan"))
    assert alike(Point(1, 2), Point(1, 2))
    assert alike(Tag(1), Tag(1))
    assert alike(frozenset({(1, "a"), 2}), frozenset({2, (1, "a")}))


@pytest.mark.parametrize(
    ("call", "args", "outcome"),
    [
        ("xchg", ((1, NODE),), ((1, NODE), (0, None))),
        ("cmpxchg", ((0, None), "new"), ("new", (0, None))),
        ("cmpxchg", ((False, None), "new"), ((0, None), (0, None))),
        ("try_cmpxchg_acquire", ((0, None), "new"), ("new", True)),
        ("try_cmpxchg", ((1, None), "new"), ((0, None), False)),
    ],
)
def test_a_pair_is_exchanged_whole(call: str, args: Any, outcome: Any) -> None:
    assert ask(cell, (0, None), call, "me", *args) == outcome


@pytest.mark.parametrize(
    ("call", "bit", "outcome"),
    [
        ("set_bit", 1, (0b111, None)),
        ("set_bit", 0, (0b101, None)),
        ("clear_bit", 2, (0b001, None)),
        ("clear_bit_unlock", 0, (0b100, None)),
        ("change_bit", 0, (0b100, None)),
        ("change_bit", 1, (0b111, None)),
        ("test_and_set_bit", 1, (0b111, False)),
        ("test_and_set_bit", 2, (0b101, True)),
        ("test_and_set_bit_lock", 1, (0b111, False)),
        ("test_and_clear_bit", 1, (0b101, False)),
        ("test_and_clear_bit", 2, (0b001, True)),
        ("test_and_change_bit", 0, (0b100, True)),
        ("test_bit", 2, (0b101, True)),
        ("test_bit", 1, (0b101, False)),
        ("test_bit_acquire", 70, (0b101, False)),
    ],
)
def test_a_bit_operation_on_101(call: str, bit: int, outcome: Any) -> None:
    assert ask(cell, 0b101, call, "me", bit) == outcome


@pytest.mark.parametrize("call", ["set_bit", "test_bit", "test_and_clear_bit"])
@pytest.mark.parametrize("word", ["idle", None, True, 1.0])
def test_a_bit_of_what_is_no_number_is_a_misuse(call: str, word: Any) -> None:
    says = f"me asks for bit 3 of cell, which is {word!r}, no number"
    assert ask(cell, word, call, "me", 3) == Misuse(says)


def test_only_taking_the_bit_acquires() -> None:
    taken: Any = Cell.call("test_and_set_bit_lock").ordering
    assert (taken(False, (0,)), taken(True, (0,))) == (Order(acquires=True), Order())
    assert Cell.call("clear_bit_unlock").ordering == Order(releases=True)
    assert Cell.call("set_bit").ordering == Order()


def test_an_operation_that_is_misspelt_is_answered_with_those_that_look_like_it() -> None:
    with pytest.raises(ModelError, match="has no 'atomic_fetch_ro'; did you mean atomic_fetch_or "):
        _ = Atomic("counter").atomic_fetch_ro
    with pytest.raises(ModelError, match="no 'test_and_set'; did you mean test_and_set_bit or "):
        _ = Cell("word", 0).test_and_set


def bit_lock(taking: str, letting_go: str) -> list[Verdict]:
    """What is found of two threads that write under a bit that they take and let go by these."""
    flags, data = Cell("flags", 0b10), Cell("data", 0)

    async def work() -> None:
        async def attempt() -> bool | None:
            return None if await getattr(flags, taking)(0) else True

        await retry(attempt)
        async with section("in"):
            await data.write(await data.read() + 1)
        await getattr(flags, letting_go)(0)

    found = [
        never_together("alone", "in", "in"),
        data_race_free(),
        happens_before_race_free(),
        at_end("both", lambda s: s[data] == 2 and s[flags] == 0b10),
    ]
    return [verdict([flags, data], threads(work, work), each) for each in found]


def test_a_bit_is_a_lock() -> None:
    assert bit_lock("test_and_set_bit_lock", "clear_bit_unlock") == [Verdict.HOLDS] * 4


def test_a_bit_that_is_let_go_in_no_order_leaves_a_race() -> None:
    """It is the bug of clear_bit without a barrier, which the kernel had often."""
    found = bit_lock("test_and_set_bit", "clear_bit")
    assert found == [Verdict.HOLDS, Verdict.HOLDS, Verdict.FAILS, Verdict.HOLDS]


def test_a_bit_that_is_only_looked_at_is_no_lock() -> None:
    assert bit_lock("test_bit", "clear_bit")[0] is Verdict.FAILS


def stack(tagged: bool) -> System:
    """A stack of `b` over `a`: the ABA problem, or a tag against it."""
    top, below = Cell("top", ("b", 0) if tagged else "b"), Cell("below", "a")

    def named(value: Any) -> Any:
        return value[0] if tagged else value

    def made(value: Any, name: Any) -> Any:
        return (name, value[1] + 1) if tagged else name

    async def pop() -> None:
        """Another thread may take both, and put `b` back, between look and exchange."""
        seen = await top.READ_ONCE()
        await top.try_cmpxchg(seen, made(seen, await below.READ_ONCE()))

    async def pop_both_and_push() -> None:
        seen = await top.xchg(made(await top.READ_ONCE(), None))
        if named(seen) == "b":
            await below.WRITE_ONCE(None)
            await top.xchg(made(await top.READ_ONCE(), "b"))

    good = at_end("gone", lambda s: named(s[top]) != "a", "a has gone, and is not on top")
    return System([top, below], [Thread("a", pop), Thread("b", pop_both_and_push)], [good])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_pointer_that_came_back_is_taken_for_the_old_one_and_a_tag_tells(
    engine: str, reduction: str
) -> None:
    found = [
        check(
            Model("m", "", lambda _, tagged=tagged: stack(tagged)).case("only", None),
            ("gone",),
            Options(engine=engine, reduction=reduction),
        ).results[0]
        for tagged in (False, True)
    ]
    fails, holds = found
    assert (fails.verdict, holds.verdict) == (Verdict.FAILS, Verdict.HOLDS)
    assert fails.path == "m:only::gone::a2.b5.a1"

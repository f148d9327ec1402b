"""What differs from copy to copy, or looks past cells, is refused: views would prove it wrongly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from locking import (
    Cell,
    Child,
    Model,
    Outcome,
    Spinlock,
    System,
    Thread,
    always,
    at_end,
    current,
    data_race_free,
    never,
    never_together,
    operation,
    require,
    section,
    sometimes_together,
)
from locking.errors import ModelError, UsageError
from locking.parameterized.proving import Proof, prove_any_number
from locking.parameterized.wider import copies_of
from locking.properties.explored import Property, Verdict
from locking.properties.state import Never
from locking.properties.together import NeverTogether

lock, x, y = Spinlock("lock"), Cell("x", 0), Cell("y", 0)


async def writes(*_: Any) -> None:
    await x.WRITE_ONCE(1)


def proof(threads: list[Thread], properties: list[Property], *roles: str, **names: Any) -> Proof:
    model = Model("mine", "", lambda _: System([lock, x, y], threads, properties))
    return prove_any_number(model.case("only", None), model.build, roles or ["t"], **names)


async def asks_itself() -> None:
    if await x.READ_ONCE() in (0, current()):
        await x.WRITE_ONCE(current())
        async with section("alone"):
            _ = await lock.spin_trylock()


async def asks_and_catches() -> None:
    try:
        name = current()
    except KeyError:
        name = ""
    if not name.endswith("5"):
        await asks_itself()


async def names_what_it_requires() -> None:
    require(await x.READ_ONCE() == 0, f"as {current()}")


@pytest.mark.parametrize("program", [asks_itself, asks_and_catches, names_what_it_requires])
def test_a_thread_that_asks_for_its_name_is_refused(program: Any) -> None:
    with pytest.raises(ModelError, match=r"t asks for its name by current\(\)"):
        proof([Thread("t", program)], [never_together("apart", "alone", "alone")])


def test_a_thread_that_there_is_once_may_ask_for_its_name() -> None:
    threads = [Thread("t", writes), Thread("once", asks_itself)]
    claim = always("x", lambda s: s[x] in (0, 1, "once"))
    assert proof(threads, [claim]).found[0].verdict is Verdict.HOLDS


@dataclass(frozen=True)
class Hides:
    shown: int = 0
    locks: bool = field(default=True, compare=False)


class Equal:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1,), (True,)),
        ((0.0,), (-0.0,)),
        ((Hides(),), (Hides(0, locks=False),)),
        ((Equal(),), (Equal(),)),
        (((1, 2),), ((1, True),)),
        ((), (0,)),
        ((frozenset([0, 8]),), (frozenset([8, 0]),)),
        (([1, 2],), ([1, 2],)),
        ((divmod(9, 4),), (divmod(9, 4),)),
    ],
)
def test_threads_whose_arguments_differ_are_no_copies(one: Any, other: Any) -> None:
    threads = [Thread("t", writes, one), Thread("u", writes, other), Thread("v", writes, one)]
    system = System([x], threads, [data_race_free()])
    assert copies_of(system, "t") == (0, 2)


def test_threads_whose_programs_differ_are_no_copies() -> None:
    class Program(Equal):
        async def __call__(self) -> None:
            await x.WRITE_ONCE(1)

    programs = [Program(), Program(), partial(writes, 1), partial(writes, True)]
    threads = [Thread(f"t{at}", program) for at, program in enumerate(programs)]
    system = System([x], [*threads, Thread("d", programs[0], daemon=True)], [data_race_free()])
    assert [copies_of(system, each.name) for each in threads] == [(0,), (1,), (2,), (3,)]


def test_what_is_equal_and_no_copy_is_there_once() -> None:
    async def locks_if_true(kind: object) -> None:
        if kind is True:
            async with lock.hold(), section("in"):
                await x.WRITE_ONCE(1)
        else:
            async with section("in"):
                await x.WRITE_ONCE(1)

    threads = [Thread("t", locks_if_true, (True,)), Thread("u", locks_if_true, (1,))]
    found = proof(threads, [never_together("apart", "in", "in")]).found[0]
    assert (found.verdict, found.threads) == (Verdict.FAILS, 1)


def catches(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A condition that takes every exception for good."""

    def condition(s: Any) -> bool:
        try:
            return bool(ask(s))
        except BaseException:
            return False

    return condition


ASKS: list[Callable[[Any], Any]] = [
    lambda s: s.threads,
    lambda s: len(s.inside("in")) > 1,
    lambda s: s.held_by(lock),
    lambda s: s[lock],
    lambda s: s.about_to(x, "write"),
    lambda s: s.finished,
    lambda s: s.where(str, bool),
    lambda s: s.look(0, str),
    lambda s: s.value(x) == 7,
    lambda s: s.operands,
    lambda s: s["x"],
    lambda s: s[Cell("foreign", 0)],
    lambda s: getattr(s, "threads", ()),
    lambda s: hasattr(s, "threads"),
    lambda s: "threads" in vars(s),
    lambda s: s.__dict__,
    lambda s: setattr(s, "seen", 1),
    lambda s: len(list(s)) > 1,
    lambda s: s.cells,
]


def test_a_condition_that_looks_at_more_than_cells_is_outside() -> None:
    def late(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda s: s[x] == 1 and bool(ask(s))

    plain = [never(f"plain-{at}", late(ask)) for at, ask in enumerate(ASKS)]
    caught = [never(f"caught-{at}", catches(late(ask))) for at, ask in enumerate(ASKS)]
    good = always("x", lambda s: s[x] < 2)
    found = proof([Thread("t", writes)], [*plain, good, *caught]).found
    assert [each.claim.name for each in found if not each.outside] == ["x"]
    assert {each.verdict for each in found if each.outside} == {Verdict.UNKNOWN}
    assert found[len(ASKS)].verdict is Verdict.HOLDS


def test_a_condition_that_raises_is_outside() -> None:
    found = proof([Thread("t", writes)], [never("raises", lambda s: 1 // s[x] == 5)]).found[0]
    assert found.verdict is Verdict.UNKNOWN
    assert found.outside == "it raises ZeroDivisionError: integer division or modulo by zero"


def test_what_is_asked_at_the_end_is_not_judged_in_other_states() -> None:
    asked = []
    claims = [
        at_end("end", lambda s: asked.append(s)),
        always("other", lambda s: asked.append(s)),
        always("x", lambda s: s[x] < 2),
    ]
    found = proof([Thread("t", writes)], claims, names=["end", "x"]).found
    assert [each.verdict for each in found] == [Verdict.UNKNOWN, Verdict.HOLDS]
    assert asked == []


def test_a_condition_on_what_nobody_touches_is_never_evaluated() -> None:
    claims = [always("y", lambda s: s[y] == 0), always("true", lambda _: True)]
    found = proof([Thread("t", writes)], claims).found
    assert [each.verdict for each in found] == [Verdict.NEVER_EVALUATED] * 2


def test_a_condition_that_is_broken_from_the_start_fails() -> None:
    found = proof([Thread("t", writes)], [always("y", lambda s: s[y] == 1)]).found
    assert [each.verdict for each in found] == [Verdict.FAILS]


@dataclass(frozen=True)
class Judges(Never):
    """A property of one's own that judges otherwise."""


class SectionName(str):
    """A name that equals no other."""

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


def test_a_property_of_a_class_of_ones_own_is_outside() -> None:
    class Apart(NeverTogether):
        pass

    async def run() -> None:
        async with section("in"):
            await writes()

    claims: list[Property] = [
        Judges("own", lambda _: False),
        Apart("apart", "in", "nowhere"),
        Never("wanted", lambda s: s[x] == 7, wanted=True),
        NeverTogether("wanted-apart", "in", "in", wanted=True),
        NeverTogether("named", SectionName("in"), "in"),
        Never("ends", lambda s: s[x] == 7, only_finished=1),  # type: ignore[arg-type]
        sometimes_together("both", "in", "in"),
    ]
    found = {each.claim.name: each for each in proof([Thread("t", run)], claims).found}
    assert {name for name, each in found.items() if each.cutoff} == set()
    assert {name for name, each in found.items() if each.outside} == {*found} - {"both"}


def test_threads_of_other_classes_are_refused() -> None:
    class Own(Thread):
        pass

    for other in (Child("kid", writes), Own("kid", writes)):
        for role in ("t", "kid"):
            with pytest.raises(ModelError, match="kid is a"):
                proof([Thread("t", writes), other], [data_race_free()], role)


def test_a_thread_that_raises_an_error_is_refused() -> None:
    async def errs() -> None:
        await writes()
        raise KeyError

    with pytest.raises(ModelError, match="raises an error"):
        proof([Thread("t", errs)], [data_race_free()])


def test_an_unknown_property_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown property"):
        proof([Thread("t", writes)], [data_race_free()], names=["race"])


class AnyCell(Cell):
    """A cell that is equal to all, with a rule that remembers who asks."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return id(self)

    @operation
    def note(self, value: Any, me: str) -> Outcome:
        return me, value


def test_an_object_of_a_class_of_ones_own_is_refused_whatever_it_equals() -> None:
    named = AnyCell("named", "")

    async def notes() -> None:
        await x.WRITE_ONCE(1)
        await named.note()

    system = System([x, named], [Thread("t", notes)], [data_race_free()])
    model = Model("mine", "", lambda _: system)
    with pytest.raises(ModelError, match=r"can't use AnyCell.'named'. yet"):
        prove_any_number(model.case("only", None), model.build, ["t"])


def test_a_condition_that_looks_at_the_state_as_a_text_is_outside() -> None:
    claim = never("text", lambda s: s[x] == 1 and "View" in repr(s))
    found = proof([Thread("t", writes)], [claim])
    assert [each.outside for each in found.found] == [
        "it looks at s as a text: not at values of cells alone"
    ]

"""Conditions of exported files: each is true in the states that show its property, and no other.

No other tool is needed: a condition is evaluated here, over all states of some systems, and each
state is judged by the property itself.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from locking import (
    Cell,
    Completion,
    Mutex,
    Property,
    Spinlock,
    System,
    Thread,
    always,
    assertions,
    at_end,
    atomic,
    data_race_free,
    deadlock_free,
    locks_released,
    never,
    never_together,
    no_misuse,
    require,
    required,
    section,
    sometimes,
    sometimes_together,
)
from locking.explore.product import Product, State
from locking.export import export_case
from locking.export.checks import checks_of
from locking.export.formula import All, AtLeast, CanStep, Formula, Halted, In, Not, Some
from locking.export.tables import Check, Numbering, tables_of
from locking.properties.deadlock import DeadlockFree
from locking.properties.failing import NeverFails
from locking.properties.kinds import PROPERTY_KINDS, Subject, kind_of
from locking.properties.together import NeverTogether, SometimesTogether
from locking.properties.view import ended, view
from tests.explore.compare import case_of

m, s, x, y = Mutex("m"), Spinlock("s"), Cell("x", 0), Cell("y", 0)
done = Completion("done")
OBJECTS = [m, s, x, y, done]

Program = Callable[..., Any]


async def bare() -> None:
    async with section("room"):
        await x.write(await x.read() + 1)
    async with section("hall"):
        await y.READ_ONCE()


async def guarded() -> None:
    async with m.hold(), section("hall"):
        await x.write(await x.read() + 1)


async def in_blocks() -> None:
    async with atomic():
        await s.spin_lock()
        await x.write(1)
    async with atomic(), section("room"):
        await s.spin_unlock()
        await y.write(await x.read())


async def in_one_block() -> None:
    async with atomic():
        await x.write(1)
        await y.write(1)


async def one_way() -> None:
    async with m.hold(), s.hold():
        await x.READ_ONCE()


async def the_other() -> None:
    async with s.hold(), m.hold():
        await x.READ_ONCE()


async def keeps() -> None:
    await m.mutex_lock()
    await x.READ_ONCE()


async def careless() -> None:
    seen = await x.READ_ONCE()
    require(seen == 0, "zero")
    assert await y.READ_ONCE() == 0
    await s.spin_unlock()


async def changes() -> None:
    await x.WRITE_ONCE(1)
    await y.WRITE_ONCE(1)


async def waits() -> None:
    await done.wait_for_completion()


async def serves() -> None:
    """A daemon."""
    await x.read()
    await done.wait_for_completion()


SYSTEMS: dict[str, list[Program]] = {
    "sections": [bare, bare, bare],
    "locks": [bare, guarded, guarded],
    "blocks": [in_blocks, in_blocks, bare],
    "two orders": [one_way, the_other],
    "kept": [keeps, guarded],
    "failures": [careless, changes],
    "blocks without a lock": [in_one_block, in_one_block],
    "a failure beside a race": [careless, bare, bare],
    "never": [bare, waits],
    "daemon": [bare, bare, serves],
}

PROPERTIES: list[Property] = [
    always("small", lambda v: v[x] < 2),
    never("both", lambda v: v[x] and v[y]),
    at_end("sum", lambda v: v[x] == 2),
    sometimes("one", lambda v: v[x] == 1 and v.about_to(x, "write")),
    never_together("alone", "room", "room"),
    never_together("apart", "room", "hall"),
    sometimes_together("crowd", "room", "room"),
    sometimes_together("mixed", "room", "hall"),
    required("zero"),
    assertions(),
    no_misuse(),
    locks_released(),
    data_race_free(),
    deadlock_free(),
]


def holds_in(product: Product, numbering: Numbering, formula: Formula, state: State) -> bool:
    """Whether a condition is true in a state."""

    def true(part: Formula) -> bool:
        return holds_in(product, numbering, part, state)

    match formula:
        case In(slot, values):
            return numbering.numbers[slot][state[slot]] in values
        case All(parts):
            return all(map(true, parts))
        case Some(parts):
            return any(map(true, parts))
        case Not(part):
            return not true(part)
        case AtLeast(number, parts):
            return sum(map(true, parts)) >= number
        case CanStep(thread):
            moves = [] if broken_off(product, state) else product.moves(state)
            return any(mover == thread for mover, _, _ in moves)
        case Halted():
            return broken_off(product, state)


def broken_off(product: Product, state: State) -> bool:
    """Whether some thread has failed."""
    return any(product.position(at, state).failure for at in range(len(product.threads)))


def shows(property_: Property, check: Check, product: Product, state: State) -> bool:
    """Whether a state shows a property, as the property itself says, or else as it is defined."""
    threads = range(len(product.threads))
    if isinstance(property_, DeadlockFree):
        needed = [at for at in threads if not product.threads[at].daemon]
        stands = any(not ended(product.position(at, state)) for at in needed)
        return stands and not broken_off(product, state) and not product.moves(state)
    if isinstance(property_, SometimesTogether | NeverTogether):
        seen = view(product, state)
        one, other = seen.inside(property_.one), seen.inside(property_.other)
        pairs = [(a, b) for a in one for b in other if a != b]
        return bool(pairs) and len({*one, *other}) >= (check.at_least or 2)
    if isinstance(property_, NeverFails):
        failures = [product.position(at, state).failure for at in threads]
        return any(each and each.kind == property_.kind for each in failures)
    if kind_of(property_).running and broken_off(product, state):
        return False
    return property_.find(product, state) is not None


def threads_of(name: str) -> list[Thread]:
    """The threads of a system."""
    return [Thread(f"t{at}", each, daemon=each is serves) for at, each in enumerate(SYSTEMS[name])]


class Compared(NamedTuple):
    """A check in a state: what its condition says, and what is so."""

    property: str
    at_least: int | None
    says: bool
    shows: bool


@cache
def compared(name: str) -> frozenset[Compared]:
    """All checks in all states of a system."""
    running = threads_of(name)
    case = case_of(System(OBJECTS, running, PROPERTIES))
    explored, _ = export_case(case, merged=False)
    numbering, product = Numbering(explored), explored.product
    by_name = {each.name: each for each in PROPERTIES}
    made, left_out = checks_of(numbering, PROPERTIES)
    assert not left_out
    return frozenset(
        Compared(
            each.property,
            each.at_least,
            holds_in(product, numbering, each.formula, state),
            shows(by_name[each.property], each, product, state),
        )
        for state in explored.graph.states
        for each in made
    )


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_condition_is_true_in_the_states_that_show_its_property(name: str) -> None:
    assert {each for each in compared(name) if each.says != each.shows} == set()


def test_every_condition_is_true_in_some_state_and_false_in_another() -> None:
    """So one that is always true, always false, or turned round would be seen."""
    found = {name: {(each[:2], each.shows) for each in compared(name)} for name in SYSTEMS}
    every = set().union(*found.values())
    kinds = {kind for kind, _ in every}
    assert {name for name, _ in kinds} == {each.name for each in PROPERTIES}
    assert every == {(kind, shown) for kind in kinds for shown in (True, False)}


def test_every_kind_that_has_a_condition_is_compared() -> None:
    of_runs = (Subject.RUNS, Subject.ROUNDS)
    left_out = {kind for kind, row in PROPERTY_KINDS.items() if row.speaks_of in of_runs}
    assert {type(each) for each in PROPERTIES} == set(PROPERTY_KINDS) - left_out


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_format_without_a_word_for_it_is_told_when_a_thread_can_step(name: str) -> None:
    running = threads_of(name)
    case = case_of(System(OBJECTS, running, [deadlock_free()]))
    explored, _ = export_case(case, merged=False)
    numbering, product = Numbering(explored), explored.product
    tables = tables_of(numbering, name, (), ())
    for state in explored.graph.states:
        for thread in range(len(running)):
            said, is_so = (
                holds_in(product, numbering, each, state)
                for each in (tables.can_step(thread), CanStep(thread))
            )
            assert said == is_so
        assert holds_in(product, numbering, tables.halted, state) == broken_off(product, state)
        assert not holds_in(product, numbering, tables.unlisted, state)

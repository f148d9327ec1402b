"""Merging: what looks alike and is not is told apart in time."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from locking import (
    Cell,
    System,
    Thread,
    Verdict,
    assertions,
    choose,
    never,
    procedure,
)
from locking.explore.automaton import Automaton, PlaceSplit
from tests.explore.compare import checked, explored, merging_at_every_state


def parting_late() -> System:
    """A reader whose local states look alike until `y` is 2, which comes late."""
    x, y, z = Cell("x", 0), Cell("y", 0), Cell("z", 0)

    async def reader() -> None:
        mode = await x.read()
        seen = await y.read()
        assert not (seen == 2 and mode == 1)

    async def writer() -> None:
        await x.write(1)
        for number in range(6):
            await z.write(number)
        await y.write(2)

    return System([x, y, z], [Thread("r", reader), Thread("w", writer)], [assertions()])


@pytest.fixture(params=["unmerged", "merged", "merged at every state"])
def way(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether to merge; the last way merges on the least evidence."""
    early: AbstractContextManager[None] = (
        merging_at_every_state() if request.param == "merged at every state" else nullcontext()
    )
    with early:
        yield request.param != "unmerged"


def test_local_states_that_part_late_are_split(way: bool) -> None:
    """Merging on early evidence alone would say *holds*."""
    (result,) = checked(parting_late(), minimise=way).results
    assert result.verdict is Verdict.FAILS
    assert result.path == "toy:only::assertions::b8.a2"


def test_places_that_part_say_so() -> None:
    """A new result that leads two merged nodes to different places voids the merge."""
    automaton = Automaton(parting_late().threads[0])
    for mode in (0, 1):
        automaton.next(automaton.next(0, mode), 0)
    assert automaton.arrange(automaton.equals())
    both = automaton.next(0, 0)
    assert both == automaton.next(0, 1)
    with pytest.raises(PlaceSplit):
        automaton.next(both, 2)
    assert automaton.arrange(automaton.equals())
    assert automaton.next(0, 0) != automaton.next(0, 1)


def test_dead_variables_vanish() -> None:
    """Nodes that differ only in what is never looked at again are one place."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def careless() -> None:
        await x.read()
        await y.read()

    async def writer() -> None:
        await x.write(1)

    system = System([x, y], [Thread("c", careless), Thread("w", writer)], [])
    counts = [len(explored(system, minimise=way)[1].states) for way in (False, True)]
    assert counts[1] < counts[0]


@pytest.mark.parametrize("values", [(1, True), (True, 1), (1, 1.0), ((1,), (True,))])
def test_equal_values_of_different_types_stay_apart(
    way: bool, values: tuple[object, object]
) -> None:
    """1 and True are equal, and are not the same."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def writer() -> None:
        for value in values:
            await x.write(value)

    async def copier() -> None:
        await y.write(await x.read())

    system = System(
        [x, y],
        [Thread("w", writer), Thread("c", copier)],
        [
            never("first", lambda s: repr(s[y]) == repr(values[0])),
            never("second", lambda s: repr(s[y]) == repr(values[1])),
        ],
    )
    assert [(each.verdict, each.path) for each in checked(system, minimise=way).results] == [
        (Verdict.FAILS, "toy:only::first::a1.b2"),
        (Verdict.FAILS, "toy:only::second::a2.b2"),
    ]


def test_equal_options_of_different_types_stay_apart(way: bool) -> None:
    """A choice of 1 or 2 and a choice of True or 2 are two different steps."""
    x, y = Cell("x", 0), Cell("y", 0)

    async def chooser() -> None:
        options = (True, 2) if await x.read() else (1, 2)
        await y.write(await choose(*options))

    async def writer() -> None:
        await x.write(7)

    system = System(
        [x, y],
        [Thread("c", chooser), Thread("w", writer)],
        [never("true", lambda s: s[y] is True), never("one", lambda s: repr(s[y]) == "1")],
    )
    verdicts = [each.verdict for each in checked(system, minimise=way).results]
    assert verdicts == [Verdict.FAILS, Verdict.FAILS]


def test_a_result_that_a_merged_node_never_has_does_no_harm(way: bool) -> None:
    """Merged nodes are asked for results that only one of them can have; no error comes of it."""
    x, y = Cell("x", 0), Cell("y", 0)

    @procedure
    async def told(mode: int, seen: int) -> object:
        await x.read()
        return [mode] if (mode, seen) == (0, 2) else None

    async def reader() -> None:
        mode = await x.read()
        await told(mode, await y.read())

    async def writer() -> None:
        await x.write(1)
        if await x.read() == 3:
            await y.write(2)

    system = System(
        [x, y], [Thread("r", reader), Thread("w", writer)], [never("two", lambda s: s[y] == 2)]
    )
    assert [each.verdict for each in checked(system, minimise=way).results] == [Verdict.HOLDS]


def test_what_an_inner_procedure_returned_is_not_what_the_outer_did(way: bool) -> None:
    """The inner one returns before the outer has taken a step: two places of one history once."""
    x = Cell("x", 0)

    @procedure
    async def inner() -> None:
        await x.read()

    @procedure
    async def outer() -> None:
        for _ in range(2):
            await inner()

    async def twice() -> None:
        for _ in range(2):
            await outer()
        await x.write(1)

    system = System([x], [Thread("t", twice)], [never("one", lambda s: s[x] == 1)])
    report = checked(system, minimise=way)
    assert (report.depth, report.interleavings) == (5, 1)
    assert [each.path for each in report.results] == ["toy:only::one::a5"]

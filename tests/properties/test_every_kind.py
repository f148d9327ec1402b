"""Every kind of property is right: it is tried because it is registered."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import locking
from locking import Cell, Mutex, System, Thread, Verdict, forever, require, section
from locking.check import check
from locking.explore.reduction.levels import REDUCTIONS
from locking.properties.explored import Judgement, Property
from locking.properties.kinds import PROPERTY_KINDS
from locking.verdicts import Options, Result
from tests.explore.compare import case_of

Program = Callable[[], Awaitable[None]]

M, X, Y, Z = Mutex("m"), Cell("x", 0), Cell("y", 0), Cell("z", 0)


async def bare() -> None:
    """Two steps in a section, without a lock."""
    async with section("room"):
        await X.write(await X.read() + 1)


async def locked() -> None:
    """The two steps, under a lock."""
    async with M.hold():
        await bare()


async def kept() -> None:
    """A lock that is never given back."""
    await M.mutex_lock()
    await X.read()


async def checked() -> None:
    """A requirement that another thread may break."""
    seen = await X.read()
    require(seen == 0, "zero", seen=seen)
    await X.write(1)


async def polls() -> None:
    """A loop without end."""
    await forever(X.READ_ONCE)


CASES: dict[str, tuple[tuple[Any, ...], list[Program], list[Program]]] = {
    "never": (("p", lambda s: s[X] == 3), [bare] * 2, [bare] * 3),
    "sometimes": (("p", lambda s: s[X] == 3), [bare] * 3, [bare] * 2),
    "never_together": (("p", "room", "room"), [locked] * 2, [bare] * 2),
    "sometimes_together": (("p", "room", "room"), [bare] * 2, [locked] * 2),
    "required": (("zero",), [checked], [checked] * 2),
    "locks_released": (("p",), [locked] * 2, [kept]),
    "deadlock_free": (("p",), [locked] * 2, [kept, locked]),
    "can_end": (("p",), [locked] * 2, [kept, locked]),
    "eventually": (("p", lambda s: s[X] == 1), [bare], [kept]),
    "served": ((M, "p"), [locked] * 2, [kept, locked]),
    "no_livelock": ((None, "p"), [locked] * 2, [polls]),
    "data_race_free": (("p",), [locked] * 2, [bare] * 2),
    "happens_before_race_free": (("p",), [locked] * 2, [bare] * 2),
}
"""By public name: what makes a property of each kind, where it holds, and where it fails."""


def made(name: str) -> Property:
    """The property of a row."""
    found: Property = getattr(locking, name)(*CASES[name][0])
    return found


def result(name: str, programs: list[Program], reduction: str) -> Result:
    """What is found of the property of a row and of threads."""
    threads = [Thread(f"t{at}", each) for at, each in enumerate(programs)]
    case = case_of(System([M, X, Y, Z], threads, [made(name)]))
    results = check(case, options=Options(reduction=reduction)).results
    return next(each for each in results if each.claim.name == made(name).name)


def verdict(name: str, programs: list[Program], reduction: str) -> Verdict:
    """What is said of it."""
    return result(name, programs, reduction).verdict


def test_every_kind_is_here_by_a_public_name() -> None:
    assert {type(made(name)) for name in CASES} == set(PROPERTY_KINDS)
    assert set(CASES) <= set(locking.__all__)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", CASES)
def test_a_kind_holds_of_one_system_and_fails_of_another(name: str, reduction: str) -> None:
    _, good, bad = CASES[name]
    assert verdict(name, good, reduction) is Verdict.HOLDS
    assert verdict(name, bad, reduction) is Verdict.FAILS


def apart(cell: Cell) -> Program:
    """Steps that no other thread's step depends on: a reduction may leave out their orders."""

    async def alone() -> None:
        await cell.read()
        async with section("room"):
            await cell.write(1)

    return alone


APART = [apart(X), apart(Y), apart(Z)]

MANY = [APART, [bare] * 3, [kept, locked]]
"""Threads of which every kind is asked, whatever it says of them."""


@pytest.mark.parametrize("name", CASES)
def test_a_kind_says_the_same_in_every_reduction(name: str) -> None:
    """A kind that looks at states without `where` would not see what is left out."""
    for programs in MANY:
        found = {each: result(name, programs, each) for each in REDUCTIONS}
        said = {each: (one.verdict, one.path) for each, one in found.items()}
        assert len(set(said.values())) == 1, said


@pytest.mark.parametrize("name", CASES)
def test_a_judge_that_says_the_same_of_everything_would_be_seen(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(made(name)), "judge", lambda *_: Judgement(Verdict.HOLDS))
    with pytest.raises(AssertionError):
        test_a_kind_holds_of_one_system_and_fails_of_another(name, "none")

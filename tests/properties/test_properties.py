"""Every property: a system of which it is true, one of which it is not, and what is vacuous."""

import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from locking import (
    Atomic,
    Cell,
    Completion,
    Mutex,
    Object,
    System,
    Thread,
    Verdict,
    always,
    assertions,
    at_end,
    choose,
    deadlock_free,
    forever,
    never,
    never_together,
    no_misuse,
    require,
    required,
    section,
    sometimes,
    sometimes_together,
)
from locking.errors import ModelError
from locking.properties.explored import Property
from locking.verdicts import Result
from tests.explore.compare import checked

X, Y, M = Cell("x", 0), Cell("y", 0), Mutex("m")
COUNT, DONE = Atomic("a", 0, maximum=1), Completion("done")
OBJECTS: tuple[Object, ...] = (X, Y, M, COUNT, DONE)

Program = Callable[..., Coroutine[Any, Any, Any]]


def judged(property_: Property, *programs: Program, daemons: tuple[Program, ...] = ()) -> Result:
    """The verdict of one property over threads t, u, v, ..., the same merged and not."""
    threads = [
        Thread("tuvw"[at], program, daemon=program in daemons)
        for at, program in enumerate(programs + daemons)
    ]
    system = System(OBJECTS, threads, [property_])
    merged, plain = (checked(system, minimise=way).results[0] for way in (True, False))
    assert (merged.verdict, merged.path, merged.at_once) == (
        plain.verdict,
        plain.path,
        plain.at_once,
    )
    return merged


async def once() -> None:
    """Write x once."""
    await X.write(1)


async def update() -> None:
    """Read, then write one more: two of them may lose an update."""
    await X.write(await X.read() + 1)


async def locked_update() -> None:
    """Update under a lock: no update is lost."""
    async with M.hold():
        await update()


async def waiting() -> None:
    """Wait for what nobody says."""
    await DONE.wait_for_completion()


async def looping() -> None:
    """Go on for ever."""
    await forever(Y.READ_ONCE)


async def inside() -> None:
    """Two steps in a section."""
    async with section("room"):
        await X.READ_ONCE()
        await X.READ_ONCE()


async def locked_inside() -> None:
    """Two steps in a section, under a lock."""
    async with M.hold():
        await inside()


async def other_room() -> None:
    """A step in another section."""
    async with section("hall"):
        await Y.READ_ONCE()


async def locked_other_room() -> None:
    """A step in another section, under the lock."""
    async with M.hold():
        await other_room()


async def over() -> None:
    """Count beyond the greatest number, if two do it."""
    await COUNT.atomic_inc()


async def checking() -> None:
    """Assert what is true of one thread alone."""
    assert await X.read() == 0
    await X.write(1)


async def requiring() -> None:
    """Require what is true of one thread alone."""
    value = await X.read()
    require(value == 0, "zero", value=value)
    await X.write(1)


async def warning() -> None:
    """A requirement after which the run goes on."""
    value = await X.read()
    require(value == 0, "zero", stop=False, value=value)
    await X.write(1)


CASES: list[tuple[Property, list[Program], list[Program], int]] = [
    (never("p", lambda s: s[X] == 1), [inside, inside], [once, once], 1),
    (always("p", lambda s: s[X] < 2), [once, once], [locked_update, locked_update], 7),
    (at_end("p", lambda s: s[X] == 2), [locked_update] * 2, [update, update], 4),
    (deadlock_free("p"), [locked_update] * 2, [locked_update, waiting], 0),
    (no_misuse("p"), [over], [over, over], 2),
    (assertions("p"), [checking], [checking, checking], 3),
    (required("zero"), [requiring], [requiring, requiring], 3),
    (required("zero"), [warning], [warning, warning], 3),
    (never_together("p", "room", "room"), [locked_inside] * 2, [inside, inside], 0),
    (
        never_together("p", "room", "hall"),
        [locked_inside, locked_other_room],
        [inside, other_room],
        0,
    ),
]


@pytest.mark.parametrize("at", range(len(CASES)))
def test_a_property_holds_of_one_system_and_fails_of_another(at: int) -> None:
    """With a shortest counterexample of the length that it must have."""
    property_, good, bad, steps = CASES[at]
    assert judged(property_, *good).verdict is Verdict.HOLDS
    result = judged(property_, *bad)
    assert result.verdict is Verdict.FAILS
    assert len(result.choices or ()) == steps
    assert result.finding


def test_sometimes_holds_by_a_witness() -> None:
    """And fails where no run shows it."""
    seen = judged(sometimes("p", lambda s: s[X] == 2), locked_update, locked_update)
    assert (seen.verdict, len(seen.choices or ())) == (Verdict.HOLDS, 7)
    unseen = judged(sometimes("p", lambda s: s[X] == 3), locked_update, locked_update)
    assert (unseen.verdict, unseen.path) == (Verdict.FAILS, None)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_how_many_at_once_is_counted(count: int) -> None:
    """The witness has as many inside as there can be."""
    result = judged(sometimes_together("p", "room", "room"), *[entering] * count)
    assert result.verdict is (Verdict.HOLDS if count > 1 else Verdict.FAILS)
    assert result.at_once == count
    if count > 1:
        assert result.path == f"toy:only::p::{'.'.join(f'{name}1' for name in 'abc'[:count])}"
        assert result.finding
        assert result.finding.says == f"{count} threads are inside room"


async def entering() -> None:
    """A step outside, then one inside."""
    await Y.READ_ONCE()
    await inside()


def test_a_lock_leaves_one_at_once() -> None:
    """Sections that exclude each other."""
    result = judged(sometimes_together("p", "room", "room"), locked_inside, locked_inside)
    assert (result.verdict, result.at_once) == (Verdict.FAILS, 1)


def test_two_sections_count_together() -> None:
    """Two in one and one in the other are three."""
    result = judged(sometimes_together("p", "room", "hall"), entering, entering, other_room)
    assert (result.verdict, result.at_once) == (Verdict.HOLDS, 3)


def test_one_thread_in_both_sections_is_not_together() -> None:
    """It takes two."""

    async def both() -> None:
        async with section("room"), section("hall"):
            await X.read()

    assert judged(never_together("p", "room", "hall"), both).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("property_", "says"),
    [
        (never("p", lambda s: s.inside("roof")), "no run enters section 'roof'; .*: room"),
        (never_together("p", "room", "roof"), "no run enters section 'roof'"),
        (never("p", lambda s: s[Y] == 1), "no run takes a step on .*y"),
        (at_end("p", lambda s: s[Y] == 0), "no run takes a step on .*y"),
        (required("nothing"), "no run evaluates the requirement 'nothing'"),
    ],
)
def test_what_nothing_comes_near_is_never_evaluated(property_: Property, says: str) -> None:
    """Instead of a *holds* that means nothing."""
    found = judged(property_, inside, locked_inside)
    assert found.verdict is Verdict.NEVER_EVALUATED and found.cause is not None
    assert re.search(says, found.cause)


def test_an_object_that_is_not_the_models_is_an_error() -> None:
    """There is no state of it to look at."""
    with pytest.raises(ModelError, match="object 'z' is not among the model's objects"):
        judged(never("p", lambda s: s[Cell("z")]), inside, locked_inside)


def test_an_end_that_no_run_comes_to_is_never_evaluated() -> None:
    """Where all go on for ever there is no end to judge."""
    found = judged(at_end("p", lambda s: s[X] == 9), looping)
    assert found.verdict is Verdict.NEVER_EVALUATED
    assert found.cause == "no run comes to an end; judge states, not ends"


def test_threads_have_all_ended_where_a_daemon_goes_on_for_ever() -> None:
    """So that is an end, and judged."""
    found = judged(at_end("p", lambda s: s[X] == 9), once, daemons=(looping,))
    assert found.verdict is Verdict.FAILS


def test_a_misspelt_operation_is_an_error() -> None:
    """Nobody is ever about to take it."""
    with pytest.raises(ModelError, match="wirte"):
        judged(never("p", lambda s: s.about_to(X, "wirte")), once)


def test_about_to_sees_the_next_step() -> None:
    """Before it is taken."""
    result = judged(never("p", lambda s: len(s.about_to(X, "write")) == 2), once, once)
    assert result.path == "toy:only::p::-"


def test_a_thread_that_fails_before_its_first_step_ends_the_run() -> None:
    """Also beside one that goes on for ever."""

    async def failing() -> None:
        require(False, "zero")
        await X.read()

    result = judged(required("zero"), failing, daemons=(looping,))
    assert (result.verdict, result.path) == (Verdict.FAILS, "toy:only::zero::-")


def test_a_predicate_that_looks_further_in_some_states_is_asked_again() -> None:
    """Answers are kept for what was looked at, and no more."""

    def bad(s: Any) -> bool:
        return bool(s[X] == 2 and s[Y] == 1 and s.inside("room"))

    async def mixed() -> None:
        await X.write(await choose(1, 2))
        async with section("room"):
            await Y.write(await choose(0, 1))
            await Y.read()

    result = judged(never("p", bad), mixed)
    assert result.path == "toy:only::p::a~1.a1.a~1.a1"


def test_at_the_end_is_unknown_where_no_run_comes_to_it() -> None:
    """A deadlock in every run leaves nothing to judge, and that is not a pass."""
    lock, x = Mutex("m"), Cell("x", 0)

    async def stuck() -> None:
        await x.write(1)
        await lock.mutex_lock()
        await lock.mutex_lock()

    system = System([lock, x], [Thread("a", stuck)], [at_end("one", lambda s: s[x] == 1)])
    [result, misuse] = checked(system).results
    assert misuse.claim.name == "no-misuse"
    assert result.verdict is Verdict.UNKNOWN
    assert result.cause == "in no run do all threads end"

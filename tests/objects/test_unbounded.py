"""Unbounded counters: finitely many states, the verdicts of those that count, claims checked."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from locking import (
    WAIT,
    Cell,
    Misuse,
    Model,
    Object,
    Seqcount,
    Seqlock,
    System,
    Thread,
    Tickets,
    Verdict,
    choose,
    deadlock_free,
    forever,
    never_together,
    operation,
    require,
    required,
    retry,
    section,
    wait_until,
)
from locking.check import check
from locking.errors import ModelError
from locking.objects.operation import calls_of
from locking.objects.seqlock import Looking
from locking.objects.unbounded import Number
from locking.properties.explored import Property
from locking.verdicts import Limits, Options, Report

LIMITS = Limits(states=2_000)


def report(
    objects: Sequence[Object], running: Sequence[Thread], properties: Sequence[Property], how: str
) -> Report:
    """What a check with a reduction finds; it ends early where there are many states."""
    model = Model("unbounded", "?", lambda _: System(objects, running, properties))
    return check(model.case("only", None), options=Options(reduction=how, limits=LIMITS))


# --- an endless writer ---------------------------------------------------------------------------


def seqlock_system(unbounded: bool, retries: bool = True) -> tuple[Any, ...]:
    """A writer without an end, and a reader that must see two cells that go together."""
    sl = Seqlock("sl", unbounded=unbounded)
    start, end = Cell("start", 0), Cell("end", 0)

    async def flip() -> None:
        async with sl.write():
            value = await start.READ_ONCE()
            await start.WRITE_ONCE(1 - value)
            await end.WRITE_ONCE(1 - value)

    async def look() -> Any:
        begun = await sl.read_seqbegin()
        seen = (await start.READ_ONCE(), await end.READ_ONCE())
        return None if await sl.read_seqretry(begun) and retries else seen

    async def reader() -> None:
        one, other = await retry(look)
        require(one == other, "whole", one=one, other=other)

    threads = [Thread("w", forever, (flip,), daemon=True), Thread("r", reader)]
    return [sl, start, end], threads, [required("whole"), deadlock_free()]


@pytest.mark.parametrize("how", ["none", "merge", "symmetry", "partial-order", "all"])
def test_an_endless_writer_has_finitely_many_states(how: str) -> None:
    found = report(*seqlock_system(unbounded=True), how)
    assert found.cause is None and found.states < 200
    assert [each.verdict for each in found.results] == [Verdict.HOLDS, Verdict.HOLDS]


def test_a_sequence_that_counts_has_states_without_end() -> None:
    assert report(*seqlock_system(unbounded=False), "merge").cause is not None


def test_a_reader_that_does_not_try_again_is_found() -> None:
    found = report(*seqlock_system(unbounded=True, retries=False), "merge")
    assert found.results[0].verdict is Verdict.FAILS


# --- a ticket lock -------------------------------------------------------------------------------


def ticket_system(unbounded: bool, threads: int = 2, waits: bool = True) -> tuple[Any, ...]:
    """Threads that come again for ever."""
    tickets = Tickets("tickets", unbounded=unbounded)

    async def turn() -> None:
        number = await tickets.take_ticket()
        if waits:
            await tickets.await_turn(number)
        async with section("critical"):
            await inside.write(True)
        await tickets.call_next()

    inside = Cell("inside", False)
    running = [Thread(f"t{n}", forever, (turn,), daemon=True) for n in range(threads)]
    return (
        [tickets, inside],
        running,
        [never_together("exclusion", "critical", "critical"), deadlock_free()],
    )


@pytest.mark.parametrize("how", ["none", "merge", "symmetry", "partial-order", "all"])
def test_a_ticket_lock_of_threads_that_come_again_has_finitely_many_states(how: str) -> None:
    found = report(*ticket_system(unbounded=True, threads=3), how)
    assert found.cause is None and found.states < 500
    assert [each.verdict for each in found.results] == [Verdict.HOLDS, Verdict.HOLDS]


def test_tickets_that_count_have_states_without_end() -> None:
    assert report(*ticket_system(unbounded=False), "merge").cause is not None


def test_a_thread_that_does_not_wait_for_its_turn_is_found() -> None:
    found = report(*ticket_system(unbounded=True, waits=False), "merge")
    assert found.results[0].verdict is Verdict.FAILS


# --- compared with the one that counts, run by run ------------------------------------------------

TAKES = {"read_seqbegin", "read_seqcount_begin", "take_ticket"}
ASKS = {"read_seqretry", "read_seqcount_retry", "await_turn", "has_turn"}
KINDS = (Seqlock, Seqcount, Tickets)


Newest = tuple[tuple[str, int], ...]

Both = tuple[Any, Any, Newest]
"""A state of the one that counts, that of the other, and each thread's newest number."""


def step(kind: Any, both: Both, me: str, name: str) -> Both | None:
    """What both do in one step, which must be the same; None where they wait, or misuse."""
    counting, other = kind("it"), kind("it", unbounded=True)
    newest = dict(both[2])
    mine, theirs = ((newest[me],), (Number("it"),)) if name in ASKS else ((), ())
    here = counting.step(name, both[0], me, mine)
    there = other.step(name, both[1], me, theirs)
    assert type(here) is type(there), (name, both)
    if here is WAIT or isinstance(here, Misuse):
        return None
    if name in TAKES:
        newest[me] = here[1]
    else:
        assert here[1] == there[1], (name, both)
    assert other.alike(here[0], newest) == there[0], (name, both)
    assert counting.holders(here[0]) == other.holders(there[0]), (name, both)
    return here[0], there[0], tuple(sorted(newest.items()))


def compare_runs(kind: Any, threads: str, depth: int) -> int:
    """The states of all runs up to a depth, in each step of which both do the same.

    Any thread may take any step at any time, but ask about a number that it does not have.
    """
    found: set[Both] = {(kind("it").start, kind("it", unbounded=True).start, ())}
    last = found
    for _ in range(depth):
        reached = (
            step(kind, both, me, name)
            for both in last
            for me in threads
            for name in calls_of(kind)
            if name not in ASKS or me in dict(both[2])
        )
        last = {each for each in reached if each} - found
        found |= last
    return len(found)


@pytest.mark.parametrize(("kind", "states"), [(Seqlock, 150), (Seqcount, 150), (Tickets, 250)])
def test_every_run_is_one_of_the_object_that_counts_and_back(kind: type, states: int) -> None:
    assert compare_runs(kind, "ab", 9) > states


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_longer_run_is_one_of_the_object_that_counts_and_back(kind: type) -> None:
    assert compare_runs(kind, "abc", 12) > 1_500


def bounded_system(kind: str, unbounded: bool) -> tuple[Any, ...]:
    """Threads that end; some run breaks the requirement."""
    seqlock, tickets = Seqlock("sl", unbounded=unbounded), Tickets("it", unbounded=unbounded)

    async def write() -> None:
        async with seqlock.write():
            await cell.WRITE_ONCE(await cell.READ_ONCE() or 1)

    async def read() -> None:
        for _ in range(2):
            begun = await seqlock.read_seqbegin()
            seen = await cell.READ_ONCE()
            again = await seqlock.read_seqretry(begun)
            require(again or seen is None, "nothing")

    async def turn() -> None:
        number = await tickets.take_ticket()
        require(not await tickets.has_turn(number), "nothing", stop=False)
        await tickets.await_turn(number)
        await tickets.call_next()

    programs = (write, read, write) if kind == "seqlock" else (turn, turn, turn)
    running = [Thread(f"t{n}", program) for n, program in enumerate(programs)]
    return [seqlock, tickets, cell], running, [required("nothing"), deadlock_free()]


@pytest.mark.parametrize("kind", ["seqlock", "tickets"])
def test_threads_that_end_have_the_runs_and_verdicts_of_those_that_count(kind: str) -> None:
    counting, other = (report(*bounded_system(kind, which), "merge") for which in (False, True))
    assert counting.interleavings == other.interleavings and counting.depth == other.depth
    assert [(each.verdict, each.choices) for each in counting.results] == [
        (each.verdict, each.choices) for each in other.results
    ]
    assert counting.results[0].verdict is Verdict.FAILS


def test_a_condition_on_an_unbounded_object_is_one_on_what_it_keeps() -> None:
    tickets = Tickets("tickets", unbounded=True)

    async def turn() -> None:
        await tickets.await_turn(await tickets.take_ticket())
        await tickets.call_next()

    async def waits() -> None:
        await wait_until(lambda line: line.length == 1, tickets)

    found = report([tickets], [Thread("t", turn), Thread("w", waits)], [deadlock_free()], "merge")
    assert found.results[0].verdict is Verdict.FAILS  # the ticket may be gone before it looks


# --- what is refused -----------------------------------------------------------------------------


def refused(*programs: Callable[[], Awaitable[None]], objects: Sequence[Object]) -> str:
    """The error of a system of these threads."""
    running = [Thread(f"t{n}", program) for n, program in enumerate(programs)]
    with pytest.raises(ModelError) as caught:
        report(objects, running, [deadlock_free()], "merge")
    return str(caught.value)


sl, other, cell = Seqlock("sl", unbounded=True), Seqlock("other", unbounded=True), Cell("cell")


async def asks_about_an_older() -> None:
    older = await sl.read_seqbegin()
    await sl.read_seqbegin()
    await sl.read_seqretry(older)


async def hands_to_another() -> None:
    begun = await sl.read_seqbegin()
    await other.read_seqretry(begun)


async def hands_on() -> None:
    await cell.write((await sl.read_seqbegin(), 1))


async def chooses() -> None:
    begun = await sl.read_seqbegin()
    await choose((begun,), 0)


async def compares() -> None:
    begun = await sl.read_seqbegin()
    if begun == 0:
        await cell.write(1)


async def asks_whether_it_is_true() -> None:
    if await sl.read_seqbegin():
        await cell.write(1)


async def counts() -> None:
    await sl.read_seqretry(0)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (asks_about_an_older, "asks about a number that it was given before its newest one"),
        (hands_to_another, "hands on a number that only the object which"),
        (hands_on, "hands on a number that only the object which"),
        (chooses, "hands on a number that only the object which"),
        (compares, "a number of sl is compared"),
        (asks_whether_it_is_true, "a number of sl is neither true nor false"),
        (counts, "hands 0 to sl, which does not count"),
    ],
)
def test_what_a_number_can_not_be_used_for_is_refused_with_the_line(
    program: Callable[[], Awaitable[None]], says: str
) -> None:
    error = refused(program, objects=[sl, other, cell])
    assert says in error and "test_unbounded.py" in error


def test_a_number_that_a_round_begins_with_is_the_newest_in_every_round_or_it_is_refused() -> None:
    """The first round takes a newer one: a number from before the loop means something else."""

    async def reader() -> None:
        before = await sl.read_seqbegin()

        async def look() -> Any:
            if await choose(True, False):
                return True if await sl.read_seqretry(before) else None
            await sl.read_seqbegin()
            return None

        await retry(look)

    assert "before" in refused(reader, objects=[sl])


# --- a wrong claim -------------------------------------------------------------------------------


class ForgetsNothing(Seqlock):
    """To whom something was written still need not try again."""

    def moved(self, state: Any, writer: str | None) -> Any:
        return state._replace(writer=writer) if self.unbounded else super().moved(state, writer)


class ForgetsAll(Seqlock):
    """Who looks must always try again."""

    @operation
    def read_seqbegin(self, state: Any, me: str) -> Any:
        found = self.begin_read(state, me)
        return (Looking(), found[1]) if self.unbounded and isinstance(found, tuple) else found


class CallsAny(Tickets):
    """A number that is not called yet has its turn, too."""

    def is_turn(self, state: Any, me: str, number: int | Number) -> bool:
        if self.unbounded:
            return any(name == me for name, _ in state.places)
        return super().is_turn(state, me, number)


class NeverShort(Tickets):
    """A line that does not get shorter."""

    @operation
    def call_next(self, state: Any, me: str) -> Any:
        found = Tickets.call_next.rule(self, state, me)
        if not self.unbounded or not isinstance(found, tuple):
            return found
        return found[0]._replace(length=found[0].length + 1), None


@pytest.mark.parametrize("kind", [ForgetsNothing, ForgetsAll])
def test_a_seqlock_that_takes_states_for_alike_that_are_not_is_refused(kind: type) -> None:
    lock = kind("sl", unbounded=True)

    async def write() -> None:
        await lock.write_seqlock()
        await lock.write_sequnlock()

    async def read() -> None:
        await lock.read_seqretry(await lock.read_seqbegin())

    error = refused(write, read, objects=[lock])
    assert error.count("takes states for alike that are not") == 1


@pytest.mark.parametrize("kind", [CallsAny, NeverShort])
def test_tickets_that_take_states_for_alike_that_are_not_are_refused(kind: type) -> None:
    lock = kind("tickets", unbounded=True)

    async def turn() -> None:
        await lock.await_turn(await lock.take_ticket())
        await lock.call_next()

    error = refused(turn, turn, objects=[lock])
    assert error.count("takes states for alike that are not") == 1

"""Reductions of systems that were made to fool them; each of these was once a wrong *holds*."""

from collections.abc import Mapping
from typing import Any

from locking import (
    Cell,
    Mutex,
    Object,
    System,
    Thread,
    Verdict,
    assertions,
    at_end,
    can_end,
    never,
    require,
    required,
)
from locking.check import check
from locking.objects.operation import WAIT, Holding, operation
from locking.verdicts import Options
from tests.explore.compare import case_of, merging_at_every_state
from tests.explore.copies import REDUCED


def verdicts(system: System) -> set[tuple[Verdict, ...]]:
    """What is said of the properties under any reduction: one answer, unless there is a mistake."""
    return {
        tuple(
            each.verdict for each in check(case_of(system), options=Options(reduction=name)).results
        )
        for name in ("none", "merge", *REDUCED)
    }


def test_steps_that_are_equal_for_one_and_true_are_told_apart() -> None:
    """What commutes with a write of 1 need not commute with one of True."""
    cell = Cell("cell", 0)

    async def both() -> None:
        await cell.WRITE_ONCE(1)
        await cell.WRITE_ONCE(True)

    async def one() -> None:
        await cell.WRITE_ONCE(1)

    threads = [Thread("t", both), Thread("u", one)]
    system = System([cell], threads, [at_end("never-true", lambda s: s[cell] is not True)])
    assert verdicts(system) == {(Verdict.FAILS,)}


class Taken(Object):
    """A mutex whose `holders` is its own attribute, as a test double's may be."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        vars(self)["holders"] = lambda owner: (Holding(owner, "held"),) if owner else ()

    @operation
    def take(self, owner: str | None, me: str) -> Any:
        """Own it, or wait."""
        return WAIT if owner else (me, None)

    @operation
    def drop(self, owner: str | None, me: str) -> Any:
        """Let go."""
        return None, None


def test_a_lock_may_have_holders_of_its_own() -> None:
    """A write under the lock and the same write behind it have other dependent steps."""
    lock, cell = Taken("lock"), Cell("cell", 0)

    async def write() -> None:
        await lock.take()
        await cell.WRITE_ONCE(1)
        await lock.drop()
        await cell.WRITE_ONCE(1)

    async def rely() -> None:
        await lock.take()
        await cell.WRITE_ONCE(2)
        assert await cell.READ_ONCE() == 2
        await lock.drop()

    threads = [Thread("t", write), Thread("u", rely)]
    system = System([lock, cell], threads, [assertions()])
    assert verdicts(system) == {(Verdict.FAILS,)}


def test_what_no_run_comes_to_is_not_touched_by_comparing_copies() -> None:
    """`b` is no copy of `a`, and never passes: a property of what it would do says nothing."""

    class OneWay(Object):
        """`a` may pass once it is open, and nobody else."""

        @operation
        def open(self, state: str | None, me: str) -> Any:
            """Let `a` pass."""
            return "a", None

        @operation
        def enter(self, state: str | None, me: str) -> Any:
            """Pass, or wait."""
            return (state, None) if state == me else WAIT

    way, cells = OneWay("way"), {name: Cell(name, 0) for name in ("of-a", "of-b")}

    async def go(cell: Cell) -> None:
        await way.enter()
        await cell.WRITE_ONCE(1)
        require(True, f"required-{cell.name}")

    async def let() -> None:
        await way.open()

    threads = [Thread(name, go, (cells[f"of-{name}"],)) for name in "ab"]
    claims = [never("cell", lambda s: s[cells["of-b"]] == 1), required("required-of-b")]
    everybody = [*threads, Thread("c", let)]
    system = System([way, *cells.values()], everybody, claims, unjudged=[can_end()])
    assert verdicts(system) == {(Verdict.NEVER_EVALUATED, Verdict.NEVER_EVALUATED)}


def rarely() -> System:
    """A requirement that only a history evaluates which no run has: both answers at once."""
    m, d, e = Mutex("m"), Cell("d", 0), Cell("e", 0)

    async def watch() -> None:
        free = await m.mutex_trylock()
        seen = await d.READ_ONCE()
        if free and seen == 1:
            require(True, "rare")

    async def change() -> None:
        async with m.hold():
            pass
        for value in range(3):
            await e.WRITE_ONCE(value)
        async with m.hold():
            await d.WRITE_ONCE(1)
            await d.WRITE_ONCE(0)

    return System([m, d, e], [Thread("t", watch), Thread("u", change)], [required("rare")])


def test_what_only_merged_histories_evaluate_is_not_taken_for_evaluated() -> None:
    """That it holds would say nothing: no run comes to it."""
    for name in ("none", "merge", "symmetry", "partial-order", "all"):
        with merging_at_every_state():
            report = check(case_of(rarely()), options=Options(reduction=name))
        assert report.results[0].verdict is Verdict.NEVER_EVALUATED, name


class Backwards(Object):
    """Remembers who signed last; `rename` goes the wrong way, which no exchange of two shows."""

    @operation
    def sign(self, signed: str | None, me: str) -> Any:
        """Put my name there."""
        return me, None

    @operation
    def is_mine(self, signed: str | None, me: str) -> Any:
        """Whether it is my name that stands there."""
        return signed, signed == me

    def rename(self, signed: Any, names: Mapping[str, str]) -> Any:
        """The new name for the old one; but here, the old one for the new one."""
        return {new: old for old, new in names.items()}.get(signed, signed)


def test_a_rename_that_is_right_for_exchanges_only_does_no_harm() -> None:
    """All orders of three copies are made of exchanges, and only exchanges were compared."""
    board, count, alone = Backwards("board"), Cell("count", 0), Cell("alone", True)

    async def work() -> None:
        await board.sign()
        seen = await count.READ_ONCE()
        if not await board.is_mine():
            await alone.WRITE_ONCE(False)
        await count.WRITE_ONCE(seen + 1)

    threads = [Thread(name, work) for name in "abc"]
    claims = [
        never("two-alone", lambda s: s[count] == 2 and s[alone]),
        at_end("three-alone", lambda s: s[count] != 3 or not s[alone]),
    ]
    system = System([board, count, alone], threads, claims)
    assert verdicts(system) == {(Verdict.FAILS, Verdict.FAILS)}


class Gate(Object):
    """Knows who has begun; it treats `a` unlike others only where `b` has not begun."""

    @operation
    def begin(self, begun: frozenset[str], me: str) -> Any:
        """Add my name."""
        return begun | {me}, None

    @operation
    def probe(self, begun: frozenset[str], me: str) -> Any:
        """Odd for `a` before `b` has begun."""
        return begun, "odd" if me == "a" and "b" not in begun else "even"


class Counter(Object):
    """Board and count: `sign` is dependent on itself, `tick` has a result that nobody needs."""

    @operation
    def sign(self, state: Any, me: str) -> Any:
        """Put my name there."""
        return me, None

    @operation
    def tick(self, state: Any, me: str) -> Any:
        """One more."""
        return state + 1, state


def test_copies_that_differ_only_in_an_order_that_is_left_out_are_not_taken_for_copies() -> None:
    """No step of the representatives is dependent, but one of their images is."""
    gate, board, count = Gate("gate", frozenset()), Counter("board"), Counter("count", 0)

    async def work() -> None:
        await gate.begin()
        await board.sign()
        assert await gate.probe() != "odd"
        await count.tick()

    threads = [Thread(name, work) for name in "ab"]
    assert verdicts(System([gate, board, count], threads, [assertions()])) == {(Verdict.FAILS,)}

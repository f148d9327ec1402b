"""What rounds and procedures leave behind: whatever their history does not say is refused."""

from collections import deque
from collections.abc import Generator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from locking import (
    Again,
    Cell,
    Thread,
    Verdict,
    atomic,
    choose,
    forever,
    procedure,
    require,
    required,
    retry,
    retry_with,
    sometimes,
)
from locking.errors import ModelError, NotDeterministic
from locking.programs import left, parts
from locking.programs.snapshot import Snapshot
from tests.systems import report, threads, verdict

x, y = Cell("x", 0), Cell("y", 0)


async def change() -> None:
    """What the other thread does: there are two values to be seen."""
    await x.WRITE_ONCE(1)
    await x.WRITE_ONCE(2)


async def by_nonlocal() -> None:
    """The plainest."""
    seen = False

    async def attempt() -> int | None:
        nonlocal seen
        found = await x.READ_ONCE()
        seen = seen or found == 1
        return found if found == 2 else None

    await retry(attempt)


async def by_nonlocal_two_levels_up() -> None:
    """Set by a function within the function."""
    seen = 0

    async def attempt() -> int | None:
        async def look() -> int:
            nonlocal seen
            seen += 1
            return await x.READ_ONCE()

        found = await look()
        return found if found == 2 else None

    await retry(attempt)


async def by_list() -> None:
    """Added to."""
    seen: list[int] = []

    async def attempt() -> int | None:
        seen.append(await x.READ_ONCE())
        return 1 if seen[-1] == 2 else None

    await retry(attempt)


async def by_dictionary_of_lists() -> None:
    """Added to, further in."""
    seen: dict[str, list[int]] = {"seen": []}

    async def attempt() -> int | None:
        found = await x.READ_ONCE()
        seen["seen"].append(found)
        return 1 if found == 2 else None

    await retry(attempt)


async def by_argument() -> None:
    """Handed to the attempt, which changes it."""

    async def attempt(seen: list[int]) -> int | None:
        seen.append(await x.READ_ONCE())
        return 1 if seen[-1] == 2 else None

    await retry(attempt, [])


async def by_default() -> None:
    """What is there if nothing is given."""
    seen: deque[int] = deque()

    async def attempt(found: deque[int] = seen) -> int | None:
        found.append(await x.READ_ONCE())
        return 1 if found[-1] == 2 else None

    await retry(attempt)


async def by_attribute() -> None:
    """A round changes an attribute of an instance."""

    class Walker:
        def __init__(self) -> None:
            self.seen = 0

        async def attempt(self) -> int | None:
            self.seen = await x.READ_ONCE()
            return 1 if self.seen == 2 else None

    await retry(Walker().attempt)


async def by_slot() -> None:
    """A round changes an attribute of an instance that has no dictionary."""

    class Walker:
        __slots__ = ("seen",)

        async def attempt(self) -> int | None:
            self.seen = await x.READ_ONCE()
            return 1 if self.seen == 2 else None

    await retry(Walker().attempt)


async def by_class_attribute() -> None:
    """A round changes an attribute of a class that the run made."""

    class Walker:
        seen = 0

    async def attempt() -> int | None:
        Walker.seen = await x.READ_ONCE()
        return 1 if Walker.seen == 2 else None

    await retry(attempt)


async def by_namespace() -> None:
    """A round changes an attribute of a namespace."""
    seen = SimpleNamespace(count=0)

    async def attempt() -> int | None:
        seen.count += 1
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def by_generator() -> None:
    """That is advanced."""
    seen = (each for each in range(99))

    async def attempt() -> int | None:
        next(seen)
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def by_iterator() -> None:
    """That is advanced."""
    seen = iter(range(99))

    async def attempt() -> int | None:
        next(seen)
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def by_partial() -> None:
    """What it was given."""
    seen: list[int] = []

    async def attempt(seen: list[int]) -> int | None:
        seen.append(1)
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(partial(attempt, seen))


async def by_bytearray() -> None:
    """Changed in place."""
    seen = bytearray(1)

    async def attempt() -> int | None:
        seen[0] += 1
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def by_type_alone() -> None:
    """1 is True for `==`."""
    seen: object = 1

    async def attempt() -> int | None:
        nonlocal seen
        found = await x.READ_ONCE()
        seen = True if found == 1 else seen
        return 1 if found == 2 else None

    await retry(attempt)


async def by_order_of_a_dictionary() -> None:
    """Equal for `==`, and not for a loop."""
    seen = {"a": 1, "b": 2}

    async def attempt() -> int | None:
        found = await x.READ_ONCE()
        if found == 1:
            seen["a"] = seen.pop("a")
        return 1 if found == 2 else None

    await retry(attempt)


async def by_which_is_which() -> None:
    """Two names of one list become names of two equal ones."""
    seen = one = []  # type: ignore[var-annotated]

    async def attempt() -> int | None:
        nonlocal seen
        found = await x.READ_ONCE()
        seen = [] if found == 1 else seen
        return 1 if found == 2 else None

    await retry(attempt)
    one.append(1)


async def by_comprehension() -> None:
    """A walrus within one assigns a variable of the function."""
    seen = 0

    async def attempt() -> int | None:
        nonlocal seen
        [seen := seen + 1 for _ in range(2)]
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def by_the_value_of_a_loop_around() -> None:
    """A list that only the loop of an enclosing function names."""
    seen = [[0], [0]]

    async def attempt(at: int) -> int | None:
        seen[at][0] += 1
        return 1 if await x.READ_ONCE() == 2 else None

    for at in range(2):
        await retry(attempt, at)


async def by_a_procedure() -> None:
    """What it tells beside what it returns."""
    seen = 0

    @procedure
    async def look() -> None:
        nonlocal seen
        seen = await x.READ_ONCE()

    await look()


async def by_a_procedure_within_a_procedure() -> None:
    """The inner one's own caller has ended when it counts."""
    seen = 0

    async def look() -> None:
        nonlocal seen
        seen = await x.READ_ONCE()

    await procedure(procedure(look))()


async def by_a_round_of_forever_within_a_procedure() -> None:
    """Never to end."""
    seen = 0

    async def once() -> None:
        nonlocal seen

        async def attempt() -> int | None:
            return await x.READ_ONCE() or None

        seen = await retry(attempt)

    await procedure(forever)(once)  # type: ignore[arg-type]


async def by_an_exception() -> None:
    """The round is left by one, which is caught."""
    seen = 0

    async def attempt() -> int | None:
        nonlocal seen
        try:
            found = {2: 2}[await x.READ_ONCE()]
        except KeyError:
            seen += 1
            return None
        return found

    await retry(attempt)


async def by_a_context_manager() -> None:
    """Which is an asynchronous generator, with a variable of its own."""

    @asynccontextmanager
    async def counted() -> Any:
        seen = 0

        async def attempt() -> int | None:
            nonlocal seen
            seen += 1
            return 1 if await x.READ_ONCE() == 2 else None

        await retry(attempt)
        yield seen

    async with counted():
        pass


async def only_in_the_third_history() -> None:
    """The first two histories agree."""
    seen = 0

    @procedure
    async def look() -> None:
        nonlocal seen
        if await choose("a", "b", "c") == "c":
            seen = 1

    await look()
    await y.READ_ONCE()


LEAKS = [
    by_nonlocal,
    by_nonlocal_two_levels_up,
    by_list,
    by_dictionary_of_lists,
    by_argument,
    by_default,
    by_attribute,
    by_slot,
    by_class_attribute,
    by_namespace,
    by_generator,
    by_iterator,
    by_partial,
    by_bytearray,
    by_type_alone,
    by_order_of_a_dictionary,
    by_which_is_which,
    by_comprehension,
    by_the_value_of_a_loop_around,
    by_a_procedure,
    by_a_procedure_within_a_procedure,
    by_a_round_of_forever_within_a_procedure,
    by_an_exception,
    by_a_context_manager,
    only_in_the_third_history,
]


def refusal(program: Any, *args: Any) -> str:
    """The message with which a thread is refused that runs beside `change`."""
    with pytest.raises(NotDeterministic) as raised:
        report([x, y], [Thread("reader", program, args), Thread("changer", change)])
    return str(raised.value)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda each: each.__name__)
def test_what_outlives_a_round_or_a_procedure_is_refused_by_its_name(leak: Any) -> None:
    message = refusal(leak)
    assert "thread reader ends a " in message
    assert "seen" in message
    assert __file__ in message
    assert "retry_with" in message or "return it" in message


def test_the_refusal_has_both_values_and_the_way_to_them() -> None:
    assert "'seen' is True then, but False in a run" in refusal(by_nonlocal)
    assert "\"seen['seen']\" is [0] then, but [] in a run" in refusal(by_dictionary_of_lists)
    assert "'self.seen' is 0 then, but nothing in a run" in refusal(by_slot)
    assert "use `await retry_with(start, attempt)`" in refusal(by_nonlocal)


async def with_locals_of_a_round() -> None:
    """Made anew in each."""

    async def attempt() -> int | None:
        seen = []
        for _ in range(2):
            seen.append(await x.READ_ONCE())
        return 1 if seen == [2, 2] else None

    await retry(attempt)


async def with_a_list_that_is_emptied() -> None:
    """Equal after every round."""
    seen: list[int] = []

    async def attempt() -> int | None:
        seen.append(await x.READ_ONCE())
        return 1 if seen.pop() == 2 else None

    await retry(attempt)


async def with_an_equal_change_in_every_history() -> None:
    """Which tells nobody anything."""
    seen: list[str] = []

    @procedure
    async def look() -> None:
        seen.append("looked")
        await x.READ_ONCE()

    await look()
    await look()
    assert seen == ["looked", "looked"]


async def with_a_list_that_a_procedure_is_alone_with() -> None:
    """Gone when it returns."""

    @procedure
    async def look() -> int:
        seen = [await x.READ_ONCE() for _ in range(2)]
        return sum(seen)

    await y.WRITE_ONCE(await look())


async def with_objects_made_anew_in_each_run() -> None:
    """Alike, and not equal for `==`."""

    class Box:
        def __init__(self) -> None:
            self.inside = {"own": object()}
            self.me = self

    box = Box()

    async def attempt() -> int | None:
        assert box.me is box
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


async def with_equal_values_that_were_made_anew() -> None:
    """A tuple twice is two equal tuples."""
    seen = (1, 2)

    async def attempt() -> int | None:
        nonlocal seen
        seen = (*map(int, "12"),)  # type: ignore[assignment]
        return 1 if await x.READ_ONCE() == 2 else None

    await retry(attempt)


FINE = [
    with_locals_of_a_round,
    with_a_list_that_is_emptied,
    with_an_equal_change_in_every_history,
    with_a_list_that_a_procedure_is_alone_with,
    with_objects_made_anew_in_each_run,
    with_equal_values_that_were_made_anew,
]


@pytest.mark.parametrize("program", FINE, ids=lambda each: each.__name__)
def test_what_tells_nothing_is_not_refused(program: Any) -> None:
    for minimise in (True, False):
        found = report([x, y], threads(program, change), minimise=minimise)
        assert found.cause is None


def test_a_procedure_that_an_exception_left_is_not_the_one_that_returns_next() -> None:
    """Its mark in the history would be taken for that of the loop around it."""

    @procedure
    async def fails() -> int:
        await y.READ_ONCE()
        raise KeyError

    async def attempt() -> int | None:
        with suppress(KeyError):
            await fails()
        return 1 if await x.READ_ONCE() == 2 else None

    async def program() -> None:
        await forever(partial(retry, attempt))

    assert report([x, y], threads(program, change), minimise=False).states == 2 * 3 * 1


# --- a loop that carries a value ------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    one: bool


async def spin(seen: bool) -> Any:
    """A round that hands on whether any round saw 1."""
    found = await x.READ_ONCE()
    return seen or found == 1 if found == 2 else Again(seen or found == 1)


def test_a_loop_may_carry_a_value() -> None:
    """What a local variable of the loop would have hidden is found."""

    async def program() -> None:
        seen = await retry_with(False, spin)
        require(not seen, "never-1", seen=seen)

    assert verdict([x], threads(program, change), required("never-1")) is Verdict.FAILS
    (result,) = report([x], threads(program, change), [required("never-1")]).results
    assert result.finding is not None
    assert result.finding.operands == (("seen", "True"),)


def test_the_value_is_all_that_a_round_leaves() -> None:
    """As many local states as values: counted by hand."""

    async def program() -> None:
        await retry_with(False, spin)

    # Two of the loop, by what it carries, and the end; of x three values. Six, of which False goes
    # with 0, 1 and 2 and True with 1 and 2; and the end with 2, once a value that came back.
    assert report([x], threads(program, change), minimise=False).states == 3 + 2 + 2


def test_a_loop_that_carries_a_value_ends_with_what_is_no_again() -> None:
    async def nothing(carried: int, step: int) -> Again[int] | None:
        await x.READ_ONCE()
        return Again(carried + step) if carried < 3 else None

    async def program() -> None:
        await y.WRITE_ONCE(await retry_with(0, nothing, 1))

    goal = sometimes("none", lambda s: s[y] is None)
    assert verdict([x, y], threads(program), goal) is Verdict.HOLDS


def test_values_of_other_types_are_other_local_states() -> None:
    async def other(carried: object) -> Any:
        await y.READ_ONCE()
        return Again(True) if carried is not True else "done"

    async def program() -> None:
        await x.WRITE_ONCE(await retry_with(1, other))

    assert verdict([x, y], threads(program), sometimes("done", lambda s: s[x] == "done"))


def test_a_round_that_carries_and_takes_no_step_is_refused() -> None:
    async def idle(carried: int) -> Again[int]:
        return Again(carried + 1)

    async def program() -> None:
        await retry_with(0, idle)

    with pytest.raises(ModelError, match="repeats a round that takes no step"):
        report([x], threads(program))


def test_a_loop_that_carries_hides_nothing_else() -> None:
    async def program() -> None:
        seen = 0

        async def attempt(carried: int) -> Again[int] | None:
            nonlocal seen
            seen = await x.READ_ONCE()
            return Again(carried) if seen < 2 else None

        await retry_with(0, attempt)

    assert "'seen' is 1 then, but 0 in a run" in refusal(program)


def test_what_can_be_changed_is_not_carried() -> None:
    async def attempt(carried: Any) -> Again[Any]:
        carried.append(await x.READ_ONCE())
        return Again(carried)

    async def program() -> None:
        await retry_with([], attempt)

    with pytest.raises(ModelError, match=r"\[\] is .* no value: use a tuple"):
        report([x], threads(program, change))


@pytest.mark.parametrize("construct", [retry, forever, lambda spin: procedure(spin)()])
def test_again_is_for_the_loop_that_takes_it_only(construct: Any) -> None:
    async def program() -> None:
        await construct(partial(spin, False))

    with pytest.raises(ModelError, match=r"carries nothing; use retry_with\(\)"):
        report([x], threads(program))


def test_a_loop_that_carries_within_an_atomic_block_is_a_part_of_it() -> None:
    async def count(carried: int) -> Any:
        await x.READ_ONCE()
        return Again(carried + 1) if carried < 2 else "done"

    async def program() -> None:
        async with atomic():
            await retry_with(0, count)

    assert report([x], threads(program, program)).interleavings == 2


def test_a_loop_that_carries_ever_new_values_is_refused() -> None:
    async def count(carried: int) -> Again[int]:
        await x.READ_ONCE()
        return Again(carried + 1)

    async def program() -> None:
        await retry_with(0, count)

    with pytest.raises(ModelError, match=r"new after 3000 steps, last at .*test_left.py"):
        report([x], threads(program))


# --- planted errors -------------------------------------------------------------------------------


def unnoticed(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, mutant: Any) -> set[str]:
    """The leaks that are not refused any more."""
    monkeypatch.setattr(target, name, mutant)
    found = set()
    for leak in LEAKS:
        try:
            report([x, y], [Thread("reader", leak), Thread("changer", change)])
        except ModelError:
            continue
        found.add(leak.__name__)
    return found


def test_forgetting_frames_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(_: Any) -> Any:
        return parts.Parts()

    kinds = [kind for kind, ask in parts.KNOWN.items() if ask is parts.of_suspended]
    for kind in kinds:
        monkeypatch.setitem(parts.KNOWN, kind, blind)
    parts.reader.cache_clear()
    assert {"by_nonlocal", "by_a_procedure"} <= unnoticed(monkeypatch, parts, "of_class", blind)
    parts.reader.cache_clear()


def test_comparing_by_equality_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(self: Any, history: Any, coroutine: Any) -> Any:
        held = coroutine.cr_frame.f_locals
        now = {name: value for name, value in held.items() if isinstance(value, (int, dict))}
        first = self.first.setdefault(history, now)
        return None if first == now else left.Difference("seen", "", "")

    found = unnoticed(monkeypatch, left.Left, "differs", differs)
    assert {"by_type_alone", "by_order_of_a_dictionary"} <= found


def test_comparing_two_histories_only_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[Any, int] = {}
    compare = left.Left.differs

    def differs(self: Any, history: Any, coroutine: Any) -> Any:
        known[history] = known.get(history, 0) + 1
        return compare(self, history, coroutine) if known[history] <= 2 else None

    found = unnoticed(monkeypatch, left.Left, "differs", differs)
    assert "only_in_the_third_history" in found


def test_forgetting_which_is_which_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from locking.programs import snapshot

    formed = snapshot.snapshot_of

    def alias(value: Any, shared: Any, seen: Any) -> Snapshot:
        return formed(value, shared, dict(seen) if type(value) is list else seen)

    found = unnoticed(monkeypatch, snapshot, "snapshot_of", alias)
    assert "by_which_is_which" in found


class Pause:
    """Awaiting it stops once."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def looked_at(early: bool) -> tuple[int, int]:
    if not early:
        second = 1
        first = 2
        await Pause()
    else:
        first = 2
        await Pause()
        second = 1
    await Pause()
    return first, second


def test_when_variables_were_first_looked_at_tells_nothing() -> None:
    found = []
    for early in (True, False):
        coroutine = looked_at(early)
        for _ in range(2):
            coroutine.send(None)
            names = parts.of_suspended(coroutine).names
        found.append(names)
        coroutine.close()
    assert found[0] == found[1]

"""The range lock: what overlaps waits, what does not is held at once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locking import (
    WAIT,
    Cell,
    Fairness,
    Holding,
    Misuse,
    Order,
    Queue,
    RangeLock,
    RangeState,
    Span,
    System,
    Verdict,
    array,
    at_end,
    data_race_free,
    deadlock_free,
    happens_before_race_free,
    operation,
    ordered,
    section,
    sometimes_together,
)
from locking.errors import ModelError
from tests.objects.every_way import answer
from tests.systems import ask, report, threads

fifo = RangeLock("lock", 8)
passing = RangeLock("lock", 8, Fairness.READER_PREFERRING)
both = pytest.mark.parametrize("lock", [fifo, passing])
FREE = RangeState()


def held(*spans: Span) -> RangeState:
    """A lock of which these ranges are held."""
    return RangeState(spans)


@both
@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("write", 0, 4), ("write", 4, 8), True),
        (("write", 0, 4), ("write", 3, 5), False),
        (("write", 0, 8), ("read", 3, 5), False),
        (("read", 3, 5), ("write", 0, 8), False),
        (("read", 0, 8), ("read", 3, 5), True),
        (("read", 0, 3), ("write", 3, 4), True),
    ],
)
def test_ranges_that_overlap_are_held_at_once_only_by_readers(
    lock: RangeLock, one: Any, other: Any, together: bool
) -> None:
    state = held(Span("you", *one))
    mode, start, end = other
    outcome: Any = ask(lock, state, f"range_{mode}_lock", "me", start, end)
    tried: Any = ask(lock, state, f"range_{mode}_trylock", "me", start, end)
    both_held = tuple(sorted((Span("me", *other), Span("you", *one))))
    assert (outcome == (RangeState(both_held), None)) == together
    assert (outcome is WAIT or isinstance(outcome, Queue)) == (not together)
    assert tried == ((RangeState(both_held), True) if together else (state, False))


def test_a_range_is_let_go_as_it_was_taken() -> None:
    state = held(Span("me", "read", 0, 4), Span("me", "read", 2, 6))
    assert ask(fifo, state, "range_read_unlock", "me", 0, 4) == (held(state.held[1]), None)
    for call, start, end in (("write", 0, 4), ("read", 0, 3), ("read", 4, 6)):
        says = f"me releases {start}-{end} of lock ({call}), which it does not hold so"
        outcome = ask(fifo, state, f"range_{call}_unlock", "me", start, end)
        assert outcome == Misuse(says)


@pytest.mark.parametrize(("start", "end"), [(4, 4), (5, 4), (-1, 4), (0, 9)])
@pytest.mark.parametrize("call", ["lock", "trylock"])
def test_a_range_is_within_the_lock_and_not_empty(call: str, start: int, end: int) -> None:
    outcome: Any = ask(fifo, FREE, f"range_write_{call}", "me", start, end)
    says = f"me asks for {start}-{end} of lock, which has 0-8; a range has at least one point"
    assert outcome == Misuse(says)


def test_who_waits_for_its_own_range_would_wait_for_ever() -> None:
    state = held(Span("me", "read", 0, 4))
    says = "me waits for 2-6 of lock, of which it holds 0-4 itself"
    assert ask(fifo, state, "range_write_lock", "me", 2, 6) == Misuse(says)
    assert isinstance(ask(fifo, state, "range_read_lock", "me", 2, 6), tuple)


def test_who_waits_is_passed_by_none_but_those_that_it_does_not_exclude() -> None:
    state = held(Span("a", "read", 0, 2))
    waiting: Any = ask(fifo, state, "range_write_lock", "b", 0, 4)
    assert waiting == Queue(state._replace(queue=(Span("b", "write", 0, 4),)))
    assert ask(fifo, waiting.state, "range_read_trylock", "c", 1, 2)[1] is False  # type: ignore[index]
    assert ask(fifo, waiting.state, "range_write_trylock", "c", 4, 6)[1] is True  # type: ignore[index]
    assert ask(passing, state, "range_write_lock", "b", 0, 4) is WAIT
    assert ask(passing, state, "range_read_trylock", "c", 1, 2)[1] is True  # type: ignore[index]


def test_who_had_to_wait_waits_no_more_once_it_holds_the_range() -> None:
    state = RangeState((), (Span("a", "write", 0, 2), Span("b", "write", 0, 4)))
    after: Any = ask(fifo, state, "range_write_lock", "a", 0, 2)
    assert after == (RangeState((Span("a", "write", 0, 2),), (Span("b", "write", 0, 4),)), None)


@pytest.mark.parametrize("size", [0, -1, True, 2.5, "8"])
def test_a_range_lock_has_a_size(size: Any) -> None:
    with pytest.raises(ModelError, match="write a whole number from 1"):
        RangeLock("lock", size)


def test_a_fairness_that_speaks_of_writers_is_refused() -> None:
    with pytest.raises(ModelError, match="is FIFO or READER_PREFERRING"):
        RangeLock("lock", 8, Fairness.WRITER_BLOCKS_READERS)


def test_the_state_is_shown_with_who_has_queued_up() -> None:
    state = RangeState((Span("a", "read", 0, 2),), (Span("b", "write", 0, 4),))
    assert (fifo.show(FREE), fifo.show(state)) == ("free", "read a 0-2; queued write b 0-4")
    assert fifo.holders(state) == (Holding("a", "read"),)


OPERATIONS = [f"range_{mode}_{call}" for mode in ("read", "write") for call in ("lock", "trylock")]


@both
@settings(max_examples=30, deadline=None)
@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from([*OPERATIONS, "unlock"]),
            st.integers(0, 6),
            st.integers(1, 4),
        ),
        max_size=30,
    )
)
def test_whatever_is_asked_no_two_ranges_exclude_each_other(
    lock: RangeLock, asked: list[tuple[str, str, int, int]]
) -> None:
    state: RangeState = lock.start  # type: ignore[assignment]
    for thread, call, start, length in asked:
        mine = [each for each in state.held if each.thread == thread]
        if call == "unlock" and mine:
            span = mine[start % len(mine)]
            outcome: Any = ask(lock, state, f"range_{span.mode}_unlock", *span[:1], *span[2:])
        elif call != "unlock":
            outcome = ask(lock, state, call, thread, start, min(start + length, 8))
        else:
            continue
        if outcome is not WAIT and not isinstance(outcome, Misuse):
            state = outcome.state if isinstance(outcome, Queue) else outcome[0]
        pairs = ((a, b) for a in state.held for b in state.held if a.thread != b.thread)
        assert not any(one.excludes(other) for one, other in pairs)


def writers(ranges: tuple[tuple[int, int], ...], whole: bool) -> System:
    """A thread for each range adds to each of its words, under its range or under `whole` lock."""
    lock, words = RangeLock("lock", 4), array(Cell, "word", 4, 0)

    async def add(start: int, end: int) -> None:
        async with lock.writing(*((0, 4) if whole else (start, end))), section("in"):
            for word in words[start:end]:
                await word.write(await word.read() + 1)

    def running(start: int, end: int) -> Any:
        async def run() -> None:
            await add(start, end)

        return run

    properties = [
        deadlock_free(),
        data_race_free(),
        happens_before_race_free(),
        at_end("sum", lambda s: sum(s[w] for w in words) == sum(e - b for b, e in ranges)),
        sometimes_together("both", "in", "in"),
    ]
    return System([lock, words], threads(*(running(*each) for each in ranges)), properties)


def test_disjoint_ranges_are_written_at_once() -> None:
    found = [verdict for verdict, _ in answer(lambda: writers(((0, 2), (2, 4)), whole=False))]
    assert found == [Verdict.HOLDS] * 5
    whole = [verdict for verdict, _ in answer(lambda: writers(((0, 2), (2, 4)), whole=True))]
    assert whole == [Verdict.HOLDS] * 4 + [Verdict.FAILS]


def test_ranges_that_overlap_are_not() -> None:
    found = [verdict for verdict, _ in answer(lambda: writers(((0, 2), (1, 3)), whole=False))]
    assert found == [Verdict.HOLDS] * 4 + [Verdict.FAILS]


def test_a_range_one_too_short_leaves_a_race() -> None:
    """The textbook's bug: the end is taken for the last."""
    lock, words = RangeLock("lock", 4), array(Cell, "word", 4, 0)

    async def low() -> None:
        async with lock.writing(0, 2):
            await words[2].write(1)

    async def high() -> None:
        async with lock.writing(2, 4):
            await words[2].write(2)

    def build() -> System:
        return System(
            [lock, words], threads(low, high), [data_race_free(), happens_before_race_free()]
        )

    assert answer(build) == [(Verdict.FAILS, "a1.b1"), (Verdict.FAILS, "a2.b2")]


def test_letting_go_of_one_range_orders_nothing_for_a_disjoint_one() -> None:
    """Else what is no promise of the lock would hide a race: the flag is passed in no order."""
    lock, flag, data = RangeLock("lock", 4), Cell("flag", 0), Cell("data", 0)

    def build(start: int) -> System:
        async def write() -> None:
            await data.write(1)
            async with lock.writing(0, 2):
                await flag.WRITE_ONCE(1)

        async def read() -> None:
            if await flag.READ_ONCE():
                async with lock.reading(start, start + 1):
                    await data.read()

        return System([lock, flag, data], threads(write, read), [happens_before_race_free()])

    def ordered_by(start: int) -> Verdict:
        return answer(lambda: build(start))[0][0]

    assert (ordered_by(1), ordered_by(2)) == (Verdict.HOLDS, Verdict.FAILS)


class OrdersElsewhere(RangeLock):
    @ordered(Order(acquires=True, parts=(9,)))
    @operation
    def range_write_lock(self, state: RangeState, me: str, start: int, end: int) -> Any:
        return self.acquire(state, Span(me, "write", start, end))


def test_an_order_of_a_part_that_there_is_not_is_refused() -> None:
    lock, cell = OrdersElsewhere("lock", 4), Cell("cell", 0)

    async def write() -> None:
        async with lock.writing(0, 2):
            await cell.write(1)

    with pytest.raises(ModelError, match=r"orders 9, no part of it: \(0, 1, 2, 3\)"):
        report([lock, cell], threads(write, write), [happens_before_race_free()])


def test_ranges_taken_in_two_orders_wait_for_each_other() -> None:
    lock = RangeLock("lock", 4)

    def build() -> System:
        async def up() -> None:
            async with lock.writing(0, 1), lock.writing(2, 3):
                pass

        async def down() -> None:
            async with lock.writing(2, 3), lock.writing(0, 1):
                pass

        return System([lock], threads(up, down), [deadlock_free()])

    assert answer(build) == [(Verdict.FAILS, "a1.b1")]

"""What is told of an object by asking its rule: its states, who waits, and which steps commute."""

from collections.abc import Sequence
from typing import Any

import pytest

from locking import Atomic, Cell, Mutex, Object, RwSem, Seqlock, Thread, operation
from locking.explore.product import Product, ask
from locking.explore.reduction import uses
from locking.explore.reduction.independence import Independence
from locking.explore.reduction.uses import Irregular, PlacedStep, Uses
from locking.explore.rehearsal import rehearse
from locking.objects.operation import WAIT, Holding, Misuse, Operation, Queue


def learned(objects: Sequence[Object], threads: Sequence[Thread]) -> Product:
    """A product of which runs by chance have seen what there is."""
    product = Product(objects, threads)
    rehearse(product)
    product.merge()
    return product


def at(product: Product, thread: int, step: str) -> PlacedStep:
    """The place of a thread whose step is called so."""
    (place,) = (
        place
        for place in range(len(product.automata[thread].members))
        if isinstance(next_ := product.automata[thread].position(place).next, Operation)
        and next_.name == step
    )
    return PlacedStep(thread, place)


def readers_and_writers(lock: RwSem, cell: Cell) -> Product:
    """Two that read and one that writes."""

    async def read() -> None:
        async with lock.read():
            await cell.read()

    async def write() -> None:
        async with lock.write():
            await cell.write(1)

    threads = [Thread("a", read), Thread("b", read), Thread("w", write)]
    return learned([lock, cell], threads)


LOCK, CELL = RwSem("lock"), Cell("cell", 0)


def test_an_rwsem_has_as_many_states_as_its_threads_can_bring_it_to() -> None:
    """Free, three sets of readers, one writer; nobody holds it twice."""
    product = readers_and_writers(LOCK, CELL)
    assert len(Uses(product, product.slot_of[LOCK]).states) == 5


def test_a_writer_waits_for_one_that_reads_and_a_reader_does_not() -> None:
    """As long as the reader stays where it is."""
    product = readers_and_writers(LOCK, CELL)
    uses = Uses(product, product.slot_of[LOCK])
    reading = at(product, 0, "up_read")
    assert uses.waits(at(product, 2, "down_write"), reading)
    assert not uses.waits(at(product, 1, "down_read"), reading)
    assert uses.waits(at(product, 1, "down_read"), at(product, 2, "up_write"))


def test_readers_commute_and_a_writer_does_not_commute_with_them() -> None:
    """That one ends to read changes nothing for one that begins; who is first matters to both."""
    product = readers_and_writers(LOCK, CELL)
    uses = Uses(product, product.slot_of[LOCK])
    assert uses.commute(at(product, 0, "up_read"), at(product, 1, "down_read"))
    assert not uses.commute(at(product, 0, "down_read"), at(product, 2, "down_write"))


def test_a_result_that_nobody_has_had_is_no_reason_to_commute() -> None:
    """The reader was only ever seen to read after the write; before it, it would read zero."""
    cell = Cell("cell", 0)

    async def write() -> None:
        await cell.WRITE_ONCE(1)

    async def read() -> None:
        await cell.READ_ONCE()

    product = Product([cell], [Thread("a", write), Thread("b", read)])
    product.automata[1].next(0, 1)
    uses = Uses(product, product.slot_of[cell])
    assert not uses.commute(PlacedStep(0, 0), PlacedStep(1, 0))


def test_of_a_counter_that_only_grows_nothing_is_told() -> None:
    """A seqlock's states have no end."""
    lock = Seqlock("lock")

    async def write() -> None:
        async with lock.write():
            pass

    product = learned([lock], [Thread("a", write), Thread("b", write)])
    irregular: set[int] = set()
    assert Independence(product, irregular).used(product.slot_of[lock]) is None
    assert irregular == {product.slot_of[lock]}


def test_that_states_have_no_end_is_known_after_asking_little_more_than_one_rule_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count, asked = Atomic("count", 0), 0

    async def add() -> None:
        for _ in range(20):
            await count.atomic_inc()

    def counting(*step: Any) -> Any:
        nonlocal asked
        asked += 1
        return ask(*step)

    product = learned([count], [Thread("a", add), Thread("b", add)])
    monkeypatch.setattr(uses, "ask", counting)
    with pytest.raises(Irregular):
        Uses(product, product.slot_of[count])
    assert asked < 2 * uses.LARGEST


class Passed(Mutex):
    """A mutex that its owner can give to another."""

    @operation
    def give(self, owner: str | None, me: str, other: str) -> Any:
        """Let another own it."""
        return other, None


def test_of_a_lock_that_is_given_away_nothing_is_told() -> None:
    """What a thread holds there does not follow from where it stands."""
    lock = Passed("lock")

    async def give() -> None:
        await lock.mutex_lock()
        await lock.give("b")

    async def get() -> None:
        await lock.mutex_unlock()

    product = Product([lock], [Thread("a", give), Thread("b", get)])
    product.automata[0].next(product.automata[0].next(0, None), None)
    with pytest.raises(Irregular):
        Uses(product, product.slot_of[lock])


class Meter(Object):
    """Counts up to `most`; of more it can't say who holds it, and from 3 on it makes no state."""

    most = 2

    @operation
    def up(self, count: int, me: str) -> Any:
        """One more."""
        return (count + 1 if count < 3 else [count]), None

    def holders(self, state: int) -> tuple[Holding, ...]:
        """Nobody, of at most `most`."""
        assert state <= self.most
        return ()


@pytest.mark.parametrize("most", [2, 3])
def test_of_states_that_a_lock_was_not_written_for_nothing_is_told(most: int) -> None:
    """Two threads that count once each come to none of them."""
    meter = Meter("meter", 0)
    meter.most = most

    async def count() -> None:
        await meter.up()

    product = Product([meter], [Thread("a", count), Thread("b", count)])
    product.moves(product.initial)
    with pytest.raises(Irregular):
        Uses(product, product.slot_of[meter])


@pytest.mark.parametrize("bound", ["LARGEST", "MOST_ASKED"])
@pytest.mark.parametrize(("enough", "told"), [(0, True), (1, False)])
def test_of_more_than_there_is_time_for_nothing_is_told(
    bound: str, enough: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Mutex("lock")

    async def hold() -> None:
        async with lock.hold():
            pass

    product = learned([lock], [Thread("a", hold), Thread("b", hold)])
    whole = Uses(product, product.slot_of[lock])
    needed = {"LARGEST": len(whole.states), "MOST_ASKED": whole.asked}
    monkeypatch.setattr(uses, bound, needed[bound] - enough)
    found = Independence(product, set()).used(product.slot_of[lock])
    assert (found is not None) == told


class Odd(Object):
    """A lock whose misuse is spelled like a state in which others queue."""

    @operation
    def hold(self, state: str, me: str) -> Any:
        """Hold it."""
        return "held", None

    @operation
    def use(self, state: str, me: str) -> Any:
        """Misuse it where nobody holds it; wait for who does."""
        return Misuse("asked") if state == "free" else Queue("asked") if state == "held" else WAIT

    def holders(self, state: str) -> tuple[Holding, ...]:
        """Thread `a`, unless it is free."""
        return () if state == "free" else (Holding("a", "held"),)


def test_to_queue_is_not_to_misuse() -> None:
    """Though the two outcomes are equal as tuples."""
    lock = Odd("lock", "free")

    async def hold() -> None:
        await lock.hold()

    async def use() -> None:
        await lock.use()

    product = Product([lock], [Thread("a", hold), Thread("b", use)])
    product.moves(product.initial)
    uses = Uses(product, product.slot_of[lock])
    assert not uses.commute(PlacedStep(0, 0), PlacedStep(1, 0))

"""What threads do to one word is of one execution only where an order of its writes has it."""

import pytest

from locking.executions import word_order
from locking.executions.word_order import WordAccess, is_coherent
from tests.executions.programs import ends_of_model, program_of_sections, random_program


def write(key: int) -> WordAccess:
    """A store."""
    return WordAccess("W", key, ends_update=False)


def read(key: int) -> WordAccess:
    """A load."""
    return WordAccess("R", key, ends_update=False)


def update(old: int, new: int) -> tuple[WordAccess, WordAccess]:
    """A read-modify-write."""
    return read(old), WordAccess("W", new, ends_update=True)


@pytest.mark.parametrize(
    ("threads", "coherent"),
    [
        ([(write(1), write(2)), (read(1), read(2))], True),
        ([(write(1), write(2)), (read(2), read(1))], False),
        ([(write(1), read(0))], False),
        ([(write(1),), (write(2), read(1), read(2))], False),
        ([update(0, 1), update(0, 1)], False),
        ([update(0, 1), update(1, 2)], True),
        ([update(0, 1), (write(3),), (read(1), read(3), read(1))], False),
        ([(read(5),)], False),
    ],
)
def test_a_word_has_an_order_or_it_has_none(
    threads: list[tuple[WordAccess, ...]], coherent: bool
) -> None:
    assert is_coherent(0, threads) is coherent


def test_it_is_asked_of_any_number_of_threads() -> None:
    assert is_coherent(0, [])
    assert is_coherent(0, [(), (write(1),), ()])


def ends(seed: int) -> list[object]:
    """How two random programs end."""
    programs = random_program(seed, dependent=True, plain=seed % 2 == 1), program_of_sections(seed)
    return [ends_of_model(each) for each in programs]


def differ_without_orders(seed: int) -> bool:
    """Whether programs end otherwise if no word is asked for its order before it is chosen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_order, "is_coherent", lambda *_: True)
        found = ends(seed)
    return found != ends(seed)


def test_to_ask_for_orders_changes_nothing() -> None:
    assert not any(map(differ_without_orders, range(5_000, 5_006)))


@pytest.mark.slow
def test_to_ask_for_orders_changes_nothing_in_many_programs() -> None:
    assert not any(map(differ_without_orders, range(5_100, 5_300)))

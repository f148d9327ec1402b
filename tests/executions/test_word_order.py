"""What threads do to one word is of one execution only where an order of its writes has it."""

from random import Random

import pytest

from locking.executions import word_order
from locking.executions.word_order import WordAccess, is_coherent, may_be_coherent
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


@pytest.mark.parametrize(
    ("threads", "later", "coherent"),
    [
        ([(read(5),)], {5}, True),
        ([(read(5),)], {6}, False),
        ([(write(1), write(2)), (read(2), read(5), read(1))], {5}, False),
        ([update(5, 1), (read(1),)], {5}, True),
        ([update(0, 1), update(0, 2)], {5}, False),
        ([update(0, 1), update(0, 2)], {0}, True),
    ],
)
def test_what_is_read_may_be_written_later(
    threads: list[tuple[WordAccess, ...]], later: set[int], coherent: bool
) -> None:
    assert may_be_coherent(0, threads, later) is coherent


def test_nothing_is_said_of_locks_that_others_may_yet_let_go() -> None:
    locks = (WordAccess("LKR", 0, ends_update=False), WordAccess("LKW", 1, ends_update=True))
    again = (WordAccess("LKR", 2, ends_update=False), WordAccess("LKW", 3, ends_update=True))
    assert not is_coherent(0, [locks, again])
    assert may_be_coherent(0, [locks, again], {2})


def random_accesses(random: Random) -> list[WordAccess]:
    """What a thread does to a word of few values, a list of steps."""
    found: list[WordAccess] = []
    for _ in range(random.randint(1, 4)):
        old, new = random.randrange(3), random.randrange(3)
        found += random.choice([(read(old),), (write(new),), update(old, new)])
    return found


@pytest.mark.parametrize("block", range(4))
def test_what_has_an_order_has_one_on_the_way(block: int) -> None:
    coherent = 0
    for seed in range(500 * block, 500 * block + 500):
        random = Random(seed)
        whole = [random_accesses(random) for _ in range(random.randint(1, 3))]
        if not is_coherent(0, [tuple(each) for each in whole]):
            continue
        coherent += 1
        cuts = [random.randint(0, len(each)) for each in whole]
        so_far = [tuple(each[:at]) for each, at in zip(whole, cuts, strict=True)]
        later = {
            access.key
            for each, at in zip(whole, cuts, strict=True)
            for access in each[at:]
            if access.kind == "W"
        }
        assert may_be_coherent(0, so_far, later), seed
    assert coherent > 50


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

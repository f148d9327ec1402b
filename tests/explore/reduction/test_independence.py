"""Which steps are independent, and what a lock that is held has to do with it."""

from locking.explore.reduction.independence import Independence
from tests.explore.reduction.test_uses import CELL, LOCK, at, readers_and_writers


def test_two_that_hold_a_lock_against_each_other_never_meet() -> None:
    """So the write under the lock races with nothing."""
    product = readers_and_writers(LOCK, CELL)
    independence = Independence(product, set())
    write, read = at(product, 2, "write"), at(product, 0, "read")
    assert not independence.may_meet(write, read)
    assert not independence.may_race(*write)


def test_nothing_done_under_a_held_lock_is_dependent_on_its_holder() -> None:
    """The writer comes to the cell only once the reader has let go."""
    product = readers_and_writers(LOCK, CELL)
    product.looked[0].update({place: {product.slot(0, place): None} for place in range(4)})
    first = product.automata[2].place_of[0]
    reading, outside = at(product, 0, "read"), at(product, 0, "down_read")
    assert first in dict(Independence(product, set()).independent_from(*reading))[2]
    assert first not in dict(Independence(product, set()).independent_from(*outside))[2]

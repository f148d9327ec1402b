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
    independence = Independence(product, set())
    first = product.automata[2].place_of[0]
    reading, outside = at(product, 0, "read"), at(product, 0, "down_read")
    cell, lock = (frozenset({product.slot_of[each]}) for each in (CELL, LOCK))
    assert first in independence.independent_from(reading, cell, 2)
    assert first not in independence.independent_from(outside, lock, 2)

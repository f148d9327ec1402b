"""Cells, records, atomic integers and reference counts."""

import pytest

from locking import Atomic, Cell, Misuse, Order, Record, Refcount
from locking.objects.operation import Access
from tests.systems import ask

cell = Cell("cell", 0)
number = Atomic("number")
digit = Atomic("digit", 0, minimum=0, maximum=9)
refs = Refcount("refs")


@pytest.mark.parametrize("call", ["read", "READ_ONCE"])
def test_a_load_returns_the_value_and_keeps_it(call):
    assert ask(cell, 7, call) == (7, 7)


@pytest.mark.parametrize("call", ["write", "WRITE_ONCE"])
def test_a_store_puts_the_value_there_and_returns_nothing(call):
    assert ask(cell, 7, call, "me", 8) == (8, None)


@pytest.mark.parametrize(
    ("call", "access"),
    [
        ("read", Access(writes=False)),
        ("write", Access(writes=True, overwrites=True)),
        ("READ_ONCE", Access(writes=False, marked=True)),
        ("WRITE_ONCE", Access(writes=True, marked=True, overwrites=True)),
    ],
)
def test_only_the_once_accesses_of_a_cell_are_marked(call, access):
    assert cell.access(call) == access


def test_a_cell_shows_words_without_quotes():
    assert (cell.show("idle"), cell.show(None), cell.show((1, "x"))) == ("idle", "None", "(1, 'x')")


def test_a_record_has_a_cell_a_field():
    zone = Record("zone", start=0, end=8)
    assert (zone.start.name, zone.start.start) == ("zone.start", 0)
    assert (zone.end.name, zone.end.start) == ("zone.end", 8)
    assert zone.start is zone.start


def test_a_record_names_the_field_that_it_lacks():
    with pytest.raises(AttributeError, match="record zone has no 'spam'"):
        Record("zone", start=0).spam  # noqa: B018


@pytest.mark.parametrize(
    ("call", "args", "outcome"),
    [
        ("atomic_read", (), (5, 5)),
        ("atomic_read_acquire", (), (5, 5)),
        ("atomic_set", (7,), (7, None)),
        ("atomic_add", (2,), (7, None)),
        ("atomic_add", (-7,), (-2, None)),
        ("atomic_add_return", (2,), (7, 7)),
        ("atomic_fetch_add", (2,), (7, 5)),
        ("atomic_inc", (), (6, None)),
        ("atomic_dec", (), (4, None)),
        ("atomic_inc_return", (), (6, 6)),
        ("atomic_dec_and_test", (), (4, False)),
        ("atomic_cmpxchg", (5, 9), (9, 5)),
        ("atomic_cmpxchg", (4, 9), (5, 5)),
        ("atomic_xchg", (9,), (9, 5)),
        ("atomic_xchg_relaxed", (9,), (9, 5)),
        ("atomic_cmpxchg_acquire", (5, 9), (9, 5)),
        ("atomic_try_cmpxchg", (5, 9), (9, True)),
        ("atomic_try_cmpxchg_release", (4, 9), (5, False)),
        ("atomic_set_release", (7,), (7, None)),
        ("atomic_read_acquire", (), (5, 5)),
        ("atomic_sub", (2,), (3, None)),
        ("atomic_sub_return", (2,), (3, 3)),
        ("atomic_fetch_sub_release", (2,), (3, 5)),
        ("atomic_dec_return", (), (4, 4)),
        ("atomic_fetch_inc", (), (6, 5)),
        ("atomic_fetch_dec_acquire", (), (4, 5)),
        ("atomic_or", (3,), (7, None)),
        ("atomic_fetch_or", (3,), (7, 5)),
        ("atomic_and", (3,), (1, None)),
        ("atomic_fetch_and", (3,), (1, 5)),
        ("atomic_andnot", (1,), (4, None)),
        ("atomic_fetch_andnot", (1,), (4, 5)),
        ("atomic_xor", (3,), (6, None)),
        ("atomic_fetch_xor", (3,), (6, 5)),
        ("atomic_sub_and_test", (5,), (0, True)),
        ("atomic_sub_and_test", (4,), (1, False)),
        ("atomic_inc_and_test", (), (6, False)),
        ("atomic_add_unless", (2, 5), (5, False)),
        ("atomic_add_unless", (2, 4), (7, True)),
        ("atomic_inc_not_zero", (), (6, True)),
        ("atomic_dec_if_positive", (), (4, 4)),
        ("atomic_max", (9,), (9, None)),
        ("atomic_max", (1,), (5, None)),
    ],
)
def test_an_atomic_operation_on_five(call, args, outcome):
    assert ask(number, 5, call, "me", *args) == outcome


def test_dec_and_test_says_that_zero_is_reached():
    assert ask(number, 1, "atomic_dec_and_test") == (0, True)
    assert ask(number, 0, "atomic_dec_and_test") == (-1, False)


@pytest.mark.parametrize(
    ("call", "args"),
    [
        ("atomic_inc", ()),
        ("atomic_inc_return", ()),
        ("atomic_add", (1,)),
        ("atomic_add_return", (1,)),
        ("atomic_fetch_add", (1,)),
        ("atomic_set", (10,)),
        ("atomic_xchg", (10,)),
        ("atomic_max", (10,)),
        ("atomic_cmpxchg", (9, 10)),
    ],
)
def test_rising_above_the_range_is_a_misuse(call, args):
    assert ask(digit, 9, call, "me", *args) == Misuse("digit would become 10, above 9")


@pytest.mark.parametrize("call", ["atomic_dec", "atomic_dec_and_test"])
def test_falling_below_the_range_is_a_misuse(call):
    assert ask(digit, 0, call) == Misuse("digit would become -1, below 0")


def test_a_compare_that_fails_can_not_leave_the_range():
    assert ask(digit, 5, "atomic_cmpxchg", "me", 4, 10) == (5, 5)


def test_every_atomic_operation_is_marked_and_only_a_read_does_not_write():
    calls = [name for name in vars(Atomic) if name.startswith("atomic_")]
    assert all(number.access(name).marked for name in calls)
    reads = ["atomic_read", "atomic_read_acquire"]
    assert [name for name in calls if not number.access(name).writes] == reads


def test_what_is_only_done_from_some_values_is_not_done_from_others():
    assert ask(number, 0, "atomic_inc_not_zero") == (0, False)
    assert ask(number, 0, "atomic_dec_if_positive") == (0, -1)
    assert ask(number, 1, "atomic_dec_if_positive") == (0, 0)
    assert ask(number, -1, "atomic_inc_and_test") == (0, True)


def test_what_returns_a_value_has_the_forms_of_the_kernel_and_what_returns_nothing_has_none():
    calls = {name for name in vars(Atomic) if name.startswith("atomic_")}
    ends = ("_acquire", "_release", "_relaxed")
    formed = {name for name in calls if name + "_relaxed" in calls}
    assert formed >= {"atomic_add_return", "atomic_fetch_or", "atomic_xchg", "atomic_try_cmpxchg"}
    assert not formed & {"atomic_add", "atomic_or", "atomic_set", "atomic_dec_and_test"}
    assert all(name + end in calls for name in formed for end in ends)


@pytest.mark.parametrize(
    ("call", "args", "result", "orders"),
    [
        ("atomic_fetch_or", (1,), 0, Order(acquires=True, releases=True)),
        ("atomic_fetch_or_acquire", (1,), 0, Order(acquires=True)),
        ("atomic_fetch_or_release", (1,), 0, Order(releases=True)),
        ("atomic_fetch_or_relaxed", (1,), 0, Order()),
        ("atomic_or", (1,), None, Order()),
        ("atomic_cmpxchg_acquire", (0, 1), 0, Order(acquires=True)),
        ("atomic_cmpxchg_acquire", (0, 1), 5, Order()),
        ("atomic_try_cmpxchg", (0, 1), True, Order(acquires=True, releases=True)),
        ("atomic_try_cmpxchg", (0, 1), False, Order()),
        ("atomic_inc_not_zero", (), False, Order()),
        ("atomic_dec_if_positive", (), -1, Order()),
        ("atomic_dec_if_positive", (), 0, Order(acquires=True, releases=True)),
        ("atomic_set_release", (1,), None, Order(releases=True, forgets=True)),
        ("atomic_read_acquire", (), 0, Order(acquires=True)),
    ],
)
def test_an_operation_orders_what_its_form_says_if_it_changed_the_value(call, args, result, orders):
    said = Atomic.call(call).ordering
    assert (said(result, args) if callable(said) else said) == orders


def test_references_are_taken_and_given_back():
    assert refs.start == 1
    assert ask(refs, 1, "refcount_inc") == (2, None)
    assert ask(refs, 2, "refcount_dec_and_test") == (1, False)
    assert ask(refs, 1, "refcount_dec_and_test") == (0, True)
    assert ask(refs, 3, "refcount_read") == (3, 3)


def test_a_reference_can_not_be_taken_from_nothing():
    reason = "me takes a reference on refs, which is already 0"
    assert ask(refs, 0, "refcount_inc") == Misuse(reason)
    assert ask(refs, 0, "refcount_inc_not_zero") == (0, False)
    assert ask(refs, 1, "refcount_inc_not_zero") == (2, True)


def test_giving_back_one_reference_too_many_is_a_misuse():
    reason = "me gives back a reference on refs, which is already 0"
    assert ask(refs, 0, "refcount_dec_and_test") == Misuse(reason)


def test_counts_are_shown_as_numbers():
    assert (number.show(3), refs.show(2)) == ("3", "2")

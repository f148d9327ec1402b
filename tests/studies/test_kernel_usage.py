"""How a kernel uses locks in handlers is compared with what a model does."""

import pytest

from locking.studies.kernel_files import KernelLocks
from locking.studies.kernel_usage import Clash, compare_usages

IN_W, ON_W, IN_R, ON_R = "IN-HARDIRQ-W", "HARDIRQ-ON-W", "IN-HARDIRQ-R", "HARDIRQ-ON-R"


def kernel(*marks: str, modes: bool = True) -> KernelLocks:
    found = KernelLocks(modes=modes)
    found.add("&zone->lock", marks)
    found.add("other", [IN_W])
    return found


def test_usages_of_locks_that_both_know_are_compared() -> None:
    model = [("lock", IN_W), ("lock", "SOFTIRQ-ON-W"), ("lock", "NMI-ON-W"), ("third", ON_W)]
    found = compare_usages(kernel(IN_W, IN_R), model)
    assert found.kernel == {("lock", IN_W), ("lock", IN_R)}
    assert found.model == {("lock", IN_W), ("lock", "SOFTIRQ-ON-W")}
    assert found.clashes == ()


@pytest.mark.parametrize(
    ("theirs", "ours", "clashes"),
    [
        (IN_W, ON_W, True),
        (ON_W, IN_W, True),
        (IN_R, ON_W, True),
        (IN_W, ON_R, True),
        (IN_R, ON_R, False),
        (IN_W, IN_W, False),
        (ON_W, ON_W, False),
        (IN_W, "SOFTIRQ-ON-W", False),
    ],
)
def test_a_lock_of_handlers_clashes_with_who_holds_it_while_they_may_come(
    theirs: str, ours: str, clashes: bool
) -> None:
    expected = (Clash("lock", theirs, ours),) if clashes else ()
    assert compare_usages(kernel(theirs), [("lock", ours)]).clashes == expected


def test_what_one_of_them_does_wrong_alone_is_no_clash_of_both() -> None:
    assert compare_usages(kernel(IN_W, ON_W), [("lock", ON_W)]).clashes == ()
    assert compare_usages(kernel(IN_W), [("lock", IN_W), ("lock", ON_W)]).clashes == ()


def test_chains_say_who_is_a_handler_and_not_for_what_it_takes_a_lock() -> None:
    found = compare_usages(kernel("IN-HARDIRQ", modes=False), [("lock", IN_W), ("lock", ON_R)])
    assert found.kernel == found.model == {("lock", "IN-HARDIRQ")}
    assert found.clashes == ()
    found = compare_usages(kernel("IN-HARDIRQ", modes=False), [("lock", ON_W)])
    assert found.clashes == (Clash("lock", "IN-HARDIRQ", ON_W),)

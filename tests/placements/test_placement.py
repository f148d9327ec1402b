"""What a placement is made of: a name, what it is about, and lists of trees, one a role."""

from typing import Any

import pytest

from locking import Mutex, Placement, step
from locking.errors import PlacementError

lock = Mutex("lock")


@step("STEP")
async def STEP(_: Any) -> None:
    await lock.lockdep_assert_held()


def test_what_it_is_about_is_given_by_name_or_second() -> None:
    for made in (
        Placement("p", "one lock", role=[lock.hold(STEP)]),
        Placement("p", about="one lock", role=[lock.hold(STEP)]),
    ):
        assert (made.name, made.about, made.show("role")) == ("p", "one lock", "[lock.hold(STEP)]")


def test_a_placement_may_be_about_nothing() -> None:
    assert Placement("p", role=[STEP]).about == ""


@pytest.mark.parametrize(
    "given", [([STEP],), (STEP,), ("one lock", [STEP]), ("one lock", [STEP], [STEP]), (None,)]
)
def test_trees_of_no_role_are_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(PlacementError, match=r"placement 'p': .* is of no role; .* role=\[...\]"):
        Placement("p", *given, role=[STEP])


@pytest.mark.parametrize("trees", [STEP, lock.hold(STEP), None, "STEP", 1])
def test_trees_that_are_no_list_are_refused(trees: Any) -> None:
    with pytest.raises(PlacementError, match=r"placement 'p', role: .* is no list; write \[...\]"):
        Placement("p", role=trees)


def test_a_placement_of_no_role_is_refused() -> None:
    with pytest.raises(PlacementError, match="says nothing of any role"):
        Placement("p", "one lock")

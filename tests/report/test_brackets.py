"""A placement drawn as brackets over its named steps."""

import pytest

from locking import Mutex, RwSem, Step, let_go, take
from locking.placements.trees import Tree
from locking.report.brackets import drawn_roles

SHORT, MIDDLE, LONGEST = (
    Step(name, lambda _: None) for name in ("AB", "RESIZE_ZONE", "INIT_PAGES")
)
sem, mutex = RwSem("sem"), Mutex("lock")


def drawn(*trees: Tree, width: int = 80) -> list[str]:
    """The lines of one role."""
    return drawn_roles({"adder": trees}, width)


def test_a_bracket_is_over_the_steps_under_the_lock() -> None:
    assert drawn(SHORT, sem.write(MIDDLE, LONGEST), SHORT) == [
        "           ┌ sem: write ─────────┐",
        "adder  AB  RESIZE_ZONE  INIT_PAGES  AB",
    ]


def test_steps_make_room_for_what_a_bracket_says() -> None:
    assert drawn(sem.write(SHORT), SHORT) == [
        "       ┌ sem: write ┐",
        "adder  AB              AB",
    ]


def test_an_outer_bracket_is_above_an_inner_one() -> None:
    assert drawn(mutex.hold(SHORT, sem.read(MIDDLE))) == [
        "       ┌ lock: hold ───┐",
        "           ┌ sem: read ┐",
        "adder  AB  RESIZE_ZONE",
    ]


def test_a_downgrade_goes_on_in_the_bracket() -> None:
    assert drawn(sem.write(MIDDLE).downgrade(LONGEST), SHORT) == [
        "       ┌ sem: write ───┬ downgraded to read ┐",
        "adder  RESIZE_ZONE     INIT_PAGES              AB",
    ]


def test_a_bracket_that_goes_on_below_has_no_corner_there() -> None:
    assert drawn(sem.write(MIDDLE, LONGEST, SHORT), SHORT, width=32) == [
        "       ┌ sem: write ──────────",
        "adder  RESIZE_ZONE  INIT_PAGES",
        "       ─┐",
        "       AB  AB",
    ]


def test_what_does_not_nest_is_shown_as_it_is_written() -> None:
    assert drawn(take(mutex.hold()), SHORT, let_go(mutex.hold())) == [
        "adder  [take(lock.hold()), AB, let_go(lock.hold())]"
    ]


def test_regions_are_numbered_as_they_are_taken() -> None:
    lines = drawn_roles(
        {"adder": (mutex.hold(sem.read(SHORT)), sem.write(SHORT))}, 80, numbered=True
    )
    text = "\n".join(lines)
    assert [name in text for name in ("1 lock: hold", "2 sem: read", "3 sem: write")] == [True] * 3


@pytest.mark.parametrize("width", range(14, 60))
def test_no_line_is_wider_than_it_may_be(width: int) -> None:
    trees = (mutex.hold(SHORT, sem.write(MIDDLE, LONGEST).downgrade(SHORT, MIDDLE)), LONGEST)
    lines = drawn(*trees, width=max(width, 40))
    assert max(map(len, lines)) <= max(width, 40)
    text = " ".join(line for line in lines)
    assert text.count("RESIZE_ZONE") == text.count("INIT_PAGES") == text.count("AB") == 2

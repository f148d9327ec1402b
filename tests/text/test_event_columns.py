"""Events in a column for each thread."""

from locking.text.event_columns import ColumnEvent, event_columns

EVENTS = [
    ColumnEvent(0, "a", "WRITE_ONCE(read_count, 0)", ["read_count = 0"]),
    ColumnEvent(1, "b", "rcu_assign_pointer(rcuwait.task)", ["it is False, as at first"]),
]


def test_each_thread_has_a_column() -> None:
    assert event_columns(["reader", "writer"], EVENTS, 90) == [
        "  reader                                      writer",
        "  a WRITE_ONCE(read_count, 0)",
        "    read_count = 0",
        "                                              b rcu_assign_pointer(rcuwait.task)",
        "                                                it is False, as at first",
    ]


def test_what_does_not_fit_is_folded_and_not_cut() -> None:
    for width in (50, 60, 70):
        lines = event_columns(["reader", "writer"], EVENTS, width)
        assert max(map(len, lines)) <= width
        text = "".join("".join(lines).split())
        assert "rcu_assign_pointer(rcuwait.task)" in text and "itisFalse,asatfirst" in text


def test_threads_that_have_no_room_are_listed() -> None:
    lines = event_columns(["reader", "writer"], EVENTS, 40)
    assert lines[0] == "  a reader WRITE_ONCE(read_count, 0)"
    assert max(map(len, lines)) <= 40

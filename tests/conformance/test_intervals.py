"""How long steps took in a trace: what counts as one, and what real traces show."""

from fractions import Fraction

from locking.conformance.event_map import event_map_of
from locking.conformance.intervals import intervals_of
from locking.conformance.recorded_event import RecordedEvent
from locking.conformance.recording import recording_of
from locking.durations.measured import measured_durations
from tests.conformance.held import EVERY_TRACE, FORMS, events, recording

STEPS = event_map_of(
    {"steps": {"A": ["a_in", "a_mid?", "a_out"], "ALL": ["all_in", "a_in", "a_out", "all_out"]}}
)


def taken(*seen: tuple[int, str]) -> list[tuple[str, str, int, int]]:
    """The intervals of events by a pid and their names, of which each second has one."""
    trace = [
        RecordedEvent(second, float(second), 0, "t", pid, name, "")
        for second, (pid, name) in enumerate(seen)
    ]
    found = intervals_of(recording_of(STEPS, trace), STEPS)
    return [(each.task, each.step, int(each.begin), int(each.end)) for each in found]


def test_a_step_lasts_from_its_first_event_to_its_last_of_one_task() -> None:
    seen = [(1, "a_in"), (2, "a_in"), (2, "a_mid"), (1, "a_out"), (2, "a_out")]
    assert taken(*seen) == [("t-1", "A", 0, 3), ("t-2", "A", 1, 4)]


def test_a_step_inside_of_a_longer_one_is_not_counted() -> None:
    inside = [(1, each) for each in ("all_in", "a_in", "a_out", "all_out")]
    assert taken(*inside, (1, "a_in"), (1, "a_out")) == [("t-1", "ALL", 0, 3), ("t-1", "A", 4, 5)]


def test_a_step_that_is_broken_off_is_not_counted() -> None:
    assert taken((1, "a_out"), (1, "a_in"), (1, "a_in"), (1, "a_out")) == [("t-1", "A", 2, 3)]


def test_a_step_whose_first_or_last_event_is_not_shown_is_not_measured() -> None:
    assert taken((1, "a_mid"), (1, "a_out"), (1, "a_in")) == []
    assert taken((1, "a_in"), (1, "a_out")) == [("t-1", "A", 0, 1)]  # and nothing of ALL


def test_both_forms_of_a_real_trace_have_the_same_medians() -> None:
    for name in EVERY_TRACE:
        found = [measured_durations(intervals_of(recording(name, f), events())) for f in FORMS]
        assert found[0] == found[1]


def test_the_medians_of_a_real_trace() -> None:
    found = measured_durations(intervals_of(recording(EVERY_TRACE[0]), events())).steps
    assert found["INIT_DEVICE_PAGES"].seconds == Fraction(12_553, 1_000_000)
    assert "ONLINE_PAGES" not in found

"""Events that a trace does not tell apart: which is meant, and where that is not known."""

from locking.conformance.event_map import event_map_of
from locking.conformance.recorded_event import LostEvents, RecordedEvent
from locking.conformance.recording import recording_of
from locking.monitors.told_apart import ToldApart, told_apart

BIG = {"where": {"lock": "big"}}
EVENTS = event_map_of(
    {
        "events": {
            "w_enter": {"name": "acquire", "where": {"lock": "big", "read": ""}},
            "r_enter": {"name": "acquire", "where": {"lock": "big", "read": "1"}},
            **{name: {"name": "acquired", **BIG} for name in ("w_acq", "r_acq")},
            **{name: {"name": "release", **BIG} for name in ("w_rel", "r_rel")},
        },
        "locks": {
            "big": {
                "write": {"take": ["w_enter", "w_acq"], "release": ["w_rel"]},
                "read": {"take": ["r_enter", "r_acq"], "release": ["r_rel"]},
                "downgrade": ["down"],
            }
        },
    }
)


def told(*events: tuple[int, str]) -> ToldApart:
    """What is told of events by a pid and their names; `read` is an acquire for reading."""
    trace = [
        RecordedEvent(
            line,
            0.0,
            0,
            "t",
            pid,
            "acquire" if name == "read" else name,
            "0xff read big" if name == "read" else "lock=big",
        )
        for line, (pid, name) in enumerate(events, 1)
    ]
    return told_apart(recording_of(EVENTS, trace), EVENTS)


def names(found: ToldApart) -> list[str]:
    return [each.name for each in found.events]


def test_the_mode_is_that_in_which_the_task_asked() -> None:
    found = told((1, "acquire"), (2, "read"), (1, "acquired"), (1, "release"), (2, "acquired"))
    assert names(found) == ["w_enter", "r_enter", "w_acq", "w_rel", "r_acq"]
    assert not found.cause


def test_after_a_downgrade_the_lock_is_let_go_for_reading() -> None:
    found = told((1, "acquire"), (1, "acquired"), (1, "down"), (1, "release"))
    assert names(found) == ["w_enter", "w_acq", "down", "r_rel"]


def test_what_is_not_told_makes_the_rest_unknown() -> None:
    for before in ([], [(1, "acquire"), (1, "acquired"), (1, "release")], [(2, "acquire")]):
        found = told(*before, (1, "acquired"), (1, "release"))
        assert len(found.events) == len(before)
        assert found.until == len(before) + 1
        assert found.cause == "acquired may be r_acq or w_acq, and the trace does not tell which"


def test_lost_events_make_the_rest_unknown() -> None:
    event = RecordedEvent(1, 0.0, 0, "t", 1, "acquire", "lock=big")
    trace = [event, LostEvents(2, "LOST 3 EVENTS"), event._replace(line=3)]
    found = told_apart(recording_of(EVENTS, trace), EVENTS)
    assert (names(found), found.until) == (["w_enter"], 2)
    assert found.cause == "events were lost: LOST 3 EVENTS"

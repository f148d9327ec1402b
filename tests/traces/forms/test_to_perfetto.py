"""Trace events: the rules of the format, and what the tracks show."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from locking import Cell, Model, RwSem, System, Thread, require, required
from locking.traces.forms.page import Page
from locking.traces.forms.to_perfetto import SECOND, labels_of_holders, render
from locking.traces.shown_run import ShownRun
from locking.traces.why.causes import causes
from locking.traces.why.explain import diagnose
from tests.traces import runs
from tests.traces.forms.hostile import EXAMPLES, hostile
from tests.traces.forms.trace_events import broken


def events(told: ShownRun) -> list[Any]:
    """The events of a file that breaks no rule."""
    text = render(told, Page())
    assert broken(text) == []
    return json.loads(text)["traceEvents"]


def slices(told: ShownRun, kind: str) -> list[tuple[str, str, float, float]]:
    """Slices of a kind: track, name, and from when to when, in steps."""
    found = events(told)
    tracks = {each["tid"]: each["args"]["name"] for each in found if each["name"] == "thread_name"}
    return [
        (tracks[e["tid"]], e["name"], e["ts"] / SECOND, (e["ts"] + e["dur"]) / SECOND)
        for e in found
        if e["ph"] == "X" and e["cat"] == kind
    ]


def test_no_run_breaks_a_rule_of_the_format():
    for told in [*runs.textbook(), *runs.small().values()]:
        assert broken(render(told, Page())) == [], told.path


@pytest.mark.slow
def test_no_failing_cell_breaks_a_rule_of_the_format():
    for told in runs.failing_cells():
        assert broken(render(told, Page())) == [], told.path


PLANTED: dict[str, Callable[[Any], Any]] = {
    "order at": lambda event: event | {"ts": 10**9 - event["ts"]},
    "nesting": lambda event: event | ({"dur": event["dur"] + 1} if event["ph"] == "X" else {}),
    "pairs": lambda event: event | ({"id": 7} if event["ph"] == "f" else {}),
    "goes back": lambda event: event | {"ph": TURNED.get(event["ph"], event["ph"]), "bp": "e"},
    "X: dur": lambda event: {name: value for name, value in event.items() if name != "dur"},
    "phase": lambda event: event | {"ph": "Q"},
    "i: scope": lambda event: event | {"s": "everywhere"},
    "C: number": lambda event: event | {"args": {"threads": "two"}},
    "M: thread_name": lambda event: event | {"args": {}},
}
"""What breaks each rule, done to every event."""

TURNED = {"s": "f", "f": "s"}
"""Ends of an arrow, for each other."""


@pytest.mark.parametrize("rule", PLANTED)
def test_a_file_that_breaks_a_rule_is_seen(rule):
    document = json.loads(render(runs.small()["ends well"], Page()))
    planted = document | {"traceEvents": list(map(PLANTED[rule], document["traceEvents"]))}
    assert any(rule in problem for problem in broken(json.dumps(planted)))


def test_a_step_lies_between_its_number_and_the_next_and_a_block_shares_one():
    assert slices(runs.small()["requirement"], "operation") == [("reader", "read(x)", 1, 2)]
    assert [
        (since, until) for _, _, since, until in slices(runs.small()["atomic"], "operation")
    ] == [
        (1, 1.333333),
        (1.333333, 1.666666),
        (1.666666, 2),
        (2, 3),
    ]


def test_sections_are_around_what_is_done_in_them():
    assert slices(runs.small()["atomic"], "section") == [
        ("chooser", "outer", 1, 4),
        ("chooser", "configure", 1, 2),
        ("chooser", "late", 1.666666, 2),
    ]


def test_a_lock_shows_who_holds_it_and_who_waits():
    told = runs.small()["deadlock"]
    assert slices(told, "lock") == [
        ("lock passing", "read one", 2, 3),
        ("lock a", "held by two; waiting: one", 3, 4),
        ("lock passing", "read one; waiting: two", 3, 4),
    ]
    assert slices(told, "wait") == [
        ("one", "waits for a", 3, 4),
        ("two", "waits for passing", 3, 4),
    ]
    counters = [
        (each["name"], each["ts"] / SECOND, each["args"]["threads"])
        for each in events(told)
        if each["ph"] == "C"
    ]
    assert ("waiting for a", 3, 1) in counters and ("waiting for passing", 2, 0) in counters


def colour_names(told: ShownRun) -> dict[str, set[str]]:
    """For every holder, the names that Perfetto's UI takes colours from: digits do not count."""
    found: dict[str, set[str]] = {}
    for _, name, _, _ in slices(told, "holder"):
        found.setdefault(name, set()).add(re.sub(r"( )?\d+", "", name))
    return found


def test_who_holds_a_lock_has_one_colour_while_others_come_to_wait():
    assert slices(runs.small()["deadlock"], "holder") == [
        ("lock passing", "one", 2, 4),
        ("lock a", "two", 3, 4),
    ]


def alike_but_for_digits() -> ShownRun:
    """A run in which two threads write in turn, and then read at once."""
    lock, seen = RwSem("lock"), Cell("seen", 0)

    async def work() -> None:
        async with lock.write():
            pass
        async with lock.read():
            await seen.write(await seen.read() + 1)
            require(await seen.read() < 2, "alone")

    made = [Thread(name, work) for name in ("adder-10", "adder-12")]
    system = System([lock, seen], made, [required("alone")])
    [told] = runs.shown(Model("system", "", lambda _: system).case("only", None))
    return told


def test_holders_have_colours_that_differ_though_only_digits_tell_their_names_apart():
    told = alike_but_for_digits()
    found = colour_names(told)
    assert set(found) == {"adder-10 (a)", "adder-12 (b)", "adder-10 (a), adder-12 (b)"}
    colours = [next(iter(each)) for each in found.values()]
    assert len(set(colours)) == len(colours)


def test_letters_go_on_after_z():
    names = [f"t{at}" for at in range(28)]
    labels = labels_of_holders([*names, "other"])
    assert (labels["t0"], labels["t25"], labels["t26"], labels["t27"]) == (
        "t0 (a)",
        "t25 (z)",
        "t26 (aa)",
        "t27 (ab)",
    )
    assert labels["other"] == "other"


def test_a_thread_that_waits_from_the_start_waits_until_it_may_go_on():
    assert slices(runs.small()["at once"], "wait") == [("w", "waits for done", 1, 2)]


def test_arrows_are_what_a_step_depends_on_but_not_the_order_of_a_thread():
    for told in runs.textbook():
        arrows = [each for each in events(told) if each["ph"] == "f"]
        wanted = [cause for found in causes(told.trace) for cause in found if cause.kind != "order"]
        assert sorted((each["cat"], each["name"]) for each in arrows) == sorted(
            cause[1:] for cause in wanted
        )


def test_the_end_says_what_the_run_shows_and_why():
    told = runs.small()["deadlock"]
    [end] = [each for each in events(told) if each["ph"] == "i"]
    assert (end["name"], end["ts"]) == ("deadlock-free fails", 3 * SECOND)
    assert end["args"]["diagnosis"] == diagnose(told)


def test_the_replay_line_is_there():
    told = runs.small()["deadlock"]
    assert json.loads(render(told, Page()))["otherData"]["replay"] == told.path


@EXAMPLES
@given(hostile())
def test_names_of_any_signs_come_through(told):
    text = render(told, Page())
    assert text.isascii() and text.replace("\n", "").isprintable()
    names = [each["args"]["name"] for each in events(told) if each["name"] == "thread_name"]
    assert names[:2] == list(told.trace.names)

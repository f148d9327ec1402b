"""The rules of the Trace Event Format, by its published document, for the phases that we write.

Fields of every event; of each phase; slices of a track that lie one inside the other or apart, as
they come in the file; arrows that begin and end once, each end inside a slice of its track.
"""

import json
from collections import Counter
from itertools import pairwise
from typing import Any

Json = dict[str, Any]

FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "X": {"dur": int, "cat": str},
    "C": {"args": dict},
    "M": {"args": dict},
    "i": {"s": str},
    "s": {"id": (int, str), "cat": str},
    "f": {"id": (int, str), "cat": str},
}
"""What an event of each phase has, beside the fields of all."""

EVERY: dict[str, type] = {"name": str, "ph": str, "ts": int, "pid": int, "tid": int}

NAMES = {"process_name": "name", "thread_name": "name", "thread_sort_index": "sort_index"}
"""The metadata that there may be, and what it says."""


def broken(text: str) -> list[str]:
    """Every rule that a file breaks."""
    document = json.loads(text)
    events = document["traceEvents"]
    found = [problem for event in events for problem in wrong_fields(event)]
    if document["displayTimeUnit"] not in ("ms", "ns"):
        found.append("unit")
    return found or [*wrong_order(events), *wrong_nesting(events), *wrong_arrows(events)]


def wrong_fields(event: Json) -> list[str]:
    """The fields that an event lacks, or that are of another type."""
    phase = event.get("ph")
    if phase not in FIELDS:
        return [f"phase {phase}"]
    needed = EVERY | FIELDS[phase]
    found = [f"{phase}: {name}" for name, type_ in needed.items() if not is_a(event, name, type_)]
    if phase == "i" and event.get("s") not in ("g", "p", "t"):
        found.append("i: scope")
    if phase == "M" and NAMES.get(event["name"]) not in event.get("args", {}):
        found.append(f"M: {event['name']}")
    if phase == "C" and not all(type(each) is int for each in event.get("args", {}).values()):
        found.append("C: number")
    if event.get("ts", 0) < 0 or event.get("dur", 1) <= 0:
        found.append(f"{phase}: time")
    return found


def is_a(event: Json, name: str, type_: type | tuple[type, ...]) -> bool:
    """Whether a field is there, of this type."""
    return isinstance(event.get(name), type_)


def wrong_order(events: list[Json]) -> list[str]:
    """That times go back."""
    return [f"order at {b['name']}" for a, b in pairwise(events) if a["ts"] > b["ts"]]


def wrong_nesting(events: list[Json]) -> list[str]:
    """The slices that reach out of the one that they began in, or come before it in the file."""
    found = []
    open_: dict[tuple[int, int], list[int]] = {}
    for event in (event for event in events if event["ph"] == "X"):
        stops = open_.setdefault((event["pid"], event["tid"]), [])
        while stops and stops[-1] <= event["ts"]:
            stops.pop()
        stop = event["ts"] + event["dur"]
        if stops and stop > stops[-1]:
            found.append(f"nesting of {event['name']}")
        stops.append(stop)
    return found


def wrong_arrows(events: list[Json]) -> list[str]:
    """The arrows without a beginning, without an end, that go back, or with an end in no slice."""
    found = []
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    twice = Counter((event["ph"], event["id"]) for event in events if event["ph"] in "sf")
    if starts.keys() != ends.keys() or any(count > 1 for count in twice.values()):
        return ["arrows are not in pairs"]
    for number, start in starts.items():
        end = ends[number]
        if (start["cat"], start["name"]) != (end["cat"], end["name"]) or end.get("bp") != "e":
            found.append(f"ends of arrow {number}")
        if start["ts"] >= end["ts"]:
            found.append(f"arrow {number} goes back")
        found += [f"arrow {number} is in no slice" for e in (start, end) if not inside(events, e)]
    return found


def inside(events: list[Json], moment: Json) -> bool:
    """Whether a slice of an operation is around a moment of its track."""
    return any(
        event["ph"] == "X"
        and event["cat"] == "operation"
        and event["tid"] == moment["tid"]
        and event["ts"] <= moment["ts"] < event["ts"] + event["dur"]
        for event in events
    )

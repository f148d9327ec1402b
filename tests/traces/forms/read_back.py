"""The operations of a run, read back from the text of each of its forms, and from that alone."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from locking.text.fit import escape
from locking.traces.replay import Event, Trace


class Said(NamedTuple):
    """What a form says of an operation; `object` is empty where it is told by the call alone."""

    step: int
    thread: str
    call: str
    object: str
    result: str | None
    change: tuple[str, str] | None
    variables: tuple[tuple[str, str], ...]
    queued: bool
    misuse: str


def told_by(trace: Trace, event: Event, written: Callable[[str], str] = str) -> Said:
    """All that there is to say of an operation; `written` is how the form writes a text."""
    change = event.change
    return Said(
        event.number,
        written(trace.names[event.thread]),
        written(event.call),
        written(event.target),
        written(repr(event.result)) if event.gave or event.call == "choose" else None,
        (written(change.old), written(change.new)) if change else None,
        tuple((written(name), written(text)) for name, text in event.locals),
        event.queued,
        written(event.misuse),
    )


def whole(trace: Trace) -> list[Said]:
    """What the forms in JSON say."""
    return [told_by(trace, event) for event in trace.events]


def drawn(trace: Trace) -> list[Said]:
    """What the diagram says: it draws only locks as objects, and says of a lock who holds it."""
    locks = {held.name for event in trace.events for held in event.held}
    locks |= {held.name for held in trace.held}
    found = []
    for event in trace.events:
        said = told_by(trace, event, escape)
        if event.target not in locks:
            said = said._replace(object="")
        if event.queued or (event.change and event.change.is_lock):
            said = said._replace(change=None)
        found.append(said)
    return found


def on_locks(trace: Trace) -> list[Said]:
    """What the splat says: the operations on locks, with what they gave."""
    return [
        said._replace(object="", change=None, variables=()) for said in drawn(trace) if said.object
    ]


def from_json(text: str) -> list[Said]:
    """The operations in the document."""
    return [
        Said(
            event["step"],
            event["thread"],
            event["call"],
            event["object"] or "",
            event["result"],
            (event["change"]["old"], event["change"]["new"]) if event["change"] else None,
            tuple((each["name"], each["value"]) for each in event["variables"]),
            event["queued"],
            event["misuse"] or "",
        )
        for event in json.loads(text)["events"]
    ]


def from_perfetto(text: str) -> list[Said]:
    """The slices of the threads' tracks that are operations, in the order of their times."""
    events = json.loads(text)["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    slices = [event for event in events if event.get("cat") == "operation"]
    return [of_slice(each, names) for each in sorted(slices, key=lambda each: each["ts"])]


def of_slice(event: dict[str, Any], names: dict[int, str]) -> Said:
    """One of them."""
    args = event["args"]
    assert args["step"] == event["ts"] // 1_000_000
    return Said(
        args["step"],
        names[event["tid"]],
        event["name"],
        args.get("object", ""),
        args.get("result"),
        (args["old"], args["new"]) if "old" in args else None,
        tuple(args.get("variables", {}).items()),
        args.get("queued", False),
        args.get("misuse", ""),
    )


PARTICIPANT = re.compile(r"    participant ([to]\d+) as (.*)")
ARROW = re.compile(r"    (t\d+)(->>|-\)|-x)([to]\d+): (\d+)\. (.*)")


def from_mermaid(text: str) -> list[Said]:
    """The solid arrows of the diagram, with the names of the lifelines that they join."""
    lines = text.splitlines()
    names = {m[1]: plain(m[2]) for line in lines if (m := PARTICIPANT.fullmatch(line))}
    return [of_arrow(m, names) for line in lines if (m := ARROW.fullmatch(line))]


def plain(text: str) -> str:
    """What Mermaid shows for a text: its entities are those of HTML, with `#` for `&#`."""
    return re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), text)


def of_arrow(arrow: re.Match[str], names: dict[str, str]) -> Said:
    """One of them."""
    thread, kind, target, number, text = arrow.groups()
    first, *others, _ = text.split("<br/>")
    call, result = re.fullmatch(r"(.*?)(?: (?:=|->) (.*))?", first).groups()
    changes = [line.split(" -> ") for line in others if " -> " in line]
    variables = [line.split(" = ") for line in others if " = " in line]
    misuses = [line.removeprefix("misuse ") for line in others if line.startswith("misuse ")]
    assert (kind == "-)") == ("waits in the queue" in others)
    assert (kind == "-x") == bool(misuses)
    return Said(
        int(number),
        names[thread],
        plain(call),
        "" if target == thread else names[target],
        None if result is None else plain(result),
        next(((plain(old), plain(new)) for old, new in changes), None),
        tuple((plain(name), plain(value)) for name, value in variables),
        kind == "-)",
        plain("".join(misuses)),
    )


STEP = re.compile(
    r"\[ *(\d+)\] (.*?)/\d+: (\w+\(.*?\))"
    r"(?: = (.*?))?(, waits in the queue)?(?:, misuse: (.*))?, at: .*"
)


def from_lockdep(text: str) -> list[Said]:
    """The lines of the run that stand at the end of the splat."""
    return [
        Said(int(m[1]), m[2], m[3], "", m[4], None, (), bool(m[5]), m[6] or "")
        for line in text.splitlines()
        if (m := STEP.fullmatch(line))
    ]

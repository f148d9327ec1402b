"""One execution of a litmus test as it is shown: its order, and each event in a few words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from locking.litmus.candidates import LitmusCandidate
from locking.litmus.structures import NumberedEvent
from locking.litmus.syntax import Combined, Compared, LitmusCondition, LitmusPlace
from locking.litmus.values import LitmusValue
from locking.memory_models.showing import event_letter, shown_order
from locking.memory_models.sources import READ_KINDS
from locking.text.fit import escape


class ShownEvent(NamedTuple):
    """An event as it is shown. `thread` is -1 for an initial write."""

    name: str
    thread: int
    line: int
    source: str
    """The statement, as the file has it."""
    effect: str
    """What it read or wrote, and where the value came from."""


def value_text(value: LitmusValue) -> str:
    """A value as it is shown."""
    if isinstance(value, str):
        return f"&{value}"
    return "any value" if isinstance(value, tuple) else str(value)


def shown_events(candidate: LitmusCandidate, lines: Sequence[str]) -> dict[int, ShownEvent]:
    """The events of a candidate but for initial writes, by their numbers, in an order of time."""
    order = shown_order(candidate.combination.source_events, candidate.sources)
    names = {event: event_letter(at) for at, event in enumerate(order)}
    return {
        event: ShownEvent(
            names[event],
            candidate.combination.events[event].thread,
            candidate.combination.events[event].event.line,
            source_text(lines, candidate.combination.events[event].event.line),
            effect_text(candidate, event, names),
        )
        for event in order
    }


def source_text(lines: Sequence[str], line: int) -> str:
    """A line of the file, without the white space around it."""
    return escape(lines[line - 1].strip().rstrip(";{").strip()) if 0 < line <= len(lines) else ""


def effect_text(candidate: LitmusCandidate, event: int, names: Mapping[int, str]) -> str:
    """What an event reads or writes."""
    each = candidate.combination.events[event]
    location, kind = each.event.location, each.event.kind
    if kind in LOCK_EFFECTS:
        return f"{LOCK_EFFECTS[kind]} {location}{source_of(candidate, event, names)}"
    value = value_text(candidate.values.get(event, 0))
    if kind == "R":
        return f"{location} is {value}{source_of(candidate, event, names)}"
    if kind == "W":
        return f"{location} = {value}"
    return fence_text(each)


LOCK_EFFECTS = {
    "LKR": "finds free",
    "LKW": "takes",
    "UL": "releases",
    "LF": "fails to take",
    "RL": "sees taken",
    "RU": "sees free",
}
"""What each event of a spinlock does."""


def fence_text(each: NumberedEvent) -> str:
    """What a fence is."""
    return each.event.tags[0] + (f" {each.event.location}" if each.event.location else "")


def source_of(candidate: LitmusCandidate, event: int, names: Mapping[int, str]) -> str:
    """Where a read took its value from."""
    source = candidate.sources.get(event)
    if source is None or candidate.combination.events[event].event.kind not in READ_KINDS:
        return ""
    return f", from {names[source]}" if source in names else ", as at first"


def event_in_words(candidate: LitmusCandidate, shown: Mapping[int, ShownEvent], event: int) -> str:
    """An event in a sentence."""
    if event in shown:
        found = shown[event]
        return f"{found.name} ({found.effect})"
    each = candidate.combination.events[event]
    return f"initially {each.event.location} = {value_text(candidate.values.get(event, 0))}"


def litmus_condition_text(condition: LitmusCondition, *, inside: bool = False) -> str:
    """A condition as tests write it."""
    if isinstance(condition, Compared):
        sign = "=" if condition.equal else "!="
        other = condition.other
        right = (
            f"{other}"
            if not isinstance(other, LitmusPlace) or other.thread is not None
            else f"[{other}]"
        )
        return f"{condition.place}{sign}{right}"
    return combined_text(condition, inside=inside)


CONNECTIVES = {"and": " /\\ ", "or": " \\/ ", "implies": " => "}


def combined_text(condition: Combined, *, inside: bool) -> str:
    """A combined condition as tests write it; in parentheses if it is `inside` another."""
    operator, parts = condition
    if not parts:
        return "true" if operator == "and" else "false"
    shown = [litmus_condition_text(each, inside=True) for each in parts]
    if operator == "not":
        return f"~({shown[0]})" if isinstance(parts[0], Compared) else f"~{shown[0]}"
    text = CONNECTIVES[operator].join(shown)
    return f"({text})" if inside else text

"""What a trace says of placements, as text."""

from collections.abc import Mapping, Sequence

from locking.conformance.answer import TraceAnswer
from locking.conformance.discipline import Count
from locking.conformance.drawn import drawn, event_text, sentence_lines
from locking.conformance.following import Offence
from locking.conformance.judged import Conformance, Judged, whereabouts_in_words
from locking.conformance.recording import Recording
from locking.text.fit import columns
from locking.text.styled import Line, styled
from locking.text.words import counted, listed

PAIRS = 8
"""Pairs that a line names at most; the others are counted."""


def conformance_page(
    answer: TraceAnswer, model: str, trace: str, named: bool, width: int
) -> list[Line]:
    """All that is printed. If placements were `named`, what rules one out is drawn.

    Else it is drawn only of the one that came farthest, where all are ruled out.
    """
    parts = [heading(answer.recording, model, trace, width)]
    if answer.coarse:
        text = "Too coarse for placements, for it shows no named step: locks alone are judged."
        parts.append(sentence_lines(text, width))
    else:
        parts.append(placement_table(answer, width))
    differing = [each for each in answer.found if each.offence]
    if not named:
        parts.append(not_told_apart(answer.possible, width))
        farthest = max(differing, key=lambda each: each.followed, default=None)
        differing = [farthest] if farthest and not answer.possible else []
    parts += [first_offence(each, width) for each in differing]
    parts += [coverage(each, width) for each in answer.possible[0 if named else -1 :]]
    parts.append(discipline_table(answer.counts, width))
    return [line for part in parts if part for line in [(), *part]][1:]


def heading(recording: Recording, model: str, trace: str, width: int) -> list[Line]:
    """What was read."""
    text = (
        f"{model} against {trace}: {counted(recording.events, 'event')}, "
        f"of which {len(recording.observed):,} are of the event map"
    )
    lines = sentence_lines(text, width, "title")
    if recording.lost:
        lost = f"Unknown from line {recording.lost.line} on: {recording.lost.text}"
        lines += sentence_lines(lost, width, "condition")
    return lines


def placement_table(answer: TraceAnswer, width: int) -> list[Line]:
    """Every placement with its verdict, and the event that rules it out."""
    rows = [
        (each.placement.name, conformance_in_words(each, answer.roles_of(each)))
        for each in answer.found
    ]
    return styled(columns("Placements:", rows, width, 0))


def conformance_in_words(judged: Judged, by_role: Mapping[str, Offence]) -> str:
    """The verdict on one placement in a sentence."""
    if judged.offence:
        each = [f"{role}: {ruling_out(offence)}" for role, offence in by_role.items()]
        return "ruled out by " + ("; ".join(each) or ruling_out(judged.offence))
    if judged.conformance is Conformance.UNKNOWN:
        return f"conforms up to line {judged.until}, unknown from there on: {judged.cause}"
    return "conforms"


def ruling_out(offence: Offence) -> str:
    """The event that rules a placement out, and why."""
    event = offence.at.event
    why = offence.why or f"it allows {allowed(offence)}"
    return f"line {event.line}, {event.who} {event_text(offence.at)} ({why})"


def allowed(offence: Offence) -> str:
    """What the task could have shown instead."""
    names = [f"{name} (not now: {off})" if off else name for name, off in offence.allowed]
    return listed(names) if names else "no event of this task here"


def first_offence(judged: Judged, width: int) -> list[Line]:
    """The first event that no run shows: the last events as columns, and the model's state."""
    assert judged.offence
    event = judged.offence.at.event
    where = judged.places.get(event.who, ())
    text = (
        f"{judged.placement.name}: no run shows line {event.line}, {event.who} "
        f"{event_text(judged.offence.at)}, after {counted(judged.followed, 'event')}."
    )
    why = f"Why: {judged.offence.why}. " if judged.offence.why else "Why: "
    why += f"{event.who} is {whereabouts_in_words(where)}; it may show {allowed(judged.offence)}."
    state = [(task, whereabouts_in_words(places)) for task, places in judged.places.items()]
    return [
        *sentence_lines(text, width, "title"),
        (),
        *drawn(judged, width),
        (),
        *styled(columns("The locks then:", judged.locks, width)),
        *styled(columns("The tasks then:", state, width)),
        *sentence_lines(why, width, "why"),
    ]


def not_told_apart(conforming: Sequence[Judged], width: int) -> list[Line]:
    """What is to be said where several placements conform."""
    if len(conforming) < 2:
        return []
    names = listed([each.placement.name for each in conforming])
    first = conforming[0].placement.roles
    roles = sorted(
        {
            role
            for each in conforming
            for role in {*each.placement.roles, *first}
            if each.placement.roles.get(role) != first.get(role)
        }
    )
    differ = f"they differ in {listed(roles)}" if roles else "they differ in nothing that is seen"
    text = f"Not told apart by this trace: {names}; {differ}."
    return sentence_lines(text, width)


def coverage(judged: Judged, width: int) -> list[Line]:
    """What was seen of a placement, and what it allows besides."""
    seen, unseen = judged.covered, judged.unseen
    rows = [
        ("roles", counts_in_words(seen.roles)),
        ("never played", ", ".join(unseen.roles)),
        ("named steps", counts_in_words(seen.steps)),
        ("never seen", ", ".join(unseen.steps)),
        ("without an event", ", ".join(unseen.hidden)),
        ("regions", counts_in_words(seen.regions)),
        ("never taken", ", ".join(unseen.regions)),
        ("beside each other", pair_counts(seen.beside, " with ")),
        ("never beside", some_pairs(unseen.beside, " with ")),
        ("in order", pair_counts(seen.orders, " then ")),
        ("never in order", some_pairs(unseen.orders, " then ")),
    ]
    title = f"Covered of {judged.placement.name}:"
    return styled(columns(title, [row for row in rows if row[1]], width, 0))


def counts_in_words(found: Mapping[str, int]) -> str:
    """Names with their numbers."""
    return ", ".join(f"{name} {count:,}" for name, count in found.items())


def pair_counts(found: Mapping[tuple[str, str], int], between: str) -> str:
    """Pairs with their numbers."""
    return ", ".join(f"{between.join(pair)} {count:,}" for pair, count in found.items())


def some_pairs(found: Sequence[tuple[str, str]], between: str) -> str:
    """Some pairs; the others are counted."""
    more = f" and {len(found) - PAIRS} more" if len(found) > PAIRS else ""
    return ", ".join(between.join(pair) for pair in found[:PAIRS]) + more


def discipline_table(found: Mapping[str, Count], width: int) -> list[Line]:
    """The discipline of locks."""
    rows = [(f"{len(each.lines):,}", count_in_words(each)) for each in found.values()]
    return styled(columns("Lock discipline:", rows, width))


def count_in_words(count: Count) -> str:
    """What was counted, where it was first, and whether that is wrong."""
    first = f", first in line {count.lines[0]}" if count.lines else ""
    return count.what + first + (": wrong" if count.lines and count.wrong else "")

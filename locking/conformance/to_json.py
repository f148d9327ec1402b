"""What a trace says of placements as JSON: one object for each, then one for the locks alone."""

import json
from collections.abc import Iterator, Mapping

from locking.conformance.answer import TraceAnswer
from locking.conformance.following import Offence
from locking.conformance.judged import Judged, whereabouts_in_words


def conformance_lines(answer: TraceAnswer, model: str, trace: str) -> Iterator[str]:
    """One line of JSON for each placement, and one for the discipline of locks."""
    recording = answer.recording
    read = {
        "model": model,
        "trace": trace,
        "events": recording.events,
        "observed": len(recording.observed),
        "lost_line": recording.lost.line if recording.lost else None,
    }
    for judged in answer.found:
        yield json.dumps({**read, **verdict_entry(judged, answer.roles_of(judged))})
    rules = [
        {"what": each.what, "wrong": each.wrong, "lines": each.lines}
        for each in answer.counts.values()
    ]
    yield json.dumps({**read, "discipline": rules})


def offence_entry(offence: Offence) -> dict[str, object]:
    """The event that rules a placement out, and why."""
    return {
        "line": offence.at.event.line,
        "task": offence.at.event.who,
        "event": list(offence.at.names),
        "about": offence.at.about,
        "why": offence.why or None,
        "allowed": [{"event": name, "not_now": off or None} for name, off in offence.allowed],
    }


def verdict_entry(judged: Judged, by_role: Mapping[str, Offence]) -> dict[str, object]:
    """The verdict on one placement, with what rules it out or what it covers."""
    offence, seen, unseen = judged.offence, judged.covered, judged.unseen
    return {
        "placement": judged.placement.reference,
        "verdict": judged.conformance.value,
        "cause": judged.cause or None,
        "until_line": judged.until,
        "followed": judged.followed,
        "ruled_out_by": offence_entry(offence) if offence else None,
        "by_role": {role: offence_entry(each) for role, each in by_role.items()},
        "locks": dict(judged.locks),
        "tasks": {task: whereabouts_in_words(places) for task, places in judged.places.items()},
        "seen": {
            "roles": dict(seen.roles),
            "steps": dict(seen.steps),
            "regions": dict(seen.regions),
            "beside": [[*pair, count] for pair, count in seen.beside.items()],
            "orders": [[*pair, count] for pair, count in seen.orders.items()],
        },
        "unseen": {name: list(each) for name, each in vars(unseen).items()},
    }

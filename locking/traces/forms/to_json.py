"""A run as one JSON document, complete: all that the terminal says of it is a field of its own.

Rule of this file: what is here is in `trace.schema.json`. Fields may be added under one version;
a field that goes, or that comes to mean something else, makes a new one.
"""

import json
from collections.abc import Iterator
from typing import Any

from locking.model import Case
from locking.objects.operation import Site
from locking.programs.position import Failure, Requirement
from locking.text.file_names import file_name
from locking.text.source_lines import line_at
from locking.traces.forms.page import Page
from locking.traces.replay import Held, Trace
from locking.traces.shown_run import ShownRun, call_of, state_at_end
from locking.traces.why.causes import causes
from locking.traces.why.explain import diagnose
from locking.traces.why.location import source_of_failure

VERSION = 1
"""The version of the document."""

JsonObject = dict[str, Any]


def render(run: ShownRun, _: Page) -> str:
    """The document, as ASCII text."""
    return json.dumps(document(run), indent=1)


def document(run: ShownRun) -> JsonObject:
    """The whole run."""
    trace, property_ = run.trace, run.claim
    return {
        "version": VERSION,
        **case_names(run.case),
        "scope": dict(run.case.scope),
        "property": property_.name,
        "verdict": run.verdict.value,
        "path": run.path,
        "threads": list(trace.names),
        "objects": list(objects(trace)),
        "events": list(events(trace)),
        "cycle": {"first": run.round[0], "last": run.round[-1]} if run.cycle else None,
        "end": [end_of_thread(trace, thread) for thread in range(len(trace.names))],
        "diagnosis": diagnose(run),
        "condition": {
            "says": run.condition,
            "statement": next(filter(None, source_of_failure(run)), None),
            "values": pairs(run.finding.values),
        },
        "notes": notes(run),
    }


def case_names(case: Case) -> JsonObject:
    """What a case is called, as the command line takes it."""
    return {
        "model": case.model.reference,
        "scenario": case.scenario.reference,
        "placement": case.placement.reference if case.placement else None,
    }


def objects(trace: Trace) -> Iterator[JsonObject]:
    """Every object, with what it is at the start."""
    product, held = trace.product, {each.name: each for each in trace.held}
    for each in product.objects:
        says = each.show(product.value(each, product.initial))
        yield lock(held.get(each.name) or Held(each.name, says))


def events(trace: Trace) -> Iterator[JsonObject]:
    """The operations, in order; several of one step are an atomic block."""
    for event, because in zip(trace.events, causes(trace), strict=True):
        change = event.change
        yield {
            "step": event.number,
            "thread": trace.names[event.thread],
            "call": event.call,
            "object": event.target or None,
            "result": event.returned,
            "queued": event.queued,
            "misuse": event.misuse or None,
            "change": {"old": change.old, "new": change.new} if change else None,
            "variables": pairs(event.locals),
            "sections": {"before": list(event.inside), "after": list(event.inside_after)},
            "locks": [lock(each) for each in event.held],
            "causes": [cause._asdict() for cause in because],
            "source": source(event.site),
        }


def lock(held: Held) -> JsonObject:
    """A lock that changed hands, or for which others wait now."""
    return {
        "name": held.name,
        "state": held.says,
        "holders": [each._asdict() for each in held.holders],
        "waiters": list(held.waiters),
    }


def source(site: Site) -> JsonObject:
    """A line of the model."""
    return {"file": file_name(site.filename), "line": site.line, "text": line_at(site)}


def pairs(found: tuple[tuple[str, str], ...]) -> list[JsonObject]:
    """Names with their values, as text."""
    return [{"name": name, "value": value} for name, value in found]


def end_of_thread(trace: Trace, thread: int) -> JsonObject:
    """Where a thread is at the end."""
    position = trace.product.position(thread, trace.end)
    state, step = state_at_end(trace, thread)
    return {
        "thread": trace.names[thread],
        "state": state,
        "call": call_of(step) if step else None,
        "failures": [failure(each) for each in position.failures],
        "sections": list(position.inside),
        "source": source(position.site) if state != "ended" else None,
    }


def failure(failed: Failure) -> JsonObject:
    """What a thread failed, of which kind: a requirement by its name, else by the kind again."""
    return {
        "kind": "requirement" if isinstance(failed.kind, Requirement) else failed.kind.value,
        "name": failed.kind.name if isinstance(failed.kind, Requirement) else failed.kind.value,
        "says": failed.text,
        "values": pairs(failed.operands),
    }


def notes(run: ShownRun) -> JsonObject:
    """What the sections of the run stand for in the kernel."""
    known = run.case.model.notes
    seen = dict.fromkeys(
        name for event in run.trace.events for name in (*event.inside, *event.inside_after)
    )
    return {name: known[name] for name in seen if known.get(name)}

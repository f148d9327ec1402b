"""The document of the page of a litmus test: final states, an execution, and a cycle, as data."""

from collections.abc import Iterator

from locking.litmus.drawing import DrawnExecution, drawn_execution
from locking.litmus.execution import event_in_words, litmus_condition_text, shown_events, value_text
from locking.litmus.report import LitmusReport
from locking.litmus.to_terminal import counts_sentence, remarks_on, state_rows, verdict_sentence
from locking.page.table import JsonValue, printable
from locking.report.execution_to_terminal import NO_INTERLEAVING
from locking.text.styled import plain

LITMUS_VERSION = 1
"""The number of what is said here, and how; another meaning gets another number."""

WIDEST_REMARK = 1_000
"""Columns of a remark: the page breaks its lines itself."""


def litmus_document(report: LitmusReport, file: str) -> dict[str, JsonValue]:
    """All of it; `events` are by thread, and edges name their ends by `id`."""
    test, drawn = report.test, drawn_execution(report)
    return {
        "version": LITMUS_VERSION,
        "test": printable(test.name),
        "file": printable(file),
        "condition": printable(f"{test.quantifier} {litmus_condition_text(test.condition)}"),
        "verdict": verdict_sentence(report),
        "counts": counts_sentence(report),
        "remarks": [printable(plain(line)) for line in remarks_on(report, WIDEST_REMARK)],
        "places": [printable(str(each)) for each in test.shown],
        "states": list(state_entries(report)) if report.answer.counted else [],
        "title": "An execution as asked" if report.answer.allowed else "What would have to happen",
        "threads": list(thread_entries(drawn)) if drawn else [],
        "edges": list(edge_entries(drawn)) if drawn else [],
        "cycle": cycle_entry(report),
    }


def state_entries(report: LitmusReport) -> Iterator[JsonValue]:
    """The final states: how many executions end in each, the values, and what is special."""
    for state, count, said in state_rows(report):
        yield {
            "count": count,
            "values": [printable(value_text(each)) for each in state],
            "said": said,
        }


def thread_entries(drawn: DrawnExecution) -> Iterator[JsonValue]:
    """The threads with their events, in the order of time over all of them."""
    for thread in range(drawn.threads):
        yield [
            {
                "id": event,
                "row": row,
                "name": each.name,
                "line": each.line,
                "source": printable(each.source),
                "effect": printable(each.effect),
            }
            for row, (event, each) in enumerate(drawn.events.items())
            if each.thread == thread
        ]


def edge_entries(drawn: DrawnExecution) -> Iterator[JsonValue]:
    """The edges between events of threads: of an initial write the effects say enough."""
    for source, kind, target in drawn.edges:
        if source in drawn.events and target in drawn.events:
            yield {"source": source, "kind": kind, "target": target}


def cycle_entry(report: LitmusReport) -> JsonValue:
    """The cycle of an execution that is forbidden, or not sequentially consistent, in words."""
    candidate = report.answer.allowed or report.forbidden
    said, edges = cycle_of(report)
    if candidate is None or not edges:
        return None
    shown = shown_events(candidate, report.lines)
    return {
        "said": said,
        "edges": [
            {
                "source": first,
                "target": second,
                "words": printable(event_in_words(candidate, shown, first)),
                "why": why,
            }
            for first, why, second in edges
        ],
    }


def cycle_of(report: LitmusReport) -> tuple[str, list[tuple[int, str, int]]]:
    """What a cycle shows, and its edges; none if there is none."""
    if report.answer.allowed:
        return NO_INTERLEAVING, list(report.reordered)
    if report.cycle is None:
        return "", []
    said = f"The axiom {report.cycle.axiom} of {report.model} forbids it:"
    return said, [(each.source, each.why, each.target) for each in report.cycle.edges]

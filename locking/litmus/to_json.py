"""What is said of a litmus test, as JSON."""

from typing import Any

from locking.litmus.candidates import LitmusCandidate
from locking.litmus.execution import event_in_words, litmus_condition_text, shown_events, value_text
from locking.litmus.report import LitmusReport
from locking.litmus.to_terminal import state_rows
from locking.memory_models.candidate import ForbiddenCycle


def litmus_entry(report: LitmusReport, file: str) -> dict[str, Any]:
    """One test."""
    answer, test = report.answer, report.test
    return {
        "file": file,
        "test": test.name,
        "condition": f"{test.quantifier} {litmus_condition_text(test.condition)}",
        "model": report.model,
        "verdict": answer.observation,
        "positive": answer.positive if answer.counted else None,
        "negative": answer.negative if answer.counted else None,
        "flags": sorted(answer.flags),
        "sc": report.sequentially,
        "sc_by": report.by,
        "expected": report.expected or None,
        "loop_cut": answer.cut,
        "conclusive": report.conclusive,
        "states": [
            {
                "values": dict(zip(map(str, test.shown), map(value_text, state), strict=True)),
                "executions": answer.states[state],
                "sc": state in report.sequential,
            }
            for state, _, _ in state_rows(report)
        ]
        if answer.counted
        else None,
        "execution": execution_entry(report, answer.allowed) if answer.allowed else None,
        "not_sc": [list(edge) for edge in named_cycle(report)],
        "forbidden": forbidden_entry(report),
    }


def execution_entry(report: LitmusReport, candidate: LitmusCandidate) -> list[dict[str, Any]]:
    """The events of an execution."""
    return [
        {
            "name": each.name,
            "thread": each.thread,
            "line": each.line,
            "source": each.source,
            "effect": each.effect,
        }
        for each in shown_events(candidate, report.lines).values()
    ]


def named_cycle(report: LitmusReport) -> list[tuple[str, str, str]]:
    """The cycle that interleavings can't have, by the names of events."""
    candidate = report.answer.allowed
    if candidate is None:
        return []
    shown = shown_events(candidate, report.lines)
    return [
        (
            event_in_words(candidate, shown, first),
            why,
            event_in_words(candidate, shown, second),
        )
        for first, why, second in report.reordered
    ]


def forbidden_entry(report: LitmusReport) -> dict[str, Any] | None:
    """The execution that is forbidden, and the cycle."""
    candidate, cycle = report.forbidden, report.cycle
    if candidate is None or cycle is None:
        return None
    return {
        "axiom": cycle.axiom,
        "cycle": cycle_entry(report, candidate, cycle),
        "execution": execution_entry(report, candidate),
    }


def cycle_entry(
    report: LitmusReport, candidate: LitmusCandidate, cycle: ForbiddenCycle
) -> list[list[str]]:
    """The edges of a cycle."""
    shown = shown_events(candidate, report.lines)
    return [
        [
            event_in_words(candidate, shown, edge.source),
            edge.why,
            event_in_words(candidate, shown, edge.target),
        ]
        for edge in cycle.edges
    ]

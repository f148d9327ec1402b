"""An execution under a memory model as plain data: columns of events, arrows, and a cycle."""

from locking.executions.shown import ShownExecution
from locking.page.table import JsonValue, printable
from locking.report.execution_to_terminal import (
    NO_INTERLEAVING,
    SOME_INTERLEAVING,
    end_line,
    reason_in_words,
    reordered_sentence,
)
from locking.text.file_names import line_of
from locking.verdicts import Result


def execution_of(result: Result) -> JsonValue:
    """The execution that shows a verdict, if one does: why, and all that is drawn of it."""
    execution = result.execution
    if execution is None:
        return None
    reason = reason_in_words(result.claim, result.finding, execution)
    says = result.finding.says if result.finding else ""
    return {
        "why": [printable(each) for each in dict.fromkeys((says, reason)) if each],
        "threads": [
            [printable(thread), event_entries(execution, thread)] for thread in execution.threads
        ],
        "edges": [
            {"source": each.first, "kind": each.why, "target": each.second}
            for each in execution.edges
        ],
        "ends": [end_line(*each) for each in execution.ends],
        "operands": [
            [printable(name), printable(value)]
            for name, value in (result.finding.operands if result.finding else ())
        ],
        "cycle": cycle_of_execution(execution),
        "order": printable(reordered_sentence(execution)) if execution.cycle else SOME_INTERLEAVING,
    }


def event_entries(execution: ShownExecution, thread: str) -> list[JsonValue]:
    """The steps of a thread, each with its row in the order of time over all of them."""
    return [
        {
            "id": each.name,
            "row": row,
            "name": each.name,
            "line": printable(line_of(each.site)),
            "source": printable(each.call),
            "effect": printable("; ".join(each.effects)),
        }
        for row, each in enumerate(execution.steps)
        if each.thread == thread
    ]


def cycle_of_execution(execution: ShownExecution) -> JsonValue:
    """What no interleaving has, if it is no execution of interleavings."""
    if not execution.cycle:
        return None
    edges = [{"words": printable(each.first), "why": each.why} for each in execution.cycle]
    return {"said": NO_INTERLEAVING, "edges": edges}

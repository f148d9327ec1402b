"""An execution that shows a failure under `--memory lkmm`, as text."""

from typing import TYPE_CHECKING

from locking.properties.explored import Finding, Property
from locking.system import about_races
from locking.text.event_columns import ColumnEvent, event_columns
from locking.text.file_names import line_of
from locking.text.fit import GAP, escape, wrapped
from locking.verdicts import Report, Result

if TYPE_CHECKING:
    from locking.executions.shown import ShownExecution

SOME_INTERLEAVING = "Some interleaving does this too: nothing is reordered."

NO_INTERLEAVING = "No interleaving does this, for each would come before the next:"
"""What a cycle shows, whose steps stand below."""


def render(report: Report, result: Result, width: int) -> str:
    """The execution of a result that has one."""
    execution = result.execution
    assert execution
    says = result.finding.says if result.finding else ""
    lines = wrapped(escape(f"{report.case}: {result.claim.name} fails: {says}"), width)
    lines += ["", *steps_in_columns(execution, width)]
    lines += [
        line for each in execution.ends for line in wrapped(end_line(*each), width, GAP, GAP * 2)
    ]
    if result.finding and result.finding.operands:
        values = ", ".join(f"{name} = {value}" for name, value in result.finding.operands)
        lines += ["", *wrapped(escape(f"At the end {values}."), width)]
    return "\n".join([*lines, "", *order_lines(execution, width)])


def end_line(thread: str, says: str) -> str:
    """How a thread ends that does not come to its end."""
    return escape(f"{thread} {says}")


def steps_in_columns(execution: "ShownExecution", width: int) -> list[str]:
    """The steps, in a column for each thread."""
    events = [
        ColumnEvent(
            execution.threads.index(each.thread),
            each.name,
            escape(each.call),
            [*map(escape, each.effects), escape(line_of(each.site))],
        )
        for each in execution.steps
    ]
    return event_columns([*map(escape, execution.threads)], events, width)


def order_lines(execution: "ShownExecution", width: int) -> list[str]:
    """What is in another order than that of the program, or that nothing is."""
    if not execution.cycle:
        return wrapped(SOME_INTERLEAVING, width)
    lines = wrapped(NO_INTERLEAVING, width)
    for each in execution.cycle:
        lines += wrapped(escape(f"{each.first}  --{each.why}-->"), width, GAP, GAP * 2)
    return [*lines, *wrapped(escape(reordered_sentence(execution)), width, "", GAP)]


def reordered_sentence(execution: "ShownExecution") -> str:
    """The steps that nothing keeps in order; if there are none, why it is no interleaving."""
    pairs = [f"{first} and {second} of {who}" for first, second, who in execution.reordered]
    if pairs:
        return f"Not in the order of the program: {', '.join(pairs)}."
    return "Each thread keeps its order, but others see its stores one after the other."


def reason_in_words(
    property_: Property, finding: Finding | None, execution: "ShownExecution"
) -> str:
    """Why an execution shows what fails: the accesses that race, or what nothing orders."""
    if finding and about_races(property_):
        return finding.says
    return calls_reordered(execution)


def calls_reordered(execution: "ShownExecution") -> str:
    """The steps that are not kept in order, by what they are; or that an interleaving does it."""
    if not execution.cycle:
        return "some interleaving does it too"
    calls = {each.name: each.call for each in execution.steps}
    pairs = [
        f"{calls[first]} and {calls[second]} of {who}" for first, second, who in execution.reordered
    ]
    return f"nothing orders {'; nor '.join(pairs)}" if pairs else "no interleaving has it"


def as_entry(execution: "ShownExecution") -> dict[str, object]:
    """The execution as JSON has it."""
    return {
        "steps": [
            {
                "name": each.name,
                "thread": each.thread,
                "call": each.call,
                "line": line_of(each.site),
                "effects": list(each.effects),
            }
            for each in execution.steps
        ],
        "ends": [list(each) for each in execution.ends],
        "cycle": [list(each) for each in execution.cycle],
        "reordered": [list(each) for each in execution.reordered],
    }

"""What is said of a litmus test, as text."""

from collections.abc import Iterator

from locking.litmus.candidates import FinalState, LitmusCandidate, fulfils
from locking.litmus.execution import (
    ShownEvent,
    event_in_words,
    litmus_condition_text,
    shown_events,
    value_text,
)
from locking.litmus.report import INTERLEAVINGS, LitmusReport
from locking.text.event_columns import ColumnEvent, event_columns
from locking.text.fit import GAP, escape, wrapped
from locking.text.styled import Line, styled
from locking.text.words import counted

STORES_SPREAD = "Each thread keeps its order, but others see its stores one after the other."
"""Why something is no interleaving in which all threads keep the order of the program."""


def litmus_page(report: LitmusReport, file: str, width: int) -> list[Line]:
    """All that is said of one test."""
    parts = [
        heading_of_test(report, file, width),
        state_table(report),
        remarks_on(report, width),
        shown_allowed(report, width),
        shown_forbidden(report, width),
    ]
    return [line for part in parts if part for line in [(), *part]][1:]


def verdict_sentence(report: LitmusReport) -> str:
    """The verdicts of both, in one line; as far as loops were followed, if that matters."""
    verdicts = {"SC": report.sequentially, report.model: report.answer.observation}
    within = f" within {counted(report.rounds, 'round')}"
    return " ".join(
        f"{model}: {verdict}{'' if report.stands(verdict) else within}."
        for model, verdict in verdicts.items()
    )


def heading_of_test(report: LitmusReport, file: str, width: int) -> list[Line]:
    """The test, its condition, and the verdicts."""
    test = report.test
    question = f"{test.quantifier} {litmus_condition_text(test.condition)}"
    lines = styled([escape(f"{test.name} ({file})")], "title")
    lines += styled(wrapped(question, width, GAP, GAP * 2))
    return [*lines, (), *styled(wrapped(verdict_sentence(report), width), "title")]


def state_rows(report: LitmusReport) -> Iterator[tuple[FinalState, str, str]]:
    """Each final state, how many executions end in it, and what is special about it."""
    test, counts = report.test, report.answer.states
    states = dict.fromkeys((*counts, *report.sequential))
    for state in sorted(states, key=lambda each: tuple(map(str, each))):
        positive = fulfils(test.condition, dict(zip(test.shown, state, strict=True)))
        said = ["as asked"] if positive else []
        if state not in report.sequential:
            said.append("not under SC")
        if not counts[state]:
            said.append(f"not under {report.model}")
        yield state, f"{counts[state]:,}", ", ".join(said)


def counts_sentence(report: LitmusReport) -> str:
    """How many final states and executions there are."""
    answer = report.answer
    if not answer.counted:
        return "There are too many executions to count them in this time."
    counts = f"{answer.positive:,} positive, {answer.negative:,} negative"
    total = counted(answer.positive + answer.negative, "execution")
    return f"{counted(len(answer.states), 'final state')}, {total}: {counts}"


def state_table(report: LitmusReport) -> list[Line]:
    """All final states."""
    if not report.answer.counted:
        return styled([counts_sentence(report)])
    names = ["executions", *(str(each) for each in report.test.shown), ""]
    rows = [
        [count, *(value_text(each) for each in state), said]
        for state, count, said in state_rows(report)
    ]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    return styled([counts_sentence(report)]) + styled(
        [
            (GAP + GAP.join(cell.rjust(wide) for cell, wide in zip(row[:-1], widths, strict=False)))
            + (GAP + row[-1] if row[-1] else "")
            for row in (names, *rows)
        ]
        if rows
        else []
    )


def remarks_on(report: LitmusReport, width: int) -> list[Line]:
    """Flags, loops that were cut, how SC was judged, and a verdict that was expected."""
    answer = report.answer
    said = [f"Flag: {each}." for each in sorted(answer.flags)]
    if answer.cut:
        said.append("A loop was cut: executions with more rounds are left out.")
    if not report.conclusive:
        said.append("With more rounds the verdict may be another; --rounds follows it further.")
    way = "all interleavings" if report.by == INTERLEAVINGS else "its axioms"
    said.append(f"SC was judged by {way}.")
    if not report.as_expected:
        said.append(f"The file expects {report.expected}.")
    return [line for each in said for line in styled(wrapped(each, width, "", GAP))]


def shown_allowed(report: LitmusReport, width: int) -> list[Line]:
    """An execution that fulfils the condition, and what in it was reordered."""
    candidate = report.answer.allowed
    if candidate is None:
        return []
    shown = shown_events(candidate, report.lines)
    lines = styled(["An execution as asked:"]) + columns_of(report, shown, width)
    if report.reordered:
        lines += [(), *reordered_text(report, candidate, shown, width)]
    return lines


def reordered_text(
    report: LitmusReport, candidate: LitmusCandidate, shown: dict[int, ShownEvent], width: int
) -> list[Line]:
    """The cycle that interleavings can't have, and which of its steps are no order here."""
    found = styled(
        wrapped("No interleaving does this, for each would come before the next:", width)
    )
    for first, why, _ in report.reordered:
        words = event_in_words(candidate, shown, first)
        found += styled(wrapped(f"{words}  --{why}-->", width, GAP, GAP * 2))
    if report.kept is None:
        return found
    pairs = [
        f"{shown[first].name} and {shown[second].name} of P{shown[first].thread}"
        for first, why, second in report.reordered
        if why == "po" and (first, second) not in report.kept
    ]
    said = f"Not in the order of the program: {', '.join(pairs)}." if pairs else STORES_SPREAD
    return found + styled(wrapped(said, width, "", GAP))


def shown_forbidden(report: LitmusReport, width: int) -> list[Line]:
    """An execution that would fulfil the condition, and the cycle that forbids it."""
    candidate, cycle = report.forbidden, report.cycle
    if report.answer.positive:
        return []
    if candidate is None or cycle is None:
        return styled(
            wrapped("No choice of what reads see was found that gives these values.", width)
        )
    shown = shown_events(candidate, report.lines)
    lines = styled(["What would have to happen:"]) + columns_of(report, shown, width)
    lines += [(), *styled(wrapped(f"The axiom {cycle.axiom} of {report.model} forbids it:", width))]
    for source, why, _ in cycle.edges:
        words = event_in_words(candidate, shown, source)
        lines += styled(wrapped(f"{words}  --{why}-->", width, GAP, GAP * 2))
    if cycle.edges:
        last = event_in_words(candidate, shown, cycle.edges[-1].target)
        lines += styled(wrapped(last, width, GAP, GAP * 2))
    return lines


def columns_of(report: LitmusReport, shown: dict[int, ShownEvent], width: int) -> list[Line]:
    """Events in a column for each thread; in one column, where the width is too small."""
    heads = [f"P{each}" for each in range(len(report.test.threads))]
    events = [
        ColumnEvent(each.thread, each.name, each.source, [each.effect]) for each in shown.values()
    ]
    return styled(event_columns(heads, events, width))


def line_of_test(report: LitmusReport, file: str) -> str:
    """One line for a test of a folder."""
    answer = report.answer
    counts = f"{answer.positive}/{answer.negative}" if answer.counted else "not counted"
    said = [
        f"SC {report.sequentially}",
        f"{report.model} {answer.observation} {counts}",
        *sorted(answer.flags),
    ]
    if answer.cut:
        said.append("loop cut")
    if not report.as_expected:
        said.append(f"expects {report.expected}")
    return f"{file}: {', '.join(said)}"

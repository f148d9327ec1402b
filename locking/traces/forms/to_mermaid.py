"""A run as a Mermaid sequence diagram: a lifeline for each thread and each lock, time downwards.

An operation is an arrow, from its thread to the lock, or to the thread itself where it is on no
lock: lifelines for all cells of memory would leave no room. Notes are sections that are entered and
left, and who holds and who waits. The last note is what the run shows.

Rule of this file: names and values go through `quoted`, so that none is taken for Mermaid.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from locking.objects.operation import Operation
from locking.programs.position import Fault
from locking.text.file_names import line_of
from locking.text.fit import escape
from locking.traces.forms.page import Detail, Page
from locking.traces.forms.sections import shared
from locking.traces.forms.terminal.folding import Stretch, left_out
from locking.traces.replay import Event, Held, Trace
from locking.traces.shown_run import ShownRun, call_of, state_at_end, used
from locking.traces.why.explain import diagnose
from locking.traces.why.relevance import explained
from locking.traces.why.wording import failure_in_words

SAFE = frozenset(" _-.,()[]'/+*ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
"""Characters that mean nothing to Mermaid in a text; `=` and `>` are left for this file to use."""

BREAK = "<br/>"
"""A line's end inside a text."""

WIDTH = 72
"""Columns of the last note."""

Lifelines = dict[str, str]
"""Locks, by name: the lifeline of each."""


def render(run: ShownRun, page: Page) -> str:
    """The diagram, as ASCII text; a page that says why has the steps that matter, and no others."""
    trace = run.trace
    shown = explained(run).steps if page.detail is Detail.WHY else range(len(trace.states))
    lines = {name: f"o{at}" for at, name in enumerate(used(trace), 1)}
    body = [
        f"title: {quoted(str(run.case))}",
        *(f"participant {life(at)} as {quoted(name)}" for at, name in enumerate(trace.names)),
        *(f"participant {line} as {quoted(name)}" for name, line in lines.items()),
        *at_start(trace, lines),
        *step_lines(run, lines, frozenset(shown)),
        *end(trace, lines),
        outcome_note(run, [*map(life, range(len(trace.names))), *lines.values()]),
    ]
    return "\n".join(["sequenceDiagram", *("    " + line for line in body)])


def quoted(text: str) -> str:
    """`text` as Mermaid writes it: what might mean something is an entity, `#35;` for a hash."""
    return "".join(sign if sign in SAFE else f"#{ord(sign)};" for sign in escape(text))


def life(thread: int) -> str:
    """The lifeline of a thread."""
    return f"t{thread + 1}"


def note(line: str, text: str) -> str:
    """A note on a lifeline; its text is quoted already."""
    return f"Note over {line}: {text}"


def at_start(trace: Trace, lines: Lifelines) -> Iterator[str]:
    """Where everything stands before the first step."""
    for thread in range(len(trace.names)):
        position = trace.product.position(thread, trace.product.initial)
        yield from sections_changed(thread, (), position.inside)
    yield from lock_notes(trace.held, lines)


def step_lines(run: ShownRun, lines: Lifelines, shown: Collection[int]) -> Iterator[str]:
    """The steps, of which some may not be `shown`; the steps of a cycle are in a frame."""
    for in_cycle, steps in groupby(run.trace.events, lambda event: event.number in run.round):
        if in_cycle:
            yield "loop forever"
        for seen, group in groupby(steps, lambda event: event.number in shown):
            events = list(group)
            if seen:
                yield from steps_drawn(events, lines)
            else:
                yield from left_out_lines(run.trace, events, lines)
        if in_cycle:
            yield "end"


def steps_drawn(events: Sequence[Event], lines: Lifelines) -> Iterator[str]:
    """Steps one by one; an atomic block of several operations is in a frame."""
    for _, group in groupby(events, lambda event: event.number):
        block = list(group)
        if len(block) > 1:
            yield "critical atomic"
        for event in block:
            yield arrow(event, lines)
            yield from lock_notes(event.held, lines)
            yield from sections_changed(event.thread, event.inside, event.inside_after)
        if len(block) > 1:
            yield "end"


def left_out_lines(trace: Trace, events: Sequence[Event], lines: Lifelines) -> Iterator[str]:
    """How many steps are left out, and what has become of locks and sections after them."""
    says = left_out(Stretch(tuple(events), False), trace.names)
    yield note(over([*map(life, range(len(trace.names))), *lines.values()]), quoted(says))
    yield from lock_notes([*{held.name: held for e in events for held in e.held}.values()], lines)
    for thread in sorted({event.thread for event in events}):
        own = [event for event in events if event.thread == thread]
        yield from sections_changed(thread, own[0].inside, own[-1].inside_after)


def arrow(event: Event, lines: Lifelines) -> str:
    """An operation: where it goes, and what came of it."""
    kind = "-x" if event.misuse else "-)" if event.queued else "->>"
    source = life(event.thread)
    target = lines.get(event.target, source)
    return f"{source}{kind}{target}: {event.number}. {BREAK.join(operation_lines(event))}"


def operation_lines(event: Event) -> Iterator[str]:
    """The lines of an operation: the call with its result, what it changed, and where it stands."""
    sign = "=" if event.step else "->"
    result = "" if event.returned is None else f" {sign} {quoted(event.returned)}"
    yield quoted(event.call) + result
    if event.change and not event.change.is_lock and not event.queued:
        yield f"{quoted(event.change.old)} -> {quoted(event.change.new)}"
    yield from (f"{quoted(name)} = {quoted(value)}" for name, value in event.locals)
    if event.queued:
        yield "waits in the queue"
    if event.misuse:
        yield f"misuse {quoted(event.misuse)}"
    yield quoted(line_of(event.site))


def lock_notes(changed: Sequence[Held], lines: Lifelines) -> Iterator[str]:
    """Who holds and who waits, for the locks where that has changed."""
    for each in changed:
        yield note(lines[each.name], quoted(each.text))


def sections_changed(thread: int, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The sections that a thread leaves and those that it enters."""
    kept = shared(before, after)
    yield from (note(life(thread), f"leaves {quoted(name)}") for name in reversed(before[kept:]))
    yield from (note(life(thread), f"enters {quoted(name)}") for name in after[kept:])


def end(trace: Trace, lines: Lifelines) -> Iterator[str]:
    """Where every thread stands that has not ended."""
    for thread in range(len(trace.names)):
        position = trace.product.position(thread, trace.end)
        for failure in position.failures:
            if failure.kind is not Fault.MISUSE:  # that is said where it happens
                yield note(life(thread), quoted(failure_in_words(failure)))
        state, step = state_at_end(trace, thread)
        if isinstance(step, Operation) and state == "waits":
            target = lines.get(step.target.name, life(thread))
            yield f"{life(thread)}--x{target}: waits in {quoted(call_of(step))}"
        elif step:
            yield note(life(thread), f"next {quoted(call_of(step))}")


def outcome_note(run: ShownRun, lines: list[str]) -> str:
    """The note at the end: the property, what is violated, with its values, and why."""
    says = [
        f"{run.outcome}: {run.condition}",
        *(f"{name} = {value}" for name, value in run.finding.values),
        diagnose(run),
    ]
    folded = [quoted(part) for text in says for part in textwrap.wrap(escape(text), WIDTH)]
    return note(over(lines), BREAK.join(folded))


def over(lines: list[str]) -> str:
    """All lifelines, for a note over them."""
    return ",".join(dict.fromkeys([lines[0], lines[-1]]))

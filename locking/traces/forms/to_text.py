"""A trace as text: a column a thread, time downwards, and at the end why it ends so.

    step number | what each thread does, in its own column | line of the model

`┌ NAME` and `└ NAME` are where a thread enters and leaves a section; the bar between them says that
it is still inside. `·` begins a line on a lock: who holds it now and who waits for it. `⋮` begins a
line on steps that are not shown one by one, `↻` the line above those that are gone round for ever.
Threads that take no step have no column. Where the columns would be too narrow, or many and break
lines, there is one for all, with names. The text is the same on a screen and in a file; on a screen
it has colours too.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from locking.programs.traps import Choose as Choosing
from locking.properties.deadlock import blocked_in
from locking.text.file_names import line_of
from locking.text.fit import GAP, columns, escape, folded
from locking.text.styled import Line, styled
from locking.text.words import counted, listed
from locking.traces.forms.page import Detail, Page
from locking.traces.forms.terminal.folding import folds
from locking.traces.forms.terminal.table import run_table
from locking.traces.replay import Trace
from locking.traces.shown_run import ShownRun
from locking.traces.why.explain import diagnose
from locking.traces.why.location import source_of_failure
from locking.traces.why.relevance import explained
from locking.traces.why.wording import failure_in_words, steps_in_words


def render(run: ShownRun, page: Page) -> str:
    """The text of a run; only the line that replays it may be wider than the page.

    A run without a path has no line that says how it is replayed.
    """
    needed = explained(run).steps if folds(run.trace, page.detail) else ()
    steps, sections = run_table(run, needed, page)
    parts: list[list[Line]] = [
        styled(run_heading(run, needed, page), "title"),
        steps,
        styled(rest(run.trace, needed, page)),
        styled(legend(sections, run.case.model.notes, page)),
        styled(ends(run.trace, page)),
        styled(folded(f"Why: {diagnose(run)}", page.width, limit=0), "why"),
        styled(condition(run, page), "condition"),
        styled([f"Replay: {escape(f'{page.command} {run.path}')}"] if run.path else []),
    ]
    lines = [line for part in parts if part for line in [(), *part]]
    return page.paint(lines[1:])


def run_heading(run: ShownRun, needed: Sequence[int], page: Page) -> list[str]:
    """The property, whether it fails or is witnessed, and the length of the run."""
    taken = list({event.number: event.thread for event in run.trace.events}.values())
    steps = taken[: len(taken) - run.beyond]
    switches = sum(one != other for one, other in pairwise(steps))
    text = (
        f"{escape(run.outcome)} after {counted(len(steps), 'step')}, "
        f"{counted(switches, 'context switch', 'es')}"
    )
    if run.cycle:
        more = run.beyond - run.cycle
        text += f"; {counted(more, 'more step')}, then" if more > 0 else "; then"
        text += f" {steps_in_words(run.round)} forever"
    elif run.beyond:
        text += f"; {counted(run.beyond, 'more step')} until no thread can take one"
    depends = f"; it depends on {counted(len(needed), 'step')}" if page.detail is Detail.WHY else ""
    return folded(text + depends, page.width)


def rest(trace: Trace, needed: Sequence[int], page: Page) -> list[str]:
    """What the reader may rely on of the steps that are left out."""
    count = len(trace.states) - 1 - len(needed)
    if page.detail is not Detail.WHY or not count:
        return []
    text = (
        f"Left out: {counted(count, 'step')}. Wherever they come, a run of these threads that "
        f"takes the steps above in their order ends like this one."
    )
    return folded(text, page.width)


def legend(sections: Sequence[str], notes: Mapping[str, str], page: Page) -> list[str]:
    """What some sections stand for."""
    shown = [(name, notes[name]) for name in sections if notes.get(name)]
    return columns("In the kernel:", shown, page.width)


def ends(trace: Trace, page: Page) -> list[str]:
    """Where every thread is at the end."""
    found = [(name, whereabouts(trace, thread)) for thread, name in enumerate(trace.names)]
    return columns("At the end:", found, page.width)


def whereabouts(trace: Trace, thread: int) -> str:
    """Where a thread is at the end: inside which sections, and what it would do next."""
    position = trace.product.position(thread, trace.end)
    where = f" at {line_of(position.site)}"
    inside = f", inside {listed(list(position.inside))}" if position.inside else ""
    waits = blocked_in(trace.product, thread, trace.end)
    if position.failure:
        return f"stopped, {failure_in_words(position.failure)}{where}{inside}"
    if position.next is None:
        return "ended"
    if waits:
        return f"waits in {waits}{where}{inside}"
    call = "choose" if isinstance(position.next, Choosing) else position.next
    others = trace.product.instead_of(thread, trace.end, {})
    if others:
        return f"can't run, for {listed(list(others))} does; next {call}{where}{inside}"
    return f"next {call}{where}{inside}"


def condition(run: ShownRun, page: Page) -> list[str]:
    """The condition that is violated or shown, and the values of what it speaks of.

    In what threads wait stands under their names already.
    """
    title = "Shown" if run.claim.wanted else "Violated"
    values = [f"{name} = {value}" for name, value in run.finding.operands]
    lines = [*filter(None, source_of_failure(run)), *values]
    return [
        *folded(f"{title}: {run.condition}", page.width),
        *(GAP + part for line in lines for part in folded(line, page.width - len(GAP))),
    ]

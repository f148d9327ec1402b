"""A trace as text: a column a thread, time downwards, and at the end why it ends so.

    step number | what each thread does, in its own column | line of the model

`┌ NAME` and `└ NAME` are where a thread enters and leaves a section; the bar between them says that
it is still inside. `·` begins a line on a lock: who holds it now and who waits for it. `⋮` begins a
line on steps that are not shown one by one. Threads that take no step have no column. Where the
columns would be too narrow there is one for all, with names. The text is the same on a screen and
in a file; on a screen it has colours too.
"""

import ast
import linecache
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from locking.objects.operation import Site
from locking.programs.position import Fault
from locking.programs.traps import Choice as Choosing
from locking.properties.deadlock import blocked_in
from locking.properties.explored import Finding, Property
from locking.properties.failing import NeverFails
from locking.traces.causes import explained
from locking.traces.explain import diagnose
from locking.traces.fitting import GAP, columns, escape, folded
from locking.traces.folding import View, folds
from locking.traces.patterns import has_to_queue
from locking.traces.replay import Trace
from locking.traces.sources import line_at
from locking.traces.styled import Line, plain, styled
from locking.traces.table import table
from locking.traces.wording import counted, failed, line_of, listed

NARROWEST = 40
"""Columns below which the width is not followed."""

Paint = Callable[[Sequence[Line]], str]
"""What makes text of lines."""


def unpainted(lines: Sequence[Line]) -> str:
    """The lines as they are, without colours."""
    return "".join(plain(line).rstrip() + "\n" for line in lines)


def render(
    trace: Trace,
    property_: Property,
    finding: Finding,
    path: str,
    width: int = 80,
    notes: Mapping[str, str] | None = None,
    command: str = "locking replay",
    view: View = View.FOLDED,
    paint: Paint = unpainted,
) -> str:
    """The text of a run that shows `finding`; only the line that replays it may be wider.

    `notes` say what a section or a step stands for in the kernel. Without a `path`, there is no
    line that says how `command` replays it.
    """
    width = max(width, NARROWEST)
    needed = explained(trace, finding, property_).steps if folds(trace, view) else ()
    steps, sections = table(trace, needed, view, width)
    parts: list[list[Line]] = [
        styled(heading(trace, property_, needed, view, width), "title"),
        steps,
        styled(rest(trace, needed, view, width)),
        styled(legend(sections, notes or {}, width)),
        styled(ends(trace, width)),
        styled(folded(f"Why: {diagnose(trace, finding, property_)}", width, limit=0), "why"),
        styled(condition(trace, property_, finding, width), "condition"),
        styled([f"Replay: {escape(f'{command} {path}')}"] if path else []),
    ]
    lines = [line for part in parts if part for line in [(), *part]]
    return paint(lines[1:])


def heading(
    trace: Trace, property_: Property, needed: Sequence[int], view: View, width: int
) -> list[str]:
    """The property, whether it fails or is witnessed, and the length of the run."""
    steps = list({event.number: event.thread for event in trace.events}.values())
    switches = sum(one != other for one, other in pairwise(steps))
    says = "is witnessed" if property_.wanted else "fails"
    text = (
        f"{escape(property_.name)} {says} after {counted(len(steps), 'step')}, "
        f"{counted(switches, 'context switch', 'es')}"
    )
    depends = f"; it depends on {counted(len(needed), 'step')}" if view is View.WHY else ""
    return folded(text + depends, width)


def rest(trace: Trace, needed: Sequence[int], view: View, width: int) -> list[str]:
    """What the reader may rely on of the steps that are left out."""
    count = len(trace.states) - 1 - len(needed)
    if view is not View.WHY or not count:
        return []
    text = (
        f"Left out: {counted(count, 'step')}. Wherever they come, a run of these threads that "
        f"takes the steps above in their order ends like this one."
    )
    return folded(text, width)


def legend(sections: Sequence[str], notes: Mapping[str, str], width: int) -> list[str]:
    """What some sections stand for."""
    shown = [(name, notes[name]) for name in sections if notes.get(name)]
    return columns("In the kernel:", shown, width)


def ends(trace: Trace, width: int) -> list[str]:
    """Where every thread is at the end."""
    found = [(name, whereabouts(trace, thread)) for thread, name in enumerate(trace.names)]
    return columns("At the end:", found, width)


def whereabouts(trace: Trace, thread: int) -> str:
    """Where a thread is at the end: inside which sections, and what it would do next."""
    position = trace.product.position(thread, trace.end)
    where = f" at {line_of(position.site)}"
    inside = f", inside {listed(list(position.inside))}" if position.inside else ""
    waits = blocked_in(trace.product, thread, trace.end)
    if position.failure:
        return f"stopped, {failed(position.failure)}{where}{inside}"
    if position.next is None:
        return "ended"
    if waits:
        return f"waits in {waits}{where}{inside}"
    call = "choose" if isinstance(position.next, Choosing) else position.next
    then = ", and has to wait" if has_to_queue(trace, thread) else ""
    return f"next {call}{where}{inside}{then}"


def condition(trace: Trace, property_: Property, finding: Finding, width: int) -> list[str]:
    """The condition that is violated or shown, and the values of what it speaks of.

    What it says of threads stands under their names already.
    """
    title = "Shown" if property_.wanted else "Violated"
    says = property_.about or finding.says or property_.name
    values = [f"{name} = {value}" for name, value in finding.operands if name not in trace.names]
    lines = [*filter(None, source_of_failure(trace, property_)), *values]
    return [
        *folded(f"{title}: {says}", width),
        *(GAP + part for line in lines for part in folded(line, width - len(GAP))),
    ]


def source_of_failure(trace: Trace, property_: Property) -> list[str]:
    """The statement of the model at which a thread broke off, where that is what failed."""
    if not isinstance(property_, NeverFails) or property_.kind is Fault.MISUSE:
        return []
    positions = (trace.product.position(at, trace.end) for at in range(len(trace.names)))
    return [statement(position.site) for position in positions if position.failure]


def statement(site: Site) -> str:
    """The statement that a line of a model belongs to, as one line."""
    lines = linecache.getlines(site.filename)
    try:
        nodes = list(ast.walk(ast.parse("".join(lines))))
    except SyntaxError:
        return ""
    found = [
        node
        for node in nodes
        if isinstance(node, (ast.Assert, ast.Expr, ast.Raise))
        and node.lineno <= site.line <= (node.end_lineno or node.lineno)
    ]
    if not found:
        return line_at(site)
    return ast.unparse(found[-1])

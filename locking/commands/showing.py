"""A run, shown: replayed first, so that nothing is printed that can't happen."""

from importlib import import_module

from locking.arguments import Parser
from locking.check import blaming, called, follow, path_of
from locking.commands.screen import coloured, width
from locking.errors import PathError, UsageError, unknown
from locking.explore.graph import Choice
from locking.model import Case
from locking.traces.folding import View
from locking.traces.path import encode
from locking.traces.to_terminal import Paint, render, unpainted
from locking.traces.told import Told

TEXT = "text"
"""The form of a trace that is for a terminal."""

FORMS = {
    TEXT: "columns for a reader (the default)",
    "json": "one document, with everything",
    "perfetto": "trace events for Perfetto's UI",
    "mermaid": "a sequence diagram",
    "lockdep": "a report in lockdep's layout, of a deadlock or a cycle of locks",
}
"""The forms; `locking.traces.to_NAME` writes each of the others."""


def fill_form(parser: Parser) -> None:
    """Add the option that chooses the form."""
    about = "; ".join(f"{name}: {says}" for name, says in FORMS.items())
    parser.add_argument("--to", choices=FORMS, default=TEXT, help=about)


def fill_view(parser: Parser) -> None:
    """Add the options that choose how much of a run is shown as text."""
    group = parser.add_mutually_exclusive_group()
    parser.set_defaults(view=View.FOLDED)
    group.add_argument(
        "--full",
        dest="view",
        action="store_const",
        const=View.FULL,
        help="show every step; else long runs are folded",
    )
    group.add_argument(
        "--why",
        dest="view",
        action="store_const",
        const=View.WHY,
        help="show only the steps that the failure depends on, and count the others",
    )


def shown(
    case: Case,
    name: str,
    choices: tuple[Choice, ...],
    form: str = TEXT,
    view: View = View.FOLDED,
) -> str:
    """The trace of a path, in a form. Errors: `PathError`, where its end shows nothing."""
    return formed(told_of(case, name, choices), form, view)


def formed(told: Told, form: str, view: View) -> str:
    """A run in a form. Errors: `UsageError`, where the form has nothing to say of it."""
    if form != TEXT and view is not View.FOLDED:
        raise UsageError(f"--full and --why are of the text; --to {form} says all there is to say")
    with blaming(told.case):
        if form != TEXT:
            return str(import_module(f"locking.traces.to_{form}").render(told))
        text = render(
            told.trace,
            told.claim,
            told.finding,
            told.path,
            width(),
            told.case.model.notes,
            view=view,
            paint=paint(),
        )
    return text.rstrip("\n")


def paint() -> Paint:
    """How lines are made text: in colours on a terminal that has them."""
    if not coloured():
        return unpainted
    from locking.traces.to_ansi import painted  # imports rich, which takes its time

    return painted


def told_of(case: Case, name: str, choices: tuple[Choice, ...]) -> Told:
    """The run of a path, and what it shows. Errors: `PathError`, where its end shows nothing."""
    system = case.build()
    property_ = called(system, name)
    with blaming(case):
        trace = follow(system, choices)
        finding = property_.find(trace.product, trace.end)
    path = encode(path_of(case, name, choices))
    if finding is None:
        known = [each.name for each in system.properties]
        if name not in known:  # nor is it a failure of a thread, which has a property of its own
            raise unknown("property", name, known)
        raise PathError(
            f"it can be run, but its end does not show {name}: the model is not what it was, "
            f"or the path was changed"
        )
    return Told(case, property_, finding, trace, path)

"""A run, shown: replayed first, so that nothing is printed that can't happen."""

from locking.blaming import blaming
from locking.cli.parsing import Parser
from locking.cli.terminal import coloured, width
from locking.errors import UsageError
from locking.traces.forms import FORMS, SHORTENED, TEXT, render
from locking.traces.forms.page import Detail, Page, Paint, unpainted
from locking.traces.shown_run import ShownRun


def fill_form(parser: Parser) -> None:
    """Add the option that chooses the form."""
    about = "; ".join(f"{name}: {says}" for name, says in FORMS.items())
    parser.add_argument("--to", choices=FORMS, default=TEXT, metavar="FORM", help=about)


def fill_view(parser: Parser) -> None:
    """Add the options that choose how much of a run is shown as text."""
    group = parser.add_mutually_exclusive_group()
    parser.set_defaults(detail=Detail.FOLDED)
    group.add_argument(
        "--full",
        dest="detail",
        action="store_const",
        const=Detail.FULL,
        help="show every step; by default, long runs are folded",
    )
    group.add_argument(
        "--why",
        dest="detail",
        action="store_const",
        const=Detail.WHY,
        help="show only the steps that the failure depends on, and count the others",
    )


def run_in_form(run: ShownRun, form: str, detail: Detail) -> str:
    """A run in a form. Errors: `UsageError`, where the form has nothing to say of it."""
    if form not in SHORTENED and detail is Detail.WHY:
        raise UsageError(
            f"--why is for --to {' and '.join(SHORTENED)}; --to {form} says everything"
        )
    if form != TEXT and detail is Detail.FULL:
        raise UsageError(f"--full is of the text; --to {form} says all there is to say")
    page = Page(width(), detail, paint() if form == TEXT else unpainted)
    with blaming(run.case):
        return render(run, form, page)


def paint() -> Paint:
    """How lines are made text: in colours on a terminal that has them."""
    if not coloured():
        return unpainted
    from locking.traces.forms.terminal.colours import painted  # imports rich, which takes its time

    return painted

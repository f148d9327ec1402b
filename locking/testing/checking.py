"""One search, on behalf of a test."""

from collections.abc import Callable, Sequence

from locking.check import check
from locking.explore.graph import INTERRUPTED
from locking.model import Case, nothing_to_judge
from locking.properties.explored import Explored
from locking.verdicts import Options, Report


def checked(
    case: Case,
    names: Sequence[str],
    options: Options,
    look: Callable[[Explored], object] | None = None,
) -> Report:
    """The report of a case, as `check` gives it; Ctrl-C ends the test and those after it.

    Errors: `ModelError`; a case without anything to judge is one.
    """
    report = check(case, names, options, look=look)
    if report.cause == INTERRUPTED:
        raise KeyboardInterrupt
    if not report.results:
        raise nothing_to_judge(case)
    return report

"""The page of a litmus test, as one file."""

from locking.litmus.report import LitmusReport
from locking.page.litmus_document import litmus_document
from locking.page.origin import origin
from locking.page.to_html import page

LITMUS_SCRIPTS = ("element", "theme", "threads", "foot", "arrows", "execution", "litmus")
"""The parts of its script, in order."""


def render(report: LitmusReport, file: str) -> str:
    """The whole file; `file` is what the page calls the test's own file."""
    return page({**litmus_document(report, file), "made": origin(None)}, LITMUS_SCRIPTS)

"""The forms in which a run can be read: a file for each, `to_NAME`, whose `render` writes it."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from locking.traces.forms.page import Page
from locking.traces.shown_run import ShownRun

TEXT = "text"
"""The form that is for a terminal."""

FORMS = {
    TEXT: "columns for a reader (the default)",
    "json": "one document, with everything",
    "perfetto": "trace events for Perfetto's UI",
    "mermaid": "a sequence diagram",
    "lockdep": "a report in lockdep's layout, of a deadlock or a cycle of locks",
}
"""Every form, with what it is."""

SHORTENED = (TEXT, "mermaid")
"""The forms that can leave out the steps that do not matter."""


def render(run: ShownRun, form: str, page: Page) -> str:
    """A run in a form. Errors: `UsageError`, where the form has nothing to say of the run."""
    module = import_module(f"{__name__}.to_{form}")  # few forms are asked for at once
    return cast(Callable[[ShownRun, Page], str], module.render)(run, page).rstrip("\n")

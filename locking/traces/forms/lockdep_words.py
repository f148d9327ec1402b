"""How lockdep words tasks and locks, and the frame of its reports."""

from collections.abc import Sequence

from locking.text.file_names import line_of
from locking.text.fit import escape
from locking.text.words import counted
from locking.traces.forms.takings import Taking
from locking.traces.shown_run import ShownRun


def report_frame(run: ShownRun, says: str, rule: int) -> list[str]:
    """The frame that a report begins with."""
    return ["=" * rule, f"WARNING: {says}", f"{escape(str(run.case))}, a model", "-" * rule]


def who(run: ShownRun, name: str) -> str:
    """A thread as lockdep names tasks, with its number."""
    return f"{escape(name)}/{run.trace.names.index(name) + 1}"


def at(taking: Taking) -> str:
    """A lock, how it is taken, and where."""
    step = f", step {taking.number}" if taking.number else ""
    return f"({lock_name(taking)}){{{taking.call}}}, at: {line_of(taking.site)}{step}"


def lock_name(taking: Taking) -> str:
    """The name of the lock."""
    return escape(taking.lock.name)


def locks_of_thread(run: ShownRun, thread: str, locks: Sequence[Taking]) -> list[str]:
    """The locks that a thread holds."""
    return [
        f"{counted(len(locks), 'lock')} held by {who(run, thread)}:",
        *(f" #{number}: {at(held)}" for number, held in enumerate(locks)),
    ]

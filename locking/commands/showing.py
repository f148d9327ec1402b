"""A run, shown: replayed first, so that nothing is printed that can't happen."""

from locking.check import blaming, chosen, follow, path_of
from locking.commands.screen import width
from locking.errors import PathError
from locking.explore.graph import Choice
from locking.model import Case
from locking.traces.path import encode
from locking.traces.to_terminal import render


def shown(case: Case, name: str, choices: tuple[Choice, ...]) -> str:
    """The trace of a path, as text. Errors: `PathError`, where its end shows nothing."""
    system = case.build()
    [property_] = chosen(system, [name])
    with blaming(case):
        trace = follow(system, choices)
        finding = property_.find(trace.product, trace.end)
    path = encode(path_of(case, name, choices))
    if finding is None:
        raise PathError(
            f"it can be run, but its end does not show {name}: the model is not what it was, "
            f"or the path was changed"
        )
    return render(trace, property_, finding, path, width(), case.model.notes).rstrip("\n")

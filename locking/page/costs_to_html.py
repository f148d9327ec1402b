"""The page of costs, as one file."""

from collections.abc import Sequence

from locking.durations.costs import Cost
from locking.page.costs_document import costs_document
from locking.page.origin import origin
from locking.page.to_html import page

COST_SCRIPTS = ("element", "theme", "foot", "spans", "costs")
"""The parts of its script, in order."""


def render(costs: Sequence[Cost]) -> str:
    """The whole file."""
    made = origin(costs[0].case.model.build)
    return page({**costs_document(costs), "made": made}, COST_SCRIPTS)

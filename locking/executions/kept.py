"""Of all executions that show a thing, the one that is kept to show it."""

from typing import Any, NamedTuple

from locking.executions.executions import Execution
from locking.memory_models.showing import out_of_order
from locking.properties.explored import Finding


class ShownBy(NamedTuple):
    """An execution that shows something."""

    finding: Finding
    execution: Execution


def keep(found: dict[Any, ShownBy], key: Any, finding: Finding, execution: Execution) -> None:
    """Keep the better of what is there and an execution."""
    found[key] = better(found.get(key), finding, execution)


def better(known: ShownBy | None, finding: Finding, execution: Execution) -> ShownBy:
    """Of two executions the one that no interleaving has, then the one with fewer events."""
    found = ShownBy(finding, execution)
    if known is None or is_reordered(execution) > is_reordered(known.execution):
        return found
    return known


def is_reordered(execution: Execution) -> bool:
    """Whether no interleaving has an execution."""
    return bool(out_of_order(execution.together.shape.structure, execution.rf, execution.co))

"""All that is known here of how the library is asked: the one file to change when it moves."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any
from unittest.mock import patch

import locking
from locking import folding, leaning
from locking.check import Limits, Options, check
from locking.errors import LockingError
from locking.objects.observed import observed
from locking.objects.operation import Operation
from tests.independent.content import content

__all__ = ["HAS", "Asked", "Operation", "Said", "ask", "closing"]

WAYS = ("none", "merge", "symmetry", "partial-order", "all", "automatic")
ENGINES = ("reference", "compiled")
LIMIT = 60_000
HAS = {name: hasattr(locking, name) for name in ("retry_with", "locks_released")}
"""The constructs and properties that are there only from some version on."""


@contextmanager
def soon() -> Iterator[None]:
    """Small systems have folded and lean spaces by default as well, and some are dropped."""
    folds = patch.multiple(folding, GROWN=8, JUDGED_AT=4, FIRST_LOOK=4, LEAST=2)
    leans = patch.multiple(leaning, TRIED_FROM=8, LOOKED_FROM=4, MOST_LEFT_IN=0.9)
    with folds, leans:
        yield


LENIENT: dict[str, Any] = {each.name: False for each in fields(Options) if each.name == "strict"}
"""So that a property that no run comes near takes away no verdict of another."""


@dataclass(frozen=True)
class Said:
    """What the library says of one property; `length` of its path, `choices` the path."""

    verdict: str
    length: int | None
    at_once: int | None
    choices: tuple[tuple[int, int], ...] | None


@dataclass
class Asked:
    """What the library says of a system, in one way; or `refused`, and nothing else."""

    refused: str = ""
    said: dict[str, Said] = field(default_factory=dict)
    states: int = 0
    transitions: int = 0
    depth: int = 0
    interleavings: int | None = None
    finals: set[Hashable] | None = None


@contextmanager
def closing() -> Iterator[None]:
    """While coroutines are dropped: what their `finally` blocks await is no step."""
    observed.closing = True
    try:
        yield
    finally:
        observed.closing = False
        observed.made.clear()


def ask(code: Any, way: str, engine: str, look: bool) -> Asked:
    """What the library says of the system that `code` makes; its final states only if `look`."""
    asked = Asked()
    kept: list[Any] = []
    try:
        namespace: dict[str, Any] = {"__name__": "random_system"}
        exec(code, namespace)
        case = namespace["MODEL"].case("only", None)
        options = Options(engine=engine, reduction=way, limits=Limits(states=LIMIT), **LENIENT)
        with soon():
            report = check(case, (), options, look=kept.append if look else None)
    except LockingError as error:
        asked.refused = f"{type(error).__name__}: {error}"
        return asked
    for each in report.results:
        length = None if each.choices is None else len(each.choices)
        asked.said[each.claim.name] = Said(
            each.verdict.name.lower(), length, each.at_once, each.choices
        )
    asked.states, asked.transitions = report.states, report.transitions
    asked.depth, asked.interleavings = report.depth, report.interleavings
    if report.cause is not None:
        asked.refused = f"limit: {report.cause}"
    if kept:
        asked.finals = finals(kept[0])
    return asked


def finals(explored: Any) -> set[Hashable]:
    """The values of all objects in each state from which no step leads."""
    product = explored.product
    return {
        tuple(content(product.value(each, explored.graph.states[at])) for each in product.objects)
        for at in explored.ends
    }

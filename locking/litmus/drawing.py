"""The execution that a report shows, as a graph: events, and edges that say what comes before what.

Of `po`, `co` and `fr` only those edges are drawn that no others say already.
"""

from collections.abc import Iterator
from typing import NamedTuple

from locking.litmus.candidates import LitmusCandidate
from locking.litmus.execution import ShownEvent, event_in_words, shown_events
from locking.litmus.report import LitmusReport
from locking.litmus.to_terminal import verdict_sentence
from locking.memory_models.relations import Algebra, Relation, algebra


class DrawnEdge(NamedTuple):
    """An edge between two events, and what it is called."""

    source: int
    kind: str
    target: int


class DrawnExecution(NamedTuple):
    """An execution as a graph. `initial` are initial writes that an edge leads from."""

    title: str
    threads: int
    events: dict[int, ShownEvent]
    initial: dict[int, str]
    edges: tuple[DrawnEdge, ...]


def drawn_execution(report: LitmusReport) -> DrawnExecution | None:
    """The execution as asked, or the one that is forbidden; None if there is neither."""
    candidate = report.answer.allowed or report.forbidden
    if candidate is None:
        return None
    shown = shown_events(candidate, report.lines)
    edges = tuple(drawn_edges(candidate))
    ends = {end for each in edges for end in (each.source, each.target)}
    initial = {each: event_in_words(candidate, shown, each) for each in ends - shown.keys()}
    title = f"{report.test.name}. {verdict_sentence(report)}"
    return DrawnExecution(title, len(report.test.threads), shown, initial, edges)


def drawn_edges(candidate: LitmusCandidate) -> Iterator[DrawnEdge]:
    """The edges of an execution."""
    structure = candidate.combination.structure
    space = algebra(structure.size)
    nearest = reduced(space, candidate.co)
    named = {
        "po": reduced(space, structure.relations["po"]),
        "rf": candidate.rf,
        "co": nearest,
        "fr": space.compose(space.inverse(candidate.rf), nearest),
    }
    for kind, relation in named.items():
        for source, target in space.pairs(relation):
            yield DrawnEdge(source, kind, target)


def reduced(space: Algebra, relation: Relation) -> Relation:
    """A transitive relation without the pairs that others say already."""
    return relation & ~space.compose(relation, relation)

"""An execution of a litmus test in DOT, for Graphviz: a frame a thread, an arrow an edge."""

from collections.abc import Iterator

from locking.export.picture import dot_label, edge, node, picture
from locking.litmus.drawing import DrawnExecution

COLOURS = {"po": "black", "rf": "red", "co": "blue", "fr": "orange"}


def litmus_dot(drawn: DrawnExecution) -> str:
    """The file."""
    return picture(drawn.title, list(dot_statements(drawn)))


def dot_statements(drawn: DrawnExecution) -> Iterator[str]:
    """Frames with their events, initial writes, and edges."""
    for thread in range(drawn.threads):
        yield f"subgraph cluster_t{thread} {{ label={dot_label(f'P{thread}')}"
        for event, each in drawn.events.items():
            if each.thread == thread:
                yield node(f"e{event}", f"{each.name} {each.source}", each.effect)
        yield "}"
    for event, words in drawn.initial.items():
        yield node(f"e{event}", words)
    for source, kind, target in drawn.edges:
        yield edge(f"e{source}", f"e{target}", kind, color=COLOURS[kind])

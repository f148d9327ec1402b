"""An execution of a litmus test as a Mermaid flowchart: a frame a thread, an arrow an edge.

Rule of this file: all that the test says goes through `quoted`, so that none is taken for Mermaid.
"""

from collections.abc import Iterator

from locking.litmus.drawing import DrawnExecution
from locking.traces.forms.to_mermaid import BREAK, quoted


def litmus_mermaid(drawn: DrawnExecution) -> str:
    """The flowchart, as ASCII text."""
    lines = [f"%% {quoted(drawn.title)}", "flowchart TB"]
    return "\n".join([*lines, *("    " + each for each in flowchart_lines(drawn)), ""])


def flowchart_lines(drawn: DrawnExecution) -> Iterator[str]:
    """Frames with their events, initial writes, and edges."""
    for thread in range(drawn.threads):
        yield f"subgraph P{thread}"
        for event, each in drawn.events.items():
            if each.thread == thread:
                first, second = quoted(f"{each.name} {each.source}"), quoted(each.effect)
                yield f'    e{event}["{first}{BREAK}{second}"]'
        yield "end"
    for event, words in drawn.initial.items():
        yield f'e{event}["{quoted(words)}"]'
    for source, kind, target in drawn.edges:
        yield f"e{source} -->|{kind}| e{target}"

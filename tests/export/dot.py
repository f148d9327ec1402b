"""A small reader of pictures: what nodes and edges a DOT file has. It takes nothing else."""

import re
from html import unescape
from typing import NamedTuple

STATEMENT = re.compile(
    r'  (\w+)(?: -> (\w+))? \[((?:\w+=(?:"[^"\\\n]*(?:\\n[^"\\\n]*)*"|\w+)(?:, )?)+)\];'
)
ATTRIBUTE = re.compile(r'(\w+)=(?:"([^"]*)"|(\w+))')
OTHER = re.compile(r'  subgraph cluster_t\d+ \{ label="[^"]*";|  \};')


class Edge(NamedTuple):
    """An arrow, with its attributes."""

    one: str
    other: str
    attributes: dict[str, str]


class Picture(NamedTuple):
    """Nodes by name, with their attributes, and edges."""

    nodes: dict[str, dict[str, str]]
    edges: list[Edge]

    def distance(self, start: str, goals: set[str]) -> int:
        """How many edges lead from a node to the nearest of others."""
        layer, seen, steps = {start}, {start}, 0
        while not layer & goals:
            layer = {edge.other for edge in self.edges if edge.one in layer} - seen
            assert layer, "no way"
            seen |= layer
            steps += 1
        return steps


def read(text: str) -> Picture:
    """The picture in a DOT file. Errors: `AssertionError`, where a line is not as it should be."""
    assert text.isascii() and text.endswith("}\n")
    nodes: dict[str, dict[str, str]] = {}
    edges: list[Edge] = []
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    assert lines[0] == "digraph locking {" and lines[-1] == "}"
    for line in lines[1:-1]:
        if OTHER.fullmatch(line):
            continue
        found = STATEMENT.fullmatch(line)
        assert found, line
        one, other, listed = found.groups()
        attributes = {name: unescape(a or b) for name, a, b in ATTRIBUTE.findall(listed)}
        if other:
            edges.append(Edge(one, other, attributes))
        elif one not in ("graph", "node", "edge"):
            assert one not in nodes
            nodes[one] = attributes
    assert {name for edge in edges for name in edge[:2]} <= set(nodes)
    return Picture(nodes, edges)

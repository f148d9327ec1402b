"""What every picture is written in: lines of DOT, for Graphviz. Plain ASCII, whatever the names.

Rule of this file: all that a model says goes through `quoted`. No name ends a label or a line, is
taken for HTML, for an escape or for an entity, or has invisible characters in it.
"""

from locking.export.naming import one_line
from locking.text.fit import escape, wrapped

LABEL_WIDTH = 40
"""Characters after which a label goes on in the next line."""

ENTITIES = {'"': "&quot;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;"}
"""What is written instead of a character that has a meaning in DOT or SVG."""


def dot_label(*lines: str) -> str:
    """A label of these lines; those that are too long are broken."""
    broken = [
        part for line in lines for part in wrapped(escape(line), LABEL_WIDTH, torn=True) or [""]
    ]
    return '"' + "\\n".join("".join(map(entity, part)) for part in broken) + '"'


def entity(letter: str) -> str:
    """What stands for a letter in a label."""
    return ENTITIES.get(letter) or (letter if letter.isascii() else f"&#{ord(letter)};")


def picture(title: str, statements: list[str]) -> str:
    """A file with these statements; names in it are ours, and labels are `quoted`."""
    head = [
        f"// {one_line(title)}",
        "//     dot -Tsvg FILE",
        "digraph locking {",
        f'  graph [label={dot_label(title)}, labelloc=t, fontname="monospace"];',
        '  node [shape=box, fontname="monospace"];',
        '  edge [fontname="monospace"];',
    ]
    return "\n".join([*head, *(f"  {each};" for each in statements), "}", ""])


def node(name: str, *lines: str, **attributes: str) -> str:
    """A box with these lines in it."""
    return f"{name} [label={dot_label(*lines)}{attribute_list(attributes)}]"


def edge(one: str, other: str, *lines: str, **attributes: str) -> str:
    """An arrow with these lines beside it."""
    return f"{one} -> {other} [label={dot_label(*lines)}{attribute_list(attributes)}]"


def attribute_list(attributes: dict[str, str]) -> str:
    """Attributes of a node or an edge; their values are ours."""
    return "".join(f', {name}="{value}"' for name, value in attributes.items())

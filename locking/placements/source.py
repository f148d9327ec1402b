"""Placements as the Python file that makes them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from locking.errors import PlacementError
from locking.objects.region import Region
from locking.placements.placement import Placement, Step, Tree

SOURCE_WIDTH = 100
"""Columns that a line of the file may have, unless a single text is longer."""

INDENT = "    "

NameByIdentity = dict[int, str]
"""For the `id` of every step and lock, the name by which the file knows it."""


def placement_source(
    module: str, exported: Mapping[str, Any], placements: Sequence[Placement]
) -> str:
    """The text of a file that makes `placements`, as a formatter would lay it out.

    Steps and locks are imported from `module` by the names that it has `exported` them under.

    Errors: `PlacementError` for a step or a lock that it does not export.
    """
    used = [each for placement in placements for each in steps_and_locks(placement)]
    names = {id(each): exported_as(each, module, exported) for each in used}
    taken = {"Placement", *names.values()}
    made = [
        f"{constant(each.name, taken)} = {placement_expression(each, names)}" for each in placements
    ]
    return "\n\n".join([imports(module, set(names.values())), *made]) + "\n"


def steps_and_locks(placement: Placement) -> list[Any]:
    """The steps and the locks of a placement."""
    found: list[Any] = []

    def visit(trees: Sequence[Tree]) -> None:
        for tree in trees:
            if isinstance(tree, Region):
                found.append(tree.lock)
                visit((*tree.body, *tree.lowered))
            else:
                found.append(tree)

    for trees in placement.roles.values():
        visit(trees)
    return found


def exported_as(each: Any, module: str, exported: Mapping[str, Any]) -> str:
    """The name of a step or a lock in its module: its own name, if it has several there.

    Errors: `PlacementError` where the module exports it under no name.
    """
    names = [name for name, value in exported.items() if value is each and name.isidentifier()]
    if not names:
        kind = "step" if isinstance(each, Step) else "lock"
        raise PlacementError(f"{module} exports no name for the {kind} {each.name}")
    return each.name if each.name in names else names[0]


def imports(module: str, names: set[str]) -> str:
    """The first lines of the file: what it imports from the library, then from `module`."""
    library = "from locking import Placement"
    if not names:
        return library
    between = "\n" if module.partition(".")[0] == "locking" else "\n\n"
    return f"{library}{between}{import_line(module, sorted(names, key=import_order))}"


def import_order(name: str) -> tuple[int, list[tuple[int, int | str]]]:
    """Where a name stands in an import: constants, then classes, then the rest; 2 before 10."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    pieces = filter(None, re.split(r"(\d+)", name))
    return rank, [(0, int(each)) if each.isdigit() else (1, each) for each in pieces]


def import_line(module: str, names: Sequence[str]) -> str:
    """The import of these names."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= SOURCE_WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"{INDENT}{name}," for name in names), ")"])


def constant(name: str, taken: set[str]) -> str:
    """The name of the constant for a placement called `name`; it is none of those `taken`."""
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper()
    plain = plain if plain[:1].isalpha() else f"PLACEMENT_{plain}".rstrip("_")
    found, number = plain, 1
    while found in taken:
        number += 1
        found = f"{plain}_{number}"
    taken.add(found)
    return found


def placement_expression(placement: Placement, names: NameByIdentity) -> str:
    """The expression that makes a placement; its arguments stand on lines of their own."""
    lines = [f"{INDENT}{python_string(placement.name)},"]
    if placement.about:
        lines.append(f"{INDENT}about={python_string(placement.about)},")
    for role, trees in placement.roles.items():
        lines.append(f"{INDENT}{call(f'{role}=', '[]', trees, names, 1)},")
    return "\n".join(["Placement(", *lines, ")"])


def call(
    before: str, brackets: str, trees: Sequence[Tree], names: NameByIdentity, depth: int
) -> str:
    """`trees` between `brackets`, after what stands before them; on one line where that fits."""
    flat = (
        f"{before}{brackets[0]}{', '.join(tree_source(each, names) for each in trees)}{brackets[1]}"
    )
    return flat if fits(flat, depth) else broken_lines(before, brackets, trees, names, depth)


def broken_lines(
    before: str, brackets: str, trees: Sequence[Tree], names: NameByIdentity, depth: int
) -> str:
    """`trees` between `brackets`, after what stands before them; each on lines of its own."""
    inner = [f"{INDENT * (depth + 1)}{laid_out(each, names, depth + 1)}," for each in trees]
    return "\n".join([f"{before}{brackets[0]}", *inner, f"{INDENT * depth}{brackets[1]}"])


def laid_out(each: Tree, names: NameByIdentity, depth: int) -> str:
    """A step or a region, on as many lines as it needs."""
    flat = tree_source(each, names)
    if isinstance(each, Step) or fits(flat, depth):
        return flat
    held = broken_lines(f"{names[id(each.lock)]}.{each.mode}", "()", each.body, names, depth)
    lowered = broken_lines(".downgrade", "()", each.lowered, names, depth) if each.lowered else ""
    return held + lowered


def fits(text: str, depth: int) -> bool:
    """Whether a line of that text, and of a comma, is not too wide."""
    return depth * len(INDENT) + len(text) + len(",") <= SOURCE_WIDTH


def tree_source(each: Tree, names: NameByIdentity) -> str:
    """A step or a region, on one line."""
    if isinstance(each, Step):
        return names[id(each)]
    body = ", ".join(tree_source(one, names) for one in each.body)
    text = f"{names[id(each.lock)]}.{each.mode}({body})"
    if not each.lowered:
        return text
    return f"{text}.downgrade({', '.join(tree_source(one, names) for one in each.lowered)})"


def python_string(text: str) -> str:
    """A Python string, in double quotes unless others need fewer escapes."""
    if text.count('"') > text.count("'"):
        return repr(text)
    # After a single quote in front, repr() escapes those inside and lets double ones be.
    inside = repr(f"'\"{text}")[4:-1]
    return '"' + inside.replace("\\'", "'").replace('"', '\\"') + '"'

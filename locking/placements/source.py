"""Placements as the Python file that makes them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from locking.errors import PlacementError
from locking.objects.region import Region
from locking.placements.placement import Placement
from locking.placements.trees import (
    LetGo,
    Query,
    Step,
    Take,
    Tree,
    Trylock,
    When,
    every_tree,
    lock_of,
)

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

    Errors: `PlacementError` for what it does not export, or by a name that the file needs itself.
    """
    used = [each for tree in trees_of(placements) for each in named_in(tree)]
    library = {"Placement", *(REGION_MAKERS[type(each)] for each in trees_of(placements))} - {""}
    names = {id(each): exported_as(each, module, exported, library) for each in used}
    taken = {*library, *names.values()}
    made = [
        f"{constant(each.name, taken)} = {placement_expression(each, names)}" for each in placements
    ]
    return "\n\n".join([imports(module, set(names.values()), library), *made]) + "\n"


REGION_MAKERS = {
    Step: "",
    Region: "",
    Take: "take",
    LetGo: "let_go",
    Trylock: "trylock",
    When: "when",
}
"""The function of the library that makes a tree of each kind; none for what a model makes."""


def trees_of(placements: Sequence[Placement]) -> list[Tree]:
    """All trees of some placements."""
    roles = (trees for placement in placements for trees in placement.roles.values())
    return [each for trees in roles for each in every_tree(trees)]


def named_in(tree: Tree) -> list[Any]:
    """The step, the lock or the query that a tree itself is made of."""
    if isinstance(tree, Step):
        return [tree]
    return [tree.query] if isinstance(tree, When) else [lock_of(tree)]


def exported_as(each: Any, module: str, exported: Mapping[str, Any], library: set[str]) -> str:
    """The name of a step, a lock or a query in its module: its own name, if it has several there.

    Errors: `PlacementError` where the module exports it under no name but those of the `library`.
    """
    kind = {Step: "step", Query: "query"}.get(type(each), "lock")
    names = [name for name, value in exported.items() if value is each and name.isidentifier()]
    if not names:
        raise PlacementError(f"{module} exports no name for the {kind} {each.name}")
    free = [name for name in names if name not in library]
    if not free:
        raise PlacementError(
            f"{module} exports the {kind} {each.name} as {names[0]}, which the file needs for "
            f"locking.{names[0]}; give it another name there"
        )
    return each.name if each.name in free else free[0]


def imports(module: str, names: set[str], library: set[str]) -> str:
    """The first lines of the file: what it imports from the library, then from `module`."""
    first = f"from locking import {', '.join(sorted(library, key=import_order))}"
    if not names:
        return first
    between = "\n" if module.partition(".")[0] == "locking" else "\n\n"
    return f"{first}{between}{import_line(module, sorted(names, key=import_order))}"


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
    flat = f"{before}{brackets[0]}{in_a_row(trees, names)}{brackets[1]}"
    return flat if fits(flat, depth) else broken_lines(before, brackets, trees, names, depth)


def broken_lines(
    before: str, brackets: str, trees: Sequence[Tree], names: NameByIdentity, depth: int
) -> str:
    """`trees` between `brackets`, after what stands before them; each on lines of its own."""
    inner = [f"{INDENT * (depth + 1)}{laid_out(each, names, depth + 1)}," for each in trees]
    return "\n".join([f"{before}{brackets[0]}", *inner, f"{INDENT * depth}{brackets[1]}"])


def laid_out(each: Tree, names: NameByIdentity, depth: int) -> str:
    """A tree, on as many lines as it needs."""
    flat = tree_source(each, names)
    if fits(flat, depth):
        return flat
    match each:
        case Region():
            held = broken_lines(region_head(each, names), "()", each.body, names, depth)
            if not each.lowered:
                return held
            return held + broken_lines(".downgrade", "()", each.lowered, names, depth)
        case Trylock():
            return broken_call("trylock", [], (each.region,), each.otherwise, names, depth)
        case When():
            asked = [names[id(each.query)]]
            return broken_call("when", asked, each.body, each.otherwise, names, depth)
    return flat


def broken_call(
    name: str,
    first: Sequence[str],
    trees: Sequence[Tree],
    otherwise: Sequence[Tree],
    names: NameByIdentity,
    depth: int,
) -> str:
    """A call of `trylock` or `when`, each argument on lines of its own."""
    inner = [*first, *(laid_out(each, names, depth + 1) for each in trees)]
    if otherwise:
        inner.append(call("otherwise=", "[]", otherwise, names, depth + 1))
    lines = [f"{INDENT * (depth + 1)}{each}," for each in inner]
    return "\n".join([f"{name}(", *lines, f"{INDENT * depth})"])


def region_head(region: Region, names: NameByIdentity) -> str:
    """The call that makes a region, up to its arguments."""
    return f"{names[id(region.lock)]}.{region.mode}"


def fits(text: str, depth: int) -> bool:
    """Whether a line of that text, and of a comma, is not too wide."""
    return depth * len(INDENT) + len(text) + len(",") <= SOURCE_WIDTH


def tree_source(each: Tree, names: NameByIdentity) -> str:
    """A tree, on one line."""
    match each:
        case Step():
            return names[id(each)]
        case Region():
            text = f"{region_head(each, names)}({in_a_row(each.body, names)})"
            lowered = in_a_row(each.lowered, names)
            return f"{text}.downgrade({lowered})" if lowered else text
        case Take() | LetGo():
            return f"{REGION_MAKERS[type(each)]}({tree_source(each.region, names)})"
        case Trylock():
            return f"trylock({tree_source(each.region, names)}{else_source(each, names)})"
        case When():
            body = "".join(f", {tree_source(one, names)}" for one in each.body)
            return f"when({names[id(each.query)]}{body}{else_source(each, names)})"


def in_a_row(trees: Sequence[Tree], names: NameByIdentity) -> str:
    """Trees, on one line."""
    return ", ".join(tree_source(each, names) for each in trees)


def else_source(each: Trylock | When, names: NameByIdentity) -> str:
    """The last argument of `trylock` or `when`, if there is one."""
    return f", otherwise=[{in_a_row(each.otherwise, names)}]" if each.otherwise else ""


def python_string(text: str) -> str:
    """A Python string, in double quotes unless others need fewer escapes."""
    if text.count('"') > text.count("'"):
        return repr(text)
    # After a single quote in front, repr() escapes those inside and lets double ones be.
    inside = repr(f"'\"{text}")[4:-1]
    return '"' + inside.replace("\\'", "'").replace('"', '\\"') + '"'

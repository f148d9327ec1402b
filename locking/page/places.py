"""What a run is read beside: the model's source, and the placement drawn as its tree."""

import linecache
from collections.abc import Sequence

from locking.objects.region import Region
from locking.page.table import JsonValue, SharedTables, printable
from locking.placements.placement import Placement
from locking.placements.trees import LetGo, Step, Take, Tree, Trylock, When
from locking.text.file_names import portable

AROUND = 40
"""Lines above and below one that a run comes to, which the page carries."""


def source_entries(shared: SharedTables) -> list[JsonValue]:
    """The files of the model, as much of each as is near to lines that runs come to."""
    return [source_entry(file, shared.marked[file]) for file in shared.files]


def source_entry(file: str, marked: set[int]) -> JsonValue:
    """A file: its name, and stretches of it, each the number of its first line and the text."""
    lines = linecache.getlines(file)
    near = {at for line in marked for at in range(line - AROUND, line + AROUND + 1)}
    stretches: list[tuple[int, list[str]]] = []
    for at in sorted(near & set(range(1, len(lines) + 1))):
        if not stretches or at != stretches[-1][0] + len(stretches[-1][1]):
            stretches.append((at, []))
        stretches[-1][1].append(printable(lines[at - 1].rstrip("\n").expandtabs()))
    return {
        "name": printable(portable(file)),
        "parts": [[first, "\n".join(found)] for first, found in stretches],
    }


def placement_entry(placement: Placement, only: Sequence[str] | None = None) -> JsonValue:
    """A placement: for every role, or `only` some, its regions over its steps.

    A role that the placement does not have is the model's own, of which nothing is drawn.
    """
    return [
        [printable(role), branches(placement.roles[role]) if role in placement.roles else None]
        for role in (placement.roles if only is None else only)
    ]


def branches(trees: Sequence[Tree]) -> list[JsonValue]:
    """Trees, in order; what is done otherwise is a box of its own."""
    return [box for each in trees for box in boxes(each)]


def boxes(tree: Tree) -> list[JsonValue]:
    """A step with the function that it stands for, or boxes around what is in them."""
    match tree:
        case Step():
            return [{"step": printable(tree.name), "kernel": printable(tree.kernel)}]
        case Take() | LetGo():
            return [{"step": printable(str(tree)), "kernel": ""}]
        case Region():
            return [box(tree.lock.name, tree.mode, tree.body, tree.lowered)]
        case Trylock(region, otherwise):
            name, mode = region.lock.name, region.mode
            tried = box(name, f"{mode}, if it can be had", region.body, region.lowered)
            return [tried, *([box(name, "if not", otherwise)] if otherwise else [])]
        case When(query, body, otherwise):
            asked = [box(query.name, "if so", body)] if body else []
            return [*asked, *([box(query.name, "if not", otherwise)] if otherwise else [])]


def box(name: str, mode: str, over: Sequence[Tree], lowered: Sequence[Tree] = ()) -> JsonValue:
    """What stands in a box that is called so, and in the part of it that is downgraded."""
    return {
        "lock": printable(name),
        "mode": mode,
        "over": branches(over),
        "lowered": branches(lowered),
    }

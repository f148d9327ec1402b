"""What a run is read beside: the model's source, and the placement drawn as its tree."""

import linecache
from collections.abc import Sequence

from locking.objects.region import Region
from locking.page.table import JsonValue, SharedTables, printable
from locking.placements.placement import Placement, Tree
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


def placement_entry(placement: Placement) -> JsonValue:
    """A placement: for every role, its regions over its steps."""
    return [[printable(role), branches(trees)] for role, trees in placement.roles.items()]


def branches(trees: Sequence[Tree]) -> list[JsonValue]:
    """Regions and steps, in order."""
    return [branch(each) for each in trees]


def branch(tree: Tree) -> JsonValue:
    """A step with the function that it stands for, or a region with what is in it."""
    if not isinstance(tree, Region):
        return {"step": printable(tree.name), "kernel": printable(tree.kernel)}
    return {
        "lock": printable(tree.lock.name),
        "mode": tree.mode,
        "over": branches(tree.body),
        "lowered": branches(tree.lowered),
    }

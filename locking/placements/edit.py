"""Small changes to a placement, by which one finds out what each of its regions is for.

A placement that was changed has a name of its own, by which it can be asked for again:

    baseline~adder.1.drop       region 1 of the adder is gone, its steps stay
    baseline~adder.1.out.2      the second part of region 1 stands outside of it, the lock let go
    baseline~adder.1.read       it is held for reading, not for writing
    baseline~adder.1.split      where it was downgraded, it is let go and taken again for reading
    baseline~adder.1.up         where it was downgraded, it is let go
    baseline~adder.1.before     it begins one part sooner; `after`: it ends one part later
    baseline~mem_hotplug_lock.drop    every region of the lock is gone

Regions of a role are numbered in the order in which they are taken; the parts of a region are the
trees directly inside it, those after a downgrade included. What does not nest, a `take` or a
`trylock`, is changed only as a whole lock: that is gone, and what stood under it is done.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from locking.errors import PlacementError
from locking.objects.operation import Object
from locking.objects.region import Region, region_in_mode, region_modes
from locking.placements.placement import Placement
from locking.placements.trees import (
    LetGo,
    Take,
    Tree,
    Trees,
    Trylock,
    branches_of,
    every_tree,
    lock_of,
    with_branches,
)

TreeEdit = Callable[[Trees, int], Trees]
"""New trees for some, of which the one at an index is the region that is changed."""

CHANGED_NAME = re.compile(
    r"(.+)~([^~]+?)\.(?:([0-9]{1,9})\.)?(drop|read|split|up|before|after|out\.([0-9]{1,9}))",
    re.DOTALL,
)
"""How a changed placement is named: which, whose region or which lock, and the change."""

WEAKENS = ("drop", "read", "split", "up", "out")
"""The changes that leave less under the lock; the others put more under it."""


@dataclass(frozen=True)
class Edit:
    """One change; `region` is None where it is to every region of the lock called `whose`."""

    whose: str
    region: int | None
    kind: str
    part: int | None = None

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.region,) if number is not None]
        part = [str(self.part)] if self.part is not None else []
        return ".".join([self.whose, *numbers, self.kind, *part])

    @property
    def weakens(self) -> bool:
        """Whether it leaves less under the lock."""
        return self.kind in WEAKENS


def edits_of(region: Region, trees: Trees, at: int) -> Iterator[tuple[str, int | None]]:
    """The changes that make sense of a region which stands at `at` among `trees`, and their parts.

    One that comes to the same as another is left out.
    """
    parts = len(region.body) + len(region.lowered)
    yield "drop", None
    if parts > 1:
        yield from (("out", part) for part in range(1, parts + 1))
    if region.mode == "write" and "read" in region_modes(region.lock):
        yield "read", None
    if region.lowered:
        yield "split", None
        yield "up", None
    for kind, beside in (("before", at - 1), ("after", at + 1)):
        if 0 <= beside < len(trees) and region.lock not in locks_taken(trees[beside : beside + 1]):
            yield kind, None


def edits(placement: Placement) -> Iterator[Edit]:
    """The changes to every region of every role, and to every lock that has several."""
    taken: dict[str, int] = {}
    for role, trees in placement.roles.items():
        for number, (among, at, region) in enumerate(regions(trees), 1):
            taken[region.lock.name] = taken.get(region.lock.name, 0) + 1
            for kind, part in edits_of(region, among, at):
                yield Edit(role, number, kind, part)
        for tree in every_tree(trees):
            if isinstance(tree, Take | Trylock):  # only the lock as a whole can be left out
                name = tree.region.lock.name
                taken[name] = taken.get(name, 0) + 2
    yield from (Edit(name, None, "drop") for name, times in taken.items() if times > 1)


def regions(trees: Trees) -> Iterator[tuple[Trees, int, Region]]:
    """Every region in `trees` and below, in order, with those that it stands among, and where."""
    for at, tree in enumerate(trees):
        if isinstance(tree, Region):
            yield trees, at, tree
        for inside in branches_of(tree):
            yield from regions(inside)


def locks_taken(trees: Trees) -> set[Object]:
    """The locks that are taken somewhere in `trees`."""
    return {lock for each in every_tree(trees) if (lock := lock_of(each))}


def edited(placement: Placement, edit: Edit) -> Placement:
    """The placement with one change, under a name that says which. Errors: `PlacementError`."""
    if edit.region is None:
        roles = {role: without_lock(edit.whose, trees) for role, trees in placement.roles.items()}
        if roles == placement.roles:
            raise edit_refused(placement, edit, f"it takes no lock {edit.whose!r}")
    elif edit.whose not in placement.roles:
        raise edit_refused(placement, edit, f"it says nothing of a role {edit.whose!r}")
    else:
        trees = with_change(placement.roles[edit.whose], edit.region, edit_of_trees(edit))
        if trees is None:
            raise edit_refused(placement, edit, f"{edit.whose} has no region {edit.region}")
        roles = {**placement.roles, edit.whose: trees}
    made = Placement(f"{placement.name}~{edit}", about=placement.about, **roles)
    return made.called(f"{placement.reference}~{edit}", placement.site)


def edit_refused(placement: Placement, edit: Edit, why: str) -> PlacementError:
    """The error for a change that can't be made."""
    return PlacementError(f"placement {placement.name!r} can't be changed by {edit}: {why}")


def with_change(trees: Trees, number: int, change: TreeEdit) -> Trees | None:
    """`trees` with region `number` changed; None where there is no such region."""
    numbers = count(1)

    def visit(trees: Trees) -> Trees | None:
        for at, tree in enumerate(trees):
            if isinstance(tree, Region) and next(numbers) == number:
                return change(trees, at)
            inside = branches_of(tree)
            for place, each in enumerate(inside):
                changed = visit(each)
                if changed is not None:
                    others = (*inside[:place], changed, *inside[place + 1 :])
                    return put(trees, at, (with_branches(tree, others),))
        return None

    return visit(trees)


def edit_of_trees(edit: Edit) -> TreeEdit:
    """What `edit` does to the trees among which its region stands. Errors: `PlacementError`."""
    if edit.kind == "before":
        return lambda trees, at: widened(trees, at, at - 1)
    if edit.kind == "after":
        return lambda trees, at: widened(trees, at, at + 1)

    def weaken(trees: Trees, at: int) -> Trees:
        region = trees[at]
        assert isinstance(region, Region)
        return put(trees, at, weakened(region, edit))

    return weaken


def put(trees: Trees, at: int, instead: Trees) -> Trees:
    """`trees` with others instead of the one at `at`."""
    return (*trees[:at], *instead, *trees[at + 1 :])


def weakened(region: Region, edit: Edit) -> Trees:
    """What stands in the place of `region`. Errors: `PlacementError`, where it has no such part."""
    inside = (*region.body, *region.lowered)
    match edit.kind:
        case "drop":
            return inside
        case "read" if region.mode == "write" and "read" in region_modes(region.lock):
            return (reading(region, inside),)
        case "split" if region.lowered:
            return replace(region, lowered=()), reading(region, region.lowered)
        case "up" if region.lowered:
            return replace(region, lowered=()), *region.lowered
        case "out" if edit.part and edit.part <= len(inside):
            return taken_out(region, edit.part - 1)
    raise PlacementError(f"{region} can't be changed by {edit.kind}")


def taken_out(region: Region, part: int) -> Trees:
    """The region around all of its parts but one, in two pieces if that one is in the middle."""
    border = len(region.body)
    out = (*region.body, *region.lowered)[part]
    if part < border:
        first, rest = region.body[:part], region.body[part + 1 :]
        before = (replace(region, body=first, lowered=()),) if first else ()
        if rest:
            return *before, out, replace(region, body=rest)
        lowered = (reading(region, region.lowered),) if region.lowered else ()
        return *before, out, *lowered
    first, rest = region.lowered[: part - border], region.lowered[part - border + 1 :]
    return (
        replace(region, lowered=first),
        out,
        *((reading(region, rest),) if rest else ()),
    )


def reading(region: Region, body: Trees) -> Region:
    """The lock of `region` held for reading over `body`, at the same line of the placement."""
    return replace(region_in_mode(region.lock, "read", body), site=region.site)


def widened(trees: Trees, at: int, beside: int) -> Trees:
    """`trees` with the one at `beside` taken into the region at `at`. Errors: `PlacementError`."""
    region = trees[at]
    assert isinstance(region, Region)
    if not 0 <= beside < len(trees):
        raise PlacementError(f"{region} has nothing beside it there")
    if beside < at:
        wider = replace(region, body=(trees[beside], *region.body))
    elif region.lowered:
        wider = replace(region, lowered=(*region.lowered, trees[beside]))
    else:
        wider = replace(region, body=(*region.body, trees[beside]))
    first, last = min(at, beside), max(at, beside)
    return (*trees[:first], wider, *trees[last + 1 :])


def without_lock(lock: str, trees: Trees) -> Trees:
    """`trees` in which nothing takes the lock of that name: what stands under it stays in place."""
    left: list[Tree] = []
    for tree in trees:
        inside = tuple(without_lock(lock, each) for each in branches_of(tree))
        taken = lock_of(tree)
        if isinstance(tree, Region | Trylock) and ((taken and taken.name == lock) or not inside[0]):
            left += [*inside[0], *inside[1]]  # nothing is left that a region could be over
        elif not (isinstance(tree, Take | LetGo) and taken and taken.name == lock):
            left.append(with_branches(tree, inside))
    return tuple(left)


def parse(reference: str) -> tuple[str, Edit] | None:
    """The name of a placement, and the change to it; None where `reference` names no change."""
    found = CHANGED_NAME.fullmatch(reference)
    if not found:
        return None
    base, whose, region, kind, part = found.groups()
    number = int(region) if region else None
    if (number is None) != (kind == "drop" and region is None):
        return None
    return base, Edit(whose, number, kind.split(".")[0], int(part) if part else None)

"""A placement: for every role, which named steps run under which lock, in which mode and order.

A named step is a piece of a thread's work. A model declares named steps, placements arrange them:

    WILLIAMS_GAP = Placement(
        "williams-rwsem-gap",
        adder=[hotplug.write(ADD_SECTIONS, RESIZE_ZONE), hotplug.read(INIT_PAGES)],
        remover=[hotplug.write(SHRINK_ZONE, REMOVE_SECTIONS)],
    )
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from locking.errors import PlacementError
from locking.names import check_name
from locking.objects.operation import Site
from locking.objects.region import Region, here
from locking.placements.checking import check_trees
from locking.placements.trees import (
    LetGo,
    Step,
    Take,
    Tree,
    Trylock,
    When,
    every_tree,
)
from locking.programs.constructs import procedure, section


def step(
    name: str, kernel: str = "", variant_of: Step | None = None
) -> Callable[[Callable[[Any], Awaitable[None]]], Step]:
    """An `async def` of one argument, its subject, as a `Step`."""

    def declare(run: Callable[[Any], Awaitable[None]]) -> Step:
        return Step(name, procedure(run), kernel, variant_of.name if variant_of else None)

    return declare


@dataclass(frozen=True, init=False, repr=False)
class Placement:
    """Trees of regions over steps, one sequence of them a role; a role left out is the model's own.

    `reference` is how a path string names it: its name, or the file that it was read from.

    Errors: `PlacementError` for trees of no role, for a lock taken inside itself, an empty region,
    a body that is not made of trees, a lock that is not let go as it was taken; `ModelError` for
    what can't be a name.
    """

    name: str
    reference: str
    about: str
    site: Site
    roles: Mapping[str, tuple[Tree, ...]] = field(hash=False)

    def __init__(self, name: str, about: str = "", *more: object, **roles: Sequence[Tree]) -> None:
        check_name("placement", name)
        of_no_role = more if isinstance(about, str) else (about, *more)
        if of_no_role:
            raise PlacementError(
                f"placement {name!r}: {of_no_role[0]!r} is of no role; write of which, as in "
                f"role=[...]"
            )
        for role, trees in roles.items():
            check_name("role", role)
            if not isinstance(trees, list | tuple):
                raise PlacementError(f"placement {name!r}, {role}: {trees} is no list; write [...]")
        arranged = {role: tuple(trees) for role, trees in roles.items()}
        if not roles:
            raise PlacementError(f"placement {name!r} says nothing of any role")
        for role, trees in arranged.items():
            check_trees(f"placement {name!r}, {role}", trees)
        vars(self).update(name=name, reference=name, about=about, site=here(), roles=arranged)

    def called(self, reference: str, site: Site | None = None) -> "Placement":
        """The placement under another reference; as written at `site`, if one is given."""
        made = copy(self)
        vars(made).update(reference=reference, site=site or self.site)
        return made

    def steps(self, role: str) -> tuple[Step, ...]:
        """The steps of `role`, in order."""
        return tuple(steps_in_order(self.roles[role]))

    def show(self, role: str) -> str:
        """The role's tree, as it is written."""
        return f"[{', '.join(map(str, self.roles[role]))}]"

    def __repr__(self) -> str:
        roles = ", ".join(f"{role}={self.show(role)}" for role in self.roles)
        return f"Placement({self.name!r}, {roles})"


def steps_in_order(trees: Sequence[Tree]) -> Iterator[Step]:
    """The steps of `trees`, in order; of branches that exclude each other, those of both."""
    return (each for each in every_tree(trees) if isinstance(each, Step))


async def perform(trees: Sequence[Tree], subject: Any) -> None:
    """Do every step of `trees` on `subject`, under the locks that they stand in.

    While it does a step, or asks a query, a thread is inside a section of that name. Locks of
    regions are let go whatever way the steps end.

    Errors: `PlacementError` for what is no list of trees.
    """
    if not isinstance(trees, list | tuple):
        right = 'placement.roles["role"]' if isinstance(trees, Placement) else f"[{trees}]"
        raise PlacementError(
            f"perform({trees}, ...) takes the trees of one role; write perform({right}, ...)"
        )
    for tree in trees:
        match tree:
            case Step():
                async with section(tree.name):
                    await tree.run(subject)
            case Region():
                await tree.at_site(tree.acquire())
                await perform_held(tree, subject)
            case Take():
                await tree.region.at_site(tree.region.acquire())
            case LetGo():
                await tree.region.at_site(tree.region.release())
            case Trylock():
                await perform_tried(tree, subject)
            case When():
                await perform_asked(tree, subject)


async def perform_held(region: Region, subject: Any) -> None:
    """Do what stands in a region whose lock is held; it is let go whatever way the region ends."""
    release = region.release
    try:
        await perform(region.body, subject)
        if region.lowered and region.lower is not None and region.release_lowered is not None:
            await region.at_site(region.lower())
            release = region.release_lowered
            await perform(region.lowered, subject)
    finally:
        await region.at_site(release())


async def perform_tried(tree: Trylock, subject: Any) -> None:
    """Do what stands in a region if its lock can be had at once, or else what stands beside it."""
    assert tree.region.attempt is not None
    if await tree.region.at_site(tree.region.attempt()):
        await perform_held(tree.region, subject)
    else:
        await perform(tree.otherwise, subject)


async def perform_asked(tree: When, subject: Any) -> None:
    """Do what the answer of a query leads to."""
    async with section(tree.query.name):
        answer = await tree.query.run(subject)
    await perform(tree.body if answer else tree.otherwise, subject)

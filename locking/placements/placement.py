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
from typing import Any, Never

from locking.errors import ModelError, PlacementError
from locking.names import check_name
from locking.objects.operation import Object, Site
from locking.objects.region import Region, here
from locking.programs.constructs import procedure, section


@dataclass(frozen=True)
class Step:
    """A named step: `run(subject)` is an `async def` of which nothing is remembered.

    `kernel` names the function that it stands for, with file and version; `variant_of` the step
    that it repairs or replaces.
    """

    name: str
    run: Callable[[Any], Awaitable[None]] = field(repr=False, compare=False)
    kernel: str = field(default="", compare=False)
    variant_of: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        check_name("step", self.name)

    def __str__(self) -> str:
        return self.name

    def __call__(self, *_: object) -> Never:
        raise ModelError(
            f"named step {self.name} is not called; write it into a placement, or "
            f"`await perform([{self.name}], subject)`"
        )


def step(
    name: str, kernel: str = "", variant_of: Step | None = None
) -> Callable[[Callable[[Any], Awaitable[None]]], Step]:
    """An `async def` of one argument, its subject, as a `Step`."""

    def declare(run: Callable[[Any], Awaitable[None]]) -> Step:
        return Step(name, procedure(run), kernel, variant_of.name if variant_of else None)

    return declare


Tree = Step | Region


@dataclass(frozen=True, init=False, repr=False)
class Placement:
    """Trees of regions over steps, one sequence of them a role; a role left out is the model's own.

    `reference` is how a path string names it: its name, or the file that it was read from.

    Errors: `PlacementError` for trees of no role, for a lock taken inside itself, an empty region,
    a body that is not made of steps and regions; `ModelError` for what can't be a name.
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
            check_nesting(f"placement {name!r}, {role}", trees, {})
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


def check_nesting(where: str, trees: Sequence[Tree], held: dict[Object, str]) -> None:
    """Raise `PlacementError` for what can't be performed."""
    for tree in trees:
        if isinstance(tree, Step):
            continue
        if not isinstance(tree, Region):
            raise PlacementError(f"{where}: {tree!r} is neither a step nor a region of a lock")
        name = tree.lock.name
        if not tree.body:
            raise PlacementError(f"{where}: {name}.{tree.mode}() holds the lock over no step")
        if tree.lock in held:
            raise PlacementError(
                f"{where}: {tree} takes {name} inside a {held[tree.lock]} region of {name}; "
                f"a task that locks twice waits for itself"
            )
        check_nesting(where, tree.body, {**held, tree.lock: tree.mode})
        check_nesting(where, tree.lowered, {**held, tree.lock: "downgraded"})


def steps_in_order(trees: Sequence[Tree]) -> Iterator[Step]:
    """The steps of `trees`, in order."""
    for tree in trees:
        if isinstance(tree, Step):
            yield tree
        else:
            yield from steps_in_order(tree.body)
            yield from steps_in_order(tree.lowered)


async def perform(trees: Sequence[Tree], subject: Any) -> None:
    """Do every step of `trees` on `subject`, under the locks that they stand in.

    While it does a step, a thread is inside a section of the step's name. Locks are let go whatever
    way the steps end.

    Errors: `PlacementError` for what is no list of trees.
    """
    if not isinstance(trees, list | tuple):
        right = 'placement.roles["role"]' if isinstance(trees, Placement) else f"[{trees}]"
        raise PlacementError(
            f"perform({trees}, ...) takes the trees of one role; write perform({right}, ...)"
        )
    for tree in trees:
        if isinstance(tree, Step):
            async with section(tree.name):
                await tree.run(subject)
        else:
            await perform_region(tree, subject)


async def perform_region(tree: Region, subject: Any) -> None:
    """Do the steps of a region, those that it goes on with downgraded as well."""
    release = tree.release
    await tree.at_site(tree.acquire())
    try:
        await perform(tree.body, subject)
        if tree.lowered and tree.lower and tree.release_lowered:
            await tree.at_site(tree.lower())
            release = tree.release_lowered
            await perform(tree.lowered, subject)
    finally:
        await tree.at_site(release())

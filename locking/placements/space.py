"""The space of placements: every way to put locks around steps that keep their order.

The space has these bounds: the locks offered, each in all of its modes; regions that nest, one
inside another or one after another, at most so many; a downgrade wherever a lock has it; and for
each step the step itself or one of its variants, which are repairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from locking.errors import PlacementError
from locking.objects.operation import Object
from locking.objects.region import Region, region_in_mode, region_modes
from locking.placements.edit import regions
from locking.placements.placement import Placement
from locking.placements.trees import Step, Tree, Trees
from locking.sequences import tuple_of

LEVEL = {"read": 1, "write": 2, "hold": 2}
"""How much a mode excludes: 0 is a lock that is not held."""


@dataclass(frozen=True)
class Space:
    """Where placements of `role` are searched: `steps` in their order, and the `locks` offered.

    Roles other than `role` are as in `base`. `scenarios` are those in which placements are judged;
    none named: all.
    """

    role: str
    steps: tuple[Step, ...]
    locks: tuple[Object, ...]
    base: Placement
    scenarios: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in (("steps", Step), ("locks", Object), ("scenarios", str)):
            given = tuple_of(kind, f"space of {self.role!r}: {name}", getattr(self, name))
            object.__setattr__(self, name, given)


def variants(steps: Sequence[Step], offered: Sequence[Step]) -> list[tuple[Step, ...]]:
    """For each of `steps` itself and those of `offered` that are its variants."""
    return [(step, *(each for each in offered if each.variant_of == step.name)) for step in steps]


def choices(slots: Sequence[tuple[Step, ...]]) -> list[tuple[Step, ...]]:
    """Every choice of one step a slot; those with the fewest repairs come first."""
    firsts = tuple(slot[0] for slot in slots)
    return sorted(product(*slots), key=lambda chosen: repairs(chosen, firsts))


def repairs(chosen: Sequence[Step], steps: Sequence[Step]) -> int:
    """How many of `chosen` are variants of the `steps` in their place."""
    return sum(one != other for one, other in zip(chosen, steps, strict=True))


def arrangements(steps: Trees, locks: Sequence[Object], most: int) -> Iterator[Trees]:
    """Every way to put at most `most` regions of `locks` around `steps`, which keep their order."""
    if not steps:
        yield ()
        return
    for first, rest, left in beginnings(steps, locks, most):
        for others in arrangements(rest, locks, left):
            yield first, *others


def beginnings(
    steps: Trees, locks: Sequence[Object], most: int
) -> Iterator[tuple[Tree, Trees, int]]:
    """The first tree of an arrangement, the steps after it, and how many regions are left."""
    yield steps[0], steps[1:], most
    for lock in locks if most else ():
        others = [other for other in locks if other is not lock]
        for mode, end in product(region_modes(lock), range(1, len(steps) + 1)):
            for body in arrangements(steps[:end], others, most - 1):
                left = most - 1 - sum(1 for _ in regions(body))
                region = region_in_mode(lock, mode, body)
                yield region, steps[end:], left
                if region.lower:
                    yield from downgraded(region, steps[end:], others, left)


def downgraded(
    region: Region, steps: Trees, locks: Sequence[Object], most: int
) -> Iterator[tuple[Region, Trees, int]]:
    """`region`, downgraded over the first of `steps`, the steps after it, and the regions left."""
    for end in range(1, len(steps) + 1):
        for lowered in arrangements(steps[:end], locks, most):
            left = most - sum(1 for _ in regions(lowered))
            yield region.downgrade(*lowered), steps[end:], left


Profile = tuple[tuple[int, ...], ...]
"""For each lock, how it is held at every step, then from every step to the next."""


def profile(trees: Trees, locks: Sequence[Object]) -> Profile:
    """What `trees` hold, step by step: what `weaker` compares."""
    return tuple(along(list(regions_by_step(trees, lock, (0, 0)))) for lock in locks)


def along(held: list[tuple[int, int]]) -> tuple[int, ...]:
    """How a lock is held at every step; then from each to the next without being let go."""
    between = (min(one[1], other[1]) if one[0] == other[0] else 0 for one, other in pairwise(held))
    return (*(level for _, level in held), *between)


def regions_by_step(trees: Trees, lock: Object, now: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """For every step the region of `lock` that it is in (0: none), and its level.

    Errors: `PlacementError` for what does not nest: what holds less of it is not known to fail too.
    """
    for tree in trees:
        match tree:
            case Step():
                yield now
            case Region() if tree.lock is lock:
                yield from regions_by_step(tree.body, lock, (id(tree), LEVEL[tree.mode]))
                yield from regions_by_step(tree.lowered, lock, (id(tree), LEVEL["read"]))
            case Region():
                yield from regions_by_step((*tree.body, *tree.lowered), lock, now)
            case _:
                raise PlacementError(f"{tree} does not nest, so none is known to be weaker")


def weaker(one: Profile, other: Profile) -> bool:
    """Whether `one` holds nowhere more than `other` does.

    Then what threads can do under `other` they can do under `one`, the same steps in the same
    order: whenever `one` takes a lock, `other` holds it already, as strongly, and so nobody else
    holds it in a mode that would make `one` wait.
    """
    return all(
        mine <= theirs
        for own, their in zip(one, other, strict=True)
        for mine, theirs in zip(own, their, strict=True)
    )

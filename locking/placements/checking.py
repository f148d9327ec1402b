"""What can't be performed of a placement: a lock taken twice, or not let go as it was taken.

The trees are walked as a thread goes through them. Where they branch, both ways are walked, and
must come together with the same locks taken.
"""

from collections.abc import Mapping, Sequence

from locking.errors import PlacementError
from locking.objects.operation import Object
from locking.objects.region import Region
from locking.placements.trees import LetGo, Step, Take, Tree, Trylock, When

ModesHeld = Mapping[Object, str]
"""Locks, each with how it is held."""


def check_trees(where: str, trees: Sequence[Tree]) -> None:
    """Raise `PlacementError` for what can't be performed."""
    taken = check_sequence(where, trees, {}, {})
    for lock, mode in taken.items():
        raise PlacementError(
            f"{where}: take({lock.name}.{mode}()) is followed by no let_go({lock.name}.{mode}())"
        )


def check_sequence(
    where: str, trees: Sequence[Tree], around: ModesHeld, taken: ModesHeld
) -> ModesHeld:
    """The locks that are taken after `trees`, which stand in regions of those `around`."""
    for tree in trees:
        taken = check_tree(where, tree, around, taken)
    return taken


def check_tree(where: str, tree: Tree, around: ModesHeld, taken: ModesHeld) -> ModesHeld:
    """The locks that are taken after one tree. Errors: `PlacementError`."""
    match tree:
        case Step():
            return taken
        case Take(region):
            refuse_twice(where, tree, region, {**around, **taken})
            return {**taken, region.lock: region.mode}
        case LetGo(region):
            if taken.get(region.lock) != region.mode:
                raise PlacementError(
                    f"{where}: {tree} comes after no take({region.lock.name}.{region.mode}())"
                )
            return {lock: mode for lock, mode in taken.items() if lock is not region.lock}
        case Region():
            return check_region(where, tree, tree, around, taken)
        case Trylock(region, otherwise):
            got = check_region(where, tree, region, around, taken)
            return held_after_both(
                where, tree, got, check_sequence(where, otherwise, around, taken)
            )
        case When(_, body, otherwise):
            yes = check_sequence(where, body, around, taken)
            return held_after_both(
                where, tree, yes, check_sequence(where, otherwise, around, taken)
            )
    raise PlacementError(f"{where}: {tree!r} is neither a step nor a region of a lock")


def check_region(
    where: str, tree: Tree, region: Region, around: ModesHeld, taken: ModesHeld
) -> ModesHeld:
    """The locks that are taken after a region. Errors: `PlacementError`."""
    if not region.body:
        name = f"{region.lock.name}.{region.mode}()"
        raise PlacementError(f"{where}: {name} holds the lock over no step")
    refuse_twice(where, tree, region, {**around, **taken})
    inside = {**around, region.lock: region.mode}
    taken = check_sequence(where, region.body, inside, taken)
    return check_sequence(where, region.lowered, {**inside, region.lock: "downgraded"}, taken)


def refuse_twice(where: str, tree: Tree, region: Region, held: ModesHeld) -> None:
    """Raise `PlacementError` for a lock that is held already."""
    lock = region.lock
    if lock in held:
        raise PlacementError(
            f"{where}: {tree} takes {lock.name} inside a {held[lock]} region of {lock.name}; "
            f"a task that locks twice waits for itself"
        )


def held_after_both(where: str, tree: Tree, one: ModesHeld, other: ModesHeld) -> ModesHeld:
    """The locks that are taken after two branches. Errors: `PlacementError` where they differ."""
    if dict(one) != dict(other):
        lock = next(lock for lock in {**one, **other} if one.get(lock) != other.get(lock))
        raise PlacementError(
            f"{where}: {tree} leaves {lock.name} taken one way and not the other; let it go in "
            f"both, or in none"
        )
    return one

"""What a placement is made of: named steps, regions around them, and what does not nest.

hotplug.write(A, B)                            a region: the lock held over A and B
take(first.hold()), A, let_go(first.hold())    a lock taken here and let go there
trylock(lock.hold(A), otherwise=[B])           A under the lock if it can be had at once, or B
when(IS_EMPTY, A, otherwise=[B])               A if a query says so, or B
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Never

from locking.errors import ModelError, PlacementError
from locking.names import check_name
from locking.objects.operation import Object
from locking.objects.region import Region, hand_over
from locking.programs.constructs import procedure


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


@dataclass(frozen=True)
class Query:
    """What a placement asks: `run(subject)` is an `async def` whose answer alone is remembered."""

    name: str
    run: Callable[[Any], Awaitable[bool]] = field(repr=False, compare=False)
    kernel: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check_name("query", self.name)

    def __str__(self) -> str:
        return self.name


def query(name: str, kernel: str = "") -> Callable[[Callable[[Any], Awaitable[bool]]], Query]:
    """An `async def` of one argument, its subject, as what `when` asks. Errors: `ModelError`."""
    return lambda run: Query(name, procedure(run), kernel)


@dataclass(frozen=True)
class Take:
    """The lock of an empty region is taken here, and held until a `LetGo` of it."""

    region: Region

    def __str__(self) -> str:
        return f"take({self.region})"


@dataclass(frozen=True)
class LetGo:
    """The lock of an empty region, which a `Take` has taken, is let go here."""

    region: Region

    def __str__(self) -> str:
        return f"let_go({self.region})"


@dataclass(frozen=True)
class Trylock:
    """A region if its lock can be had at once; else `otherwise`, without it."""

    region: Region
    otherwise: tuple["Tree", ...] = ()

    def __str__(self) -> str:
        return f"trylock({self.region}{or_else(self.otherwise)})"


@dataclass(frozen=True)
class When:
    """`body` if the answer of `query` counts as true, as in an `if`; else `otherwise`."""

    query: Query
    body: tuple["Tree", ...]
    otherwise: tuple["Tree", ...] = ()

    def __str__(self) -> str:
        return f"when({', '.join(map(str, (self.query, *self.body)))}{or_else(self.otherwise)})"


Tree = Step | Region | Take | LetGo | Trylock | When
Trees = tuple[Tree, ...]


def take(region: Region) -> Take:
    """The lock taken here and held until `let_go`: for locks that overlap and do not nest.

    It is for hand over hand: `take(first.hold()), A, take(second.hold()), let_go(first.hold())`.

    Errors: `PlacementError` where it is no region, or one with steps in it.
    """
    return Take(empty(region, "take"))


def let_go(region: Region) -> LetGo:
    """The lock let go that `take` took in the same mode.

    Errors: `PlacementError` where it is no region, or one with steps in it.
    """
    return LetGo(empty(region, "let_go"))


def trylock(region: Region, *, otherwise: Sequence[Tree] = ()) -> Trylock:
    """`region` if its lock can be had at once; else the trees of `otherwise`, without it.

    Errors: `PlacementError` where it is no region, or its lock has no trylock in this mode.
    """
    if not isinstance(region, Region):
        raise PlacementError(f"trylock({region}): write a region, such as `lock.hold(STEP)`")
    if region.attempt is None:
        raise PlacementError(
            f"{region.lock.name}: a {region.mode} region can't be tried, for the lock has no "
            f"trylock of this mode; a lock of your own gives it by `Region.tried_by`"
        )
    hand_over([region])
    return Trylock(region, trees_in_words("trylock", otherwise))


def when(query: Query, *body: Tree, otherwise: Sequence[Tree] = ()) -> When:
    """`body` if the answer of `query` counts as true; else the trees of `otherwise`.

    Errors: `PlacementError` where it is no query, or there is nothing to do either way.
    """
    if not isinstance(query, Query):
        raise PlacementError(
            f"when({query}): write a query first, an `async def` declared with @query(name)"
        )
    if not body and not otherwise:
        raise PlacementError(f"when({query}): nothing is done either way")
    hand_over(body)
    return When(query, body, trees_in_words("when", otherwise))


def empty(region: Region, does: str) -> Region:
    """A region that has nothing in it. Errors: `PlacementError`."""
    if not isinstance(region, Region) or region.body:
        raise PlacementError(
            f"{does}({region}): write a region with nothing in it, such as `{does}(lock.hold())`"
        )
    hand_over([region])
    return region


def trees_in_words(does: str, otherwise: Sequence[Tree]) -> Trees:
    """What `otherwise` names. Errors: `PlacementError` where that is no list."""
    if isinstance(otherwise, Tree):
        raise PlacementError(f"{does}(): otherwise={otherwise} is no list; write [...]")
    hand_over(otherwise)
    return tuple(otherwise)


def or_else(otherwise: Trees) -> str:
    """How what is done otherwise is written."""
    return f", otherwise=[{', '.join(map(str, otherwise))}]" if otherwise else ""


def branches_of(tree: Tree) -> tuple[Trees, ...]:
    """The sequences of trees inside a tree, in their order; of two that exclude each other both."""
    match tree:
        case Region():
            return tree.body, tree.lowered
        case Trylock():
            return tree.region.body, tree.region.lowered, tree.otherwise
        case When():
            return tree.body, tree.otherwise
    return ()


def with_branches(tree: Tree, inside: Sequence[Trees]) -> Tree:
    """`tree` with other sequences inside: as many as `branches_of` gives."""
    match tree:
        case Region():
            return replace(tree, body=inside[0], lowered=inside[1])
        case Trylock():
            region = replace(tree.region, body=inside[0], lowered=inside[1])
            return Trylock(region, inside[2])
        case When():
            return replace(tree, body=inside[0], otherwise=inside[1])
    return tree


def lock_of(tree: Tree) -> Object | None:
    """The lock that a tree itself takes, lets go or tries."""
    if isinstance(tree, Region):
        return tree.lock
    return tree.region.lock if isinstance(tree, Take | LetGo | Trylock) else None


def every_tree(trees: Sequence[Tree]) -> Iterator[Tree]:
    """All trees of a sequence and those inside them, in order."""
    for tree in trees:
        yield tree
        for inside in branches_of(tree):
            yield from every_tree(inside)


def nests(trees: Sequence[Tree]) -> bool:
    """Whether there is nothing in `trees` but steps, and regions that nest."""
    return all(isinstance(each, Step | Region) for each in every_tree(trees))

"""Skeletons: the locks of placements around their named steps, and nothing of what these do.

Values that grow with the threads, such as a zone's span, have no verdict for any number. What a
placement is about has one: who can be inside which named steps, or hold which lock, at once. The
skeleton of a thread does what its trees say, again and again; a named step is one step, inside a
section of its name. A lock that is held in a mode is a section too, `lock.mode`, and so is a
`span`, from before one named step until after another: `A..B`.

Skeletons are made of trees alone, of those of all threads that perform any. So what they exclude
is a fact about these trees. It is one about a model as far as its named steps leave the locks of
the trees alone, and no other thread does them: `refuse_other_users` looks for what does not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from locking.errors import ModelError, UsageError, unknown
from locking.explore.coverage import lines_missed, lines_reached
from locking.explore.product import Product
from locking.explore.reference import explore
from locking.explore.search import search
from locking.objects.operation import Object, Operation, Site
from locking.objects.region import Region
from locking.placements.placement import perform, steps_in_order
from locking.placements.trees import LetGo, Step, Take, Tree, Trylock, When, every_tree, lock_of
from locking.programs.constructs import choose, forever
from locking.programs.position import Position
from locking.programs.thread import Thread
from locking.programs.traps import Enter, Leave
from locking.properties.together import NeverTogether
from locking.system import System

FIRST_STATES_OF_CASE = 20_000
"""States of a case that are gone through for what its named steps do to locks."""

SPAN = ".."
"""Between two named steps: from before the first until after the second."""

ASSERTS = "lockdep_assert"
"""What the operations begin with that leave a lock as it is."""

TreesByName = Mapping[str, Sequence[Tree]]
"""The trees that threads perform, each by the name of a thread."""

Apart = Sequence[tuple[str, str]]
"""Pairs of sections that are asked for."""


class SpanOfSteps(NamedTuple):
    """A span, from before the named step `first` until after `last`."""

    name: str
    first: str
    last: str


def trees_of(system: System, names: Sequence[str]) -> TreesByName:
    """The trees of the threads that are named, which are all that any thread of `system` performs.

    Errors: `UsageError`.
    """
    performing = {each.name: each.args[:1] for each in system.threads if each.program is perform}
    for name, args in performing.items():
        if not (args and isinstance(args[0], list | tuple)):
            raise UsageError(f"--any-number: {name} performs no list or tuple of trees")
    found = {name: args[0] for name, args in performing.items()}
    for name in names:
        if name not in found:
            raise unknown("thread that performs trees", name, found)
    named = {name: found[name] for name in dict.fromkeys(names)}
    for name, trees in found.items():
        if not any(trees is each for each in named.values()):
            raise UsageError(f"--any-number: skeletons are of all threads; name {name} as well")
    return named


def system_of_skeletons(trees: TreesByName, apart: Apart) -> System:
    """A skeleton for each of some trees; its properties are that no pair of `apart` is together.

    Errors: `UsageError` for what is no section of them, or no span.
    """
    asked = dict.fromkeys(name for pair in apart for name in pair)
    threads, sections = [], set[str]()
    for name, each in trees.items():
        spans = tuple(spans_in([name for name in asked if SPAN in name], name, each))
        threads.append(Thread(name, come_again, (spans, each)))
        sections |= skeleton_sections(spans, each)
    for name in asked:
        if name not in sections:
            raise unknown("section of the skeletons", name, sorted(sections))
    return System(list(locks_of(trees)), threads, [never_apart(pair) for pair in apart])


def locks_of(trees: TreesByName) -> dict[Object, None]:
    """The locks that trees take."""
    inside = (tree for each in trees.values() for tree in every_tree(each))
    return dict.fromkeys(lock for tree in inside if (lock := lock_of(tree)) is not None)


def never_apart(pair: tuple[str, str]) -> NeverTogether:
    """The property that two threads are never inside of a pair."""
    return NeverTogether(f"never {pair[0]} with {pair[1]}", *pair)


def spans_in(names: Sequence[str], of: str, trees: Sequence[Tree]) -> Iterator[SpanOfSteps]:
    """The spans that trees `of` a thread come through. Errors: `UsageError` for what is none."""
    order = [step.name for step in steps_in_order(trees)]
    for name in names:
        first, dots, last = name.partition(SPAN)
        if not (first and dots and last):
            raise UsageError(f"{name}: write FIRST{SPAN}LAST, two named steps")
        if first not in order or last not in order:
            continue
        if any(isinstance(tree, Trylock | When) for tree in every_tree(trees)):
            raise UsageError(f"{name}: {of} goes one way or another; a span has one")
        if order.count(first) > 1 or order.count(last) > 1:
            raise UsageError(f"{name}: {of} comes to one of them twice; a span has one of each")
        if order.index(first) <= order.index(last):
            yield SpanOfSteps(name, first, last)


def skeleton_sections(spans: Sequence[SpanOfSteps], trees: Sequence[Tree]) -> set[str]:
    """The sections that a skeleton of these trees enters."""
    found = {span.name for span in spans}
    for tree in every_tree(trees):
        if name := name_of(tree):
            found.add(name)
        elif region := region_of(tree):
            found.add(held(region.lock, region.mode))
            found |= {held(region.lock, "read")} if region.lowered else set()
    return found


def name_of(tree: Tree) -> str:
    """The name of a named step, or of what is asked; empty for a tree that is neither."""
    if isinstance(tree, When):
        return tree.query.name
    return tree.name if isinstance(tree, Step) else ""


def region_of(tree: Tree) -> Region | None:
    """The region whose lock a tree takes, if it takes one."""
    if isinstance(tree, Region):
        return tree
    return tree.region if isinstance(tree, Take | Trylock) else None


def held(lock: Object, mode: str) -> str:
    """The section of a lock that is held in a mode."""
    return f"{lock.name}.{mode}"


class UsersLookedAt(NamedTuple):
    """How many states of a case were gone through, and whether that is all of them.

    `missed` are lines of its code that are reached in none of these.
    """

    states: int
    complete: bool
    missed: Sequence[Site]


def refuse_other_users(system: System, trees: TreesByName, apart: Apart) -> UsersLookedAt:
    """Refuse a system of which skeletons say nothing, as far as its first states show.

    A named step that works on a lock of the trees may let go of it. A thread that does named steps
    otherwise than by `perform` may do them without a lock. One that works on a lock otherwise may
    have it in a mode that is asked for. All locks are free at first. Errors: `ModelError`.
    """
    locks = locks_of(trees)
    for lock in locks:
        if lock in system.starts:
            raise ModelError(f"skeletons: {lock.name} is given a start; theirs are all free")
    product, enough = system.product(), FIRST_STATES_OF_CASE
    graph = search(product, explore, lambda met, _: "enough" if met > enough else None)
    asked = tuple(name for pair in apart for name in pair)
    in_a_mode = [each for each in locks if any(n.startswith(f"{each.name}.") for n in asked)]
    steps = {name_of(tree) for each in trees.values() for tree in every_tree(each)}
    for at, position in positions_of(product):
        thread, entered = system.threads[at], steps.intersection(position.inside)
        if entered and works_on(position, locks):
            raise ModelError(
                f"skeletons: {thread.name} takes {position.next} inside of {min(entered)}, and "
                f"trees take that lock: it may be released there"
            )
        if entered and (thread.program is not perform or steps.intersection(position.inside[1:])):
            raise ModelError(
                f"skeletons: {thread.name} does {position.inside[-1]} otherwise than by "
                f"perform(trees, subject); trees do not say under which locks"
            )
        if thread.program is not perform and works_on(position, in_a_mode):
            raise ModelError(
                f"skeletons: {thread.name} takes {position.next} otherwise than by perform(trees, "
                f"subject); who has that lock in a mode is then not what skeletons say"
            )
    missed = lines_missed(lines_reached(product, graph))
    return UsersLookedAt(len(graph.states), graph.cause is None, missed)


def positions_of(product: Product) -> Iterator[tuple[int, Position]]:
    """All positions that threads were learned to have, each with the number of the thread."""
    for at, automaton in enumerate(product.automata):
        for place in range(len(automaton.members)):
            yield at, automaton.position(place)


def works_on(position: Position, locks: Collection[Object]) -> bool:
    """Whether a thread is about to change one of `locks`."""
    step = position.next
    return (
        isinstance(step, Operation) and step.target in locks and not step.name.startswith(ASSERTS)
    )


async def come_again(spans: Sequence[SpanOfSteps], trees: Sequence[Tree]) -> None:
    """Do what a skeleton says, again and again."""
    await forever(act, spans, trees)


async def act(spans: Sequence[SpanOfSteps], trees: Sequence[Tree]) -> None:
    """Take the locks of trees, and one step for each named step."""
    for tree in trees:
        match tree:
            case Step():
                await act_step(spans, tree)
            case Region():
                await tree.at_site(tree.acquire())
                await act_held(spans, tree)
            case Take(region):
                await region.at_site(region.acquire())
                await Enter(held(region.lock, region.mode))
            case LetGo(region):
                await region.at_site(region.release())
                await Leave(held(region.lock, region.mode))
            case Trylock(region, otherwise):
                await act_tried(spans, region, otherwise)
            case When(query, body, otherwise):
                await Enter(query.name)
                answer = await choose(True, False)
                await Leave(query.name)
                await act(spans, body if answer else otherwise)


async def act_tried(
    spans: Sequence[SpanOfSteps], region: Region, otherwise: Sequence[Tree]
) -> None:
    """What stands in a region if its lock can be had at once, or else what stands beside it.

    That may be so though no skeleton has the lock: threads of a model that are none may have it.
    """
    assert region.attempt is not None
    if await choose(True, False) and await region.at_site(region.attempt()):
        await act_held(spans, region)
    else:
        await act(spans, otherwise)


async def act_step(spans: Sequence[SpanOfSteps], step: Step) -> None:
    """One step, inside a section of its name and the spans that it begins or ends."""
    for span in spans:
        if span.first == step.name:
            await Enter(span.name)
    await Enter(step.name)
    await choose(None)
    await Leave(step.name)
    for span in spans:
        if span.last == step.name:
            await Leave(span.name)


async def act_held(spans: Sequence[SpanOfSteps], region: Region) -> None:
    """What stands in a region; its section is left only once the lock is let go."""
    await Enter(held(region.lock, region.mode))
    await act(spans, region.body)
    if region.lowered and region.lower is not None and region.release_lowered is not None:
        await region.at_site(region.lower())
        await Leave(held(region.lock, region.mode))
        await Enter(held(region.lock, "read"))
        await act(spans, region.lowered)
        await region.at_site(region.release_lowered())
        await Leave(held(region.lock, "read"))
    else:
        await region.at_site(region.release())
        await Leave(held(region.lock, region.mode))

"""The skeleton of a placement: its locks around its named steps, and nothing of what these do.

Values that grow with the threads, such as a zone's span, have no verdict for any number. What a
placement is about has one: who can be inside which named steps, or hold which lock, at once. A
thread of a skeleton does what the placement says of a role, again and again; a named step is one
step, inside a section of its name and inside the sections that threads of the case were seen to
enter in it. A lock that is held in a mode is a section too, `lock.mode`, and so is a `span`, from
before one named step until after another: `A..B`.

Sound for what never is together: a skeleton's thread can do all that the role's threads do with
the placement's locks. Not said of it: what steps take by themselves, which may exclude more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from locking.errors import UsageError, unknown
from locking.explore.reference import explore
from locking.explore.search import search
from locking.model import Case
from locking.objects.operation import Object
from locking.objects.region import Region
from locking.placements.placement import perform, steps_in_order
from locking.placements.trees import LetGo, Step, Take, Tree, Trylock, When, every_tree, lock_of
from locking.programs.constructs import choose, forever
from locking.programs.thread import Thread
from locking.programs.traps import Enter, Leave
from locking.properties.explored import Property
from locking.properties.together import NeverTogether, SometimesTogether
from locking.system import System

FIRST_STATES_OF_CASE = 20_000
"""States of a case that are gone through for the sections inside its named steps."""

SPAN = ".."
"""Between two named steps: from before the first until after the second."""


class SkeletonPlan(NamedTuple):
    """What skeletons need besides trees.

    `inner` are the sections that threads were seen to enter inside of named steps; `spans` those
    from one named step to another, each with both.
    """

    inner: Mapping[str, tuple[str, ...]]
    spans: tuple[tuple[str, str, str], ...]

    def entered(self, step: Step) -> list[str]:
        """The sections that are entered in front of a named step."""
        begun = [span for span, first, _ in self.spans if first == step.name]
        return [*begun, step.name, *self.inner.get(step.name, ())]

    def left(self, step: Step) -> list[str]:
        """The sections that are left behind a named step."""
        ended = [span for span, _, last in self.spans if last == step.name]
        return [step.name, *self.inner.get(step.name, ()), *ended]


def is_role(case: Case, name: str) -> bool:
    """Whether a name is that of a role of a placement."""
    return case.placement is not None and name in case.model.steps


def skeleton_trees(case: Case, system: System, role: str) -> tuple[Tree, ...]:
    """What threads of a role do in the case, or else what the placement says of it.

    Errors: `UsageError` where the case has no such thread, and the placement says nothing of it.
    """
    assert case.placement
    acting = [each for each in case.scenario.roles if case.model.acts(each)]
    if len(acting) == len(system.threads):
        for each, thread in zip(acting, system.threads, strict=True):
            if each == role and thread.program is perform:
                return tuple(thread.args[0])
    if role in case.placement.roles:
        return case.placement.roles[role]
    known = dict.fromkeys([*case.placement.roles, *acting])
    raise unknown(f"role of {case.scenario.name} or {case.placement.name}", role, known)


def inner_sections(system: System) -> dict[str, tuple[str, ...]]:
    """The sections that threads enter inside of named steps, as far as the first states show."""
    product = system.product()
    search(product, explore, lambda met, _: "enough" if met > FIRST_STATES_OF_CASE else None)
    found: dict[str, dict[str, None]] = {}
    for automaton in product.automata:
        for place in range(len(automaton.members)):
            inside = automaton.position(place).inside
            if inside:
                found.setdefault(inside[0], {}).update(dict.fromkeys(inside[1:]))
    return {step: tuple(sections) for step, sections in found.items()}


def skeleton_builder(
    case: Case, roles: Sequence[str], apart: Sequence[tuple[str, str]]
) -> Callable[[Case], System]:
    """A function that makes the system of the skeletons of some roles, of the case's placement.

    Its properties are those of the case that speak of sections, and that the pairs `apart` never
    are together. Errors: `UsageError`, `ModelError`.
    """
    system = case.build()
    trees = {role: skeleton_trees(case, system, role) for role in roles}
    inner = inner_sections(system)
    spans = sorted({name for pair in apart for name in pair if SPAN in name})
    locks = [
        lock for each in trees.values() for tree in every_tree(each) if (lock := lock_of(tree))
    ]
    sections: set[str] = set()
    threads = []
    for role, each in trees.items():
        plan = SkeletonPlan(inner, tuple(spans_in(spans, each)))
        threads.append(Thread(role, come_again, (plan, each)))
        sections |= skeleton_sections(plan, each)
    for name in (name for pair in apart for name in pair):
        if name not in sections:
            raise unknown("section of the skeleton", name, sorted(sections))
    properties = [*of_sections(system.properties, sections), *map(never_apart, apart)]
    return lambda _: System(list(dict.fromkeys(locks)), threads, properties)


def of_sections(properties: Sequence[Property], sections: set[str]) -> Iterator[Property]:
    """Those of `properties` that say of sections whether they are together."""
    for each in properties:
        if (
            isinstance(each, NeverTogether | SometimesTogether)
            and {each.one, each.other} <= sections
        ):
            yield each


def never_apart(pair: tuple[str, str]) -> NeverTogether:
    """The property that two threads are never inside of a pair."""
    return NeverTogether(f"never {pair[0]} with {pair[1]}", *pair)


def spans_in(spans: Sequence[str], trees: Sequence[Tree]) -> list[tuple[str, str, str]]:
    """The spans between steps of a role, with both steps. Errors: `UsageError` for no span."""
    order = [step.name for step in steps_in_order(trees)]
    found = []
    for span in spans:
        first, dots, last = span.partition(SPAN)
        if not (first and dots and last):
            raise UsageError(f"{span}: write FIRST{SPAN}LAST, two named steps")
        if first in order and last in order[order.index(first) :]:
            found.append((span, first, last))
    return found


def skeleton_sections(plan: SkeletonPlan, trees: Sequence[Tree]) -> set[str]:
    """The sections that a skeleton of these trees enters."""
    found = {span for span, *_ in plan.spans}
    for tree in every_tree(trees):
        if isinstance(tree, Step):
            found |= {tree.name, *plan.inner.get(tree.name, ())}
        elif region := region_of(tree):
            found.add(held(region.lock, region.mode))
            found |= {held(region.lock, "read")} if region.lowered else set()
    return found


def region_of(tree: Tree) -> Region | None:
    """The region whose lock a tree takes, if it takes one."""
    if isinstance(tree, Region):
        return tree
    return tree.region if isinstance(tree, Take | Trylock) else None


def held(lock: Object, mode: str) -> str:
    """The section of a lock that is held in a mode."""
    return f"{lock.name}.{mode}"


async def come_again(plan: SkeletonPlan, trees: Sequence[Tree]) -> None:
    """Do what a skeleton says, again and again."""
    await forever(act, plan, trees)


async def act(plan: SkeletonPlan, trees: Sequence[Tree]) -> None:
    """Take the locks of trees, and one step for each named step."""
    for tree in trees:
        match tree:
            case Step():
                await act_step(plan, tree)
            case Region():
                await tree.at_site(tree.acquire())
                await act_held(plan, tree)
            case Take(region):
                await region.at_site(region.acquire())
                await Enter(held(region.lock, region.mode))
            case LetGo(region):
                await region.at_site(region.release())
                await Leave(held(region.lock, region.mode))
            case Trylock(region, otherwise):
                assert region.attempt
                if await region.at_site(region.attempt()):
                    await act_held(plan, region)
                else:
                    await act(plan, otherwise)
            case When(_, body, otherwise):
                await act(plan, body if await choose(True, False) else otherwise)


async def act_step(plan: SkeletonPlan, step: Step) -> None:
    """One step, inside of all sections that the named step has."""
    for section in plan.entered(step):
        await Enter(section)
    await choose(None)
    for section in plan.left(step):
        await Leave(section)


async def act_held(plan: SkeletonPlan, region: Region) -> None:
    """What stands in a region; its section is left only once the lock is let go."""
    await Enter(held(region.lock, region.mode))
    await act(plan, region.body)
    if region.lowered and region.lower and region.release_lowered:
        await region.at_site(region.lower())
        await Leave(held(region.lock, region.mode))
        await Enter(held(region.lock, "read"))
        await act(plan, region.lowered)
        await region.at_site(region.release_lowered())
        await Leave(held(region.lock, "read"))
    else:
        await region.at_site(region.release())
        await Leave(held(region.lock, region.mode))

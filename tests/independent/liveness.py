"""Liveness of random systems, judged on the explorer that shares nothing with the library.

A run that a fair scheduler may go round in is looked for by the threads that it leaves behind: all
choices of them are tried, the states in which one of these could take a step are taken out, and of
what is left each set of states that lead to each other is looked at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from random import Random
from typing import Any

import locking
from locking import Object
from locking.check import check
from locking.errors import LockingError
from locking.verdicts import Options
from tests.independent.adapter import ENGINES, WAYS, Operation
from tests.independent.cyclic import cyclic
from tests.independent.drive import Unfit, judged_code
from tests.independent.generate import draw
from tests.independent.judge import View
from tests.independent.walk import Edge, Machine, Space, explore

MOST = 400
"""States, after which a system is not judged."""

FAIRNESSES = ("none", "weak", "strong")

Fairness = dict[str, str]
"""How fair the scheduler is to each thread."""


def any_step(_: Edge) -> bool:
    """Every step may be taken."""
    return True


@dataclass(frozen=True)
class Bad:
    """Where a run must not stay: `state` says so, `edge` which steps it may take there."""

    state: Callable[[int], bool]
    edge: Callable[[Edge], bool] = any_step
    ends: bool = True
    whole: bool = False


@dataclass(frozen=True)
class Asked:
    """A property: how the library writes it, and where a run must not stay, by what is judged."""

    kind: str
    value: str
    fairness: Fairness

    def written(self, objects: dict[str, Object]) -> Any:
        """The property, for the library."""
        match self.kind:
            case "eventually":
                x = objects[self.value]
                return locking.eventually("live", lambda s: s[x] != x.start, "", self.fairness)
            case "served":
                return locking.served(objects[self.value], "live", self.fairness)
            case "leaves":
                return locking.served("room", "live", self.fairness)
            case "progress":
                x = objects[self.value]
                return locking.no_livelock(lambda s: s[x] != x.start, "live", self.fairness)
        return locking.no_livelock(None, "live", self.fairness)

    def bad(self, space: Space) -> Iterator[Bad]:
        """Where a run must not stay."""
        slots = space.machine.slots
        starts = {each.name: each.start for each in space.objects}

        def changed(at: int) -> bool:
            return bool(space.states[at].values[slots[self.value]] != starts[self.value])

        def over(at: int) -> bool:
            return View(space, space.states[at]).finished

        match self.kind:
            case "eventually":
                yield Bad(lambda at: not changed(at), whole=True)
            case "progress":
                yield Bad(lambda at: not changed(at) and not over(at), ends=False)
            case "rounds":
                yield Bad(lambda at: not over(at), ends=False)
            case "leaves":
                for thread in range(len(space.threads)):
                    yield Bad(lambda at, t=thread: "room" in space.states[at].locals[t].inside)
            case "served":
                for thread in range(len(space.threads)):
                    yield from waiting(space, thread, self.value)


def waiting(space: Space, thread: int, lock: str) -> Iterator[Bad]:
    """Where a thread waits for a lock: it takes no step, or tries again and again."""
    name, slot = space.threads[thread].name, space.machine.slots[lock]
    object_ = space.objects[slot]

    def asks(at: int) -> bool:
        step = space.states[at].locals[thread].step
        return isinstance(step, Operation) and step.target.name == lock

    def lacks(at: int) -> bool:
        held = object_.holders(space.states[at].values[slot])
        return asks(at) and name not in [each.thread for each in held]

    yield Bad(asks, lambda edge: edge.thread != thread or not edge.real)
    if type(object_).holders is not Object.holders:
        yield Bad(lacks, ends=False)


def can(space: Space, at: int) -> set[int]:
    """The threads that can take a step."""
    return {edge.thread for edge in space.edges[at]}


def subsets(numbers: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """All choices of some of them."""
    every = list(numbers)
    return chain.from_iterable(combinations(every, size) for size in range(len(every) + 1))


def rounds(space: Space, bad: Bad, inside: set[int], fair: list[str]) -> set[int]:
    """The states of `inside` that a run may come back to for ever."""
    found: set[int] = set()
    strong = [at for at, each in enumerate(fair) if each == "strong"]
    for left in subsets(strong):
        states = {at for at in inside if not can(space, at) & set(left)}
        ahead = {
            at: [e for e in space.edges[at] if bad.edge(e) and e.target in states] for at in states
        }
        for group in groups(ahead):
            inner = [(at, e) for at in group for e in ahead[at] if e.target in group]
            taken = {e.thread for _, e in inner}
            kept = all(
                thread in taken
                or (each == "weak" and any(thread not in can(space, at) for at in group))
                or (each == "strong" and thread in left)
                for thread, each in enumerate(fair)
                if each != "none"
            )
            if inner and kept:
                found |= group
    return found


def groups(ahead: dict[int, list[Edge]]) -> list[set[int]]:
    """The sets of states that lead to each other."""
    behind: dict[int, list[int]] = {at: [] for at in ahead}
    for at, edges in ahead.items():
        for edge in edges:
            behind[edge.target].append(at)
    left, found = set(ahead), []
    while left:
        start = min(left)
        forward = spread(start, lambda at: [e.target for e in ahead[at]])
        back = spread(start, lambda at: behind[at])
        found.append(forward & back & left)
        left -= found[-1]
    return found


def spread(start: int, ahead: Callable[[int], list[int]]) -> set[int]:
    """All that is come to."""
    met, pending = {start}, [start]
    while pending:
        for to in ahead(pending.pop()):
            if to not in met:
                met.add(to)
                pending.append(to)
    return met


def depths(space: Space, inside: set[int]) -> dict[int, int]:
    """How many steps it takes to each state through those inside."""
    met = {0: 0} if 0 in inside else {}
    for at in (pending := list(met)):
        for edge in space.edges[at]:
            if edge.target in inside and edge.target not in met:
                met[edge.target] = met[at] + 1
                pending.append(edge.target)
    return met


def right(space: Space, asked: Asked) -> int | None:
    """The fewest steps to where a run stays that must not; None where the property holds."""
    fair = [asked.fairness.get(each.name, "none") for each in space.threads]
    found: list[int] = []
    for bad in asked.bad(space):
        inside = {at for at in range(len(space.states)) if bad.state(at)}
        way = depths(space, inside) if bad.whole else dict(enumerate(space.depths))
        inside &= way.keys()
        dead = {
            at for at in inside if bad.ends and not space.edges[at] and not space.states[at].stopped
        }
        found += [way[at] for at in dead | rounds(space, bad, inside, fair)]
    return min(found, default=None)


def asked_of(seed: int, space: Space) -> Asked:
    """A property for the system of a seed."""
    rng = Random(seed)
    kind = rng.choice(("eventually", "served", "leaves", "progress", "rounds"))
    one = rng.choice(FAIRNESSES)
    mixed = rng.random() < 0.4
    fairness = {each.name: rng.choice(FAIRNESSES) if mixed else one for each in space.threads}
    return Asked(kind, rng.choice(space.objects).name, fairness)


def stem(space: Space, choices: tuple[tuple[int, int], ...]) -> int | None:
    """The steps to where a lasso goes round, or to its end; None for no path that fails."""
    states = [0]
    for choice in choices:
        following = [e.target for e in space.edges[states[-1]] if e[:2] == choice]
        if not following:
            return None
        states.append(following[0])
    return states.index(states[-1])


def source_of(seed: int) -> str:
    """The system of a seed: two of three go round. Errors: `Unfit`."""
    if seed % 3:
        return cyclic(seed)
    drawn = draw(seed)
    if drawn.forbidden:
        raise Unfit("it does what it must not")
    return drawn.source


def told(seed: int) -> tuple[str, str]:
    """What the library says of a property of the system of a seed that is not right, and the kind.

    Errors: `Unfit` for a system that is not judged.
    """
    source = source_of(seed)
    namespace: dict[str, Any] = {"__name__": "judged"}
    exec(judged_code(source), namespace)
    space = explore(Machine(namespace["SYSTEM"]), MOST)
    asked = asked_of(seed, space)
    least = right(space, asked)
    found = [
        f"{way}, {engine}: {text}"
        for way, engine in {
            ("none", ENGINES[seed % 2]),
            (WAYS[seed % len(WAYS)], ENGINES[seed // 2 % 2]),
        }
        if (text := differs(source, space, asked, least, way, engine))
    ]
    kind = f"{asked.kind} {'holds' if least is None else 'fails'}"
    lines = [f"seed {seed}, {asked}, right is {least}", *found, source] if found else []
    return "\n".join(lines), kind


def differs(
    source: str, space: Space, asked: Asked, least: int | None, way: str, engine: str
) -> str:
    """What the library says that is not right; empty if nothing is."""
    namespace: dict[str, Any] = {"__name__": "asked"}
    exec(source, namespace)
    system = namespace["SYSTEM"]
    objects = {each.name: each for each in system.objects}
    own = locking.System(system.objects, system.threads, [asked.written(objects)], system.starts)
    case = locking.Model("random", "A random system", lambda _: own).case("only", None)
    try:
        report = check(case, ["live"], Options(engine=engine, reduction=way))
    except LockingError as error:
        return f"refused: {error}"
    said = next(each for each in report.results if each.claim.name == "live")
    wanted = "holds" if least is None else "fails"
    if said.verdict.value == "never evaluated" and least is None:
        return ""
    if said.verdict.value != wanted:
        return f"{said.verdict.value}, and not {wanted}"
    if said.choices is None:
        return ""
    steps = stem(space, said.choices)
    # Where local states are merged, a round that is one of them may be several of these.
    if steps is None or (steps < (least or 0) if way != "none" else steps != least):
        return f"its stem has {steps} steps"
    return ""

"""A system, asked of the library in every way and judged: what differs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tests.independent.adapter import ENGINES, HAS, WAYS, Asked, Said, ask
from tests.independent.content import content
from tests.independent.drive import Unfit, judged_code
from tests.independent.judge import Right, endless, failing, failures, judge, shown
from tests.independent.walk import Counts, Machine, Space, counts, explore
from tests.independent.words import ASSERTION, MISUSE
from tests.independent.world import FEWER, World, made

Ways = tuple[tuple[str, str], ...]

EVERY = tuple((way, engine) for way in WAYS for engine in ENGINES)
"""All ways to ask: each reduction with each engine."""


UNNAMED = {ASSERTION: "assertions", MISUSE: "no-misuse"}
"""What failures are called that are no requirement's."""


def some(seed: int) -> tuple[tuple[str, str], ...]:
    """Three of them, so that systems of one seed after another are asked in all ways."""
    return ("none", ENGINES[seed % 2]), ("merge", ENGINES[seed // 2 % 2]), EVERY[4 + seed % 8]


@dataclass(frozen=True)
class Difference:
    """Something that the library says and that is not right; `kind` is what shrinking keeps."""

    kind: str
    text: str


@dataclass(frozen=True)
class Judged:
    """What is right of a system."""

    space: Space
    rights: dict[str, Right]
    failed: dict[str, Right]
    endless: Right
    counts: Counts | None
    finals: set[Any]


def judged(source: str, forbidden: str = "") -> Judged:
    """What is right of the system of `source`. Errors: `Unfit`."""
    code = judged_code(source)
    system, _ = made(code)
    shared = forbidden.startswith("shared")
    space = explore(World(code), FEWER) if shared else explore(Machine(system))
    rights = {claim.name: judge(space, claim) for claim in system.properties}
    named = {claim.parts[0] for claim in system.properties if claim.kind == "fails"}
    silent = {what: failing(space, what) for what in failures(space) - named}
    told = any(claim.kind == "deadlock" for claim in system.properties)
    goes_on = shown(space, endless(space, told=told))
    finals = {tuple(map(content, space.states[at].values)) for at in space.ends()}
    return Judged(space, rights, silent, goes_on, counts(space), finals)


def differences(source: str, ways: Ways = EVERY, forbidden: str = "") -> list[Difference]:
    """All that differs. Errors: `Unfit` for a system that can't be judged."""
    right = judged(source, forbidden)
    code = compile(source, "system.py", "exec")
    found: list[Difference] = []
    for way, engine in ways:
        asked = ask(code, way, engine, way in ("none", "merge"))
        found += [
            Difference(each.kind, f"{way}, {engine}: {each.text}")
            for each in compared(right, asked, way, not forbidden)
        ]
    return found


def compared(right: Judged, asked: Asked, way: str, clean: bool) -> Iterator[Difference]:
    """What differs in one way of asking."""
    if asked.refused:
        if clean:
            yield Difference(f"refused {asked.refused.split(':')[0]}", asked.refused)
        return
    for name, what in right.rights.items():
        if name not in asked.said:
            yield Difference("missing", name)
            continue
        yield from of_property(right.space, name, what, asked.said[name])
    for cause, what in right.failed.items():
        name = called(cause, right.rights)
        if name not in asked.said:
            yield Difference("silent", f"{cause} fails after {what.length} and is not reported")
        else:
            yield from of_property(right.space, name, what, asked.said[name])
    if "can-end" in asked.said:
        yield from of_property(right.space, "can-end", right.endless, asked.said["can-end"])
    elif right.endless.shows:
        yield Difference("silent", f"no run ends after {right.endless.length}")
    if way in ("none", "merge"):
        yield from of_counts(right, asked, way)


def called(cause: str, taken: Collection[str]) -> str:
    """The name under which a failure of no property is told, where some are `taken`."""
    name = UNNAMED.get(cause, cause[len("requirement ") :])
    used = {*taken, *(() if cause in UNNAMED else (*UNNAMED.values(), "locks-released"))}
    while name in used:
        name += "-failure"
    return name


def of_counts(right: Judged, asked: Asked, way: str) -> Iterator[Difference]:
    """What differs in numbers, and in final states."""
    known = right.counts
    if known and way == "none":
        for name in ("states", "transitions", "depth"):
            mine, theirs = getattr(known, name), getattr(asked, name)
            if mine != theirs:
                yield Difference(f"count {name}", f"{name} {theirs}, right is {mine}")
    if known and known.interleavings != asked.interleavings:
        text = f"interleavings {asked.interleavings}, right is {known.interleavings}"
        yield Difference("count interleavings", text)
    if asked.finals is not None and asked.finals != right.finals:
        yield Difference("finals", f"{asked.finals ^ right.finals}")


def of_property(space: Space, name: str, right: Right, said: Said) -> Iterator[Difference]:
    """What differs in one property."""
    verdict = "none" if said.verdict not in ("holds", "fails") else said.verdict
    allowed = {right.verdict}
    if right.bare and (not right.shows or right.verdict == "holds"):
        allowed.add("none")
    if right.open_:
        allowed |= {"fails", "holds"}
    kind = ", bare" if right.bare else ""
    if verdict not in allowed:
        yield Difference(
            f"verdict {verdict} not {right.verdict}{kind}",
            f"{name}: {verdict}, right is {right.verdict} ({right.length})",
        )
        return
    if right.open_ or verdict == "none":
        return
    if said.length != right.length:
        yield Difference("length", f"{name}: {said.length} steps, right is {right.length}")
    if said.at_once != right.at_once and not right.bare:
        yield Difference("at once", f"{name}: {said.at_once}, right is {right.at_once}")
    if said.choices is not None and space.follow(said.choices) not in right.shows:
        yield Difference("path", f"{name}: {said.choices} does not show it")


__all__ = ["HAS", "Unfit", "differences"]

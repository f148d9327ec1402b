"""Words of a function as regions over steps: one tree for all paths, or why there is none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from locking.kernel_source.paths import EventWord, LockEvent, PathOutcome

MOST_STEPS = 12
"""Steps of a path beyond which no other path is searched for in it."""


@dataclass(frozen=True)
class ReadPart:
    """A step, or a region of a lock over other parts, with the lines where it stands.

    `mode` is empty for a step; `tried` says that the lock is taken by a trylock.
    """

    name: str
    mode: str
    sites: tuple[str, ...]
    body: tuple["ReadPart", ...] = ()
    tried: bool = False

    def __str__(self) -> str:
        if not self.mode:
            return self.name
        region = f"{self.name}.{self.mode}({', '.join(map(str, self.body))})"
        return f"trylock({region})" if self.tried else region


ReadTrees = tuple[ReadPart, ...]


class NotNested(Exception):
    """A word that is no nesting of regions: what is wrong, and the line."""


@dataclass(frozen=True)
class FoundRegions:
    """What all paths come to: a tree, or None, and findings in words."""

    trees: ReadTrees | None
    findings: tuple[str, ...]
    paths: int


def in_steps(word: EventWord, steps: Mapping[str, Sequence[str]]) -> EventWord:
    """A word in which functions are the steps that they stand for."""
    made: list[LockEvent] = []
    for event in word:
        if event.kind == "step":
            made += [event._replace(name=name) for name in steps[event.name]]
        else:
            made.append(event)
    return tuple(made)


def trees_of_word(word: EventWord) -> ReadTrees:
    """The regions of a word. Errors: `NotNested`, where regions overlap or do not end."""
    stack: list[tuple[LockEvent | None, list[ReadPart]]] = [(None, [])]
    for event in word:
        match event.kind:
            case "step":
                stack[-1][1].append(ReadPart(event.name, "", (event.site,)))
            case "take" | "try":
                around = next((each for each, _ in stack if each and each.name == event.name), None)
                if around:
                    raise NotNested(
                        f"{event.site}: {event.name} is taken again inside a region of it that "
                        f"begins at {around.site}"
                    )
                stack.append((event, []))
            case "let_go":
                begun, parts = stack.pop()
                if begun is None:
                    raise NotNested(f"{event.site}: {event.name} is released that is not held here")
                if (begun.name, begun.mode) != (event.name, event.mode):
                    raise NotNested(
                        f"{event.site}: {event.name} is released inside a region of {begun.name} "
                        f"that begins at {begun.site}"
                    )
                sites = (begun.site, event.site)
                body = rounds_folded(parts)
                if body:
                    stack[-1][1].append(
                        ReadPart(begun.name, begun.mode, sites, body, begun.kind == "try")
                    )
            case "downgrade":
                raise NotNested(f"{event.site}: {event.name} is downgraded")
    begun, parts = stack[-1]
    if begun is not None:
        raise NotNested(f"{begun.site}: {begun.name} is taken and not released")
    return rounds_folded(parts)


def rounds_folded(parts: Sequence[ReadPart]) -> ReadTrees:
    """Parts in which what comes again at once is there once: a step, or a round of a loop.

    A round may leave steps out, as the last does that leaves the loop early.
    """
    made = list(parts)
    while found := next(rounds_in(made), None):
        at, middle, end, whole = found
        one, two = made[at:middle], made[middle:end]
        alike = shape(one) == shape(two)
        made[at:end] = (
            [both_sites(*pair) for pair in zip(one, two, strict=True)] if alike else whole
        )
    return tuple(made)


def rounds_in(
    parts: Sequence[ReadPart],
) -> Iterator[tuple[int, int, int, Sequence[ReadPart]]]:
    """Where two rounds of a loop follow each other, and which of the two does all.

    Those come first whose lines come in their order, because rounds are cut anywhere.
    """
    for ordered in (True, False):
        for at, middle, end in cuts(len(parts)):
            one, two = parts[at:middle], parts[middle:end]
            for whole, other in ((one, two), (two, one)):
                lines = [each.sites[0] for each in whole]
                if is_in_order(lines) is ordered and is_round(whole, other):
                    yield at, middle, end, whole


def is_in_order(sites: Sequence[str]) -> bool:
    """Whether lines, of which those of a file are compared, come in their order."""
    places = [each.rpartition(":") for each in sites]
    return all(one[0] != two[0] or int(one[2]) <= int(two[2]) for one, two in pairwise(places))


def cuts(parts: int) -> Iterator[tuple[int, int, int]]:
    """Where two runs of parts that follow each other begin, meet and end; the short ones first."""
    for longer in range(1, parts):
        for shorter in range(1, longer + 1):
            for at in range(parts - longer - shorter + 1):
                yield at, at + longer, at + longer + shorter
                if shorter < longer:
                    yield at, at + shorter, at + longer + shorter


def is_round(one: Sequence[ReadPart], two: Sequence[ReadPart]) -> bool:
    """Whether the second parts are the first once more: one step, or the lines of a loop."""
    if len(one) == 1 and not one[0].mode and shape(one) == shape(two):
        return True
    return lines_within(two) <= lines_within(one) and is_part_of(tuple(two), tuple(one))


def lines_within(parts: Iterable[ReadPart]) -> set[str]:
    """The lines on which parts begin; those inside them may be of either branch."""
    return {each.sites[0] for each in parts}


def both_sites(one: ReadPart, two: ReadPart) -> ReadPart:
    """One part for two that are alike, with the lines of both."""
    body = tuple(both_sites(*pair) for pair in zip(one.body, two.body, strict=True))
    return replace(one, sites=tuple(dict.fromkeys((*one.sites, *two.sites))), body=body)


def shape(parts: Iterable[ReadPart]) -> tuple[object, ...]:
    """What parts are but for their lines."""
    return tuple((each.name, each.mode, each.tried, shape(each.body)) for each in parts)


def steps_within(parts: Iterable[ReadPart]) -> Iterator[ReadPart]:
    """The steps of trees, in order."""
    for each in parts:
        if each.mode:
            yield from steps_within(each.body)
        else:
            yield each


def keeping(parts: Sequence[ReadPart], kept: set[int], number: Iterator[int]) -> ReadTrees:
    """Trees with only the steps of these numbers."""
    made = []
    for each in parts:
        if each.mode:
            body = keeping(each.body, kept, number)
            if body:
                made.append(replace(each, body=body))
        elif next(number) in kept:
            made.append(each)
    return tuple(made)


def is_part_of(trees: ReadTrees, whole: ReadTrees) -> bool:
    """Whether a path does some of the steps of another, each as it is done there."""
    names = [each.name for each in steps_within(trees)]
    others = [each.name for each in steps_within(whole)]
    if len(others) > MOST_STEPS or len(names) > len(others):
        return False
    return any(
        shape(rounds_folded(keeping(whole, set(chosen), iter(range(len(others)))))) == shape(trees)
        for chosen in combinations(range(len(others)), len(names))
        if [others[at] for at in chosen] == names
    )


def merged(outcomes: Iterable[PathOutcome]) -> FoundRegions:
    """One tree for all paths: that of the path with most steps, where the others leave it early."""
    findings: dict[str, str] = {}
    made: dict[tuple[object, ...], tuple[ReadTrees, str]] = {}
    for outcome in sorted(outcomes):
        try:
            trees = trees_of_word(without_failed(outcome.word))
        except NotNested as error:
            findings.setdefault(str(error), f"{error}; the path ends at {outcome.site}")
            continue
        known = made.get(shape(trees))
        both = tuple(map(both_sites, known[0], trees)) if known else trees
        made[shape(trees)] = (both, outcome.site)
    longest = sorted(made.values(), key=lambda each: how_much(each[0]), reverse=True)
    whole, end = longest[0] if longest else ((), "")
    for trees, site in longest[1:]:
        if not is_part_of(trees, whole):
            findings[site + str(trees)] = (
                f"{difference(trees, whole)}\n    the path that ends at {site}: {in_a_line(trees)}"
                f"\n    the path that ends at {end}: {in_a_line(whole)}"
            )
    return FoundRegions(None if findings else whole, tuple(findings.values()), len(made))


def how_much(trees: ReadTrees) -> tuple[int, int]:
    """How many steps trees have, and how many locks are around them."""
    held = [locks for _, locks in under(trees, ())]
    return len(held), sum(map(len, held))


def without_failed(word: EventWord) -> EventWord:
    """A word without the trylocks that failed."""
    return tuple(each for each in word if each.kind != "failed")


def difference(trees: ReadTrees, whole: ReadTrees) -> str:
    """The first step of a path that stands under other locks than in the main path."""
    main = {step.name: locks for step, locks in under(whole, ())}
    for step, locks in under(trees, ()):
        if step.name not in main:
            return f"{step.sites[0]}: {step.name} is on this path alone"
        if main[step.name] != locks:
            held = ", ".join(locks) or "no lock"
            other = ", ".join(main[step.name]) or "no lock"
            return f"{step.sites[0]}: {step.name} under {held}, elsewhere under {other}"
    return "steps come in another order or region"


def under(
    parts: Iterable[ReadPart], locks: tuple[str, ...]
) -> Iterator[tuple[ReadPart, tuple[str, ...]]]:
    """Every step with the locks around it, the outermost first."""
    for each in parts:
        if each.mode:
            yield from under(each.body, (*locks, f"{each.name}.{each.mode}"))
        else:
            yield each, locks


def in_a_line(trees: ReadTrees) -> str:
    """Trees as a placement writes them."""
    return f"[{', '.join(map(str, trees))}]"


def lines_of(trees: ReadTrees) -> list[str]:
    """Trees one part a line, each with its place in the source."""
    rows = list(rows_of(trees))
    room = max((len(name) for name, _ in rows), default=0)
    return [f"{name:<{room}}  {', '.join(sites)}" for name, sites in rows]


def rows_of(trees: ReadTrees, depth: int = 1) -> Iterator[tuple[str, Sequence[str]]]:
    """The parts of trees, further in the deeper they are, with their places in the source."""
    for each in trees:
        name = f"{each.name}.{each.mode}" if each.mode else each.name
        name = f"trylock {name}" if each.tried else name
        yield "  " * depth + name, each.sites
        yield from rows_of(each.body, depth + 1)

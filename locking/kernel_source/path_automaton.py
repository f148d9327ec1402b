"""The paths of a function as a finite automaton, the smallest that has their words.

A trylock that is tried until it succeeds goes back to where it is tried. All else goes forward,
because a loop is read as one round or two.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from locking.errors import UsageError
from locking.kernel_source.event_words import TRIES, MainWord
from locking.kernel_source.paths import LockEvent

Label = tuple[str, str, str]
"""What an event is, but for its line: its kind, its name, its mode."""


class WayOut(NamedTuple):
    """What is done on the way from a state to another, and the lines where it stands."""

    label: Label
    sites: tuple[str, ...]
    to: int


class PathState(NamedTuple):
    """Where paths may be: the ways out, and the lines on which paths end here."""

    ways: tuple[WayOut, ...]
    ends: tuple[str, ...]


@dataclass(eq=False)
class Prefix:
    """A state in the making: what some words begin with. Words that go on alike are one."""

    ways: dict[Label, "Prefix"] = field(default_factory=dict)
    sites: dict[Label, dict[str, None]] = field(default_factory=dict)
    ends: dict[str, None] = field(default_factory=dict)

    def after(self, event: LockEvent) -> "Prefix":
        """Where an event leads to."""
        label = event[:3]
        self.sites.setdefault(label, {})[event.site] = None
        return self.ways.setdefault(label, Prefix())


def automaton_of(words: Iterable[MainWord]) -> list[PathState]:
    """The automaton of some words; its first state is where paths begin.

    Errors: `UsageError` where the words have only one of the two results of a trylock, or there is
    no word.
    """
    start = Prefix()
    for path in words:
        at = start
        for event in path.word:
            at = at.after(event)
        at.ends |= dict.fromkeys(path.ends)
    try_again(start)
    states = states_of(merged_prefix(start, {}, {}))
    for each in states:
        refuse_half_tried(each)
    if not any(each.ends for each in states):
        raise UsageError("no path comes to its end")
    return states


def try_again(at: Prefix) -> None:
    """Lead a trylock that fails, and is tried again on the same line, back to where it is tried."""
    for label, to in at.ways.items():
        tried = ("try", *label[1:])
        fails = label[0] == "failed" and label not in to.ways and tried in to.ways
        if fails and not to.sites[tried].keys().isdisjoint(at.sites[label]):
            to.ways[label], to.sites[label] = to, dict(at.sites[label])
        if to is not at:
            try_again(to)


def merged_prefix(at: Prefix, smallest: dict[object, Prefix], made: dict[Prefix, Prefix]) -> Prefix:
    """The state that stands for all that go on as this one does, with the lines of all."""
    if at in made:
        return made[at]
    ways = {
        label: to if to is at else merged_prefix(to, smallest, made)
        for label, to in at.ways.items()
    }
    goes_on = frozenset((label, None if to is at else to) for label, to in ways.items())
    at.ways = ways
    known = made[at] = smallest.setdefault((bool(at.ends), goes_on), at)
    known.ends |= at.ends
    for label, sites in at.sites.items():
        known.sites[label] |= sites
    return known


def states_of(start: Prefix) -> list[PathState]:
    """States that are reached, with numbers for where their ways lead."""
    numbers = {start: 0}
    order = [start]
    for at in order:
        for to in at.ways.values():
            if to not in numbers:
                numbers[to] = len(order)
                order.append(to)
    return [
        PathState(
            tuple(
                WayOut(label, tuple(at.sites[label]), numbers[to])
                for label, to in sorted(at.ways.items())
            ),
            tuple(at.ends),
        )
        for at in order
    ]


def refuse_half_tried(state: PathState) -> None:
    """Refuse a trylock of which a state has one result alone. Errors: `UsageError`."""
    for way in state.ways:
        kind, *lock = way.label
        if kind in TRIES:
            missing = next(each for each in TRIES if each != kind)
            if all(each.label != (missing, *lock) for each in state.ways):
                does = "fails" if missing == "failed" else "succeeds"
                raise UsageError(
                    f"{way.sites[0]}: no path that was read goes on where the trylock of "
                    f"{way.label[1]} {does}; a loop is followed twice at most"
                )


def lines_of_states(states: Iterable[PathState]) -> Iterator[str]:
    """States one a line, each with its ways out."""
    for number, state in enumerate(states):
        ways = [f"{way_in_words(way)} to {way.to}" for way in state.ways]
        ends = [f"end at {', '.join(state.ends)}"] if state.ends else []
        yield f"{number}: {'; '.join([*ways, *ends])}"


def way_in_words(way: WayOut) -> str:
    """What is done on a way, with its lines."""
    kind, name, mode = way.label
    does = {"step": "", "try": "trylock ", "failed": "trylock failed "}.get(kind, f"{kind} ")
    return f"{does}{name}{f'.{mode}' if mode else ''} ({', '.join(way.sites)})"

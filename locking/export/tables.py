"""What every export is written from: the tables of a search that came to its end, numbered anew.

Rule of this file: nothing here knows a format. A state is one number a slot: for a thread the
place where it stands, for an object its state; both count from 0, where each begins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from locking.explore.product import Product, State
from locking.export.formula import TRUE, Formula, both, either, has_one_of, negation
from locking.programs.position import Position
from locking.properties.explored import Explored
from locking.properties.view import ended

SlotValues = tuple[tuple[int, int], ...]
"""Objects that a step looks at, by their slots, with the state that it finds each in."""


class SlotChange(NamedTuple):
    """The new value of a slot: for each old value that it may have there, as pairs."""

    slot: int
    values: SlotValues

    @property
    def always(self) -> int | None:
        """The new value, where it is the same for every old one."""
        new = {value for _, value in self.values}
        return new.pop() if len(new) == 1 else None

    def chosen(self, pattern: str) -> str:
        """The new value as an expression: `pattern` has places for the old, the new and the rest.

        No other old value is possible, so the last new one needs no condition; and where the new
        one is always the same, none does.
        """
        if self.always is not None:
            return str(self.always)
        said = str(self.values[-1][1])
        for old, new in reversed(self.values[:-1]):
            said = pattern.format(old, new, said)
        return said


class GuardedCommand(NamedTuple):
    """Steps of one thread that lead to one place: where `guard` is true of the objects, to `to`.

    `queues` is whether the thread only queues up, and still has to take its step.
    """

    place: int
    guard: Formula
    to: int
    changes: tuple[SlotChange, ...]
    queues: bool = False


@dataclass(frozen=True)
class Actor:
    """A thread: what it does at each place, in words, and its commands, by place.

    At `ended` it has come to its end, at `failed` the run breaks off. `listed` says which states of
    the objects it was seen to find at a place: for those alone its commands speak.
    """

    name: str
    daemon: bool
    places: tuple[str, ...]
    commands: tuple[GuardedCommand, ...]
    ended: frozenset[int]
    failed: frozenset[int]
    listed: dict[int, Formula]


@dataclass(frozen=True)
class ExportedObject:
    """An object, and each of its states in words."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """A condition that a search looks for. `wanted` where it should be found, else it must not be.

    `at_least` is how many threads it wants at once, for properties that count.
    """

    property: str
    about: str
    formula: Formula
    wanted: bool = False
    at_least: int | None = None


@dataclass(frozen=True)
class RunCheck:
    """A run that goes on for ever, or as far as it can, and from some time on stays where `bad` is.

    It must not be found. Only runs count that are fair to threads: weakly to those of `weak`, and
    strongly to those of `strong`. From that time on, the thread `starved` takes no step but to
    queue up. `whole` says that it stays there from its start.
    """

    property: str
    about: str
    bad: Formula
    weak: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    starved: int | None = None
    whole: bool = False


@dataclass(frozen=True)
class WayCheck:
    """A state from which no way leads to one in which `goal` is true: it must not be found."""

    property: str
    about: str
    goal: Formula


@dataclass(frozen=True)
class ExportedCase:
    """A case as a program over small numbers; `left_out` are properties that it can't say.

    Of the properties that speak of whole runs, a format writes what it has words for.
    """

    title: str
    actors: tuple[Actor, ...]
    things: tuple[ExportedObject, ...]
    checks: tuple[Check, ...]
    left_out: tuple[str, ...]
    states: int
    transitions: int
    run_checks: tuple[RunCheck, ...] = ()
    way_checks: tuple[WayCheck, ...] = ()

    @property
    def halts(self) -> bool:
        """Whether any run breaks off."""
        return any(actor.failed for actor in self.actors)

    def size(self, slot: int) -> int:
        """How many values a slot has."""
        if slot < len(self.actors):
            return len(self.actors[slot].places)
        return len(self.things[slot - len(self.actors)].values)

    def can_step(self, thread: int) -> Formula:
        """What `CanStep(thread)` means, for formats that have no word for it."""
        return both(negation(self.halted), self.has_command(thread, self.actors[thread].commands))

    def queues(self, thread: int) -> Formula:
        """Whether all that a thread can do is to queue up."""
        queueing = [each for each in self.actors[thread].commands if each.queues]
        return self.has_command(thread, queueing)

    def has_command(self, thread: int, commands: Iterable[GuardedCommand]) -> Formula:
        """Whether one of a thread's `commands` can be taken, if no run has broken off."""
        return either(*(both(has_one_of(thread, [c.place]), c.guard) for c in commands))

    @property
    def halted(self) -> Formula:
        """What `Halted` means."""
        return either(*(has_one_of(at, each.failed) for at, each in enumerate(self.actors)))

    @property
    def unlisted(self) -> Formula:
        """Some thread finds an object in a state for which its commands don't speak."""
        return either(
            *(
                both(has_one_of(thread, [place]), negation(known))
                for thread, actor in enumerate(self.actors)
                for place, known in actor.listed.items()
                if known != TRUE
            )
        )


class Numbering:
    """The values of every slot that some state has, counted from 0; the first is the initial one.

    `seen` maps, for every thread, what its step looks at (its place, and what it finds) to a state
    that has this.
    """

    def __init__(self, explored: Explored) -> None:
        self.product: Product = explored.product
        self.graph = explored.graph
        slots = range(len(self.product.initial))
        self.values = [sorted(self.graph.values(slot)) for slot in slots]
        for slot, initial in enumerate(self.product.initial):
            self.values[slot].remove(initial)
            self.values[slot].insert(0, initial)
        self.numbers = [{old: new for new, old in enumerate(values)} for values in self.values]
        self.threads = len(self.product.threads)
        self.seen = [self.seen_by(thread, explored) for thread in range(self.threads)]

    def seen_by(self, thread: int, explored: Explored) -> dict[State, State]:
        """What the steps of a thread look at in any state in which no run has broken off."""
        seen: dict[State, State] = {}
        failing = explored.failing
        looked = dict.fromkeys(at for each in self.product.looked[thread].values() for at in each)
        looks = [*failing, (thread, None), *((slot, None) for slot in looked)]

        def note(state: State) -> bool:
            if not any(fails(state[at]) for at, fails in failing):
                seen.setdefault(self.looked_at(thread, state), state)
            return False

        any(self.graph.pick(lambda: looks, note))  # which goes through all of them
        return seen

    def looked_at(self, thread: int, state: State) -> State:
        """A thread's place and the values of the slots that its step looks at there."""
        looks_at, known, _ = self.product.tables[thread]
        key: State = looks_at[state[thread]](state)
        if key not in known:  # a block was later seen to look at more
            self.product.learn_steps(thread, state)
        return key

    def found(self, thread: int, state: State) -> SlotValues:
        """What a thread's step finds in `state`, in the new numbers."""
        slots = self.product.looked[thread][state[thread]]
        return tuple((slot, self.numbers[slot][state[slot]]) for slot in slots if slot != thread)

    def position(self, thread: int, place: int) -> Position:
        """Where a thread stands at a place, by its new number."""
        return self.product.automata[thread].position(self.values[thread][place])

    def positions(self, thread: int) -> Iterator[tuple[int, Position]]:
        """All places of a thread."""
        return ((at, self.position(thread, at)) for at in range(len(self.values[thread])))


def tables_of(
    numbering: Numbering, title: str, checks: tuple[Check, ...], left_out: tuple[str, ...]
) -> ExportedCase:
    """The tables of a search that came to its end, with `checks` on its states."""
    product = numbering.product
    things = tuple(
        ExportedObject(
            object_.name, tuple(object_.show(values[old]) for old in numbering.values[slot])
        )
        for slot, (object_, values) in enumerate(
            zip(product.objects, product.values, strict=True), numbering.threads
        )
    )
    return ExportedCase(
        title,
        tuple(actor_of(numbering, thread) for thread in range(numbering.threads)),
        things,
        checks,
        left_out,
        len(numbering.graph.states),
        numbering.graph.transitions,
    )


def actor_of(numbering: Numbering, thread: int) -> Actor:
    """One thread."""
    positions = list(numbering.positions(thread))
    ways: dict[tuple[int, int, int, bool], list[tuple[SlotValues, SlotValues]]] = {}
    listed: dict[int, list[SlotValues]] = {}
    known = numbering.product.tables[thread][1]
    for key, state in sorted(numbering.seen[thread].items()):
        place = numbering.numbers[thread][key[0]]
        found = numbering.found(thread, state)
        listed.setdefault(place, []).append(found)
        for outcome, to, changes in known[key]:
            # A block that begins with a choice looks at its thread's own slot as well.
            objects = [change for change in changes if change[0] != thread]
            new = tuple((slot, numbering.numbers[slot][value]) for slot, value in objects)
            queues = numbering.product.queues(thread, state)
            way = (place, outcome, numbering.numbers[thread][to], queues)
            ways.setdefault(way, []).append((found, new))
    return Actor(
        name=numbering.product.threads[thread].name,
        daemon=numbering.product.threads[thread].daemon,
        places=tuple(place_in_words(position) for _, position in positions),
        commands=tuple(
            GuardedCommand(way[0], guard(numbering, founds), way[2], changes, way[3])
            for way in sorted(ways)
            for founds, changes in grouped_steps(ways[way])
        ),
        ended=frozenset(at for at, p in positions if ended(p)),
        failed=frozenset(at for at, p in positions if p.failure),
        listed={place: guard(numbering, founds) for place, founds in listed.items()},
    )


def grouped_steps(
    steps: list[tuple[SlotValues, SlotValues]],
) -> Iterator[tuple[list[SlotValues], tuple[SlotChange, ...]]]:
    """Steps in groups, each with the one change that describes it.

    If all steps look at one object and change no other, they are one group. Else a group has the
    steps that give the same new values.
    """
    if all(len(found) == 1 and {s for s, _ in new} <= {found[0][0]} for found, new in steps):
        slot = steps[0][0][0][0]
        values = tuple((old, new[0][1] if new else old) for ((_, old),), new in steps)
        same = all(old == new for old, new in values)
        yield [found for found, _ in steps], () if same else (SlotChange(slot, values),)
        return
    groups: dict[SlotValues, list[SlotValues]] = {}
    for found, new in steps:
        groups.setdefault(new, []).append(found)
    for new, founds in groups.items():
        yield founds, tuple(SlotChange(slot, ((0, value),)) for slot, value in new)


def guard(numbering: Numbering, founds: list[SlotValues]) -> Formula:
    """Whether the objects are as in one of `founds`, which all speak of the same slots."""
    slots = [slot for slot, _ in founds[0]]
    if len(slots) != 1:
        return either(*(both(*(has_one_of(slot, [v]) for slot, v in found)) for found in founds))
    values = {value for ((_, value),) in founds}
    if len(values) == len(numbering.values[slots[0]]):
        return TRUE
    return has_one_of(slots[0], values)


def place_in_words(position: Position) -> str:
    """A place in words: what the thread does next, on which line, inside which sections."""
    where = f"{PurePath(position.site.filename).name}:{position.site.line}"
    inside = f", inside {' and '.join(position.inside)}" if position.inside else ""
    if position.failure:
        return f"failed: {position.failure.text}, {where}"
    if position.next is None:
        return "ended"
    return f"{position.next}, {where}{inside}"

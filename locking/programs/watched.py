"""Python values that must stay as they are, and whether they do.

Most of them never change, and a step is learned in microseconds. So what is looked at is whether
every list, dictionary and so on holds the very values that it held, which is one pass in C.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import is_dataclass
from functools import lru_cache, partial
from itertools import chain
from operator import attrgetter, call, is_, itemgetter
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MappingProxyType,
    SimpleNamespace,
)
from typing import Any, NamedTuple

from locking.objects.no_value import Uncalled
from locking.programs.parts import (
    MISSING,
    MOST_TYPES,
    content,
    dictionary,
    is_of_a_model,
    is_pythons,
    known_type,
    reader,
    slots_of_type,
    unalterable,
)
from locking.programs.reach import Reach, Way, is_open
from locking.programs.snapshot import Snapshot, first_difference, show, snapshot

END = object()
"""Stands behind what one value holds, so that nothing moves to the next unseen."""

CONTENT = attrgetter("cell_contents")

Contents = Collection[Any]
"""What a value holds; gone through twice, it shows it twice as it is then."""


class Change(NamedTuple):
    """A variable that is another now, with what it held and what it holds."""

    name: str
    old: str
    new: str


class WatchedValues:
    """What `reach` found; `values` are all that is one value in every run, by their `id`."""

    def __init__(self, reach: Reach, values: dict[int, Any]) -> None:
        ways = list(reach.ways.values())
        self.values = values
        self.open = [(way, look) for way in ways if (look := views(way.value))]
        self.cells = [way for way in ways if type(way.value) is CellType]
        self.closed = [way for way in ways if is_closed(way.value)]
        self.names = [each for each in reach.names.values() if each.there or each.absent]
        self.absent = [each for each in self.names if each.absent]
        there = [each for each in self.names if each.there]
        # Of one name alone, what is there would not be in a tuple.
        self.looks = [itemgetter(*each.order, each.order[0]) for each in there]
        self.modules = [each.module for each in there]
        self.note()

    def note(self) -> None:
        """Take what everything holds now for what it is to hold."""
        self.was = [tuple(chain.from_iterable(look)) for _, look in self.open]
        full = [(look, was) for (_, look), was in zip(self.open, self.was, strict=True) if was]
        self.views = [each for look, _ in full for each in (*look, (END,))]
        self.held = [each for _, was in full for each in (*was, END)]
        self.empty = [
            look[0] for (_, look), was in zip(self.open, self.was, strict=True) if not was
        ]
        self.assigned = [way.value for way in self.cells if is_assigned(way.value)]
        self.contents = [cell.cell_contents for cell in self.assigned]
        self.unassigned = [way.value for way in self.cells if not is_assigned(way.value)]
        self.variables = list(self.variables_now())
        self.snapshots = [self.snapshot(way) for way in self.closed]

    def snapshot(self, way: Way) -> Snapshot:
        """What a value holds that can only be asked as a whole."""
        return snapshot(way.value, self.values)

    def variables_now(self) -> Iterator[Any]:
        """What the variables of modules hold now. Errors: `KeyError` for one that was deleted."""
        return chain.from_iterable(map(call, self.looks, self.modules))

    def stands(self) -> bool:
        """Whether everything holds the very values that it held."""
        try:
            return (
                not any(map(len, self.empty))
                and all(map(is_, chain.from_iterable(self.views), self.held))
                and all(map(is_, map(CONTENT, self.assigned), self.contents))
                and all(map(is_, self.variables_now(), self.variables))
                and not (self.unassigned and any(map(is_assigned, self.unassigned)))
                and not (self.absent and any(each.appeared for each in self.absent))
                and not (self.closed and self.snapshots != list(map(self.snapshot, self.closed)))
            )
        except (KeyError, ValueError):  # a variable was deleted
            return False

    def changes(self, known: Mapping[int, Way]) -> Iterator[Change]:
        """The variables that are others now, by the names of the ways that are `known`."""
        yield from self.changed_variables()
        contents = iter(self.contents)
        for each in self.cells:
            way = known.get(id(each.value), each)
            old = MISSING if any(way.value is each for each in self.unassigned) else next(contents)
            yield from changed_variable(way.name, old, content(way.value))
        for (each, look), was in zip(self.open, self.was, strict=True):
            yield from changed_parts(known.get(id(each.value), each), list(was), look)
        for each, old in zip(self.closed, self.snapshots, strict=True):
            way = known.get(id(each.value), each)
            found = first_difference(old, self.snapshot(way), way.name)
            if found:
                yield Change(found.name, found.one, found.other)

    def changed_variables(self) -> Iterator[Change]:
        """The variables of modules that are others now."""
        variables = iter(self.variables)
        for each in self.names:
            order = (*each.order, *each.order[:1])
            old = dict(zip(order, variables, strict=False))
            for name in each.order:
                yield from changed_variable(
                    each.prefix + name, old[name], each.module.get(name, MISSING)
                )
            for name in sorted(each.absent):
                yield from changed_variable(
                    each.prefix + name, MISSING, each.module.get(name, MISSING)
                )


def is_assigned(cell: CellType) -> bool:
    """Whether a closure's variable holds anything."""
    return content(cell) is not MISSING


def changed_variable(name: str, old: Any, new: Any) -> Iterator[Change]:
    """The variable, unless it holds what nothing tells from what it held."""
    if old is new:
        return
    before, after = snapshot(old, {}), snapshot(new, {})
    fixed = type(old) is type(new) and unalterable(known_type(old))
    if not fixed or before != after:
        yield Change(name, show(before), show(after))


def changed_parts(way: Way, was: list[Any], look: tuple[Contents, ...]) -> Iterator[Change]:
    """The parts of a value that are others now."""
    now = list(chain.from_iterable(look))
    if len(now) == len(was) and all(map(is_, now, was)):
        return
    if len(look) == 1:
        if len(now) != len(was):
            kind = type(way.value)
            yield Change(way.name, show(snapshot(kind(was), {})), show(snapshot(kind(now), {})))
        else:
            for at, (old, new) in enumerate(zip(was, now, strict=True)):
                yield from changed_variable(f"{way.name}[{at}]", old, new)
        return
    before, after = by_key(was), by_key(now)
    if type(way.value) is dict and before.keys() != after.keys():
        held = [show(snapshot(dict(each.values()), {})) for each in (before, after)]
        yield Change(way.name, *held)
        return
    for told in {**before, **after}:
        name, old = before.get(told, (None, MISSING))
        other, new = after.get(told, (None, MISSING))
        key = other if told in after else name
        if not (isinstance(way.value, type) and key.startswith("__")):
            yield from changed_variable(name_under_key(way, key), old, new)
    if list(before) != list(after):
        held = [show(snapshot(dict(each.values()), {})) for each in (before, after)]
        yield Change(way.name, *held)


def by_key(parts: list[Any]) -> dict[Any, tuple[Any, Any]]:
    """Keys and what is under them, by what tells keys apart that are equal."""
    half = len(parts) // 2
    return {
        snapshot(key, {}): (key, value)
        for key, value in zip(parts[:half], parts[half:], strict=True)
    }


def name_under_key(way: Way, key: Any) -> str:
    """The name of what is under `key`."""
    inner = f"[{key!r}]" if isinstance(way.value, dict) else f".{key}"
    return Way(None, way, inner).name


def views(value: Any) -> tuple[Contents, ...]:
    """Where the very values that `value` holds are to be seen; empty if there is no such place."""
    kind = known_type(value)
    if kind is dict:
        return value.keys(), value.values()
    if kind in (list, deque, set):
        return (value,)
    if isinstance(value, type):
        return (vars(value).keys(), vars(value).values()) if is_of_a_model(value) else ()
    if isinstance(value, FunctionType):
        seen = is_open(value.__module__, value.__code__.co_filename)
    else:
        seen = (is_pythons(kind) or kind is SimpleNamespace) and reader(kind)[0] is not None
    if not seen or is_frozen(kind):
        return ()
    held = dictionary(value)
    return held.keys(), held.values()


def is_frozen(kind: Any) -> bool:
    """Whether values of a type let nobody set an attribute."""
    return unalterable(kind) and is_dataclass(kind)


def is_closed(value: Any) -> bool:
    """Whether `value` may change, and must be asked as a whole for what it holds."""
    kind = known_type(value)
    if kind in OPEN or issubclass(kind, type) or unalterable(kind) or reader(kind)[0] is None:
        return False
    if attributes_only(kind):
        return bool(slots_of_type(kind))
    return True


@lru_cache(MOST_TYPES)
def attributes_only(kind: Any) -> bool:
    """Whether values of a type have attributes, and hold nothing else."""
    return all(each is object or is_pythons(each) for each in kind.__mro__)


OPEN = {
    *(dict, list, deque, set, SimpleNamespace, CellType, FunctionType, BuiltinFunctionType),
    *(partial, Uncalled, staticmethod, classmethod, property, MappingProxyType),
}
"""Types whose values never change, or whose parts are to be seen one by one."""

"""What a thread shares with the rest of the program besides objects: none of it may change.

What a search learned of a thread holds only as long as the Python values that the thread reaches
stay as they are. They are found once, and looked at after every step that is learned, so that one
that is set and set back is seen as well. One that changed is refused, whoever would have read it.

Most of them never change, and a step is learned in microseconds. So what is looked at is whether
every list, dictionary and so on holds the very values that it held, which is one pass in C.
"""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator
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

from locking.errors import NotDeterministic
from locking.objects.in_force import InForce
from locking.objects.no_value import Uncalled
from locking.objects.operation import Site
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
from locking.programs.thread import Thread

END = object()
"""Stands behind what one value holds, so that nothing moves to the next unseen."""

CONTENT = attrgetter("cell_contents")

Contents = Collection[Any]
"""What a value holds; gone through twice, it shows it twice as it is then."""


MOST_SHARED = 16
"""Threads whose shared values are cached: one is learned, and then replayed several times."""

KEPT_SHARED: "OrderedDict[int, Shared]" = OrderedDict()


class Change(NamedTuple):
    """A variable that is another now, with what it held and what it holds."""

    name: str
    old: str
    new: str


class Shared:
    """What `thread` shares. `values` are all Python values that it reaches, by their `id`."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.algorithms = InForce.rules.algorithms
        reach = Reach(thread)
        ways = list(reach.ways.values())
        self.values = {key: way.value for key, way in reach.ways.items()}
        self.open = [(way, look) for way in ways if (look := views(way.value))]
        self.cells = [way for way in ways if type(way.value) is CellType]
        self.closed = [way for way in ways if is_closed(way.value)]
        self.names = [each for each in reach.names.values() if each.there or each.absent]
        self.looks = [itemgetter(*each.order, *each.order) for each in self.names if each.there]
        self.modules = [each.module for each in self.names if each.there]
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
        self.assigned = [way.value for way in self.cells if content(way.value) is not MISSING]
        self.contents = [cell.cell_contents for cell in self.assigned]
        self.unassigned = [way.value for way in self.cells if content(way.value) is MISSING]
        self.variables = list(chain.from_iterable(map(call, self.looks, self.modules)))
        self.snapshots = [self.snapshot(way) for way in self.closed]

    def snapshot(self, way: Way) -> Snapshot:
        """What a value holds that can only be asked as a whole."""
        return snapshot(way.value, self.values)

    def stands(self) -> bool:
        """Whether everything holds the very values that it held."""
        try:
            return (
                not any(map(len, self.empty))
                and all(map(is_, chain.from_iterable(self.views), self.held))
                and all(map(is_, map(CONTENT, self.assigned), self.contents))
                and all(
                    map(
                        is_,
                        chain.from_iterable(map(call, self.looks, self.modules)),
                        self.variables,
                    )
                )
                and not any(content(cell) is not MISSING for cell in self.unassigned)
                and not any(each.appeared for each in self.names if each.absent)
                and (not self.closed or self.snapshots == list(map(self.snapshot, self.closed)))
            )
        except (KeyError, ValueError):  # a variable was deleted
            return False

    def refuse_change(self, site: Site) -> None:
        """Refuse the thread if something has changed by the time it came to the line `site`.

        Errors: `NotDeterministic`.
        """
        if self.stands():
            return
        for change in self.changes():
            raise NotDeterministic(
                f"thread {self.thread.name} changes the variable {change.name!r}, which is no "
                f"object, from {change.old} to {change.new} (on its way to "
                f"{site.filename}:{site.line}): no step says so, and so no search sees it; "
                f"use a Cell, or a variable of the thread's own"
            )
        self.note()  # values were replaced by others that nothing tells from them

    def changes(self) -> Iterator[Change]:
        """The variables that are others now."""
        yield from self.changed_variables()
        contents = iter(self.contents)
        for way in self.cells:
            old = MISSING if any(way.value is each for each in self.unassigned) else next(contents)
            yield from changed_variable(way.name, old, content(way.value))
        for (way, look), was in zip(self.open, self.was, strict=True):
            yield from changed_parts(way, list(was), look)
        for way, old in zip(self.closed, self.snapshots, strict=True):
            found = first_difference(old, self.snapshot(way), way.name)
            if found:
                yield Change(found.name, found.one, found.other)

    def changed_variables(self) -> Iterator[Change]:
        """The variables of modules that are others now."""
        variables = iter(self.variables)
        for each in self.names:
            old = dict(zip((*each.order, *each.order), variables, strict=False))
            for name in each.order:
                yield from changed_variable(
                    each.prefix + name, old[name], each.module.get(name, MISSING)
                )
            for name in sorted(each.absent):
                yield from changed_variable(
                    each.prefix + name, MISSING, each.module.get(name, MISSING)
                )


def shared_by(thread: Thread) -> Shared:
    """What a thread shares, as it is now."""
    found = KEPT_SHARED.get(id(thread))
    known = found and found.thread is thread and found.algorithms is InForce.rules.algorithms
    if not found or not known or not found.stands():
        found = KEPT_SHARED[id(thread)] = Shared(thread)
        while len(KEPT_SHARED) > MOST_SHARED:
            KEPT_SHARED.popitem(last=False)
    return found


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

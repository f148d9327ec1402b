"""What a thread reaches besides its own variables, and by which path.

Its arguments; the algorithms that stand for locks; the variables of the functions around it, and
of its module, that its code names; what those hold; and the same of every function among them.
Modules of libraries are not looked into, nor are variables of a module that no code names that the
thread comes to.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dis import get_instructions, opmap
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from locking.objects.in_force import InForce
from locking.programs.frames import belongs_to_a_model, parameters
from locking.programs.parts import ATOMS, MISSING, Parts, is_of_a_model, parts_of
from locking.programs.thread import Thread


class Way(NamedTuple):
    """A value, and as which part of which other it is reached; `owner` is None at the start.

    `part` is written as in Python: `name`, `.name` or `[key]`; empty for one without a name.
    """

    value: Any
    owner: "Way | None"
    part: str

    @property
    def name(self) -> str:
        """The variable, with the way into it: `self.found['errors']`."""
        if self.owner is None or not self.part.startswith((".", "[")):
            return self.part or (self.owner.name if self.owner else "")
        return (self.owner.name + self.part).lstrip(".")


class ModuleVariables(NamedTuple):
    """Variables of one module: those that are there, and those that code may yet assign.

    `prefix` is what code writes in front of them, where they are another module's.
    """

    module: dict[str, Any]
    prefix: str
    there: set[str]
    absent: set[str]

    @property
    def order(self) -> list[str]:
        """The variables that are there, in an order that stays."""
        return sorted(self.there)

    @property
    def appeared(self) -> bool:
        """Whether one is there that was not."""
        return not self.module.keys().isdisjoint(self.absent)


class Reach:
    """All values that are reached from `starts`, by their `id`, and the variables of modules.

    Where it goes not `into_code`, functions and classes are in `code` instead, and what only they
    reach is left out.
    """

    def __init__(self, starts: Iterable[Way], *, into_code: bool = True) -> None:
        self.ways: dict[int, Way] = {}
        self.code: dict[int, Way] = {}
        self.names: dict[int, ModuleVariables] = {}
        self.classes: dict[type, bool] = {}
        found = deque(starts)
        while found:
            way = found.popleft()
            if not into_code and isinstance(way.value, (FunctionType, type)):
                self.code.setdefault(id(way.value), way)
            elif self.is_new(way.value):
                self.ways[id(way.value)] = way
                found.extend(self.further(way))

    def is_new(self, value: Any) -> bool:
        """Whether a value is to be looked into, and was not yet."""
        return type(value) not in ATOMS and value is not MISSING and id(value) not in self.ways

    def further(self, way: Way) -> Iterator[Way]:
        """What is reached from a value in one step."""
        value = way.value
        if isinstance(value, FunctionType) and is_open(
            value.__module__, value.__code__.co_filename
        ):
            yield from self.of_modules(value.__globals__, value.__code__, way)
        yield from self.inside(value, way)

    def inside(self, value: Any, way: Way) -> Iterator[Way]:
        """What a value holds, one level deep, and its class, where that is a model's."""
        found = parts_of(value)
        if found is None:
            return
        for at, each in enumerate(found.values):
            if type(each) not in ATOMS and self.is_new(each):  # most are atoms
                yield Way(each, way, label(found, at))
        kind = type(value)
        if not isinstance(value, type) and hasattr(kind, "__dict__") and self.is_of_a_model(kind):
            yield Way(kind, None, kind.__name__)

    def is_of_a_model(self, kind: type) -> bool:
        """Whether a class is written in a model; each is asked once."""
        found = self.classes.get(kind)
        if found is None:
            found = self.classes[kind] = is_of_a_model(kind)
        return found

    def of_modules(self, module: dict[str, Any], code: CodeType, way: Way) -> Iterator[Way]:
        """The variables of its module that code names, and those of modules that are in them."""
        named, assigned = names_in(code)
        names = self.named(module)
        names.absent.update(assigned - module.keys())
        for name in named & module.keys():
            value = module[name]
            names.there.add(name)
            yield Way(value, None, name)
            if isinstance(value, ModuleType) and is_of_a_model(value):
                held = vars(value)
                self.named(held, f"{name}.").there.update(named & held.keys())
                for each in named & held.keys():
                    yield Way(held[each], Way(value, None, name), f".{each}")

    def named(self, module: dict[str, Any], prefix: str = "") -> ModuleVariables:
        """The variables of a module."""
        return self.names.setdefault(id(module), ModuleVariables(module, prefix, set(), set()))


def starts_of(thread: Thread) -> Iterator[Way]:
    """Where a thread begins to reach: its program, its arguments, and what stands for locks."""
    yield Way(thread.program, None, "")
    names = parameters(thread.program)
    for at, value in enumerate(thread.args):
        yield Way(value, None, names[at] if at < len(names) else f"argument {at + 1}")
    for algorithm in InForce.rules.algorithms.values():
        yield Way(algorithm, None, "algorithm")


def label(found: Parts, at: int) -> str:
    """How Python writes the part of a value that is at an index of its `Parts`."""
    if at < len(found.names):
        name = found.names[at]
        return name if found.variables or not name else f".{name}"
    if (key := at - len(found.names)) < len(found.keys):
        return f"[{found.keys[key]!r}]"
    return "" if found.variables else f"[{key - len(found.keys)}]"


@cache
def is_open(module: str | None, file: str) -> bool:
    """Whether the variables of a function's module are looked at."""
    return belongs_to_a_model(module or "", file) and "site-packages" not in file


@cache
def names_in(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """The variables of its module that code, or code in it, may name, and those it assigns."""
    nested = [names_in(each) for each in code.co_consts if isinstance(each, CodeType)]
    return (
        frozenset(code.co_names).union(*(names for names, _ in nested)),
        assigned(code).union(*(names for _, names in nested)),
    )


def assigned(code: CodeType) -> frozenset[str]:
    """The variables of its module that code assigns."""
    if opmap["STORE_GLOBAL"] not in code.co_code[::2]:
        return frozenset()
    return frozenset(
        each.argval for each in get_instructions(code) if each.opname == "STORE_GLOBAL"
    )

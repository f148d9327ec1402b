"""Values as keys: two values are one only if nothing can tell them apart.

Rule of this file: a key is made of exact types and of contents, all the way down. No method of a
value is ever called, so a class with a coarse `__eq__`, `__hash__` or `__repr__` can't merge two
values. What kinds of value there are is a closed set; every other is refused, with what to use
instead. The order in which a frozenset is gone through is the one thing that a key leaves out.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import EnumType
from fractions import Fraction
from struct import pack
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, NoReturn

from locking.errors import ModelError
from locking.objects.operation import Object
from locking.programs.frames import unaddressed

VALUE_KINDS = (
    "Values are None, bool, int, float, str, bytes, members of an Enum, "
    "and tuples, frozensets, NamedTuples and frozen dataclasses of these"
)

INSTEAD: dict[type, str] = {
    list: "a tuple",
    set: "a frozenset",
    dict: "a tuple of pairs, or a frozen dataclass",
    bytearray: "bytes",
    complex: "a tuple of two floats",
    Decimal: "a whole number of the smallest unit, or a str",
    Fraction: "a tuple of two ints",
    FunctionType: "an Enum member or a str that stands for it",
    type: "an Enum member or a str that stands for it",
}
"""What to use in place of what is often tried; a subclass of these gets the same advice."""

BUILT_IN = (bool, int, float, str, bytes, tuple, frozenset)
"""Types of which an exact one is a value, and one of a subclass, with more in it, is none."""

LAYOUT = object.__basicsize__
WORD_BYTES = tuple.__itemsize__


class NoValue(ModelError):
    """A value of no kind that is taken; whoever knows the line where it came from adds that."""


class IdentityKey:
    """A thing as a key that equals only itself, whatever its own `__eq__` says."""

    __slots__ = ("thing",)

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdentityKey) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def typed(value: Any) -> Hashable:
    """`value` as a key that tells it from all others: 1 from True and 1.0, -0.0 from 0.0.

    Errors: `NoValue` where it is of none of the kinds that are taken.
    """
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:  # most are
        return (kind, value)
    make = MAKERS.get(id(kind))
    if make is None:
        KEPT_CLASSES.append(kind)
        make = MAKERS[id(kind)] = maker(kind)
    return make(value)


Maker = Callable[[Any], Hashable]


def maker(kind: type) -> Maker:
    """How keys are made of the values of a type that is met for the first time."""
    if isinstance(kind, EnumType) or issubclass(kind, Object):
        return IdentityKey  # there is one of each: a member, or a shared object that is pointed to
    fielded = any("_fields" in vars(base) for base in kind.__mro__)
    if issubclass(kind, tuple) and fielded and not kind.__dictoffset__:
        return named_tuple(IdentityKey(kind))
    if "__dataclass_params__" in vars(kind):
        return dataclass_of(kind)
    return refuse_value


def named_tuple(kind: IdentityKey) -> Maker:
    """How keys are made of named tuples, by their items: they hold nothing else."""
    return lambda value: (kind, *map(typed, tuple.__iter__(value)))


def dataclass_of(kind: type) -> Maker:
    """How keys are made of instances of a dataclass, by their fields, compared or not."""
    why = flaw(kind)
    if why:
        return lambda value: refuse(value, why)
    same, names = IdentityKey(kind), tuple(each.name for each in fields(kind))
    known = frozenset(names)
    slots = {name: found for base in kind.__mro__ for name, found in declared_slots(base).items()}
    in_dict = bool(kind.__dictoffset__)

    def key(value: Any) -> Hashable:
        held = object.__getattribute__(value, "__dict__") if in_dict else {}
        if slots:
            held = {**held, **in_slots(value, slots)}
        try:
            made = (same, *[typed(held[name]) for name in names])
        except KeyError:  # a field that only the class holds
            made = (same, *[typed(held[name]) if name in held else UNSET for name in names])
        if not held.keys() <= known:
            extra = min(held.keys() - known)
            refuse(value, f"it holds {extra!r}, which is no field; make it one")
        return made

    return key


def in_slots(value: Any, slots: dict[str, MemberDescriptorType]) -> dict[str, Any]:
    """What an instance holds in its slots, but for those that were never set."""
    held = {}
    for name, slot in slots.items():
        with suppress(AttributeError):
            held[name] = slot.__get__(value, type(value))
    return held


UNSET = ("unset",)
"""Stands for a field that the instance does not hold itself."""


def flaw(kind: type) -> str:
    """Why instances of a dataclass are no values, whatever is in them; empty where they are."""
    if not vars(kind)["__dataclass_params__"].frozen:
        return "its dataclass can be changed; use @dataclass(frozen=True)"
    names = {each.name for each in fields(kind)}
    slots = [name for base in kind.__mro__ for name in declared_slots(base)]
    for base in kind.__mro__[:-1]:
        if not isinstance(vars(base).get("__dict__"), GetSetDescriptorType | None):
            return f"{base.__name__} has a `__dict__` of its own making; leave that out"
    hidden = [name for name in slots if name not in names]
    if hidden:
        return f"it has a slot {hidden[0]!r}, which is no field; make it one"
    # Python keeps the slots of a class, its dict and its weak references in one word each.
    words = len(slots) + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    if kind.__itemsize__ or kind.__basicsize__ != LAYOUT + WORD_BYTES * words:
        return "it is built on a type that holds more than its fields; make that a field"
    return ""


def declared_slots(base: type) -> dict[str, MemberDescriptorType]:
    """The slots that a class declares, by name."""
    return {
        name: found for name, found in vars(base).items() if isinstance(found, MemberDescriptorType)
    }


def refuse_value(value: Any) -> Hashable:
    """Nothing: the value is refused, with what to use instead. Errors: `NoValue`, always."""
    kind = type(value)
    base = next((each for each in BUILT_IN if issubclass(kind, each)), None)
    if base:
        of = f"{kind.__name__} is a subclass of {base.__name__}, and may hold more"
        refuse(value, f"{of}; use a plain {base.__name__}")
    if is_dataclass(kind):
        refuse(value, f"{kind.__name__} is no dataclass itself; mark it @dataclass(frozen=True)")
    if callable(value) and not isinstance(value, type):
        kind = FunctionType
    instead = next((told for each, told in INSTEAD.items() if issubclass(kind, each)), None)
    refuse(value, f"use {instead}" if instead else "use a frozen dataclass")


def refuse(value: Any, why: str) -> NoReturn:
    """Raise the error. Errors: `NoValue`, always."""
    raise NoValue(
        f"{shown(value)} is shared, passed or returned, but is no value: {why}. {VALUE_KINDS}"
    )


def shown(value: Any) -> str:
    """A value of any kind in a few characters, also where its own `repr` fails."""
    try:
        return unaddressed(repr(value))
    except Exception:  # the user's code, which may raise anything
        return f"<{type(value).__name__}>"


PLAIN_MAKERS: dict[type, Maker] = {
    bytes: lambda value: (bytes, value),
    float: lambda value: (float, pack("d", value)),  # -0.0 equals 0.0, a NaN not even itself
    tuple: lambda value: (tuple, *map(typed, value)),
    frozenset: lambda value: (frozenset, frozenset(map(typed, value))),
}

MAKERS: dict[int, Maker] = {id(kind): make for kind, make in PLAIN_MAKERS.items()}
"""How keys are made of values of a type, by its id: not even its metaclass is asked."""

KEPT_CLASSES: list[type] = []
"""The types that were met, kept so that no other gets their id."""

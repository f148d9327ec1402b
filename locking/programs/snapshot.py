"""Snapshots: what Python values hold, all the way down, as data that can be compared and shown.

Two snapshots are equal if nothing that a thread can do tells the values apart: types and contents
are equal, dictionaries and sets are in one order, and what is one value in several places of the
first is one value in those places of the second. Objects of two runs that were made anew and are
alike are therefore equal, which they are not for `==`.
"""

from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from locking.errors import ModelError
from locking.programs.parts import (
    ATOMS,
    MISSING,
    MOST_TYPES,
    Parts,
    known_type,
    parts_of,
    unalterable,
)

SHORT = 60
"""Characters of a value that a message shows."""


class Atom(NamedTuple):
    """A value without parts; what is compared is its type too."""

    type: type
    value: Any


class ByIdentity:
    """A value that is taken by its identity."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is ByIdentity and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


class Repeated(NamedTuple):
    """A value that is in the snapshot before, as its part number `number`."""

    number: int


class Form(NamedTuple):
    """A value with parts, each a form itself, and called as in `Parts`.

    For a class that a run makes for itself, `type` is the name, and the class is the last part.
    """

    type: Any
    own: Any
    names: tuple[str, ...]
    keys: tuple[Any, ...]
    variables: bool
    inside: Any


Snapshot = Atom | ByIdentity | Repeated | Form


def snapshot(value: Any, shared: Mapping[int, Any]) -> Snapshot:
    """The snapshot of `value`; what else is `shared`, by its `id`, is one value in all runs.

    Errors: `ModelError` for values nested deeper than Python's stack.
    """
    found = None if type(value) in ATOMS else parts_of(value)
    try:
        if found is None or unalterable(known_type(value)):
            return snapshot_of(value, shared, {})
        return assembled(type(value), found, shared, {id(value): (0, value)})
    except RecursionError:
        raise ModelError(
            f"a {type(value).__name__} that a thread holds is nested too deeply to be compared"
        ) from None


def snapshot_of(
    value: Any, shared: Mapping[int, Any], seen: dict[int, tuple[int, Any]]
) -> Snapshot:
    """The snapshot of a part; `seen` are the values that are in the snapshot already, numbered."""
    kind = known_type(value)
    if kind in ATOMS:
        return Atom(kind, value)
    if kind is float or kind is complex:
        return Atom(kind, repr(value))  # -0.0 equals 0.0, and a NaN not even itself
    key = id(value)
    if key in shared:
        return ByIdentity(value)
    if key in seen:
        return Repeated(seen[key][0])
    found = parts_of(value)
    if found is None:
        return ByIdentity(value)
    if not unalterable(kind):
        seen[key] = len(seen), value  # kept, or another value may get its `id`
    return assembled(kind, found, shared, seen)


@lru_cache(MOST_TYPES)
def is_local(kind: Any) -> bool:
    """Whether a class is made while a function runs."""
    return "<locals>" in kind.__qualname__


def assembled(
    kind: Any, found: Parts, shared: Mapping[int, Any], seen: dict[int, tuple[int, Any]]
) -> Form:
    """The form of a value of these parts."""
    local = is_local(kind) and id(kind) not in shared
    told = (*found.values, kind) if local else found.values  # every run makes the class anew
    values: Any = [snapshot_of(each, shared, seen) for each in told]
    inside = frozenset(values) if kind is frozenset else tuple(values)
    keys = tuple([Atom(type(key), key) for key in found.keys])
    return Form(
        kind.__qualname__ if local else kind, found.own, found.names, keys, found.variables, inside
    )


class Difference(NamedTuple):
    """Where two snapshots part: the variable with the way into it, and what is there in each."""

    name: str
    one: str
    other: str


def first_difference(one: Snapshot, other: Snapshot, name: str = "") -> Difference | None:
    """The first difference that a reader has a name for; None where there is none at all."""
    if one == other:
        return None
    if isinstance(one, Form) and isinstance(other, Form) and alike(one, other):
        for at, (mine, theirs) in enumerate(zip(one.inside, other.inside, strict=True)):
            if mine != theirs and (is_named(one, at) or not name):
                return first_difference(mine, theirs, path_to_part(name, one, at))
    return Difference(name, show(one), show(other))


def alike(one: Form, other: Form) -> bool:
    """Whether two values have parts of the same names."""
    return (
        one[:5] == other[:5] and one.type is not frozenset and len(one.inside) == len(other.inside)
    )


def is_named(form: Form, at: int) -> bool:
    """Whether a reader knows part number `at` by a name, a key or a place."""
    known = at < len(form.names) + len(form.keys) or form.variables
    return known or (isinstance(form.type, type) and issubclass(form.type, (list, tuple, deque)))


def path_to_part(name: str, form: Form, at: int) -> str:
    """The way to part number `at`, where `name` is the way to the value."""
    if at < len(form.names):
        part = form.names[at]
        return part or name if form.variables or not name else f"{name}.{part}"
    at -= len(form.names)
    if form.variables:
        return name
    return f"{name}[{form.keys[at].value!r}]" if at < len(form.keys) else f"{name}[{at}]"


def show(form: Snapshot) -> str:
    """A value as text, shortened."""
    text = snapshot_text(form)
    return text if len(text) <= SHORT else f"{text[: SHORT - 4]} ..."


BRACKETS = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("{", "}")}


def snapshot_text(form: Snapshot, depth: int = 3) -> str:
    """A value as text, to a depth."""
    if isinstance(form, Repeated):
        return "what another variable holds"
    if isinstance(form, ByIdentity):
        return identity_text(form.value)
    if isinstance(form, Atom):
        return form.value if form.type in (float, complex) else repr(form.value)
    if not form.inside and form.own is not None:
        return f"{type_name(form)}({form.own!r})"
    if not depth:
        return f"{type_name(form)}(...)"
    return parts_text(form, [snapshot_text(each, depth - 1) for each in form.inside])


def identity_text(value: Any) -> str:
    """A value that is taken by its identity, as text."""
    if value is MISSING:
        return str(value.value)
    try:
        return str(getattr(value, "__qualname__", None) or repr(value))
    except Exception:  # it is the model's own `__repr__`
        return type(value).__name__


def type_name(form: Form) -> str:
    """The name of the type of a value."""
    return str(getattr(form.type, "__name__", form.type)).rpartition(".")[2]


def parts_text(form: Form, inside: list[str]) -> str:
    """A value with parts as text, of which `inside` are the texts."""
    named = [f"{name}={text}" for name, text in zip(form.names, inside, strict=False)]
    rest = inside[len(named) :]
    if form.keys or form.type is dict:
        pairs = zip(form.keys, rest, strict=False)
        return "{" + ", ".join(f"{key.value!r}: {text}" for key, text in pairs) + "}"
    if form.type in BRACKETS:
        left, right = BRACKETS[form.type]
        return left + ", ".join(rest) + right
    return f"{type_name(form)}({', '.join([*named, *rest])})"

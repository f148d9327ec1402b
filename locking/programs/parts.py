"""What a Python value holds, one level deep: its parts, each with the name that a reader knows.

Nothing here runs code of a model: neither its `__eq__` and `__repr__` nor a property of it.
"""

import gc
import sys
import warnings
from array import array
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from functools import cache, lru_cache, partial
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CellType,
    CodeType,
    CoroutineType,
    EllipsisType,
    FrameType,
    FunctionType,
    GeneratorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NotImplementedType,
    SimpleNamespace,
)
from typing import Any, Final, NamedTuple
from weakref import ReferenceType

from locking.objects.no_value import Uncalled
from locking.programs.frames import LIBRARY, belongs_to_a_model, parameters, unaddressed

ATOMS = frozenset({type(None), bool, int, str, bytes, CodeType, EllipsisType, NotImplementedType})
"""Types whose values are one if they are equal, and have no parts."""

QUIET = frozenset({"logging", "loguru", "_io", "io", "_pytest", "pytest", "pluggy", "hypothesis"})
"""Packages whose objects log or test a model, and are no part of it."""

MOST_TYPES = 4096
"""Types whose answers are cached; a limit, because every run may make new types."""

HEAP = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: a type that was made while the program ran."""


class Absence(Enum):
    """What a variable or a slot holds that nothing was assigned to."""

    MISSING = "nothing"


MISSING: Final = Absence.MISSING


class Parts(NamedTuple):
    """What a value holds: `values`, of which the first have `names` and the next are under `keys`.

    `variables` is whether the names are those of variables, not of attributes. `own` is what the
    value says of itself, besides its type: for an array its bytes, for a function its code.
    """

    values: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    keys: tuple[Any, ...] = ()
    own: Any = None
    variables: bool = False


NOTHING = Parts()


def parts_of(value: Any) -> Parts | None:
    """What `value` holds; None for one that is taken by its identity."""
    found, attributed = reader(known_type(value))
    inside = found and found(value)
    if inside is None or not attributed:
        return inside
    held = attributes(value)
    values, names, keys, own, variables = inside
    return Parts((*held.values(), *values), (*held, *names), keys, own, variables)


def known_type(value: Any) -> Any:
    """The type of `value`, as what is known of a type is asked by it."""
    return type(value)


@lru_cache(MOST_TYPES)
def reader(kind: Any) -> tuple[Callable[[Any], Parts | None] | None, bool]:
    """How to ask a value of a type for its parts, and whether its attributes come on top."""
    if issubclass(kind, (ModuleType, Enum)) or kind.__module__.partition(".")[0] in QUIET:
        return None, False
    if issubclass(kind, type):
        return of_class, False
    base = next(each for each in kind.__mro__ if each in KNOWN or not is_pythons(each))
    attributed = kind is SimpleNamespace or (kind not in KNOWN and is_pythons(kind))
    return KNOWN.get(base, opaque), attributed


@lru_cache(MOST_TYPES)
def is_pythons(kind: Any) -> bool:
    """Whether a type was made by a `class` statement, and not in C."""
    held = vars(kind)
    if not kind.__flags__ & HEAP or isinstance(held.get("__new__"), BuiltinFunctionType):
        return False
    signs = ("__slots__", "__dict__", "__weakref__")
    return any(sign in held for sign in signs) or any(map(is_pythons, kind.__bases__))


@lru_cache(MOST_TYPES)
def unalterable(kind: type) -> bool:
    """Whether values of a type never change, so that one value twice is two equal ones."""
    if issubclass(kind, (tuple, frozenset, str, bytes, int, float, complex, MethodType, range)):
        return True
    return is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def changeable(value: Any) -> bool:
    """Whether `value`, or something that it holds, can be changed."""
    if type(value) in ATOMS or reader(known_type(value))[0] is None:
        return False
    found = parts_of(value)
    return not unalterable(known_type(value)) or any(map(changeable, found.values if found else ()))


def attributes(value: Any) -> dict[str, Any]:
    """The attributes that a value has itself, in its dictionary and its slots."""
    held = dictionary(value).copy()
    for name, slot in slots_of_type(known_type(value)):
        try:
            held[name] = slot.__get__(value)
        except AttributeError:
            held[name] = MISSING
    return held


def dictionary(value: Any) -> dict[str, Any]:
    """The attributes of a value that are kept by name; none where it has slots only."""
    try:
        found: dict[str, Any] = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found


@lru_cache(MOST_TYPES)
def slots_of_type(kind: type) -> tuple[tuple[str, Any], ...]:
    """The slots of values of a type, those of its bases too."""
    return tuple(
        (name, each)
        for owner in kind.__mro__
        if is_pythons(owner)
        for name, each in vars(owner).items()
        if isinstance(each, MemberDescriptorType)
    )


def of_class(value: type) -> Parts | None:
    """What a class of a model holds, and its bases; those of a library are taken as they are."""
    if not is_of_a_model(value):
        return None
    held = {name: each for name, each in vars(value).items() if not is_pythons_own(value, name)}
    return Parts((*held.values(), *value.__bases__), tuple(held), own=value.__qualname__)


def is_pythons_own(owner: type, name: str) -> bool:
    """Whether Python itself keeps an attribute of a class, and may change it when it likes."""
    if issubclass(owner, Enum):
        return name.startswith("_")
    kept = (name.startswith("__") and name.endswith("__")) or name == "_abc_impl"
    return kept and not isinstance(vars(owner)[name], FunctionType)


def is_of_a_model(value: type | ModuleType) -> bool:
    """Whether a class, or a module, is written in a model."""
    name = value.__name__ if isinstance(value, ModuleType) else value.__module__
    if name == "__main__" or name not in sys.modules:
        return True
    file = getattr(sys.modules[name], "__file__", None)
    return file is not None and belongs_to_a_model(name, file)


def of_function(value: FunctionType) -> Parts:
    """What a function has besides its code: closure, defaults and attributes."""
    code, held = value.__code__, value.__dict__
    given, named = value.__defaults__ or (), value.__kwdefaults__ or {}
    return Parts(
        (*(value.__closure__ or ()), *given, *named.values(), *held.values()),
        (
            *code.co_freevars,
            *code.co_varnames[code.co_argcount - len(given) : code.co_argcount],
            *named,
            *held,
        ),
        own=code,
        variables=True,
    )


def content(cell: CellType) -> Any:
    """What a closure's variable holds, or `MISSING`."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def of_suspended(value: Any) -> Parts:
    """Where a coroutine or generator stands, and what its variables and its stack hold.

    For a construct of the library, what it was called with: the rest is in the thread's history.
    """
    frame = frame_of(value)
    if frame is None:
        return Parts(own="ended")
    held = variables_of(frame)
    home = frame.f_globals.get("__name__", "")
    if home == CONSTRUCTS_MODULE:
        return of_construct(held, value, frame.f_code)
    # What a frame of the library has on its stack, nobody else can reach and change.
    own = type(value) is CoroutineType and home.startswith(LIBRARY)
    rest = awaited_by_library(value) if own else unnamed(value, frame)
    at = (frame.f_code, frame.f_lasti)
    return Parts((*held.values(), *rest), tuple(held), own=at, variables=True)


def variables_of(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame in the order of its code; their own depends on who looked when."""
    code, held = frame.f_code, frame.f_locals
    names = (*code.co_varnames, *code.co_cellvars, *code.co_freevars, *held)
    return {name: held[name] for name in names if name in held}


def of_construct(held: dict[str, Any], value: Any, code: CodeType) -> Parts:
    """What a construct was called with, by the names that its function has for it."""
    function = next(held[name] for name in ("function", "attempt", "body") if name in held)
    args, keywords = held.get("args", ()), held.get("kwargs", {})
    names = parameters(function)[-len(args) :] if args else ()
    known = (*names, *("args",) * (len(args) - len(names)))
    return Parts(
        (*args, *keywords.values(), function, *awaited_by_library(value)),
        (*known, *keywords, ""),
        own=code,
        variables=True,
    )


CONSTRUCTS_MODULE = "locking.programs.constructs"

TRAPS = "locking.programs.traps"


def awaited_by_library(value: Any) -> list[Any]:
    """What a coroutine of the library awaits, unless it is a mark."""
    inner = value.cr_await
    frame = frame_of(inner)
    mark = frame is not None and frame.f_globals.get("__name__") == TRAPS
    return [] if inner is None or mark else [inner]


def frame_of(value: Any) -> FrameType | None:
    """The frame of a coroutine or generator; None once it has ended."""
    for kind, name in FRAMES:
        if isinstance(value, kind):
            frame: FrameType | None = getattr(value, name)
            return frame
    return None


FRAMES = (
    (CoroutineType, "cr_frame"),
    (GeneratorType, "gi_frame"),
    (AsyncGeneratorType, "ag_frame"),
)


def unnamed(value: Any, frame: FrameType) -> list[Any]:
    """What a frame holds under no name, such as what a `for` goes through; and its cells."""
    variables = frame.f_locals
    return [
        each
        for each in gc.get_referents(value)
        if type(each) not in ATOMS and type(each) is not FrameType and each is not variables
    ]


def of_builtin(value: BuiltinFunctionType) -> Parts:
    """What a method in C is bound to."""
    owner = value.__self__
    if owner is None or isinstance(owner, (ModuleType, type)):
        return Parts(own=value)
    return Parts((owner,), ("self",), own=value.__name__)


def of_dictionary(value: dict[Any, Any]) -> Parts:
    """The keys of a dictionary, in order, and what is under them."""
    keys, under = tuple(dict.keys(value)), tuple(dict.values(value))
    if all(type(key) in ATOMS for key in keys):
        return Parts(under, keys=keys)
    return Parts((*under, *keys), keys=("?",) * len(under))


def of_ordered(value: "OrderedDict[Any, Any]") -> Parts:
    """The keys and values of an ordered dictionary, and its own order of the keys."""
    at = {id(key): place for place, key in enumerate(dict.keys(value))}
    order = tuple(at[id(key)] for key in OrderedDict.__iter__(value))
    return of_dictionary(value)._replace(own=order)


def of_default(value: "defaultdict[Any, Any]") -> Parts:
    """A dictionary, and what makes what is missing in it."""
    found = of_dictionary(value)
    return found._replace(values=(*found.values, value.default_factory))


def of_cached(value: Any) -> Parts:
    """A function whose results are kept; those that can't be changed tell nobody anything."""
    kept = (each for each in gc.get_referents(value) if type(each) is dict)
    results = [result for one in kept for each in one.values() for result in results_in(each)]
    return Parts((value.__wrapped__, *filter(changeable, results)), ("__wrapped__",))


def results_in(kept: Any) -> list[Any]:
    """The result that a cache keeps; one of a limited size keeps it in a link of a list."""
    links = (each for each in gc.get_referents(kept) if type(each) is not type(kept))
    return list(links) if type(kept).__name__ == "_lru_list_elem" else [kept]


def opaque(value: Any) -> Parts:
    """What a value made in C says of itself when it is to be copied, or else what it refers to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            told = value.__reduce_ex__(4)
        except Exception:  # it can't be copied, and says so in a way of its own
            told = None
    if isinstance(told, str):
        return Parts(own=told)
    if told is None:
        referred = (each for each in gc.get_referents(value) if not isinstance(each, type))
        says = object.__repr__ if is_pythons(known_type(value)) else repr
        return Parts(tuple(referred), own=unaddressed(says(value)))
    function, given, *rest = told
    listed = (tuple(each) if hasattr(each, "__next__") else each for each in rest[1:3])
    return Parts((given, *rest[:1], *listed), own=getattr(function, "__qualname__", ""))


KNOWN: dict[type, Callable[[Any], Parts]] = {
    object: lambda _: NOTHING,
    dict: of_dictionary,
    OrderedDict: of_ordered,
    defaultdict: of_default,
    list: lambda value: Parts(tuple(list.__iter__(value))),
    tuple: lambda value: Parts(tuple(tuple.__iter__(value))),
    deque: lambda value: Parts(tuple(deque.__iter__(value)), own=value.maxlen),
    # In the order in which a loop meets them, which a thread may see.
    set: lambda value: Parts(tuple(set.__iter__(value))),
    frozenset: lambda value: Parts(tuple(frozenset.__iter__(value))),
    bytearray: lambda value: Parts(own=bytes(value)),
    array: lambda value: Parts(own=(value.typecode, value.tobytes())),
    memoryview: lambda value: Parts((value.obj,), own=(value.format, value.shape, value.tobytes())),
    str: lambda value: Parts(own=str.__str__(value)),
    bytes: lambda value: Parts(own=bytes.__getitem__(value, slice(None))),
    int: lambda value: Parts(own=int.__index__(value)),
    float: lambda value: Parts(own=float.__repr__(value)),
    complex: lambda value: Parts(own=complex.__repr__(value)),
    range: lambda value: Parts(own=(value.start, value.stop, value.step)),
    SimpleNamespace: lambda _: NOTHING,
    MappingProxyType: lambda value: Parts(tuple(gc.get_referents(value))),
    FunctionType: of_function,
    CellType: lambda value: Parts((content(value),), ("",), variables=True),
    CoroutineType: of_suspended,
    GeneratorType: of_suspended,
    AsyncGeneratorType: of_suspended,
    MethodType: lambda value: Parts((value.__self__, value.__func__), ("self", "__func__")),
    BuiltinFunctionType: of_builtin,
    # The operation of that name: what its class says of it does not change.
    Uncalled: lambda value: Parts((value.args[0],), ("of",), own=value.args[1].name),
    partial: lambda value: Parts(
        (value.args, value.keywords, value.func, vars(value)), ("args", "keywords", "func")
    ),
    type(cache(lambda: None)): of_cached,
    staticmethod: lambda value: Parts((value.__func__,), ("__func__",)),
    classmethod: lambda value: Parts((value.__func__,), ("__func__",)),
    property: lambda value: Parts((value.fget, value.fset, value.fdel)),
    ReferenceType: lambda value: Parts((value(),)),
}
"""Types of Python itself of which it is known what matters in them; a class made from one counts as
it, and its attributes come on top."""

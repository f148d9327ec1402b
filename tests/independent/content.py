"""What a value is, all the way down: two values have one content only if nothing tells them apart.

Rule of this folder: no file but `adapter.py` imports anything of `locking` that explores, judges or
drives threads.
"""

import dataclasses
import struct
from collections.abc import Hashable
from enum import Enum
from types import (
    BuiltinFunctionType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

from locking import Object

PLAIN = (int, float, str, bytes, tuple, list, dict, set, frozenset)


def content(value: Any, seen: tuple[int, ...] = ()) -> Hashable:
    """A key of `value`: its exact type, by name, and all that is in it.

    Names of types, because one source is run several times and makes its classes anew each time.
    """
    if value is None or type(value) in (bool, int, str, bytes):
        return (type(value).__name__, value)
    if type(value) is float:
        return ("float", struct.pack("d", value))
    if id(value) in seen:
        return ("again", len(seen) - seen.index(id(value)))
    return (type(value).__qualname__, *inner(value, (*seen, id(value))))


def inner(value: Any, seen: tuple[int, ...]) -> tuple[Hashable, ...]:
    """What is in a value that is not plain."""
    if isinstance(value, Object):
        return (value.name,)
    if isinstance(value, Enum):
        return (value.name,)
    if isinstance(value, type | ModuleType | BuiltinFunctionType):
        return (getattr(value, "__name__", ""),)
    if isinstance(value, FunctionType | MethodType | CoroutineType | GeneratorType | FrameType):
        return code(value, seen)
    found: list[Hashable] = []
    if isinstance(value, float):
        found.append(struct.pack("d", value))
    elif isinstance(value, int):
        found.append(int(value))
    elif isinstance(value, str):
        found.append(str.__str__(value))
    elif isinstance(value, bytes):
        found.append(bytes(value))
    elif isinstance(value, dict):
        found += [(content(key, seen), content(each, seen)) for key, each in value.items()]
    elif isinstance(value, set | frozenset):
        found.append(frozenset(content(each, seen) for each in value))
    elif isinstance(value, tuple | list):
        found += [content(each, seen) for each in value]
    if dataclasses.is_dataclass(value):
        found += [content(getattr(value, each.name), seen) for each in dataclasses.fields(value)]
    elif getattr(value, "__dict__", None):
        found.append(content(value.__dict__, seen))
    elif not isinstance(value, PLAIN):
        found.append(reduced(value, seen))
    return tuple(found)


def reduced(value: Any, seen: tuple[int, ...]) -> Hashable:
    """What pickling would keep of a value: of an iterator, what it is over and how far it came."""
    try:
        parts = value.__reduce_ex__(2)
    except TypeError:
        return ("no content",)
    return parts if isinstance(parts, str) else tuple(content(each, seen) for each in parts)


def code(value: Any, seen: tuple[int, ...]) -> tuple[Hashable, ...]:
    """Code that may hold values: in its closure, its defaults, or the frame that it stands in."""
    if isinstance(value, MethodType):
        return (content(value.__func__, seen), content(value.__self__, seen))
    if isinstance(value, FunctionType):
        cells = [cell_content(cell, seen) for cell in value.__closure__ or ()]
        kept = (value.__defaults__, value.__kwdefaults__, value.__dict__)
        return (value.__qualname__, *cells, content(kept, seen))
    frame = value
    if not isinstance(value, FrameType):
        frame = value.cr_frame if isinstance(value, CoroutineType) else value.gi_frame
    if frame is None:
        return ("ended",)
    return frame_content(frame, seen)


def cell_content(cell: Any, seen: tuple[int, ...]) -> Hashable:
    """What a closure's cell holds; it may hold nothing yet."""
    try:
        return content(cell.cell_contents, seen)
    except ValueError:
        return ("empty",)


def frame_content(frame: FrameType, seen: tuple[int, ...] = ()) -> tuple[Hashable, ...]:
    """Where a frame stands, and its variables; of a construct only those that are not None."""
    ours = frame.f_code.co_filename.endswith("words.py")
    names = sorted(frame.f_locals.items())
    return (
        frame.f_code.co_qualname,
        None if ours else frame.f_lasti,
        *((name, content(each, seen)) for name, each in names if not (ours and each is None)),
    )


def standing(coroutine: Any) -> Hashable:
    """All frames of a coroutine that is suspended, outermost first."""
    found = []
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None and frame.f_code.co_name != "__await__":
            found.append(frame_content(frame))
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return tuple(found)

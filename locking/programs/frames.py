"""The frames of a model's code: which are the model's own, what they hold, which line raised."""

import ast
import functools
import gc
import linecache
import re
import sysconfig
from collections.abc import Iterator
from dis import get_instructions
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FrameType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

from locking.objects.operation import Object, Site
from locking.programs.thread import Thread

SHOWN_TYPES = (int, str, float, bool, tuple, frozenset, type(None))
"""Types of variables that a trace shows."""

PYTHON = sysconfig.get_path("stdlib")

OWN: dict[int, tuple[CodeType, bool]] = {}
"""Code that was run, by its id, with whether it is a model's; kept, so that it keeps that."""


async def nothing() -> None:
    """Nothing."""


def awaited_type() -> type:
    """The type of what is between an `__await__` and the coroutine that it hands on."""
    made = nothing()
    found = type(made.__await__())
    made.close()
    return found


AWAITED = awaited_type()
"""What stands in place of an operation where an algorithm does it; it refers to the coroutine."""

LIBRARY = ("locking.objects.", "locking.programs.", "locking.placements.")


def defined_at(thread: Thread) -> Site:
    """The line where the thread's program is defined."""
    code: CodeType | None = getattr(unwrapped(thread.program), "__code__", None)
    return Site(code.co_filename, code.co_firstlineno) if code else Site("?", 0)


def unwrapped(program: Any) -> Any:
    """The function of a model that a program is made from, by decorators and `partial`."""
    while isinstance(program, functools.partial) or hasattr(program, "__wrapped__"):
        program = getattr(program, "__wrapped__", None) or program.func
    return program


def parameters(program: Any) -> tuple[str, ...]:
    """The names of what a program is called with by position; none where they are not known."""
    program = unwrapped(program)
    skipped = 1 if isinstance(program, MethodType) else 0
    code = getattr(program, "__code__", None)
    return code.co_varnames[skipped : code.co_argcount] if isinstance(code, CodeType) else ()


def is_models(frame: FrameType) -> bool:
    """Whether a frame is of the model: neither the library's nor of Python itself."""
    return belongs_to_a_model(frame.f_globals.get("__name__", ""), frame.f_code.co_filename)


@functools.cache
def belongs_to_a_model(module: str, file: str) -> bool:
    """Whether code of this module and file is a model's: neither the library's nor Python's own."""
    return not module.startswith(LIBRARY) and (
        not file.startswith(PYTHON) or "site-packages" in file
    )


def await_chain(coroutine: Any) -> Iterator[Any]:
    """A coroutine, what it awaits, what that awaits and so on, through async generators as well."""
    while coroutine is not None:
        yield coroutine
        if isinstance(coroutine, CoroutineType):
            coroutine = coroutine.cr_await
        elif isinstance(coroutine, GeneratorType):
            coroutine = coroutine.gi_yieldfrom
        elif isinstance(coroutine, AsyncGeneratorType):
            coroutine = coroutine.ag_await
        else:  # such as what `anext` returns, which has no name for what it awaits
            inner = (AsyncGeneratorType, CoroutineType, GeneratorType)
            found = (each for each in gc.get_referents(coroutine) if isinstance(each, inner))
            coroutine = next(found, None)


def models_frames(coroutine: Any) -> list[FrameType]:
    """The model's own frames of a coroutine, the outermost first."""
    found: list[FrameType] = []
    awaiting = coroutine
    while awaiting is not None:
        kind = type(awaiting)
        if kind is CoroutineType:  # most are, and this is asked at every step
            frame, awaiting = awaiting.cr_frame, awaiting.cr_await
        elif kind is AWAITED:
            frame, (awaiting,) = None, gc.get_referents(awaiting)
        else:
            frame = getattr(awaiting, "gi_frame", None)
            awaiting = getattr(awaiting, "gi_yieldfrom", None)
        if frame is not None:
            code = frame.f_code
            known = OWN.get(id(code))  # to hash the code itself takes long
            if known is None:
                known = OWN[id(code)] = code, is_models(frame)
            if known[1]:
                found.append(frame)
    return found


class HelperCall(NamedTuple):
    """The helpers that a step is taken in, outermost first, and the line that called the first."""

    site: Site
    helpers: tuple[str, ...]


def helper_call(coroutine: Any) -> HelperCall | None:
    """How a coroutine came from the function of its thread or step to where it stands.

    None where it stands in that function. What the library calls is no helper.
    """
    way: list[FrameType] = []
    own = True
    awaiting = coroutine
    while awaiting is not None:
        frame = getattr(awaiting, "cr_frame", None)
        before, own = own, frame is not None and is_models(frame)
        if frame is not None and own:
            way = [*(way if before else ()), frame]
        awaiting = getattr(awaiting, "cr_await", None) or getattr(awaiting, "gi_yieldfrom", None)
    if len(way) < 2:
        return None
    helpers = tuple(each.f_code.co_name for each in way[1:])
    return HelperCall(Site(way[0].f_code.co_filename, way[0].f_lineno), helpers)


def raised_at(error: BaseException) -> Site:
    """The model's line that raised `error`."""
    at = error.__traceback__
    site = Site("?", 0)
    while at is not None:
        if is_models(at.tb_frame):
            site = Site(at.tb_frame.f_code.co_filename, at.tb_lineno)
        at = at.tb_next
    return site


def operands_of(error: AssertionError) -> tuple[tuple[str, str], ...]:
    """The local names that a failed `assert` speaks of, with their values."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None:
        return ()
    frame = at.tb_frame
    source = linecache.getline(frame.f_code.co_filename, at.tb_lineno).strip()
    try:
        names = [node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return ()
    known = {**frame.f_globals, **frame.f_locals}
    return tuple(
        (name, unaddressed(repr(known[name])))
        for name in dict.fromkeys(names)
        if name in known and is_shown(known[name])
    )


def is_shown(value: object) -> bool:
    """Whether a value says something: an object, a function and a module are but named by it."""
    named = isinstance(value, (Object, ModuleType)) or callable(value)
    return not named and not type(value).__module__.startswith(LIBRARY)


@functools.cache
def moving_on(code: CodeType) -> frozenset[str]:
    """The variables of `for` loops in `code`: they move on without a step having changed them."""
    instructions = list(get_instructions(code))
    found = set[str]()
    for at, each in enumerate(instructions):
        behind = instructions[at + 1 : at + 2] if each.opname == "FOR_ITER" else []
        if behind and behind[0].opname == "UNPACK_SEQUENCE":
            behind = instructions[at + 2 : at + 2 + (behind[0].arg or 0)]
        found.update(str(store.argval) for store in behind if store.opname.startswith("STORE"))
    return frozenset(found)


def unaddressed(text: str) -> str:
    """`text` without addresses in memory, which no two runs have in common."""
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", text)

"""What the names in a function's source stand for, as far as that is known before it runs."""

import ast
import builtins
from collections.abc import Mapping
from contextlib import suppress
from dis import get_instructions
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE
from types import FunctionType, ModuleType
from typing import Any

from locking.objects.no_value import Valueless
from locking.programs.frames import parameters
from locking.programs.syntax import own_names
from locking.programs.thread import Thread

NOT_KNOWN = object()
"""What a name stands for of which that is not known."""

LOOKED_INTO = (Valueless, ModuleType, type)
"""Whose attributes are asked for: to ask others may run code of a model."""


class KnownNames:
    """The names of one function; `given` are its arguments, where they are known.

    `awaits` is whether it may await.
    """

    def __init__(self, function: FunctionType, given: Mapping[str, Any]) -> None:
        code = function.__code__
        self.awaits = bool(code.co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR))
        self.module = function.__globals__
        self.own = own_names(code)
        self.bound = dict(given)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
            with suppress(ValueError):  # it is bound later
                self.bound[name] = cell.cell_contents

    def value(self, node: ast.expr) -> Any:
        """What a name, or an attribute of one, stands for; `NOT_KNOWN` where that can't be told."""
        match node:
            case ast.Name(name) if name in self.own:
                return self.bound.get(name, NOT_KNOWN)
            case ast.Name(name):
                return self.module.get(name, getattr(builtins, name, NOT_KNOWN))
            case ast.Attribute(owner, name):
                owned = self.value(owner)
                with suppress(Exception):  # an object says what else it has
                    return getattr(owned, name) if isinstance(owned, LOOKED_INTO) else NOT_KNOWN
        return NOT_KNOWN


def program_arguments(thread: Thread, function: FunctionType) -> dict[str, Any]:
    """What a thread gives its program, by names that stay; nothing of another `function`."""
    if thread.program is not function:
        return {}
    stored = {each.argval for each in get_instructions(function) if "STORE" in each.opname}
    defaults = function.__defaults__ or ()
    names = parameters(function)
    given = dict(zip(names[len(names) - len(defaults) :], defaults, strict=False))
    given |= dict(zip(names, thread.args, strict=False))
    return {name: value for name, value in given.items() if name not in stored}

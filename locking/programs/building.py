"""Calling a model's `build`: what it makes and drops, and a placement that it never looks at.

Rule of this file: what is refused here has no effect on any run, whatever the model is about.
"""

import dis
from collections.abc import Callable
from traceback import FrameSummary
from types import FunctionType
from typing import Any

from locking.errors import ModelError
from locking.objects.observed import observed
from locking.objects.operation import Operation
from locking.programs.guard import guarded

APART_FROM_PLACEMENT = {"scenario", "scope", "variant", "model"}
"""What a case has that tells nothing of its placement."""

SEES_ALL = {"locals", "vars", "eval", "exec"}
"""Functions that come to a variable which is not named."""


def built(build: Callable[[Any], Any], case: Any) -> Any:
    """What `build` gives for a case.

    Errors: `ModelError`, `Runaway`, and what `build` raises.
    """
    if case.placement is not None and ignores_placement(build):
        raise ModelError(
            f"build() never looks at case.placement{where(build)}, so it builds the same for every "
            "placement; give threads `case.placement.roles[...]`, or the model no placements"
        )
    observed.made.clear()
    found = guarded(build, case)
    for each in observed.made:
        if each.still() is None:  # so no thread can await it
            lost = Operation(each.target, each.name, each.args)
            raise ModelError(
                f"build() makes {lost}, which nobody awaits{where(build)}; await it in a thread, "
                "or give the object that start"
            )
    return found


def ignores_placement(build: Callable[[Any], Any]) -> bool:
    """Whether a function looks at its argument for other things alone, if at all.

    If that is handed on, kept or captured, it is not known who looks at it, so this is false.
    """
    code = build.__code__ if isinstance(build, FunctionType) else None
    if code is None or not code.co_argcount:
        return False
    case = code.co_varnames[0]
    if case in code.co_cellvars or SEES_ALL & set(code.co_names):
        return False
    steps = list(dis.get_instructions(code))
    uses = [at for at, step in enumerate(steps) if names(step, case)]
    return all(
        steps[at].opname == "LOAD_FAST"
        and steps[at + 1].opname in ("LOAD_ATTR", "LOAD_METHOD")
        and steps[at + 1].argval in APART_FROM_PLACEMENT
        for at in uses
    )


def names(step: dis.Instruction, variable: str) -> bool:
    """Whether an instruction is about a local variable."""
    of = step.argval if isinstance(step.argval, tuple) else (step.argval,)
    return "FAST" in step.opname and variable in of


def where(build: Callable[[Any], Any]) -> str:
    """The line of a function, if it has one."""
    code = getattr(build, "__code__", None)
    return f" ({code.co_filename}:{code.co_firstlineno})" if code else ""


def names_line(error: ModelError, frame: FrameSummary) -> bool:
    """Whether an error names a line of the file that it went through."""
    return f"{frame.filename}:" in str(error)

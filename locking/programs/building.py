"""Calling a model's `build`: what it makes and drops, and a placement that it never looks at.

Rule of this file: what is refused here has no effect on any run, whatever the model is about.
"""

import ast
import dis
from collections.abc import Callable
from traceback import FrameSummary
from types import FunctionType
from typing import Any

from locking.errors import ModelError
from locking.names import is_of_the_harness
from locking.objects.observed import observed
from locking.objects.operation import Operation
from locking.programs.guard import guarded
from locking.programs.syntax import tree

APART_FROM_PLACEMENT = {"scenario", "scope", "variant", "model"}
"""What a case has that tells nothing of its placement."""

SEES_ALL = {"locals", "vars", "eval", "exec"}
"""Functions that come to a variable which is not named."""


def built(build: Callable[[Any], Any], case: Any) -> Any:
    """What `build` gives for a case.

    Errors: `ModelError`, `Runaway`, and what `build` raises.
    """
    several = len(case.model.placements) > 1  # one alone may be known without a case
    if case.placement is not None and several and ignores_placement(build):
        code = build.__code__
        raise ModelError(
            f"build() never looks at case.placement ({code.co_filename}:{code.co_firstlineno}), so "
            "it builds the same for every placement; give threads `case.placement.roles[...]`, or "
            "the model no placements"
        )
    observed.made.clear()
    found = guarded(build, case)
    for each in observed.made:
        if each.still() is None and (line := statement_line(build, each.name)):
            lost = Operation(each.target, each.name, each.args)
            raise ModelError(
                f"build() makes {lost}, and drops it ({build.__code__.co_filename}:{line}); await "
                "it in a thread, or give the object that start"
            )
    return found


def statement_line(build: Callable[[Any], Any], name: str) -> int:
    """The line of a function on which a statement calls an operation and is no more; 0 if none."""
    code = getattr(build, "__code__", None)
    lines = {line for _, _, line in code.co_lines()} if code else set[int]()
    for node in ast.walk(tree(code.co_filename)) if code else ():
        match node:
            case ast.Expr(ast.Call(ast.Attribute(attr=attr))) if attr == name:
                if node.lineno in lines:
                    return node.lineno
    return 0


def ignores_placement(build: Callable[[Any], Any]) -> bool:
    """Whether a function looks at its argument for other things alone, if at all.

    If that is handed on, kept or captured, it is not known who looks at it, so this is false. So it
    is of a function that captured something, which may be made for one placement.
    """
    if not isinstance(build, FunctionType) or is_of_the_harness(build.__module__):
        return False
    code = build.__code__
    if not code.co_argcount or code.co_freevars:
        return False
    case = code.co_varnames[0]
    if case in code.co_cellvars or SEES_ALL & set(code.co_names):
        return False
    steps = list(dis.get_instructions(code))
    uses = [at for at, step in enumerate(steps) if is_about_variable(step, case)]
    return all(
        steps[at].opname == "LOAD_FAST"
        and steps[at + 1].opname in ("LOAD_ATTR", "LOAD_METHOD")
        and steps[at + 1].argval in APART_FROM_PLACEMENT
        for at in uses
    )


def is_about_variable(step: dis.Instruction, variable: str) -> bool:
    """Whether an instruction is about a local variable."""
    of = step.argval if isinstance(step.argval, tuple) else (step.argval,)
    return "FAST" in step.opname and variable in of


def names_line(error: ModelError, frame: FrameSummary) -> bool:
    """Whether an error names a line of the file that it went through."""
    return f"{frame.filename}:" in str(error)

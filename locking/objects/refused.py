"""What is refused of an object, and what to write instead."""

from collections.abc import Sequence
from difflib import get_close_matches
from inspect import iscoroutinefunction
from typing import Any

from locking.errors import ModelError

MANY = 8
"""Operations of an object that an error names, where none is spelled alike."""


class Missing(ModelError, AttributeError):
    """What an object was asked for, and does not have."""


class WrongArguments(ModelError, TypeError):
    """What an operation was given, and does not take."""


def missing_part(object_: Any, name: str, has: Sequence[str]) -> Missing:
    """The error for a `name` that is none of what an object `has`."""
    near = get_close_matches(name, has, n=3, cutoff=0.5)
    if near:
        return Missing(f"{object_!r} has no {name!r}; did you mean {' or '.join(near)}?")
    # A word of memory has so many that nobody would find the right one.
    others = f" and {len(has) - MANY} others" if len(has) > MANY else ""
    return Missing(f"{object_!r} has no {name!r}; it has {', '.join(has[:MANY])}{others}")


def wrong_arguments(object_: Any, name: str, rule: Any) -> WrongArguments:
    """The error for an operation that is given too much, too little, or by keyword."""
    code = rule.__code__
    takes = code.co_varnames[len(("self", "state", "me")) : code.co_argcount]
    return WrongArguments(
        f"{name} of {object_!r} has wrong arguments; by position, "
        f"write `{object_.name}.{name}({', '.join(takes)})`"
    )


def check_rule(rule: Any) -> None:
    """Refuse what is no rule. Errors: `ModelError`, which says where it stands."""
    code = getattr(rule, "__code__", None)
    if code is None:
        raise ModelError(f"{rule!r} is no rule; write a method `(self, state, me)`")
    where = f"{code.co_filename}:{code.co_firstlineno}"
    if iscoroutinefunction(rule):
        raise ModelError(f"rule {code.co_name} ({where}) is an `async def`; write `def`")
    if code.co_argcount < len(("self", "state", "me")):
        raise ModelError(
            f"rule {code.co_name} ({where}) takes too little; write "
            f"`def {code.co_name}(self, state, me)`, then the arguments of the operation"
        )


def refused_to_stay(object_: Any) -> ModelError:
    """The error for an object whose queue a thread that gives up can't leave."""
    return ModelError(
        f"{object_!r} keeps who waits, and does not say how a thread gives up; define "
        f"`without_waiter(self, state, me)`, the state once `me` has left its queue"
    )

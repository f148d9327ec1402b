"""Taken for a value in code of a model: an object, an operation, or the name of one.

To Python each is true and equals nothing else. So a thread or a predicate that takes one for its
value would be judged in silence.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Never

from locking.errors import ModelError
from locking.objects.observed import observed


class TakenForValue(ModelError):
    """What is no value was asked for its truth, or whether it equals a value."""


FLAG_READS = ("try_wait", "try_wait_for_completion", "checkpoint")
"""Operations that say whether an object that is a flag is set, where none loads its value."""


def asked_by_model() -> bool:
    """Whether code of a model asks, a thread or a predicate: else it is the search."""
    return observed.running or observed.judging


def answer_of(predicate: Callable[[Any], Any], seen: object) -> tuple[Any, bool]:
    """What a predicate says of a state, and whether that is true. Errors: `TakenForValue`."""
    before, observed.judging = observed.judging, True
    try:
        answer = predicate(seen)
        return answer, bool(answer)
    finally:
        observed.judging = before


class Valueless:
    """What has a name, and is no value itself, though it may have one.

    What has none may be asked for its truth, as in `if lock:` where there may be no lock.
    """

    name: str

    def __bool__(self) -> bool:
        if asked_by_model() and value_read_by(type(self)):
            refuse_as_value(
                self, "always true", f"`{self.name} is not None`, to ask whether there is one"
            )
        return True

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if asked_by_model() and other is not None and not isinstance(other, Valueless):
            refuse_as_value(self, f"never equal to {other!r}", "`is`, to ask which object it is")
        return False

    __hash__ = object.__hash__


def value_read_by(kind: type[Valueless]) -> str:
    """The operation by which a thread asks for the value of an object; empty where none does."""
    found = [(name, each) for owner in kind.__mro__ for name, each in vars(owner).items()]
    accesses = ((name, getattr(each, "access", None)) for name, each in found)
    names = [name for name, access in accesses if getattr(access, "writes", None) is False]
    return next((name for name in (*names, *FLAG_READS) if hasattr(kind, name)), "")


def refuse_step(step: object) -> Never:
    """Refuse a step that a thread takes for its result. Errors: `TakenForValue`."""
    raise TakenForValue(
        f"{step} has no result until it is awaited; write `await` in front of it, or in a "
        f"predicate `s[...]` of its object"
    )


def refuse_as_value(what: Valueless, always: str, else_write: str) -> Never:
    """Refuse what a model has taken for its value. Errors: `TakenForValue`."""
    asked: Valueless = next(iter(getattr(what, "cells", {}).values()), what)  # of a record, a field
    if observed.judging:
        mend = f"write `s[{asked.name}]`"
    elif name := value_read_by(type(asked)):
        mend = f"write `await {asked.name}.{name}()`"
    else:
        mend = "await one of its operations"
    raise TakenForValue(
        f"{what!r} itself is {always}, whatever its value is; {mend}; or {else_write}"
    )


class Uncalled(partial[Any]):
    """An operation of an object, which is made where this is called with its arguments."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return not asked_by_model() or self.has_no_result()

    def __eq__(self, other: object) -> bool:
        return self is other or (asked_by_model() and self.has_no_result())

    __hash__ = object.__hash__

    def has_no_result(self) -> Never:
        """Refuse it where it is taken for the result. Errors: `TakenForValue`."""
        target, call = self.args
        raise TakenForValue(f"{self!r} is not called; write `await {target.name}.{call.name}(...)`")

    def __repr__(self) -> str:
        target, call = self.args
        return f"{target.name}.{call.name}"

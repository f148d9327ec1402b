"""Async generators that a thread leaves before their end, as a `break` in an `async for` does.

Once nothing leads to such a generator any more, Python hands it to a hook, which is to end it. What
it still awaits then would be a step of no thread.
"""

from contextlib import suppress
from types import AsyncGeneratorType
from typing import Any, NamedTuple

from locking.objects.observed import observed
from locking.objects.operation import Site


class Abandoned(NamedTuple):
    """A generator that was left: its name, where it stood, and what it did as it was ended."""

    name: str
    site: Site
    does: str


def end_abandoned(generator: AsyncGeneratorType[Any, Any]) -> None:
    """End a generator that was left, and note what it did, if that is more than to return."""
    code, frame = generator.ag_code, generator.ag_frame
    site = Site(code.co_filename, frame.f_lineno if frame else code.co_firstlineno)
    does = what_is_left(generator)
    if does and observed.running:
        observed.abandoned.append(Abandoned(code.co_name, site, does))


def what_is_left(generator: AsyncGeneratorType[Any, Any]) -> str:
    """What a generator does before it returns; empty where it does nothing."""
    ending = generator.aclose().__await__()
    try:
        next(ending)
    except StopIteration:
        return ""
    except Exception as error:
        return f"raises {type(error).__name__}"
    before, observed.closing = observed.closing, True
    with suppress(Exception, GeneratorExit):
        ending.throw(GeneratorExit)
    observed.closing = before
    return "still awaits a step"

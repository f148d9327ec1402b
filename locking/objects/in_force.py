"""What a check chooses of objects, as far as it is in force now.

One choice is in force at a time. Whoever asks an object or resumes a thread puts that of its own
system in force first (`Product.rules`); a system has none until its case says so.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, NamedTuple


class ChosenRules(NamedTuple):
    """What is chosen, by the objects themselves: another of that name is another.

    `words` are the rules of objects, one for each thing that an object decides. `algorithms` are
    what is done in place of an operation of a lock: each makes the coroutine that does it.
    `buffers` are the store buffers of threads, by their names, if they have any. `fences` is the
    object whose operations barriers are, if they are steps.
    """

    words: Mapping[Any, tuple[str, ...]] = {}
    algorithms: Mapping[Any, Callable[[Any], Coroutine[Any, Any, Any]]] = {}
    buffers: Mapping[str, Any] = {}
    fences: Any = None


class InForce:
    """The rules that are in force now."""

    rules: ClassVar[ChosenRules] = ChosenRules()

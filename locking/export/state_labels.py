"""What the states of an object are called in a picture: two that differ are called differently.

The words of a trace leave out what a trace says elsewhere, such as the queue of a lock. Where two
states have the same words, the parts in which they differ are added.
"""

from collections.abc import Sequence
from typing import Any

from locking.objects.operation import Holding, Object
from locking.objects.values import value_in_words

Lines = tuple[str, ...]
"""The lines of a label."""


def labels_of_states(object_: Object, states: dict[int, Any]) -> dict[int, Lines]:
    """The label of each state; none is that of another."""
    found: dict[int, Lines] = {at: (object_.show(state),) for at, state in states.items()}
    for more in (parts_that_differ, whole_states, numbers):
        for alike in groups_alike(found):
            for at, lines in zip(alike, more(alike, states), strict=True):
                found[at] += lines
    return found


def groups_alike(labels: dict[int, Lines]) -> list[list[int]]:
    """The states that have one label, where it is that of several."""
    found: dict[Lines, list[int]] = {}
    for at, lines in labels.items():
        found.setdefault(lines, []).append(at)
    return [alike for alike in found.values() if len(alike) > 1]


def parts_that_differ(alike: Sequence[int], states: dict[int, Any]) -> list[Lines]:
    """For each state the named parts that are not the same in all of them."""
    values = [states[at] for at in alike]
    fields: Lines = getattr(values[0], "_fields", ())
    if any(type(each) is not type(values[0]) for each in values):
        fields = ()
    differ = [name for name in fields if len({repr(getattr(each, name)) for each in values}) > 1]
    return [tuple(f"{name}: {words(getattr(each, name))}" for name in differ) for each in values]


def whole_states(alike: Sequence[int], states: dict[int, Any]) -> list[Lines]:
    """Each state as Python writes it."""
    return [(repr(states[at]),) for at in alike]


def numbers(alike: Sequence[int], _: dict[int, Any]) -> list[Lines]:
    """The number of each state."""
    return [(f"state {at}",) for at in alike]


def words(value: Any) -> str:
    """A part of a state as people read it."""
    if isinstance(value, Holding):
        return f"{value.mode} {value.thread}"
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return ", ".join(map(words, value)) or "none"
    return "none" if value is None else value_in_words(value)

"""Conditions on cells alone: what of a state can be judged whoever the threads are.

A condition is the user's code. It is given the values of cells and nothing else. Whatever else it
asks of the state is noted before it is refused, so a condition that catches the refusal is refused
all the same: it would be judged by an answer that no state gives.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from locking.objects.operation import Object
from locking.parameterized.asking import CELLS
from locking.properties.predicate import truth
from locking.properties.state import Never
from locking.properties.view import View


class LooksBeyondCells(Exception):
    """The condition `name` can't be judged by values of cells, and `why`."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name = name
        self.why = why


class Noted(NamedTuple):
    """What a condition has looked at: cells, and all else that it asked for, in words."""

    cells: dict[Object, None]
    beyond: list[str]


class CellsAlone:
    """A state of which only the values of cells can be had: all else is noted, and refused."""

    __slots__ = ("given",)

    def __init__(self, value: Callable[[Object], Any], noted: Noted) -> None:
        object.__setattr__(self, "given", (value, noted))

    def __getitem__(self, object_: Object) -> Any:
        """The value of a cell. Errors: `KeyError` for anything else."""
        value, noted = object.__getattribute__(self, "given")
        if type(object_) not in CELLS:
            noted.beyond.append(f"it looks at {object_!r}, which is no cell")
            raise KeyError(object_)
        noted.cells[object_] = None
        try:
            return value(object_)
        except ValueError:
            noted.beyond.append(f"it looks at {object_!r}, which is none of the objects")
            raise

    def __getattribute__(self, name: str) -> Any:
        """Nothing: it is noted. Errors: `AttributeError`, always."""
        _, noted = object.__getattribute__(self, "given")
        noted.beyond.append(f"it looks at s.{name}: not at values of cells alone")
        raise AttributeError(name)

    def __repr__(self) -> str:
        """Nothing: it is noted."""
        _, noted = object.__getattribute__(self, "given")
        noted.beyond.append("it looks at s as a text: not at values of cells alone")
        return "s"

    def __setattr__(self, name: str, value: Any) -> None:
        """Nothing: it is noted. Errors: `AttributeError`, always."""
        getattr(self, name)


def judge_cells(
    conditions: Sequence[Never],
    value: Callable[[Object], Any],
    looked: dict[str, dict[Object, None]],
) -> frozenset[str]:
    """The names of the conditions that values of cells break; `looked` notes the cells of each.

    Errors: `LooksBeyondCells`.
    """
    return frozenset(
        each.name for each in conditions if is_broken(each, value, looked.setdefault(each.name, {}))
    )


def is_broken(condition: Never, value: Callable[[Object], Any], cells: dict[Object, None]) -> bool:
    """Whether values of cells break a condition. Errors: `LooksBeyondCells`.

    What its code raises is no error of the model: perhaps no run has these values.
    """
    noted = Noted(cells, [])
    raised, answer = "", False
    try:
        answer = truth(condition.bad, cast(View, CellsAlone(value, noted)))
    except Exception as error:  # the user's code, which may raise anything
        raised = f"it raises {type(error).__name__}: {error}"
    if why := next(iter(noted.beyond), raised):
        raise LooksBeyondCells(condition.name, why)
    return answer

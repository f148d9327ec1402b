"""Faults that the harness once had, planted again: the tables of cases must notice each of them."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import locking.check
import locking.judging
from locking import names
from locking.errors import ModelError
from locking.explore import automaton, product
from locking.objects.operation import Object
from locking.programs import left, run, thread
from locking.programs.shared import Shared
from locking.properties import overlap, released
from locking.properties.explored import Explored
from tests.cases.test_cases import JUDGED, REFUSED, checked, forgotten

__all__ = ["forgotten"]


class Planted(NamedTuple):
    """A fault: the row that notices it, the owners of what is replaced, its name, and by what."""

    row: str
    owners: tuple[Any, ...]
    name: str
    wrong: Callable[[Any], Any]


def says(answer: Any) -> Callable[[Any], Any]:
    """What makes a function that has one answer."""
    return lambda _: lambda *_args, **_options: answer


def what_is_held_excludes(original: Any) -> Any:
    """Two blocks that work on one lock are kept apart, whatever its rule says."""

    def meetings(self: Any, pair: Any, state: Any, looked: Any = None) -> Iterator[Any]:
        one, other = (overlap.step_alone(self.product, each, state) for each in pair)
        return iter(()) if one.locks & other.locks else original(self, pair, state, looked)

    return meetings


def vacuous_first(original: Any) -> Any:
    """A property that speaks of what no run comes near is not judged, though it fails."""

    def judge(explored: Any, property_: Any) -> Any:
        before = len(explored.footprints)
        found = original(explored, property_)
        for each in explored.footprints[before:]:
            explored.check_touched(each)
        return found

    return judge


PLANTED = {
    "failures that no property names are left out": Planted(
        "silent_require", (locking.check,), "judged_always", says([])
    ),
    "values are one if they are equal": Planted(
        "values_decimal", (run, product, automaton), "typed", lambda _: lambda value: value
    ),
    "what frames hold at the end of a round is not compared": Planted(
        "false_holds", (left,), "first_difference", says(None)
    ),
    "a variable of the kernel's retry loop is forgotten": Planted(
        "b24_retry", (left,), "snapshot", says(())
    ),
    "what is held excludes": Planted(
        "race_semaphore", (overlap.SideBySide,), "meetings", what_is_held_excludes
    ),
    "a seqcount excludes": Planted(
        "race_seqcount", (overlap.SideBySide,), "meetings", what_is_held_excludes
    ),
    "vacuity comes first": Planted("vacuous_hides", (locking.judging,), "judge", vacuous_first),
    "an empty name is a name": Planted("empty_name", (names, thread), "check_name", says(None)),
    "an operation may hide a method": Planted(
        "op_named_call", (Object,), "__init_subclass__", lambda _: classmethod(lambda _: None)
    ),
    "who queues anew goes on": Planted(
        "requeue_for_ever", (product.Product,), "queues", says(False)
    ),
    "an assertion is lost while a finally awaits": Planted(
        "assert_in_finally", (run,), "assertion_in", says(None)
    ),
    "all have ended only where nobody can move": Planted(
        "at_end_daemon", (Explored,), "finished", lambda _: property(lambda self: self.ends)
    ),
    "variables of a module may change": Planted("global_first", (Shared,), "stands", says(True)),
    "nobody ends with a lock": Planted("leak_lock", (released,), "may_leak", says(False)),
}


def noticed(row: str) -> bool:
    """Whether a row of the tables is no longer as it says."""
    try:
        results = checked(row, "reference", "merge").results
    except ModelError as error:
        return row in JUDGED or not re.search(REFUSED[row], str(error))
    found = {each.claim.name: each.verdict.value for each in results}
    return row in REFUSED or found != JUDGED[row]


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, owners, attribute, wrong = PLANTED[name]
    assert not noticed(row)
    for owner in owners:
        monkeypatch.setattr(owner, attribute, wrong(vars(owner)[attribute]))
    assert noticed(row)
